/* Memberships: what becomes of a registration, and what the world hears of it. */
#include "programs/programs.h"

#include "registration.h"

bool start_registration(struct call *call, const StartRegistrationRequest *req,
			Membership *membership)
{
	bool added;

	return add_membership(call, req, membership, &added) &&
	       (added || refuse_registration(call, req)) &&
	       publish_membership_started(call, membership);
}

/* Members do not learn who has decided about them. */
static bool hide_decider(struct call *call, Membership *membership)
{
	if (!strcmp(membership->user_id, call->caller->id))
		membership->decided_by = arena_strdup(call->arena, "");
	return true;
}

bool list_memberships(struct call *call, const ListMembershipsRequest *req,
		      ListMembershipsResponse *response)
{
	return req->state ? memberships_in_state(call, req, response)
			  : all_memberships(call, req, response);
}

bool get_membership(struct call *call, const Id *req, Membership *membership)
{
	return read_membership(call, req, membership) && hide_decider(call, membership);
}

/* Whoever is approved may be active at once, wait for a gate, or wait for a place. */
static bool publish_approval(struct call *call, const Membership *membership)
{
	if (membership->state == MEMBERSHIP__STATE__WAITLISTED)
		return publish_membership_waitlisted(call, membership);
	if (membership->state == MEMBERSHIP__STATE__ACTIVE)
		return publish_membership_approved(call, membership) &&
		       publish_membership_activated(call, membership);
	return publish_membership_approved(call, membership);
}

static bool admit(struct call *call, const Id *req, Membership *membership)
{
	return set_admitted(call, req, membership) && publish_approval(call, membership);
}

bool submit_registration(struct call *call, const Id *req, Membership *membership)
{
	Registration registration = REGISTRATION__INIT;

	if (!read_registration(call, req, &registration))
		return false;
	if (registration.handed_in)
		return get_membership(call, req, membership);
	if (registration.state == MEMBERSHIP__STATE__DRAFT && !check_complete(call, &registration))
		return false;

	return set_registration_submitted(call, req, membership) &&
	       publish_membership_submitted(call, membership) &&
	       (!registration.open_admission || admit(call, req, membership));
}

bool approve_membership(struct call *call, const Id *req, Membership *membership)
{
	return set_membership_approved(call, req, membership) && publish_approval(call, membership);
}

bool reject_membership(struct call *call, const DecideRequest *req, Membership *membership)
{
	return set_membership_rejected(call, req, membership) &&
	       publish_membership_rejected(call, membership);
}

bool waitlist_membership(struct call *call, const Id *req, Membership *membership)
{
	return set_waitlisted(call, req, membership) &&
	       publish_membership_waitlisted(call, membership);
}

bool request_info(struct call *call, const RequestInfoRequest *req, Membership *membership)
{
	return set_info_requested(call, req, membership) &&
	       publish_membership_info_requested(call, membership);
}

bool answer_info(struct call *call, const AnswerInfoRequest *req, Membership *membership)
{
	Registration registration = REGISTRATION__INIT;
	Id id = ID__INIT;

	id.id = req->id;
	if (!read_registration(call, &id, &registration))
		return false;
	if (registration.state == MEMBERSHIP__STATE__INFO_REQUESTED &&
	    !check_complete(call, &registration))
		return false;

	return set_info_answered(call, req, membership) &&
	       publish_membership_info_answered(call, membership) &&
	       hide_decider(call, membership);
}

bool withdraw_membership(struct call *call, const Id *req, Membership *membership)
{
	return set_withdrawn(call, req, membership) &&
	       publish_membership_withdrawn(call, membership) &&
	       hide_decider(call, membership);
}

bool pause_membership(struct call *call, const Id *req, Membership *membership)
{
	return set_membership_paused(call, req, membership) &&
	       publish_membership_paused(call, membership) &&
	       hide_decider(call, membership);
}

bool resume_membership(struct call *call, const Id *req, Membership *membership)
{
	return set_membership_resumed(call, req, membership) &&
	       publish_membership_resumed(call, membership) &&
	       hide_decider(call, membership);
}

bool remove_membership(struct call *call, const DecideRequest *req, Membership *membership)
{
	return set_removed(call, req, membership) && publish_membership_removed(call, membership);
}

/* Refused as a whole: a rejection without a reason, and two decisions about one membership. */
static bool check_decisions(struct call *call, const BulkDecideRequest *req)
{
	bool good = true;

	for (size_t i = 0; i < req->n_decisions; i++) {
		const Decision *decision = req->decisions[i];
		const char *pointer = arena_printf(call->arena, "/decisions/%zu", i);

		if (decision->verdict == DECISION__VERDICT__REJECT && !decision->reason_code)
			good = reject_field(call, INVALID_ARGUMENT,
					    arena_printf(call->arena, "%s/reason_code", pointer),
					    "REQUIRED", "Say why.");
		for (size_t k = 0; k < i; k++)
			if (!strcmp(req->decisions[k]->membership_id, decision->membership_id))
				good = reject_field(
					call, INVALID_ARGUMENT,
					arena_printf(call->arena, "%s/membership_id", pointer),
					"DUPLICATE", "There is a decision about this one already.");
	}
	return good;
}

static const Membership *find(const Memberships *memberships, const char *id)
{
	for (size_t i = 0; i < memberships->n_items; i++)
		if (!strcmp(memberships->items[i]->id, id))
			return memberships->items[i];
	return NULL;
}

static bool publish_decision(struct call *call, const Membership *membership)
{
	return membership->state == MEMBERSHIP__STATE__REJECTED
		       ? publish_membership_rejected(call, membership)
		       : publish_approval(call, membership);
}

bool bulk_decide(struct call *call, const BulkDecideRequest *req, BulkDecideResponse *response)
{
	Memberships decided = MEMBERSHIPS__INIT;

	if (!check_decisions(call, req) ||
	    !decide_each(call, req, response) ||
	    !read_decided(call, req, &decided))
		return false;

	for (size_t i = 0; i < response->n_items; i++) {
		const DecisionOutcome *outcome = response->items[i];
		const Membership *membership =
			outcome->changed ? find(&decided, outcome->membership_id) : NULL;

		if (membership && !publish_decision(call, membership))
			return false;
	}
	return true;
}

bool clear_gate(struct call *call, const ClearGateRequest *req)
{
	Membership membership = MEMBERSHIP__INIT;

	return set_cleared(call, req, &membership) &&
	       (membership.state != MEMBERSHIP__STATE__ACTIVE ||
		publish_membership_activated(call, &membership));
}

bool expire_drafts(struct call *call, const Id *req)
{
	Memberships expired = MEMBERSHIPS__INIT;

	if (!set_expired(call, req, &expired))
		return false;
	for (size_t i = 0; i < expired.n_items; i++)
		if (!publish_membership_expired(call, expired.items[i]))
			return false;
	return set_next_expiry(call, req);
}

bool fill_places(struct call *call, const Id *req)
{
	Memberships filled = MEMBERSHIPS__INIT;

	if (!set_places_filled(call, req, &filled))
		return false;
	for (size_t i = 0; i < filled.n_items; i++)
		if (!publish_approval(call, filled.items[i]))
			return false;
	return true;
}

/* How mentorships rest, last longer and end. */
#include "mentorship.h"

/* Only what the other side confirmed has happened. */
bool pause_mentorship(struct call *call, const AskMentorshipRequest *req, Mentorship *mentorship)
{
	return set_pause_asked(call, req, mentorship) &&
	       (mentorship->state == MENTORSHIP__STATE__PAUSED
			? publish_mentorship_paused(call, mentorship)
			: publish_mentorship_asked(call, mentorship));
}

bool resume_mentorship(struct call *call, const AskMentorshipRequest *req, Mentorship *mentorship)
{
	return set_resumption_asked(call, req, mentorship) &&
	       (mentorship->state == MENTORSHIP__STATE__ACTIVE
			? publish_mentorship_resumed(call, mentorship)
			: publish_mentorship_asked(call, mentorship));
}

static bool is_asked(const Mentorship *mentorship, MentorshipAsk__Kind kind)
{
	for (size_t i = 0; i < mentorship->n_asks; i++)
		if (mentorship->asks[i]->kind == kind)
			return true;
	return false;
}

bool extend_mentorship(struct call *call, const AskMentorshipRequest *req, Mentorship *mentorship)
{
	return set_extension_asked(call, req, mentorship) &&
	       (is_asked(mentorship, MENTORSHIP_ASK__KIND__EXTEND)
			? publish_mentorship_asked(call, mentorship)
			: publish_mentorship_extended(call, mentorship));
}

bool drop_ask(struct call *call, const DropAskRequest *req, Mentorship *mentorship)
{
	return remove_ask(call, req) &&
	       read_own_mentorship(call, req, mentorship) &&
	       publish_mentorship_ask_dropped(call, mentorship);
}

bool start_closure(struct call *call, const StartClosureRequest *req, Mentorship *mentorship)
{
	return set_closing(call, req, mentorship) && publish_mentorship_closing(call, mentorship);
}

bool complete_closure_step(struct call *call, const ClosureStepRequest *req, Closure *closure)
{
	ClosureStepOutcome outcome = CLOSURE_STEP_OUTCOME__INIT;
	Id id = ID__INIT;

	id.id = req->id;
	return set_closure_step(call, req, &outcome) &&
	       (!outcome.changed || publish_closure_step_done(call, &outcome)) &&
	       get_closure(call, &id, closure);
}

bool finish_closure(struct call *call, const Id *req, Mentorship *mentorship)
{
	return set_closed(call, req, mentorship) && publish_mentorship_closed(call, mentorship);
}

bool accept_handover(struct call *call, const Id *req, Handover *handover)
{
	return set_handover_accepted(call, req, handover) &&
	       publish_handover_accepted(call, handover);
}

bool close_all_mentorships(struct call *call, const CloseAllRequest *req,
			   CloseAllResponse *response)
{
	Mentorships changed = MENTORSHIPS__INIT;

	if (!set_all_closing(call, req, &changed))
		return false;
	for (size_t i = 0; i < changed.n_items; i++) {
		const Mentorship *mentorship = changed.items[i];
		bool declined = mentorship->state == MENTORSHIP__STATE__DECLINED;

		response->declined += declined;
		response->shortened += !declined;
		if (!(declined ? publish_mentorship_declined(call, mentorship)
			       : publish_mentorship_shortened(call, mentorship)))
			return false;
	}
	return true;
}

bool end_pause(struct call *call, const Id *req)
{
	Mentorship mentorship = MENTORSHIP__INIT;
	bool found;

	return set_pause_ended(call, req, &mentorship, &found) &&
	       (!found || publish_mentorship_resumed(call, &mentorship));
}

static bool announce_end(struct call *call, const Id *req)
{
	MentorshipNews news = MENTORSHIP_NEWS__INIT;
	bool found;

	return set_end_announced(call, req, &news, &found) &&
	       (!found || publish_mentorship_end_announced(call, &news)) &&
	       schedule_end(call, req);
}

bool watch_end(struct call *call, const Id *req)
{
	Mentorship mentorship = MENTORSHIP__INIT;
	bool found;

	return set_end_reached(call, req, &mentorship, &found) &&
	       (found ? publish_mentorship_closing(call, &mentorship) : announce_end(call, req));
}

bool close_overdue(struct call *call, const Id *req)
{
	Mentorship mentorship = MENTORSHIP__INIT;
	bool found;

	return set_overdue_closed(call, req, &mentorship, &found) &&
	       (!found || publish_mentorship_closed(call, &mentorship));
}

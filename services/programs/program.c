/* Programs: what their design must keep, and the steps from draft to archive. */
#include "certificate_rule.h"

#include "text.h"

/*
 * P-R6: from the dates of the current cohort. Instants have one form, so that their texts compare
 * as they do.
 */
static Program__Label label_of(Program__State state, const char *opens_at, const char *closes_at,
			       const char *ends_at, bool full, const char *now)
{
	if (state == PROGRAM__STATE__DRAFT ||
	    state == PROGRAM__STATE__SUBMITTED ||
	    state == PROGRAM__STATE__REJECTED)
		return PROGRAM__LABEL__COMING_SOON;
	if (state == PROGRAM__STATE__ARCHIVED || (*ends_at && strcmp(ends_at, now) <= 0))
		return PROGRAM__LABEL__COMPLETED;
	if (*opens_at && strcmp(opens_at, now) > 0)
		return PROGRAM__LABEL__COMING_SOON;
	if (state != PROGRAM__STATE__PUBLISHED || (*closes_at && strcmp(closes_at, now) <= 0))
		return PROGRAM__LABEL__IN_PROGRESS;
	return full ? PROGRAM__LABEL__WAITLIST : PROGRAM__LABEL__APPLY_NOW;
}

static bool set_label(struct call *call, Program *program)
{
	program->label = label_of(program->state, program->registration_opens_at,
				  program->registration_closes_at, program->ends_at, program->full,
				  now_text(call));
	return true;
}

bool list_programs(struct call *call, const ListProgramsRequest *req,
		   ListProgramsResponse *response)
{
	const char *now = now_text(call);

	if (!(*req->q ? search_programs(call, req, response)
		      : browse_programs(call, req, response)))
		return false;
	for (size_t i = 0; i < response->n_items; i++) {
		ProgramTile *tile = response->items[i];

		tile->label =
			label_of(tile->state, tile->registration_opens_at,
				 tile->registration_closes_at, tile->ends_at, tile->full, now);
	}
	return true;
}

static bool runs(const struct call *call, const Program *program)
{
	for (size_t i = 0; i < program->n_coordinator_ids; i++)
		if (!strcmp(program->coordinator_ids[i], call->caller->id))
			return true;
	return caller_has_role(call, "ADMIN");
}

static bool lets_choose(const Program *program, Membership__Role role)
{
	return program->matching_mode == PROGRAM__MATCHING_MODE__BOTH_CHOICE ||
	       program->matching_mode == PROGRAM__MATCHING_MODE__OPEN_CHOICE ||
	       program->matching_mode == (role == MEMBERSHIP__ROLE__MENTEE
						  ? PROGRAM__MATCHING_MODE__MENTEE_CHOICE
						  : PROGRAM__MATCHING_MODE__MENTOR_CHOICE);
}

static void can(struct call *call, MyProgram *my, bool holds, MyProgram__Can what)
{
	if (!holds)
		return;
	my->can = arena_extend(call->arena, my->can, my->n_can, sizeof(*my->can));
	my->can[my->n_can++] = what;
}

/* Who submitted it and why it was sent back concern those who run it. */
static bool hide_inside(struct call *call, Program *program)
{
	if (runs(call, program))
		return true;
	program->submitted_by = arena_strdup(call->arena, "");
	program->safety_officer_id = arena_strdup(call->arena, "");
	program->rejection = arena_strdup(call->arena, "");
	return true;
}

static bool takes_mentorships(const Program *program)
{
	return program->state == PROGRAM__STATE__PUBLISHED ||
	       program->state == PROGRAM__STATE__HIDDEN ||
	       program->state == PROGRAM__STATE__PAUSED;
}

/* What the caller may do here; nothing for who is not signed in. */
static bool set_my(struct call *call, Program *program)
{
	MyProgram *my = program->my;
	bool takes = program->label == PROGRAM__LABEL__APPLY_NOW ||
		     program->label == PROGRAM__LABEL__WAITLIST;

	if (!*call->caller->id)
		return true;
	if (!my) {
		my = program->my = arena_alloc(call->arena, sizeof(*my));
		my_program__init(my);
	}
	can(call, my, takes && !my->open, MY_PROGRAM__CAN__JOIN);
	can(call, my,
	    my->state == MEMBERSHIP__STATE__DRAFT || my->state == MEMBERSHIP__STATE__INFO_REQUESTED,
	    MY_PROGRAM__CAN__COMPLETE_REGISTRATION);
	can(call, my, my->open, MY_PROGRAM__CAN__WITHDRAW);
	if (my->state == MEMBERSHIP__STATE__ACTIVE && lets_choose(program, my->role))
		can(call, my, true,
		    my->role == MEMBERSHIP__ROLE__MENTEE ? MY_PROGRAM__CAN__SEE_MENTORS
							 : MY_PROGRAM__CAN__SEE_MENTEES);
	can(call, my, runs(call, program), MY_PROGRAM__CAN__COORDINATE);
	can(call, my, my->state == MEMBERSHIP__STATE__ACTIVE, MY_PROGRAM__CAN__PAUSE);
	can(call, my, my->state == MEMBERSHIP__STATE__PAUSED, MY_PROGRAM__CAN__RESUME);
	can(call, my, runs(call, program) && takes_mentorships(program),
	    MY_PROGRAM__CAN__BRING_TOGETHER);
	return true;
}

static bool is_id(struct call *call, const char *text)
{
	const struct pb_rule rule = { .format = PB_UUID };
	const char *kept;

	return !text_check(call->arena, &rule, text, strlen(text), &kept);
}

bool get_program(struct call *call, const GetProgramRequest *req, Program *program)
{
	GetProgramRequest by_id = *req;
	Id found = ID__INIT;

	if (!is_id(call, req->id)) {
		if (!find_slug(call, req, &found))
			return false;
		by_id.id = found.id;
	}

	return read_program(call, &by_id, program) &&
	       hide_inside(call, program) &&
	       set_label(call, program) &&
	       set_my(call, program);
}

/* The rule for certificates is read when it is saved, not when somebody has earned one. */
static bool check_certificate_rule(struct call *call, const char *rule)
{
	size_t position;
	const char *why = certificate_rule_check(call->arena, rule, &position);

	if (!why)
		return true;
	(void)!reject_field(call, INVALID_ARGUMENT, "/certificate_rule", "INVALID_RULE",
			    "At character %zu: %s", position, why);
	problem_member(call, "position", arena_printf(call->arena, "%zu", position));
	return false;
}

bool create_program(struct call *call, const CreateProgramRequest *req, Program *program)
{
	return check_certificate_rule(call, req->certificate_rule) &&
	       add_program(call, req, program) &&
	       set_label(call, program) &&
	       publish_program_created(call, program);
}

bool update_program(struct call *call, const UpdateProgramRequest *req, Program *program)
{
	return check_certificate_rule(call, req->certificate_rule) &&
	       set_design(call, req, program) &&
	       set_label(call, program) &&
	       publish_program_updated(call, program);
}

bool delete_program(struct call *call, const Id *req)
{
	Program program = PROGRAM__INIT;

	return remove_program(call, req, &program) && publish_program_deleted(call, &program);
}

bool duplicate_program(struct call *call, const Id *req, Program *program)
{
	return copy_program(call, req, program) &&
	       set_label(call, program) &&
	       publish_program_created(call, program);
}

bool publish_program(struct call *call, const Id *req, Program *program)
{
	if (!check_coordinator(call, req))
		return false;
	if (conf_flag(call->process->conf, "ITHACA_FOUR_EYES"))
		return reject(call, CONFLICT, "APPROVAL_NEEDED",
			      "Submit the program: an admin publishes it.");

	return set_published(call, req, program) &&
	       set_label(call, program) &&
	       publish_program_published(call, program);
}

bool submit_program(struct call *call, const Id *req, Program *program)
{
	return set_submitted(call, req, program) &&
	       set_label(call, program) &&
	       publish_program_submitted(call, program);
}

bool approve_program(struct call *call, const Id *req, Program *program)
{
	return set_approved(call, req, program) &&
	       set_label(call, program) &&
	       publish_program_published(call, program);
}

bool reject_program(struct call *call, const RejectProgramRequest *req, Program *program)
{
	return set_rejected(call, req, program) &&
	       set_label(call, program) &&
	       publish_program_rejected(call, program);
}

bool hide_program(struct call *call, const Id *req, Program *program)
{
	return set_hidden(call, req, program) &&
	       set_label(call, program) &&
	       publish_program_hidden(call, program);
}

bool unhide_program(struct call *call, const Id *req, Program *program)
{
	return set_unhidden(call, req, program) &&
	       set_label(call, program) &&
	       publish_program_unhidden(call, program);
}

bool pause_program(struct call *call, const Id *req, Program *program)
{
	return set_program_paused(call, req, program) &&
	       set_label(call, program) &&
	       publish_program_paused(call, program);
}

bool resume_program(struct call *call, const Id *req, Program *program)
{
	return set_program_resumed(call, req, program) &&
	       set_label(call, program) &&
	       publish_program_resumed(call, program);
}

bool archive_program(struct call *call, const Id *req, Program *program)
{
	return set_archived(call, req, program) &&
	       set_label(call, program) &&
	       publish_program_archived(call, program);
}

/* Programs: what their design must keep, and the steps from draft to archive. */
#include "programs/programs.h"

bool list_programs(struct call *call, const ListProgramsRequest *req, ListProgramsResponse *response)
{
	return *req->q ? search_programs(call, req, response) : browse_programs(call, req, response);
}

bool create_program(struct call *call, const CreateProgramRequest *req, Program *program)
{
	return add_program(call, req, program) &&
	       publish_program_created(call, program);
}

/* A merge patch may clear what is optional; not what every program has. */
static bool keeps(struct call *call, const char *name, bool given)
{
	const RpcRequest *request = call->request;

	for (size_t i = 0; !given && i < request->n_set; i++)
		if (!strcmp(request->set[i], name))
			return reject_field(call, INVALID_ARGUMENT, arena_printf(call->arena, "/%s", name), "REQUIRED",
					    "Every program has a %s.", name);
	return true;
}

static bool keeps_what_is_required(struct call *call, const UpdateProgramRequest *req)
{
	bool title = keeps(call, "title", *req->title);
	bool slug = keeps(call, "slug", *req->slug);
	bool visibility = keeps(call, "visibility", req->visibility);
	bool mentors = keeps(call, "mentor_admission", req->mentor_admission);
	bool mentees = keeps(call, "mentee_admission", req->mentee_admission);
	bool recording = keeps(call, "recording", req->recording);

	return title && slug && visibility && mentors && mentees && recording;
}

bool update_program(struct call *call, const UpdateProgramRequest *req, Program *program)
{
	return keeps_what_is_required(call, req) &&
	       set_design(call, req, program) &&
	       publish_program_updated(call, program);
}

bool delete_program(struct call *call, const Id *req)
{
	Program program = PROGRAM__INIT;

	return remove_program(call, req, &program) &&
	       publish_program_deleted(call, &program);
}

bool duplicate_program(struct call *call, const Id *req, Program *program)
{
	return copy_program(call, req, program) &&
	       publish_program_created(call, program);
}

bool publish_program(struct call *call, const Id *req, Program *program)
{
	if (!strcmp(setting(call, "ITHACA_FOUR_EYES"), "true"))
		return reject(call, CONFLICT, "APPROVAL_NEEDED", "Submit the program: an admin publishes it.");

	return set_published(call, req, program) &&
	       publish_program_published(call, program);
}

bool submit_program(struct call *call, const Id *req, Program *program)
{
	return set_submitted(call, req, program) &&
	       publish_program_submitted(call, program);
}

bool approve_program(struct call *call, const Id *req, Program *program)
{
	return set_approved(call, req, program) &&
	       publish_program_published(call, program);
}

bool reject_program(struct call *call, const RejectProgramRequest *req, Program *program)
{
	return set_rejected(call, req, program) &&
	       publish_program_rejected(call, program);
}

bool hide_program(struct call *call, const Id *req, Program *program)
{
	return set_hidden(call, req, program) &&
	       publish_program_hidden(call, program);
}

bool unhide_program(struct call *call, const Id *req, Program *program)
{
	return set_unhidden(call, req, program) &&
	       publish_program_unhidden(call, program);
}

bool pause_program(struct call *call, const Id *req, Program *program)
{
	return set_program_paused(call, req, program) &&
	       publish_program_paused(call, program);
}

bool resume_program(struct call *call, const Id *req, Program *program)
{
	return set_program_resumed(call, req, program) &&
	       publish_program_resumed(call, program);
}

bool archive_program(struct call *call, const Id *req, Program *program)
{
	return set_archived(call, req, program) &&
	       publish_program_archived(call, program);
}

/* What handlers say about their call: refusals, faults, notes, ids. */
#include "call.h"

#include <string.h>
#include <time.h>

#include "conf.h"
#include "pb_json.h"
#include "service.h"
#include "uuid.h"

static Problem *new_problem(struct call *call, enum status status, const char *code,
			    const char *detail)
{
	Problem *problem = arena_alloc(call->arena, sizeof *problem);

	problem__init(problem);
	problem->status = status;
	problem->code = arena_strdup(call->arena, code);
	problem->detail = arena_strdup(call->arena, detail);
	return problem;
}

bool call_failed(const struct call *call)
{
	return call->problem || call->fault || call->retry;
}

bool reject(struct call *call, enum status status, const char *code, const char *detail, ...)
{
	va_list args;

	if (call_failed(call))
		return false;

	va_start(args, detail);
	call->problem = new_problem(call, status, code, arena_vprintf(call->arena, detail, args));
	va_end(args);
	return false;
}

bool reject_field(struct call *call, enum status status, const char *pointer, const char *code,
		  const char *detail, ...)
{
	const ProtobufCFieldDescriptor *errors =
		protobuf_c_message_descriptor_get_field_by_name(&problem__descriptor, "errors");
	FieldError *error = arena_alloc(call->arena, sizeof *error);
	va_list args;

	if (call->fault || call->retry)
		return false;
	if (!call->problem)
		call->problem = new_problem(call, status, "INVALID_FIELDS",
					    "Some fields are not as they must be.");

	field_error__init(error);
	error->pointer = arena_strdup(call->arena, pointer);
	error->code = arena_strdup(call->arena, code);
	va_start(args, detail);
	error->detail = arena_vprintf(call->arena, detail, args);
	va_end(args);
	*(FieldError **)pb_append(call->arena, call->problem, errors) = error;
	return false;
}

void problem_member(struct call *call, const char *name, const char *json)
{
	const ProtobufCFieldDescriptor *members =
		protobuf_c_message_descriptor_get_field_by_name(&problem__descriptor, "members");
	ProblemMember *member = arena_alloc(call->arena, sizeof *member);

	if (!call->problem)
		return;
	problem_member__init(member);
	member->name = arena_strdup(call->arena, name);
	member->value = arena_strdup(call->arena, json);
	*(ProblemMember **)pb_append(call->arena, call->problem, members) = member;
}

bool fault(struct call *call, const char *detail, ...)
{
	va_list args;

	if (call_failed(call))
		return false;

	va_start(args, detail);
	call->fault = arena_vprintf(call->arena, detail, args);
	va_end(args);
	call->problem =
		new_problem(call, INTERNAL, "INTERNAL", "Something went wrong on our side.");
	return false;
}

void note(struct call *call, const char *key, const char *value)
{
	buf_putc(&call->notes, ',');
	json_quote(&call->notes, key, strlen(key));
	buf_putc(&call->notes, ':');
	json_quote(&call->notes, value, strlen(value));
}

char *new_id(struct call *call)
{
	char *id = arena_alloc(call->arena, 37);

	uuid_v7(id);
	return id;
}

char *now_text(struct call *call)
{
	struct timespec now;
	struct tm utc;
	char seconds[32];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &utc);
	return arena_printf(call->arena, "%s.%06ldZ", seconds, now.tv_nsec / 1000);
}

const char *setting(const struct call *call, const char *name)
{
	const char *text = conf_text(call->process->conf, name);

	return text ? text : "";
}

bool caller_has_role(const struct call *call, const char *role)
{
	for (size_t i = 0; i < call->caller->n_roles; i++)
		if (!strcmp(call->caller->roles[i], role))
			return true;
	return false;
}

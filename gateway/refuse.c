/* Refusals and problem documents. */
#include "refuse.h"

#include <stdio.h>

#include "codes.h"

static const struct error_text errors[] = {
#define ERROR(name, status, meaning, remedy) { #name, status, meaning, remedy },
#include "errors.def"
#undef ERROR
};

const struct error_text *error_text(enum error error)
{
	return &errors[error];
}

static Problem *new_problem(struct request *request, enum error error)
{
	Problem *problem = arena_alloc(request->arena, sizeof *problem);

	problem__init(problem);
	problem->status = errors[error].status;
	problem->code = arena_strdup(request->arena, errors[error].code);
	problem->detail = arena_strdup(request->arena, errors[error].meaning);
	return problem;
}

bool refuse(struct request *request, enum error error, const char *detail, ...)
{
	Problem *problem;
	va_list args;

	if (request->problem)
		return false;
	problem = new_problem(request, error);
	if (detail) {
		va_start(args, detail);
		problem->detail = arena_vprintf(request->arena, detail, args);
		va_end(args);
	}
	request->problem = problem;
	return false;
}

bool refuse_for(struct request *request, enum error error, unsigned seconds)
{
	Problem *problem;

	if (request->problem)
		return false;
	problem = new_problem(request, error);
	problem->retry_after_s = seconds;
	request->problem = problem;
	return false;
}

void refuse_member(struct request *request, const char *name, const char *json)
{
	Problem *problem = arena_copy(request->arena, request->problem, sizeof *problem);
	ProblemMember *member = arena_alloc(request->arena, sizeof *member);
	ProblemMember **members =
		arena_alloc(request->arena, (problem->n_members + 1) * sizeof *members);

	problem_member__init(member);
	member->name = arena_strdup(request->arena, name);
	member->value = arena_strdup(request->arena, json);
	for (size_t i = 0; i < problem->n_members; i++)
		members[i] = problem->members[i];
	members[problem->n_members++] = member;
	problem->members = members;
	request->problem = problem;
}

static FieldError *field_of(struct request *request, const struct field_error *error)
{
	FieldError *field = arena_alloc(request->arena, sizeof *field);

	field_error__init(field);
	field->pointer = arena_strdup(request->arena, error->pointer);
	field->code = arena_strdup(request->arena, error->code);
	field->detail = arena_strdup(request->arena, error->detail);
	return field;
}

/* The code that all errors share is the request's; its sentence too when there is but one. */
static void name_problem(struct request *request, Problem *problem)
{
	const struct field_errors *list = &request->errors;

	for (size_t i = 1; i < list->count; i++)
		if (strcmp(list->items[i].code, list->items[0].code))
			return;
	problem->code = arena_strdup(request->arena, list->items[0].code);
	if (list->count == 1)
		problem->detail = arena_strdup(request->arena, list->items[0].detail);
}

bool refuse_fields(struct request *request, unsigned status)
{
	const struct field_errors *list = &request->errors;
	Problem *problem;

	if (request->problem)
		return false;
	problem = new_problem(request, ERROR_INVALID_REQUEST);
	problem->status = status;
	if (list->malformed) {
		problem->code = arena_strdup(request->arena, list->malformed);
		problem->detail = arena_strdup(request->arena, list->malformed_detail);
	} else if (list->count) {
		name_problem(request, problem);
	}
	problem->errors = arena_alloc(request->arena, (list->count + 1) * sizeof *problem->errors);
	for (size_t i = 0; i < list->count; i++)
		problem->errors[problem->n_errors++] = field_of(request, &list->items[i]);
	request->problem = problem;
	return false;
}

static void write_member(struct buf *out, const char *name, const char *text)
{
	buf_printf(out, ",\"%s\":", name);
	json_quote(out, text, strlen(text));
}

static void write_field(struct buf *out, const FieldError *error)
{
	buf_puts(out, "{\"pointer\":");
	json_quote(out, error->pointer, strlen(error->pointer));
	write_member(out, "code", error->code);
	write_member(out, "detail", error->detail);
	buf_putc(out, '}');
}

static void write_fields(struct buf *out, const Problem *problem)
{
	if (!problem->n_errors)
		return;
	buf_puts(out, ",\"errors\":[");
	for (size_t i = 0; i < problem->n_errors; i++) {
		if (i)
			buf_putc(out, ',');
		write_field(out, problem->errors[i]);
	}
	buf_putc(out, ']');
}

void problem_write(struct buf *out, const struct request *request, const Problem *problem)
{
	const char *title = MHD_get_reason_phrase_for(problem->status);

	buf_printf(out, "{\"type\":\"/v1/errors#%s\",\"title\":\"%s\",\"status\":%u", problem->code,
		   title ? title : "", problem->status);
	write_member(out, "code", problem->code);
	write_member(out, "detail", problem->detail);
	if (request->target) {
		buf_puts(out, ",\"instance\":");
		json_quote(out, request->target, request->path_len);
	}
	write_member(out, "request_id", request->id);
	write_fields(out, problem);
	for (size_t i = 0; i < problem->n_members; i++)
		buf_printf(out, ",\"%s\":%s", problem->members[i]->name,
			   problem->members[i]->value);
	buf_putc(out, '}');
}

static void write_shared(struct buf *out)
{
	for (size_t i = 0; i < ERROR_COUNT; i++) {
		buf_printf(out, "%s{\"code\":\"%s\",\"status\":%u", i ? "," : "", errors[i].code,
			   errors[i].status);
		write_member(out, "meaning", errors[i].meaning);
		write_member(out, "fix", errors[i].remedy);
		buf_putc(out, '}');
	}
}

/* What to do about a service's refusal, as far as its status tells. */
static const char *remedy_for(unsigned status)
{
	switch (status) {
	case 401:
		return "Sign in again.";
	case 403:
		return "Ask somebody who may do this.";
	case 404:
		return "Check what the request names.";
	case 409:
		return "Read it again: its state, or something else that exists, is in the way.";
	case 410:
		return "Ask for a new one.";
	case 429:
	case 503:
		return "Try again after the seconds that Retry-After names.";
	default:
		return "Change what the meaning says and send it again.";
	}
}

static bool is_shared(const struct service_code *code)
{
	for (size_t i = 0; i < ERROR_COUNT; i++)
		if (errors[i].status == code->status && !strcmp(errors[i].code, code->code))
			return true;
	return false;
}

void errors_write(struct buf *out)
{
	buf_puts(out, "{\"items\":[");
	write_shared(out);
	for (const struct service_code *code = service_codes; code->code; code++) {
		if (is_shared(code))
			continue;
		buf_printf(out, ",{\"code\":\"%s\",\"status\":%u", code->code, code->status);
		write_member(out, "meaning", code->sentence);
		write_member(out, "fix", remedy_for(code->status));
		buf_printf(out, ",\"services\":[%s]}", code->services);
	}
	buf_puts(out, "]}");
}

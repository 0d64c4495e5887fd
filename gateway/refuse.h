/*
 * Why a request is not done: the edge's own refusals, and every refusal as a problem (RFC 9457).
 */
#pragma once

#include "request.h"

enum error {
#define ERROR(name, status, meaning, remedy) ERROR_##name,
#include "errors.def"
#undef ERROR
	ERROR_COUNT,
};

struct error_text {
	const char *code;
	unsigned status;
	const char *meaning, *remedy;
};
const struct error_text *error_text(enum error error);

/* Refuses the request unless it is refused already; detail NULL = the error's meaning. Returns false. */
bool refuse(struct request *request, enum error error, const char *detail, ...) must_check
	__attribute__((format(printf, 3, 4)));
/* Refuses with Retry-After. */
bool refuse_for(struct request *request, enum error error, unsigned seconds) must_check;
/* Adds a member to the request's own problem; value is JSON text. */
void refuse_member(struct request *request, const char *name, const char *json);
/* Refuses with everything in request->errors: 400, or 422 for what is well-formed but breaks a rule. */
bool refuse_fields(struct request *request, unsigned status) must_check;

/* The problem as a JSON document. */
void problem_write(struct buf *out, const struct request *request, const Problem *problem);
/* The list at /v1/errors: what is shared with its remedy, then what single services say with their names. */
void errors_write(struct buf *out);

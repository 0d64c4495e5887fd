/* An rpc as an OpenAPI operation: what it takes, what it answers, how it refuses. */
#include <string.h>

#include "emit.h"
#include "openapi.h"

static bool admits(const struct rpc *rpc, Ithaca__Who who)
{
	for (size_t i = 0; i < rpc->options.n_access; i++)
		if (rpc->options.access[i] == who)
			return true;
	return false;
}

static bool needs_token(const struct rpc *rpc)
{
	return !admits(rpc, ITHACA__WHO__ANYONE) && !admits(rpc, ITHACA__WHO__TOKEN);
}

static bool in_path(const struct rpc *rpc, const struct field *field)
{
	const char *path = rpc->path, *name;
	size_t len;

	while ((name = path_parameter(&path, &len)))
		if (strlen(field->name) == len && !memcmp(field->name, name, len))
			return true;
	return false;
}

static bool takes_upload(const struct rpc *rpc)
{
	return rpc->options.body == ITHACA__BODY__UPLOAD;
}

static bool from_upload(const struct field *field)
{
	return !strcmp(field->name, "upload_id") || !strcmp(field->name, "content_type");
}

/* Not the body's business: it stands in the path, or comes of the file itself. */
static bool outside_body(const struct rpc *rpc, const struct field *field)
{
	return in_path(rpc, field) || (takes_upload(rpc) && from_upload(field));
}

static bool takes_more_than_path(const struct rpc *rpc)
{
	for (size_t i = 0; i < rpc->in->n_fields; i++)
		if (!rpc->in->fields[i].rule.internal && !in_path(rpc, &rpc->in->fields[i]))
			return true;
	return false;
}

static bool has_json_body(const struct rpc *rpc)
{
	return rpc->verb != ROUTE_GET &&
	       rpc->verb != ROUTE_DELETE &&
	       !takes_upload(rpc) &&
	       takes_more_than_path(rpc);
}

static json_t *parameter(const char *name, const char *where, bool required, json_t *schema,
			 const char *description)
{
	json_t *parameter = json_pack("{s:s s:s s:b s:o}", "name", name, "in", where, "required",
				      required, "schema", schema);

	json_object_del(schema, "description");
	if (*description)
		json_object_set_new(parameter, "description", json_string(description));
	return parameter;
}

static void add_field_parameters(json_t *parameters, const struct rpc *rpc)
{
	bool query = rpc->verb == ROUTE_GET || rpc->verb == ROUTE_DELETE || takes_upload(rpc);

	for (size_t i = 0; i < rpc->in->n_fields; i++) {
		const struct field *field = &rpc->in->fields[i];
		bool path = in_path(rpc, field);

		if (field->rule.internal || (!path && (!query || outside_body(rpc, field))))
			continue;
		json_array_append_new(parameters, parameter(field->name, path ? "path" : "query",
							    path || field->rule.required,
							    schema_of_field(field, false),
							    field->place.comment));
	}
}

static void add_header_parameters(json_t *parameters, const struct rpc *rpc)
{
	Ithaca__Idempotency idempotency = rpc->options.idempotency;

	if (rpc->verb == ROUTE_POST && idempotency != ITHACA__IDEMPOTENCY__UNKEPT)
		json_array_append_new(
			parameters,
			parameter("Idempotency-Key", "header",
				  idempotency == ITHACA__IDEMPOTENCY__NEEDED,
				  json_pack("{s:s s:s s:i}", "type", "string", "pattern",
					    "^[!-~]+$", "maxLength", 128),
				  "Repeating the request with the same key gives the same answer, "
				  "for 24 hours."));
	if (rpc->options.if_match)
		json_array_append_new(
			parameters, parameter("If-Match", "header", true, text_of("type", "string"),
					      "The ETag of what you change, as you last read it."));
}

static json_t *request_body(const struct rpc *rpc)
{
	if (takes_upload(rpc))
		return json_pack("{s:b s:{s:{s:{}}}}", "required", true, "content", "*/*",
				 "schema");
	return json_pack("{s:b s:{s:{s:o}}}", "required", true, "content", "application/json",
			 "schema", schema_of_message(rpc->in, false, outside_body, rpc));
}

static json_t *good_content(const struct rpc *rpc)
{
	if (rpc->options.body == ITHACA__BODY__FILE)
		return json_pack("{s:{s:{}}}", "*/*", "schema");
	if (rpc->options.body == ITHACA__BODY__STREAM)
		return json_pack("{s:{s:{s:s}}}", "text/event-stream", "schema", "type", "string");
	return json_pack("{s:{s:o}}", "application/json", "schema",
			 schema_ref(schema_name(rpc->out)));
}

static json_t *good_response(const struct rpc *rpc)
{
	json_t *response;

	if (message_is_nothing(rpc->out))
		return text_of("description", "Done.");
	response = json_pack("{s:s s:o}", "description",
			     *rpc->out->place.comment ? rpc->out->place.comment : "Done.",
			     "content", good_content(rpc));
	if (message_field(rpc->out, "version", strlen("version")))
		json_object_set_new(response, "headers",
				    json_pack("{s:{s:s s:{s:s}}}", "ETag", "description",
					      "The version, for If-Match.", "schema", "type",
					      "string"));
	return response;
}

/* Whether an rpc can be refused with the status. */
static bool may_refuse(const struct rpc *rpc, int status)
{
	bool changes = !rpc_reads(rpc), signed_in = needs_token(rpc);

	switch (status) {
	case 403:
		return signed_in || changes;
	case 404:
	case 409:
		return changes || strchr(rpc->path, '{');
	case 406:
		return rpc->options.body == ITHACA__BODY__STREAM;
	case 410:
		return admits(rpc, ITHACA__WHO__TOKEN) || strchr(rpc->path, '{');
	case 412:
		return rpc->options.if_match || (changes && strchr(rpc->path, '{'));
	case 423:
		return changes && strchr(rpc->path, '{');
	case 413:
	case 415:
		return has_json_body(rpc) || takes_upload(rpc);
	case 416:
		return rpc->options.body == ITHACA__BODY__FILE;
	case 422:
		return changes || takes_more_than_path(rpc);
	case 428:
		return rpc->options.if_match ||
		       rpc->options.idempotency == ITHACA__IDEMPOTENCY__NEEDED;
	case 451:
		return signed_in && !rpc->options.before_policies;
	default:
		return true;
	}
}

static const struct {
	int status;
	const char *description;
} refusals[] = {
	{ 400, "The request cannot be read: `MALFORMED_JSON`, `UNKNOWN_FIELD`, "
	       "`UNKNOWN_PARAMETER`, `INVALID_ID`, … with a pointer each." },
	{ 401, "No token where one is needed, or one that does not hold (any more): "
	       "`TOKEN_EXPIRED`, `TOKEN_REVOKED`, `TOKEN_STALE`, …" },
	{ 403, "You may see it but not do this: `FORBIDDEN`, `FRESH_LOGIN_NEEDED`, …" },
	{ 404, "It does not exist, or you may not know of it." },
	{ 406, "The request does not accept `text/event-stream`." },
	{ 409, "It stands in the way of something else: `ILLEGAL_TRANSITION` (with from and "
	       "allowed), `IDEMPOTENCY_IN_PROGRESS`, …" },
	{ 410, "The token or link is used up or over: `TOKEN_USED`, `TOKEN_EXPIRED`, …" },
	{ 412, "Somebody has changed it since you read it." },
	{ 413, "The body is too large." },
	{ 415, "The body is of another kind than expected." },
	{ 416, "The file has no such range." },
	{ 422,
	  "Well-formed, but it breaks a rule: `REQUIRED`, `TOO_LONG`, `IDEMPOTENCY_KEY_REUSE`, …" },
	{ 423, "It is locked." },
	{ 428, "A header is missing: If-Match or Idempotency-Key." },
	{ 429, "Too many requests; Retry-After says when." },
	{ 451, "Policies wait to be accepted; the body lists them." },
	{ 500, "Something went wrong on our side; the log knows the `request_id`." },
	{ 503, "Something that is needed does not answer; Retry-After says when to try again." },
	{ 504, "It took longer than ten seconds: `DEADLINE_EXCEEDED`. A POST may be repeated with "
	       "its Idempotency-Key." },
};
enum { N_REFUSALS = sizeof(refusals) / sizeof(*refusals) };

json_t *problem_responses(void)
{
	json_t *responses = json_object();

	for (size_t i = 0; i < N_REFUSALS; i++) {
		char name[16];

		snprintf(name, sizeof(name), "Problem%d", refusals[i].status);
		json_object_set_new(responses, name,
				    json_pack("{s:s s:{s:{s:o}}}", "description",
					      refusals[i].description, "content",
					      "application/problem+json", "schema",
					      schema_ref("Problem")));
	}
	return responses;
}

json_t *problem_schema(void)
{
	json_t *error = json_pack("{s:s s:{s:{s:s} s:{s:s} s:{s:s}}}", "type", "object",
				  "properties", "pointer", "type", "string", "code", "type",
				  "string", "detail", "type", "string");

	return json_pack("{s:s s:s s:[s s s s] s:{s:{s:s} s:{s:s} s:{s:s} s:{s:s s:s} s:{s:s s:s} "
			 "s:{s:s} s:{s:s} s:{s:s s:s s:o}}}",
			 "type", "object", "description", "Why a request was not done (RFC 9457).",
			 "required", "title", "status", "code", "request_id", "properties", "type",
			 "type", "string", "title", "type", "string", "status", "type", "integer",
			 "code", "type", "string", "description", "Stable, for programs.", "detail",
			 "type", "string", "description", "A sentence for people.", "instance",
			 "type", "string", "request_id", "type", "string", "errors", "type",
			 "array", "description", "Every field that is wrong.", "items", error);
}

static json_t *responses_of(const struct rpc *rpc)
{
	json_t *responses = json_object();
	char status[16];

	snprintf(status, sizeof(status), "%u", rpc_status(rpc));
	json_object_set_new(responses, status, good_response(rpc));
	for (size_t i = 0; i < N_REFUSALS; i++) {
		if (!may_refuse(rpc, refusals[i].status))
			continue;
		snprintf(status, sizeof(status), "%d", refusals[i].status);
		json_object_set_new(
			responses, status,
			json_pack("{s:o}", "$ref",
				  json_sprintf("#/components/responses/Problem%s", status)));
	}
	return responses;
}

/* The comment's first sentence, without its full stop. */
static json_t *summary(const char *comment)
{
	size_t len = strcspn(comment, "\n");

	for (size_t i = 0; i + 1 < len; i++)
		if (strchr(".:;", comment[i]) && comment[i + 1] == ' ')
			len = i;
	return json_stringn(comment, len && comment[len - 1] == '.' ? len - 1 : len);
}

static json_t *access_of(const struct rpc *rpc)
{
	json_t *access = json_array();

	for (size_t i = 0; i < rpc->options.n_access; i++)
		json_array_append_new(access, json_string(protobuf_c_enum_descriptor_get_value(
								  &ithaca__who__descriptor,
								  (int)rpc->options.access[i])
								  ->name));
	return access;
}

json_t *operation(const struct rpc *rpc)
{
	json_t *parameters = json_array();
	json_t *operation =
		json_pack("{s:s s:o s:s s:[s] s:o}", "operationId", rpc->name, "summary",
			  summary(rpc->place.comment), "description", rpc->place.comment, "tags",
			  rpc->resource, "x-access", access_of(rpc));

	add_field_parameters(parameters, rpc);
	add_header_parameters(parameters, rpc);
	if (json_array_size(parameters))
		json_object_set(operation, "parameters", parameters);
	json_decref(parameters);
	if (has_json_body(rpc) || takes_upload(rpc))
		json_object_set_new(operation, "requestBody", request_body(rpc));
	json_object_set_new(operation, "responses", responses_of(rpc));
	json_object_set_new(operation, "security",
			    needs_token(rpc) ? json_pack("[{s:[]}]", "bearer") : json_array());
	return operation;
}

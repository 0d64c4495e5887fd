/* Reading requests into messages. */
#include "content.h"

#include <stdlib.h>
#include <strings.h>

#include "guard.h"
#include "refuse.h"
#include "route.h"
#include "text.h"

enum { MOST_JSON = 1 << 20, MOST_UPLOAD = 25 << 20, MOST_KEY = 128, MOST_VALUE = 4096 };

static bool has_body(const struct request *request)
{
	return request->headers.transfer_encoding || guard_length(request);
}

bool content_judge_length(struct request *request)
{
	const struct rpc_method *method = request->route->method;

	request->body_limit = method && method->body == BODY_UPLOAD ? MOST_UPLOAD : MOST_JSON;
	if (guard_length(request) > request->body_limit)
		return refuse(request, ERROR_BODY_TOO_LARGE, NULL);
	return true;
}

static bool is_type(const char *content_type, const char *wanted)
{
	size_t len = strlen(wanted);

	return !strncasecmp(content_type, wanted, len) && strchr("; \t", content_type[len]);
}

bool content_judge_type(struct request *request)
{
	const struct rpc_method *method = request->route->method;
	const char *encoding = request->headers.content_encoding,
		   *type = request->headers.content_type;

	if (!method || !has_body(request))
		return true;
	if (encoding && strcasecmp(encoding, "identity"))
		return refuse(request, ERROR_UNSUPPORTED_MEDIA_TYPE,
			      "Send the body as it is, without Content-Encoding.");
	if (method->body == BODY_UPLOAD || method->body == BODY_IGNORED)
		return true;
	if (!type ||
	    (!is_type(type, "application/json") && !is_type(type, "application/merge-patch+json")))
		return refuse(request, ERROR_UNSUPPORTED_MEDIA_TYPE,
			      "Send JSON, with Content-Type: application/json.");
	return true;
}

static bool read_body(struct request *request, void *message, struct name_list *set)
{
	json_t *object;

	if (!request->body.len || request->route->method->body != BODY_JSON)
		return true;
	object = json_read(request->arena, (const char *)request->body.data, request->body.len,
			   &request->errors);
	if (!object)
		return false;
	return pb_json_read(request->arena, request->route->method->in, object, false, message, set,
			    &request->errors);
}

static bool is_path_field(const struct route *route, int field)
{
	for (unsigned i = 0; i < route->param_count; i++)
		if (route->params[i] == field)
			return true;
	return false;
}

/* A member that the path already gives could say something else: it is not known here. */
static bool refuse_path_members(struct request *request, const struct name_list *set)
{
	const struct route *route = request->route;
	bool good = true;

	for (size_t i = 0; i < set->count; i++)
		if (is_path_field(route, pb_find(route->method->in, set->items[i],
						 strlen(set->items[i])))) {
			field_error(&request->errors,
				    arena_printf(request->arena, "/%s", set->items[i]),
				    "UNKNOWN_FIELD", "This is given by the path.");
			good = false;
		}
	return good;
}

static bool set_field(struct request *request, int field, const char *text, size_t len,
		      void *message)
{
	const struct pb_type *type = request->route->method->in;

	return pb_set_text(request->arena, type, (unsigned)field, text, len, message,
			   type->descriptor->fields[field].name, &request->errors);
}

static bool read_path(struct request *request, void *message)
{
	const struct route *route = request->route;
	bool good = true;

	for (unsigned i = 0; i < route->param_count; i++) {
		const struct slice *param = &request->params[i];
		size_t len;
		const char *text =
			guard_unescape(request->arena, param->text, param->len, false, &len);

		good &= text && set_field(request, route->params[i], text, len, message);
	}
	return good;
}

static bool is_parameter(const struct route *route, int field)
{
	return field >= 0 &&
	       !route->method->in->rules[field].internal &&
	       !is_path_field(route, field) &&
	       route->method->in->descriptor->fields[field].type != PROTOBUF_C_TYPE_MESSAGE;
}

static void refuse_parameter(struct request *request, const char *name)
{
	const struct pb_type *type = request->route->method->in;
	const char **known = arena_alloc(request->arena,
					 (type->descriptor->n_fields + 1) * sizeof *known),
		   *nearest;
	size_t count = 0;

	for (unsigned i = 0; i < type->descriptor->n_fields; i++)
		if (is_parameter(request->route, (int)i))
			known[count++] = type->descriptor->fields[i].name;
	nearest = strlen(name) <= 64 ? text_nearest(name, known, count) : NULL;
	field_error(&request->errors, name, "UNKNOWN_PARAMETER",
		    nearest ? arena_printf(request->arena,
					   "There is no such parameter. Do you mean %s?", nearest)
			    : "There is no such parameter.");
}

static bool read_parameter(struct request *request, const char *name, size_t name_len,
			   const char *value, size_t value_len, void *message, bool *seen)
{
	const struct pb_type *type = request->route->method->in;
	int field = pb_find(type, name, name_len);

	if (!is_parameter(request->route, field)) {
		refuse_parameter(request, name);
		return false;
	}
	if (seen[field] && type->descriptor->fields[field].label != PROTOBUF_C_LABEL_REPEATED) {
		field_error(&request->errors, name, "DUPLICATE_PARAMETER",
			    "This parameter is given twice.");
		return false;
	}
	seen[field] = true;
	return set_field(request, field, value, value_len, message);
}

static bool read_pair(struct request *request, const char *pair, size_t len, void *message,
		      bool *seen)
{
	const char *equals = memchr(pair, '=', len);
	size_t raw_name = equals ? (size_t)(equals - pair) : len, name_len, value_len = 0;
	const char *name = guard_unescape(request->arena, pair, raw_name, true, &name_len),
		   *value = "";

	if (equals)
		value = guard_unescape(request->arena, equals + 1, len - raw_name - 1, true,
				       &value_len);
	if (!name || !value) {
		field_error(&request->errors, name ? name : "?", "INVALID_UTF8",
			    "This is not UTF-8.");
		return false;
	}
	return read_parameter(request, name, name_len, value, value_len, message, seen);
}

static bool read_query(struct request *request, void *message)
{
	bool *seen = arena_alloc(request->arena,
				 request->route->method->in->descriptor->n_fields + 1),
	     good = true;
	size_t len;

	for (const char *at = request->query; at && *at; at += len + (at[len] == '&')) {
		len = strcspn(at, "&");
		if (len)
			good &= read_pair(request, at, len, message, seen);
	}
	return good;
}

static bool is_set(const struct name_list *set, const char *pointer)
{
	size_t len = strcspn(pointer + 1, "/");

	for (size_t i = 0; i < set->count; i++)
		if (strlen(set->items[i]) == len && !strncmp(set->items[i], pointer + 1, len))
			return true;
	return false;
}

/* Whether something is wrong with the field already: that it is missing then says nothing new. */
static bool is_named(const struct field_errors *errors, const char *pointer)
{
	for (size_t i = 0; i < errors->count; i++)
		if (!strcmp(errors->items[i].pointer, pointer) ||
		    !strcmp(errors->items[i].pointer, pointer + 1))
			return true;
	return false;
}

/* A PATCH leaves out what is to stay: only what it holds can be missing (null, or incomplete). */
static bool check_required(struct request *request, const void *message,
			   const struct name_list *set)
{
	const struct rpc_method *method = request->route->method;
	struct field_errors missing = { .arena = request->arena };

	if (method->body != BODY_JSON ||
	    is_named(&request->errors, "/") ||
	    pb_check_required(request->arena, method->in, message, &missing))
		return true;
	for (size_t i = 0; i < missing.count; i++) {
		const struct field_error *error = &missing.items[i];

		if (!is_named(&request->errors, error->pointer) &&
		    (method->verb != VERB_PATCH || is_set(set, error->pointer)))
			field_error(&request->errors, error->pointer, error->code, error->detail);
	}
	return !request->errors.count;
}

/* What is well-formed and may not be all the same; a PATCH with null for what must not be missing, too. */
static bool breaks_a_rule(const struct request *request, const char *code)
{
	return !strcmp(code, "BAD_URL_SCHEME") ||
	       (request->verb == VERB_PATCH && !strcmp(code, "REQUIRED"));
}

static unsigned status_of(const struct request *request)
{
	for (size_t i = 0; i < request->errors.count; i++)
		if (!breaks_a_rule(request, request->errors.items[i].code))
			return 400;
	return 422;
}

bool content_read(struct request *request, void *message, struct name_list *set)
{
	bool good;

	request->errors.arena = request->arena;
	good = read_body(request, message, set);
	if (request->errors.malformed)
		return refuse_fields(request, 400);
	good &= refuse_path_members(request, set);
	good &= read_path(request, message);
	good &= read_query(request, message);
	good &= check_required(request, message, set);
	return good ? true : refuse_fields(request, status_of(request));
}

/* "*", or the version in front of the tag: "7-1a2b3c4d". */
static bool read_if_match(struct request *request, const char *text, int64_t *version)
{
	char *end;

	if (!strcmp(text, "*")) {
		*version = -1;
		return true;
	}
	*version = *text == '"' ? strtoll(text + 1, &end, 10) : 0;
	if (*version <= 0 || (*end != '-' && *end != '"') || strchr(text, ','))
		return refuse(request, ERROR_INVALID_IF_MATCH, NULL);
	return true;
}

static bool is_key(const char *text)
{
	size_t len = strlen(text);

	if (!len || len > MOST_KEY)
		return false;
	for (size_t i = 0; i < len; i++)
		if (text[i] < 0x21 || text[i] > 0x7e)
			return false;
	return true;
}

bool content_conditions(struct request *request, RpcRequest *rpc)
{
	const struct rpc_method *method = request->route->method;
	const char *key = request->headers.idempotency_key, *match = request->headers.if_match;

	if (method->verb == VERB_GET)
		return true;
	if (!match && method->if_match)
		return refuse(request, ERROR_IF_MATCH_NEEDED, NULL);
	if (match && !read_if_match(request, match, &rpc->if_match))
		return false;
	if (!key && method->idempotency == IDEMPOTENCY_NEEDED)
		return refuse(request, ERROR_IDEMPOTENCY_KEY_NEEDED, NULL);
	if (key && !is_key(key))
		return refuse(request, ERROR_INVALID_IDEMPOTENCY_KEY, NULL);
	if (key)
		rpc->idempotency_key = (char *)(uintptr_t)key;
	return true;
}

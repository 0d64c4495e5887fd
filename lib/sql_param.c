/* From messages and the call to the parameters of a statement. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pb_json.h"
#include "sql_own.h"
#include "uuid.h"

struct word {
	const char *name;
	enum param_source source;
};

static const struct word words[] = {
	{ "caller.id", PARAM_CALLER_ID },
	{ "caller.session_id", PARAM_CALLER_SESSION },
	{ "caller.roles", PARAM_CALLER_ROLES },
	{ "caller.address", PARAM_CALLER_ADDRESS },
	{ "caller.device", PARAM_CALLER_DEVICE },
	{ "caller.signed_in_at", PARAM_CALLER_SIGNED_IN },
	{ "if_match", PARAM_IF_MATCH },
	{ "request_id", PARAM_REQUEST_ID },
	{ "limit", PARAM_LIMIT },
	{ "event.id", PARAM_EVENT_ID },
	{ "event.actor_id", PARAM_EVENT_ACTOR },
	{ "event.occurred_at", PARAM_EVENT_OCCURRED },
	{ "event.source_seq", PARAM_EVENT_SEQ },
};

static bool begins_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

static bool find_key(const struct sql_statement *statement, const char *column, unsigned *key)
{
	for (*key = 0; *key < CURSOR_KEYS && statement->keys[*key].column; ++*key)
		if (!strcmp(statement->keys[*key].column, column))
			return true;
	return false;
}

static bool compile_word(const struct sql_statement *statement, const char *name,
			 struct param *param)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(words[i].name, name) &&
		    (words[i].source != PARAM_LIMIT || statement->kind == SQL_PAGE)) {
			param->source = words[i].source;
			return true;
		}
	return false;
}

static bool compile_param(const struct sql_statement *statement, const char *name,
			  struct param *param)
{
	const char *dot = strchr(name, '.');

	param->word = dot ? dot + 1 : name;
	if (compile_word(statement, name, param))
		return true;
	if (begins_with(name, "new.")) {
		param->source = PARAM_NEW;
		return true;
	}
	if (begins_with(name, "set.")) {
		param->source = PARAM_SET;
		return statement->in &&
		       pb_find(statement->in, param->word, strlen(param->word)) >= 0;
	}
	if (begins_with(name, "after.") && statement->keys) {
		param->source = PARAM_AFTER;
		return find_key(statement, param->word, &param->key);
	}
	param->source = PARAM_FIELD;
	return statement->in && find_path(statement->in, name, &param->path);
}

bool params_compile(const struct sql_statement *statement, const char *const *names,
		    struct params *params, const char **wrong)
{
	*params = (struct params) { 0 };
	while (names && names[params->count])
		params->count++;
	params->items = calloc(params->count + 1, sizeof *params->items);
	if (!params->items)
		abort();
	for (unsigned i = 0; i < params->count; i++)
		if (!compile_param(statement, names[i], &params->items[i])) {
			*wrong = names[i];
			free(params->items);
			params->items = NULL;
			return false;
		}
	return true;
}

/* What one parameter becomes. */
struct value {
	const char *text; /* NULL: null */
	int len;
	int format; /* 1: bytea as it is */
};

static struct value text_value(const char *text)
{
	return (struct value) { .text = text };
}

static struct value null_unless_filled(const char *text)
{
	return text_value(text && *text ? text : NULL);
}

static struct value number_value(struct arena *arena, uint64_t magnitude, bool negative)
{
	char digits[24], *at = digits + sizeof digits;

	*--at = '\0';
	do
		*--at = (char)('0' + magnitude % 10);
	while (magnitude /= 10);
	if (negative)
		*--at = '-';
	return text_value(arena_copy(arena, at, (size_t)(digits + sizeof digits - at)));
}

static struct value signed_value(struct arena *arena, int64_t number)
{
	return number_value(arena, number < 0 ? 0 - (uint64_t)number : (uint64_t)number,
			    number < 0);
}

static bool is_plain_text(const struct pb_rule *rule)
{
	return rule->format == PB_LINE || rule->format == PB_TEXT || rule->format == PB_NAME;
}

static struct value string_value(const char *text, const struct pb_rule *rule)
{
	return is_plain_text(rule) ? text_value(text ? text : "") : null_unless_filled(text);
}

/* One element: of a singular field, or of an array. `at` is where it stands. */
static struct value scalar_value(struct arena *arena, const ProtobufCFieldDescriptor *field,
				 const struct pb_rule *rule, const void *at)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		return signed_value(arena, *(const int32_t *)at);
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		return number_value(arena, *(const uint32_t *)at, false);
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		return signed_value(arena, *(const int64_t *)at);
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		return number_value(arena, *(const uint64_t *)at, false);
	case PROTOBUF_C_TYPE_FLOAT:
		return text_value(arena_printf(arena, "%.9g", (double)*(const float *)at));
	case PROTOBUF_C_TYPE_DOUBLE:
		return text_value(arena_printf(arena, "%.17g", *(const double *)at));
	case PROTOBUF_C_TYPE_BOOL:
		return text_value(*(const protobuf_c_boolean *)at ? "t" : "f");
	case PROTOBUF_C_TYPE_ENUM:
		return text_value(pb_label(field->descriptor, *(const int *)at));
	case PROTOBUF_C_TYPE_BYTES: {
		const ProtobufCBinaryData *bytes = at;

		return (struct value) { bytes->data ? (const char *)bytes->data : "",
					(int)bytes->len, 1 };
	}
	default:
		return string_value(*(char *const *)at, rule);
	}
}

static size_t element_size(const ProtobufCFieldDescriptor *field)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	case PROTOBUF_C_TYPE_BOOL:
		return sizeof(protobuf_c_boolean);
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return 8;
	default:
		return 4;
	}
}

/* A buffer's text moved to the arena. */
static const char *keep(struct arena *arena, struct buf *buf)
{
	const char *text = arena_copy(arena, buf_text(buf), buf->len + 1);

	buf_free(buf);
	return text;
}

static void add_quoted(struct buf *out, const char *text)
{
	buf_putc(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *text);
	}
	buf_putc(out, '"');
}

void put_element(struct buf *out, const char *text)
{
	if (text)
		add_quoted(out, text);
	else
		buf_puts(out, "NULL");
}

/* '{"a","b"}', Postgres's text of an array. */
static const char *array_text(struct call *call, const ProtobufCFieldDescriptor *field,
			      const struct pb_rule *rule, const char *elements, size_t count)
{
	struct buf out = { 0 };

	buf_putc(&out, '{');
	for (size_t i = 0; i < count; i++) {
		struct value value =
			scalar_value(call->arena, field, rule, elements + i * element_size(field));

		if (i)
			buf_putc(&out, ',');
		put_element(&out, value.text);
	}
	buf_putc(&out, '}');
	return keep(call->arena, &out);
}

/* A message as a JSON object, a repeated message as an array of them. */
static const char *json_text(struct call *call, const struct pb_type *type, void *const *messages,
			     size_t count, bool list)
{
	struct buf out = { 0 };

	if (list)
		buf_putc(&out, '[');
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_putc(&out, ',');
		pb_json_write_message(&out, type, messages[i]);
	}
	if (list)
		buf_putc(&out, ']');
	return keep(call->arena, &out);
}

/* Down the path; NULL when a message on the way is missing. */
static const void *follow(const void *message, const struct field_path *path)
{
	for (unsigned i = 0; message && i + 1 < path->depth; i++)
		message = *(void *const *)pb_at(message, path->fields[i]);
	return message;
}

static struct value field_value(struct call *call, const struct field_path *path, const void *in)
{
	const ProtobufCFieldDescriptor *field = path->fields[path->depth - 1];
	const struct pb_type *type = path->types[path->depth - 1];
	const struct pb_type *child = type->children[field - type->descriptor->fields];
	const struct pb_rule *rule = path_rule(path);
	const void *message = follow(in, path);
	const char *array;
	size_t count;

	if (!message)
		return text_value(NULL);
	if (field->label != PROTOBUF_C_LABEL_REPEATED) {
		bool optional = field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF;

		if (!pb_has(message, field) &&
		    (optional || child || (field->label == PROTOBUF_C_LABEL_OPTIONAL)))
			return text_value(NULL);
		if (child)
			return text_value(json_text(call, child, pb_at(message, field), 1, false));
		return scalar_value(call->arena, field, rule, pb_at(message, field));
	}

	array = *(const char *const *)pb_at(message, field);
	count = *(const size_t *)((const char *)message + field->quantifier_offset);
	if (child)
		return text_value(json_text(call, child, (void *const *)array, count, true));
	return text_value(array_text(call, field, rule, array, count));
}

struct new_id {
	struct new_id *next;
	const char *name;
	char id[37];
};

static struct value new_id_value(struct call *call, const char *name)
{
	struct new_id *known;

	for (known = call->new_ids; known; known = known->next)
		if (!strcmp(known->name, name))
			return text_value(known->id);
	known = arena_alloc(call->arena, sizeof *known);
	known->name = name;
	known->next = call->new_ids;
	call->new_ids = known;
	uuid_v7(known->id);
	return text_value(known->id);
}

static struct value set_value(const struct call *call, const char *name)
{
	for (size_t i = 0; i < call->request->n_set; i++)
		if (!strcmp(call->request->set[i], name))
			return text_value("t");
	return text_value("f");
}

static struct value roles_value(struct call *call)
{
	struct buf out = { 0 };

	buf_putc(&out, '{');
	for (size_t i = 0; i < call->caller->n_roles; i++) {
		if (i)
			buf_putc(&out, ',');
		add_quoted(&out, call->caller->roles[i]);
	}
	buf_putc(&out, '}');
	return text_value(keep(call->arena, &out));
}

static struct value signed_in_value(struct call *call)
{
	time_t at = (time_t)call->caller->signed_in_at;
	struct tm utc;
	char text[40];

	if (!at || at < 0 || at > 253402300799 || !gmtime_r(&at, &utc))
		return text_value(NULL);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
	return text_value(arena_strdup(call->arena, text));
}

static struct value if_match_value(struct call *call)
{
	int64_t version = call->request->if_match;

	return version > 0 ? signed_value(call->arena, version) : text_value(NULL);
}

static struct value event_value(struct call *call, enum param_source source)
{
	const EventEnvelope *event = call->event;

	if (!event)
		return text_value(NULL);
	switch (source) {
	case PARAM_EVENT_ID:
		return null_unless_filled(event->id);
	case PARAM_EVENT_ACTOR:
		return null_unless_filled(event->actor_id);
	case PARAM_EVENT_OCCURRED:
		return null_unless_filled(event->occurred_at);
	default:
		return number_value(call->arena, event->source_seq, false);
	}
}

static struct value param_value(struct call *call, const struct param *param, const void *in,
				const struct page *page)
{
	switch (param->source) {
	case PARAM_FIELD:
		return field_value(call, &param->path, in);
	case PARAM_CALLER_ID:
		return null_unless_filled(call->caller->id);
	case PARAM_CALLER_SESSION:
		return null_unless_filled(call->caller->session_id);
	case PARAM_CALLER_ROLES:
		return roles_value(call);
	case PARAM_CALLER_ADDRESS:
		return null_unless_filled(call->caller->address);
	case PARAM_CALLER_DEVICE:
		return text_value(call->caller->device);
	case PARAM_CALLER_SIGNED_IN:
		return signed_in_value(call);
	case PARAM_SET:
		return set_value(call, param->word);
	case PARAM_NEW:
		return new_id_value(call, param->word);
	case PARAM_IF_MATCH:
		return if_match_value(call);
	case PARAM_REQUEST_ID:
		return text_value(call->request->request_id);
	case PARAM_LIMIT:
		return number_value(call->arena, page->limit + 1, false);
	case PARAM_AFTER:
		return text_value(page->after[param->key]);
	default:
		return event_value(call, param->source);
	}
}

bool values_build(struct call *call, const struct plan *plan, bool next, const void *in,
		  const struct page *page, struct values *values)
{
	const struct params *params = next ? &plan->next_params : &plan->params;

	values->count = (int)params->count;
	values->values = arena_alloc(call->arena, params->count * sizeof *values->values);
	values->lengths = arena_alloc(call->arena, params->count * sizeof *values->lengths);
	values->formats = arena_alloc(call->arena, params->count * sizeof *values->formats);
	for (unsigned i = 0; i < params->count; i++) {
		struct value value = param_value(call, &params->items[i], in, page);

		values->values[i] = value.text;
		values->lengths[i] = value.len;
		values->formats[i] = value.format;
	}
	if (arena_overflowed(call->arena))
		return reject(call, TOO_LARGE, "TOO_LARGE",
			      "This is more than one request may hold.");
	return true;
}

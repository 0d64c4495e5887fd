/* Messages as JSON Schema. */
#include <inttypes.h>
#include <string.h>

#include "openapi.h"

#define TYPE(name) GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_##name

json_t *text_of(const char *key, const char *text)
{
	return json_pack("{s:s}", key, text);
}

json_t *schema_ref(const char *name)
{
	return json_pack("{s:o}", "$ref", json_sprintf("#/components/schemas/%s", name));
}

/* ".programs.Membership.Note" is "Membership.Note". */
static const char *without_package(const char *full_name)
{
	return strchr(full_name + 1, '.') + 1;
}

const char *schema_name(const struct message *message)
{
	return without_package(message->full_name);
}

static json_t *string_schema(const struct field *field)
{
	static const struct {
		const char *format, *pattern;
	} looks[] = {
		[ITHACA__FORMAT__UUID] = { "uuid", NULL },
		[ITHACA__FORMAT__INSTANT] = { "date-time", NULL },
		[ITHACA__FORMAT__DATE] = { "date", NULL },
		[ITHACA__FORMAT__TIME] = { NULL, "^([01][0-9]|2[0-3]):[0-5][0-9]$" },
		[ITHACA__FORMAT__ZONE] = { "iana-time-zone", NULL },
		[ITHACA__FORMAT__LOCALE] = { "bcp47", NULL },
		[ITHACA__FORMAT__EMAIL] = { "email", NULL },
		[ITHACA__FORMAT__URL] = { "uri", NULL },
		[ITHACA__FORMAT__SLUG] = { NULL, "^[a-z0-9]+(-[a-z0-9]+)*$" },
		[ITHACA__FORMAT__COUNTRY] = { NULL, "^[A-Z]{2}$" },
		[ITHACA__FORMAT__KEY] = { NULL, "^[!-~]+$" },
		[ITHACA__FORMAT__PASSWORD] = { "password", NULL },
	};
	const Ithaca__Field *rule = &field->rule;
	json_t *schema =
		json_pack("{s:s s:s* s:s*}", "type", "string", "format", looks[rule->format].format,
			  "pattern", looks[rule->format].pattern);

	if (rule->has_min_len)
		json_object_set_new(schema, "minLength", json_integer(rule->min_len));
	if (rule->has_max_len)
		json_object_set_new(schema, "maxLength", json_integer(rule->max_len));
	return schema;
}

static json_t *number_schema(const struct field *field, const char *type)
{
	json_t *schema = text_of("type", type);

	if (field->rule.has_min)
		json_object_set_new(schema, "minimum", json_integer(field->rule.min));
	else if (field->proto->type == TYPE(UINT32))
		json_object_set_new(schema, "minimum", json_integer(0));
	if (field->rule.has_max)
		json_object_set_new(schema, "maximum", json_integer(field->rule.max));
	return schema;
}

/* 64-bit integers travel as texts. */
static json_t *long_schema(const struct field *field)
{
	const char *name = field->proto->type == TYPE(UINT64) ? "uint64" : "int64";
	json_t *schema = json_pack("{s:s s:s s:s}", "type", "string", "format", name, "pattern",
				   field->proto->type == TYPE(UINT64) ? "^[0-9]+$" : "^-?[0-9]+$");

	if (field->rule.has_min)
		json_object_set_new(schema, "x-minimum", json_sprintf("%" PRId64, field->rule.min));
	if (field->rule.has_max)
		json_object_set_new(schema, "x-maximum", json_sprintf("%" PRId64, field->rule.max));
	return schema;
}

static json_t *single_schema(const struct field *field)
{
	if (field->message)
		return schema_ref(schema_name(field->message));
	if (field->enumeration)
		return schema_ref(without_package(field->enumeration->full_name));
	switch (field->proto->type) {
	case TYPE(STRING):
		return string_schema(field);
	case TYPE(BYTES):
		return json_pack("{s:s s:s}", "type", "string", "contentEncoding", "base64");
	case TYPE(BOOL):
		return text_of("type", "boolean");
	case TYPE(DOUBLE):
	case TYPE(FLOAT):
		return number_schema(field, "number");
	case TYPE(INT64):
	case TYPE(UINT64):
	case TYPE(SINT64):
	case TYPE(FIXED64):
	case TYPE(SFIXED64):
		return long_schema(field);
	default:
		return number_schema(field, "integer");
	}
}

/*
 * What is null when absent, as lib/pb_json.h has it; the columns that every resource has are
 * always there.
 */
static bool may_be_null(const struct field *field)
{
	Ithaca__Format format = field->rule.format;

	if (field->repeated ||
	    field->rule.required ||
	    !strcmp(field->name, "id") ||
	    !strcmp(field->name, "created_at") ||
	    !strcmp(field->name, "updated_at"))
		return false;
	return field->message ||
	       field->enumeration ||
	       field->optional ||
	       (field->proto->type == TYPE(STRING) &&
		format != ITHACA__FORMAT__LINE &&
		format != ITHACA__FORMAT__TEXT &&
		format != ITHACA__FORMAT__NAME);
}

static json_t *nullable(json_t *schema)
{
	const char *type = json_string_value(json_object_get(schema, "type"));

	if (!type)
		return json_pack("{s:[o {s:s}]}", "anyOf", schema, "type", "null");
	json_object_set_new(schema, "type", json_pack("[s s]", type, "null"));
	return schema;
}

static json_t *array_schema(const struct field *field)
{
	json_t *schema = json_pack("{s:s s:o}", "type", "array", "items", single_schema(field));

	if (field->rule.has_max_items)
		json_object_set_new(schema, "maxItems", json_integer(field->rule.max_items));
	return schema;
}

json_t *schema_of_field(const struct field *field, bool answered)
{
	json_t *schema = field->repeated ? array_schema(field) : single_schema(field);

	if (answered && may_be_null(field))
		schema = nullable(schema);
	if (*field->place.comment)
		json_object_set_new(schema, "description", json_string(field->place.comment));
	return schema;
}

json_t *schema_of_message(const struct message *message, bool answered,
			  bool (*skip)(const struct rpc *, const struct field *),
			  const struct rpc *rpc)
{
	json_t *properties = json_object(), *required = json_array();
	json_t *schema = json_pack("{s:s s:o}", "type", "object", "properties", properties);

	for (size_t i = 0; i < message->n_fields; i++) {
		const struct field *field = &message->fields[i];

		if (field->rule.internal || (skip && skip(rpc, field)))
			continue;
		json_object_set_new(properties, field->name, schema_of_field(field, answered));
		if (answered || (field->rule.required && !(rpc && rpc->verb == ROUTE_PATCH)))
			json_array_append_new(required, json_string(field->name));
	}
	if (json_array_size(required))
		json_object_set(schema, "required", required);
	json_decref(required);
	if (*message->place.comment)
		json_object_set_new(schema, "description", json_string(message->place.comment));
	return schema;
}

json_t *schema_of_enum(const struct enumeration *enumeration)
{
	struct buf text = { 0 };
	json_t *labels = json_array(), *schema;

	buf_puts(&text, enumeration->place.comment);
	for (size_t i = 0; i < enumeration->proto->n_value; i++) {
		if (!enumeration->proto->value[i]->number)
			continue;
		json_array_append_new(labels, json_string(enumeration->proto->value[i]->name));
		if (*enumeration->comments[i])
			buf_printf(&text, "\n- `%s`: %s", enumeration->proto->value[i]->name,
				   enumeration->comments[i]);
	}
	schema = json_pack("{s:s s:o s:s}", "type", "string", "enum", labels, "description",
			   buf_text(&text));
	buf_free(&text);
	return schema;
}

/*
 * Adds what the message's fields refer to. What is both asked and answered is described as it
 * is answered when `answered` comes first.
 */
static void add_referred(json_t *all, const struct message *message, bool answered)
{
	for (size_t i = 0; i < message->n_fields; i++) {
		const struct field *field = &message->fields[i];

		if (field->rule.internal)
			continue;
		if (field->enumeration)
			json_object_set_new(all, without_package(field->enumeration->full_name),
					    schema_of_enum(field->enumeration));
		if (!field->message || json_object_get(all, schema_name(field->message)))
			continue;
		json_object_set_new(all, schema_name(field->message),
				    schema_of_message(field->message, answered, NULL, NULL));
		add_referred(all, field->message, answered);
	}
}

static void add_asked(json_t *all, const struct model *model)
{
	for (size_t i = 0; i < model->n_rpcs; i++)
		if (model->rpcs[i]->path)
			add_referred(all, model->rpcs[i]->in, false);
}

static bool answers_json(const struct rpc *rpc)
{
	return rpc->path &&
	       rpc->options.body != ITHACA__BODY__FILE &&
	       rpc->options.body != ITHACA__BODY__STREAM &&
	       !message_is_nothing(rpc->out);
}

static void add_answered(json_t *all, const struct model *model)
{
	for (size_t i = 0; i < model->n_rpcs; i++) {
		const struct message *out = model->rpcs[i]->out;

		if (!answers_json(model->rpcs[i]) || json_object_get(all, schema_name(out)))
			continue;
		json_object_set_new(all, schema_name(out),
				    schema_of_message(out, true, NULL, NULL));
		add_referred(all, out, true);
	}
}

json_t *schemas(const struct model *model)
{
	json_t *all = json_object();

	add_asked(all, model);
	add_answered(all, model);
	json_object_set_new(all, "Problem", problem_schema());
	return all;
}

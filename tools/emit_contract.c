/*
 * What spans all services: the tables in one for the gateway, and the contract as JSON for
 * tests and deployment.
 */
#include <string.h>

#include "emit.h"

static bool is_service(const struct folder *folder)
{
	return *folder->name;
}

void emit_contract(struct outputs *outputs)
{
	const struct model *model = outputs->model;
	struct buf *header = output_begin(outputs, "contract.h");
	struct buf *source = output_begin(outputs, "contract.c");

	buf_puts(header, "/* The rpcs of every service, and the document that describes those with "
			 "a route. */\n#pragma once\n\n"
			 "#include \"rpc.h\"\n\n");
	buf_puts(source, "#include \"contract.h\"\n\nconst struct rpc_method *const "
			 "contract_methods[] = {\n");
	for (size_t i = 0; i < model->n_folders; i++) {
		if (!is_service(&model->folders[i]))
			continue;
		buf_printf(header,
			   "extern const struct rpc_method %s_methods[]; /* ended by one without a "
			   "name */\n",
			   model->folders[i].name);
		buf_printf(source, "\t%s_methods,\n", model->folders[i].name);
	}
	buf_puts(header, "\n/* Every table above; NULL-ended. */\nextern const struct rpc_method "
			 "*const contract_methods[];\n"
			 "/* OpenAPI 3.1, as JSON. */\nextern const char contract_openapi[];\n");
	buf_puts(source, "\tNULL,\n};\n");
}

/* NULL is null. */
static void set_text(json_t *object, const char *key, const char *text)
{
	json_object_set_new(object, key, text ? json_string(text) : json_null());
}

static void set_flag(json_t *object, const char *key, bool set)
{
	json_object_set_new(object, key, json_boolean(set));
}

static void set_number(json_t *object, const char *key, bool given, int64_t number)
{
	if (given)
		json_object_set_new(object, key, json_integer(number));
}

static void set_rule(json_t *object, const struct field *field)
{
	const Ithaca__Field *rule = &field->rule;

	set_text(object, "format", format_name(field));
	set_flag(object, "required", rule->required);
	set_flag(object, "secret", rule->secret);
	set_flag(object, "internal", rule->internal);
	set_flag(object, "unlinks", rule->unlinks);
	set_number(object, "min", rule->has_min, rule->min);
	set_number(object, "max", rule->has_max, rule->max);
	set_number(object, "min_len", rule->has_min_len, rule->min_len);
	set_number(object, "max_len", rule->has_max_len, rule->max_len);
	set_number(object, "max_items", rule->has_max_items, rule->max_items);
	if (rule->from)
		set_text(object, "from", rule->from);
}

/* "string", "int64", …, as the .proto says it. */
static const char *type_name(const struct field *field)
{
	static const char *const names[] = { "",	 "double",   "float",	"int64",  "uint64",
					     "int32",	 "fixed64",  "fixed32", "bool",	  "string",
					     "group",	 "message",  "bytes",	"uint32", "enum",
					     "sfixed32", "sfixed64", "sint32",	"sint64" };

	return names[field->proto->type];
}

static json_t *field_json(const struct field *field)
{
	json_t *object = json_object();

	set_text(object, "name", field->name);
	set_text(object, "type", type_name(field));
	set_number(object, "number", true, field->proto->number);
	set_flag(object, "repeated", field->repeated);
	set_flag(object, "optional", field->optional);
	if (field->message)
		set_text(object, "message", field->message->name);
	if (field->enumeration)
		set_text(object, "enum", field->enumeration->full_name + 1);
	set_rule(object, field);
	return object;
}

static json_t *fields_json(const struct message *message)
{
	json_t *fields = json_array();

	for (size_t i = 0; i < message->n_fields; i++)
		json_array_append_new(fields, field_json(&message->fields[i]));
	return fields;
}

static json_t *access_json(const struct rpc *rpc)
{
	json_t *access = json_array();

	for (size_t i = 0; i < rpc->options.n_access; i++)
		json_array_append_new(access, json_string(protobuf_c_enum_descriptor_get_value(
								  &ithaca__who__descriptor,
								  (int)rpc->options.access[i])
								  ->name));
	return access;
}

static json_t *callers_json(const struct rpc *rpc)
{
	json_t *callers = json_array();

	for (size_t i = 0; i < rpc->options.n_callers; i++)
		json_array_append_new(callers, json_string(rpc->options.callers[i]));
	return callers;
}

/* How a call of the rpc is treated. */
static void set_treatment(json_t *object, const struct rpc *rpc)
{
	const Ithaca__Rpc *options = &rpc->options;

	set_flag(object, "reads", rpc_reads(rpc));
	set_flag(object, "one_statement", rpc_has_one_statement(rpc));
	set_flag(object, "if_match", options->if_match);
	set_flag(object, "fresh", options->fresh);
	set_flag(object, "before_policies", options->before_policies);
	set_text(object, "idempotency",
		 ithaca__idempotency__descriptor.values[options->idempotency].name);
	set_text(object, "rate", ithaca__rate__descriptor.values[options->rate].name);
	set_text(object, "body", ithaca__body__descriptor.values[options->body].name);
	set_number(object, "status", true, rpc_status(rpc));
}

static json_t *rpc_json(const struct rpc *rpc)
{
	json_t *object = json_object();

	set_text(object, "service", rpc->service);
	set_text(object, "resource", rpc->resource);
	set_text(object, "name", rpc->name);
	set_text(object, "file", rpc->place.file->name);
	set_text(object, "verb", rpc->path ? verb_name(rpc->verb) : NULL);
	set_text(object, "path", rpc->path);
	json_object_set_new(object, "access", access_json(rpc));
	json_object_set_new(object, "callers", callers_json(rpc));
	set_text(object, "on", rpc->options.on);
	set_flag(object, "timer", rpc->options.timer);
	set_treatment(object, rpc);
	set_text(object, "in", rpc->in->name);
	set_text(object, "out", rpc->out->name);
	set_text(object, "statement", rpc->statement ? rpc->statement->name : NULL);
	json_object_set_new(object, "fields", fields_json(rpc->in));
	return object;
}

static json_t *consumers_json(const struct model *model, const struct message *event)
{
	json_t *consumers = json_array();

	for (size_t i = 0; i < model->n_rpcs; i++)
		if (model->rpcs[i]->event == event)
			json_array_append_new(consumers, json_string(model->rpcs[i]->service));
	return consumers;
}

static json_t *event_json(const struct model *model, const struct message *event)
{
	json_t *object = json_object();

	set_text(object, "producer", event->place.file->folder);
	set_text(object, "name", event->name);
	set_text(object, "of", event->of ? event->of->name : NULL);
	json_object_set_new(object, "consumers", consumers_json(model, event));
	json_object_set_new(object, "fields", fields_json(event));
	return object;
}

static json_t *statement_json(const struct folder *folder, const struct statement *statement)
{
	json_t *object = json_object();

	set_text(object, "service", folder->name);
	set_text(object, "name", statement->name);
	set_text(object, "in", statement->in);
	set_text(object, "kind", statement_kind_name(statement->kind));
	set_text(object, "out", statement->out);
	set_text(object, "file", statement->file);
	set_number(object, "line", true, statement->line);
	return object;
}

static json_t *labels_json(const struct enumeration *enumeration)
{
	json_t *labels = json_array();

	for (size_t i = 0; i < enumeration->proto->n_value; i++)
		if (enumeration->proto->value[i]->number)
			json_array_append_new(labels,
					      json_string(enumeration->proto->value[i]->name));
	return labels;
}

static json_t *messages_json(const struct model *model)
{
	json_t *messages = json_object();

	for (size_t i = 0; i < model->n_messages; i++)
		if (file_has_types(model->messages[i]->place.file))
			json_object_set_new(messages, model->messages[i]->name,
					    fields_json(model->messages[i]));
	return messages;
}

static json_t *enums_json(const struct model *model)
{
	json_t *enums = json_object();

	for (size_t i = 0; i < model->n_enums; i++)
		if (file_has_types(model->enums[i]->place.file))
			json_object_set_new(enums, model->enums[i]->full_name + 1,
					    labels_json(model->enums[i]));
	return enums;
}

static json_t *statements_json(const struct model *model)
{
	json_t *statements = json_array();

	for (size_t i = 0; i < model->n_folders; i++)
		for (size_t k = 0; k < model->folders[i].n_statements; k++)
			json_array_append_new(statements,
					      statement_json(&model->folders[i],
							     model->folders[i].statements[k]));
	return statements;
}

void emit_contract_json(struct outputs *outputs)
{
	const struct model *model = outputs->model;
	json_t *rpcs = json_array(), *events = json_array();

	for (size_t i = 0; i < model->n_rpcs; i++)
		json_array_append_new(rpcs, rpc_json(model->rpcs[i]));
	for (size_t i = 0; i < model->n_messages; i++)
		if (model->messages[i]->is_event)
			json_array_append_new(events, event_json(model, model->messages[i]));
	output_json(output_begin(outputs, "contract.json"),
		    json_pack("{s:o s:o s:o s:o s:o}", "rpcs", rpcs, "events", events, "statements",
			      statements_json(model), "messages", messages_json(model), "enums",
			      enums_json(model)));
}

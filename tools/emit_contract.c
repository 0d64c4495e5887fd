/* What spans all services: the tables in one for the gateway, and the contract as JSON for tests and deployment. */
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

	buf_puts(header, "/* The rpcs of every service, and the document that describes those with a route. */\n#pragma once\n\n"
			 "#include \"rpc.h\"\n\n");
	buf_puts(source, "#include \"contract.h\"\n\nconst struct rpc_method *const contract_methods[] = {\n");
	for (size_t i = 0; i < model->n_folders; i++) {
		if (!is_service(&model->folders[i]))
			continue;
		buf_printf(header, "extern const struct rpc_method %s_methods[]; /* ended by one without a name */\n",
			   model->folders[i].name);
		buf_printf(source, "\t%s_methods,\n", model->folders[i].name);
	}
	buf_puts(header, "\n/* Every table above; NULL-ended. */\nextern const struct rpc_method *const contract_methods[];\n"
			 "/* OpenAPI 3.1, as JSON. */\nextern const char contract_openapi[];\n");
	buf_puts(source, "\tNULL,\n};\n");
}

static json_t *optional_number(bool given, int64_t number)
{
	return given ? json_integer(number) : NULL;
}

static json_t *rule_json(const struct field *field)
{
	const Ithaca__Field *rule = &field->rule;

	return json_pack("{s:s s:i s:b s:b s:b s:b s:b s:s s:o* s:o* s:o* s:o* s:o* s:s* s:s* s:s*}",
		"name", field->name, "number", (int)field->proto->number, "repeated", field->repeated, "optional", field->optional,
		"required", rule->required, "secret", rule->secret, "internal", rule->internal, "format", format_name(field),
		"min", optional_number(rule->has_min, rule->min), "max", optional_number(rule->has_max, rule->max),
		"min_len", optional_number(rule->has_min_len, rule->min_len), "max_len", optional_number(rule->has_max_len, rule->max_len),
		"max_items", optional_number(rule->has_max_items, rule->max_items), "from", rule->from,
		"message", field->message ? field->message->name : NULL,
		"enum", field->enumeration ? field->enumeration->full_name + 1 : NULL);
}

/* "string", "int64", …, as the .proto says it. */
static const char *type_name(const struct field *field)
{
	static const char *const names[] = { "", "double", "float", "int64", "uint64", "int32", "fixed64", "fixed32", "bool", "string",
		"group", "message", "bytes", "uint32", "enum", "sfixed32", "sfixed64", "sint32", "sint64" };

	return names[field->proto->type];
}

static json_t *fields_json(const struct message *message)
{
	json_t *fields = json_array();

	for (size_t i = 0; i < message->n_fields; i++) {
		json_t *field = rule_json(&message->fields[i]);

		json_object_set_new(field, "type", json_string(type_name(&message->fields[i])));
		json_array_append_new(fields, field);
	}
	return fields;
}

static json_t *access_json(const struct rpc *rpc)
{
	json_t *access = json_array();

	for (size_t i = 0; i < rpc->options.n_access; i++)
		json_array_append_new(access, json_string(protobuf_c_enum_descriptor_get_value(&ithaca__who__descriptor,
			(int)rpc->options.access[i])->name));
	return access;
}

static json_t *callers_json(const struct rpc *rpc)
{
	json_t *callers = json_array();

	for (size_t i = 0; i < rpc->options.n_callers; i++)
		json_array_append_new(callers, json_string(rpc->options.callers[i]));
	return callers;
}

static json_t *rpc_json(const struct rpc *rpc)
{
	const Ithaca__Rpc *options = &rpc->options;

	return json_pack("{s:s s:s s:s? s:s? s:o s:o s:s? s:b s:b s:b s:b s:b s:b s:s s:s s:s s:i s:s s:s s:s? s:s s:s s:o}",
		"service", rpc->service, "name", rpc->name, "verb", rpc->path ? verb_name(rpc->verb) : NULL, "path", rpc->path,
		"access", access_json(rpc), "callers", callers_json(rpc), "on", options->on, "timer", options->timer,
		"reads", rpc_reads(rpc), "one_statement", rpc_has_one_statement(rpc), "if_match", options->if_match,
		"fresh", options->fresh, "before_policies", options->before_policies,
		"idempotency", ithaca__idempotency__descriptor.values[options->idempotency].name,
		"rate", ithaca__rate__descriptor.values[options->rate].name,
		"body", ithaca__body__descriptor.values[options->body].name, "status", (int)rpc_status(rpc), "in", rpc->in->name,
		"out", rpc->out->name, "statement", rpc->statement ? rpc->statement->name : NULL, "resource", rpc->resource,
		"file", rpc->place.file->name, "fields", fields_json(rpc->in));
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
	return json_pack("{s:s s:s s:s? s:o s:o}", "producer", event->place.file->folder, "name", event->name,
		"of", event->of ? event->of->name : NULL, "consumers", consumers_json(model, event), "fields", fields_json(event));
}

static json_t *statement_json(const struct folder *folder, const struct statement *statement)
{
	return json_pack("{s:s s:s s:s? s:s s:s? s:s s:i}", "service", folder->name, "name", statement->name, "in", statement->in,
		"kind", statement_kind_name(statement->kind), "out", statement->out, "file", statement->file,
		"line", (int)statement->line);
}

static json_t *labels_json(const struct enumeration *enumeration)
{
	json_t *labels = json_array();

	for (size_t i = 0; i < enumeration->proto->n_value; i++)
		if (enumeration->proto->value[i]->number)
			json_array_append_new(labels, json_string(enumeration->proto->value[i]->name));
	return labels;
}

static json_t *messages_json(const struct model *model)
{
	json_t *messages = json_object();

	for (size_t i = 0; i < model->n_messages; i++)
		if (file_has_types(model->messages[i]->place.file))
			json_object_set_new(messages, model->messages[i]->name, fields_json(model->messages[i]));
	return messages;
}

static json_t *enums_json(const struct model *model)
{
	json_t *enums = json_object();

	for (size_t i = 0; i < model->n_enums; i++)
		if (file_has_types(model->enums[i]->place.file))
			json_object_set_new(enums, model->enums[i]->full_name + 1, labels_json(model->enums[i]));
	return enums;
}

static json_t *statements_json(const struct model *model)
{
	json_t *statements = json_array();

	for (size_t i = 0; i < model->n_folders; i++)
		for (size_t k = 0; k < model->folders[i].n_statements; k++)
			json_array_append_new(statements, statement_json(&model->folders[i], model->folders[i].statements[k]));
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
	output_json(output_begin(outputs, "contract.json"), json_pack("{s:o s:o s:o s:o s:o}", "rpcs", rpcs, "events", events,
		"statements", statements_json(model), "messages", messages_json(model), "enums", enums_json(model)));
}

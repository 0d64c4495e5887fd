/*
 * What a service links: its rpc table, its handlers, what it publishes, whom it may ask, and
 * the header over it all.
 */
#include <string.h>

#include "emit.h"
#include "names.h"

static bool of_folder(const struct rpc *rpc, const struct folder *folder)
{
	return !strcmp(rpc->service, folder->name);
}

static void put_flag(struct buf *out, const char *name, bool set)
{
	if (set)
		buf_printf(out, "\t\t.%s = true,\n", name);
}

static void put_access(struct buf *out, const struct rpc *rpc)
{
	for (size_t i = 0; i < rpc->options.n_access; i++)
		buf_printf(out, "%sWHO(WHO_%s)", i ? " | " : "\t\t.access = ",
			   protobuf_c_enum_descriptor_get_value(&ithaca__who__descriptor,
								(int)rpc->options.access[i])
				   ->name);
	buf_puts(out, rpc->options.n_access ? ",\n" : "");
}

static void put_callers(struct buf *out, const struct rpc *rpc)
{
	if (!rpc->options.n_callers)
		return;
	buf_puts(out, "\t\t.callers = (const char *const[]){ ");
	for (size_t i = 0; i < rpc->options.n_callers; i++)
		buf_printf(out, "\"%s\", ", rpc->options.callers[i]);
	buf_puts(out, "NULL },\n");
}

static const char *rate_name(const struct rpc *rpc)
{
	if (rpc->options.rate == ITHACA__RATE__AUTH)
		return "AUTH";
	if (rpc->options.rate == ITHACA__RATE__HEAVY)
		return "HEAVY";
	return rpc_reads(rpc) ? "READ" : "WRITE";
}

static void put_kind(struct buf *out, const struct rpc *rpc)
{
	const Ithaca__Rpc *options = &rpc->options;

	put_flag(out, "timer", options->timer);
	put_flag(out, "reads", rpc_reads(rpc));
	put_flag(out, "one_statement", rpc_has_one_statement(rpc));
	put_flag(out, "if_match", options->if_match);
	put_flag(out, "fresh", options->fresh);
	put_flag(out, "before_policies", options->before_policies);
	put_flag(out, "anonymous", options->anonymous);
	buf_printf(out,
		   "\t\t.idempotency = IDEMPOTENCY_%s,\n\t\t.rate = RATE_%s,\n\t\t.body = "
		   "BODY_%s,\n\t\t.status = %u,\n",
		   ithaca__idempotency__descriptor.values[options->idempotency].name,
		   rate_name(rpc), ithaca__body__descriptor.values[options->body].name,
		   rpc_status(rpc));
}

static void put_method(struct buf *out, const struct rpc *rpc)
{
	buf_printf(out, "\t{\n\t\t.service = \"%s\",\n\t\t.name = \"%s\",\n\t\t.verb = VERB_%s,\n",
		   rpc->service, rpc->name, verb_name(rpc->verb));
	if (rpc->path)
		buf_printf(out, "\t\t.path = \"%s\",\n", rpc->path);
	put_access(out, rpc);
	put_callers(out, rpc);
	if (rpc->options.on)
		buf_printf(out, "\t\t.on = \"%s\",\n", rpc->options.on);
	put_kind(out, rpc);
	buf_printf(out, "\t\t.in = &%s_type,\n\t\t.out = &%s_type,\n\t},\n", rpc->in->snake,
		   rpc->out->snake);
}

void emit_methods(struct outputs *outputs, const struct folder *folder)
{
	const struct model *model = outputs->model;
	const char *name = folder->name;
	struct buf *out = output_begin(outputs, "%s/%s.methods.c", name, name);

	buf_printf(out,
		   "#include \"%s/%s.types.h\"\n#include \"contract.h\"\n\nconst struct rpc_method "
		   "%s_methods[] = {\n",
		   name, name, name);
	for (size_t i = 0; i < model->n_rpcs; i++)
		if (of_folder(model->rpcs[i], folder))
			put_method(out, model->rpcs[i]);
	buf_puts(out, "\t{ .name = NULL },\n};\n");
}

/* The prototype of a handler or a client: what answers nothing takes no response. */
static void put_prototype(struct buf *out, const char *prefix, const struct rpc *rpc,
			  const char *in, const char *response)
{
	buf_printf(out, "bool %s%s(struct call *call, const %s *%s", prefix, rpc->snake,
		   rpc->in->name, in);
	if (message_is_nothing(rpc->out))
		buf_puts(out, ")");
	else
		buf_printf(out, ", %s *%s)", rpc->out->name, response);
}

static void put_trampoline(struct buf *out, const struct rpc *rpc)
{
	bool nothing = message_is_nothing(rpc->out);

	buf_printf(out,
		   "static bool run_%s(struct call *call, const void *in, void "
		   "*out)\n{\n%s\treturn %s(call, in%s);\n}\n\n",
		   rpc->snake, nothing ? "\t(void)out;\n" : "", rpc->snake, nothing ? "" : ", out");
}

void emit_handlers(struct outputs *outputs, const struct folder *folder)
{
	const struct model *model = outputs->model;
	const char *name = folder->name;
	struct buf *out = output_begin(outputs, "%s/%s.handlers.c", name, name);

	buf_printf(out, "#include \"%s/%s.h\"\n\n", name, name);
	for (size_t i = 0; i < model->n_rpcs; i++)
		if (of_folder(model->rpcs[i], folder))
			put_trampoline(out, model->rpcs[i]);
	buf_printf(out, "rpc_handler *const %s_handlers[] = {\n", name);
	for (size_t i = 0; i < model->n_rpcs; i++)
		if (of_folder(model->rpcs[i], folder))
			buf_printf(out, "\trun_%s,\n", model->rpcs[i]->snake);
	buf_puts(out, "\tNULL,\n};\n");
}

static const struct message *event_source(const struct message *event)
{
	return event->of ? event->of : event;
}

static void put_event(struct buf *out, const struct message *event, const struct folder *folder)
{
	buf_printf(out,
		   "\nstatic const struct event_type %s_event = {\n\t.producer = \"%s\",\n\t.name "
		   "= \"%s\",\n\t.type = &%s_type,\n",
		   event->snake, folder->name, event->name, event->snake);
	if (event->of)
		buf_printf(out, "\t.of = &%s_type,\n", event->of->snake);
	buf_printf(out,
		   "};\n\nbool publish_%s(struct call *call, const %s *of)\n{\n\treturn "
		   "event_publish(call, &%s_event, of);\n}\n",
		   event->snake, event_source(event)->name, event->snake);
}

void emit_events(struct outputs *outputs, const struct folder *folder)
{
	const struct model *model = outputs->model;
	struct buf *out = output_begin(outputs, "%s/%s.events.c", folder->name, folder->name);

	buf_printf(out, "#include \"%s/%s.h\"\n", folder->name, folder->name);
	for (size_t i = 0; i < model->n_messages; i++)
		if (model->messages[i]->is_event && message_in_folder(model->messages[i], folder))
			put_event(out, model->messages[i], folder);
}

/* Where the rpc stands in its service's table. */
static unsigned rpc_index(const struct model *model, const struct rpc *rpc)
{
	unsigned index = 0;

	for (size_t i = 0; model->rpcs[i] != rpc; i++)
		index += !strcmp(model->rpcs[i]->service, rpc->service);
	return index;
}

static void put_client(struct buf *out, const struct model *model, const struct rpc *rpc)
{
	bool nothing = message_is_nothing(rpc->out);

	buf_puts(out, "\n");
	put_prototype(out, arena_printf(model->arena, "%s_", rpc->service), rpc, "request",
		      "response");
	buf_printf(out, "\n{\n%s\treturn rpc_call(call, &%s_methods[%u], request, %s);\n}\n",
		   nothing ? "\tNothing response = NOTHING__INIT;\n\n" : "", rpc->service,
		   rpc_index(model, rpc), nothing ? "&response" : "response");
}

void emit_clients(struct outputs *outputs, const struct folder *folder)
{
	const struct model *model = outputs->model;
	struct buf *out = output_begin(outputs, "%s/%s.clients.c", folder->name, folder->name);

	buf_printf(out, "#include \"%s/%s.h\"\n", folder->name, folder->name);
	for (size_t i = 0; i < model->n_rpcs; i++)
		if (rpc_is_called_by(model->rpcs[i], folder->name))
			put_client(out, model, model->rpcs[i]);
}

/* The types of other services whose rpcs this one may ask. */
static void put_target_includes(struct buf *out, const struct model *model,
				const struct folder *folder)
{
	for (size_t i = 0; i < model->n_folders; i++) {
		const struct folder *target = &model->folders[i];
		bool asked = false;

		for (size_t k = 0; k < model->n_rpcs; k++)
			asked |= of_folder(model->rpcs[k], target) &&
				 rpc_is_called_by(model->rpcs[k], folder->name);
		if (asked)
			buf_printf(out, "#include \"%s/%s.types.h\"\n", target->name, target->name);
	}
}

/* A comment of the contract in C, whatever it says. */
static void put_comment(struct buf *out, const char *comment)
{
	buf_puts(out, "\n/* ");
	for (; *comment; comment++) {
		if (comment[0] == '\n')
			buf_puts(out, "\n * ");
		else if (comment[0] == '*' && comment[1] == '/')
			buf_puts(out, "* ");
		else
			buf_putc(out, *comment);
	}
	buf_puts(out, " */\n");
}

static void put_handler_prototypes(struct buf *out, const struct model *model,
				   const struct folder *folder)
{
	buf_puts(out, "\n/* The handlers: written in C, or as a statement of the same name. */\n");
	for (size_t i = 0; i < model->n_rpcs; i++) {
		if (!of_folder(model->rpcs[i], folder))
			continue;
		put_comment(out, model->rpcs[i]->place.comment);
		put_prototype(out, "", model->rpcs[i], "req", "response");
		buf_puts(out, " must_check;\n");
	}
}

static void put_client_prototypes(struct buf *out, const struct model *model,
				  const struct folder *folder)
{
	buf_puts(out, "\n/* Asks other services on behalf of this call. Sleeps. */\n");
	for (size_t i = 0; i < model->n_rpcs; i++) {
		if (!rpc_is_called_by(model->rpcs[i], folder->name))
			continue;
		put_prototype(out, arena_printf(model->arena, "%s_", model->rpcs[i]->service),
			      model->rpcs[i], "request", "response");
		buf_puts(out, " must_check;\n");
	}
}

static void put_publish_prototypes(struct buf *out, const struct model *model,
				   const struct folder *folder)
{
	buf_puts(out, "\n/* Adds an event to the call's transaction, filled from the message's "
		      "fields of the same names. */\n");
	for (size_t i = 0; i < model->n_messages; i++) {
		const struct message *event = model->messages[i];

		if (event->is_event && message_in_folder(event, folder))
			buf_printf(out,
				   "bool publish_%s(struct call *call, const %s *of) must_check;\n",
				   event->snake, event_source(event)->name);
	}
}

void emit_service_header(struct outputs *outputs, const struct folder *folder)
{
	const struct model *model = outputs->model;
	const char *name = folder->name;
	struct buf *out = output_begin(outputs, "%s/%s.h", name, name);

	buf_printf(out,
		   "/* All that the code of %s needs: its messages, handlers, statements, events, "
		   "and whom it may ask. */\n"
		   "#pragma once\n\n#include \"call.h\"\n#include \"contract.h\"\n#include "
		   "\"event.h\"\n#include \"rpc.h\"\n"
		   "#include \"service.h\"\n#include \"sql.h\"\n\n#include \"%s/%s.types.h\"\n",
		   name, name, name);
	put_target_includes(out, model, folder);
	if (folder_has_handlers(folder)) {
		buf_printf(out,
			   "#include \"%s/%s.sql.h\"\n\nextern rpc_handler *const %s_handlers[];\n",
			   name, name, name);
		put_handler_prototypes(out, model, folder);
		put_publish_prototypes(out, model, folder);
	}
	put_client_prototypes(out, model, folder);
}

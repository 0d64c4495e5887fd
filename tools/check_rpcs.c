/* What an rpc may say of itself. */
#include <string.h>

#include "check.h"

static int count_routes(const Ithaca__Rpc *options)
{
	return !!options->get +
	       !!options->post +
	       !!options->put +
	       !!options->patch +
	       !!options->delete_;
}

/* Run by the service itself; others have no name for it. */
static bool is_private(const struct rpc *rpc)
{
	return rpc->options.on || rpc->options.timer;
}

static bool are_twins(const struct rpc *a, const struct rpc *b)
{
	if (strcmp(a->name, b->name))
		return false;
	return !strcmp(a->service, b->service) || !is_private(a) || !is_private(b);
}

static void check_twin(struct model *model, size_t index)
{
	const struct rpc *rpc = model->rpcs[index];

	for (size_t i = 0; i < index; i++)
		if (are_twins(model->rpcs[i], rpc))
			complain(model, &rpc->place,
				 "rpc %s is already at proto/%s:%u: names are unique in the "
				 "system, name one otherwise",
				 rpc->name, model->rpcs[i]->place.file->name,
				 model->rpcs[i]->place.line);
}

/* A handler is a C function of the rpc's name. */
static void check_word(struct model *model, const struct rpc *rpc)
{
	static const char *const words[] = {
		"auto",	   "break",  "case",	 "char",   "const",    "continue", "default",
		"do",	   "double", "else",	 "enum",   "extern",   "float",	   "for",
		"goto",	   "if",     "inline",	 "int",	   "long",     "register", "restrict",
		"return",  "short",  "signed",	 "sizeof", "static",   "struct",   "switch",
		"typedef", "union",  "unsigned", "void",   "volatile", "while",	   "main"
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(words[i], rpc->snake))
			complain(model, &rpc->place,
				 "rpc %s would be the C function %s, which is a word of C: add a "
				 "noun to its name",
				 rpc->name, rpc->snake);
}

/* Who may call must be said, once. */
static void check_way_in(struct model *model, const struct rpc *rpc)
{
	const Ithaca__Rpc *options = &rpc->options;
	int ways =
		!!count_routes(options) + !!options->n_callers + !!options->on + !!options->timer;

	if (!ways)
		complain(model, &rpc->place,
			 "nobody can call rpc %s: give it a route with access, or callers, or on, "
			 "or timer",
			 rpc->name);
	if (ways > 1)
		complain(model, &rpc->place,
			 "rpc %s has more than one way in: a route, callers, on and timer exclude "
			 "each other",
			 rpc->name);
	if (count_routes(options) > 1)
		complain(model, &rpc->place, "rpc %s has more than one route: make an rpc of each",
			 rpc->name);
	if (rpc->path && !options->n_access)
		complain(model, &rpc->place,
			 "rpc %s does not say who may call: write `access: [SIGNED_IN]` or whoever "
			 "it is for",
			 rpc->name);
	if (!rpc->path && options->n_access)
		complain(model, &rpc->place,
			 "rpc %s has access but no route: services are let in by callers",
			 rpc->name);
}

static void check_callers(struct model *model, const struct rpc *rpc)
{
	for (size_t i = 0; i < rpc->options.n_callers; i++)
		if (!model_has_service(model, rpc->options.callers[i]))
			complain(model, &rpc->place,
				 "caller %s of rpc %s is no service: there is neither proto/%s nor "
				 "services/%s",
				 rpc->options.callers[i], rpc->name, rpc->options.callers[i],
				 rpc->options.callers[i]);
}

static void check_get(struct model *model, const struct rpc *rpc)
{
	const Ithaca__Rpc *options = &rpc->options;

	if (rpc->verb != ROUTE_GET)
		return;
	if (options->has_idempotency ||
	    options->if_match ||
	    options->one_statement ||
	    options->on ||
	    options->timer)
		complain(model, &rpc->place,
			 "rpc %s is a GET and changes nothing: remove idempotency, if_match, "
			 "one_statement, on and timer, "
			 "or make it a post",
			 rpc->name);
}

static bool is_good_path(const char *path)
{
	return *path == '/' &&
	       strspn(path, "abcdefghijklmnopqrstuvwxyz0123456789_-/.{}") == strlen(path) &&
	       !strstr(path, "//") &&
	       path[strlen(path) - 1] != '/';
}

static void check_path(struct model *model, const struct rpc *rpc)
{
	const char *path = rpc->path, *name;
	size_t len;

	if (path && !is_good_path(path))
		complain(model, &rpc->place,
			 "path %s must begin with a slash, hold lower-case words, and not end with "
			 "a slash",
			 path);
	while (path && (name = path_parameter(&path, &len))) {
		const struct field *field = message_field(rpc->in, name, len);

		if (!field)
			complain(model, &rpc->place,
				 "path parameter {%.*s} has no field in %s: add it or rename the "
				 "parameter",
				 (int)len, name, rpc->in->name);
		else if (field->message || field->repeated)
			complain(model, &rpc->place,
				 "path parameter {%.*s} must be a single text or number in %s",
				 (int)len, name, rpc->in->name);
	}
}

/* What stands in the address is text: only single values fit. */
static void check_query(struct model *model, const struct rpc *rpc)
{
	if (rpc->verb != ROUTE_GET && rpc->verb != ROUTE_DELETE)
		return;
	for (size_t i = 0; i < rpc->in->n_fields; i++)
		if (rpc->in->fields[i].message && !rpc->in->fields[i].rule.internal)
			complain(model, &rpc->in->fields[i].place,
				 "field %s cannot stand in a query: %s %s takes single values only",
				 rpc->in->fields[i].name, rpc->verb == ROUTE_GET ? "GET" : "DELETE",
				 rpc->name);
}

static bool has_field(const struct message *message, const char *name)
{
	return message_field(message, name, strlen(name));
}

static void check_body(struct model *model, const struct rpc *rpc)
{
	if (rpc->options.body == ITHACA__BODY__UPLOAD && !has_field(rpc->in, "upload_id"))
		complain(model, &rpc->place,
			 "rpc %s takes an upload: %s needs the fields upload_id and content_type",
			 rpc->name, rpc->in->name);
	if (rpc->options.body == ITHACA__BODY__FILE &&
	    !(has_field(rpc->out, "content_type") && has_field(rpc->out, "content")))
		complain(model, &rpc->place,
			 "rpc %s answers a file: %s needs the fields content_type and content",
			 rpc->name, rpc->out->name);
}

static void check_event_consumer(struct model *model, const struct rpc *rpc)
{
	if (!rpc->options.on)
		return;
	if (!rpc->event || !rpc->event->is_event)
		complain(model, &rpc->place,
			 "rpc %s is on %s, which is no event: write \"service.Event\", marked "
			 "(ithaca.event)",
			 rpc->name, rpc->options.on);
	else if (rpc->in != rpc->event || !message_is_nothing(rpc->out))
		complain(model, &rpc->place, "rpc %s must take %s and return ithaca.Nothing",
			 rpc->name, rpc->options.on);
}

static void check_timer(struct model *model, const struct rpc *rpc)
{
	if (rpc->options.timer &&
	    (strcmp(rpc->in->full_name, ".ithaca.Id") || !message_is_nothing(rpc->out)))
		complain(model, &rpc->place,
			 "rpc %s is a timer and must take ithaca.Id and return ithaca.Nothing",
			 rpc->name);
}

/* A part of a composed answer comes from a public rpc that answers just that message. */
static void check_part(struct model *model, const struct field *field)
{
	const char *from = field->rule.from;
	const char *dot = strchr(from, '.');
	const struct rpc *part = dot ? model_rpc(model, from, (size_t)(dot - from), dot + 1) : NULL;

	if (!part)
		complain(model, &field->place,
			 "field %s is from %s, which is no rpc: write \"service.Rpc\"", field->name,
			 from);
	else if (field->message != part->out)
		complain(model, &field->place, "field %s is from %s and must be a %s", field->name,
			 from, part->out->name);
}

static void check_parts(struct model *model, const struct message *message)
{
	for (size_t i = 0; i < message->n_fields; i++)
		if (message->fields[i].rule.from)
			check_part(model, &message->fields[i]);
}

static void check_rpc(struct model *model, size_t index)
{
	const struct rpc *rpc = model->rpcs[index];

	if (!*rpc->place.comment)
		complain(model, &rpc->place, "rpc %s has no comment: say above it what it does",
			 rpc->name);
	check_twin(model, index);
	check_word(model, rpc);
	check_way_in(model, rpc);
	check_callers(model, rpc);
	check_get(model, rpc);
	check_path(model, rpc);
	check_query(model, rpc);
	check_body(model, rpc);
	check_event_consumer(model, rpc);
	check_timer(model, rpc);
}

/* protobuf-c makes a C type of every proto service, and the API reference a chapter. */
static void check_resource(struct model *model, size_t index)
{
	const struct resource *resource = &model->resources[index];

	for (size_t i = 0; i < index; i++)
		if (!strcmp(model->resources[i].name, resource->name))
			complain(model, &resource->place,
				 "service %s is already at proto/%s:%u: names are unique in the "
				 "system, name one otherwise",
				 resource->name, model->resources[i].place.file->name,
				 model->resources[i].place.line);
}

void check_rpcs(struct model *model)
{
	for (size_t i = 0; i < model->n_resources; i++)
		check_resource(model, i);
	for (size_t i = 0; i < model->n_rpcs; i++)
		check_rpc(model, i);
	for (size_t i = 0; i < model->n_messages; i++)
		check_parts(model, model->messages[i]);
}

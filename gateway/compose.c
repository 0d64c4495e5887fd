/* Composition. */
#include "compose.h"

#include "answer.h"
#include "content.h"
#include "gateway.h"
#include "refuse.h"
#include "route.h"
#include "task.h"
#include "upstream.h"

/* The rpc that "programs.ListMyMemberships" names. */
static const struct rpc_method *source_of(const struct gateway *gateway, const char *from)
{
	char service[64];
	size_t len = strcspn(from, ".");

	if (len >= sizeof service || !from[len])
		return NULL;
	memcpy(service, from, len);
	service[len] = 0;
	return upstream_method(gateway, service, from + len + 1);
}

static void ask_part(void *arg)
{
	struct part *part = arg;
	struct request *request = part->request;
	RpcRequest rpc = RPC_REQUEST__INIT;
	enum upstream_failure why;
	RpcResponse *response;

	rpc.body.data = pb_pack(request->arena, part->in, &rpc.body.len);
	response = upstream_ask(request, part->method, &rpc,
				uv_now(request->gateway->process.loop) + PART_DEADLINE_MS, &why);
	if (response && !response->problem)
		part->answer = pb_unpack(request->arena, part->method->out, response->body.data,
					 response->body.len);
	if (!--*part->left)
		task_wake(part->asker);
}

void compose_ask(struct request *request, struct part *parts, unsigned count)
{
	unsigned left = count;

	for (unsigned i = 0; i < count; i++) {
		parts[i].request = request;
		parts[i].left = &left;
		parts[i].asker = task_current();
		if (!task_spawn(request->gateway->process.loop, ask_part, &parts[i]))
			left--;
	}
	while (left)
		task_park();
}

void compose_name_missing(struct request *request, void *message, const char *name)
{
	const struct pb_type *type = request->route->method->out;
	int partial = pb_find(type, "partial", 7);

	if (partial >= 0)
		*(char **)pb_append(request->arena, message, &type->descriptor->fields[partial]) =
			arena_strdup(request->arena, name);
}

bool compose_answer(struct request *request, const void *message)
{
	if (!pb_json_write_message(&request->answer.body, request->route->method->out, message))
		return refuse(request, ERROR_INTERNAL, NULL);
	answer_json(request, 200);
	answer_tag(request, 0);
	return true;
}

static struct part part_of(struct request *request, unsigned field)
{
	const struct pb_type *type = request->route->method->out;
	const struct rpc_method *method = source_of(request->gateway, type->rules[field].from);

	return (struct part) {
		.method = method,
		.in = pb_new(request->arena, method->in),
		.name = type->descriptor->fields[field].name,
	};
}

bool compose(struct request *request)
{
	const struct pb_type *type = request->route->method->out;
	struct part *parts =
		arena_alloc(request->arena, type->descriptor->n_fields * sizeof *parts);
	void *message = pb_new(request->arena, type);
	struct name_list set = { 0 };
	unsigned count = 0;

	if (!content_read(request, pb_new(request->arena, request->route->method->in), &set))
		return false;
	for (unsigned i = 0; i < type->descriptor->n_fields; i++)
		if (type->rules[i].from)
			parts[count++] = part_of(request, i);
	compose_ask(request, parts, count);
	for (unsigned i = 0; i < count; i++) {
		int field = pb_find(type, parts[i].name, strlen(parts[i].name));

		if (parts[i].answer)
			*(void **)pb_at(message, &type->descriptor->fields[field]) =
				parts[i].answer;
		else
			compose_name_missing(request, message, parts[i].name);
	}
	return compose_answer(request, message);
}

void compose_check(const struct gateway *gateway, struct buf *complaints)
{
	for (const struct rpc_method *const *table = gateway->tables; *table; table++)
		for (const struct rpc_method *m = *table; m->name; m++)
			for (unsigned i = 0; i < m->out->descriptor->n_fields; i++) {
				const char *from = m->out->rules[i].from;
				const struct rpc_method *source =
					from ? source_of(gateway, from) : NULL;

				if (from &&
				    (!source ||
				     !m->out->children[i] ||
				     source->out->descriptor != m->out->children[i]->descriptor))
					buf_printf(complaints,
						   "%s.%s: %s is no rpc that answers with what the "
						   "field holds\n",
						   m->service, m->name, from);
			}
}

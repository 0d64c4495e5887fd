/* The dead letter office. */
#include "letters.h"

#include <stdlib.h>

#include "common.pb-c.h"
#include "compose.h"
#include "content.h"
#include "forward.h"
#include "gateway.h"
#include "refuse.h"
#include "route.h"
#include "rpc_own.h"
#include "upstream.h"

static bool is_service(const struct gateway *gateway, const char *name)
{
	const struct upstream *upstream = gateway->upstreams;

	while (upstream->name && strcmp(upstream->name, name))
		upstream++;
	return upstream->name && strcmp(name, "gateway");
}

static int by_age(const void *a, const void *b)
{
	return strcmp((*(DeadLetter *const *)a)->created_at, (*(DeadLetter *const *)b)->created_at);
}

static void gather(struct request *request, DeadLetters *letters, const struct part *parts,
		   unsigned count)
{
	const ProtobufCFieldDescriptor *items = &dead_letters__descriptor.fields[0];

	for (unsigned i = 0; i < count; i++) {
		const DeadLetters *some = parts[i].answer;

		if (!some)
			compose_name_missing(request, letters, parts[i].name);
		for (size_t k = 0; some && k < some->n_items; k++)
			*(DeadLetter **)pb_append(request->arena, letters, items) = some->items[k];
	}
	if (letters->n_items)
		qsort(letters->items, letters->n_items, sizeof *letters->items, by_age);
}

static bool list(struct request *request)
{
	const struct rpc_method *own = request->route->method;
	DeadLetters *letters = pb_new(request->arena, own->out);
	void *in = pb_new(request->arena, own->in);
	struct name_list set = { 0 };
	struct part parts[32];
	struct rpc_method methods[32];
	unsigned count = 0;

	if (!content_read(request, in, &set))
		return false;
	for (const struct upstream *up = request->gateway->upstreams; up->name && count < 32; up++)
		if (is_service(request->gateway, up->name)) {
			methods[count] = runtime_method(up->name, own->name);
			parts[count] = (struct part) { .method = &methods[count],
						       .in = in,
						       .name = up->name };
			count++;
		}
	compose_ask(request, parts, count);
	gather(request, letters, parts, count);
	return compose_answer(request, letters);
}

static bool one(struct request *request)
{
	const struct rpc_method *own = request->route->method;
	DeadLetterRequest *in = pb_new(request->arena, own->in);
	RpcRequest rpc = RPC_REQUEST__INIT;
	struct name_list set = { 0 };
	enum upstream_failure why;
	struct rpc_method method;
	RpcResponse *response;

	if (!content_read(request, in, &set) || !content_conditions(request, &rpc))
		return false;
	if (!is_service(request->gateway, in->service))
		return refuse(request, ERROR_NOT_FOUND, "There is no such service.");
	method = runtime_method(in->service, own->name);
	rpc.body.data = pb_pack(request->arena, in, &rpc.body.len);
	response = upstream_ask(request, &method, &rpc,
				uv_now(request->gateway->process.loop) + DEADLINE_MS, &why);
	return response ? forward_take(request, response) : upstream_refuse(request, &method, why);
}

bool (*letters_of(const char *rpc))(struct request *request)
{
	static const struct {
		const char *rpc;
		bool (*run)(struct request *request);
	} rpcs[] = {
		{ "ListDeadLetters", list },
		{ "GetDeadLetter", one },
		{ "ReplayDeadLetter", one },
		{ "DropDeadLetter", one },
	};

	for (size_t i = 0; i < sizeof rpcs / sizeof *rpcs; i++)
		if (!strcmp(rpcs[i].rpc, rpc))
			return rpcs[i].run;
	return NULL;
}

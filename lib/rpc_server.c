/*
 * Requests as the service sees them: whose they are, whether they may, in time; then dispatch() has
 * them. What is answered in one turn of the loop to the requests of one message leaves as one.
 */
#include <stdlib.h>
#include <string.h>

#include "bus.h"
#include "dispatch.h"
#include "log.h"
#include "metrics.h"
#include "rpc_own.h"
#include "service.h"

enum { CALL_MEMORY = 64 * 1024 * 1024 };

struct entry {
	const struct rpc_method *method;
	rpc_handler *handler;
};

/* Where a call's answer goes; in the arena of its work. */
struct place {
	struct answers *answers;
	uint32_t number;
};

struct rpc_server {
	struct process *process;
	struct bus_subscription *subscription;
	struct answers_queue *queue;
	struct metric *forged, *forbidden, *late;
	size_t count;
	struct entry entries[]; /* sorted by name */
};

static int by_name(const void *a, const void *b)
{
	const struct entry *one = a, *other = b;

	return strcmp(one->method->name, other->method->name);
}

static int name_to_entry(const void *name, const void *entry)
{
	return strcmp(name, ((const struct entry *)entry)->method->name);
}

static bool may_call(const struct rpc_method *method, const char *from)
{
	if (method->on || method->timer)
		return false;
	if (method->path && !strcmp(from, "gateway"))
		return true;
	for (const char *const *caller = method->callers; caller && *caller; caller++)
		if (!strcmp(*caller, from) || !strcmp(*caller, "*"))
			return true;
	return false;
}

static void answer(const struct place *place, const RpcResponse *response)
{
	answers_put(place->answers, place->number, response);
}

static RpcResponse *problem_response(struct arena *arena, enum status status, const char *code,
				     const char *detail)
{
	RpcResponse *response = arena_alloc(arena, sizeof *response);

	rpc_response__init(response);
	response->problem = arena_alloc(arena, sizeof *response->problem);
	problem__init(response->problem);
	response->problem->status = status;
	response->problem->code = (char *)(uintptr_t)code;
	response->problem->detail = (char *)(uintptr_t)detail;
	return response;
}

static void answer_call(struct work *work, const RpcResponse *response)
{
	size_t most = work->process->rpc ? bus_max_payload(work->process->bus) : 0;

	if (!most || rpc_response__get_packed_size(response) + RPC_ANSWER_HEAD <= most) {
		answer(work->arg, response);
		return;
	}
	log_write(LOG_ERROR, "an answer is larger than the bus takes", "rpc", work->method->name,
		  NULL);
	answer(work->arg, problem_response(work->arena, INTERNAL, "INTERNAL",
					   "The answer is too large to be sent."));
}

/* What came is given to dispatch(), with everything it needs in its arena. */
static void start_call(struct rpc_server *server, struct arena *arena, const struct entry *entry,
		       RpcRequest *request, struct place *place, uint64_t left_ms)
{
	struct work *work = arena_alloc(arena, sizeof *work);

	if (!request->caller) {
		request->caller = arena_alloc(arena, sizeof *request->caller);
		caller__init(request->caller);
	}
	*work = (struct work) {
		.process = server->process,
		.arena = arena,
		.method = entry->method,
		.handler = entry->handler,
		.request = request,
		.deadline = uv_now(server->process->loop) + left_ms,
		.done = answer_call,
		.arg = place,
	};
	dispatch(work);
}

/* NULL when it has become a call, which has the arena now; else the refusal. */
static RpcResponse *consider(struct rpc_server *server, struct arena *arena, const char *from,
			     const ProtobufCBinaryData *bytes, struct place *place)
{
	RpcRequest *request = rpc_request__unpack(arena_allocator(arena), bytes->len, bytes->data);
	const struct entry *entry;
	int64_t left_ms;

	if (!request)
		return problem_response(arena, MALFORMED, "MALFORMED",
					"The request cannot be read.");
	entry = bsearch(request->rpc, server->entries, server->count, sizeof *entry, name_to_entry);
	if (!entry || !may_call(entry->method, from)) {
		metric_add(server->forbidden, 1);
		log_write(LOG_WARN, "a request was refused", "rpc", request->rpc, "from", from,
			  NULL);
		return problem_response(arena, FORBIDDEN, "NOT_A_CALLER",
					"This process may not ask for that.");
	}
	left_ms = request->deadline_ms - unix_ms();
	if (left_ms <= 0) {
		metric_add(server->late, 1);
		return problem_response(arena, TIMED_OUT, "TIMED_OUT",
					"The request came after its deadline.");
	}
	if (left_ms > RPC_DEADLINE_MOST_MS)
		left_ms = RPC_DEADLINE_MOST_MS;
	start_call(server, arena, entry, request, place, (uint64_t)left_ms);
	return NULL;
}

static void take_request(struct rpc_server *server, const char *from,
			 const ProtobufCBinaryData *bytes, struct answers *answers, uint32_t number)
{
	struct arena *arena = arena_new(CALL_MEMORY);
	struct place *place = arena_alloc(arena, sizeof *place);
	RpcResponse *refusal;

	*place = (struct place) { answers, number };
	refusal = consider(server, arena, from, bytes, place);
	if (!refusal)
		return;
	answer(place, refusal);
	arena_free(arena);
}

static void refuse_all(struct rpc_server *server, struct arena *arena, const char *reply)
{
	struct buf answers = { 0 };

	metric_add(server->forged, 1);
	pb_put_message(
		&answers, RPC_ANSWERS_RESPONSES,
		problem_response(arena, FORBIDDEN, "FORGED", "The request's seal does not hold."));
	bus_publish(server->process->bus, reply, NULL, NULL, answers.data, answers.len);
	buf_free(&answers);
}

static void take_requests(struct rpc_server *server, const RpcRequests *requests, const char *reply)
{
	struct answers *answers = answers_new(server->queue, reply, requests->n_items);

	for (size_t i = 0; i < requests->n_items; i++)
		take_request(server, requests->from, &requests->items[i], answers, (uint32_t)i);
}

static void on_requests(void *arg, const struct bus_message *message)
{
	struct rpc_server *server = arg;
	struct arena *arena;
	RpcRequests *requests;

	if (!message->reply)
		return;
	arena = arena_new(CALL_MEMORY);
	requests = rpc_open(server->process->keys, arena, message->data, message->len);
	if (!requests)
		refuse_all(server, arena, message->reply);
	else if (requests->n_items)
		take_requests(server, requests, message->reply);
	arena_free(arena);
}

static size_t count_methods(const struct rpc_method *methods)
{
	size_t count = 0;

	while (methods[count].name)
		count++;
	return count;
}

static void add_methods(struct rpc_server *server, const struct rpc_method *methods,
			rpc_handler *const *handlers)
{
	for (; methods->name; methods++, handlers++)
		server->entries[server->count++] = (struct entry) { methods, *handlers };
}

static struct metric *refusals(struct process *process, const char *reason)
{
	return metric_counter(process->metrics, "ithaca_rpc_unheard_total",
			      "Requests refused before they were heard.", reason);
}

struct rpc_server *rpc_serve(struct process *process)
{
	size_t count = count_methods(process->service->methods) + count_methods(runtime_methods);
	struct rpc_server *server = calloc(1, sizeof *server + count * sizeof *server->entries);
	struct arena *arena = arena_new(4096);

	server->process = process;
	server->queue = answers_queue_new(process);
	server->forged = refusals(process, "reason=\"forged\"");
	server->forbidden = refusals(process, "reason=\"forbidden\"");
	server->late = refusals(process, "reason=\"late\"");
	add_methods(server, process->service->methods, process->service->handlers);
	add_methods(server, runtime_methods, runtime_handlers);
	qsort(server->entries, server->count, sizeof *server->entries, by_name);
	server->subscription =
		bus_subscribe(process->bus, arena_printf(arena, "rpc.%s", process->name),
			      process->name, on_requests, server);
	arena_free(arena);
	return server;
}

void rpc_stop_serving(struct rpc_server *server)
{
	if (server->subscription)
		bus_leave(server->subscription);
	server->subscription = NULL;
}

void rpc_server_free(struct rpc_server *server)
{
	if (server->subscription)
		bus_unsubscribe(server->subscription);
	answers_queue_end(server->queue);
	server->process->rpc = NULL;
	free(server);
}

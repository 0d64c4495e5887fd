/*
 * Requests as the service sees them: whose they are, whether they may, in time; then dispatch() has
 * them.
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

struct rpc_server {
	struct process *process;
	struct bus_subscription *subscription;
	struct metric *forged, *forbidden, *late;
	size_t prefix_len; /* of "rpc.<service>." */
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

static void answer(struct process *process, const char *reply, const RpcResponse *response)
{
	size_t len = rpc_response__get_packed_size(response);
	uint8_t *bytes = malloc(len + 1);

	rpc_response__pack(response, bytes);
	if (!bus_publish(process->bus, reply, NULL, NULL, bytes, len))
		log_write(LOG_WARN, "an answer could not be sent", "to", reply, NULL);
	free(bytes);
}

static void answer_problem(struct process *process, const char *reply, enum status status,
			   const char *code, const char *detail)
{
	RpcResponse response = RPC_RESPONSE__INIT;
	Problem problem = PROBLEM__INIT;

	problem.status = status;
	problem.code = (char *)(uintptr_t)code;
	problem.detail = (char *)(uintptr_t)detail;
	response.problem = &problem;
	answer(process, reply, &response);
}

static void answer_call(struct work *work, const RpcResponse *response)
{
	size_t most = bus_max_payload(work->process->bus);

	if (!most || rpc_response__get_packed_size(response) <= most) {
		answer(work->process, work->arg, response);
		return;
	}
	log_write(LOG_ERROR, "an answer is larger than the bus takes", "rpc", work->method->name,
		  NULL);
	answer_problem(work->process, work->arg, INTERNAL, "INTERNAL",
		       "The answer is too large to be sent.");
}

/* What came is given to dispatch(), with everything it needs in its arena. */
static void start_call(struct rpc_server *server, struct arena *arena, const struct entry *entry,
		       RpcRequest *request, const char *reply, uint64_t left_ms)
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
		.arg = arena_strdup(arena, reply),
	};
	dispatch(work);
}

/* False when the request has been refused. */
static bool consider(struct rpc_server *server, struct arena *arena,
		     const struct bus_message *message)
{
	const char *name = message->subject + server->prefix_len;
	const struct entry *entry =
		bsearch(name, server->entries, server->count, sizeof *entry, name_to_entry);
	RpcRequest *request = rpc_open(server->process->keys, arena, message->data, message->len);
	int64_t left_ms;

	if (!request) {
		metric_add(server->forged, 1);
		answer_problem(server->process, message->reply, FORBIDDEN, "FORGED",
			       "The request's seal does not hold.");
		return false;
	}
	if (!entry || !may_call(entry->method, request->from)) {
		metric_add(server->forbidden, 1);
		log_write(LOG_WARN, "a request was refused", "rpc", name, "from", request->from,
			  NULL);
		answer_problem(server->process, message->reply, FORBIDDEN, "NOT_A_CALLER",
			       "This process may not ask for that.");
		return false;
	}
	left_ms = request->deadline_ms - unix_ms();
	if (left_ms <= 0) {
		metric_add(server->late, 1);
		answer_problem(server->process, message->reply, TIMED_OUT, "TIMED_OUT",
			       "The request came after its deadline.");
		return false;
	}
	if (left_ms > RPC_DEADLINE_MOST_MS)
		left_ms = RPC_DEADLINE_MOST_MS;
	start_call(server, arena, entry, request, message->reply, (uint64_t)left_ms);
	return true;
}

static void on_request(void *arg, const struct bus_message *message)
{
	struct arena *arena;

	if (!message->reply)
		return;
	arena = arena_new(CALL_MEMORY);
	if (!consider(arg, arena, message))
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
	server->prefix_len = strlen("rpc..") + strlen(process->name);
	server->forged = refusals(process, "reason=\"forged\"");
	server->forbidden = refusals(process, "reason=\"forbidden\"");
	server->late = refusals(process, "reason=\"late\"");
	add_methods(server, process->service->methods, process->service->handlers);
	add_methods(server, runtime_methods, runtime_handlers);
	qsort(server->entries, server->count, sizeof *server->entries, by_name);
	server->subscription =
		bus_subscribe(process->bus, arena_printf(arena, "rpc.%s.*", process->name),
			      process->name, on_request, server);
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
	free(server);
}

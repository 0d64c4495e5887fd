/* Asking services. */
#include "upstream.h"

#include <stdlib.h>

#include "gateway.h"
#include "refuse.h"
#include "uuid.h"

enum {
	MOST_IN_FLIGHT = 2048,
	FAILURES = 10,
	FAILURE_WINDOW_MS = 10000,
	OPEN_MS = 2000,
	RETRY_AFTER_S = 2
};

struct upstream *upstreams_new(const struct rpc_method *const *tables)
{
	size_t count = 0;
	struct upstream *upstreams;

	while (tables[count])
		count++;
	upstreams = calloc(count + 1, sizeof *upstreams);
	for (size_t i = 0; i < count; i++)
		upstreams[i].name = tables[i]->service;
	return upstreams;
}

const struct rpc_method *upstream_method(const struct gateway *gateway, const char *service,
					 const char *name)
{
	for (const struct rpc_method *const *table = gateway->tables; *table; table++)
		for (const struct rpc_method *m = *table; m->name; m++)
			if (!strcmp(m->service, service) && !strcmp(m->name, name))
				return m;
	return NULL;
}

static struct upstream *upstream_of(const struct gateway *gateway, const char *service)
{
	struct upstream *upstream = gateway->upstreams;

	while (upstream->name && strcmp(upstream->name, service))
		upstream++;
	return upstream;
}

static bool may_ask(const struct upstream *upstream, uint64_t now, enum upstream_failure *why)
{
	*why = UPSTREAM_BUSY;
	if (upstream->in_flight >= MOST_IN_FLIGHT)
		return false;
	*why = UPSTREAM_DOWN;
	return now >= upstream->open_until;
}

/*
 * What travelled together fails together, and counts once. Ten failures in a row within ten seconds
 * open the circuit; when it closes, one more failure opens it again.
 */
static void count_failure(struct upstream *upstream, uint64_t now)
{
	if (upstream->failures && upstream->last_failure == now)
		return;
	upstream->last_failure = now;
	if (!upstream->failures ||
	    (upstream->failures < FAILURES && now - upstream->first_failure > FAILURE_WINDOW_MS)) {
		upstream->failures = 0;
		upstream->first_failure = now;
	}
	if (++upstream->failures >= FAILURES)
		upstream->open_until = now + OPEN_MS;
}

static RpcResponse *ask(struct gateway *gateway, struct arena *arena,
			const struct rpc_method *method, RpcRequest *rpc, uint64_t deadline,
			enum upstream_failure *why)
{
	struct upstream *upstream = upstream_of(gateway, method->service);
	uv_loop_t *loop = gateway->process.loop;
	enum rpc_failure failure;
	RpcResponse *response;

	if (!may_ask(upstream, uv_now(loop), why))
		return NULL;
	upstream->in_flight++;
	response = rpc_send(&gateway->process, arena, method, rpc, deadline, &failure);
	upstream->in_flight--;
	if (response) {
		upstream->failures = 0;
		return response;
	}
	*why = failure == RPC_LATE ? UPSTREAM_LATE : UPSTREAM_DOWN;
	if (failure == RPC_LATE)
		count_failure(upstream, uv_now(loop));
	return NULL;
}

static char *text(const char *constant)
{
	return (char *)(uintptr_t)constant;
}

static void fill_caller(struct arena *arena, struct session *session, Caller *caller)
{
	static const struct {
		enum who who;
		const char *name;
	} roles[] = { { WHO_SUPPORT, "SUPPORT" },
		      { WHO_ADMIN, "ADMIN" },
		      { WHO_SAFETY_OFFICER, "SAFETY_OFFICER" } };

	caller__init(caller);
	caller->id = session->user_id;
	caller->session_id = session->session_id;
	caller->signed_in_at = session->signed_in_at;
	if (!session->roles)
		return;
	caller->roles = arena_alloc(arena, sizeof roles / sizeof *roles * sizeof(char *));
	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
		if (session->roles & WHO(roles[i].who))
			caller->roles[caller->n_roles++] = text(roles[i].name);
}

RpcResponse *upstream_ask_in(struct arena *arena, struct request *request,
			     const struct rpc_method *method, RpcRequest *rpc, uint64_t deadline,
			     enum upstream_failure *why)
{
	Caller caller;

	fill_caller(request->arena, &request->session, &caller);
	caller.address = request->address;
	if (request->headers.user_agent)
		caller.device = text(request->headers.user_agent);
	rpc->caller = &caller;
	rpc->request_id = request->id;
	if (request->headers.traceparent)
		rpc->traceparent = text(request->headers.traceparent);
	return ask(request->gateway, arena, method, rpc, deadline, why);
}

RpcResponse *upstream_ask(struct request *request, const struct rpc_method *method, RpcRequest *rpc,
			  uint64_t deadline, enum upstream_failure *why)
{
	return upstream_ask_in(request->arena, request, method, rpc, deadline, why);
}

RpcResponse *upstream_ask_for(struct gateway *gateway, struct session *session, struct arena *arena,
			      const struct rpc_method *method, RpcRequest *rpc)
{
	enum upstream_failure why;
	Caller caller;
	char id[37];

	uuid_v7(id);
	fill_caller(arena, session, &caller);
	rpc->caller = &caller;
	rpc->request_id = id;
	return ask(gateway, arena, method, rpc, uv_now(gateway->process.loop) + DEADLINE_MS, &why);
}

RpcResponse *upstream_ask_alone(struct gateway *gateway, struct arena *arena,
				const struct rpc_method *method)
{
	RpcRequest rpc = RPC_REQUEST__INIT;
	Caller caller = CALLER__INIT;
	enum upstream_failure why;
	char id[37];

	uuid_v7(id);
	rpc.caller = &caller;
	rpc.request_id = id;
	return ask(gateway, arena, method, &rpc, uv_now(gateway->process.loop) + PART_DEADLINE_MS,
		   &why);
}

bool upstream_refuse(struct request *request, const struct rpc_method *method,
		     enum upstream_failure why)
{
	if (why == UPSTREAM_LATE)
		return refuse(request, ERROR_DEADLINE_EXCEEDED, NULL);
	if (why == UPSTREAM_BUSY)
		return refuse_for(request, ERROR_OVERLOADED, RETRY_AFTER_S);
	(void)!refuse_for(request, ERROR_SERVICE_UNAVAILABLE, RETRY_AFTER_S);
	refuse_member(request, "service", arena_printf(request->arena, "\"%s\"", method->service));
	return false;
}

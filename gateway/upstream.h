/*
 * The services behind us: asking one, and leaving one alone that does not answer (a circuit breaker), so that
 * its callers are refused at once instead of waiting ten seconds each.
 */
#pragma once

#include "request.h"

enum { DEADLINE_MS = 10000, PART_DEADLINE_MS = 2000 };

struct upstream {
	const char *name;
	unsigned in_flight, failures;	    /* in a row */
	uint64_t first_failure, last_failure, open_until; /* uv_now milliseconds */
};

/* One per service of the tables; ended by one without a name. */
struct upstream *upstreams_new(const struct rpc_method *const *tables);
/* A public or gateway-only rpc by its service and name, or NULL. */
const struct rpc_method *upstream_method(const struct gateway *gateway, const char *service,
					 const char *name);

/* Why there is no answer. */
enum upstream_failure { UPSTREAM_DOWN, UPSTREAM_LATE, UPSTREAM_BUSY };
/*
 * Asks for the request (its caller, id and trace); NULL with *why. deadline: uv_now milliseconds. Sleeps.
 * body and the other fields of `rpc` are the caller's to fill.
 */
RpcResponse *upstream_ask(struct request *request, const struct rpc_method *method, RpcRequest *rpc,
			  uint64_t deadline, enum upstream_failure *why);
/* The same with an arena of its own for what travels, where the request would gather too much. */
RpcResponse *upstream_ask_in(struct arena *arena, struct request *request,
			     const struct rpc_method *method, RpcRequest *rpc, uint64_t deadline,
			     enum upstream_failure *why);
/* For somebody whose request is over, as long as their token holds: NULL when there is no answer. Sleeps. */
RpcResponse *upstream_ask_for(struct gateway *gateway, struct session *session, struct arena *arena,
			      const struct rpc_method *method, RpcRequest *rpc);
/* The same on our own behalf, without a caller. */
RpcResponse *upstream_ask_alone(struct gateway *gateway, struct arena *arena,
				const struct rpc_method *method);
/* Refuses the request for such a failure. */
bool upstream_refuse(struct request *request, const struct rpc_method *method,
		     enum upstream_failure why) must_check;

/*
 * Requests between processes: rpc.<service> on the bus. What a process asks of a service in one turn
 * of its loop leaves as one message, RpcRequests behind their MAC; the answers come back as they are
 * ready, in RpcAnswers. Queue groups spread the messages over the service's processes.
 *
 * A method is the contract of one rpc, generated; the gateway links the methods, a service its handlers too.
 */
#pragma once

#include "call.h"

enum verb { VERB_NONE, VERB_GET, VERB_POST, VERB_PUT, VERB_PATCH, VERB_DELETE };

/* Bits of rpc_method.access, as enum Who of proto/options.proto: 1 << ANYONE … */
#define WHO(name) (1u << (name))
enum who {
	WHO_ANYONE = 1,
	WHO_TOKEN,
	WHO_SIGNED_IN,
	WHO_SELF,
	WHO_MEMBER,
	WHO_MENTOR,
	WHO_MENTEE,
	WHO_COORDINATOR,
	WHO_SUPPORT,
	WHO_ADMIN,
	WHO_SAFETY_OFFICER,
	WHO_PARTY,
	WHO_REPORTER
};
enum idempotency { IDEMPOTENCY_WELCOME, IDEMPOTENCY_NEEDED, IDEMPOTENCY_UNKEPT };
enum rate { RATE_READ, RATE_WRITE, RATE_AUTH, RATE_HEAVY };
enum body { BODY_JSON, BODY_UPLOAD, BODY_FILE, BODY_STREAM, BODY_IGNORED };

struct rpc_method {
	const char *service, *name; /* "programs", "ApproveMembership" */
	enum verb verb;
	const char *path; /* "/v1/memberships/{id}/approve"; NULL without a route */
	uint32_t access;
	const char *const *callers; /* NULL-ended; services that may call without a route */
	const char *on;		    /* "programs.MembershipApproved": consumes this event */
	bool timer, reads, one_statement, if_match, fresh, before_policies, anonymous;
	enum idempotency idempotency;
	enum rate rate;
	enum body body;
	uint16_t status;
	const struct pb_type *in, *out;
};

typedef bool rpc_handler(struct call *call, const void *in, void *out);

/*
 * Asks another service on behalf of this call: same caller, request id, trace and what is left of the deadline. Sleeps.
 * Called by the generated clients only. A refusal over there refuses this call with the same problem.
 */
bool rpc_call(struct call *call, const struct rpc_method *method, const void *in,
	      void *out) must_check;

/* Of a process that asks: process->client. After bus_open(): hooks run last in, first out. */
void rpc_client_open(struct process *process);
/* Who still waits is told that nobody answers. */
void rpc_client_close(struct process *process);

/*
 * Below messages, for the gateway: sends a packed RpcRequest and waits for the RpcResponse (in the arena). Sleeps.
 * NULL with *why = RPC_DOWN (nobody serves it, or no bus) or RPC_LATE (deadline, uv_now milliseconds).
 */
enum rpc_failure { RPC_DOWN, RPC_LATE };
RpcResponse *rpc_send(struct process *process, struct arena *arena, const struct rpc_method *method,
		      RpcRequest *request, uint64_t deadline, enum rpc_failure *why);

/* The key of the pair (sender, service): BLAKE2b-256 of the sender's name under the service's root key. */
void rpc_pair_key(uint8_t key[32], const uint8_t root[32], const char *sender);

/*
 * root: of this service, NULL for a process that serves nothing. pairs: "identity=hex,programs=hex", the keys for
 * the services that this process calls. NULL and a complaint when they are malformed. Kept in locked memory.
 */
struct rpc_keys *rpc_keys_new(const uint8_t *root, const char *pairs, struct buf *complaints);
void rpc_keys_free(struct rpc_keys *keys);

/*
 * Answers rpc.<process->name>: the service's methods, and the runtime's own (event_rpc.c).
 * Refused unheard: a wrong MAC, a sender that may not call, a deadline that has passed.
 */
struct rpc_server *rpc_serve(struct process *process);
/* Takes no more but what is on its way already; what is running is still answered (dispatch_running() tells). Sleeps. */
void rpc_stop_serving(struct rpc_server *server);
void rpc_server_free(struct rpc_server *server);

/*
 * A call: one request, event or timer on its way through a handler. It is all that a handler can reach.
 *
 * false always carries an error, and the first one wins. A refusal is the caller's fault: a status, a stable
 * code, a sentence for people. A fault is ours: the caller sees INTERNAL, the detail goes to the log.
 */
#pragma once

#include "arena.h"
#include "buf.h"
#include "pb.h"
#include "rpc.pb-c.h"

struct process;
struct rpc_method;
struct sql_transaction;
struct work;

#define must_check __attribute__((warn_unused_result))

enum status {
	MALFORMED = 400,
	UNAUTHENTICATED = 401,
	FORBIDDEN = 403,
	NOT_FOUND = 404,
	CONFLICT = 409,
	GONE = 410,
	STALE = 412,
	TOO_LARGE = 413,
	UNSUPPORTED = 415,
	INVALID_ARGUMENT = 422,
	LOCKED = 423,
	PRECONDITION_NEEDED = 428,
	TOO_MANY_REQUESTS = 429,
	POLICIES_PENDING = 451,
	INTERNAL = 500,
	UNAVAILABLE = 503,
	TIMED_OUT = 504,
};

struct call {
	struct process *process;
	struct arena *arena;
	const struct rpc_method *method;
	const RpcRequest *request;
	const Caller *caller;	    /* never NULL; id is "" when nobody is signed in */
	const EventEnvelope *event; /* the event consumed, or NULL */
	uint64_t deadline;	    /* uv_now milliseconds */
	bool unlinked; /* nothing that is kept or logged of it names the caller, the session or the request */
	bool unchanged; /* the row was already as asked: nothing is published */

	/* The runtime's own. */
	const struct work *work; /* NULL in a call of the process itself */
	Problem *problem;
	const char *fault;
	unsigned tries; /* runs before this one */
	bool alone;	/* must not share a transaction (again) */
	bool retry; /* what failed may succeed when it is run again, alone; no error is set then */
	bool key_taken; /* the idempotency key has an answer already */
	bool unknown;	/* lost in the commit: it may have happened */
	bool settled;	/* the row of its event or timer went with sql_checkpoint() */
	struct sql_transaction *transaction;
	struct outbox_row *outbox;
	const void *answer; /* packed, for the idempotency record */
	size_t answer_len;
	const char *target_id, *reason; /* for the audit; NULL: none is written */
	struct new_id *new_ids;		/* by name, for :new.… */
	unsigned statements;
	double sql_ms;
	struct buf notes;
};

/* Refuses the call. code is UPPER_SNAKE and stable; detail is a sentence for people. Returns false. */
bool reject(struct call *call, enum status status, const char *code, const char *detail,
	    ...) must_check __attribute__((format(printf, 4, 5)));
/* Adds an error of one field ("/steps/0/title"); the answer lists them all. Returns false. The first sets the status. */
bool reject_field(struct call *call, enum status status, const char *pointer, const char *code,
		  const char *detail, ...) must_check __attribute__((format(printf, 5, 6)));
/* Adds a further member to the problem: value is JSON text. After reject(). */
void problem_member(struct call *call, const char *name, const char *json);
/* Ours: the detail is logged, the caller sees INTERNAL. Returns false. */
bool fault(struct call *call, const char *detail, ...) must_check
	__attribute__((format(printf, 2, 3)));
/* True when the call has been refused or failed. */
bool call_failed(const struct call *call);
/* Adds a member to the call's log line. */
void note(struct call *call, const char *key, const char *value);

/* A new UUIDv7 (RFC 9562): 36 characters in the arena. */
char *new_id(struct call *call);
/* The time now, RFC 3339 with microseconds. */
char *now_text(struct call *call);
/* A text of the service's own settings, "" when not given; also for what is no text, which conf.h has. */
const char *setting(const struct call *call, const char *name);
bool caller_has_role(const struct call *call, const char *role);

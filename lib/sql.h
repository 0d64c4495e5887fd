/*
 * Postgres by named statements: values are parameters, results are messages, and no function takes SQL text.
 *
 * Statements come from the services' .sql files through tools/sqlgen; each is prepared once per connection.
 * A read shares a few connections in pipeline mode. A write belongs to its call's transaction: everything up to
 * one Sync, which the runtime sends with the outbox, the audit and the idempotency record after the handler.
 */
#pragma once

#include <libpq-fe.h>

#include "call.h"

enum sql_kind {
	SQL_EXEC,  /* no result */
	SQL_ONE,   /* exactly one row; none is NOT_FOUND */
	SQL_MAYBE, /* no row leaves the message as it was; *found tells */
	SQL_MANY,  /* every row becomes an element of the message's one repeated message field */
	SQL_PAGE,  /* SQL_MANY by keyset, with next_cursor */
	/*
	 * SQL_MAYBE for writes, run once for many calls: each parameter is an array with an element for each call, and the
	 * row whose column id is the call's :new.id is its answer. A call without a row must have changed nothing.
	 */
	SQL_EACH,
};

struct sql_key {
	const char *column;
	bool descending;
};

struct sql_statement {
	const char *name;
	const char *text;      /* with $1 … $n */
	const char *next_text; /* SQL_PAGE: the statement for the pages after the first */
	const char *const *params,
		*const *next_params; /* "title", "caller.id", "set.title", "after.created_at", …; NULL-ended */
	const struct sql_key *keys; /* SQL_PAGE; NULL-ended */
	enum sql_kind kind;
	const struct pb_type *in, *out; /* out NULL for SQL_EXEC */
	const char *file;
	unsigned line;
};

/* Runs a statement and fills `out`. Sleeps. Called by the generated functions only. */
bool sql_run(struct call *call, const struct sql_statement *statement, const void *in, void *out,
	     bool *found) must_check;

/*
 * Where a parameter's value comes from, by its first word:
 *   :field, :field.sub       the request message; an empty text with a format, an unset enum or optional, a missing
 *                            message = null. A message or a repeated message is passed as JSON, a repeated scalar as a Postgres array.
 *   :caller.id               the person, null when nobody is signed in (also .session_id, .roles (text[]), .address, .device, .signed_in_at)
 *   :set.field               whether the request held that member, also as null
 *   :new.id                  a new UUIDv7; the same name is the same id within the call
 *   :if_match                the version named by If-Match, null for none or *
 *   :request_id              the request's id
 *   :limit                   SQL_PAGE: the page's size + 1 (set by the runtime)
 *   :after.column            SQL_PAGE: the last row of the page before
 *   :event.id, :event.actor_id, :event.occurred_at, :event.source_seq   the event consumed
 * Columns fill the fields of their names; "mentor.id" fills a field of a nested message; json and jsonb columns fill
 * messages and repeated fields, arrays fill repeated scalars. A column "unchanged" (boolean) sets call->unchanged.
 *
 * A broken constraint refuses the call: its name in upper case is the code, its comment the sentence; unique and exclusion 409,
 * others 422. A function may raise SQLSTATE 'IT404', 'IT409', … : status from the digits, CONSTRAINT the code, MESSAGE the
 * sentence, DETAIL (JSON object, optional) further members.
 */

struct sql_pool;
struct service;
/* Connects, in the background and for good: lost connections come back by themselves. */
struct sql_pool *sql_open(struct process *process, const char *url,
			  const struct sql_statement *const *statements);
void sql_close(struct sql_pool *pool);
bool sql_ready(const struct sql_pool *pool);

/*
 * Prepares every statement on one connection and compares parameters and columns with the messages:
 * what is wrong, a line each, goes to `complaints`. Blocks; for `<service> check` and the start.
 */
bool sql_check(const char *url, const struct sql_statement *const *statements,
	       struct buf *complaints);

/*
 * For the runtime's own statements (relay, inbox, timers), which know no messages: one statement in a transaction of its own, on a
 * connection that may write. The statement needs a name, a text and a file; it is prepared when first used. Sleeps.
 * The result is the caller's to PQclear, also when it holds an error; NULL when there was no connection before the deadline or it was lost.
 */
struct sql_value {
	const void *bytes; /* NULL: null */
	size_t len;
	bool binary; /* bytea as it is; else text */
};
PGresult *sql_exec(struct sql_pool *pool, const struct sql_statement *statement,
		   const struct sql_value *values, unsigned count, uint64_t deadline) must_check;

/* What event_publish() leaves in call->outbox for the commit: texts "" for null, all in the call's arena. */
struct outbox_row {
	struct outbox_row *next;
	const char *id, *name, *aggregate_id, *actor_id, *correlation_id, *causation_id,
		*traceparent;
	const uint8_t *payload;
	size_t payload_len;
};

/*
 * Commits what the call has done so far, with the row of its event or timer and what it published; what follows is another
 * transaction. For what cannot be undone and takes time (a mail): no transaction stays open meanwhile. Sleeps.
 */
bool sql_checkpoint(struct call *call) must_check;

/* Of the runtime: ends the call's transaction with what it owes (outbox, audit, idempotency). Sleeps. */
bool sql_commit(struct call *call, const void *answer, size_t len) must_check;
void sql_rollback(struct call *call);

/* The answer that was given to the caller's idempotency key, if any. Sleeps. False when the database could not be asked. */
struct kept_answer {
	bool found, same_request;
	const uint8_t *answer; /* packed, in the call's arena */
	size_t len;
};
bool sql_kept_answer(struct call *call, struct kept_answer *kept) must_check;

/*
 * What the files of sql share: connections in pipeline mode, the requests in flight on them, and the plans by
 * which values become parameters and columns become fields. Nothing outside sql_*.c includes this.
 */
#pragma once

#include "service.h"
#include "sql.h"
#include "task.h"

enum { PATH_DEPTH = 4, CURSOR_KEYS = 8 };

/* From a message down to one of its fields; types[i] describes the message that fields[i] belongs to. */
struct field_path {
	unsigned depth;
	const struct pb_type *types[PATH_DEPTH];
	const ProtobufCFieldDescriptor *fields[PATH_DEPTH];
};
bool find_path(const struct pb_type *type, const char *name, struct field_path *path);
const struct pb_rule *path_rule(const struct field_path *path);

enum param_source {
	PARAM_FIELD,
	PARAM_CALLER_ID,
	PARAM_CALLER_SESSION,
	PARAM_CALLER_ROLES,
	PARAM_CALLER_ADDRESS,
	PARAM_CALLER_DEVICE,
	PARAM_CALLER_SIGNED_IN,
	PARAM_SET,
	PARAM_NEW,
	PARAM_IF_MATCH,
	PARAM_REQUEST_ID,
	PARAM_LIMIT,
	PARAM_AFTER,
	PARAM_EVENT_ID,
	PARAM_EVENT_ACTOR,
	PARAM_EVENT_OCCURRED,
	PARAM_EVENT_SEQ,
};

struct param {
	enum param_source source;
	const char *word;	/* what follows the dot */
	struct field_path path; /* PARAM_FIELD */
	unsigned key;		/* PARAM_AFTER: which */
};

struct params {
	unsigned count;
	struct param *items;
};

/* The values of one execution, in the call's arena, as libpq wants them. */
struct values {
	int count;
	const char **values;
	int *lengths, *formats;
};

/* One page as asked for: how many, and after which keys. */
struct page {
	unsigned limit;
	bool follows;
	const char *after[CURSOR_KEYS];
};

struct column {
	bool known, unchanged, json, instant, bytea;
	struct field_path path;
};

/* What a statement's result looks like; learnt from its first result after a connect. */
struct columns {
	unsigned generation, count;
	struct column *items;
	int keys[CURSOR_KEYS]; /* SQL_PAGE: where the key columns stand */
};

/* The rows of a result that are one call's: all of them, or one of a result that several calls share. */
struct rowset {
	PGresult *result;
	int first, count;
	struct shared_result *shared; /* NULL: the result is the call's alone */
};

struct plan {
	const struct sql_statement *statement;
	unsigned index;
	/* Of a read that may run once for several calls (sql_share.c). */
	struct plan *
		shared; /* what then runs; NULL until Postgres has told the types of the parameters */
	struct sql_statement *made; /* this is such a one: its statement, which is ours */
	bool shareable, described;
	unsigned shared_running;
	uint64_t slow_until, alone_ms; /* until when it goes alone (uv_now), and how long that is */
	char *next_name;	       /* SQL_PAGE: the prepared name of next_text */
	struct params params, next_params;
	struct columns columns;
};

enum request_kind { REQUEST_STATEMENT, REQUEST_PREPARE, REQUEST_DESCRIBE, REQUEST_SYNC };

/* One answer that a connection owes. Its task may leave before it comes: then nobody takes the result. */
struct request {
	struct request *next;
	struct task *task;
	enum request_kind kind;
	struct plan *plan; /* REQUEST_DESCRIBE: whose */
	PGresult *result;
	bool done, lost;
};

enum conn_state { CONN_DOWN, CONN_CONNECTING, CONN_PREPARING, CONN_UP };

struct conn {
	struct sql_pool *pool;
	PGconn *pg;
	uv_poll_t *poll;
	int events;
	uv_timer_t timer; /* until the next attempt, or the end of this one */
	enum conn_state state;
	bool writes;
	bool unsynced; /* read: statements wait for the Sync at the end of the turn */
	bool unasked;  /* write: statements wait for the Flush at the end of the turn */
	bool setup_failed;
	unsigned backoff_ms, in_flight, prepared;
	unsigned epoch; /* counts the losses: what was begun in an earlier one is gone */
	struct request *first, **last, *setup_sync, *constraints_result;
	struct conn *next_free;	      /* write: the list of the idle */
	struct gathering *gatherings; /* statements that wait for the end of the turn */
};

struct constraint {
	const char *name, *sentence;
};

struct sql_pool {
	struct process *process;
	char *url;
	struct plan **plans; /* by index */
	unsigned plan_count, plan_room, generation;
	struct plan **by_statement; /* a hash table, by address */
	unsigned table_size;
	struct conn *reads, *writes;
	unsigned read_count, write_count, batch_limit;
	unsigned handles; /* of libuv, still open */
	struct conn *idle;
	struct write_waiter *waiting, **waiting_last;
	bool batch_runs, closing; /* batch_runs: one that is shared still runs statements */
	unsigned batches;	  /* shared transactions under way */
	struct gathering *
		sharings; /* reads that wait for the end of the turn, or for those of their plan that run */
	struct task_queue comers; /* wait for a connection to come up */
	struct task_hook hook;
	struct request *spare;
	PGresult *constraint_rows;
	struct constraint *constraints;
	unsigned constraint_count;
	uint8_t cursor_key[32];
	struct seal_key *answer_key; /* for the answers kept by idempotency key */
	struct metric *queue_seconds, *batch_members, *reads_together, *reconnects;
};

/* sql_pool.c */
/* The last closed timer of a connection frees the pool. */
void pool_forget(uv_handle_t *timer);

/* sql_plan.c */
/* Known from the start, or registered at its first use. Never NULL. */
struct plan *plan_of(struct sql_pool *pool, const struct sql_statement *statement);
void plans_free(struct sql_pool *pool);

/* sql_conn.c */
void conn_start(struct conn *conn);
/* Ends what runs on it as lost and connects anew. */
void conn_restart(struct conn *conn, const char *why);
void conn_close(struct conn *conn);
/* Sends one execution, preparing its plan first when the connection does not know it. NULL when the connection is lost. */
struct request *conn_send(struct conn *conn, const struct plan *plan, bool next,
			  const struct values *values);
struct request *conn_sync(struct conn *conn);
/* Undoes what was sent since the last Sync. */
struct request *conn_send_rollback(struct conn *conn);
/* Asks for the types of its parameters, for plan_learn_types(). */
void conn_describe(struct conn *conn, struct plan *plan);
/* At the end of a turn: asks for and sends what was queued. */
void conn_flush(struct conn *conn);

/* sql_request.c */
struct request *request_new(struct sql_pool *pool, enum request_kind kind);
void request_free(struct sql_pool *pool, struct request *request);
enum awaited { ANSWERED, LOST, LATE };
/* Sleeps. After LATE the request belongs to the connection. */
enum awaited request_await(struct request *request, uint64_t deadline);
/* Whether the Sync that was answered has committed: what is checked at the end only may still have been refused. */
bool sync_stands(const struct request *sync);
/* Nobody waits for it any more. */
void request_abandon(struct sql_pool *pool, struct request *request);

/* sql_param.c */
bool params_compile(const struct sql_statement *statement, const char *const *names,
		    struct params *params, const char **wrong);
bool values_build(struct call *call, const struct plan *plan, bool next, const void *in,
		  const struct page *page, struct values *values) must_check;

/* An element of Postgres's text of an array; NULL is null. */
void put_element(struct buf *out, const char *text);

/* sql_row.c */
void columns_learn(struct sql_pool *pool, struct plan *plan, const PGresult *result);
bool columns_compile(const struct sql_statement *statement, const PGresult *result,
		     struct columns *columns, const char **wrong);
void columns_free(struct columns *columns);
/* Row by row into the message; takes the rows over. */
bool rows_read(struct call *call, struct plan *plan, struct rowset rows, const struct page *page,
	       void *out, bool *found) must_check;

/* sql_rows.c */
struct rowset rows_of(PGresult *result);
/* A result that several calls share: each takes its rows from it; whoever made it lets go at last. */
struct shared_result *shared_result_new(PGresult *result);
struct rowset shared_rows(struct shared_result *shared, int first, int count);
void shared_result_drop(struct shared_result *shared);
/* Lets go of them with the call. */
void rows_keep(struct call *call, struct rowset rows);
void rows_drop(struct rowset rows);

/* sql_cursor.c */
bool page_read(struct call *call, const struct sql_statement *statement, const void *in,
	       struct page *page) must_check;
void page_write_cursor(struct call *call, const struct sql_statement *statement,
		       const char *const *keys, void *out);

/* sql_error.c */
void constraints_learn(struct sql_pool *pool, PGresult *rows);
extern const char constraints_query[];
/* Turns a failed result into a refusal, a fault, or call->retry. Returns false. */
bool sql_refuse(struct call *call, const char *statement, const PGresult *result) must_check;
bool has_state(const PGresult *result, const char *sqlstate);
/* The connection cannot be used on: its plans are stale, the server has become a standby or goes down. */
bool is_conn_useless(const PGresult *result);
bool refuse_down(struct call *call) must_check;
bool refuse_overloaded(struct call *call) must_check;
bool refuse_late(struct call *call) must_check;

/* sql_run.c */
PGresult *sql_exec_values(struct sql_pool *pool, const struct plan *plan,
			  const struct values *values, uint64_t deadline) must_check;

/* sql_read.c */
/* NULL when none is up. */
struct conn *read_conn_least_busy(struct sql_pool *pool);
/* *plan becomes the one that the rows are of. */
bool run_read(struct call *call, struct plan **plan, bool next, const struct values *values,
	      struct rowset *rows) must_check;

/* sql_gather.c: statements that run once for many calls */
enum { GATHER_PARAMS = 32 };
struct asking {
	struct asking *next;
	struct task *task;
	const struct values *values;
	struct rowset rows;
	enum awaited awaited;
	bool done, led;	  /* led: it was the first */
	uint64_t sent_at; /* of the first: uv_now milliseconds, when it was noted */
	unsigned members; /* of the first: how many it ran for; else 0 */
};
struct gathering;
/* Whose a row is: the place among the askers. */
typedef int gather_owner(const struct gathering *gathering, const PGresult *all, int row);
struct gathering {
	struct gathering *next;
	struct plan *plan;
	struct asking *first, **last;
	unsigned count;
	gather_owner *owner; /* NULL: all rows are the first one's */
	struct conn *conn;
	struct request *request; /* NULL though sent: the connection is lost */
	bool sent;
	uint64_t sent_at;
};
/*
 * Joins those of the list that ask for the same while they are fewer than `most`, or begins a gathering that waits to be
 * sent. Sleeps. The rows are the asker's own;
 * an error is the first one's, and the others share its fate.
 */
enum awaited gather(struct gathering **list, struct plan *plan, struct asking *asking,
		    gather_owner *owner, unsigned most, uint64_t deadline) must_check;
struct request *gather_send_all(struct conn *conn, const struct plan *plan,
				const struct asking *first);
/* request NULL: the connection is lost. */
void gathering_sent(struct gathering *gathering, struct conn *conn, struct request *request);

/* sql_share.c: reads that run once for many calls */
#define SHARE_WHOSE "whose"
bool share_can(const struct sql_statement *statement);
/* The text that does: each parameter an array of texts, the column SHARE_WHOSE the call's place in them, from 1. */
bool share_text(const struct sql_statement *statement, const PGresult *described,
		struct buf *text) must_check;
/* By the answer to conn_describe(). */
void plan_learn_types(struct sql_pool *pool, struct plan *plan, const PGresult *described);
/* Whether others may come along; asks Postgres for what that needs. */
bool share_may(struct sql_pool *pool, struct plan *plan);
/* Sleeps. *plan becomes the one that the rows are of. */
enum awaited share_run(struct sql_pool *pool, struct plan **plan, const struct values *values,
		       uint64_t deadline, struct rowset *rows) must_check;
/* At the end of a turn. */
void shares_send(struct sql_pool *pool);

/* sql_queue.c: who may use which write connection */
struct grant {
	struct conn *conn;
	struct batch *batch; /* the transaction is shared */
	unsigned
		epoch; /* of the connection when it was granted: it may be lost before its task runs */
};
/* Sleeps. For a call, or for the runtime itself (call NULL: never shared). */
enum granted { GRANTED, GRANT_DOWN, GRANT_LATE };
enum granted write_conn_take(struct sql_pool *pool, const struct call *call, uint64_t deadline,
			     struct grant *grant);
/* Back to the idle, or on to those who wait. */
void write_conn_give(struct conn *conn);
/*
 * The shared transaction runs nothing more: it is over, or on its way to the disk. The next may begin, on an idle connection
 * if there is one.
 */
void write_batch_passes_on(struct sql_pool *pool);
/* Its outcome is known: there is room for another. */
void write_batch_ended(struct sql_pool *pool);
/* It is down: not idle any more, and nobody shall wait for what does not come. */
void write_conn_forget(struct conn *conn);

/* sql_write.c */
struct sql_transaction {
	struct conn *conn;
	struct batch *batch;
	unsigned epoch, statements;
	bool failed; /* Postgres has refused something: only a Sync can follow */
	bool empty;  /* its SQL_EACH made no row: so far it has done nothing */
};
bool run_in_transaction(struct call *call, struct plan *plan, bool next,
			const struct values *values, struct rowset *rows) must_check;

/* sql_batch.c: transactions that several calls share */
struct batch *batch_new(struct conn *conn, unsigned members);
bool batch_has_failed(const struct batch *batch);
/* So many members' statements have run. With the last of them the next shared transaction begins. */
void batch_answered(struct batch *batch, unsigned members);
void batch_fail(struct batch *batch);
/* The member has done its part; sleeps until all have and it stands, or is to be run again (call->retry), or is call->unknown. */
bool batch_commit(struct call *call) must_check;
/* The member has failed: unless it has done nothing, the others fail with it and all are run again. */
void batch_drop(struct call *call);

/* sql_each.c */
/* The value of :new.id, by which a call knows its row. */
const char *each_id(const struct plan *plan, const struct values *values);
struct request *each_send_alone(struct conn *conn, const struct plan *plan,
				const struct values *values);
/* At the end of a turn: sends what the members of the shared transaction have asked for. */
void each_send(struct conn *conn);
/*
 * For a member of a shared transaction. Sleeps. The rows are its row, or none; or all of a result that is an error.
 * *members: for how many it ran; told to one of them, 0 to the others.
 */
enum awaited each_run(struct conn *conn, struct plan *plan, const struct values *values,
		      uint64_t deadline, struct rowset *rows, unsigned *members) must_check;

/* sql_record.c: what a transaction owes at its end */
enum { RECORDS = 3 };
struct records {
	struct request *requests[RECORDS];
};
/* False when the connection is lost. */
bool records_send(struct conn *conn, struct call *const *calls, unsigned count,
		  struct records *records) must_check;
/* After the Sync was answered: whether all stand. A refusal is put into call unless that is NULL. */
bool records_check(struct sql_pool *pool, struct call *call, struct records *records) must_check;
void records_forget(struct sql_pool *pool, struct records *records);
void request_hash(const struct call *call, uint8_t hash[32]);
/* Where an answer stands, for seal(). */
const char *answer_place(const struct call *call);
bool keeps_answer(const struct call *call);
extern const struct sql_statement record_events, record_audit, record_answers, settle_event,
	claim_timer, find_answer;

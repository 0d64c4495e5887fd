/*
 * Writes: the statements of a call, pipelined on a connection of its own up to one Sync, which is the commit.
 * Without BEGIN: what stands between two Syncs is one transaction already.
 */
#include <string.h>

#include "dispatch.h"
#include "log.h"
#include "metrics.h"
#include "sql_own.h"

enum { UNDO_MS = 2000, MOST_TRIES = 3, PAUSE_MS = 5 };

static bool transaction_begin(struct call *call)
{
	struct sql_pool *pool = call->process->sql;
	uint64_t since = uv_hrtime();
	struct grant grant;

	switch (write_conn_take(pool, call, call->deadline, &grant)) {
	case GRANT_DOWN:
		return refuse_down(call);
	case GRANT_LATE:
		return refuse_overloaded(call);
	default:
		break;
	}
	metric_observe(pool->queue_seconds, (double)(uv_hrtime() - since) / 1e9);
	call->transaction = arena_alloc(call->arena, sizeof *call->transaction);
	*call->transaction = (struct sql_transaction) { .conn = grant.conn,
							.batch = grant.batch,
							.epoch = grant.epoch };
	return true;
}

/*
 * Lost before its commit, nothing has happened: it may be tried on another connection. That may be as dead; a short
 * sleep lets the loop notice.
 */
static bool run_again(struct call *call)
{
	if (call->tries >= MOST_TRIES)
		return refuse_down(call);
	task_sleep(PAUSE_MS * (call->tries + 1));
	call->retry = !call->problem;
	return false;
}

static bool is_lost(const struct sql_transaction *transaction)
{
	return transaction->conn->epoch != transaction->epoch;
}

static bool send_text_statement(struct call *call, const struct sql_statement *statement,
				const char *const *texts, int count, struct request **request)
{
	static const int no_lengths[8], no_formats[8];
	struct sql_pool *pool = call->process->sql;
	struct values values = { count, (const char **)(uintptr_t)texts,
				 (int *)(uintptr_t)no_lengths, (int *)(uintptr_t)no_formats };

	*request = conn_send(call->transaction->conn, plan_of(pool, statement), false, &values);
	return *request || run_again(call);
}

static bool send_prelude(struct call *call, struct request **request)
{
	const EventEnvelope *event = call->event;
	const struct work *work = call->work;

	*request = NULL;
	if (call->settled)
		return true;
	if (event) {
		const char *texts[] = { event->producer, event->name,
					arena_printf(call->arena, "%llu",
						     (unsigned long long)event->source_seq),
					event->id, work && work->again ? "t" : "f" };

		return send_text_statement(call, &settle_event, texts, 5, request);
	}
	if (work && work->timer_subject) {
		const char *texts[] = { call->method->name, work->timer_subject };

		return send_text_statement(call, &claim_timer, texts, 2, request);
	}
	return true;
}

/* Postgres has said no: the rest of the transaction is skipped up to the Sync. */
static bool take_error(struct call *call, const char *name, PGresult *result)
{
	struct sql_transaction *transaction = call->transaction;

	transaction->failed = true;
	if (transaction->batch) {
		batch_fail(transaction->batch);
		call->retry = true;
	} else if (is_conn_useless(result)) {
		conn_restart(transaction->conn, PQresultErrorMessage(result));
		PQclear(result);
		return run_again(call);
	} else if (sql_refuse(call, name, result)) {
		return true;
	}
	PQclear(result);
	return false;
}

/* Takes over what came; into *result when it is good. */
static bool judge(struct call *call, enum awaited awaited, PGresult *answer, const char *name,
		  PGresult **result)
{
	if (awaited == LATE) {
		conn_restart(call->transaction->conn, "a call's time was over");
		return refuse_late(call);
	}
	if (awaited == LOST) {
		PQclear(answer);
		return run_again(call);
	}
	if (PQresultStatus(answer) != PGRES_TUPLES_OK && PQresultStatus(answer) != PGRES_COMMAND_OK)
		return take_error(call, name, answer);
	*result = answer;
	return true;
}

static bool take_answer(struct call *call, struct request *request, const char *name,
			PGresult **result)
{
	struct sql_pool *pool = call->process->sql;
	enum awaited awaited = request_await(request, call->deadline);
	PGresult *answer = NULL;

	if (awaited != LATE) {
		answer = request->result;
		request->result = NULL;
		request_free(pool, request);
	}
	return judge(call, awaited, answer, name, result);
}

/* The row of the event or the timer goes first; what it answers does not matter, only whether it was refused. */
static bool take_prelude(struct call *call, struct request *request)
{
	PGresult *result;

	if (!request)
		return true;
	if (!take_answer(call, request, "prelude", &result))
		return false;
	PQclear(result);
	return true;
}

/*
 * A member of a shared transaction may have run one statement. Who runs a second has found nothing to change, and goes
 * on alone; or was described wrongly.
 */
static bool may_go_on(struct call *call)
{
	struct sql_transaction *transaction = call->transaction;

	if (is_lost(transaction))
		return run_again(call);
	if (!transaction->batch)
		return true;
	if (!batch_has_failed(transaction->batch) && !transaction->statements)
		return true;
	if (transaction->statements && !transaction->empty)
		log_write(LOG_ERROR, "an rpc with one_statement runs a second one", "rpc",
			  call->method->name, NULL);
	call->retry = true;
	return false;
}

static bool run_with_others(struct call *call, struct plan *plan, const struct values *values,
			    struct rowset *rows)
{
	struct sql_transaction *transaction = call->transaction;
	PGresult *result;
	enum awaited awaited;
	unsigned members;

	transaction->statements++;
	awaited = each_run(transaction->conn, plan, values, call->deadline, rows, &members);
	if (!judge(call, awaited, rows->result, plan->statement->name, &result))
		return false;
	batch_answered(transaction->batch, members);
	transaction->empty = !rows->count;
	return true;
}

bool run_in_transaction(struct call *call, struct plan *plan, bool next,
			const struct values *values, struct rowset *rows)
{
	struct request *prelude = NULL, *request;
	PGresult *result;

	if (!call->transaction && !transaction_begin(call))
		return false;
	if (!may_go_on(call))
		return false;
	if (call->transaction->batch && plan->statement->kind == SQL_EACH)
		return run_with_others(call, plan, values, rows);
	if (!call->transaction->statements++ && !send_prelude(call, &prelude))
		return false;
	request = plan->statement->kind == SQL_EACH
			  ? each_send_alone(call->transaction->conn, plan, values)
			  : conn_send(call->transaction->conn, plan, next, values);
	if (!request) {
		if (prelude)
			request_abandon(call->process->sql, prelude);
		return run_again(call);
	}
	if (!take_prelude(call, prelude)) {
		request_abandon(call->process->sql, request);
		return false;
	}
	if (!take_answer(call, request, plan->statement->name, &result))
		return false;
	if (call->transaction->batch)
		batch_answered(call->transaction->batch, 1);
	*rows = rows_of(result);
	return true;
}

/* The transaction ends with its connection when that is lost, and is handed back when it is not. */
static void let_go(struct call *call)
{
	struct sql_transaction *transaction = call->transaction;

	call->transaction = NULL;
	if (!is_lost(transaction))
		write_conn_give(transaction->conn);
}

static bool refuse_unknown(struct call *call)
{
	call->unknown = true;
	return reject(
		call, UNAVAILABLE, "OUTCOME_UNKNOWN",
		"The connection was lost at the last moment. Look whether it was done before you try again.");
}

static bool commit_alone(struct call *call)
{
	struct sql_transaction *transaction = call->transaction;
	struct sql_pool *pool = call->process->sql;
	struct records records;
	struct request *sync;
	enum awaited awaited;
	bool good;

	if (!records_send(transaction->conn, &call, 1, &records)) {
		records_forget(pool, &records);
		call->transaction = NULL;
		return run_again(call);
	}
	sync = conn_sync(transaction->conn);
	awaited = sync ? request_await(sync, call->deadline) : LOST;
	if (awaited == LATE)
		conn_restart(transaction->conn, "a call's time was over in its commit");
	if (awaited != ANSWERED) {
		if (sync && awaited == LOST)
			request_free(pool, sync);
		records_forget(pool, &records);
		call->transaction = NULL;
		return refuse_unknown(call);
	}
	good = records_check(pool, call, &records) &&
	       (sync_stands(sync) || sql_refuse(call, "commit", sync->result));
	request_free(pool, sync);
	let_go(call);
	return good;
}

/* For a handler that ran no statement the row of its event or timer is still to come. */
static bool run_prelude_late(struct call *call)
{
	struct request *prelude;

	if (call->transaction->statements++)
		return true;
	return send_prelude(call, &prelude) && take_prelude(call, prelude);
}

static bool commit(struct call *call)
{
	if (!call->transaction && !transaction_begin(call))
		return false;
	if (is_lost(call->transaction))
		return run_again(call);
	if (!run_prelude_late(call))
		return false;
	if (!call->transaction->batch)
		return commit_alone(call);
	return batch_commit(call) || (call->unknown && refuse_unknown(call));
}

bool sql_commit(struct call *call, const void *answer, size_t len)
{
	uint64_t since = uv_hrtime();
	bool good;

	call->answer = answer;
	call->answer_len = len;
	good = !call_failed(call) && commit(call);
	call->sql_ms += (double)(uv_hrtime() - since) / 1e6;
	if (good && call->outbox && call->process->on_outbox)
		call->process->on_outbox(call->process);
	return good;
}

bool sql_checkpoint(struct call *call)
{
	if (!sql_commit(call, NULL, 0))
		return false;
	call->settled = true;
	call->outbox = NULL;
	return true;
}

/* Without a ROLLBACK a Sync would commit what has been done so far. */
static void undo(struct call *call)
{
	struct sql_transaction *transaction = call->transaction;
	struct sql_pool *pool = call->process->sql;
	struct request *request =
			       transaction->failed ? NULL : conn_send_rollback(transaction->conn),
		       *sync;

	if (request)
		request_abandon(pool, request);
	sync = is_lost(transaction) ? NULL : conn_sync(transaction->conn);
	if (sync && request_await(sync, uv_now(pool->process->loop) + UNDO_MS) == LATE)
		conn_restart(transaction->conn, "undoing a transaction took too long");
	else if (sync)
		request_free(pool, sync);
}

void sql_rollback(struct call *call)
{
	struct sql_transaction *transaction = call->transaction;

	if (!transaction)
		return;
	if (transaction->batch) {
		batch_drop(call);
		return;
	}
	if (!is_lost(transaction) && transaction->statements)
		undo(call);
	let_go(call);
}

/*
 * A transaction that several calls share: every member runs its one statement, then all wait for the last one,
 * which commits for all. If anything fails, all is undone and each member is run again, alone.
 */
#include <stdlib.h>

#include "sql_own.h"

enum { END_MS = 8000 };

struct batch {
	struct conn *conn;
	unsigned epoch, members, answered, arrived, left, good;
	bool failed, refused, ended, unknown, passed_on;
	struct call **calls; /* those that are good */
	struct task_queue others;
};

struct batch *batch_new(struct conn *conn, unsigned members)
{
	struct batch *batch = calloc(1, sizeof *batch);

	if (!batch)
		abort();
	batch->conn = conn;
	batch->epoch = conn->epoch;
	batch->members = batch->left = members;
	batch->calls = calloc(members, sizeof(struct call *));
	if (!batch->calls)
		abort();
	return batch;
}

bool batch_has_failed(const struct batch *batch)
{
	return batch->failed;
}

/* Postgres has refused a statement: the transaction is lost already. */
void batch_fail(struct batch *batch)
{
	batch->failed = batch->refused = true;
}

/* Lets the next shared transaction begin. */
static void pass_on(struct batch *batch)
{
	if (batch->passed_on)
		return;
	batch->passed_on = true;
	write_batch_passes_on(batch->conn->pool);
}

void batch_answered(struct batch *batch, unsigned members)
{
	batch->answered += members;
	if (batch->answered == batch->members && !batch->failed)
		pass_on(batch);
}

/* False when there was no answer. */
static bool sync_and_wait(struct batch *batch, uint64_t deadline, bool *stands)
{
	struct request *sync = conn_sync(batch->conn);
	enum awaited awaited = sync ? request_await(sync, deadline) : LOST;

	*stands = awaited == ANSWERED && sync_stands(sync);
	if (awaited == LATE)
		conn_restart(batch->conn, "the end of a transaction took too long");
	else if (sync)
		request_free(batch->conn->pool, sync);
	return awaited == ANSWERED;
}

static void undo(struct batch *batch, uint64_t deadline)
{
	struct request *request = batch->refused ? NULL : conn_send_rollback(batch->conn);
	bool stands;

	if (request)
		request->task = NULL;
	if (batch->conn->epoch == batch->epoch)
		sync_and_wait(batch, deadline, &stands);
}

/*
 * What has run all its statements holds the next one up no longer: it takes no more rows. Two that answer the same idempotency
 * keys at once, crosswise, could still wait for each other: Postgres notices, and each call runs again alone.
 */
static void commit(struct batch *batch, uint64_t deadline)
{
	struct records records;
	bool stands;

	if (!records_send(batch->conn, batch->calls, batch->good, &records)) {
		records_forget(batch->conn->pool, &records);
		batch->failed = true;
		return;
	}
	pass_on(batch);
	if (!sync_and_wait(batch, deadline, &stands)) {
		records_forget(batch->conn->pool, &records);
		batch->failed = batch->unknown = true;
	} else {
		batch->failed = !records_check(batch->conn->pool, NULL, &records) || !stands;
	}
}

/* By the last to arrive, for all. */
static void end(struct batch *batch)
{
	uint64_t deadline = uv_now(batch->conn->pool->process->loop) + END_MS;

	if (batch->conn->epoch != batch->epoch)
		batch->failed = true;
	else if (batch->failed)
		undo(batch, deadline);
	else
		commit(batch, deadline);
	batch->ended = true;
	pass_on(batch);
	write_batch_ended(batch->conn->pool);
	if (batch->conn->epoch == batch->epoch)
		write_conn_give(batch->conn);
	task_wake_all(&batch->others);
}

static void leave(struct batch *batch)
{
	if (--batch->left)
		return;
	free(batch->calls);
	free(batch);
}

/* Sleeps until every member has arrived and the outcome is known; the batch is then still there for this one. */
static struct batch *arrive(struct call *call)
{
	struct batch *batch = call->transaction->batch;

	call->transaction = NULL;
	if (++batch->arrived == batch->members)
		end(batch);
	while (!batch->ended)
		task_wait(&batch->others, 0);
	return batch;
}

bool batch_commit(struct call *call)
{
	struct batch *batch = call->transaction->batch;
	bool stands;

	batch->calls[batch->good++] = call;
	batch = arrive(call);
	stands = !batch->failed;
	call->unknown = batch->unknown;
	call->retry = !stands && !batch->unknown;
	leave(batch);
	return stands;
}

/* Nobody has to wait for it, nor it for the others; unless it is the last, who ends it for them. */
static void slip_away(struct call *call)
{
	struct batch *batch = call->transaction->batch;

	call->transaction = NULL;
	if (++batch->arrived == batch->members)
		end(batch);
	leave(batch);
}

void batch_drop(struct call *call)
{
	if (call->transaction->empty) {
		slip_away(call);
		return;
	}
	call->transaction->batch->failed = true;
	leave(arrive(call));
	call->retry = true;
}

/* Who uses a write connection: first come, first served; while all are busy, single statements wait to share one. */
#include "dispatch.h"
#include "metrics.h"
#include "sql_own.h"

enum {
	DOWN_MS = 1000,
	LEAST_MS = 100,
	/* One runs while another commits. With more, each is smaller, and costs nearly as much. */
	SHARED_MOST = 2,
};

struct write_waiter {
	struct write_waiter *next;
	struct task *task;
	uint64_t deadline; /* uv_now milliseconds */
	bool shares, ended, late;
	struct grant grant;
};

/* A call that runs exactly one statement may share; its second try, events and timers run alone. */
static bool may_share(const struct sql_pool *pool, const struct call *call)
{
	return pool->batch_limit > 1 &&
	       call &&
	       !call->alone &&
	       call->method &&
	       call->method->one_statement &&
	       !call->event &&
	       !(call->work && call->work->timer_subject);
}

static bool any_up(const struct sql_pool *pool)
{
	for (unsigned i = 0; i < pool->write_count; i++)
		if (pool->writes[i].state == CONN_UP)
			return true;
	return false;
}

/*
 * One shared transaction at a time runs statements: two of them could take the same rows in different orders and block
 * each other until Postgres notices the deadlock.
 */
static bool shared_wait(const struct sql_pool *pool)
{
	return pool->batch_runs || pool->batches >= SHARED_MOST;
}

static void remove_waiter(struct sql_pool *pool, struct write_waiter **at)
{
	struct write_waiter *waiter = *at;

	*at = waiter->next;
	if (!*at)
		pool->waiting_last = at;
}

static void end_wait(struct write_waiter *waiter, struct conn *conn, struct batch *batch)
{
	waiter->ended = true;
	waiter->grant = (struct grant) { conn, batch, conn ? conn->epoch : 0 };
	task_wake(waiter->task);
}

/* Who could not finish does not begin: cut off in mid-transaction it would cost the connection, and those who share it. */
static void refuse_late_waiters(struct sql_pool *pool)
{
	uint64_t earliest = uv_now(pool->process->loop) + LEAST_MS;
	struct write_waiter **at = &pool->waiting;

	while (*at) {
		struct write_waiter *waiter = *at;

		if (waiter->deadline > earliest) {
			at = &waiter->next;
			continue;
		}
		remove_waiter(pool, at);
		waiter->late = true;
		end_wait(waiter, NULL, NULL);
	}
}

static unsigned count_sharing(const struct sql_pool *pool)
{
	unsigned count = 0;

	for (struct write_waiter *waiter = pool->waiting; waiter && count < pool->batch_limit;
	     waiter = waiter->next)
		count += waiter->shares;
	return count;
}

static void grant_shared(struct sql_pool *pool, struct conn *conn, unsigned members)
{
	struct batch *batch = batch_new(conn, members);
	struct write_waiter **at = &pool->waiting;

	pool->batch_runs = true;
	pool->batches++;
	metric_add(pool->batch_members, members);
	while (members)
		if ((*at)->shares) {
			struct write_waiter *waiter = *at;

			remove_waiter(pool, at);
			end_wait(waiter, conn, batch);
			members--;
		} else {
			at = &(*at)->next;
		}
}

/* Who is next: single statements wait for the shared ones under way. */
static struct write_waiter **next_waiter(struct sql_pool *pool)
{
	struct write_waiter **at = &pool->waiting;

	while (*at && (*at)->shares && shared_wait(pool))
		at = &(*at)->next;
	return at;
}

void write_conn_give(struct conn *conn)
{
	struct sql_pool *pool = conn->pool;
	struct write_waiter **at, *next;
	unsigned sharing;

	if (conn->state != CONN_UP)
		return;
	refuse_late_waiters(pool);
	at = next_waiter(pool);
	next = *at;
	if (!next) {
		conn->next_free = pool->idle;
		pool->idle = conn;
		return;
	}
	sharing = next->shares ? count_sharing(pool) : 0;
	if (sharing > 1) {
		grant_shared(pool, conn, sharing);
	} else {
		remove_waiter(pool, at);
		end_wait(next, conn, NULL);
	}
}

void write_conn_forget(struct conn *conn)
{
	struct sql_pool *pool = conn->pool;

	for (struct conn **at = &pool->idle; *at; at = &(*at)->next_free)
		if (*at == conn) {
			*at = conn->next_free;
			break;
		}
	while (pool->waiting && !any_up(pool)) {
		struct write_waiter *waiter = pool->waiting;

		remove_waiter(pool, &pool->waiting);
		end_wait(waiter, NULL, NULL);
	}
}

static struct conn *take_idle(struct sql_pool *pool)
{
	struct conn *conn = pool->idle;

	if (conn)
		pool->idle = conn->next_free;
	return conn;
}

static struct grant grant_of(struct conn *conn)
{
	return (struct grant) { .conn = conn, .epoch = conn ? conn->epoch : 0 };
}

static void start_next(struct sql_pool *pool)
{
	struct conn *conn;

	if (!pool->waiting || shared_wait(pool))
		return;
	conn = take_idle(pool);
	if (conn)
		write_conn_give(conn);
}

void write_batch_passes_on(struct sql_pool *pool)
{
	pool->batch_runs = false;
	start_next(pool);
}

void write_batch_ended(struct sql_pool *pool)
{
	pool->batches--;
	start_next(pool);
}

/* Sleeps; false when it is too late. No connection in the grant when the wait ended because all went down. */
static bool wait_in_line(struct sql_pool *pool, const struct call *call, uint64_t deadline,
			 struct grant *grant)
{
	struct write_waiter waiter = { .task = task_current(),
				       .deadline = deadline,
				       .shares = may_share(pool, call) };
	struct write_waiter **at = &pool->waiting;

	if (!pool->waiting)
		pool->waiting_last = &pool->waiting;
	*pool->waiting_last = &waiter;
	pool->waiting_last = &waiter.next;
	while (!waiter.ended)
		if (!task_park_until(deadline) && !waiter.ended) {
			while (*at != &waiter)
				at = &(*at)->next;
			remove_waiter(pool, at);
			return false;
		}
	*grant = waiter.grant;
	return !waiter.late;
}

enum granted write_conn_take(struct sql_pool *pool, const struct call *call, uint64_t deadline,
			     struct grant *grant)
{
	uint64_t patience = uv_now(pool->process->loop) + DOWN_MS;
	bool joins = (pool->waiting || shared_wait(pool)) && may_share(pool, call);

	*grant = grant_of(joins ? NULL : take_idle(pool));
	while (!grant->conn) {
		if (any_up(pool)) {
			if (!wait_in_line(pool, call, deadline, grant))
				return GRANT_LATE;
		} else if (!task_wait(&pool->comers, patience < deadline ? patience : deadline)) {
			return GRANT_DOWN;
		} else {
			*grant = grant_of(take_idle(pool));
		}
	}
	return GRANTED;
}

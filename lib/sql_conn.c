/*
 * One connection in pipeline mode on the loop: it connects, prepares every statement, carries requests, and when it
 * is lost tells those who wait and begins again.
 */
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "metrics.h"
#include "sql_own.h"

enum { FIRST_BACKOFF_MS = 100, MOST_BACKOFF_MS = 2000, CONNECT_MS = 5000 };

static void on_poll(uv_poll_t *poll, int status, int events);
static void on_timer(uv_timer_t *timer);

static void on_closed(uv_handle_t *handle)
{
	free(handle);
}

static void unwatch(struct conn *conn)
{
	if (!conn->poll)
		return;
	uv_poll_stop(conn->poll);
	uv_close((uv_handle_t *)conn->poll, on_closed);
	conn->poll = NULL;
	conn->events = 0;
}

static void watch(struct conn *conn, int events)
{
	if (!conn->poll) {
		conn->poll = malloc(sizeof *conn->poll);
		if (!conn->poll)
			abort();
		uv_poll_init(conn->pool->process->loop, conn->poll, PQsocket(conn->pg));
		conn->poll->data = conn;
	}
	if (conn->events == events)
		return;
	conn->events = events;
	uv_poll_start(conn->poll, events, on_poll);
}

static void push(struct conn *conn, struct request *request)
{
	*conn->last = request;
	conn->last = &request->next;
	conn->in_flight++;
}

/* Whoever has left gets nothing; the others are woken. */
static void settle(struct conn *conn, struct request *request)
{
	request->done = true;
	if (request->task)
		task_wake(request->task);
	else
		request_free(conn->pool, request);
}

static struct request *pop(struct conn *conn)
{
	struct request *request = conn->first;

	conn->first = request->next;
	if (!conn->first)
		conn->last = &conn->first;
	conn->in_flight--;
	return request;
}

static void lose_requests(struct conn *conn)
{
	while (conn->first) {
		struct request *request = pop(conn);

		request->lost = true;
		settle(conn, request);
	}
}

static void go_down(struct conn *conn)
{
	conn->state = CONN_DOWN;
	conn->epoch++;
	unwatch(conn);
	PQfinish(conn->pg);
	conn->pg = NULL;
	conn->unsynced = conn->unasked = false;
	conn->setup_sync = conn->constraints_result = NULL;
	lose_requests(conn);
	if (conn->writes)
		write_conn_forget(conn);
}

void conn_restart(struct conn *conn, const char *why)
{
	if (conn->state == CONN_DOWN)
		return;
	log_write(LOG_WARN, "lost a connection to Postgres", "why", why, NULL);
	metric_add(conn->pool->reconnects, 1);
	go_down(conn);
	uv_timer_start(&conn->timer, on_timer, conn->backoff_ms, 0);
	conn->backoff_ms =
		conn->backoff_ms * 2 < MOST_BACKOFF_MS ? conn->backoff_ms * 2 : MOST_BACKOFF_MS;
}

static void restart_with_message(struct conn *conn)
{
	char *why = strdup(conn->pg ? PQerrorMessage(conn->pg) : "");

	conn_restart(conn, why);
	free(why);
}

void conn_close(struct conn *conn)
{
	if (conn->state != CONN_DOWN)
		go_down(conn);
	uv_close((uv_handle_t *)&conn->timer, pool_forget);
}

static void ignore_notice(void *arg, const PGresult *result)
{
	(void)arg;
	(void)result;
}

/*
 * Without the generic plan Postgres plans a statement with optional parameters anew at every execution, which costs
 * more than the rows.
 */
#define SESSION "-c timezone=UTC -c datestyle=ISO -c jit=off -c plan_cache_mode=force_generic_plan"

/*
 * Everything is looked up by index. A plan made while a table was empty would read all of it for as long as nobody has
 * analysed the table again, and that is a minute in which it may have grown to anything.
 */
#define READS                                                                                      \
	SESSION " -c default_transaction_read_only=on -c enable_seqscan=off -c enable_incremental_sort=off"
#define WRITES SESSION " -c enable_seqscan=off"

/*
 * libpq looks a host's name up while the loop stands still. To do it before would mean to take a URL of several hosts
 * apart and to keep the names for TLS; an address, or a resolver on the same machine, makes it nothing.
 */
void conn_start(struct conn *conn)
{
	const char *names[] = { "dbname",
				"application_name",
				"client_encoding",
				"options",
				"target_session_attrs",
				"tcp_user_timeout",
				"keepalives_idle",
				NULL };
	const char *values[] = { conn->pool->url,
				 conn->pool->process->name,
				 "UTF8",
				 conn->writes ? WRITES : READS,
				 "primary",
				 "10000",
				 "30",
				 NULL };

	conn->pg = PQconnectStartParams(names, values, 1);
	conn->state = CONN_CONNECTING;
	if (!conn->pg)
		abort();
	if (PQstatus(conn->pg) == CONNECTION_BAD) {
		restart_with_message(conn);
		return;
	}
	PQsetNoticeReceiver(conn->pg, ignore_notice, NULL);
	uv_timer_start(&conn->timer, on_timer, CONNECT_MS, 0);
	watch(conn, UV_WRITABLE);
}

/* While it goes from host to host, libpq changes its socket: often for one with the same number, which nobody watches yet. */
static void watch_anew(struct conn *conn, int events)
{
	unwatch(conn);
	watch(conn, events);
}

/* Not connected by now, or time for another attempt. */
static void on_timer(uv_timer_t *timer)
{
	struct conn *conn = timer->data;

	if (conn->state == CONN_DOWN)
		conn_start(conn);
	else
		conn_restart(conn, "the server did not answer in time");
}

static void send_out(struct conn *conn)
{
	int left = PQflush(conn->pg);

	if (left < 0)
		restart_with_message(conn);
	else
		watch(conn, left ? UV_READABLE | UV_WRITABLE : UV_READABLE);
}

static bool prepare_one(struct conn *conn, const char *name, const char *text)
{
	struct request *request;

	if (!PQsendPrepare(conn->pg, name, text, 0, NULL))
		return false;
	request = request_new(conn->pool, REQUEST_PREPARE);
	request->task = NULL;
	push(conn, request);
	return true;
}

static bool prepare_plan(struct conn *conn, const struct plan *plan)
{
	const struct sql_statement *statement = plan->statement;

	return prepare_one(conn, statement->name, statement->text) &&
	       (!statement->next_text || prepare_one(conn, plan->next_name, statement->next_text));
}

/* Also those that were first used after the connect. */
static bool prepare_plans(struct conn *conn)
{
	while (conn->prepared < conn->pool->plan_count)
		if (!prepare_plan(conn, conn->pool->plans[conn->prepared++]))
			return false;
	return true;
}

static bool ask_constraints(struct conn *conn)
{
	if (!PQsendQueryParams(conn->pg, constraints_query, 0, NULL, NULL, NULL, NULL, 0))
		return false;
	conn->constraints_result = request_new(conn->pool, REQUEST_STATEMENT);
	conn->constraints_result->task = NULL;
	push(conn, conn->constraints_result);
	return true;
}

struct request *conn_sync(struct conn *conn)
{
	struct request *request;

	if (conn->state != CONN_UP && conn->state != CONN_PREPARING)
		return NULL;
	if (!PQpipelineSync(conn->pg)) {
		restart_with_message(conn);
		return NULL;
	}
	conn->unsynced = conn->unasked = false;
	request = request_new(conn->pool, REQUEST_SYNC);
	push(conn, request);
	send_out(conn);
	return conn->state == CONN_DOWN ? NULL : request;
}

static void begin_prepare(struct conn *conn)
{
	conn->state = CONN_PREPARING;
	conn->prepared = 0;
	conn->setup_failed = false;
	PQsetnonblocking(conn->pg, 1);
	if (!PQenterPipelineMode(conn->pg) || !ask_constraints(conn) || !prepare_plans(conn)) {
		restart_with_message(conn);
		return;
	}
	conn->setup_sync = conn_sync(conn);
	if (conn->setup_sync)
		conn->setup_sync->task = NULL;
}

static void come_up(struct conn *conn)
{
	conn->setup_sync = NULL;
	uv_timer_stop(&conn->timer);
	conn->state = CONN_UP;
	conn->backoff_ms = FIRST_BACKOFF_MS;
	conn->pool->generation++;
	if (conn->writes)
		write_conn_give(conn);
	task_wake_all(&conn->pool->comers);
}

/* A statement that cannot be prepared: the schema is not (yet) the one that we were built for. */
static void note_failed_prepare(struct conn *conn, const PGresult *result)
{
	if (PQresultStatus(result) != PGRES_FATAL_ERROR || conn->setup_failed)
		return;
	conn->setup_failed = true;
	log_write(LOG_ERROR, "Postgres refused a statement", "error", PQresultErrorMessage(result),
		  NULL);
}

static void connect_on(struct conn *conn)
{
	switch (PQconnectPoll(conn->pg)) {
	case PGRES_POLLING_OK:
		begin_prepare(conn);
		break;
	case PGRES_POLLING_READING:
		watch_anew(conn, UV_READABLE);
		break;
	case PGRES_POLLING_WRITING:
		watch_anew(conn, UV_WRITABLE);
		break;
	default:
		restart_with_message(conn);
	}
}

static void finish_sync(struct conn *conn)
{
	struct request *request = pop(conn);
	bool setup = request == conn->setup_sync;

	settle(conn, request);
	if (!setup)
		return;
	if (conn->setup_failed)
		conn_restart(conn, "its schema is not ready for this service");
	else
		come_up(conn);
}

static void finish_statement(struct conn *conn)
{
	struct request *request = pop(conn);

	if (request->kind == REQUEST_PREPARE)
		note_failed_prepare(conn, request->result);
	if (request->kind == REQUEST_DESCRIBE)
		plan_learn_types(conn->pool, request->plan, request->result);
	if (request == conn->constraints_result) {
		constraints_learn(conn->pool, request->result);
		request->result = NULL;
		conn->constraints_result = NULL;
	}
	settle(conn, request);
}

/*
 * One result, or the NULL that ends a statement's results; false when there is nothing more to take. A result before
 * that of a Sync is an error: of the commit (a deferred constraint), or libpq's own when the connection broke.
 */
static bool take_result(struct conn *conn)
{
	PGresult *result = PQgetResult(conn->pg);

	if (!result) {
		if (!conn->first->result)
			return false;
		if (conn->first->kind == REQUEST_SYNC)
			return PQstatus(conn->pg) == CONNECTION_OK;
		finish_statement(conn);
		return true;
	}
	if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
		PQclear(result);
		finish_sync(conn);
	} else if (conn->first->result) {
		PQclear(result);
	} else {
		conn->first->result = result;
	}
	return true;
}

static void take_results(struct conn *conn)
{
	bool alive = PQconsumeInput(conn->pg);

	while (conn->first && !PQisBusy(conn->pg) && take_result(conn))
		if (conn->state == CONN_DOWN)
			return;
	if (!alive || PQstatus(conn->pg) == CONNECTION_BAD)
		restart_with_message(conn);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct conn *conn = poll->data;

	if (conn->state == CONN_CONNECTING) {
		connect_on(conn);
		return;
	}
	if ((events & UV_READABLE) || status < 0)
		take_results(conn);
	if (conn->state != CONN_DOWN && (events & UV_WRITABLE))
		send_out(conn);
}

static struct request *sent(struct conn *conn)
{
	struct request *request = request_new(conn->pool, REQUEST_STATEMENT);

	push(conn, request);
	if (conn->writes)
		conn->unasked = true;
	else
		conn->unsynced = true;
	return request;
}

struct request *conn_send(struct conn *conn, const struct plan *plan, bool next,
			  const struct values *values)
{
	const char *name = next ? plan->next_name : plan->statement->name;

	if (conn->state != CONN_UP)
		return NULL;
	if (!prepare_plans(conn) ||
	    !PQsendQueryPrepared(conn->pg, name, values->count, values->values, values->lengths,
				 values->formats, 0)) {
		restart_with_message(conn);
		return NULL;
	}
	return sent(conn);
}

void conn_describe(struct conn *conn, struct plan *plan)
{
	struct request *request;

	if (conn->state != CONN_UP)
		return;
	if (!PQsendDescribePrepared(conn->pg, plan->statement->name)) {
		restart_with_message(conn);
		return;
	}
	request = sent(conn);
	request->kind = REQUEST_DESCRIBE;
	request->plan = plan;
	request->task = NULL;
}

struct request *conn_send_rollback(struct conn *conn)
{
	if (conn->state != CONN_UP)
		return NULL;
	if (!PQsendQueryParams(conn->pg, "rollback", 0, NULL, NULL, NULL, NULL, 0)) {
		restart_with_message(conn);
		return NULL;
	}
	return sent(conn);
}

void conn_flush(struct conn *conn)
{
	struct request *sync;

	each_send(conn);
	if (conn->unsynced) {
		sync = conn_sync(conn);
		if (sync)
			sync->task = NULL;
	} else if (conn->unasked) {
		conn->unasked = false;
		if (PQsendFlushRequest(conn->pg))
			send_out(conn);
		else
			restart_with_message(conn);
	}
}

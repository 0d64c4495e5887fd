/*
 * Reads: what is ready in one turn of the loop goes out together, with one Sync. When one fails, Postgres skips
 * those after it in the group; they are sent again, in the end each with a Sync of its own.
 */
#include "sql_own.h"

enum { ATTEMPTS = 5, ALONE_FROM = 2, DOWN_MS = 1000 };

enum outcome { DONE, AGAIN, REFUSED };

struct conn *read_conn_least_busy(struct sql_pool *pool)
{
	struct conn *best = NULL;

	for (unsigned i = 0; i < pool->read_count; i++) {
		struct conn *conn = &pool->reads[i];

		if (conn->state == CONN_UP && (!best || conn->in_flight < best->in_flight))
			best = conn;
	}
	return best;
}

/* Sleeps for a second at most when none is there. */
static struct conn *choose_conn(struct sql_pool *pool, uint64_t deadline)
{
	uint64_t patience = uv_now(pool->process->loop) + DOWN_MS;
	struct conn *conn = read_conn_least_busy(pool);

	while (!conn && task_wait(&pool->comers, patience < deadline ? patience : deadline))
		conn = read_conn_least_busy(pool);
	return conn;
}

static enum outcome judge(struct call *call, struct conn *conn, const char *name, PGresult *result,
			  PGresult **good)
{
	switch (PQresultStatus(result)) {
	case PGRES_TUPLES_OK:
	case PGRES_COMMAND_OK:
		*good = result;
		return DONE;
	case PGRES_PIPELINE_ABORTED:
		PQclear(result);
		return AGAIN;
	default:
		break;
	}
	if (is_conn_useless(result)) {
		conn_restart(conn, PQresultErrorMessage(result));
		PQclear(result);
		return AGAIN;
	}
	if (sql_refuse(call, name, result))
		return DONE;
	PQclear(result);
	return REFUSED;
}

static struct request *send_read(struct conn *conn, const struct plan *plan, bool next,
				 const struct values *values, bool alone)
{
	struct request *request;

	if (alone)
		conn_flush(conn);
	request = conn_send(conn, plan, next, values);
	if (request && alone)
		conn_flush(conn);
	return request;
}

static enum outcome read_once(struct call *call, const struct plan *plan, bool next,
			      const struct values *values, bool alone, PGresult **result)
{
	struct sql_pool *pool = call->process->sql;
	struct conn *conn = choose_conn(pool, call->deadline);
	struct request *request;
	PGresult *answer;

	if (!conn)
		return refuse_down(call) ? DONE : REFUSED;
	request = send_read(conn, plan, next, values, alone);
	if (!request)
		return AGAIN;
	switch (request_await(request, call->deadline)) {
	case LATE:
		return refuse_late(call) ? DONE : REFUSED;
	case LOST:
		request_free(pool, request);
		return AGAIN;
	default:
		answer = request->result;
		request->result = NULL;
		request_free(pool, request);
		return judge(call, conn, plan->statement->name, answer, result);
	}
}

/* With others who ask for the same. What fails there, for whatever reason, is AGAIN. */
static enum outcome read_shared(struct call *call, struct plan **plan, const struct values *values,
				struct rowset *rows)
{
	enum awaited awaited = share_run(call->process->sql, plan, values, call->deadline, rows);

	if (awaited == LATE)
		return refuse_late(call) ? DONE : REFUSED;
	if (awaited == ANSWERED && PQresultStatus(rows->result) == PGRES_TUPLES_OK)
		return DONE;
	rows_drop(*rows);
	return AGAIN;
}

bool run_read(struct call *call, struct plan **plan, bool next, const struct values *values,
	      struct rowset *rows)
{
	enum outcome outcome = share_may(call->process->sql, *plan)
				       ? read_shared(call, plan, values, rows)
				       : AGAIN;
	PGresult *result = NULL;

	if (outcome != AGAIN)
		return outcome == DONE;
	for (int attempt = 0; attempt < ATTEMPTS && outcome == AGAIN; attempt++)
		outcome = read_once(call, *plan, next, values, attempt >= ALONE_FROM, &result);
	*rows = rows_of(result);
	if (outcome == AGAIN)
		return refuse_down(call);
	return outcome == DONE;
}

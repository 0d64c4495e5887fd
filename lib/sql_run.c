/* One statement of a handler: parameters, the way to Postgres, and the message filled. */
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "seal.h"
#include "sql_own.h"

enum { OWN_MS = 6000 };

static bool is_read(const struct call *call)
{
	return call->method && (call->method->verb == VERB_GET || call->method->reads);
}

/* In a transaction of its own: for the process itself, whose calls have no commit. */
static bool run_on_its_own(struct call *call, const struct plan *plan, const struct values *values,
			   struct rowset *rows)
{
	struct sql_pool *pool = call->process->sql;
	PGresult *result = sql_exec_values(pool, plan, values, call->deadline);

	if (!result)
		return refuse_down(call);
	*rows = rows_of(result);
	if (PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK)
		return true;
	if (!sql_refuse(call, plan->statement->name, result))
		PQclear(result);
	return false;
}

/* *plan becomes the one that the rows are of. */
static bool run(struct call *call, struct plan **plan, const void *in, const struct page *page,
		struct rowset *rows)
{
	bool next = page && page->follows;
	struct values values;

	if (!values_build(call, *plan, next, in, page, &values))
		return false;
	if (is_read(call))
		return run_read(call, plan, next, &values, rows);
	if (call->method)
		return run_in_transaction(call, *plan, next, &values, rows);
	return run_on_its_own(call, *plan, &values, rows);
}

bool sql_run(struct call *call, const struct sql_statement *statement, const void *in, void *out,
	     bool *found)
{
	struct page paging, *page = statement->kind == SQL_PAGE ? &paging : NULL;
	uint64_t since = uv_hrtime();
	struct plan *plan;
	struct rowset rows;
	bool good;

	if (call_failed(call) || (page && !page_read(call, statement, in, page)))
		return false;
	plan = plan_of(call->process->sql, statement);
	good = run(call, &plan, in, page, &rows);
	call->statements++;
	call->sql_ms += (double)(uv_hrtime() - since) / 1e6;
	return good && rows_read(call, plan, rows, page, out, found);
}

static PGresult *exec_on(struct conn *conn, const struct plan *plan, const struct values *values,
			 uint64_t deadline)
{
	struct request *request = conn_send(conn, plan, false, values), *sync;
	struct sql_pool *pool = conn->pool;
	enum awaited awaited;
	PGresult *result = NULL;

	if (!request)
		return NULL;
	sync = conn_sync(conn);
	awaited = sync ? request_await(sync, deadline) : LOST;
	if (awaited == LATE)
		conn_restart(conn, "a statement of the runtime took too long");
	if (awaited == ANSWERED) {
		struct request *last = sync_stands(sync) ? request : sync;

		result = last->result;
		last->result = NULL;
	}
	if (sync && awaited != LATE)
		request_free(pool, sync);
	request_abandon(pool, request);
	return result;
}

PGresult *sql_exec_values(struct sql_pool *pool, const struct plan *plan,
			  const struct values *values, uint64_t deadline)
{
	struct grant grant;
	PGresult *result;

	if (write_conn_take(pool, NULL, deadline, &grant) != GRANTED)
		return NULL;
	result = exec_on(grant.conn, plan, values, deadline);
	if (result && is_conn_useless(result))
		conn_restart(grant.conn, PQresultErrorMessage(result));
	if (grant.conn->epoch == grant.epoch)
		write_conn_give(grant.conn);
	return result;
}

PGresult *sql_exec(struct sql_pool *pool, const struct sql_statement *statement,
		   const struct sql_value *given, unsigned count, uint64_t deadline)
{
	enum { MOST = 16 };
	const char *texts[MOST];
	int lengths[MOST], formats[MOST];
	struct values values = { (int)count, texts, lengths, formats };

	if (count > MOST)
		return NULL;
	for (unsigned i = 0; i < count; i++) {
		texts[i] = given[i].bytes;
		lengths[i] = (int)given[i].len;
		formats[i] = given[i].binary;
	}
	return sql_exec_values(pool, plan_of(pool, statement), &values, deadline);
}

static bool is_hash(const char *hex, const uint8_t hash[32])
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < 32; i++)
		if (hex[2 * i] != digits[hash[i] >> 4] || hex[2 * i + 1] != digits[hash[i] & 15])
			return false;
	return !hex[64];
}

static void keep_answer(struct call *call, const PGresult *result, struct kept_answer *kept)
{
	uint8_t hash[32];

	request_hash(call, hash);
	kept->same_request = is_hash(PQgetvalue(result, 0, 0), hash);
	if (kept->same_request)
		kept->answer = seal_open(call->arena, call->process->sql->answer_key,
					 answer_place(call), PQgetvalue(result, 0, 1), &kept->len);
	kept->found = kept->answer || !kept->same_request;
	if (!kept->found)
		log_write(LOG_ERROR, "a kept answer cannot be opened", "rpc", call->method->name,
			  NULL);
}

/* Asked where it was written: a reading connection may be the one that is down. */
bool sql_kept_answer(struct call *call, struct kept_answer *kept)
{
	struct sql_pool *pool = call->process->sql;
	const char *key = call->request->idempotency_key;
	struct sql_value values[] = { { call->caller->id, strlen(call->caller->id), false },
				      { key, strlen(key), false } };
	uint64_t deadline = uv_now(pool->process->loop) + OWN_MS;
	PGresult *result;
	bool good;

	*kept = (struct kept_answer) { 0 };
	if (!keeps_answer(call))
		return true;
	result = sql_exec(pool, &find_answer, values, 2, deadline);
	good = PQresultStatus(result) == PGRES_TUPLES_OK;
	if (good && PQntuples(result))
		keep_answer(call, result, kept);
	PQclear(result);
	return good;
}

/* The connections of a process: a few that read together, a few that write. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "metrics.h"
#include "seal.h"
#include "sql_own.h"

static void open_conn(struct sql_pool *pool, struct conn *conn, bool writes)
{
	conn->pool = pool;
	conn->writes = writes;
	conn->backoff_ms = 100;
	conn->last = &conn->first;
	conn->timer.data = conn;
	uv_timer_init(pool->process->loop, &conn->timer);
	pool->handles++;
	conn_start(conn);
}

static void flush_all(void *arg)
{
	struct sql_pool *pool = arg;

	shares_send(pool);
	for (unsigned i = 0; i < pool->read_count; i++)
		conn_flush(&pool->reads[i]);
	for (unsigned i = 0; i < pool->write_count; i++)
		conn_flush(&pool->writes[i]);
}

/* Cursors are worth something only to the service that gave them. */
static void derive_cursor_key(struct sql_pool *pool)
{
	static const char purpose[] = "ithaca cursor";

	crypto_generichash(pool->cursor_key, sizeof pool->cursor_key, (const uint8_t *)purpose,
			   sizeof purpose, conf_key(pool->process->conf, "ITHACA_RPC_ROOT"), 32);
}

static void register_plans(struct sql_pool *pool, const struct sql_statement *const *statements)
{
	static const struct sql_statement *const own[] = {
		&record_events, &record_audit, &record_answers, &settle_event, &claim_timer,
		&find_answer,	NULL
	};

	for (int i = 0; own[i]; i++)
		plan_of(pool, own[i]);
	for (; statements && *statements; statements++)
		plan_of(pool, *statements);
}

static void make_metrics(struct sql_pool *pool)
{
	struct metrics *metrics = pool->process->metrics;

	pool->queue_seconds = metric_histogram(metrics, "ithaca_sql_wait_seconds",
					       "Waiting for a connection that may write.", "");
	pool->batch_members = metric_counter(metrics, "ithaca_sql_shared_total",
					     "Writes that shared a transaction.", "");
	pool->reads_together = metric_counter(metrics, "ithaca_sql_together_total",
					      "Reads that ran as one with others.", "");
	pool->reconnects = metric_counter(metrics, "ithaca_sql_lost_total",
					  "Connections to Postgres lost or not made.", "");
}

struct sql_pool *sql_open(struct process *process, const char *url,
			  const struct sql_statement *const *statements)
{
	struct sql_pool *pool = calloc(1, sizeof *pool);

	if (!pool)
		abort();
	pool->process = process;
	pool->url = strdup(url);
	pool->waiting_last = &pool->waiting;
	pool->read_count = (unsigned)conf_number(process->conf, "ITHACA_READ_CONNECTIONS");
	pool->write_count = (unsigned)conf_number(process->conf, "ITHACA_WRITE_CONNECTIONS");
	pool->batch_limit = (unsigned)conf_number(process->conf, "ITHACA_WRITE_BATCH");
	pool->reads = calloc(pool->read_count, sizeof *pool->reads);
	pool->writes = calloc(pool->write_count, sizeof *pool->writes);
	if (!pool->url || !pool->reads || !pool->writes)
		abort();
	derive_cursor_key(pool);
	pool->answer_key =
		seal_key_new(conf_key(process->conf, "ITHACA_MASTER_KEY"), "idempotency", 1);
	if (!pool->answer_key)
		abort();
	make_metrics(pool);
	register_plans(pool, statements);
	pool->hook = (struct task_hook) { .run = flush_all, .arg = pool };
	task_at_turn_end(process->loop, &pool->hook);
	for (unsigned i = 0; i < pool->read_count; i++)
		open_conn(pool, &pool->reads[i], false);
	for (unsigned i = 0; i < pool->write_count; i++)
		open_conn(pool, &pool->writes[i], true);
	return pool;
}

static void free_pool(struct sql_pool *pool)
{
	while (pool->spare) {
		struct request *request = pool->spare;

		pool->spare = request->next;
		free(request);
	}
	plans_free(pool);
	PQclear(pool->constraint_rows);
	free(pool->constraints);
	sodium_memzero(pool->cursor_key, sizeof pool->cursor_key);
	seal_key_free(pool->answer_key);
	free(pool->reads);
	free(pool->writes);
	free(pool->url);
	free(pool);
}

void pool_forget(uv_handle_t *timer)
{
	struct sql_pool *pool = ((struct conn *)timer->data)->pool;

	if (!--pool->handles)
		free_pool(pool);
}

void sql_close(struct sql_pool *pool)
{
	task_drop_hook(&pool->hook);
	for (unsigned i = 0; i < pool->read_count; i++)
		conn_close(&pool->reads[i]);
	for (unsigned i = 0; i < pool->write_count; i++)
		conn_close(&pool->writes[i]);
}

static bool any_up(const struct conn *conns, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (conns[i].state == CONN_UP)
			return true;
	return false;
}

bool sql_ready(const struct sql_pool *pool)
{
	return any_up(pool->reads, pool->read_count) && any_up(pool->writes, pool->write_count);
}

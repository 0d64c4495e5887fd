/*
 * Reads that many ask for at once run once for all of them. Postgres spends most of a short read on what does not depend on
 * how many rows it finds: while some run, those who come wait together, and then go as one.
 *
 *   select shared.whose, answer.*
 *   from unnest($1::text[], …) with ordinality as shared (p1, …, whose), lateral (select * from (<the statement>) one offset 0) answer
 *
 * The text is made once, with the types that Postgres infers for the parameters; "offset 0" keeps the statement's own plan. What
 * fails runs again by itself, so that an error is nobody else's; what takes long goes alone.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "metrics.h"
#include "sql_own.h"

/* After a slow pack a plan's reads go alone, twice as long when the next pack is slow again. */
enum { SLOW_MS = 20, ALONE_LEAST_MS = 200, ALONE_MOST_MS = 20000 };
/*
 * How many go as one, and how many packs of a plan run on each connection. While a connection works on its pack the next one
 * fills, and the other processes work; with everybody in one pack they would wait for each other.
 */
enum { MOST = 16, RUNNING = 1 };

struct type_name {
	Oid oid;
	const char *name;
};

static const struct type_name type_names[] = {
	{ 16, "boolean" },
	{ 20, "bigint" },
	{ 21, "smallint" },
	{ 23, "integer" },
	{ 25, "text" },
	{ 700, "real" },
	{ 701, "double precision" },
	{ 114, "json" },
	{ 3802, "jsonb" },
	{ 1082, "date" },
	{ 1083, "time" },
	{ 1114, "timestamp" },
	{ 1184, "timestamptz" },
	{ 1186, "interval" },
	{ 1043, "varchar" },
	{ 1700, "numeric" },
	{ 2950, "uuid" },
	{ 869, "inet" },
	{ 1000, "boolean[]" },
	{ 1007, "integer[]" },
	{ 1009, "text[]" },
	{ 1016, "bigint[]" },
	{ 2951, "uuid[]" },
};

static const char *type_name(Oid oid)
{
	for (size_t i = 0; i < sizeof type_names / sizeof *type_names; i++)
		if (type_names[i].oid == oid)
			return type_names[i].name;
	return NULL;
}

bool share_can(const struct sql_statement *statement)
{
	unsigned params = 0;

	while (statement->params && statement->params[params])
		params++;
	return (statement->kind == SQL_ONE || statement->kind == SQL_MAYBE) &&
	       params &&
	       params <= GATHER_PARAMS &&
	       !strncasecmp(statement->text, "select", 6);
}

/* $3 becomes shared.p3::its type, outside of quotes and comments. */
static bool put_statement(struct buf *text, const char *from, const PGresult *described)
{
	char quote = '\0';

	for (const char *at = from; *at; at++) {
		char *end;
		long number;
		const char *type;

		if (!quote && !strncmp(at, "--", 2))
			at += strcspn(at, "\n");
		if (!*at)
			break;
		if (quote ? *at == quote : *at == '\'' || *at == '"')
			quote = quote ? '\0' : *at;
		if (quote || *at != '$' || !isdigit((unsigned char)at[1])) {
			buf_putc(text, *at);
			continue;
		}
		number = strtol(at + 1, &end, 10);
		type = type_name(PQparamtype(described, (int)number - 1));
		if (!type)
			return false;
		buf_printf(text, "shared.p%ld::%s", number, type);
		at = end - 1;
	}
	return true;
}

bool share_text(const struct sql_statement *statement, const PGresult *described, struct buf *text)
{
	int params = PQnparams(described);

	buf_puts(text, "select shared." SHARE_WHOSE ", answer.* from unnest(");
	for (int i = 1; i <= params; i++)
		buf_printf(text, "%s$%d::text[]", i > 1 ? ", " : "", i);
	buf_puts(text, ") with ordinality as shared (");
	for (int i = 1; i <= params; i++)
		buf_printf(text, "p%d, ", i);
	buf_puts(text, SHARE_WHOSE "), lateral (select * from (");
	if (!put_statement(text, statement->text, described))
		return false;
	buf_puts(text, ") one offset 0) answer");
	return true;
}

void plan_learn_types(struct sql_pool *pool, struct plan *plan, const PGresult *described)
{
	struct sql_statement *made;
	struct buf name = { 0 }, text = { 0 };

	plan->described = PQresultStatus(described) == PGRES_COMMAND_OK;
	if (plan->shared || !plan->described)
		return;
	if (!share_text(plan->statement, described, &text)) {
		plan->shareable = false;
		buf_free(&text);
		return;
	}
	buf_printf(&name, "%s/shared", plan->statement->name);
	made = malloc(sizeof *made);
	if (!made)
		abort();
	*made = *plan->statement;
	made->name = buf_text(&name);
	made->text = buf_text(&text);
	plan->shared = plan_of(pool, made);
	plan->shared->made = made;
}

/* With a Sync of its own, so that what fails around it does not skip it. */
static void describe(struct conn *conn, struct plan *plan)
{
	plan->described = true;
	conn_flush(conn);
	conn_describe(conn, plan);
	conn_flush(conn);
}

/* Nobody comes along with what is alone anyway: the first time that others are about is soon enough to ask. */
bool share_may(struct sql_pool *pool, struct plan *plan)
{
	struct conn *conn;

	if (!plan->shareable || uv_now(pool->process->loop) < plan->slow_until)
		return false;
	if (plan->shared)
		return true;
	conn = read_conn_least_busy(pool);
	if (conn && conn->in_flight && !plan->described)
		describe(conn, plan);
	return false;
}

static int owner_by_place(const struct gathering *gathering, const PGresult *all, int row)
{
	(void)gathering;
	return atoi(PQgetvalue(all, row, 0)) - 1;
}

static void send_one(struct sql_pool *pool, struct gathering *gathering)
{
	struct conn *conn = read_conn_least_busy(pool);
	struct plan *plan = gathering->plan;
	struct request *request = NULL;

	gathering->sent_at = uv_now(pool->process->loop);
	if (gathering->count == 1)
		gathering->owner = NULL;
	else
		metric_add(pool->reads_together, gathering->count);
	if (conn)
		request = gathering->owner ? gather_send_all(conn, plan->shared, gathering->first)
					   : conn_send(conn, plan, false, gathering->first->values);
	gathering_sent(gathering, conn, request);
}

/* Those who come while enough run gather. */
void shares_send(struct sql_pool *pool)
{
	struct gathering **at = &pool->sharings;

	while (*at) {
		struct gathering *gathering = *at;

		if (gathering->plan->shared_running >= RUNNING * pool->read_count) {
			at = &gathering->next;
			continue;
		}
		*at = gathering->next;
		gathering->plan->shared_running++;
		send_one(pool, gathering);
	}
}

static uint64_t longer(uint64_t alone_ms)
{
	if (!alone_ms)
		return ALONE_LEAST_MS;
	return alone_ms < ALONE_MOST_MS / 2 ? 2 * alone_ms : ALONE_MOST_MS;
}

/* Packs that were under way together are slow together, and count once. */
static void note_end(struct sql_pool *pool, struct plan *plan, const struct asking *asking)
{
	uint64_t now = uv_now(pool->process->loop);

	plan->shared_running--;
	if (asking->members == 1 || now < plan->slow_until)
		return;
	plan->alone_ms = now - asking->sent_at > SLOW_MS ? longer(plan->alone_ms) : 0;
	plan->slow_until = now + plan->alone_ms;
}

enum awaited share_run(struct sql_pool *pool, struct plan **plan, const struct values *values,
		       uint64_t deadline, struct rowset *rows)
{
	struct asking asking = { .values = values };
	enum awaited awaited =
		gather(&pool->sharings, *plan, &asking, owner_by_place, MOST, deadline);

	if (asking.led)
		note_end(pool, *plan, &asking);
	*rows = asking.rows;
	if (rows->shared)
		*plan = (*plan)->shared;
	return awaited;
}

/*
 * Statements that run once for many calls (SQL_EACH): the members of a shared transaction that ask in the same turn
 * travel together, every parameter as an array, and each gets the row that has its id. The first to ask leads.
 */
#include <string.h>

#include "buf.h"
#include "sql_own.h"

enum { MOST_PARAMS = 32 };

struct asking {
	struct asking *next;
	struct task *task;
	const struct values *values;
	const char *id;
	PGresult *result;
	enum awaited awaited;
	bool done;
};

struct gathering {
	struct gathering *next;
	const struct plan *plan;
	struct asking *first, **last;
	struct request *request; /* NULL though sent: the connection is lost */
	bool sent;
};

const char *each_id(const struct plan *plan, const struct values *values)
{
	for (unsigned i = 0; i < plan->params.count; i++)
		if (plan->params.items[i].source == PARAM_NEW && !strcmp(plan->params.items[i].word, "id"))
			return values->values[i];
	return NULL;
}

static void put_elements(struct buf *out, const struct asking *first, int param)
{
	buf_putc(out, '{');
	for (const struct asking *asking = first; asking; asking = asking->next) {
		if (asking != first)
			buf_putc(out, ',');
		put_element(out, asking->values->values[param]);
	}
	buf_putc(out, '}');
}

static struct request *send_all(struct conn *conn, const struct plan *plan, const struct asking *first)
{
	struct buf arrays[MOST_PARAMS] = { 0 };
	const char *texts[MOST_PARAMS];
	int count = first->values->count, lengths[MOST_PARAMS] = { 0 }, formats[MOST_PARAMS] = { 0 };
	struct values values = { count, texts, lengths, formats };
	struct request *request = NULL;

	if (count > MOST_PARAMS)
		return NULL;
	for (int i = 0; i < count; i++) {
		put_elements(&arrays[i], first, i);
		texts[i] = buf_text(&arrays[i]);
	}
	request = conn_send(conn, plan, false, &values);
	for (int i = 0; i < count; i++)
		buf_free(&arrays[i]);
	return request;
}

struct request *each_send_alone(struct conn *conn, const struct plan *plan, const struct values *values)
{
	struct asking asking = { .values = values };

	return send_all(conn, plan, &asking);
}

void each_send(struct conn *conn)
{
	while (conn->gatherings) {
		struct gathering *gathering = conn->gatherings;

		conn->gatherings = gathering->next;
		gathering->sent = true;
		gathering->request = send_all(conn, gathering->plan, gathering->first);
		if (gathering->request)
			gathering->request->task = gathering->first->task;
		else
			task_wake(gathering->first->task);
	}
}

static bool is_of(const PGresult *all, int row, const char *id)
{
	return !strcmp(PQgetvalue(all, row, PQfnumber(all, "id")), id);
}

/* A result of one row, or none. The rows come in the order of the calls as a rule: *next is where to look first. */
static PGresult *row_of(const PGresult *all, const char *id, int *next)
{
	PGresult *one = PQcopyResult(all, PG_COPYRES_ATTRS);
	int rows = PQntuples(all), row = *next;

	if (row >= rows || !is_of(all, row, id))
		for (row = 0; row < rows && !is_of(all, row, id); row++)
			;
	if (row == rows)
		return one;
	*next = row + 1;
	for (int i = 0; i < PQnfields(all); i++)
		if (PQgetisnull(all, row, i))
			PQsetvalue(one, 0, i, NULL, -1);
		else
			PQsetvalue(one, 0, i, PQgetvalue(all, row, i), PQgetlength(all, row, i));
	return one;
}

/* An error is the leader's; the others have no result, and share its fate. */
static void distribute(struct gathering *gathering, PGresult *all, enum awaited awaited)
{
	bool good = PQresultStatus(all) == PGRES_TUPLES_OK;
	struct asking *leader = gathering->first, *next;
	int row = 0;

	for (struct asking *asking = leader; asking; asking = next) {
		next = asking->next;
		asking->awaited = awaited == LATE && asking != leader ? LOST : awaited;
		asking->result = good ? row_of(all, asking->id, &row) : NULL;
		asking->done = true;
		if (asking != leader)
			task_wake(asking->task);
	}
	if (good)
		PQclear(all);
	else
		leader->result = all;
}

static void lead(struct conn *conn, const struct plan *plan, struct asking *leader, uint64_t deadline)
{
	struct gathering gathering = { conn->gatherings, plan, leader, &leader->next, NULL, false };
	enum awaited awaited;
	PGresult *all = NULL;

	conn->gatherings = &gathering;
	while (!gathering.sent)
		task_park();
	awaited = gathering.request ? request_await(gathering.request, deadline) : LOST;
	if (gathering.request && awaited != LATE) {
		all = gathering.request->result;
		gathering.request->result = NULL;
		request_free(conn->pool, gathering.request);
	}
	distribute(&gathering, all, awaited);
}

enum awaited each_run(struct conn *conn, const struct plan *plan, const struct values *values, uint64_t deadline, PGresult **result)
{
	struct asking asking = { .task = task_current(), .values = values, .id = each_id(plan, values) };
	struct gathering *gathering = conn->gatherings;

	while (gathering && gathering->plan != plan)
		gathering = gathering->next;
	if (gathering) {
		*gathering->last = &asking;
		gathering->last = &asking.next;
		while (!asking.done)
			task_park();
	} else {
		lead(conn, plan, &asking, deadline);
	}
	*result = asking.result;
	return asking.awaited;
}

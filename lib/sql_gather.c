/*
 * Calls that ask for the same statement in the same turn and have it run once for all of them: every parameter travels
 * as an array, and each call gets its rows. The first to ask leads.
 */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "sql_own.h"

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

struct request *gather_send_all(struct conn *conn, const struct plan *plan,
				const struct asking *first)
{
	struct buf arrays[GATHER_PARAMS] = { 0 };
	const char *texts[GATHER_PARAMS];
	int count = first->values->count, lengths[GATHER_PARAMS] = { 0 },
	    formats[GATHER_PARAMS] = { 0 };
	struct values values = { count, texts, lengths, formats };
	struct request *request = NULL;

	if (count > GATHER_PARAMS)
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

void gathering_sent(struct gathering *gathering, struct conn *conn, struct request *request)
{
	gathering->sent = true;
	gathering->conn = conn;
	gathering->request = request;
	if (request)
		request->task = gathering->first->task;
	else
		task_wake(gathering->first->task);
}

/* Whose each row is: the place of its call among the askers. */
static int *owners_of(const struct gathering *gathering, const PGresult *all)
{
	int rows = PQntuples(all), *owners = calloc((size_t)rows + 1, sizeof *owners);

	if (!owners)
		abort();
	for (int row = 0; row < rows; row++)
		owners[row] = gathering->owner(gathering, all, row);
	return owners;
}

/* As a rule the rows come in the order of the calls, one each: *next is where to look first. */
static struct rowset rows_of_asker(struct shared_result *shared, const int *owners, int rows,
				   int place, int *next)
{
	int first = *next, count = 0;

	if (first >= rows || owners[first] != place)
		for (first = 0; first < rows && owners[first] != place; first++)
			;
	while (first + count < rows && owners[first + count] == place)
		count++;
	*next = first + count;
	return shared_rows(shared, first, count);
}

static void hand_out(struct gathering *gathering, PGresult *all)
{
	struct shared_result *shared = shared_result_new(all);
	int *owners = owners_of(gathering, all), place = 0, next = 0;

	for (struct asking *asking = gathering->first; asking; asking = asking->next)
		asking->rows = rows_of_asker(shared, owners, PQntuples(all), place++, &next);
	free(owners);
	shared_result_drop(shared);
}

/* An error is the leader's; the others have no result, and share its fate. */
static void distribute(struct gathering *gathering, PGresult *all, enum awaited awaited)
{
	struct asking *leader = gathering->first, *next;
	bool good = PQresultStatus(all) == PGRES_TUPLES_OK;

	if (good && gathering->owner)
		hand_out(gathering, all);
	else
		leader->rows = rows_of(all);
	for (struct asking *asking = leader; asking; asking = next) {
		next = asking->next;
		asking->awaited = awaited == LATE && asking != leader ? LOST : awaited;
		asking->done = true;
		if (asking != leader)
			task_wake(asking->task);
	}
}

static void lead(struct gathering **list, struct plan *plan, struct asking *leader,
		 gather_owner *owner, uint64_t deadline)
{
	struct gathering gathering = {
		.plan = plan, .first = leader, .last = &leader->next, .owner = owner, .count = 1
	};
	enum awaited awaited = LOST;
	PGresult *all = NULL;

	while (*list)
		list = &(*list)->next;
	*list = &gathering;
	while (!gathering.sent)
		task_park();
	if (gathering.request)
		awaited = request_await(gathering.request, deadline);
	if (gathering.request && awaited != LATE) {
		all = gathering.request->result;
		gathering.request->result = NULL;
		request_free(gathering.conn->pool, gathering.request);
	}
	leader->led = true;
	leader->sent_at = gathering.sent_at;
	leader->members = gathering.count;
	distribute(&gathering, all, awaited);
}

enum awaited gather(struct gathering **list, struct plan *plan, struct asking *asking,
		    gather_owner *owner, unsigned most, uint64_t deadline)
{
	struct gathering *gathering = *list;

	asking->task = task_current();
	while (gathering && (gathering->plan != plan || gathering->count >= most))
		gathering = gathering->next;
	if (gathering) {
		*gathering->last = asking;
		gathering->last = &asking->next;
		gathering->count++;
		while (!asking->done)
			task_park();
	} else {
		lead(list, plan, asking, owner, deadline);
	}
	return asking->awaited;
}

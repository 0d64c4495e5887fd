/* Statements that are written to run once for many calls (SQL_EACH): a call's row is the one that has its id. */
#include <limits.h>
#include <string.h>

#include "sql_own.h"

const char *each_id(const struct plan *plan, const struct values *values)
{
	for (unsigned i = 0; i < plan->params.count; i++)
		if (plan->params.items[i].source == PARAM_NEW &&
		    !strcmp(plan->params.items[i].word, "id"))
			return values->values[i];
	return NULL;
}

struct request *each_send_alone(struct conn *conn, const struct plan *plan,
				const struct values *values)
{
	struct asking asking = { .values = values };

	return gather_send_all(conn, plan, &asking);
}

void each_send(struct conn *conn)
{
	while (conn->gatherings) {
		struct gathering *gathering = conn->gatherings;

		conn->gatherings = gathering->next;
		gathering_sent(gathering, conn,
			       gather_send_all(conn, gathering->plan, gathering->first));
	}
}

static int owner_by_id(const struct gathering *gathering, const PGresult *all, int row)
{
	const char *id = PQgetvalue(all, row, PQfnumber(all, "id"));
	int place = 0;

	for (const struct asking *asking = gathering->first; asking; asking = asking->next, place++)
		if (!strcmp(each_id(gathering->plan, asking->values), id))
			return place;
	return -1;
}

enum awaited each_run(struct conn *conn, struct plan *plan, const struct values *values,
		      uint64_t deadline, struct rowset *rows, unsigned *members)
{
	struct asking asking = { .values = values };
	enum awaited awaited =
		gather(&conn->gatherings, plan, &asking, owner_by_id, UINT_MAX, deadline);

	*rows = asking.rows;
	*members = asking.members;
	return awaited;
}

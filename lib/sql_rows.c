/* Results and whose rows they hold. */
#include <stdlib.h>

#include "sql_own.h"

struct shared_result {
	PGresult *result;
	unsigned users;
};

struct rowset rows_of(PGresult *result)
{
	return (struct rowset) { .result = result, .count = PQntuples(result) };
}

struct shared_result *shared_result_new(PGresult *result)
{
	struct shared_result *shared = malloc(sizeof *shared);

	if (!shared)
		abort();
	*shared = (struct shared_result) { .result = result, .users = 1 };
	return shared;
}

struct rowset shared_rows(struct shared_result *shared, int first, int count)
{
	shared->users++;
	return (struct rowset) { shared->result, first, count, shared };
}

void shared_result_drop(struct shared_result *shared)
{
	if (--shared->users)
		return;
	PQclear(shared->result);
	free(shared);
}

static void drop_shared(void *shared)
{
	shared_result_drop(shared);
}

static void drop_result(void *result)
{
	PQclear(result);
}

void rows_keep(struct call *call, struct rowset rows)
{
	if (rows.shared)
		arena_defer(call->arena, drop_shared, rows.shared);
	else
		arena_defer(call->arena, drop_result, rows.result);
}

void rows_drop(struct rowset rows)
{
	if (rows.shared)
		shared_result_drop(rows.shared);
	else
		PQclear(rows.result);
}

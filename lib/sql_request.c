/* Answers that connections owe, and the tasks that wait for them. */
#include <stdlib.h>

#include "sql_own.h"

struct request *request_new(struct sql_pool *pool, enum request_kind kind)
{
	struct request *request = pool->spare;

	if (request)
		pool->spare = request->next;
	else
		request = malloc(sizeof *request);
	if (!request)
		abort();
	*request = (struct request) { .kind = kind, .task = task_current() };
	return request;
}

void request_free(struct sql_pool *pool, struct request *request)
{
	PQclear(request->result);
	request->next = pool->spare;
	pool->spare = request;
}

enum awaited request_await(struct request *request, uint64_t deadline)
{
	while (!request->done)
		if (!task_park_until(deadline) && !request->done) {
			request->task = NULL;
			return LATE;
		}
	return request->lost ? LOST : ANSWERED;
}

bool sync_stands(const struct request *sync)
{
	return !sync->result;
}

void request_abandon(struct sql_pool *pool, struct request *request)
{
	if (request->done)
		request_free(pool, request);
	else
		request->task = NULL;
}

/*
 * What was missed is fetched from its producer, what failed is tried again, and what is done is
 * forgotten.
 */
#include <stdlib.h>
#include <string.h>

#include "common.pb-c.h"
#include "event_own.h"
#include "inbox_own.h"
#include "log.h"
#include "metrics.h"
#include "rpc_own.h"
#include "service.h"

enum { LOOK_EVERY_TICKS = 5, PAGE = 256, ASK_MS = 5000, PAGE_MEMORY = 64 * 1024 * 1024 };

/* The claim lasts longer than an effect may take. */
static const struct sql_statement claim_deferred = {
	.name = "runtime/claim_deferred",
	.file = __FILE__,
	.line = __LINE__,
	.text = "update deferred_event set due_at = now() + interval '30 s' where id in ("
		"select id from deferred_event where state = 'RETRYING' and due_at <= now() "
		"order by due_at limit 32 for update skip locked) "
		"returning producer, name, envelope",
};

const struct setting inbox_settings[] = {
	{ .name = "ITHACA_INBOX_TICK_MS",
	  .kind = SETTING_NUMBER,
	  .fallback = "1000",
	  .meaning = "Milliseconds between looks for events to be tried again; every fifth "
		     "is for missing ones, too.",
	  .min = 10,
	  .max = 60000 },
	{ 0 },
};

static const struct sql_statement raise_low = {
	.name = "runtime/raise_low",
	.file = __FILE__,
	.line = __LINE__,
	.text = "select raise_low($1, $2)",
};

static const struct sql_statement skip_events = {
	.name = "runtime/skip_events",
	.file = __FILE__,
	.line = __LINE__,
	.text = "select skip_events($1, $2, $3::bigint)",
};

/* Which of the numbers are done already. */
static const struct sql_statement read_done = {
	.name = "runtime/read_done",
	.file = __FILE__,
	.line = __LINE__,
	.text = "select source_seq from inbox where producer = $1 and name = $2 "
		"and source_seq between $3::bigint and $4::bigint order by source_seq",
};

void fed_done(struct fed *fed)
{
	if (!--fed->waiting)
		task_wake(fed->task);
}

static void wait_for_fed(struct fed *fed)
{
	while (fed->waiting)
		task_park();
}

static struct consumer *find_consumer(struct inbox *inbox, const char *producer, const char *name)
{
	for (size_t i = 0; i < inbox->count; i++)
		if (!strcmp(inbox->consumers[i].producer, producer) &&
		    !strcmp(inbox->consumers[i].name, name))
			return &inbox->consumers[i];
	return NULL;
}

static void feed_deferred(struct inbox *inbox, const PGresult *rows, int row, struct fed *fed)
{
	struct consumer *consumer =
		find_consumer(inbox, PQgetvalue(rows, row, 0), PQgetvalue(rows, row, 1));
	size_t len;
	uint8_t *bytes = PQunescapeBytea((const uint8_t *)PQgetvalue(rows, row, 2), &len);

	fed->waiting++;
	if (!consumer || !inbox_feed(consumer, bytes, len, NULL, true, fed))
		fed->waiting--;
	PQfreemem(bytes);
}

static void retry_deferred(struct inbox *inbox)
{
	struct arena *arena = arena_new(PAGE_MEMORY);
	PGresult *rows = event_sql(inbox->process, arena, &claim_deferred, NULL, 0);
	struct fed fed = { .task = task_current() };

	for (int row = 0; rows && row < PQntuples(rows); row++)
		feed_deferred(inbox, rows, row, &fed);
	wait_for_fed(&fed);
	arena_free(arena);
}

/* Asks a producer's runtime; NULL when it does not answer. */
static void *ask(struct inbox *inbox, struct arena *arena, const char *producer, const char *rpc,
		 const void *in)
{
	struct rpc_method method = runtime_method(producer, rpc);
	uint64_t deadline = uv_now(inbox->process->loop) + ASK_MS;
	RpcRequest request = RPC_REQUEST__INIT;
	enum rpc_failure why;
	RpcResponse *response;

	request.body.data = pb_pack(arena, in, &request.body.len);
	response = rpc_send(inbox->process, arena, &method, &request, deadline, &why);
	if (!response || response->problem)
		return NULL;
	return pb_unpack(arena, method.out, response->body.data, response->body.len);
}

static bool raise_head(struct consumer *consumer, struct arena *arena, uint64_t *low)
{
	struct sql_value values[] = { text_value(consumer->producer), text_value(consumer->name) };
	PGresult *raised = event_sql(consumer->inbox->process, arena, &raise_low, values, 2);

	if (!raised || PQgetisnull(raised, 0, 0))
		return false;
	*low = strtoull(PQgetvalue(raised, 0, 0), NULL, 10);
	return true;
}

/* Nothing below `oldest` is kept: it can only be skipped. */
static bool skip(struct consumer *consumer, struct arena *arena, uint64_t low, uint64_t oldest)
{
	struct sql_value values[] = {
		text_value(consumer->producer),
		text_value(consumer->name),
		number_value(arena, oldest),
	};

	log_write(LOG_WARN, "the producer keeps these events no more", "producer",
		  consumer->producer, "name", consumer->name, "after",
		  arena_printf(arena, "%llu", (unsigned long long)low), "until", values[2].bytes,
		  NULL);
	return event_sql(consumer->inbox->process, arena, &skip_events, values, 3);
}

static bool is_done(const PGresult *done, uint64_t number)
{
	for (int row = 0; row < PQntuples(done); row++)
		if (strtoull(PQgetvalue(done, row, 0), NULL, 10) == number)
			return true;
	return false;
}

static void feed_missing(struct consumer *consumer, struct arena *arena,
			 const ReplayEventsResponse *events, const PGresult *done)
{
	struct fed fed = { .task = task_current() };

	for (size_t i = 0; i < events->n_items; i++) {
		size_t len;
		uint8_t *bytes;

		if (is_done(done, events->items[i]->source_seq))
			continue;
		bytes = pb_pack(arena, events->items[i], &len);
		fed.waiting++;
		if (inbox_feed(consumer, bytes, len, NULL, false, &fed))
			metric_add(consumer->inbox->replayed, 1);
		else
			fed.waiting--;
	}
	wait_for_fed(&fed);
}

/* Fetches one page after low. False when it could not, or nothing came of it. */
static bool fill(struct consumer *consumer, struct arena *arena, uint64_t low, uint64_t to)
{
	ReplayEventsRequest request = REPLAY_EVENTS_REQUEST__INIT;
	const ReplayEventsResponse *events;
	const PGresult *done;

	request.name = (char *)(uintptr_t)consumer->name;
	request.from_seq = low + 1;
	request.to_seq = to < low + PAGE ? to : low + PAGE;
	events = ask(consumer->inbox, arena, consumer->producer, "ReplayEvents", &request);
	if (!events || !events->n_items)
		return false;
	done = event_sql(consumer->inbox->process, arena, &read_done,
			 (struct sql_value[]) { text_value(consumer->producer),
						text_value(consumer->name),
						number_value(arena, request.from_seq),
						number_value(arena, request.to_seq) },
			 4);
	if (done)
		feed_missing(consumer, arena, events, done);
	return done;
}

/* Page after page up to the number, as long as that raises the head. */
static void catch_up(struct consumer *consumer, uint64_t low, uint64_t to)
{
	bool rose = true;

	while (rose && low < to && !consumer->inbox->stopping) {
		struct arena *arena = arena_new(PAGE_MEMORY);
		uint64_t before = low;

		rose = fill(consumer, arena, low, to) &&
		       raise_head(consumer, arena, &low) &&
		       low > before;
		arena_free(arena);
	}
}

/* A hole is what was missing at the last look already and has not moved since. */
static void look_at(struct consumer *consumer, struct arena *arena, const EventHead *head)
{
	uint64_t low;

	if (!raise_head(consumer, arena, &low))
		return;
	if (head->oldest_seq > low + 1 && skip(consumer, arena, low, head->oldest_seq))
		low = head->oldest_seq - 1;
	if (low == consumer->low && low < consumer->head)
		catch_up(consumer, low, consumer->head);
	consumer->low = low;
	consumer->head = head->source_seq;
	metric_set(consumer->lag, head->source_seq > low ? (double)(head->source_seq - low) : 0);
}

static bool is_first_of_producer(const struct inbox *inbox, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (!strcmp(inbox->consumers[i].producer, inbox->consumers[index].producer))
			return false;
	return true;
}

static void look_for_holes(struct inbox *inbox, const char *producer)
{
	struct arena *arena = arena_new(PAGE_MEMORY);
	Nothing nothing = NOTHING__INIT;
	const EventHeads *heads = ask(inbox, arena, producer, "EventHeads", &nothing);

	for (size_t i = 0; heads && i < heads->n_items; i++) {
		struct consumer *consumer = find_consumer(inbox, producer, heads->items[i]->name);

		if (consumer && consumer->has_head)
			look_at(consumer, arena, heads->items[i]);
	}
	arena_free(arena);
}

static void rest(struct inbox *inbox)
{
	int64_t tick_ms = conf_number(inbox->process->conf, "ITHACA_INBOX_TICK_MS");
	uint64_t until = uv_now(inbox->process->loop) + (uint64_t)tick_ms;

	inbox->keeper_rests = true;
	while (!inbox->stopping && task_park_until(until))
		;
	inbox->keeper_rests = false;
}

static void keep(void *arg)
{
	struct inbox *inbox = arg;

	inbox->keeper = task_current();
	inbox_hold(inbox);
	task_set_name("inbox keeper");
	for (unsigned tick = 1; !inbox->stopping; tick++) {
		rest(inbox);
		if (inbox->stopping || !sql_ready(inbox->process->sql))
			continue;
		retry_deferred(inbox);
		if (tick % LOOK_EVERY_TICKS)
			continue;
		for (size_t i = 0; i < inbox->count; i++)
			if (is_first_of_producer(inbox, i))
				look_for_holes(inbox, inbox->consumers[i].producer);
	}
	inbox_release(inbox);
}

void inbox_keep(struct inbox *inbox)
{
	if (inbox->count && !task_spawn(inbox->process->loop, keep, inbox))
		log_write(LOG_ERROR, "the inbox has no keeper", NULL);
}

void inbox_keep_wake(struct inbox *inbox)
{
	if (inbox->keeper_rests)
		task_wake(inbox->keeper);
}

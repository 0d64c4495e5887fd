/*
 * The relay: number, publish, wait for JetStream to have it, advance; again and again while it
 * holds the lease.
 */
#include "relay.h"

#include <stdlib.h>
#include <string.h>

#include "bus.h"
#include "event_own.h"
#include "jetstream.h"
#include "log.h"
#include "metrics.h"
#include "service.h"
#include "task.h"
#include "uuid.h"

enum {
	WINDOW = 256,
	BUNDLE_BYTES = 64 * 1024,
	POLL_MS = 1000,
	GATHER_MS = 5,
	PACE_MS = 30, /* from one batch to the next, unless it was full */
	ACK_TIMEOUT_MS = 5000,
	LEASE_RENEW_MS = 2000, /* it lasts 6 s */
	LATE_MS =
		1000, /* from an event's id to its commit, and what clocks differ; later, it waits for the next look at all */
	LOOK_EVERY_MS = 5000,
	SWEEP_EVERY_MS = 3600 * 1000,
	SWEPT_MANY = 1000, /* as sweep_records says; then the next time is soon */
	SWEEP_ON_MS = 1000,
	ROUND_MEMORY = 256 * 1024 * 1024,
};

struct relay {
	struct process *process;
	struct task *task;
	struct bus_watch watch;
	struct metric *age, *relayed;
	char holder[37];
	char since[37]; /* an id: whatever is below it is numbered, or late */
	int replicas;
	bool stopping, has_stream, leads, troubled;
	bool behind;			      /* something numbered may be unpublished */
	bool resting, called;		      /* waits for work; was woken while it did not */
	uint64_t began_at;		      /* uv_now: the last batch */
	uint64_t lease_at, look_at, sweep_at; /* uv_now: when next */
};

static const struct sql_statement take_lease = {
	.name = "runtime/take_lease",
	.file = __FILE__,
	.line = __LINE__,
	.text = "insert into lease as l values ('relay', $1, now() + interval '6 s') "
		"on conflict (name) do update set holder = excluded.holder, until = excluded.until "
		"where l.holder = excluded.holder or l.until < now() returning true",
};

static const struct sql_statement drop_lease = {
	.name = "runtime/drop_lease",
	.file = __FILE__,
	.line = __LINE__,
	.text = "delete from lease where name = 'relay' and holder = $1",
};

static const struct sql_statement sweep_records = {
	.name = "runtime/sweep_records",
	.file = __FILE__,
	.line = __LINE__,
	.text = "select sweep_records($1::int)",
};

static const struct sql_statement number_events = {
	.name = "runtime/number_events",
	.file = __FILE__,
	.line = __LINE__,
	.text = "select " ENVELOPE_COLUMNS
		" from number_events($1::int, $2::uuid) o order by o.source_seq",
};

/*
 * The next of every kind in turn: so that what is read of a kind always follows on what is
 * published of it.
 */
static const struct sql_statement read_unpublished = {
	.name = "runtime/read_unpublished",
	.file = __FILE__,
	.line = __LINE__,
	.text = "select " ENVELOPE_COLUMNS " from outbox_head h cross join lateral ("
		"select * from outbox o where o.name = h.name and o.source_seq > h.published_seq "
		"order by o.source_seq limit 256) o "
		"where h.source_seq > h.published_seq "
		"order by o.source_seq - h.published_seq limit $1::int",
};

/*
 * Over no number that somebody else has still to publish. Its commit need not be on disk: what is
 * forgotten is published again.
 */
static const struct sql_statement advance_published = {
	.name = "runtime/advance_published",
	.file = __FILE__,
	.line = __LINE__,
	.text = "with lazily as materialized ("
		"select set_config('synchronous_commit', 'off', true)) "
		"update outbox_head h set published_seq = greatest(h.published_seq, p.last) "
		"from lazily, (select name, min(seq) as first, max(seq) as last "
		"from unnest($1::text[], $2::bigint[]) p (name, seq) group by name) p "
		"where h.name = p.name and h.published_seq >= p.first - 1",
};

static const struct sql_statement read_age = {
	.name = "runtime/outbox_age",
	.file = __FILE__,
	.line = __LINE__,
	.text = "select coalesce(max(extract(epoch from clock_timestamp() - at)), 0) from ("
		"(select occurred_at as at from outbox where source_seq is null "
		"order by id limit 1) union all "
		"(select o.occurred_at from outbox_head h cross join lateral ("
		"select occurred_at from outbox "
		"where name = h.name and source_seq > h.published_seq "
		"order by source_seq limit 1) o where h.source_seq > h.published_seq)) oldest",
};

const struct setting relay_settings[] = {
	{ .name = "ITHACA_JETSTREAM_REPLICAS",
	  .kind = SETTING_NUMBER,
	  .fallback = "1",
	  .meaning = "How many servers of the bus keep a copy of each event.",
	  .min = 1,
	  .max = 5 },
	{ .name = "ITHACA_AUDIT_DAYS",
	  .kind = SETTING_NUMBER,
	  .fallback = "730",
	  .meaning = "How many days it is kept who did what.",
	  .min = 30,
	  .max = 36500 },
	{ 0 },
};

static uint64_t now_ms(const struct relay *relay)
{
	return uv_now(relay->process->loop);
}

static void rest(struct relay *relay, uint64_t ms)
{
	uint64_t until = now_ms(relay) + ms;

	relay->resting = true;
	while (!relay->stopping && !relay->called && task_park_until(until))
		;
	relay->resting = relay->called = false;
}

/* A batch costs little more than one event: others may come before it begins. */
static void gather(struct relay *relay)
{
	uint64_t soon = now_ms(relay) + GATHER_MS, paced = relay->began_at + PACE_MS;
	uint64_t until = soon > paced ? soon : paced;

	while (!relay->stopping && task_park_until(until))
		;
	relay->called = false;
}

/*
 * The acknowledgements of one batch. Any that fails fails the batch, which is then published again.
 */
struct batch {
	struct task *task;
	unsigned waiting; /* messages */
	bool failed;
};

/* Events that follow on each other in their kind, and travel as one message. */
struct bundle {
	struct buf bytes;
	const EventEnvelope *first;
	unsigned count;
};

static void on_ack(void *arg, const struct bus_message *message)
{
	struct batch *batch = arg;

	if (!message || !jetstream_taken(message))
		batch->failed = true;
	else
		batch->waiting--;
	if (batch->failed || !batch->waiting)
		task_wake(batch->task);
}

/* JetStream knows a message again by what it holds: it may come with others the next time. */
static bool publish_bundle(const struct relay *relay, struct arena *arena, struct bus_slot *slot,
			   const struct bundle *bundle)
{
	const EventEnvelope *first = bundle->first;
	const char *subject = arena_printf(arena, "evt.%s.%s", first->producer, first->name);
	const char *headers[] = {
		"Nats-Msg-Id",
		arena_printf(arena, "%s+%u", first->id, bundle->count),
		NULL,
	};

	return bus_publish(relay->process->bus, subject, bus_slot_subject(slot), headers,
			   bundle->bytes.data, bundle->bytes.len);
}

static bool fits(const struct bundle *bundle, const EventEnvelope *event)
{
	return !bundle->count ||
	       (bundle->count < EVENTS_BUNDLE_MOST &&
		!strcmp(bundle->first->name, event->name) &&
		bundle->first->source_seq + bundle->count == event->source_seq &&
		bundle->bytes.len + event_envelope__get_packed_size(event) < BUNDLE_BYTES);
}

/* The first event that is left, and those of its kind that follow on it; their places become NULL. */
static void fill_bundle(struct bundle *bundle, const EventEnvelope **events, int count)
{
	bundle->count = 0;
	bundle->bytes.len = 0;
	for (int i = 0; i < count; i++) {
		if (!events[i] || !fits(bundle, events[i]))
			continue;
		if (!bundle->count++)
			bundle->first = events[i];
		pb_put_message(&bundle->bytes, EVENTS_ITEMS, events[i]);
		events[i] = NULL;
	}
}

static bool wait_for_acks(const struct relay *relay, struct batch *batch)
{
	uint64_t deadline = now_ms(relay) + ACK_TIMEOUT_MS;

	while (batch->waiting && !batch->failed)
		if (!task_park_until(deadline))
			break;
	return !batch->waiting && !batch->failed;
}

static const EventEnvelope **events_of(const struct relay *relay, struct arena *arena,
				       const PGresult *rows)
{
	int count = PQntuples(rows);
	EventEnvelope *events = arena_alloc(arena, (size_t)count * sizeof *events);
	const EventEnvelope **list = arena_alloc(arena, (size_t)count * sizeof *list);

	for (int row = 0; row < count; row++) {
		envelope_from_row(arena, rows, row, relay->process->name, &events[row]);
		list[row] = &events[row];
	}
	return list;
}

static bool publish_batch(struct relay *relay, struct arena *arena, const PGresult *rows)
{
	struct batch batch = { .task = relay->task };
	struct bus_slot *slot = bus_slot_open(relay->process->bus, on_ack, &batch);
	const EventEnvelope **events = events_of(relay, arena, rows);
	struct bundle bundle = { 0 };
	int count = PQntuples(rows);
	bool done;

	if (!slot)
		return false;
	while (!batch.failed) {
		fill_bundle(&bundle, events, count);
		if (!bundle.count)
			break;
		batch.waiting++;
		batch.failed = !publish_bundle(relay, arena, slot, &bundle);
	}
	buf_free(&bundle.bytes);
	done = wait_for_acks(relay, &batch);
	bus_slot_close(slot);
	return done;
}

static bool advance(struct relay *relay, struct arena *arena, const PGresult *rows)
{
	struct buf names = { 0 }, numbers = { 0 };
	struct sql_value values[2];
	bool done;

	for (int row = 0; row < PQntuples(rows); row++) {
		buf_printf(&names, "%c%s", row ? ',' : '{', PQgetvalue(rows, row, 1));
		buf_printf(&numbers, "%c%s", row ? ',' : '{', PQgetvalue(rows, row, 2));
	}
	buf_putc(&names, '}');
	buf_putc(&numbers, '}');
	values[0] = text_value(buf_text(&names));
	values[1] = text_value(buf_text(&numbers));
	done = event_sql(relay->process, arena, &advance_published, values, 2);
	buf_free(&names);
	buf_free(&numbers);
	return done;
}

/* A change of fortune is worth a line, not each failure. */
static void tell_trouble(struct relay *relay, bool troubled)
{
	if (troubled != relay->troubled)
		log_write(troubled ? LOG_WARN : LOG_INFO,
			  troubled ? "events wait for JetStream" : "events pass again", NULL);
	relay->troubled = troubled;
}

static bool publish_rows(struct relay *relay, struct arena *arena, const PGresult *rows)
{
	if (!PQntuples(rows))
		return true;
	if (!relay->has_stream)
		relay->has_stream = jetstream_ensure_stream(relay->process, relay->replicas);
	if (!relay->has_stream || !publish_batch(relay, arena, rows)) {
		relay->has_stream = false;
		tell_trouble(relay, true);
		return false;
	}
	tell_trouble(relay, false);
	metric_add(relay->relayed, PQntuples(rows));
	return advance(relay, arena, rows);
}

static const char first_id[] = "00000000-0000-0000-0000-000000000000";

/*
 * Not from the first: the index still has what was numbered while anybody's snapshot may see it unnumbered, a backup's for hours.
 */
static const PGresult *number_some(struct relay *relay, struct arena *arena)
{
	struct sql_value values[] = { number_value(arena, WINDOW), text_value(relay->since) };
	char next[sizeof relay->since];
	const PGresult *rows;

	uuid_v7_since(LATE_MS, next);
	rows = event_sql(relay->process, arena, &number_events, values, 2);
	if (rows && PQntuples(rows) < WINDOW)
		memcpy(relay->since, next, sizeof next);
	return rows;
}

static const PGresult *read_some_unpublished(struct relay *relay, struct arena *arena)
{
	struct sql_value window = number_value(arena, WINDOW);

	return event_sql(relay->process, arena, &read_unpublished, &window, 1);
}

/*
 * Numbers some and publishes them; while it is behind, those that come first in their kind.
 * *more tells whether there is more by now. False: try later.
 */
static bool relay_some(struct relay *relay, bool *more)
{
	struct arena *arena = arena_new(ROUND_MEMORY);
	const PGresult *rows = number_some(relay, arena);
	bool done;

	if (rows && relay->behind)
		rows = read_some_unpublished(relay, arena);
	*more = rows && PQntuples(rows) == WINDOW;
	done = rows && publish_rows(relay, arena, rows);
	relay->behind = !done || (relay->behind && *more);
	arena_free(arena);
	return done;
}

static bool due(const struct relay *relay, uint64_t *at, uint64_t every)
{
	if (now_ms(relay) < *at)
		return false;
	*at = now_ms(relay) + every;
	return true;
}

static void look_at_all(struct relay *relay)
{
	memcpy(relay->since, first_id, sizeof first_id);
	relay->behind = true;
}

static bool holds_lease(struct relay *relay)
{
	struct arena *arena;
	struct sql_value holder = text_value(relay->holder);
	PGresult *taken;

	if (!due(relay, &relay->lease_at, LEASE_RENEW_MS))
		return relay->leads;
	arena = arena_new(65536);
	taken = event_sql(relay->process, arena, &take_lease, &holder, 1);
	if (!relay->leads)
		look_at_all(relay);
	relay->leads = taken && PQntuples(taken) == 1;
	arena_free(arena);
	return relay->leads;
}

static void measure_age(struct relay *relay)
{
	struct arena *arena = arena_new(65536);
	PGresult *age = event_sql(relay->process, arena, &read_age, NULL, 0);

	if (age)
		metric_set(relay->age, strtod(PQgetvalue(age, 0, 0), NULL));
	arena_free(arena);
}

/* How many records went; it takes so many at a time. */
static unsigned long sweep(struct relay *relay)
{
	struct arena *arena = arena_new(65536);
	int64_t days = conf_number(relay->process->conf, "ITHACA_AUDIT_DAYS");
	struct sql_value value = number_value(arena, (uint64_t)days);
	PGresult *swept = event_sql(relay->process, arena, &sweep_records, &value, 1);
	unsigned long count = swept ? strtoul(PQgetvalue(swept, 0, 0), NULL, 10) : 0;

	arena_free(arena);
	return count;
}

static void keep_house(struct relay *relay)
{
	if (due(relay, &relay->sweep_at, SWEEP_EVERY_MS) && sweep(relay) >= SWEPT_MANY)
		relay->sweep_at = now_ms(relay) + SWEEP_ON_MS;
	if (due(relay, &relay->look_at, LOOK_EVERY_MS)) {
		measure_age(relay);
		look_at_all(relay);
	}
	if (!relay->has_stream)
		relay->has_stream = jetstream_ensure_stream(relay->process, relay->replicas);
}

static void give_up_lease(struct relay *relay)
{
	struct arena *arena = arena_new(65536);
	struct sql_value holder = text_value(relay->holder);

	if (relay->leads && !event_sql(relay->process, arena, &drop_lease, &holder, 1))
		log_write(LOG_WARN, "the relay's lease will have to expire", NULL);
	arena_free(arena);
}

static void run(void *arg)
{
	struct relay *relay = arg;

	relay->task = task_current();
	task_set_name("relay");
	while (!relay->stopping) {
		bool more = false;

		if (!sql_ready(relay->process->sql) || !holds_lease(relay)) {
			metric_set(relay->age, 0);
			rest(relay, POLL_MS);
			continue;
		}
		keep_house(relay);
		relay->began_at = now_ms(relay);
		if (!relay_some(relay, &more) || !more) {
			rest(relay, POLL_MS);
			gather(relay);
		}
	}
	give_up_lease(relay);
	bus_unwatch(relay->process->bus, &relay->watch);
	relay->process->relay = NULL;
	free(relay);
}

/* Whatever the server is now, it may not have the stream. */
static void on_connected(void *arg)
{
	struct relay *relay = arg;

	relay->has_stream = false;
	relay_wake(relay);
}

static void on_outbox(struct process *process)
{
	if (process->relay)
		relay_wake(process->relay);
}

struct relay *relay_start(struct process *process)
{
	struct relay *relay = calloc(1, sizeof *relay);

	relay->process = process;
	relay->replicas = (int)conf_number(process->conf, "ITHACA_JETSTREAM_REPLICAS");
	relay->age = metric_gauge(process->metrics, "ithaca_outbox_age_seconds",
				  "Age of the oldest event not yet published.", "");
	relay->relayed = metric_counter(process->metrics, "ithaca_events_relayed_total",
					"Events that JetStream has taken.", "");
	relay->watch = (struct bus_watch) { .connected = on_connected, .arg = relay };
	uuid_v7(relay->holder);
	bus_watch(process->bus, &relay->watch);
	process->relay = relay;
	process->on_outbox = on_outbox;
	if (!task_spawn(process->loop, run, relay))
		log_write(LOG_ERROR, "the relay could not start", NULL);
	return relay;
}

void relay_wake(struct relay *relay)
{
	relay->called = true;
	if (relay->resting)
		task_wake(relay->task);
}

void relay_stop(struct relay *relay)
{
	relay->stopping = true;
	relay_wake(relay);
}

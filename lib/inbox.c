/* Events consumed: pulled per kind, run as calls, acknowledged after the commit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus.h"
#include "dispatch.h"
#include "event_own.h"
#include "inbox_own.h"
#include "jetstream.h"
#include "log.h"
#include "metrics.h"
#include "rpc_own.h"
#include "service.h"
#include "timer.h"

enum {
	PULL = 8,	 /* messages, of up to EVENTS_BUNDLE_MOST events */
	TAKEN_MOST = 64, /* events of a message: more than a relay of any version sends */
	PULL_EXPIRES_S = 20,
	PULL_PATIENCE_MS = 25000,
	IN_FLIGHT_MOST = 128,
	RETRY_MS = 1000,
	EFFECT_MS = 20000, /* less than JetStream's ack_wait of 30 s */
	CALL_MEMORY = 64 * 1024 * 1024,
	MESSAGE_MEMORY = 1024 * 1024,
};

static const struct sql_statement set_aside = {
	.name = "runtime/set_aside",
	.file = __FILE__,
	.line = __LINE__,
	.text = "select set_aside($1, $2, $3::bigint, $4::uuid, $5, $6)",
};

static const struct sql_statement fail_again = {
	.name = "runtime/fail_again",
	.file = __FILE__,
	.line = __LINE__,
	.text = "select fail_again($1::uuid, $2)",
};

static const struct sql_statement put_off_event = {
	.name = "runtime/put_off_event",
	.file = __FILE__,
	.line = __LINE__,
	.text = "select put_off_event($1::uuid, $2)",
};

static const struct sql_statement open_head = {
	.name = "runtime/open_head",
	.file = __FILE__,
	.line = __LINE__,
	.text = "insert into inbox_head (producer, name) values ($1, $2) on conflict do nothing",
};

/* A message of JetStream's, which waits for word of all its events. */
struct delivery {
	unsigned open;
	bool unsettled; /* one of them is to come again, and so all do */
	char ack[];	/* the subject for that word */
};

/* One event on its way; in the arena of its work. */
struct effect {
	struct consumer *consumer;
	struct sql_value envelope; /* as it came */
	struct delivery *delivery; /* NULL: it did not come from JetStream */
	struct fed *fed;	   /* NULL: nobody waits for it */
};

static const char *why_not(struct arena *arena, const RpcResponse *response)
{
	const Problem *problem = response->problem;

	return arena_printf(arena, "%u %s: %s", problem->status, problem->code, problem->detail);
}

/* Whether the event is settled: set aside for later, or dead. */
static bool settle_failure(struct work *work, const struct effect *effect,
			   const RpcResponse *response)
{
	const EventEnvelope *event = work->event;
	const char *error = why_not(work->arena, response);
	struct sql_value again[] = { text_value(event->id), text_value(error) };
	struct sql_value aside[] = {
		text_value(event->producer),
		text_value(event->name),
		number_value(work->arena, event->source_seq),
		text_value(event->id),
		effect->envelope,
		text_value(error),
	};
	PGresult *done = work->again ? event_sql(work->process, work->arena, &fail_again, again, 2)
				     : event_sql(work->process, work->arena, &set_aside, aside, 6);
	const char *state =
		done && work->again && PQntuples(done) ? PQgetvalue(done, 0, 0) : "RETRYING";

	if (!done)
		return false;
	log_write(LOG_WARN, "an event was set aside", "event", event->id, "name", event->name,
		  "state", state, "error", error, NULL);
	if (!strcmp(state, "DEAD"))
		metric_add(effect->consumer->inbox->dead, 1);
	return true;
}

/*
 * Something that it needs is away, for whatever time: that is no try. What JetStream gives, it gives
 * again; what had been set aside stays that. When the refusal is dispatch()'s own, here is no place to
 * sleep, and the claim's 30 s must do.
 */
static bool put_off(struct work *work, const RpcResponse *response)
{
	struct sql_value values[] = {
		text_value(work->event->id),
		text_value(why_not(work->arena, response)),
	};

	if (work->again && strcmp(response->problem->code, "OVERLOADED"))
		event_sql(work->process, work->arena, &put_off_event, values, 2);
	return false;
}

/* $JS.ACK.<stream>.<consumer>.<times delivered>.…; two more tokens before the stream since 2.10. */
static unsigned times_delivered(const char *ack)
{
	unsigned tokens = 1, at = 4;

	for (const char *c = ack; *c; c++)
		tokens += *c == '.';
	if (tokens > 9)
		at += 2;
	while (at && (ack = strchr(ack, '.'))) {
		ack++;
		at--;
	}
	return ack ? (unsigned)strtoul(ack, NULL, 10) : 1;
}

/* After 1 s, 2 s, 4 s … 30 s. */
static void ask_again_later(struct bus *bus, const char *ack)
{
	unsigned times = times_delivered(ack),
		 seconds = times < 6 ? 1U << (times ? times - 1 : 0) : 30;
	char no[64];

	snprintf(no, sizeof no, "-NAK {\"delay\":%u000000000}", seconds);
	bus_publish(bus, ack, NULL, NULL, no, strlen(no));
}

/* Those of its events that are done will have been done already when it comes again. */
static void settle_one(struct bus *bus, struct delivery *delivery, bool settled)
{
	delivery->unsettled |= !settled;
	if (--delivery->open)
		return;
	if (delivery->unsettled)
		ask_again_later(bus, delivery->ack);
	else
		bus_publish(bus, delivery->ack, NULL, NULL, "+ACK", 4);
	free(delivery);
}

static bool settle(struct work *work, const struct effect *effect, const RpcResponse *response)
{
	if (!response->problem)
		return true;
	if (response->problem->status == UNAVAILABLE)
		return put_off(work, response);
	return settle_failure(work, effect, response);
}

static void on_effect(struct work *work, const RpcResponse *response)
{
	struct effect *effect = work->arg;
	struct consumer *consumer = effect->consumer;
	bool settled = settle(work, effect, response);

	if (effect->delivery)
		settle_one(work->process->bus, effect->delivery, settled);
	if (work->process->timers)
		timers_wake(work->process->timers);
	if (effect->fed)
		fed_done(effect->fed);
	consumer->in_flight--;
	consumer_wake(consumer);
	inbox_release(consumer->inbox);
}

static RpcRequest *request_for(struct arena *arena, const EventEnvelope *event)
{
	RpcRequest *request = arena_alloc(arena, sizeof *request);

	rpc_request__init(request);
	request->caller = arena_alloc(arena, sizeof *request->caller);
	caller__init(request->caller);
	request->request_id = event->correlation_id;
	request->traceparent = event->traceparent;
	request->body = event->payload;
	return request;
}

static bool is_for(const EventEnvelope *event, const struct consumer *consumer)
{
	return event &&
	       event->source_seq &&
	       !strcmp(event->name, consumer->name) &&
	       !strcmp(event->producer, consumer->producer);
}

bool inbox_feed(struct consumer *consumer, const uint8_t *bytes, size_t len,
		struct delivery *delivery, bool again, struct fed *fed)
{
	struct process *process = consumer->inbox->process;
	struct arena *arena = arena_new(CALL_MEMORY);
	EventEnvelope *event = event_envelope__unpack(arena_allocator(arena), len, bytes);
	struct effect *effect = arena_alloc(arena, sizeof *effect);
	struct work *work = arena_alloc(arena, sizeof *work);

	if (!is_for(event, consumer)) {
		arena_free(arena);
		return false;
	}
	*effect = (struct effect) {
		.consumer = consumer,
		.envelope = { .bytes = arena_copy(arena, bytes, len), .len = len, .binary = true },
		.delivery = delivery,
		.fed = fed,
	};
	*work = (struct work) {
		.process = process,
		.arena = arena,
		.method = consumer->method,
		.handler = consumer->handler,
		.request = request_for(arena, event),
		.event = event,
		.again = again,
		.deadline = uv_now(process->loop) + EFFECT_MS,
		.done = on_effect,
		.arg = effect,
	};
	consumer->in_flight++;
	inbox_hold(consumer->inbox);
	dispatch(work);
	return true;
}

static struct delivery *new_delivery(const char *ack, size_t events)
{
	size_t len = strlen(ack) + 1;
	struct delivery *delivery = malloc(sizeof *delivery + len);

	if (!delivery)
		abort();
	*delivery = (struct delivery) { .open = (unsigned)events };
	memcpy(delivery->ack, ack, len);
	return delivery;
}

static void tell_foreign(const struct bus_message *message)
{
	log_write(LOG_ERROR, "what came on an event's subject is none", "subject", message->subject,
		  NULL);
}

/* What is no event of this kind will never be one. */
static void feed_all(struct consumer *consumer, const Events *events,
		     const struct bus_message *message)
{
	struct bus *bus = consumer->inbox->process->bus;
	struct delivery *delivery = new_delivery(message->reply, events->n_items);

	for (size_t i = 0; i < events->n_items; i++) {
		const ProtobufCBinaryData *event = &events->items[i];

		if (inbox_feed(consumer, event->data, event->len, delivery, false, NULL))
			continue;
		tell_foreign(message);
		settle_one(bus, delivery, true);
	}
}

static void take_message(struct consumer *consumer, const struct bus_message *message)
{
	struct arena *arena = arena_new(MESSAGE_MEMORY);
	const Events *events = events__unpack(arena_allocator(arena), message->len, message->data);

	if (events && events->n_items && events->n_items <= TAKEN_MOST) {
		feed_all(consumer, events, message);
	} else {
		tell_foreign(message);
		bus_publish(consumer->inbox->process->bus, message->reply, NULL, NULL, "+TERM", 5);
	}
	arena_free(arena);
}

static void on_pulled(void *arg, const struct bus_message *message)
{
	struct consumer *consumer = arg;

	if (message->status) {
		consumer->pull_over = true;
		consumer->gone = message->status == 503 || message->status == 409;
	} else if (message->reply) {
		consumer->pulled++;
		take_message(consumer, message);
	}
	consumer_wake(consumer);
}

void consumer_wake(struct consumer *consumer)
{
	if (consumer->resting)
		task_wake(consumer->task);
}

/* Until woken, at most so long. Only here may others wake the task. */
static void rest(struct consumer *consumer, uint64_t until)
{
	consumer->resting = true;
	task_park_until(until);
	consumer->resting = false;
}

static void rest_fully(struct consumer *consumer, uint64_t ms)
{
	uint64_t until = uv_now(consumer->inbox->process->loop) + ms;

	while (!consumer->inbox->stopping && uv_now(consumer->inbox->process->loop) < until)
		rest(consumer, until);
}

static bool ask_for_some(struct consumer *consumer, struct arena *arena)
{
	const char *subject =
		arena_printf(arena, "$JS.API.CONSUMER.MSG.NEXT.evt_%s.%s_%s", consumer->producer,
			     consumer->inbox->process->name, consumer->name);
	const char *json =
		arena_printf(arena, "{\"batch\":%d,\"expires\":%d000000000}", PULL, PULL_EXPIRES_S);

	consumer->pulled = 0;
	consumer->pull_over = consumer->gone = false;
	return bus_publish(consumer->inbox->process->bus, subject, consumer->subject, NULL, json,
			   strlen(json));
}

/* One pull to its end. False when the consumer has to be made (again). */
static bool pull(struct consumer *consumer)
{
	uv_loop_t *loop = consumer->inbox->process->loop;
	struct arena *arena = arena_new(4096);
	bool asked = ask_for_some(consumer, arena);
	uint64_t until = uv_now(loop) + PULL_PATIENCE_MS;

	arena_free(arena);
	if (!asked)
		return false;
	while (!consumer->inbox->stopping &&
	       !consumer->pull_over &&
	       consumer->pulled < PULL &&
	       uv_now(loop) < until)
		rest(consumer, until);
	while (!consumer->inbox->stopping &&
	       consumer->in_flight > IN_FLIGHT_MOST - PULL * EVENTS_BUNDLE_MOST)
		rest(consumer, 0);
	return !consumer->gone;
}

static bool opens_head(struct consumer *consumer)
{
	struct arena *arena = arena_new(4096);
	struct sql_value values[] = { text_value(consumer->producer), text_value(consumer->name) };
	bool done = event_sql(consumer->inbox->process, arena, &open_head, values, 2);

	arena_free(arena);
	return done;
}

static bool is_ready(struct consumer *consumer)
{
	struct process *process = consumer->inbox->process;

	return bus_ready(process->bus) &&
	       sql_ready(process->sql) &&
	       (consumer->has_head || (consumer->has_head = opens_head(consumer))) &&
	       jetstream_ensure_consumer(process, consumer->producer, consumer->name);
}

static void consume(void *arg)
{
	struct consumer *consumer = arg;

	consumer->task = task_current();
	task_set_name("inbox");
	inbox_hold(consumer->inbox);
	while (!consumer->inbox->stopping) {
		if (is_ready(consumer))
			while (!consumer->inbox->stopping && pull(consumer))
				;
		rest_fully(consumer, RETRY_MS);
	}
	inbox_release(consumer->inbox);
}

static void on_connected(void *arg)
{
	struct inbox *inbox = arg;

	for (size_t i = 0; i < inbox->count; i++) {
		inbox->consumers[i].pull_over = inbox->consumers[i].gone = true;
		consumer_wake(&inbox->consumers[i]);
	}
}

static bool begin_consumer(struct inbox *inbox, struct consumer *consumer,
			   const struct rpc_method *method, rpc_handler *handler)
{
	const char *dot = strchr(method->on, '.');
	struct arena *arena = inbox->arena;

	*consumer = (struct consumer) {
		.inbox = inbox,
		.method = method,
		.handler = handler,
		.producer = arena_strndup(arena, method->on, (size_t)(dot - method->on)),
		.name = dot + 1,
		.subject = bus_inbox(inbox->process->bus, arena),
	};
	consumer->lag = metric_gauge(inbox->process->metrics, "ithaca_consumer_lag",
				     "Events published but not done.",
				     arena_printf(arena, "event=\"%s\"", method->on));
	consumer->subscription =
		bus_subscribe(inbox->process->bus, consumer->subject, NULL, on_pulled, consumer);
	return task_spawn(inbox->process->loop, consume, consumer);
}

static size_t count_consumers(const struct service *service)
{
	size_t count = 0;

	for (const struct rpc_method *method = service->methods; method->name; method++)
		count += method->on != NULL;
	return count;
}

struct inbox *inbox_start(struct process *process)
{
	const struct service *service = process->service;
	struct arena *arena = arena_new(1 << 20);
	struct inbox *inbox = arena_alloc(arena, sizeof *inbox);

	*inbox = (struct inbox) { .process = process, .arena = arena, .held = 1 };
	inbox->consumers =
		arena_alloc(arena, (count_consumers(service) + 1) * sizeof *inbox->consumers);
	inbox->replayed = metric_counter(process->metrics, "ithaca_events_replayed_total",
					 "Events fetched to fill holes.", "");
	inbox->dead = metric_counter(process->metrics, "ithaca_dead_letters_total",
				     "Events that failed for the last time.", "");
	inbox->watch = (struct bus_watch) { .connected = on_connected, .arg = inbox };
	bus_watch(process->bus, &inbox->watch);
	for (size_t i = 0; service->methods[i].name; i++)
		if (service->methods[i].on &&
		    !begin_consumer(inbox, &inbox->consumers[inbox->count++], &service->methods[i],
				    service->handlers[i]))
			log_write(LOG_ERROR, "a consumer could not start", "event",
				  service->methods[i].on, NULL);
	process->inbox = inbox;
	inbox_keep(inbox);
	return inbox;
}

void inbox_hold(struct inbox *inbox)
{
	inbox->held++;
}

void inbox_release(struct inbox *inbox)
{
	if (!--inbox->held)
		arena_free(inbox->arena);
}

void inbox_stop(struct inbox *inbox)
{
	inbox->stopping = true;
	inbox->process->inbox = NULL;
	bus_unwatch(inbox->process->bus, &inbox->watch);
	for (size_t i = 0; i < inbox->count; i++) {
		bus_unsubscribe(inbox->consumers[i].subscription);
		consumer_wake(&inbox->consumers[i]);
	}
	inbox_keep_wake(inbox);
	inbox_release(inbox);
}

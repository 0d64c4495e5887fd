/* Events on their way out of a call, and as they pass by. */
#include "event.h"

#include <stdlib.h>
#include <string.h>

#include "bus.h"
#include "bus_own.h"
#include "event_own.h"
#include "jetstream.h"
#include "log.h"
#include "service.h"

enum {
	PAYLOAD_MOST = JETSTREAM_MESSAGE_MOST - 16 * 1024,
	STATEMENT_TIMEOUT_MS = 5000,
	ENVELOPE_MEMORY = 4 * 1024 * 1024
};

static const char *id_of(const struct pb_type *type, const void *message)
{
	int field = pb_find(type, "id", 2);

	return field < 0 ? "" : *(char *const *)pb_at(message, type->descriptor->fields + field);
}

static void owe(struct call *call, struct outbox_row *row)
{
	struct outbox_row **last = &call->outbox;

	while (*last)
		last = &(*last)->next;
	*last = row;
}

bool event_publish(struct call *call, const struct event_type *event, const void *from)
{
	const struct pb_type *of = event->of ? event->of : event->type;
	struct outbox_row *row = arena_alloc(call->arena, sizeof *row);
	void *message = pb_new(call->arena, event->type);

	if (call->unchanged)
		return true;
	pb_copy_common(message, event->type, from, of);
	row->id = new_id(call);
	row->name = event->name;
	row->aggregate_id = id_of(of, from);
	row->actor_id = call->event	 ? call->event->actor_id
			: call->unlinked ? ""
					 : call->caller->id;
	row->correlation_id = call->unlinked ? "" : call->request->request_id;
	row->causation_id = call->event ? call->event->id : "";
	row->traceparent = call->unlinked ? "" : call->request->traceparent;
	row->payload = pb_pack(call->arena, message, &row->payload_len);
	if (row->payload_len > PAYLOAD_MOST)
		return fault(call, "the event %s is larger than the bus keeps", event->name);
	owe(call, row);
	return true;
}

struct listening {
	void (*on_event)(void *arg, const EventEnvelope *event);
	void *arg;
};

static void on_passing(void *arg, const struct bus_message *message)
{
	const struct listening *listening = arg;
	struct arena *arena = arena_new(ENVELOPE_MEMORY);
	const Events *events = events__unpack(arena_allocator(arena), message->len, message->data);

	for (size_t i = 0; events && i < events->n_items; i++) {
		const EventEnvelope *event = event_envelope__unpack(
			arena_allocator(arena), events->items[i].len, events->items[i].data);

		if (event)
			listening->on_event(listening->arg, event);
	}
	arena_free(arena);
}

void event_listen(struct bus *bus, const char *subject,
		  void (*on_event)(void *arg, const EventEnvelope *event), void *arg)
{
	struct listening *listening = malloc(sizeof *listening);

	*listening = (struct listening) { on_event, arg };
	bus_subscribe(bus, subject, NULL, on_passing, listening)->owned = listening;
}

struct sql_value text_value(const char *text)
{
	return (struct sql_value) { .bytes = text, .len = strlen(text) };
}

struct sql_value number_value(struct arena *arena, uint64_t number)
{
	return text_value(arena_printf(arena, "%llu", (unsigned long long)number));
}

static void clear_result(void *result)
{
	PQclear(result);
}

PGresult *event_sql(struct process *process, struct arena *arena,
		    const struct sql_statement *statement, const struct sql_value *values,
		    unsigned count)
{
	PGresult *result = sql_exec(process->sql, statement, values, count,
				    uv_now(process->loop) + STATEMENT_TIMEOUT_MS);
	ExecStatusType status = PQresultStatus(result);

	if (result)
		arena_defer(arena, clear_result, result);
	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
		return result;
	log_write(LOG_WARN, "a statement of the runtime failed", "statement", statement->name,
		  "detail", result ? PQresultErrorMessage(result) : "no connection", NULL);
	return NULL;
}

static void free_pq(void *memory)
{
	PQfreemem(memory);
}

static char *text_at(const PGresult *rows, int row, int column)
{
	return PQgetvalue(rows, row, column);
}

void envelope_from_row(struct arena *arena, const PGresult *rows, int row, const char *producer,
		       EventEnvelope *envelope)
{
	event_envelope__init(envelope);
	envelope->id = text_at(rows, row, 0);
	envelope->producer = (char *)(uintptr_t)producer;
	envelope->name = text_at(rows, row, 1);
	envelope->source_seq = strtoull(text_at(rows, row, 2), NULL, 10);
	envelope->occurred_at = text_at(rows, row, 3);
	envelope->actor_id = text_at(rows, row, 4);
	envelope->aggregate_id = text_at(rows, row, 5);
	envelope->correlation_id = text_at(rows, row, 6);
	envelope->causation_id = text_at(rows, row, 7);
	envelope->traceparent = text_at(rows, row, 8);
	envelope->payload.data =
		PQunescapeBytea((const uint8_t *)text_at(rows, row, 9), &envelope->payload.len);
	arena_defer(arena, free_pq, envelope->payload.data);
}

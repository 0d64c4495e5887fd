/*
 * The rpcs that every service answers besides its own: how far its events are, events again, parts
 * of uploads, dead letters.
 */
#include <stdlib.h>
#include <string.h>

#include "common.pb-c.h"
#include "dead_letter.h"
#include "event_own.h"
#include "rpc_own.h"
#include "service.h"

enum { REPLAY_MOST = 256, REPLAY_BYTES = 512 * 1024 };

static const struct pb_rule no_rules[16];
static const struct pb_type *const no_children[16];

#define PLAIN_TYPE(type, message)                                                                  \
	static const struct pb_type type = { &message##__descriptor, no_rules, no_children }

PLAIN_TYPE(nothing, nothing);
PLAIN_TYPE(event_head, event_head);
PLAIN_TYPE(event_envelope, event_envelope);
PLAIN_TYPE(replay_request, replay_events_request);
PLAIN_TYPE(append_request, append_upload_request);

static const struct pb_type *const heads_children[] = { &event_head };
static const struct pb_type heads = { &event_heads__descriptor, no_rules, heads_children };
static const struct pb_type *const replay_children[] = { &event_envelope };
static const struct pb_type replay_response = { &replay_events_response__descriptor, no_rules,
						replay_children };

static const struct sql_statement read_heads = {
	.name = "runtime/read_heads",
	.file = __FILE__,
	.line = __LINE__,
	.text = "select h.name, h.source_seq, coalesce(("
		"select min(o.source_seq) from outbox o where o.name = h.name), h.source_seq + 1) "
		"from outbox_head h order by h.name",
};

static const struct sql_statement read_events = {
	.name = "runtime/read_events",
	.file = __FILE__,
	.line = __LINE__,
	.text = "select " ENVELOPE_COLUMNS " from outbox o where o.name = $1 "
		"and o.source_seq between $2::bigint and $3::bigint order by o.source_seq limit "
		"256",
};

static const struct sql_statement add_upload_part = {
	.name = "runtime/add_upload_part",
	.file = __FILE__,
	.line = __LINE__,
	.text = "insert into upload_part (upload_id, part, bytes) values ($1, $2::int, $3) "
		"on conflict do nothing",
};

/* A new element of a message's only field, which is a list of messages. */
static void *append(struct arena *arena, const struct pb_type *type, void *message)
{
	void **at = pb_append(arena, message, &type->descriptor->fields[0]);

	*at = pb_new(arena, type->children[0]);
	return *at;
}

static uint64_t number_at(const PGresult *rows, int row, int column)
{
	return strtoull(PQgetvalue(rows, row, column), NULL, 10);
}

static bool give_heads(struct call *call, const void *in, void *out)
{
	PGresult *rows = event_sql(call->process, call->arena, &read_heads, NULL, 0);

	(void)in;
	if (!rows)
		return reject(call, UNAVAILABLE, "UNAVAILABLE",
			      "The database does not answer. Try again shortly.");
	for (int row = 0; row < PQntuples(rows); row++) {
		EventHead *head = append(call->arena, &heads, out);

		head->name = PQgetvalue(rows, row, 0);
		head->source_seq = number_at(rows, row, 1);
		head->oldest_seq = number_at(rows, row, 2);
	}
	return true;
}

static void add_events(struct call *call, const PGresult *rows, ReplayEventsResponse *response)
{
	size_t bytes = 0;

	for (int row = 0; row < PQntuples(rows) && bytes < REPLAY_BYTES; row++) {
		EventEnvelope *event = append(call->arena, &replay_response, response);

		envelope_from_row(call->arena, rows, row, call->process->name, event);
		bytes += event_envelope__get_packed_size(event);
	}
}

static bool give_events(struct call *call, const void *in, void *out)
{
	const ReplayEventsRequest *request = in;
	uint64_t last = request->from_seq + REPLAY_MOST - 1;
	struct sql_value values[] = {
		text_value(request->name),
		number_value(call->arena, request->from_seq),
		number_value(call->arena, request->to_seq < last ? request->to_seq : last),
	};
	PGresult *rows = event_sql(call->process, call->arena, &read_events, values, 3);

	if (!rows)
		return reject(call, UNAVAILABLE, "UNAVAILABLE",
			      "The database does not answer. Try again shortly.");
	add_events(call, rows, out);
	return true;
}

static bool take_upload_part(struct call *call, const void *in, void *out)
{
	const AppendUploadRequest *request = in;
	struct sql_value values[] = {
		text_value(request->upload_id),
		number_value(call->arena, request->part),
		{ .bytes = request->bytes.data ? request->bytes.data : (const uint8_t *)"",
		  .len = request->bytes.len,
		  .binary = true },
	};

	(void)out;
	if (event_sql(call->process, call->arena, &add_upload_part, values, 3))
		return true;
	return reject(call, UNAVAILABLE, "UNAVAILABLE",
		      "The database does not answer. Try again shortly.");
}

static const char *const anybody_with_a_key[] = { "*", NULL };
static const char *const only_the_gateway[] = { "gateway", NULL };

/* `reads`: they bring transactions of their own. */
const struct rpc_method runtime_methods[] = {
	{ .service = "ithaca",
	  .name = "EventHeads",
	  .callers = anybody_with_a_key,
	  .reads = true,
	  .in = &nothing,
	  .out = &heads },
	{ .service = "ithaca",
	  .name = "ReplayEvents",
	  .callers = anybody_with_a_key,
	  .reads = true,
	  .in = &replay_request,
	  .out = &replay_response },
	{ .service = "ithaca",
	  .name = "AppendUpload",
	  .callers = only_the_gateway,
	  .reads = true,
	  .in = &append_request,
	  .out = &nothing },
	{ .service = "ithaca",
	  .name = "ListDeadLetters",
	  .callers = only_the_gateway,
	  .reads = true,
	  .in = &dead_letters_wanted_type,
	  .out = &dead_letter_list_type },
	{ .service = "ithaca",
	  .name = "GetDeadLetter",
	  .callers = only_the_gateway,
	  .reads = true,
	  .in = &dead_letter_wanted_type,
	  .out = &dead_letter_one_type },
	{ .service = "ithaca",
	  .name = "ReplayDeadLetter",
	  .callers = only_the_gateway,
	  .reads = true,
	  .in = &dead_letter_wanted_type,
	  .out = &dead_letter_one_type },
	{ .service = "ithaca",
	  .name = "DropDeadLetter",
	  .callers = only_the_gateway,
	  .reads = true,
	  .in = &dead_letter_wanted_type,
	  .out = &dead_letter_one_type },
	{ 0 },
};

rpc_handler *const runtime_handlers[] = { give_heads,	     give_events,     take_upload_part,
					  list_dead_letters, get_dead_letter, replay_dead_letter,
					  drop_dead_letter };

struct rpc_method runtime_method(const char *service, const char *name)
{
	const struct rpc_method *method = runtime_methods;

	while (strcmp(method->name, name))
		method++;
	struct rpc_method of_service = *method;

	of_service.service = service;
	return of_service;
}

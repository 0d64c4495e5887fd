/* Dead letters of this service. */
#include "dead_letter.h"

#include <stdlib.h>

#include "common.pb-c.h"
#include "event_own.h"
#include "service.h"

enum { LIMIT = 50 };

#define COLUMNS                                                                                    \
	"d.id, d.producer, d.name, d.source_seq, d.state, d.attempts, d.error, "                   \
	"to_char(d.created_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), "          \
	"to_char(d.updated_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') "
#define AUDIT(rpc)                                                                                 \
	"insert into audit (person_id, session_id, rpc, target_id, request_id) "                   \
	"select $2::uuid, nullif($3, '')::uuid, '" rpc "', $1, $4 from done where done.done"

static const struct sql_statement read_letters = {
	.name = "runtime/read_dead_letters",
	.file = __FILE__,
	.line = __LINE__,
	.text = "select " COLUMNS "from dead_letters($1::int) d",
};

static const struct sql_statement read_letter = {
	.name = "runtime/read_dead_letter",
	.file = __FILE__,
	.line = __LINE__,
	.text = "select " COLUMNS "from deferred_event d where d.id = $1::uuid",
};

static const struct sql_statement replay_letter = {
	.name = "runtime/replay_dead_letter",
	.file = __FILE__,
	.line = __LINE__,
	.text = "with done as (select replay_dead_letter($1::uuid) as done) " AUDIT(
		"ReplayDeadLetter"),
};

static const struct sql_statement drop_letter = {
	.name = "runtime/drop_dead_letter",
	.file = __FILE__,
	.line = __LINE__,
	.text = "with done as (select drop_dead_letter($1::uuid) as done) " AUDIT("DropDeadLetter"),
};

static const struct pb_rule no_rules[16];
static const struct pb_type *const no_children[16];
static const struct pb_type letter = { &dead_letter__descriptor, no_rules, no_children };
static const struct pb_type *const list_children[] = { &letter, NULL };

const struct pb_type dead_letter_list_type = { &dead_letters__descriptor, no_rules, list_children };
const struct pb_type dead_letter_one_type = { &dead_letter__descriptor, no_rules, no_children };
const struct pb_type dead_letters_wanted_type = { &list_dead_letters_request__descriptor, no_rules,
						  no_children };
const struct pb_type dead_letter_wanted_type = { &dead_letter_request__descriptor, no_rules,
						 no_children };

/* The gateway has looked already; who may is not its word alone. */
static bool is_admin(struct call *call)
{
	return caller_has_role(call, "ADMIN") ||
	       reject(call, FORBIDDEN, "FORBIDDEN", "This is for administrators.");
}

static PGresult *ask(struct call *call, const struct sql_statement *statement,
		     const struct sql_value *values, unsigned count)
{
	PGresult *rows = event_sql(call->process, call->arena, statement, values, count);

	if (!rows && reject(call, UNAVAILABLE, "UNAVAILABLE",
			    "The database does not answer. Try again shortly."))
		return NULL;
	return rows;
}

static DeadLetter__State state_of(const char *name)
{
	const ProtobufCEnumValue *value =
		protobuf_c_enum_descriptor_get_value_by_name(&dead_letter__state__descriptor, name);

	return value ? (DeadLetter__State)value->value : DEAD_LETTER__STATE__STATE_UNSET;
}

static void fill(struct call *call, const PGresult *rows, int row, DeadLetter *out)
{
	out->service = (char *)(uintptr_t)call->process->name;
	out->id = PQgetvalue(rows, row, 0);
	out->producer = PQgetvalue(rows, row, 1);
	out->name = PQgetvalue(rows, row, 2);
	out->source_seq = strtoll(PQgetvalue(rows, row, 3), NULL, 10);
	out->state = state_of(PQgetvalue(rows, row, 4));
	out->attempts = (uint32_t)strtoul(PQgetvalue(rows, row, 5), NULL, 10);
	out->error = PQgetvalue(rows, row, 6);
	out->created_at = PQgetvalue(rows, row, 7);
	out->updated_at = PQgetvalue(rows, row, 8);
}

bool list_dead_letters(struct call *call, const void *in, void *out)
{
	const ListDeadLettersRequest *request = in;
	struct sql_value limit = number_value(call->arena, request->limit ? request->limit : LIMIT);
	PGresult *rows = is_admin(call) ? ask(call, &read_letters, &limit, 1) : NULL;

	for (int row = 0; rows && row < PQntuples(rows); row++) {
		void **at = pb_append(call->arena, out, &dead_letters__descriptor.fields[0]);

		*at = pb_new(call->arena, &letter);
		fill(call, rows, row, *at);
	}
	return rows;
}

bool get_dead_letter(struct call *call, const void *in, void *out)
{
	const DeadLetterRequest *request = in;
	struct sql_value id = text_value(request->id);
	PGresult *rows = is_admin(call) ? ask(call, &read_letter, &id, 1) : NULL;

	if (!rows)
		return false;
	if (!PQntuples(rows))
		return reject(call, NOT_FOUND, "NOT_FOUND", "There is no such dead letter.");
	fill(call, rows, 0, out);
	return true;
}

/* Decides if there is something to decide, then tells how it stands. */
static bool decide(struct call *call, const struct sql_statement *statement, const void *in,
		   void *out)
{
	const DeadLetterRequest *request = in;
	struct sql_value values[] = {
		text_value(request->id),
		text_value(call->caller->id),
		text_value(call->caller->session_id),
		text_value(call->request->request_id),
	};

	return is_admin(call) && ask(call, statement, values, 4) && get_dead_letter(call, in, out);
}

bool replay_dead_letter(struct call *call, const void *in, void *out)
{
	if (!decide(call, &replay_letter, in, out))
		return false;
	if (((DeadLetter *)out)->state == DEAD_LETTER__STATE__DROPPED)
		return reject(call, CONFLICT, "ILLEGAL_TRANSITION", "This letter was dropped.");
	return true;
}

bool drop_dead_letter(struct call *call, const void *in, void *out)
{
	if (!decide(call, &drop_letter, in, out))
		return false;
	if (((DeadLetter *)out)->state != DEAD_LETTER__STATE__DROPPED)
		return reject(call, CONFLICT, "ILLEGAL_TRANSITION",
			      "This letter is not dead: it is tried again, or was done.");
	return true;
}

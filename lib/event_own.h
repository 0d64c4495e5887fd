/* What the files about events share: values for sql_exec() and envelopes from rows. */
#pragma once

#include <libpq-fe.h>

#include "call.h"
#include "sql.h"

struct sql_value text_value(const char *text);
struct sql_value number_value(struct arena *arena, uint64_t number);

/*
 * Runs a statement of the runtime. NULL when it failed; that is logged. The result dies with the
 * arena. Sleeps.
 */
PGresult *event_sql(struct process *process, struct arena *arena,
		    const struct sql_statement *statement, const struct sql_value *values,
		    unsigned count);

/* The most that travel in one message. */
enum { EVENTS_BUNDLE_MOST = 8 };

/* The field of Events in proto/rpc.proto, which is written one at a time. */
enum { EVENTS_ITEMS = 1 };

/* The columns of an outbox row as ENVELOPE_COLUMNS selects them, in that order. */
#define ENVELOPE_COLUMNS                                                                           \
	"o.id, o.name, o.source_seq, to_char(o.occurred_at at time zone 'UTC', "                   \
	"'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), "                                                   \
	"coalesce(o.actor_id::text, ''), o.aggregate_id, o.correlation_id, "                       \
	"coalesce(o.causation_id::text, ''), "                                                     \
	"o.traceparent, o.payload"
void envelope_from_row(struct arena *arena, const PGresult *rows, int row, const char *producer,
		       EventEnvelope *envelope);

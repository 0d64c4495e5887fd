/* What Postgres refuses, in the words of the schema. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "pb_json.h"
#include "sql_own.h"

/* Sorted in C's order, so that a name is found by bisection. */
const char constraints_query[] =
	"select c.conname, obj_description(c.oid, 'pg_constraint') from pg_constraint c "
	"where c.connamespace = current_schema()::regnamespace and obj_description(c.oid, 'pg_constraint') is not null "
	"union "
	"select i.relname, obj_description(i.oid, 'pg_class') from pg_class i "
	"where i.relnamespace = current_schema()::regnamespace and i.relkind = 'i' and obj_description(i.oid, 'pg_class') is not null";

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct constraint *)a)->name, ((const struct constraint *)b)->name);
}

void constraints_learn(struct sql_pool *pool, PGresult *rows)
{
	if (PQresultStatus(rows) != PGRES_TUPLES_OK) {
		PQclear(rows);
		return;
	}
	PQclear(pool->constraint_rows);
	free(pool->constraints);
	pool->constraint_rows = rows;
	pool->constraint_count = (unsigned)PQntuples(rows);
	pool->constraints = calloc(pool->constraint_count + 1, sizeof *pool->constraints);
	if (!pool->constraints)
		abort();
	for (unsigned i = 0; i < pool->constraint_count; i++)
		pool->constraints[i] = (struct constraint) { PQgetvalue(rows, (int)i, 0),
							     PQgetvalue(rows, (int)i, 1) };
	qsort(pool->constraints, pool->constraint_count, sizeof *pool->constraints, by_name);
}

static const char *sentence_of(const struct sql_pool *pool, const char *name)
{
	struct constraint wanted = { name, NULL };
	const struct constraint *found =
		bsearch(&wanted, pool->constraints, pool->constraint_count, sizeof wanted, by_name);

	return found ? found->sentence : NULL;
}

static const char *state_of(const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	return state ? state : "";
}

bool has_state(const PGresult *result, const char *sqlstate)
{
	return !strcmp(state_of(result), sqlstate);
}

static const char *field_of(const PGresult *result, int field)
{
	const char *text = PQresultErrorField(result, field);

	return text ? text : "";
}

static char *upper(struct call *call, const char *name)
{
	char *code = arena_strdup(call->arena, name);

	for (char *at = code; *at; at++)
		*at = (char)toupper((unsigned char)*at);
	return code;
}

static void add_members(struct call *call, const char *detail)
{
	struct field_errors errors = { .arena = call->arena };
	json_t *members = *detail ? json_read(call->arena, detail, strlen(detail), &errors) : NULL,
	       *value;
	const char *name;

	json_object_foreach (members, name, value) {
		char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

		problem_member(call, name, text);
		free(text);
	}
}

/* SQLSTATE IT409: raised by refuse(). */
static bool refuse_as_raised(struct call *call, const PGresult *result)
{
	enum status status = (enum status)atoi(state_of(result) + 2);
	const char *code = upper(call, field_of(result, PG_DIAG_CONSTRAINT_NAME));
	bool first = !call_failed(call);

	if (!reject(call, status, code, "%s", field_of(result, PG_DIAG_MESSAGE_PRIMARY)) && first)
		add_members(call, field_of(result, PG_DIAG_MESSAGE_DETAIL));
	return false;
}

static bool retry_after(struct call *call, unsigned seconds, enum status status, const char *code,
			const char *sentence)
{
	bool first = !call_failed(call);

	if (!reject(call, status, code, "%s", sentence) && first)
		call->problem->retry_after_s = seconds;
	return false;
}

bool refuse_down(struct call *call)
{
	return retry_after(call, 2, UNAVAILABLE, "DATABASE_DOWN",
			   "Our database cannot be reached. Please try again in a moment.");
}

bool refuse_overloaded(struct call *call)
{
	return retry_after(call, 1, UNAVAILABLE, "OVERLOADED",
			   "Too much is going on. Please try again in a moment.");
}

bool refuse_late(struct call *call)
{
	return reject(call, TIMED_OUT, "TIMED_OUT", "This took too long.");
}

/* Two transactions stood in each other's way: worth one more try, alone. */
static bool retry_or_refuse(struct call *call)
{
	if (call->alone)
		return retry_after(call, 1, UNAVAILABLE, "BUSY",
				   "Somebody else is changing the same. Please try again.");
	call->retry = !call_failed(call);
	return false;
}

/*
 * What somebody else has just added a statement can see when it runs again, and may say more about it than the schema
 * does where that has no sentence.
 */
static bool refuse_constraint(struct call *call, const PGresult *result)
{
	const char *name = field_of(result, PG_DIAG_CONSTRAINT_NAME);
	const char *sentence = sentence_of(call->process->sql, name);
	bool taken = has_state(result, "23505") || has_state(result, "23P01");

	if (taken && !sentence && !call->alone)
		return retry_or_refuse(call);
	if (!sentence)
		sentence = taken ? "There is such a thing already." : "This breaks a rule.";
	return reject(call, taken ? CONFLICT : INVALID_ARGUMENT, upper(call, name), "%s", sentence);
}

/* An error without a state is libpq's own: the connection broke. */
bool is_conn_useless(const PGresult *result)
{
	const char *state = state_of(result);

	return PQresultStatus(result) == PGRES_FATAL_ERROR && (!*state ||
							       !strcmp(state, "0A000") ||
							       !strcmp(state, "26000") ||
							       !strcmp(state, "25006") ||
							       !strncmp(state, "57P", 3));
}

/* Of class 22 (data exceptions) the message repeats the value, which nobody reads in a log. */
static const char *loggable_message(const PGresult *result)
{
	return strncmp(state_of(result), "22", 2) ? field_of(result, PG_DIAG_MESSAGE_PRIMARY)
						  : "a value does not fit";
}

bool sql_refuse(struct call *call, const char *statement, const PGresult *result)
{
	const char *state = state_of(result);

	if (!strncmp(state, "IT", 2))
		return refuse_as_raised(call, result);
	if (!strcmp(state, "23505") ||
	    !strcmp(state, "23P01") ||
	    !strcmp(state, "23514") ||
	    !strcmp(state, "23503"))
		return refuse_constraint(call, result);
	if (!strcmp(state, "40001") || !strcmp(state, "40P01"))
		return retry_or_refuse(call);
	if (!strcmp(state, "57014"))
		return refuse_late(call);
	if (!strcmp(state, "55P03"))
		return retry_after(call, 1, UNAVAILABLE, "BUSY",
				   "Somebody else is changing the same. Please try again.");
	if (!strncmp(state, "53", 2) || !strncmp(state, "08", 2))
		return refuse_down(call);
	return fault(call, "statement %s: %s %s", statement, state, loggable_message(result));
}

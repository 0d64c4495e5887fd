/* The loop over due timers, and the cleaning. */
#include "timer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dispatch.h"
#include "log.h"
#include "metrics.h"
#include "service.h"
#include "sql.h"
#include "task.h"
#include "uuid.h"

enum {
	POLL_MS = 1000,
	LEAST_MS = 20,
	CLEAN_MS = 60000,
	STATEMENT_MS = 6000,
	WORK_MS = 10000,
	WORK_MEMORY = 8 << 20
};

static const struct sql_statement next_timers = {
	.name = "runtime/next_timers",
	.file = __FILE__,
	.line = __LINE__,
	.text = "select rpc, subject_id, ceil(extract(epoch from due_at - now()) * 1000)::bigint from timer "
		"where due_at < 'infinity' order by due_at limit 64",
};

/* $4: whether it counts as one of its tries. */
static const struct sql_statement put_off_timer = {
	.name = "runtime/put_off_timer",
	.file = __FILE__,
	.line = __LINE__,
	.text = "update timer set attempts = attempts + $4::boolean::int, error = $3::text, due_at = case "
		"when not $4::boolean then now() + interval '1 second' else case attempts "
		"when 0 then now() + interval '1 second' when 1 then now() + interval '5 seconds' "
		"when 2 then now() + interval '30 seconds' when 3 then now() + interval '2 minutes' "
		"when 4 then now() + interval '10 minutes' else 'infinity' end end "
		"where rpc = $1::text and subject_id = $2::uuid and due_at <= now()",
};

/* Answers how many rows went, so that the cleaning goes on while there is much; and how many timers are dead. */
static const struct sql_statement clean = {
	.name = "runtime/clean",
	.file = __FILE__,
	.line = __LINE__,
	.text = "with chosen as materialized (select pg_try_advisory_xact_lock(hashtext(current_schema() || '.clean')) as here), "
		"answers as (delete from idempotency where (person_id, key) in (select person_id, key from idempotency, chosen "
		"where here and created_at < now() - interval '24 hours' limit 5000) returning 1), "
		"parts as (delete from upload_part where (upload_id, part) in (select upload_id, part from upload_part, chosen "
		"where here and created_at < now() - interval '1 hour' limit 500) returning 1) "
		"select (select count(*) from answers) + (select count(*) from parts), "
		"(select count(*) from timer where due_at = 'infinity')",
};

struct timers {
	struct process *process;
	struct task *task;
	bool stopping;
	bool idle, wanted; /* waits for time to pass; shall look before it has */
	unsigned running;
	struct failed *failed;
	uint64_t looked_at, clean_at;
	struct metric *dead;
};

/* A timer whose call did not succeed; noted by done(), which must not sleep. */
struct failed {
	struct failed *next;
	bool counts;
	char rpc[128], subject[37], code[64];
};

static uint64_t now_ms(const struct timers *timers)
{
	return uv_now(timers->process->loop);
}

static PGresult *run_statement(struct timers *timers, const struct sql_statement *statement,
			       const struct sql_value *values, unsigned count)
{
	PGresult *result = sql_exec(timers->process->sql, statement, values, count,
				    now_ms(timers) + STATEMENT_MS);

	if (PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK)
		return result;
	log_write(LOG_WARN, "a statement for the timers failed", "statement", statement->name,
		  "error", result ? PQresultErrorMessage(result) : "no connection", NULL);
	PQclear(result);
	return NULL;
}

static void note_failed(struct timers *timers, const char *rpc, const char *subject,
			const char *code, bool counts)
{
	struct failed *failed = calloc(1, sizeof *failed);

	if (!failed)
		abort();
	snprintf(failed->rpc, sizeof failed->rpc, "%s", rpc);
	snprintf(failed->subject, sizeof failed->subject, "%s", subject);
	snprintf(failed->code, sizeof failed->code, "%s", code);
	failed->counts = counts;
	failed->next = timers->failed;
	timers->failed = failed;
}

/* Unavailable is nobody's fault: it is tried again, after the others, for as long as it takes. */
static void on_done(struct work *work, const RpcResponse *response)
{
	struct timers *timers = work->arg;
	const Problem *problem = response->problem;

	if (problem)
		note_failed(timers, work->method->name, work->timer_subject, problem->code,
			    problem->status != UNAVAILABLE);
	timers->running--;
	task_wake(timers->task);
}

static bool find_handler(const struct service *service, const char *rpc, unsigned *at)
{
	for (*at = 0; service->methods[*at].name; ++*at)
		if (service->methods[*at].timer && !strcmp(service->methods[*at].name, rpc))
			return true;
	return false;
}

/* The request of a timer is Id: its subject. */
static RpcRequest *make_request(struct arena *arena, const struct rpc_method *method,
				const char *subject)
{
	const ProtobufCFieldDescriptor *id =
		protobuf_c_message_descriptor_get_field_by_name(method->in->descriptor, "id");
	RpcRequest *request = arena_alloc(arena, sizeof *request);
	void *in = pb_new(arena, method->in);

	*(const char **)pb_at(in, id) = subject;
	rpc_request__init(request);
	request->request_id = arena_alloc(arena, 37);
	uuid_v7(request->request_id);
	request->body.data = pb_pack(arena, in, &request->body.len);
	return request;
}

static void run_timer(struct timers *timers, const char *rpc, const char *subject_id)
{
	const struct service *service = timers->process->service;
	struct arena *arena;
	struct work *work;
	char *subject;
	unsigned at;

	if (!find_handler(service, rpc, &at)) {
		note_failed(timers, rpc, subject_id, "NO_SUCH_RPC", true);
		return;
	}
	arena = arena_new(WORK_MEMORY);
	work = arena_alloc(arena, sizeof *work);
	subject = arena_strdup(arena, subject_id);
	*work = (struct work) {
		.process = timers->process,
		.arena = arena,
		.method = &service->methods[at],
		.handler = service->handlers[at],
		.request = make_request(arena, &service->methods[at], subject),
		.timer_subject = subject,
		.deadline = now_ms(timers) + WORK_MS,
		.done = on_done,
		.arg = timers,
	};
	timers->running++;
	dispatch(work);
}

/* Those that cannot be put off, for want of a database, stay due. */
static void put_off_failed(struct timers *timers)
{
	bool good = true;

	while (timers->failed) {
		struct failed *failed = timers->failed;
		struct sql_value values[] = {
			{ failed->rpc, strlen(failed->rpc), false },
			{ failed->subject, strlen(failed->subject), false },
			{ failed->code, strlen(failed->code), false },
			{ failed->counts ? "t" : "f", 1, false },
		};
		PGresult *result;

		timers->failed = failed->next;
		result = good ? run_statement(timers, &put_off_timer, values, 4) : NULL;
		good = result;
		PQclear(result);
		free(failed);
	}
}

/* Runs what is due; the milliseconds until there is more, POLL_MS at most. */
static uint64_t run_due(struct timers *timers)
{
	PGresult *next = run_statement(timers, &next_timers, NULL, 0);
	uint64_t wait = POLL_MS;

	for (int i = 0; next && i < PQntuples(next); i++) {
		long long left = atoll(PQgetvalue(next, i, 2));

		if (left > 0) {
			wait = left < POLL_MS ? (uint64_t)left : POLL_MS;
			break;
		}
		run_timer(timers, PQgetvalue(next, i, 0), PQgetvalue(next, i, 1));
		if (i == PQntuples(next) - 1 && i >= 63)
			wait = 1;
	}
	PQclear(next);
	while (timers->running)
		task_park();
	put_off_failed(timers);
	return wait;
}

/* Again at once while there is more to remove. */
static void clean_up(struct timers *timers)
{
	PGresult *result = run_statement(timers, &clean, NULL, 0);
	bool more = result && atoll(PQgetvalue(result, 0, 0)) >= 500;

	if (result)
		metric_set(timers->dead, strtod(PQgetvalue(result, 0, 1), NULL));
	PQclear(result);
	timers->clean_at = now_ms(timers) + (more ? 0 : CLEAN_MS);
}

/* A wake at another time than this would disturb who waits for Postgres. However often it is wanted, it looks at most every 20 ms. */
static void idle(struct timers *timers, uint64_t ms)
{
	uint64_t until = now_ms(timers) + ms, soonest = timers->looked_at + LEAST_MS;

	timers->idle = true;
	while (!timers->stopping && now_ms(timers) < (timers->wanted ? soonest : until))
		task_park_until(timers->wanted ? soonest : until);
	timers->idle = timers->wanted = false;
	timers->looked_at = now_ms(timers);
}

static void run(void *arg)
{
	struct timers *timers = arg;

	timers->task = task_current();
	task_set_name("timers");
	while (!timers->stopping) {
		uint64_t wait = POLL_MS;

		if (sql_ready(timers->process->sql)) {
			wait = run_due(timers);
			if (now_ms(timers) >= timers->clean_at)
				clean_up(timers);
		}
		idle(timers, wait);
	}
	free(timers);
}

struct timers *timers_start(struct process *process)
{
	struct timers *timers = calloc(1, sizeof *timers);

	if (!timers)
		abort();
	timers->process = process;
	timers->dead = metric_gauge(process->metrics, "ithaca_timers_dead",
				    "Timers that failed for good.", "");
	if (task_spawn(process->loop, run, timers))
		return timers;
	free(timers);
	return NULL;
}

void timers_wake(struct timers *timers)
{
	if (timers->idle && !timers->wanted)
		task_wake(timers->task);
	timers->wanted = true;
}

void timers_stop(struct timers *timers)
{
	timers->stopping = true;
	task_wake(timers->task);
}

/*
 * Two services on one ground, for the tests of events: alpha says that things happened, beta counts
 * what it was told. Each has a schema in the server that ITHACA_TEST_DATABASE_URL names (as a
 * superuser); skipped without.
 */
#pragma once

#include <libpq-fe.h>
#include <sodium.h>

#include "common.pb-c.h"
#include "dispatch.h"
#include "event.h"
#include "ground.h"
#include "inbox.h"
#include "relay.h"
#include "sql.h"

static const struct pb_rule no_rules[2];
static const struct pb_type *const no_children[2];
static const struct pb_type id_type = { &id__descriptor, no_rules, no_children };
static const struct pb_type nothing_type = { &nothing__descriptor, no_rules, no_children };

static const struct event_type happened = { .producer = "alpha",
					    .name = "Happened",
					    .type = &id_type };

/* Says that it happened. */
static bool do_it(struct call *call, const void *in, void *out)
{
	(void)out;
	return event_publish(call, &happened, in);
}

static const struct rpc_method do_it_rpc = {
	.service = "alpha", .name = "DoIt", .verb = VERB_POST, .in = &id_type, .out = &nothing_type
};
static const struct rpc_method alpha_methods[] = { { 0 } };
static rpc_handler *const alpha_handlers[] = { NULL };
static const struct service alpha_service = { .name = "alpha",
					      .methods = alpha_methods,
					      .handlers = alpha_handlers };

static const struct sql_statement add_effect = {
	.name = "add_effect",
	.kind = SQL_EXEC,
	.in = &id_type,
	.file = __FILE__,
	.text = "insert into effect (event_id, source_seq, thing) values ($1, $2, $3)",
	.params = (const char *const[]) { "event.id", "event.source_seq", "id", NULL },
};
static const struct sql_statement find_poison = {
	.name = "find_poison",
	.kind = SQL_EXEC,
	.in = &id_type,
	.file = __FILE__,
	.text = "select refuse(status, 'POISON', 'Not that.') "
		"from (select status, nextval('tries') from poison where thing = $1) poison",
	.params = (const char *const[]) { "id", NULL },
};
static const struct sql_statement *const beta_statements[] = { &add_effect, &find_poison, NULL };

static bool on_happened(struct call *call, const void *in, void *out)
{
	(void)out;
	return sql_run(call, &add_effect, in, NULL, NULL) &&
	       sql_run(call, &find_poison, in, NULL, NULL);
}

static const struct rpc_method beta_methods[] = {
	{ .service = "beta",
	  .name = "OnHappened",
	  .on = "alpha.Happened",
	  .in = &id_type,
	  .out = &nothing_type },
	{ 0 },
};
static rpc_handler *const beta_handlers[] = { on_happened };
static const struct service beta_service = { .name = "beta",
					     .methods = beta_methods,
					     .handlers = beta_handlers };

static PGconn *pg_open(const char *service)
{
	PGconn *pg = PQconnectdb(getenv("ITHACA_TEST_DATABASE_URL"));
	char command[128];

	snprintf(command, sizeof command,
		 "set client_min_messages to error; set search_path to bus_%s", service);
	PQclear(PQexec(pg, command));
	return pg;
}

/* The first value of the last statement, "" when there is none. */
static const char *pg_value(PGconn *pg, const char *sql)
{
	static char value[256];
	PGresult *result = PQexec(pg, sql);

	if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
		fprintf(stderr, "%s: %s", sql, PQerrorMessage(pg));
	snprintf(value, sizeof value, "%s", PQntuples(result) ? PQgetvalue(result, 0, 0) : "");
	PQclear(result);
	return value;
}

/* Once, in a connection of its own. */
static inline const char *pg_once(const char *service, const char *sql)
{
	PGconn *pg = pg_open(service);
	const char *value = pg_value(pg, sql);

	PQfinish(pg);
	return value;
}

static inline void make_schema(const char *service)
{
	static const char template[] =
		"set client_min_messages to error; drop schema if exists bus_%1$s cascade;"
		"do $$ begin create role bus_%1$s_svc login password 'test'; exception when "
		"duplicate_object then null; end $$;"
		"alter role bus_%1$s_svc set search_path to bus_%1$s; create schema bus_%1$s; set "
		"search_path to bus_%1$s;";
	char runtime[65536], head[sizeof template + 64];
	FILE *file = fopen("lib/migrations/0001_runtime.sql", "r");
	PGconn *pg = PQconnectdb(getenv("ITHACA_TEST_DATABASE_URL"));

	runtime[fread(runtime, 1, sizeof runtime - 1, file)] = 0;
	fclose(file);
	snprintf(head, sizeof head, template, service);
	pg_value(pg, head);
	pg_value(pg, runtime);
	pg_value(pg, "create table effect (event_id uuid, source_seq bigint, thing text); create "
		     "table poison (thing text, status int default 422); create sequence tries");
	snprintf(head, sizeof head,
		 "grant select, insert on effect, poison to bus_%1$s_svc; "
		 "grant usage on sequence tries to bus_%1$s_svc",
		 service);
	pg_value(pg, head);
	PQfinish(pg);
}

static inline struct conf *event_conf(void)
{
	static const struct setting settings[] = {
		{ .name = "ITHACA_READ_CONNECTIONS", .kind = SETTING_NUMBER, .fallback = "1" },
		{ .name = "ITHACA_WRITE_CONNECTIONS", .kind = SETTING_NUMBER, .fallback = "4" },
		{ .name = "ITHACA_WRITE_BATCH", .kind = SETTING_NUMBER, .fallback = "32" },
		{ .name = "ITHACA_RPC_ROOT", .kind = SETTING_KEY },
		{ .name = "ITHACA_MASTER_KEY", .kind = SETTING_KEY },
		{ 0 },
	};
	const struct setting *const tables[] = { settings, relay_settings, inbox_settings, NULL };
	struct buf complaints = { 0 };
	struct conf *conf;

	setenv("ITHACA_INBOX_TICK_MS", "200", 1);
	setenv("ITHACA_RPC_ROOT",
	       "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 1);
	setenv("ITHACA_MASTER_KEY",
	       "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f", 1);
	conf = conf_read(tables, &complaints);
	if (!conf)
		fprintf(stderr, "%s", buf_text(&complaints));
	return conf;
}

static inline struct rpc_keys *event_keys(const struct conf *conf, const char *name)
{
	struct buf complaints = { 0 };
	char hex[65], pairs[200];
	uint8_t pair[32];

	rpc_pair_key(pair, conf_key(conf, "ITHACA_RPC_ROOT"), name);
	sodium_bin2hex(hex, sizeof hex, pair, sizeof pair);
	snprintf(pairs, sizeof pairs, "alpha=%s,beta=%s", hex, hex);
	return rpc_keys_new(conf_key(conf, "ITHACA_RPC_ROOT"), pairs, &complaints);
}

static inline char *svc_url(const char *service)
{
	PQconninfoOption *options = PQconninfoParse(getenv("ITHACA_TEST_DATABASE_URL"), NULL);
	struct buf url = { 0 };

	for (PQconninfoOption *option = options; option && option->keyword; option++)
		if (option->val &&
		    strcmp(option->keyword, "user") &&
		    strcmp(option->keyword, "password"))
			buf_printf(&url, "%s='%s' ", option->keyword, option->val);
	PQconninfoFree(options);
	buf_printf(&url, "user=bus_%s_svc password=test", service);
	return buf_text(&url);
}

static inline bool is_up(void *arg)
{
	const struct process *process = arg;

	return bus_ready(process->bus) && sql_ready(process->sql);
}

/* A process as service_main() would start it. */
static inline void process_start(struct process *process, const struct service *service,
				 const struct nats *nats)
{
	char *url = svc_url(service->name);

	*process = (struct process) { .name = service->name,
				      .loop = uv_default_loop(),
				      .service = service,
				      .conf = event_conf(),
				      .metrics = metrics_new() };
	process->keys = event_keys(process->conf, process->name);
	dispatch_open(process);
	process->sql = sql_open(process, url, service == &beta_service ? beta_statements : NULL);
	process->bus = bus_open(process, nats->url);
	rpc_client_open(process);
	process->rpc = rpc_serve(process);
	relay_start(process);
	inbox_start(process);
	turn_until(is_up, process, 5000);
	free(url);
}

static inline bool no_task(void *arg)
{
	(void)arg;
	return !task_count();
}

static inline void stop_serving(void *process)
{
	rpc_stop_serving(((struct process *)process)->rpc);
}

static inline void process_stop(struct process *process)
{
	in_task(stop_serving, process);
	inbox_stop(process->inbox);
	relay_stop(process->relay);
}

static inline void process_close(struct process *process)
{
	rpc_server_free(process->rpc);
	rpc_client_close(process);
	bus_close(process->bus);
	sql_close(process->sql);
}

static inline void process_free(struct process *process)
{
	dispatch_close(process);
	rpc_keys_free(process->keys);
	metrics_free(process->metrics);
	conf_free(process->conf);
}

/* Stops all of them as service_main() would. */
static inline void processes_end(struct process *processes, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		process_stop(&processes[i]);
	turn_until(no_task, NULL, 10000);
	for (unsigned i = 0; i < count; i++)
		process_close(&processes[i]);
	task_end();
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
	for (unsigned i = 0; i < count; i++)
		process_free(&processes[i]);
}

/* Turns the loop until the query answers t. */
struct question {
	PGconn *pg;
	const char *sql;
	uint64_t next;
};

static inline bool answers_true(void *arg)
{
	struct question *question = arg;

	if (uv_hrtime() < question->next)
		return false;
	question->next = uv_hrtime() + 50000000;
	return !strcmp(pg_value(question->pg, question->sql), "t");
}

static inline bool becomes_true(const char *service, const char *sql, uint64_t ms)
{
	struct question question = { .pg = pg_open(service), .sql = sql };
	bool did = turn_until(answers_true, &question, ms);

	PQfinish(question.pg);
	return did;
}

/* Runs DoIt(thing) in alpha; whether it succeeded. */
struct doing {
	struct process *alpha;
	const char *thing;
	bool done, good;
};

static inline void on_did(struct work *work, const RpcResponse *response)
{
	struct doing *doing = work->arg;

	doing->done = true;
	doing->good = !response->problem;
}

static inline bool has_done(void *arg)
{
	return ((struct doing *)arg)->done;
}

static inline bool did(struct process *alpha, const char *thing)
{
	struct doing doing = { .alpha = alpha, .thing = thing };
	struct arena *arena = arena_new(1 << 20);
	struct work *work = arena_alloc(arena, sizeof *work);
	RpcRequest *request = arena_alloc(arena, sizeof *request);
	Id id = ID__INIT;

	rpc_request__init(request);
	request->request_id = arena_strdup(arena, "a-request");
	id.id = (char *)(uintptr_t)thing;
	request->body.data = pb_pack(arena, &id, &request->body.len);
	*work = (struct work) { .process = alpha,
				.arena = arena,
				.method = &do_it_rpc,
				.handler = do_it,
				.request = request,
				.deadline = uv_now(alpha->loop) + 5000,
				.done = on_did,
				.arg = &doing };
	dispatch(work);
	return turn_until(has_done, &doing, 6000) && doing.good;
}

/* Adds n events to alpha's outbox, as n transactions would have. payload = Id{thing}. */
static inline void add_events(unsigned n, const char *prefix)
{
	char sql[512];

	snprintf(sql, sizeof sql,
		 "insert into outbox (id, name, aggregate_id, correlation_id, payload) select "
		 "uuid_v7(), 'Happened', '', 'test', "
		 "decode('0a' || lpad(to_hex(length(thing)), 2, '0'), 'hex') || convert_to(thing, "
		 "'UTF8') "
		 "from (select '%s' || i as thing from generate_series(1, %u) i) things",
		 prefix, n);
	pg_once("alpha", sql);
}

/* Schema, process and calls for the tests of what talks to Postgres. */
#include "db.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "metrics.h"
#include "migrate.h"

#define SCHEMA "spine_test"

static const char program_table[] =
	"create table program (id uuid primary key default uuid_v7(), created_at timestamptz not null default now(),"
	" updated_at timestamptz not null default now(), version bigint not null default 1, slug text not null, title text not null,"
	" summary text not null default '', state text not null default 'DRAFT' check (state in ('DRAFT', 'PUBLISHED')),"
	" capacity int not null default 0, zone text not null default 'UTC', starts_on date, ends_on date,"
	" open boolean not null default false, owner_id uuid, topics text[] not null default '{}',"
	" constraint slug_taken unique (slug), constraint capacity_too_large check (capacity <= 100));"
	"comment on constraint slug_taken on program is 'That name in the address is taken.';"
	"comment on constraint capacity_too_large on program is 'A hundred people at most.';"
	"create trigger touch before update on program for each row execute function touch();"
	"create function keep_in_mind() returns trigger language plpgsql as $$ begin"
	" perform refuse(409, 'TOO_LATE', 'Found out at the end.'); return null; end $$;"
	"create constraint trigger keep_in_mind after insert on program deferrable initially deferred"
	" for each row when (new.slug like 'doomed%') execute function keep_in_mind();"
	"grant select, insert, update, delete on program to " SCHEMA "_svc;";

static PGconn *connect_as_superuser(void)
{
	PGconn *pg = PQconnectdb(getenv("ITHACA_TEST_DATABASE_URL"));
	PGresult *result =
		PQexec(pg, "set search_path to " SCHEMA "; set client_min_messages to error");

	PQclear(result);
	assert_int_equal(PQstatus(pg), CONNECTION_OK);
	return pg;
}

char *db_ask(struct arena *arena, const char *sql)
{
	PGconn *pg = connect_as_superuser();
	PGresult *result = PQexec(pg, sql);
	char *value = NULL;

	if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(pg));
	if (PQntuples(result))
		value = arena_strdup(arena, PQgetvalue(result, 0, 0));
	PQclear(result);
	PQfinish(pg);
	return value;
}

void db_do(const char *sql)
{
	struct arena *arena = arena_new(65536);

	db_ask(arena, sql);
	arena_free(arena);
}

void db_empty(void)
{
	db_do("do $$ begin while exists (select from pg_stat_activity where usename = '" SCHEMA
	      "_svc') loop "
	      "perform pg_sleep(0.01); perform pg_stat_clear_snapshot(); end loop; end $$");
	db_do("truncate program, outbox, audit, idempotency, inbox, inbox_head, timer");
}

/* The server's URL as another role, in this schema's search path by the role's setting. */
static char *url_as(const char *role)
{
	PQconninfoOption *options = PQconninfoParse(getenv("ITHACA_TEST_DATABASE_URL"), NULL);
	struct buf url = { 0 };

	for (PQconninfoOption *option = options; option && option->keyword; option++)
		if (option->val &&
		    strcmp(option->keyword, "user") &&
		    strcmp(option->keyword, "password"))
			buf_printf(&url, "%s='%s' ", option->keyword, option->val);
	PQconninfoFree(options);
	buf_printf(&url, "user=%s password=test", role);
	return buf_text(&url);
}

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	struct buf text = { 0 };
	size_t n;

	if (!file)
		fail_msg("%s cannot be read: run the tests in the project's folder", path);
	while ((n = fread(buf_room(&text, 65536), 1, 65536, file)) > 0)
		text.len += n;
	fclose(file);
	return buf_text(&text);
}

static void make_roles(void)
{
	db_do("drop schema if exists " SCHEMA " cascade");
	db_do("do $$ begin create role " SCHEMA
	      "_owner login password 'test'; exception when duplicate_object then null; end $$");
	db_do("do $$ begin create role " SCHEMA
	      "_svc login password 'test'; exception when duplicate_object then null; end $$");
	db_do("create schema " SCHEMA " authorization " SCHEMA "_owner");
	db_do("alter role " SCHEMA "_owner set search_path to " SCHEMA);
	db_do("alter role " SCHEMA "_svc set search_path to " SCHEMA);
	db_do("alter role " SCHEMA "_svc set statement_timeout to '5s'");
	db_do("alter role " SCHEMA "_svc set lock_timeout to '2s'");
}

char *db_empty_schema(void)
{
	make_roles();
	return url_as(SCHEMA "_owner");
}

bool db_make_schema(void)
{
	char *runtime, *url;
	struct buf report = { 0 }, complaints = { 0 };
	bool good;

	if (!getenv("ITHACA_TEST_DATABASE_URL"))
		return false;
	make_roles();
	runtime = read_file("lib/migrations/0001_runtime.sql");
	url = url_as(SCHEMA "_owner");
	good = migrate(url,
		       (const struct migration[]) { { "0001_runtime", runtime },
						    { "0002_program", program_table },
						    { 0 } },
		       &report, &complaints);
	if (!good)
		fail_msg("%s", buf_text(&complaints));
	free(runtime);
	free(url);
	buf_free(&report);
	buf_free(&complaints);
	return true;
}

static struct conf *make_conf(const char *writes, const char *batch)
{
	static const struct setting settings[] = {
		{ .name = "ITHACA_READ_CONNECTIONS", .kind = SETTING_NUMBER },
		{ .name = "ITHACA_WRITE_CONNECTIONS", .kind = SETTING_NUMBER },
		{ .name = "ITHACA_WRITE_BATCH", .kind = SETTING_NUMBER },
		{ .name = "ITHACA_RPC_ROOT", .kind = SETTING_KEY },
		{ .name = "ITHACA_MASTER_KEY", .kind = SETTING_KEY },
		{ 0 },
	};
	const struct setting *const tables[] = { settings, NULL };
	struct buf complaints = { 0 };
	struct conf *conf;

	setenv("ITHACA_READ_CONNECTIONS", "2", 1);
	setenv("ITHACA_WRITE_CONNECTIONS", writes, 1);
	setenv("ITHACA_WRITE_BATCH", batch, 1);
	setenv("ITHACA_RPC_ROOT",
	       "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 1);
	setenv("ITHACA_MASTER_KEY",
	       "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f", 1);
	conf = conf_read(tables, &complaints);
	assert_non_null(conf);
	return conf;
}

static void await_ready(void *arg)
{
	struct db *db = arg;

	for (int i = 0; i < 500 && !sql_ready(db->process.sql); i++)
		task_sleep(10);
	assert_true(sql_ready(db->process.sql));
	task_sleep(20);
}

/* Connections keep the loop alive: it is left when no task is. */
static void leave_when_done(void *arg)
{
	if (!task_count())
		uv_stop(arg);
}

struct db *db_open(const struct sql_statement *const *statements, const char *writes,
		   const char *batch)
{
	struct db *db = calloc(1, sizeof *db);

	assert_true(sodium_init() >= 0);
	uv_loop_init(&db->loop);
	db->arena = arena_new(64 << 20);
	db->url = url_as(SCHEMA "_svc");
	db->process = (struct process) { .name = "spine_test",
					 .loop = &db->loop,
					 .service = &db->service,
					 .conf = make_conf(writes, batch),
					 .metrics = metrics_new() };
	dispatch_open(&db->process);
	db->hook = (struct task_hook) { .run = leave_when_done, .arg = &db->loop };
	task_at_turn_end(&db->loop, &db->hook);
	db->process.sql = sql_open(&db->process, db->url, statements);
	db_run(db, await_ready, db);
	return db;
}

void db_close(struct db *db)
{
	sql_close(db->process.sql);
	task_end();
	uv_run(&db->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&db->loop), 0);
	dispatch_close(&db->process);
	metrics_free(db->process.metrics);
	conf_free(db->process.conf);
	arena_free(db->arena);
	free(db->url);
	free(db);
}

void db_run(struct db *db, void (*run)(void *arg), void *arg)
{
	assert_true(task_spawn(&db->loop, run, arg));
	while (task_count())
		uv_run(&db->loop, UV_RUN_DEFAULT);
}

static void take_answer(struct work *work, const RpcResponse *response)
{
	struct asked *asked = work->arg;
	struct arena *arena = asked->db->arena;

	asked->done = true;
	asked->replayed = response->replayed;
	asked->out = pb_unpack(arena, asked->method->out, response->body.data, response->body.len);
	if (response->problem) {
		size_t len = problem__get_packed_size(response->problem);
		uint8_t *bytes = arena_alloc(arena, len);

		problem__pack(response->problem, bytes);
		asked->problem = problem__unpack(arena_allocator(arena), len, bytes);
	}
}

static void start_one(struct db *db, struct asked *asked)
{
	struct arena *arena = arena_new(8 << 20);
	struct work *work = arena_alloc(arena, sizeof *work);
	RpcRequest *request = arena_alloc(arena, sizeof *request);
	Caller *caller = arena_alloc(arena, sizeof *caller);

	rpc_request__init(request);
	caller__init(caller);
	if (asked->person)
		caller->id = arena_strdup(arena, asked->person);
	if (asked->key)
		request->idempotency_key = arena_strdup(arena, asked->key);
	request->caller = caller;
	request->request_id = arena_strdup(arena, "a-request");
	request->body.data = pb_pack(arena, asked->in, &request->body.len);
	asked->db = db;
	uv_update_time(&db->loop);
	*work = (struct work) {
		.process = &db->process,
		.arena = arena,
		.method = asked->method,
		.handler = asked->handler,
		.request = request,
		.deadline = uv_now(&db->loop) + (asked->time_ms ? asked->time_ms : 5000),
		.done = take_answer,
		.arg = asked,
	};
	dispatch(work);
}

void db_ask_all(struct db *db, struct asked *asked, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		start_one(db, &asked[i]);
	while (task_count())
		uv_run(&db->loop, UV_RUN_DEFAULT);
}

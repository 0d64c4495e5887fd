/* Calls: done once or not at all, alone or in a shared transaction, with a key or without. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "db.h"
#include "programs.h"
#include "timer.h"

#define PERSON "0192f0c1-0000-7000-8000-000000000001"
#define TIMER_SUBJECT "0192f0c1-0000-7000-8000-00000000000a"

static bool have_schema;

static int open_with(void **state, const char *writes, const char *batch)
{
	if (!have_schema)
		return 0;
	db_empty();
	*state = db_open(program_statements, writes, batch);
	return 0;
}

static int open_db(void **state)
{
	return open_with(state, "4", "32");
}

static int open_narrow(void **state)
{
	return open_with(state, "1", "32");
}

static int close_db(void **state)
{
	if (*state)
		db_close(*state);
	return 0;
}

#define NEEDS_POSTGRES()                                                                           \
	do {                                                                                       \
		if (!*state)                                                                       \
			skip();                                                                    \
	} while (0)

static void assert_answer(struct db *db, const char *sql, const char *expected)
{
	assert_string_equal(db_ask(db->arena, sql), expected);
}

static const struct event_type program_added = { "spine_test", "ProgramAdded", &sample_program_type,
						 &sample_program_type };

static bool add_and_publish(struct call *call, const void *in, void *out)
{
	return run_add_program(call, in, out) && event_publish(call, &program_added, out);
}

/* Described as one statement, but runs two: it must be right all the same. */
static bool add_twice(struct call *call, const void *in, void *out)
{
	SampleProgram second = *(const SampleProgram *)in;

	second.slug = arena_printf(call->arena, "%s-again", second.slug);
	return run_add_program(call, in, out) && run_add_program(call, &second, out);
}

static bool add_then_reject(struct call *call, const void *in, void *out)
{
	return add_and_publish(call, in, out) &&
	       reject(call, INVALID_ARGUMENT, "NOT_TODAY", "Not today.");
}

static SampleProgram program_of(struct db *db, const char *slug)
{
	SampleProgram program = SAMPLE_PROGRAM__INIT;

	program.slug = arena_strdup(db->arena, slug);
	program.title = program.slug;
	return program;
}

static struct asked ask(struct db *db, rpc_handler *handler, const char *slug, const char *key)
{
	SampleProgram in = program_of(db, slug);
	struct asked asked = {
		.method = &add_rpc, .handler = handler, .in = &in, .person = PERSON, .key = key
	};

	db_ask_all(db, &asked, 1);
	assert_true(asked.done);
	return asked;
}

static void test_a_change_commits_with_its_event_and_its_audit(void **state)
{
	SampleProgram *out;

	NEEDS_POSTGRES();
	out = ask(*state, add_and_publish, "roots", NULL).out;
	assert_answer(*state, "select count(*) from program", "1");
	assert_answer(*state, "select name || ' ' || aggregate_id from outbox",
		      arena_printf(((struct db *)*state)->arena, "ProgramAdded %s", out->id));
	assert_answer(*state, "select rpc || ' ' || person_id || ' ' || request_id from audit",
		      "AddProgram " PERSON " a-request");
}

static void test_a_refused_call_leaves_nothing(void **state)
{
	NEEDS_POSTGRES();
	assert_string_equal(ask(*state, add_then_reject, "roots", "a-key").problem->code,
			    "NOT_TODAY");
	assert_answer(*state,
		      "select (select count(*) from program) + (select count(*) from outbox) + "
		      "(select count(*) from audit) + (select count(*) from idempotency)",
		      "0");
	assert_null(ask(*state, add_and_publish, "roots", "a-key").problem);
}

static void test_a_repeated_key_gets_the_first_answer(void **state)
{
	struct asked first, second;

	NEEDS_POSTGRES();
	first = ask(*state, add_and_publish, "roots", "a-key");
	second = ask(*state, add_and_publish, "roots", "a-key");
	assert_null(second.problem);
	assert_false(first.replayed);
	assert_true(second.replayed);
	assert_string_equal(((SampleProgram *)first.out)->id, ((SampleProgram *)second.out)->id);
	assert_answer(*state, "select count(*) from outbox", "1");
}

static void test_a_key_for_another_request_is_refused(void **state)
{
	NEEDS_POSTGRES();
	assert_null(ask(*state, add_and_publish, "roots", "a-key").problem);
	assert_string_equal(ask(*state, add_and_publish, "wings", "a-key").problem->code,
			    "IDEMPOTENCY_KEY_REUSE");
	assert_answer(*state, "select count(*) from program", "1");
}

static void test_a_kept_answer_cannot_be_read_or_moved(void **state)
{
	struct db *db = *state;

	NEEDS_POSTGRES();
	assert_null(ask(db, add_and_publish, "roots", "a-key").problem);
	assert_string_equal(
		db_ask(db->arena,
		       "select position('roots'::bytea in decode(translate(answer, '-_', '+/') || "
		       "repeat('=', (4 - length(answer) % 4) % 4), 'base64')) from idempotency"),
		"0");
	db_do("update idempotency set key = 'another-key'");
	assert_string_equal(ask(db, add_and_publish, "roots", "another-key").problem->code,
			    "SLUG_TAKEN");
}

static void test_two_at_once_with_one_key_are_done_once(void **state)
{
	enum { BOTH = 8 };
	struct asked asked[BOTH];
	SampleProgram in;
	int replayed = 0;

	NEEDS_POSTGRES();
	in = program_of(*state, "roots");
	for (int i = 0; i < BOTH; i++)
		asked[i] = (struct asked) { .method = &add_rpc,
					    .handler = add_and_publish,
					    .in = &in,
					    .person = PERSON,
					    .key = "k" };
	db_ask_all(*state, asked, BOTH);
	for (int i = 0; i < BOTH; i++) {
		assert_null(asked[i].problem);
		replayed += asked[i].replayed;
	}
	assert_int_equal(replayed, BOTH - 1);
	assert_answer(*state, "select count(*) from program", "1");
	assert_answer(*state, "select count(*) from outbox", "1");
}

enum { MANY = 100 };

/* Every tenth wants a name that is taken; the others must not notice. */
static void add_many(struct db *db, struct asked asked[MANY], SampleProgram in[MANY],
		     rpc_handler *handler)
{
	assert_null(ask(db, add_and_publish, "taken", NULL).problem);
	for (int i = 0; i < MANY; i++) {
		in[i] = program_of(db, i % 10 ? arena_printf(db->arena, "slug-%d", i) : "taken");
		asked[i] = (struct asked) {
			.method = &add_rpc, .handler = handler, .in = &in[i], .person = PERSON
		};
	}
	db_ask_all(db, asked, MANY);
	for (int i = 0; i < MANY; i++) {
		assert_true(asked[i].done);
		if (i % 10)
			assert_null(asked[i].problem);
		else
			assert_string_equal(asked[i].problem->code, "SLUG_TAKEN");
	}
}

static void check_many(struct db *db)
{
	struct asked asked[MANY];
	SampleProgram in[MANY];

	add_many(db, asked, in, add_and_publish);
	assert_answer(db, "select count(*) from program", "91");
	assert_answer(db, "select count(*) || ' ' || count(distinct aggregate_id) from outbox",
		      "91 91");
	assert_answer(db, "select count(*) from audit", "91");
	assert_answer(
		db,
		"select count(*) from program p where not exists (select from outbox where aggregate_id = p.id::text)",
		"0");
}

static void test_many_writes_share_transactions_and_fail_alone(void **state)
{
	NEEDS_POSTGRES();
	check_many(*state);
}

static void test_without_sharing_the_outcome_is_the_same(void **state)
{
	if (!have_schema)
		skip();
	open_with(state, "4", "1");
	check_many(*state);
}

static void test_all_good_writes_share_few_transactions(void **state)
{
	struct asked asked[MANY];
	SampleProgram in[MANY];
	struct db *db = *state;

	NEEDS_POSTGRES();
	for (int i = 0; i < MANY; i++) {
		in[i] = program_of(db, arena_printf(db->arena, "slug-%d", i));
		asked[i] = (struct asked) { .method = &add_rpc,
					    .handler = add_and_publish,
					    .in = &in[i],
					    .person = PERSON };
	}
	db_ask_all(db, asked, MANY);
	for (int i = 0; i < MANY; i++)
		assert_null(asked[i].problem);
	assert_answer(db, "select count(distinct xmin::text) <= 8 from program", "t");
	assert_answer(db, "select count(*) from outbox", "100");
}

static bool add_each_and_publish(struct call *call, const void *in, void *out)
{
	bool added;

	if (!sql_run(call, &add_each_program, in, out, &added))
		return false;
	if (!added)
		return run_add_program(call, in, out);
	return event_publish(call, &program_added, out);
}

/* Also texts that an array's text must quote. */
static void test_many_calls_run_one_statement_and_each_gets_its_row(void **state)
{
	struct asked asked[MANY];
	SampleProgram in[MANY];
	struct db *db = *state;

	NEEDS_POSTGRES();
	for (int i = 0; i < MANY; i++) {
		in[i] = program_of(db, arena_printf(db->arena, "slug-%d", i));
		in[i].title = arena_printf(db->arena, "{\"%d\\, NULL\n", i);
		asked[i] = (struct asked) { .method = &add_rpc,
					    .handler = add_each_and_publish,
					    .in = &in[i],
					    .person = PERSON };
	}
	db_ask_all(db, asked, MANY);
	for (int i = 0; i < MANY; i++)
		assert_true(asked[i].done && !asked[i].problem);
	assert_answer(db, "select count(distinct xmin::text) <= 8 from program", "t");
	assert_answer(
		db,
		"select count(*) from program where title = E'{\"' || substr(slug, 6) || E'\\\\, NULL\n' and state = 'DRAFT'",
		"100");
	assert_answer(db,
		      "select count(*) from outbox o join program p on o.aggregate_id = p.id::text",
		      "100");
	assert_answer(db, "select count(distinct target_id) from audit", "100");
}

/* Who gets no row leaves the shared transaction, goes on alone, and costs the others nothing. */
static void test_who_gets_no_row_goes_on_alone(void **state)
{
	struct asked asked[MANY];
	SampleProgram in[MANY];
	struct db *db = *state;

	NEEDS_POSTGRES();
	add_many(db, asked, in, add_each_and_publish);
	assert_answer(db, "select count(*) from program", "91");
	assert_answer(db, "select count(*) || ' ' || count(distinct aggregate_id) from outbox",
		      "91 91");
	assert_answer(db, "select count(distinct xmin::text) <= 9 from program", "t");
}

static void test_what_the_commit_refuses_is_refused(void **state)
{
	NEEDS_POSTGRES();
	assert_string_equal(ask(*state, add_and_publish, "doomed", NULL).problem->code, "TOO_LATE");
	assert_null(ask(*state, add_and_publish, "roots", NULL).problem);
	assert_answer(*state, "select count(*) from program", "1");
}

static void test_what_a_shared_commit_refuses_fails_alone(void **state)
{
	struct asked asked[MANY];
	SampleProgram in[MANY];
	struct db *db = *state;

	NEEDS_POSTGRES();
	for (int i = 0; i < MANY; i++) {
		in[i] = program_of(
			db, arena_printf(db->arena, i % 10 == 9 ? "doomed-%d" : "slug-%d", i));
		asked[i] = (struct asked) { .method = &add_rpc,
					    .handler = add_and_publish,
					    .in = &in[i],
					    .person = PERSON };
	}
	db_ask_all(db, asked, MANY);
	for (int i = 0; i < MANY; i++)
		assert_true(asked[i].done && !!asked[i].problem == (i % 10 == 9));
	assert_answer(db, "select count(*) from program", "90");
	assert_answer(db, "select count(*) from outbox", "90");
}

static bool add_in_two_parts(struct call *call, const void *in, void *out)
{
	SampleProgram first = *(const SampleProgram *)in;

	first.slug = arena_printf(call->arena, "%s-first", first.slug);
	return run_add_program(call, &first, out) &&
	       sql_checkpoint(call) &&
	       add_and_publish(call, in, out);
}

static void test_a_key_is_taken_by_the_answer_and_not_half_way(void **state)
{
	struct asked first, second;

	NEEDS_POSTGRES();
	first = ask(*state, add_in_two_parts, "roots", "a-key");
	assert_null(first.problem);
	assert_false(first.replayed);
	assert_answer(*state, "select count(*) from program", "2");
	second = ask(*state, add_in_two_parts, "roots", "a-key");
	assert_true(second.replayed);
	assert_string_equal(((SampleProgram *)first.out)->id, ((SampleProgram *)second.out)->id);
}

static void test_a_second_statement_in_a_shared_transaction_runs_alone(void **state)
{
	struct asked asked[MANY];
	SampleProgram in[MANY];

	NEEDS_POSTGRES();
	add_many(*state, asked, in, add_twice);
	assert_answer(*state, "select count(*) from program", "181");
}

static bool kill_my_connection(struct call *call, const void *in, void *out)
{
	bool good = run_add_program(call, in, out);

	db_do("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'spine_test_svc' and backend_xid is not null");
	return good;
}

static void test_a_connection_lost_before_the_commit_is_never_success(void **state)
{
	struct asked asked;

	NEEDS_POSTGRES();
	asked = ask(*state, kill_my_connection, "roots", "a-key");
	assert_int_equal(asked.problem->status, UNAVAILABLE);
	assert_answer(*state, "select count(*) from program", "0");
	assert_null(ask(*state, add_and_publish, "roots", "a-key").problem);
}

static bool lose_my_connection_once(struct call *call, const void *in, void *out)
{
	if (!call->tries)
		db_do("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'spine_test_svc'");
	return run_add_program(call, in, out);
}

static void test_a_write_whose_connection_was_dead_is_done_on_another(void **state)
{
	NEEDS_POSTGRES();
	assert_null(ask(*state, lose_my_connection_once, "roots", NULL).problem);
	assert_answer(*state, "select count(*) from program", "1");
}

static void test_what_cannot_be_done_in_time_is_refused(void **state)
{
	struct asked asked[6];
	SampleProgram in;
	int late = 0;

	NEEDS_POSTGRES();
	in = program_of(*state, "roots");
	in.capacity = 300;
	for (int i = 0; i < 6; i++)
		asked[i] = (struct asked) {
			.method = &nap_rpc, .handler = run_nap, .in = &in, .time_ms = 700
		};
	db_ask_all(*state, asked, 6);
	for (int i = 0; i < 6; i++)
		late += asked[i].problem && asked[i].problem->status >= 500;
	assert_in_range(late, 0, 5);
	task_set_limit(0);
	assert_string_equal(ask(*state, add_and_publish, "roots", NULL).problem->code,
			    "OVERLOADED");
	task_set_limit(4096);
}

/* An event or a timer as bus and timers bring them. */
static void on_done(struct work *work, const RpcResponse *response)
{
	*(Problem **)work->arg = response->problem;
}

static Problem *bring(struct db *db, EventEnvelope *event, const char *timer)
{
	struct arena *arena = arena_new(8 << 20);
	struct work *work = arena_alloc(arena, sizeof *work);
	RpcRequest *request = arena_alloc(arena, sizeof *request);
	SampleProgram in = program_of(db, "from-outside");
	Problem *problem = (Problem *)db;

	in.slug = arena_printf(db->arena, "slug-%p", (void *)work);
	rpc_request__init(request);
	request->body.data = pb_pack(arena, &in, &request->body.len);
	*work = (struct work) { .process = &db->process,
				.arena = arena,
				.method = &add_rpc,
				.handler = add_and_publish,
				.request = request,
				.event = event,
				.timer_subject = timer,
				.deadline = uv_now(&db->loop) + 5000,
				.done = on_done,
				.arg = &problem };
	dispatch(work);
	while (task_count())
		uv_run(&db->loop, UV_RUN_DEFAULT);
	return problem;
}

static void test_an_event_that_comes_twice_has_its_effect_once(void **state)
{
	EventEnvelope event = EVENT_ENVELOPE__INIT;

	NEEDS_POSTGRES();
	event.id = (char *)(uintptr_t)TIMER_SUBJECT;
	event.producer = (char *)(uintptr_t)"identity";
	event.name = (char *)(uintptr_t)"UserAdded";
	event.source_seq = 7;
	assert_null(bring(*state, &event, NULL));
	assert_null(bring(*state, &event, NULL));
	assert_answer(*state, "select count(*) from program", "1");
	assert_answer(*state, "select source_seq from inbox", "7");
	assert_answer(*state, "select count(*) from audit", "0");
}

static void test_a_timer_runs_when_it_is_due_and_once(void **state)
{
	NEEDS_POSTGRES();
	db_do("select schedule('AddProgram', '" TIMER_SUBJECT "', now() + interval '1 hour')");
	assert_null(bring(*state, NULL, TIMER_SUBJECT));
	assert_answer(*state, "select count(*) from program", "0");
	db_do("select schedule('AddProgram', '" TIMER_SUBJECT "', now())");
	assert_null(bring(*state, NULL, TIMER_SUBJECT));
	assert_null(bring(*state, NULL, TIMER_SUBJECT));
	assert_answer(*state, "select count(*) from program", "1");
	assert_answer(*state, "select count(*) from timer", "0");
}

static bool wait_for_another(struct call *call, const void *in, void *out)
{
	(void)in;
	(void)out;
	return reject(call, UNAVAILABLE, "SERVICE_DOWN", "Not now.");
}

static bool add_when_due(struct call *call, const void *in, void *out)
{
	SampleProgram program = SAMPLE_PROGRAM__INIT;

	(void)in;
	program.slug = program.title = arena_strdup(call->arena, "when-due");
	return run_add_program(call, &program, out);
}

static void run_timers(void *arg)
{
	struct db *db = arg;
	struct timers *timers = timers_start(&db->process);

	for (int i = 0; i < 300 && strcmp(db_ask(db->arena, "select count(*) from program"), "1");
	     i++)
		task_sleep(20);
	timers_stop(timers);
}

static void test_timers_that_must_wait_do_not_hold_up_others(void **state)
{
	struct rpc_method methods[] = { add_rpc, add_rpc, { 0 } };
	rpc_handler *const handlers[] = { wait_for_another, add_when_due };
	struct db *db = *state;

	NEEDS_POSTGRES();
	methods[0].name = "Wait";
	methods[0].timer = methods[1].timer = true;
	db->service.methods = methods;
	db->service.handlers = handlers;
	db_do("select schedule('Wait', uuid_v7(), now() - interval '1 hour') from generate_series(1, 64)");
	db_do("select schedule('AddProgram', '" TIMER_SUBJECT "', now() - interval '1 second')");
	db_run(db, run_timers, db);
	assert_answer(db, "select count(*) from program", "1");
	assert_answer(db, "select count(*) || ' ' || max(attempts) || ' ' || max(error) from timer",
		      "64 0 SERVICE_DOWN");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_db, close_db)
#define NARROW(name) cmocka_unit_test_setup_teardown(name, open_narrow, close_db)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_change_commits_with_its_event_and_its_audit),
		TEST(test_a_refused_call_leaves_nothing),
		TEST(test_a_repeated_key_gets_the_first_answer),
		TEST(test_a_key_for_another_request_is_refused),
		TEST(test_a_kept_answer_cannot_be_read_or_moved),
		TEST(test_two_at_once_with_one_key_are_done_once),
		TEST(test_many_writes_share_transactions_and_fail_alone),
		NARROW(test_all_good_writes_share_few_transactions),
		cmocka_unit_test_setup_teardown(test_without_sharing_the_outcome_is_the_same, NULL,
						close_db),
		TEST(test_many_calls_run_one_statement_and_each_gets_its_row),
		TEST(test_who_gets_no_row_goes_on_alone),
		TEST(test_what_the_commit_refuses_is_refused),
		TEST(test_what_a_shared_commit_refuses_fails_alone),
		TEST(test_a_key_is_taken_by_the_answer_and_not_half_way),
		TEST(test_a_second_statement_in_a_shared_transaction_runs_alone),
		TEST(test_a_connection_lost_before_the_commit_is_never_success),
		TEST(test_a_write_whose_connection_was_dead_is_done_on_another),
		NARROW(test_what_cannot_be_done_in_time_is_refused),
		TEST(test_an_event_that_comes_twice_has_its_effect_once),
		TEST(test_a_timer_runs_when_it_is_due_and_once),
		TEST(test_timers_that_must_wait_do_not_hold_up_others),
	};

	have_schema = db_make_schema();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

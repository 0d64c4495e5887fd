/* Statements: rows become messages, errors become refusals, pages go on, and nobody's error is another's. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "db.h"
#include "metrics.h"
#include "programs.h"

#define PERSON "0192f0c1-0000-7000-8000-000000000001"

static bool have_schema;

static int open_db(void **state)
{
	if (!have_schema)
		return 0;
	db_empty();
	*state = db_open(program_statements, "4", "32");
	return 0;
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

static SampleProgram program_of(const char *slug, const char *title)
{
	SampleProgram program = SAMPLE_PROGRAM__INIT;

	program.slug = (char *)(uintptr_t)slug;
	program.title = (char *)(uintptr_t)title;
	return program;
}

static struct asked ask(struct db *db, const struct rpc_method *method, rpc_handler *handler,
			const void *in)
{
	struct asked asked = { .method = method, .handler = handler, .in = in, .person = PERSON };

	db_ask_all(db, &asked, 1);
	assert_true(asked.done);
	return asked;
}

static void test_a_row_fills_the_message_and_back(void **state)
{
	SampleProgram in = program_of("roots", "Ro\"ots, {and} \\ wings"), *out;
	char *topics[] = { (char *)(uintptr_t)"a \"b\"", (char *)(uintptr_t)"NULL",
			   (char *)(uintptr_t)"c,\\d" };
	struct asked asked;

	NEEDS_POSTGRES();
	in.capacity = 12;
	in.state = SAMPLE_PROGRAM__STATE__PUBLISHED;
	in.starts_on = (char *)(uintptr_t)"2026-11-21";
	in.topics = topics;
	in.n_topics = 3;
	asked = ask(*state, &add_rpc, run_add_program, &in);
	assert_null(asked.problem);

	asked = ask(*state, &read_rpc, run_read_program, &in);
	out = asked.out;
	assert_null(asked.problem);
	assert_string_equal(out->title, in.title);
	assert_int_equal(out->capacity, 12);
	assert_int_equal(out->version, 1);
	assert_int_equal(out->state, SAMPLE_PROGRAM__STATE__PUBLISHED);
	assert_string_equal(out->starts_on, "2026-11-21");
	assert_string_equal(out->ends_on, "");
	assert_string_equal(out->owner_id, PERSON);
	assert_int_equal(out->n_topics, 3);
	for (int i = 0; i < 3; i++)
		assert_string_equal(out->topics[i], topics[i]);
	assert_int_equal(strlen(out->created_at), 27);
	assert_int_equal(out->created_at[10], 'T');
	assert_int_equal(out->created_at[26], 'Z');
}

/* A call has 8 MiB: each element must cost what it holds, not what is left of the text. */
static void test_a_long_array_is_read_in_one_pass(void **state)
{
	enum { TOPICS = 5000 };
	static char *topics[TOPICS];
	SampleProgram in = program_of("long", "Long"), *out;
	struct asked asked;

	NEEDS_POSTGRES();
	for (int i = 0; i < TOPICS; i++) {
		topics[i] = malloc(32);
		snprintf(topics[i], 32, i % 2 ? "number %d, \"quoted\"" : "plain%d\\", i);
	}
	in.topics = topics;
	in.n_topics = TOPICS;
	assert_null(ask(*state, &add_rpc, run_add_program, &in).problem);
	asked = ask(*state, &read_rpc, run_read_program, &in);
	assert_null(asked.problem);
	out = asked.out;
	assert_int_equal(out->n_topics, TOPICS);
	for (int i = 0; i < TOPICS; i++) {
		assert_string_equal(out->topics[i], topics[i]);
		free(topics[i]);
	}
}

static void test_no_row_for_one_is_not_found(void **state)
{
	SampleProgram in = program_of("nowhere", "");

	NEEDS_POSTGRES();
	assert_int_equal(ask(*state, &read_rpc, run_read_program, &in).problem->status, NOT_FOUND);
}

static void test_a_constraint_refuses_with_its_name_and_words(void **state)
{
	SampleProgram in = program_of("roots", "Roots");
	struct asked asked;

	NEEDS_POSTGRES();
	assert_null(ask(*state, &add_rpc, run_add_program, &in).problem);
	asked = ask(*state, &add_rpc, run_add_program, &in);
	assert_int_equal(asked.problem->status, CONFLICT);
	assert_string_equal(asked.problem->code, "SLUG_TAKEN");
	assert_string_equal(asked.problem->detail, "That name in the address is taken.");
	in.slug = (char *)(uintptr_t)"wings";
	in.capacity = 101;
	asked = ask(*state, &add_rpc, run_add_program, &in);
	assert_int_equal(asked.problem->status, INVALID_ARGUMENT);
	assert_string_equal(asked.problem->code, "CAPACITY_TOO_LARGE");
}

static void test_a_raised_refusal_keeps_its_status_and_members(void **state)
{
	SampleProgram in = program_of("roots", "Roots");
	struct asked asked;

	NEEDS_POSTGRES();
	asked = ask(*state, &failing_rpc, run_fail_at_once, &in);
	assert_int_equal(asked.problem->status, CONFLICT);
	assert_string_equal(asked.problem->code, "ILLEGAL_TRANSITION");
	assert_string_equal(asked.problem->detail, "It cannot.");
	assert_int_equal(asked.problem->n_members, 2);
	assert_string_equal(asked.problem->members[0]->name, "from");
	assert_string_equal(asked.problem->members[0]->value, "\"DRAFT\"");
	assert_string_equal(asked.problem->members[1]->value, "[\"OPEN\"]");
}

/* Every third read fails; those that shared its group are answered all the same. */
static void test_an_error_in_a_group_of_reads_is_its_own(void **state)
{
	enum { READS = 60 };
	SampleProgram in = program_of("roots", "Roots");
	struct asked asked[READS] = { 0 };

	NEEDS_POSTGRES();
	assert_null(ask(*state, &add_rpc, run_add_program, &in).problem);
	for (int i = 0; i < READS; i++)
		asked[i] = (struct asked) { .method = i % 3 ? &read_rpc : &failing_rpc,
					    .handler = i % 3 ? run_read_program : run_fail_at_once,
					    .in = &in };
	db_ask_all(*state, asked, READS);
	for (int i = 0; i < READS; i++) {
		assert_true(asked[i].done);
		if (i % 3)
			assert_null(asked[i].problem);
		else
			assert_string_equal(asked[i].problem->code, "ILLEGAL_TRANSITION");
	}
}

/* How many reads ran as one with others. */
static long together(struct db *db)
{
	static const char name[] = "\nithaca_sql_together_total{} ";
	struct buf out = { 0 };
	const char *found;
	long count;

	metrics_write(db->process.metrics, &out);
	found = strstr(buf_text(&out), name);
	count = found ? atol(found + strlen(name)) : 0;
	buf_free(&out);
	return count;
}

/* Texts that mean something in an array of Postgres, a row that is not there, and again what is there already. */
static void test_reads_that_run_as_one_find_their_own(void **state)
{
	enum { READS = 200, SLUGS = 5 };
	static const char *const slugs[SLUGS] = { "roots", "a,\"b\\\"}", "NULL", "{wi'ngs}",
						  "nowhere" };
	SampleProgram in[SLUGS];
	struct asked asked[READS];

	NEEDS_POSTGRES();
	for (int i = 0; i < SLUGS; i++) {
		in[i] = program_of(slugs[i], slugs[SLUGS - 1 - i]);
		if (i < SLUGS - 1)
			assert_null(ask(*state, &add_rpc, run_add_program, &in[i]).problem);
	}
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < READS; i++)
			asked[i] = (struct asked) { .method = &read_rpc,
						    .handler = run_read_program,
						    .in = &in[i % SLUGS] };
		db_ask_all(*state, asked, READS);
		for (int i = 0; i < READS; i++)
			if (i % SLUGS == SLUGS - 1)
				assert_int_equal(asked[i].problem->status, NOT_FOUND);
			else
				assert_string_equal(((SampleProgram *)asked[i].out)->title,
						    slugs[SLUGS - 1 - i % SLUGS]);
	}
	assert_true(together(*state) > 0);
}

static void ask_many(struct db *db, const struct rpc_method *method, rpc_handler *handler,
		     const SampleProgram *in, struct asked *asked, int count)
{
	for (int i = 0; i < count; i++)
		asked[i] = (struct asked) { .method = method, .handler = handler, .in = in };
	db_ask_all(db, asked, (unsigned)count);
}

static void test_a_failure_of_reads_that_run_as_one_is_told_to_each(void **state)
{
	enum { READS = 40 };
	SampleProgram in = program_of("roots", "Roots");
	struct asked asked[READS];

	NEEDS_POSTGRES();
	for (int round = 0; round < 2; round++) {
		ask_many(*state, &failing_rpc, run_fail_at_once, &in, asked, READS);
		for (int i = 0; i < READS; i++)
			assert_string_equal(asked[i].problem->code, "ILLEGAL_TRANSITION");
	}
	assert_true(together(*state) > 0);
}

static void test_reads_that_take_long_run_by_themselves(void **state)
{
	enum { READS = 40, NAP_MS = 30 };
	SampleProgram in = program_of("roots", "Roots");
	struct asked asked[READS];
	long before;

	NEEDS_POSTGRES();
	in.capacity = NAP_MS;
	for (int round = 0; round < 2; round++)
		ask_many(*state, &napping_rpc, run_nap, &in, asked, READS);
	before = together(*state);
	ask_many(*state, &napping_rpc, run_nap, &in, asked, READS);
	for (int i = 0; i < READS; i++)
		assert_null(asked[i].problem);
	assert_int_equal(together(*state), before);
}

static void add_many(struct db *db, int count)
{
	char title[32], slug[32];

	for (int i = 0; i < count; i++) {
		SampleProgram in;

		snprintf(title, sizeof title, "Title %d", i / 3);
		snprintf(slug, sizeof slug, "slug-%d", i);
		in = program_of(slug, title);
		assert_null(ask(db, &add_rpc, run_add_program, &in).problem);
	}
}

static void test_pages_hold_every_row_once(void **state)
{
	Page page = PAGE__INIT;
	SamplePrograms *items;
	unsigned count = 0;

	NEEDS_POSTGRES();
	add_many(*state, 11);
	page.limit = 4;
	do {
		struct asked asked = ask(*state, &list_rpc, run_list_programs, &page);

		assert_null(asked.problem);
		items = asked.out;
		assert_true(items->n_items <= 4);
		count += (unsigned)items->n_items;
		page.cursor = items->next_cursor;
	} while (*items->next_cursor);
	assert_int_equal(count, 11);
}

static void test_an_altered_or_foreign_cursor_is_refused(void **state)
{
	Page page = PAGE__INIT;
	SamplePrograms *items;
	size_t len;

	NEEDS_POSTGRES();
	add_many(*state, 3);
	page.limit = 1;
	items = ask(*state, &list_rpc, run_list_programs, &page).out;
	page.cursor = items->next_cursor;
	assert_null(ask(*state, &list_rpc, run_list_programs, &page).problem);
	assert_string_equal(ask(*state, &list_by_slug_rpc, run_list_by_slug, &page).problem->code,
			    "INVALID_CURSOR");
	len = strlen(page.cursor);
	for (size_t i = 0; i < len; i++) {
		char kept = page.cursor[i];

		page.cursor[i] = kept == 'A' ? 'B' : 'A';
		assert_int_equal(ask(*state, &list_rpc, run_list_programs, &page).problem->status,
				 MALFORMED);
		page.cursor[i] = kept;
	}
	page.cursor = (char *)(uintptr_t)"x";
	assert_string_equal(ask(*state, &list_rpc, run_list_programs, &page).problem->code,
			    "INVALID_CURSOR");
}

static void test_what_takes_too_long_is_answered_at_the_deadline(void **state)
{
	SampleProgram in = program_of("roots", "Roots");
	struct asked asked = {
		.method = &napping_rpc, .handler = run_nap, .in = &in, .time_ms = 150
	};

	NEEDS_POSTGRES();
	in.capacity = 1000;
	db_ask_all(*state, &asked, 1);
	assert_int_equal(asked.problem->status, TIMED_OUT);
	asked = (struct asked) {
		.method = &nap_rpc, .handler = run_nap, .in = &in, .time_ms = 150
	};
	db_ask_all(*state, &asked, 1);
	assert_int_equal(asked.problem->status, TIMED_OUT);
}

static void test_lost_connections_come_back_and_reads_go_on(void **state)
{
	enum { READS = 200 };
	SampleProgram in = program_of("roots", "Roots");
	struct asked asked[READS] = { 0 };

	NEEDS_POSTGRES();
	assert_null(ask(*state, &add_rpc, run_add_program, &in).problem);
	for (int round = 0; round < 3; round++) {
		db_do("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'spine_test_svc'");
		for (int i = 0; i < READS; i++)
			asked[i] = (struct asked) { .method = &read_rpc,
						    .handler = run_read_program,
						    .in = &in };
		db_ask_all(*state, asked, READS);
		for (int i = 0; i < READS; i++)
			assert_null(asked[i].problem);
		in.title = (char *)(uintptr_t)"Still roots";
		assert_null(ask(*state, &rename_rpc, run_rename_program, &in).problem);
	}
}

static void exec_often(void *arg)
{
	static const struct sql_statement ask_backend = { .name = "ask_backend",
							  .file = __FILE__,
							  .text = "select pg_backend_pid()" };
	struct db *db = arg;
	char backend[32] = "";

	for (int i = 0; i < 20; i++) {
		PGresult *result =
			sql_exec(db->process.sql, &ask_backend, NULL, 0, uv_now(&db->loop) + 5000);

		assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
		if (i)
			assert_string_equal(PQgetvalue(result, 0, 0), backend);
		snprintf(backend, sizeof backend, "%s", PQgetvalue(result, 0, 0));
		PQclear(result);
	}
}

static const char *part_of(struct db *db, const char *keyword)
{
	PQconninfoOption *options = PQconninfoParse(db->url, NULL);
	const char *value = "";

	for (PQconninfoOption *option = options; option && option->keyword; option++)
		if (!strcmp(option->keyword, keyword) && option->val)
			value = arena_strdup(db->arena, option->val);
	PQconninfoFree(options);
	return value;
}

static void await_other(void *arg)
{
	const struct process *other = arg;

	for (int i = 0; i < 200 && !sql_ready(other->sql); i++)
		task_sleep(10);
}

static void test_the_next_host_is_tried(void **state)
{
	struct db *db = *state;
	struct process *other;

	NEEDS_POSTGRES();
	other = arena_copy(db->arena, &db->process, sizeof *other);
	other->sql = sql_open(other,
			      arena_printf(db->arena, "%s host='127.0.0.1,%s' port='1,%s'", db->url,
					   part_of(db, "host"), part_of(db, "port")),
			      program_statements);
	db_run(db, await_other, other);
	assert_true(sql_ready(other->sql));
	sql_close(other->sql);
}

static void test_the_runtime_keeps_its_connection(void **state)
{
	NEEDS_POSTGRES();
	db_run(*state, exec_often, *state);
}

static void test_check_names_what_does_not_fit(void **state)
{
	const struct sql_statement wrong_column = {
		.name = "wrong_column",
		.kind = SQL_ONE,
		.in = &sample_program_type,
		.out = &sample_program_type,
		.file = "a.sql",
		.line = 7,
		.text = "select slug as slugg from program where id = $1",
		.params = WORDS { "id", NULL },
	};
	const struct sql_statement wrong_param = {
		.name = "wrong_param",
		.kind = SQL_ONE,
		.in = &sample_program_type,
		.out = &sample_program_type,
		.file = "b.sql",
		.text = "select slug from program where id = $1",
		.params = WORDS { "idd", NULL },
	};
	const struct sql_statement wrong_table = {
		.name = "wrong_table",
		.kind = SQL_EXEC,
		.in = &sample_program_type,
		.file = "c.sql",
		.text = "select from programm",
		.params = WORDS { NULL },
	};
	const struct sql_statement *const statements[] = { &wrong_column, &wrong_param,
							   &wrong_table, NULL };
	struct buf complaints = { 0 };
	struct db *db = *state;

	NEEDS_POSTGRES();
	assert_true(sql_check(db->url, program_statements, &complaints));
	assert_false(sql_check(db->url, statements, &complaints));
	assert_non_null(strstr(buf_text(&complaints),
			       "a.sql:7: wrong_column: no fitting field for the column slugg\n"));
	assert_non_null(strstr(buf_text(&complaints),
			       "wrong_param: no field or word for the parameter :idd\n"));
	assert_non_null(strstr(buf_text(&complaints), "relation \"programm\" does not exist"));
	buf_free(&complaints);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_db, close_db)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_row_fills_the_message_and_back),
		TEST(test_a_long_array_is_read_in_one_pass),
		TEST(test_no_row_for_one_is_not_found),
		TEST(test_a_constraint_refuses_with_its_name_and_words),
		TEST(test_a_raised_refusal_keeps_its_status_and_members),
		TEST(test_an_error_in_a_group_of_reads_is_its_own),
		TEST(test_reads_that_run_as_one_find_their_own),
		TEST(test_a_failure_of_reads_that_run_as_one_is_told_to_each),
		TEST(test_reads_that_take_long_run_by_themselves),
		TEST(test_pages_hold_every_row_once),
		TEST(test_an_altered_or_foreign_cursor_is_refused),
		TEST(test_what_takes_too_long_is_answered_at_the_deadline),
		TEST(test_lost_connections_come_back_and_reads_go_on),
		TEST(test_the_next_host_is_tried),
		TEST(test_the_runtime_keeps_its_connection),
		TEST(test_check_names_what_does_not_fit),
	};

	have_schema = db_make_schema();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

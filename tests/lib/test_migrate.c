/* Migrations: applied once, in order, all or nothing, and never changed afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "db.h"
#include "migrate.h"

static const struct migration good[] = {
	{ "0001_things", "create table thing (id int primary key)" },
	{ "0002_names",
	  "alter table thing add column name text; insert into thing values (1, 'one')" },
	{ 0 },
};

struct schema {
	char *url;
	struct buf report, complaints;
};

static int open_schema(void **state)
{
	struct schema *schema = calloc(1, sizeof *schema);

	if (getenv("ITHACA_TEST_DATABASE_URL"))
		schema->url = db_empty_schema();
	*state = schema;
	return 0;
}

static int close_schema(void **state)
{
	struct schema *schema = *state;

	buf_free(&schema->report);
	buf_free(&schema->complaints);
	free(schema->url);
	free(schema);
	return 0;
}

static void assert_answer(const char *sql, const char *expected)
{
	struct arena *arena = arena_new(65536);

	assert_string_equal(db_ask(arena, sql), expected);
	arena_free(arena);
}

#define NEEDS_POSTGRES(schema)                                                                     \
	do {                                                                                       \
		if (!(schema)->url)                                                                \
			skip();                                                                    \
	} while (0)

static void test_what_is_missing_is_applied_once(void **state)
{
	struct schema *schema = *state;

	NEEDS_POSTGRES(schema);
	assert_int_equal(migrate_state(schema->url, good), NOT_MIGRATED);
	assert_true(migrate(schema->url, good, &schema->report, &schema->complaints));
	assert_string_equal(buf_text(&schema->report), "applied 0001_things\napplied 0002_names\n");
	assert_int_equal(migrate_state(schema->url, good), MIGRATED);
	schema->report.len = 0;
	assert_true(migrate(schema->url, good, &schema->report, &schema->complaints));
	assert_string_equal(buf_text(&schema->report), "");
	assert_answer("select count(*) from thing", "1");
}

static void test_a_failed_migration_leaves_nothing_of_itself(void **state)
{
	const struct migration bad[] = {
		good[0],
		{ "0002_bad", "insert into thing values (1); insert into nothing values (1)" },
		{ 0 }
	};
	struct schema *schema = *state;

	NEEDS_POSTGRES(schema);
	assert_false(migrate(schema->url, bad, &schema->report, &schema->complaints));
	assert_non_null(strstr(buf_text(&schema->complaints),
			       "0002_bad: ERROR:  relation \"nothing\" does not exist"));
	assert_answer("select count(*) from thing", "0");
	assert_answer("select string_agg(name, ',') from schema_migration", "0001_things");
}

static void test_an_applied_migration_that_changed_is_an_error(void **state)
{
	const struct migration changed[] = {
		{ "0001_things", "create table thing (id bigint primary key)" }, { 0 }
	};
	struct schema *schema = *state;

	NEEDS_POSTGRES(schema);
	assert_true(migrate(schema->url, good, &schema->report, &schema->complaints));
	assert_false(migrate(schema->url, changed, &schema->report, &schema->complaints));
	assert_non_null(strstr(buf_text(&schema->complaints), "0001_things has changed"));
}

static void test_a_server_that_is_away_is_said_to_be(void **state)
{
	struct schema *schema = *state;

	assert_int_equal(migrate_state("host=127.0.0.1 port=1 dbname=x", good), MIGRATED_UNKNOWN);
	assert_false(migrate("host=127.0.0.1 port=1 dbname=x", good, &schema->report,
			     &schema->complaints));
	assert_non_null(strstr(buf_text(&schema->complaints), "refused"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_schema, close_schema)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_missing_is_applied_once),
		TEST(test_a_failed_migration_leaves_nothing_of_itself),
		TEST(test_an_applied_migration_that_changed_is_an_error),
		TEST(test_a_server_that_is_away_is_said_to_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

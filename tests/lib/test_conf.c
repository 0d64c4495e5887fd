/* Settings: what is wrong is said all at once, and secrets leave the environment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>

#include "conf.h"

static const struct setting settings[] = {
	{ "T_TEXT", SETTING_TEXT, "fallback", "A text.", 0, 0 },
	{ "T_NUMBER", SETTING_NUMBER, "5", "A number.", 1, 10 },
	{ "T_TIME", SETTING_SECONDS, "10m", "A time.", 0, 0 },
	{ "T_KEY", SETTING_KEY, NULL, "A key.", 0, 0 },
	{ "T_SECRET", SETTING_SECRET, NULL, "A secret.", 0, 0 },
	{ "T_FLAG", SETTING_FLAG, "false", "A flag.", 0, 0 },
	{ 0 },
};
static const struct setting *const tables[] = { settings, NULL };
static const char good_key[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

static int clear(void **state)
{
	(void)state;
	for (const struct setting *s = settings; s->name; s++)
		unsetenv(s->name);
	return 0;
}

static void test_what_is_given_wins_over_the_fallback(void **state)
{
	struct buf complaints = { 0 };
	struct conf *conf;

	(void)state;
	setenv("T_KEY", good_key, 1);
	setenv("T_SECRET", "shh", 1);
	setenv("T_TIME", "2h", 1);
	setenv("T_FLAG", "true", 1);
	conf = conf_read(tables, &complaints);
	assert_non_null(conf);
	assert_string_equal(conf_text(conf, "T_TEXT"), "fallback");
	assert_int_equal(conf_number(conf, "T_NUMBER"), 5);
	assert_int_equal(conf_number(conf, "T_TIME"), 7200);
	assert_true(conf_flag(conf, "T_FLAG"));
	assert_int_equal(conf_key(conf, "T_KEY")[31], 0x1f);
	assert_string_equal(conf_text(conf, "T_SECRET"), "shh");
	conf_free(conf);
	buf_free(&complaints);
}

static void test_secrets_leave_the_environment(void **state)
{
	struct buf complaints = { 0 };
	struct conf *conf;

	(void)state;
	setenv("T_KEY", good_key, 1);
	setenv("T_SECRET", "shh", 1);
	conf = conf_read(tables, &complaints);
	assert_null(getenv("T_KEY"));
	assert_null(getenv("T_SECRET"));
	conf_free(conf);
	buf_free(&complaints);
}

static void test_all_that_is_wrong_is_said_at_once(void **state)
{
	struct buf complaints = { 0 };

	(void)state;
	setenv("T_NUMBER", "11", 1);
	setenv("T_TIME", "10 parsecs", 1);
	setenv("T_KEY", "abc", 1);
	setenv("T_FLAG", "yes", 1);
	assert_null(conf_read(tables, &complaints));
	for (const struct setting *s = settings + 1; s->name; s++)
		assert_non_null(strstr(buf_text(&complaints), s->name));
	assert_null(strstr(buf_text(&complaints), "abc"));
	buf_free(&complaints);
}

static void test_numbers_and_times_keep_to_their_range(void **state)
{
	static const struct setting ranged[] = {
		{ "T_NUMBER", SETTING_NUMBER, "5", "A number.", 1, 10 },
		{ "T_TIME", SETTING_SECONDS, "10m", "A time.", 1, 600 },
		{ 0 },
	};
	static const struct setting *const both[] = { ranged, NULL };
	struct buf complaints = { 0 };
	struct conf *conf = conf_read(both, &complaints);

	(void)state;
	assert_non_null(conf);
	conf_free(conf);
	setenv("T_NUMBER", "0", 1);
	setenv("T_TIME", "11m", 1);
	assert_null(conf_read(both, &complaints));
	assert_string_equal(
		buf_text(&complaints),
		"T_NUMBER must be a whole number from 1 to 10: A number.\n"
		"T_TIME must be a time like 30s, 10m, 2h or 30d from 1 to 600 seconds: A time.\n");
	setenv("T_NUMBER", "10", 1);
	setenv("T_TIME", "0s", 1);
	assert_null(conf_read(both, &complaints));
	buf_free(&complaints);
}

static void test_help_names_every_setting_and_no_secret(void **state)
{
	struct buf help = { 0 };

	(void)state;
	conf_help(tables, &help);
	for (const struct setting *s = settings; s->name; s++)
		assert_non_null(strstr(buf_text(&help), s->name));
	buf_free(&help);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_what_is_given_wins_over_the_fallback, clear),
		cmocka_unit_test_setup(test_secrets_leave_the_environment, clear),
		cmocka_unit_test_setup(test_all_that_is_wrong_is_said_at_once, clear),
		cmocka_unit_test_setup(test_numbers_and_times_keep_to_their_range, clear),
		cmocka_unit_test_setup(test_help_names_every_setting_and_no_secret, clear),
	};

	return sodium_init() < 0 || cmocka_run_group_tests(tests, NULL, NULL);
}

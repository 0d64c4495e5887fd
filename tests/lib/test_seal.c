/* Sealed columns: only the right key and the right place open them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>
#include <string.h>

#include "seal.h"

static const uint8_t master[32] = { 1, 2, 3 };

struct fixture {
	struct arena *arena;
	struct seal_key *key;
};

static int begin(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->arena = arena_new(1 << 20);
	f->key = seal_key_new(master, "test", 1);
	*state = f;
	return 0;
}

static int end(void **state)
{
	struct fixture *f = *state;

	seal_key_free(f->key);
	arena_free(f->arena);
	free(f);
	return 0;
}

static void test_what_was_sealed_opens_in_its_place(void **state)
{
	struct fixture *f = *state;
	char *sealed = seal(f->arena, f->key, "person/1/email", "a@b.example", 11);
	size_t len = 0;

	assert_string_equal(seal_open(f->arena, f->key, "person/1/email", sealed, &len),
			    "a@b.example");
	assert_int_equal(len, 11);
}

static void test_a_value_moved_to_another_row_does_not_open(void **state)
{
	struct fixture *f = *state;
	char *sealed = seal(f->arena, f->key, "person/1/email", "a@b.example", 11);
	size_t len;

	assert_null(seal_open(f->arena, f->key, "person/2/email", sealed, &len));
}

static void test_no_altered_character_opens(void **state)
{
	struct fixture *f = *state;
	char *sealed = seal(f->arena, f->key, "p", "secret", 6);
	size_t len;

	for (size_t i = 0; sealed[i]; i++) {
		char was = sealed[i];

		sealed[i] = was == 'A' ? 'E' : 'A';
		assert_null(seal_open(f->arena, f->key, "p", sealed, &len));
		sealed[i] = was;
	}
	assert_null(seal_open(f->arena, f->key, "p", "", &len));
	assert_null(seal_open(f->arena, f->key, "p", "not base64!", &len));
}

static void test_keys_of_another_purpose_version_or_master_do_not_open(void **state)
{
	struct fixture *f = *state;
	const uint8_t other_master[32] = { 9 };
	char *sealed = seal(f->arena, f->key, "p", "secret", 6);
	struct seal_key *others[] = { seal_key_new(master, "other", 1),
				      seal_key_new(master, "test", 2),
				      seal_key_new(other_master, "test", 1) };
	size_t len;

	for (size_t i = 0; i < 3; i++) {
		assert_null(seal_open(f->arena, others[i], "p", sealed, &len));
		seal_key_free(others[i]);
	}
}

static void test_the_same_value_has_one_index_and_many_seals(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(blind_index(f->arena, f->key, "x"), blind_index(f->arena, f->key, "x"));
	assert_string_not_equal(blind_index(f->arena, f->key, "x"),
				blind_index(f->arena, f->key, "y"));
	assert_string_not_equal(seal(f->arena, f->key, "p", "x", 1),
				seal(f->arena, f->key, "p", "x", 1));
}

static void test_the_index_outlives_a_new_version_of_the_key(void **state)
{
	struct fixture *f = *state;
	struct seal_key *next = seal_key_new(master, "test", 2);

	assert_string_equal(blind_index(f->arena, f->key, "x"), blind_index(f->arena, next, "x"));
	seal_key_free(next);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_was_sealed_opens_in_its_place, begin,
						end),
		cmocka_unit_test_setup_teardown(test_a_value_moved_to_another_row_does_not_open,
						begin, end),
		cmocka_unit_test_setup_teardown(test_no_altered_character_opens, begin, end),
		cmocka_unit_test_setup_teardown(
			test_keys_of_another_purpose_version_or_master_do_not_open, begin, end),
		cmocka_unit_test_setup_teardown(test_the_same_value_has_one_index_and_many_seals,
						begin, end),
		cmocka_unit_test_setup_teardown(test_the_index_outlives_a_new_version_of_the_key,
						begin, end),
	};

	return sodium_init() < 0 || cmocka_run_group_tests(tests, NULL, NULL);
}

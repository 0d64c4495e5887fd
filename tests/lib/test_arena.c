/* Memory by lifetime: aligned, zeroed, bounded for protobuf-c, undone in reverse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "arena.h"
#include "buf.h"
#include "uuid.h"

static int open_arena(void **state)
{
	*state = arena_new(1 << 20);
	return 0;
}

static int close_arena(void **state)
{
	arena_free(*state);
	return 0;
}

static void test_every_allocation_is_zeroed_and_aligned(void **state)
{
	static const uint8_t zero[100000];

	for (int round = 0; round < 2; round++) {
		for (size_t size = 1; size <= sizeof zero; size = size * 3 + 1) {
			uint8_t *bytes = arena_alloc(*state, size);

			assert_int_equal((uintptr_t)bytes % 16, 0);
			assert_memory_equal(bytes, zero, size);
			memset(bytes, 0xff, size);
		}
		arena_reset(*state);
	}
}

static void test_nothing_at_all_can_be_allocated(void **state)
{
	assert_non_null(arena_alloc(*state, 0));
	assert_string_equal(arena_strndup(*state, "", 0), "");
	assert_non_null(arena_copy(*state, NULL, 0));
}

static void test_texts_are_copied(void **state)
{
	char text[] = "mentor";
	char *copy = arena_strdup(*state, text), *start = arena_strndup(*state, text, 3);

	text[0] = 'x';
	assert_string_equal(copy, "mentor");
	assert_string_equal(start, "men");
	assert_string_equal(arena_printf(*state, "%s %d", copy, 7), "mentor 7");
}

static void test_beyond_the_limit_the_arena_says_so_and_protobuf_gets_no_more(void **state)
{
	ProtobufCAllocator *allocator = arena_allocator(*state);

	assert_non_null(allocator->alloc(allocator->allocator_data, 1000));
	assert_false(arena_overflowed(*state));
	assert_null(allocator->alloc(allocator->allocator_data, 2 << 20));
	assert_true(arena_overflowed(*state));
	assert_null(allocator->alloc(allocator->allocator_data, 1));

	arena_reset(*state);
	assert_false(arena_overflowed(*state));
	arena_alloc(*state, 2 << 20);
	assert_true(arena_overflowed(*state));
}

static void append_digit(void *object)
{
	static const char digits[] = "12";
	struct buf *out = object;

	buf_putc(out, digits[out->len]);
}

static void test_what_was_deferred_runs_once_at_the_end(void **state)
{
	struct buf out = { 0 };

	arena_defer(*state, append_digit, &out);
	arena_defer(*state, append_digit, &out);
	assert_int_equal(out.len, 0);
	arena_reset(*state);
	assert_string_equal(buf_text(&out), "12");
	arena_reset(*state);
	assert_int_equal(out.len, 2);
	buf_free(&out);
}

static void test_arrays_grow_side_by_side(void **state)
{
	enum { ARRAYS = 7, COUNT = 1000 };
	int *arrays[ARRAYS] = { 0 };

	for (int i = 0; i < COUNT; i++) {
		for (int a = 0; a < ARRAYS; a++) {
			arrays[a] = arena_extend(*state, arrays[a], (size_t)i, sizeof(int));
			assert_int_equal(arrays[a][i], 0);
			arrays[a][i] = a * COUNT + i;
		}
	}
	for (int a = 0; a < ARRAYS; a++)
		for (int i = 0; i < COUNT; i++)
			assert_int_equal(arrays[a][i], a * COUNT + i);
}

static void test_a_foreign_array_is_copied_before_it_grows(void **state)
{
	int foreign[4] = { 1, 2, 3, 4 };
	int *grown = arena_extend(*state, foreign, 4, sizeof(int));

	assert_ptr_not_equal(grown, foreign);
	assert_int_equal(grown[3], 4);
	assert_int_equal(grown[4], 0);
}

static void test_a_buffer_keeps_room_for_its_end(void **state)
{
	struct buf out = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++) {
		buf_putc(&out, 'a');
		assert_int_equal(strlen(buf_text(&out)), i + 1);
	}
	buf_printf(&out, "%0300d", 7);
	assert_int_equal(out.len, 1300);
	assert_int_equal(out.data[1299], '7');
	buf_free(&out);
	assert_null(out.data);
}

static void test_ids_are_version_7_and_ordered_by_the_millisecond(void **state)
{
	char before[37] = "", id[37];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		uuid_v7(id);
		assert_int_equal(strlen(id), 36);
		assert_int_equal(strspn(id, "0123456789abcdef-"), 36);
		assert_int_equal(id[14], '7');
		assert_non_null(strchr("89ab", id[19]));
		assert_true(strncmp(before, id, 13) <= 0);
		assert_string_not_equal(before, id);
		memcpy(before, id, sizeof id);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_allocation_is_zeroed_and_aligned,
						open_arena, close_arena),
		cmocka_unit_test_setup_teardown(test_nothing_at_all_can_be_allocated, open_arena,
						close_arena),
		cmocka_unit_test_setup_teardown(test_texts_are_copied, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(
			test_beyond_the_limit_the_arena_says_so_and_protobuf_gets_no_more,
			open_arena, close_arena),
		cmocka_unit_test_setup_teardown(test_what_was_deferred_runs_once_at_the_end,
						open_arena, close_arena),
		cmocka_unit_test_setup_teardown(test_arrays_grow_side_by_side, open_arena,
						close_arena),
		cmocka_unit_test_setup_teardown(test_a_foreign_array_is_copied_before_it_grows,
						open_arena, close_arena),
		cmocka_unit_test(test_a_buffer_keeps_room_for_its_end),
		cmocka_unit_test(test_ids_are_version_7_and_ordered_by_the_millisecond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

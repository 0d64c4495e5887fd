/* Messages by descriptor: fields found, presence told, arrays grown, events filled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sample.h"

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

static const ProtobufCFieldDescriptor *field(const char *name)
{
	int index = pb_find(&sample_type, name, strlen(name));

	assert_true(index >= 0);
	return &sample_type.descriptor->fields[index];
}

static void test_every_field_is_found_by_its_name_and_nothing_else_is(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sample__descriptor.n_fields; i++) {
		const char *name = sample__descriptor.fields[i].name;

		assert_int_equal(pb_find(&sample_type, name, strlen(name)), i);
	}
	assert_int_equal(pb_find(&sample_type, "titles", 6), -1);
	assert_int_equal(pb_find(&sample_type, "titles", 5), 1);
	assert_int_equal(pb_find(&sample_type, "", 0), -1);
	assert_int_equal(pb_find(&sample_type, "zzz", 3), -1);
}

static void test_labels_and_numbers_belong_together(void **state)
{
	const ProtobufCEnumDescriptor *type = &sample__state__descriptor;

	(void)state;
	assert_string_equal(pb_label(type, SAMPLE__STATE__OPEN), "OPEN");
	assert_null(pb_label(type, 0));
	assert_null(pb_label(type, 77));
	assert_int_equal(pb_number(type, "CLOSED", 6), SAMPLE__STATE__CLOSED);
	assert_int_equal(pb_number(type, "OPENED", 6), 0);
	assert_int_equal(pb_number(type, "OPENED", 4), SAMPLE__STATE__OPEN);
	assert_int_equal(pb_number(type, "open", 4), 0);
	assert_int_equal(pb_number(type, "STATE_UNSET", 11), 0);
	assert_int_equal(pb_number(type, "OPEN\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20), 0);
}

static void test_a_new_message_has_nothing(void **state)
{
	Sample *sample = pb_new(*state, &sample_type);

	for (unsigned i = 0; i < sample__descriptor.n_fields; i++)
		assert_false(pb_has(sample, &sample__descriptor.fields[i]));
	assert_string_equal(sample->title, "");
}

static void test_presence_is_a_value_or_for_optional_fields_the_mark(void **state)
{
	Sample *sample = pb_new(*state, &sample_type);

	sample->amount = 1;
	sample->title = (char *)"x";
	assert_true(pb_has(sample, field("amount")));
	assert_true(pb_has(sample, field("title")));

	sample->hours = 5;
	assert_false(pb_has(sample, field("hours")));
	pb_mark(sample, field("hours"));
	assert_true(pb_has(sample, field("hours")));
	pb_mark(sample, field("nickname"));
	assert_true(pb_has(sample, field("nickname")));
	pb_mark(sample, field("open"));
	assert_false(pb_has(sample, field("open")));
}

static void test_appending_goes_on_from_what_was_unpacked(void **state)
{
	char *topics[] = { (char *)"a", (char *)"b", (char *)"c" };
	Sample sample = SAMPLE__INIT, *read;
	uint8_t *bytes;
	size_t len;

	sample.n_topics = 3;
	sample.topics = topics;
	bytes = pb_pack(*state, &sample, &len);
	read = pb_unpack(*state, &sample_type, bytes, len);
	assert_non_null(read);
	for (int i = 0; i < 50; i++)
		*(char **)pb_append(*state, read, field("topics")) = (char *)"d";
	assert_int_equal(pb_count(read, field("topics")), 53);
	assert_string_equal(read->topics[2], "c");
	assert_string_equal(read->topics[52], "d");
}

static void test_bytes_that_are_no_message_are_not_unpacked(void **state)
{
	assert_null(pb_unpack(*state, &sample_type, "\x0a\x7f", 2));
	assert_null(pb_unpack(*state, &sample_type, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
			      11));
	assert_non_null(pb_unpack(*state, &sample_type, "", 0));
}

static void test_unpacking_stops_at_the_limit_of_the_arena(void **state)
{
	struct arena *small = arena_new(20000);
	uint8_t bytes[20000];

	(void)state;
	/* Ten thousand empty steps: two bytes each, far more in memory. */
	for (size_t i = 0; i < sizeof bytes; i += 2)
		memcpy(bytes + i, "\x72\x00", 2);
	assert_null(pb_unpack(small, &sample_type, bytes, sizeof bytes));
	assert_true(arena_overflowed(small));
	arena_free(small);
}

static void test_common_fields_are_copied_and_others_left(void **state)
{
	Sample *from = pb_new(*state, &sample_type);
	SampleProgram *to = pb_new(*state, &sample_program_type);
	char *topics[] = { (char *)"a" };

	from->id = (char *)"7";
	from->state = SAMPLE__STATE__OPEN;
	from->capacity = 9;
	from->open = true;
	from->n_topics = 1;
	from->topics = topics;
	to->slug = (char *)"kept";
	pb_copy_common(to, &sample_program_type, from, &sample_type);

	assert_string_equal(to->id, "7");
	assert_int_equal(to->capacity, 9);
	assert_true(to->open);
	assert_int_equal(to->n_topics, 1);
	assert_string_equal(to->slug, "kept");
	/* Another enum of the same name is another kind. */
	assert_int_equal(to->state, 0);
}

static void test_an_optional_field_is_copied_with_its_mark(void **state)
{
	Sample *from = pb_new(*state, &sample_type), *to = pb_new(*state, &sample_type);

	pb_mark(from, field("hours"));
	pb_copy_common(to, &sample_type, from, &sample_type);
	assert_true(pb_has(to, field("hours")));
	assert_false(pb_has(to, field("nickname")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_field_is_found_by_its_name_and_nothing_else_is),
		cmocka_unit_test(test_labels_and_numbers_belong_together),
		cmocka_unit_test_setup_teardown(test_a_new_message_has_nothing, open_arena,
						close_arena),
		cmocka_unit_test_setup_teardown(
			test_presence_is_a_value_or_for_optional_fields_the_mark, open_arena,
			close_arena),
		cmocka_unit_test_setup_teardown(test_appending_goes_on_from_what_was_unpacked,
						open_arena, close_arena),
		cmocka_unit_test_setup_teardown(test_bytes_that_are_no_message_are_not_unpacked,
						open_arena, close_arena),
		cmocka_unit_test(test_unpacking_stops_at_the_limit_of_the_arena),
		cmocka_unit_test_setup_teardown(test_common_fields_are_copied_and_others_left,
						open_arena, close_arena),
		cmocka_unit_test_setup_teardown(test_an_optional_field_is_copied_with_its_mark,
						open_arena, close_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

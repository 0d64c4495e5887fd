/* JSON in and out: what is refused and how it is named, what is written when nothing is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pb_json.h"
#include "sample.h"

struct fixture {
	struct arena *arena;
	struct field_errors errors;
	struct name_list set;
	struct buf out;
	Sample *sample;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->arena = arena_new(64 << 20);
	f->errors.arena = f->arena;
	f->sample = pb_new(f->arena, &sample_type);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	buf_free(&f->out);
	arena_free(f->arena);
	free(f);
	return 0;
}

static bool read_as(struct fixture *f, const char *json, bool trusted)
{
	json_t *value;

	f->errors = (struct field_errors) { .arena = f->arena };
	f->set = (struct name_list) { 0 };
	f->sample = pb_new(f->arena, &sample_type);
	value = json_read(f->arena, json, strlen(json), &f->errors);
	return value &&
	       pb_json_read(f->arena, &sample_type, value, trusted, f->sample, &f->set, &f->errors);
}

static bool reads(struct fixture *f, const char *json)
{
	return read_as(f, json, false);
}

static const char *malformed(struct fixture *f, const char *json, size_t len)
{
	f->errors = (struct field_errors) { .arena = f->arena };
	assert_null(json_read(f->arena, json, len, &f->errors));
	assert_non_null(f->errors.malformed_detail);
	return f->errors.malformed;
}

#define assert_malformed(f, json, code)                                                            \
	assert_string_equal(malformed(f, json, sizeof(json) - 1), code)

/* Read with exactly one error, of this code at this pointer. */
static void assert_error(struct fixture *f, const char *json, const char *pointer, const char *code)
{
	assert_false(reads(f, json));
	assert_null(f->errors.malformed);
	assert_int_equal(f->errors.count, 1);
	assert_string_equal(f->errors.items[0].pointer, pointer);
	assert_string_equal(f->errors.items[0].code, code);
	assert_true(strlen(f->errors.items[0].detail) > 5);
}

static const char *written(struct fixture *f, const struct pb_type *type, const void *message)
{
	f->out.len = 0;
	assert_true(pb_json_write_message(&f->out, type, message));
	return buf_text(&f->out);
}

static const char *written_bytes(struct fixture *f, const struct pb_type *type, const char *bytes,
				 size_t len)
{
	f->out.len = 0;
	return pb_json_write(&f->out, type, bytes, len) ? buf_text(&f->out) : NULL;
}

#define assert_written(f, type, bytes, json)                                                       \
	assert_string_equal(written_bytes(f, type, bytes, sizeof(bytes) - 1), json)
#define assert_not_written(f, type, bytes)                                                         \
	assert_null(written_bytes(f, type, bytes, sizeof(bytes) - 1))

static const char empty_sample[] = "{\"id\":null,\"title\":\"\",\"story\":\"\",\"name\":\"\","
				   "\"email\":null,\"starts_at\":null,"
				   "\"state\":null,\"amount\":\"0\",\"capacity\":0,\"open\":false,"
				   "\"hours\":null,\"nickname\":null,"
				   "\"first\":null,\"steps\":[],\"topics\":[],\"scores\":[],"
				   "\"states\":[],\"photo\":\"\",\"ratio\":0,"
				   "\"weight\":0,\"drift\":\"0\",\"code\":0,\"total\":\"0\","
				   "\"tilt\":0,\"level\":0,\"next\":null,"
				   "\"agreed\":null}";

static const char full_sample[] =
	"{\"id\":\"018f2e0a-7c1b-7d3e-9a4f-0123456789ab\",\"title\":\"Hello\",\"story\":"
	"\"a\\nb\\t\\\"c\\\"\\\\\","
	"\"name\":\"Παύλος\",\"email\":\"a@example.org\",\"starts_at\":\"2026-11-20T23:54:20."
	"123456Z\","
	"\"state\":\"OPEN\",\"amount\":\"-9223372036854775808\",\"capacity\":7,\"open\":true,"
	"\"hours\":0,"
	"\"nickname\":\"\",\"first\":{\"title\":\"one\",\"minutes\":5,\"notes\":[]},"
	"\"steps\":[{\"title\":\"two\",\"minutes\":6,\"notes\":[{\"text\":\"x\"},{\"text\":\"\"}]}]"
	","
	"\"topics\":[\"a\",\"\",\"b\"],\"scores\":[\"1\",\"-2\",\"9223372036854775807\"],"
	"\"states\":[\"DRAFT\",\"CLOSED\"],\"photo\":\"AP8Q\",\"ratio\":0.1,\"weight\":1.5,"
	"\"drift\":\"-3\","
	"\"code\":4294967295,\"total\":\"18446744073709551615\",\"tilt\":-2147483648,\"level\":-1,"
	"\"next\":\"DRAFT\",\"agreed\":false}";

static void test_absent_fields_are_null_or_zero_and_internal_ones_unseen(void **state)
{
	struct fixture *f = *state;

	assert_written(f, &sample_type, "", empty_sample);
	assert_string_equal(written(f, &sample_type, f->sample), empty_sample);
	f->sample->hidden = (char *)"secret";
	f->sample->n_hidden_topics = 2;
	f->sample->hidden_topics = (char *[]) { (char *)"one", (char *)"another" };
	assert_string_equal(written(f, &sample_type, f->sample), empty_sample);
}

static void test_what_was_read_is_written_again(void **state)
{
	struct fixture *f = *state;

	assert_true(read_as(f, full_sample, true));
	assert_string_equal(written(f, &sample_type, f->sample), full_sample);
}

static void test_fields_in_another_order_are_written_in_theirs(void **state)
{
	struct fixture *f = *state;

	assert_written(f, &sample_step_type, "\x10\x05\x0a\x01t",
		       "{\"title\":\"t\",\"minutes\":5,\"notes\":[]}");
}

static void test_the_last_of_several_values_counts(void **state)
{
	struct fixture *f = *state;

	assert_written(f, &sample_step_type, "\x0a\x01t\x0a\x01u\x10\x05",
		       "{\"title\":\"u\",\"minutes\":5,\"notes\":[]}");
}

static void test_elements_with_others_between_them_come_together(void **state)
{
	struct fixture *f = *state;

	assert_written(
		f, &sample_step_type, "\x1a\x03\x0a\x01p\x10\x05\x1a\x03\x0a\x01q",
		"{\"title\":\"\",\"minutes\":5,\"notes\":[{\"text\":\"p\"},{\"text\":\"q\"}]}");
}

static void test_numbers_are_read_packed_and_single(void **state)
{
	struct fixture *f = *state;
	const char *json =
		written_bytes(f, &sample_type, "\x82\x01\x02\x01\x02\x80\x01\x03\x82\x01\x00", 11);

	assert_non_null(strstr(json, "\"scores\":[\"1\",\"2\",\"3\"]"));
}

static void test_zero_has_no_sign(void **state)
{
	struct fixture *f = *state;
	const char *json = written_bytes(f, &sample_type, "\xa5\x01\x00\x00\x00\x80", 6);

	assert_non_null(strstr(json, "\"weight\":0,"));
}

static void test_unknown_fields_are_passed_over(void **state)
{
	struct fixture *f = *state;

	assert_written(f, &sample_step_type,
		       "\x10\x05\x98\x06\x07\xa2\x06\x01x\xa5\x06"
		       "1234\xa1\x06"
		       "12345678",
		       "{\"title\":\"\",\"minutes\":5,\"notes\":[]}");
}

static void test_unknown_labels_are_null(void **state)
{
	struct fixture *f = *state;

	assert_non_null(strstr(written_bytes(f, &sample_type, "\x38\x63", 2), "\"state\":null"));
}

static void test_bytes_that_are_no_message_leave_no_trace(void **state)
{
	struct fixture *f = *state;

	assert_not_written(f, &sample_step_type, "\x0a\x05t");
	assert_not_written(f, &sample_step_type, "\x0a");
	assert_not_written(f, &sample_step_type, "\x08\x05");
	assert_not_written(f, &sample_step_type,
			   "\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
	assert_not_written(f, &sample_step_type, "\x0b");
	assert_not_written(f, &sample_step_type, "\x1a\x03\x0a\x05p");
	assert_int_equal(f->out.len, 0);
}

static void test_every_byte_of_a_text_is_quoted_as_json_wants_it(void **state)
{
	struct fixture *f = *state;
	char text[64], expected[128];

	for (size_t len = 1; len < sizeof text; len++) {
		for (size_t at = 0; at < len; at++) {
			memset(text, 'a', len);
			text[at] = '"';
			snprintf(expected, sizeof expected, "\"%.*s\\\"%.*s\"", (int)at, text,
				 (int)(len - at - 1), text + at + 1);
			f->out.len = 0;
			json_quote(&f->out, text, len);
			assert_string_equal(buf_text(&f->out), expected);
		}
	}
	f->out.len = 0;
	json_quote(&f->out, "\x01\x1f\x7f\b\f\r\n\t\\/é\0z", 14);
	assert_string_equal(buf_text(&f->out),
			    "\"\\u0001\\u001f\x7f\\u0008\\u000c\\r\\n\\t\\\\/é\\u0000z\"");
}

static void test_quoted_texts_of_any_length_read_back(void **state)
{
	struct fixture *f = *state;
	char text[256];

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)(1 + i * 37 % 127);
	for (size_t len = 0; len < sizeof text; len++) {
		json_t *value;

		f->out.len = 0;
		json_quote(&f->out, text, len);
		value = json_loadb((char *)f->out.data, f->out.len, JSON_DECODE_ANY, NULL);
		assert_non_null(value);
		assert_int_equal(json_string_length(value), len);
		assert_memory_equal(json_string_value(value), text, len);
		json_decref(value);
	}
}

static void test_numbers_that_json_does_not_know_are_null(void **state)
{
	struct fixture *f = *state;

	f->sample->ratio = __builtin_nan("");
	f->sample->weight = __builtin_inff();
	assert_non_null(
		strstr(written(f, &sample_type, f->sample), "\"ratio\":null,\"weight\":null"));
	f->sample->ratio = 1e300;
	f->sample->weight = 0.1f;
	assert_non_null(
		strstr(written(f, &sample_type, f->sample), "\"ratio\":1e+300,\"weight\":0.1"));
}

static void test_documents_that_are_not_json_are_refused(void **state)
{
	struct fixture *f = *state;

	assert_malformed(f, "", "MALFORMED_JSON");
	assert_malformed(f, "{", "MALFORMED_JSON");
	assert_malformed(f, "{} x", "MALFORMED_JSON");
	assert_malformed(f, "{}{}", "MALFORMED_JSON");
	assert_malformed(f, "{\"a\":NaN}", "MALFORMED_JSON");
	assert_malformed(f, "{\"a\":Infinity}", "MALFORMED_JSON");
	assert_malformed(f, "{\"a\":01}", "MALFORMED_JSON");
	assert_malformed(f, "{\"a\":1,}", "MALFORMED_JSON");
	assert_malformed(f, "{'a':1}", "MALFORMED_JSON");
	assert_malformed(f, "{\"a\":1,\"a\":2}", "MALFORMED_JSON");
	assert_malformed(f, "{\"a\":\"\n\"}", "MALFORMED_JSON");
	assert_malformed(f, "{}\0", "MALFORMED_JSON");
	assert_malformed(f, "{\"a\0b\":1}", "MALFORMED_JSON");
	assert_malformed(f, "{\"a\":\"\\ud800\"}", "MALFORMED_JSON");
	assert_malformed(f, "7", "MALFORMED_JSON");
	assert_malformed(f, "\"title\"", "MALFORMED_JSON");
	assert_malformed(f, "\xef\xbb\xbf{}", "MALFORMED_JSON");
	assert_malformed(f, "{\"a\":\"\\u0000\"}", "INVALID_CHARACTER");
	assert_malformed(f, "{\"a\":99999999999999999999}", "OUT_OF_RANGE");
	assert_malformed(f, "{\"a\":1e999}", "OUT_OF_RANGE");
}

static void test_documents_that_are_not_utf8_are_refused(void **state)
{
	struct fixture *f = *state;

	assert_malformed(f, "{\"a\":\"\xc0\xaf\"}", "INVALID_UTF8");
	assert_malformed(f, "{\"a\":\"\xed\xa0\x80\"}", "INVALID_UTF8");
	assert_malformed(f, "{\"a\":\"\xff\"}", "INVALID_UTF8");
}

static void test_a_list_is_no_object(void **state)
{
	assert_error(*state, "[]", "", "WRONG_TYPE");
}

static const char *nested(struct fixture *f, unsigned depth, const char *inner)
{
	f->out.len = 0;
	for (unsigned i = 0; i < depth; i++)
		buf_puts(&f->out, "[");
	buf_puts(&f->out, inner);
	for (unsigned i = 0; i < depth; i++)
		buf_puts(&f->out, "]");
	return buf_text(&f->out);
}

static void test_32_levels_are_read_and_33_refused(void **state)
{
	struct fixture *f = *state;
	const char *json = nested(f, 32, "\"[[[[\\\"[[[\"");

	assert_non_null(json_read(f->arena, json, strlen(json), &f->errors));
	json = nested(f, 33, "");
	assert_string_equal(malformed(f, json, strlen(json)), "MALFORMED_JSON");
	json = nested(f, 200000, "");
	assert_string_equal(malformed(f, json, strlen(json)), "MALFORMED_JSON");
}

static void test_unknown_members_name_the_nearest_known_one(void **state)
{
	struct fixture *f = *state;

	assert_error(f, "{\"titel\":\"x\"}", "/titel", "UNKNOWN_FIELD");
	assert_non_null(strstr(f->errors.items[0].detail, "title?"));
	assert_error(f, "{\"first\":{\"a/b~c\":1}}", "/first/a~1b~0c", "UNKNOWN_FIELD");
	assert_error(f, "{\"hidden\":\"x\"}", "/hidden", "UNKNOWN_FIELD");
	assert_null(strstr(f->errors.items[0].detail, "hidden"));
	assert_error(f, "{\"Title\":\"x\"}", "/Title", "UNKNOWN_FIELD");
	assert_true(read_as(f, "{\"titel\":\"x\",\"hidden\":\"y\"}", true));
	assert_string_equal(f->sample->hidden, "y");
}

static void test_values_of_another_type_are_refused(void **state)
{
	struct fixture *f = *state;

	assert_error(f, "{\"title\":5}", "/title", "WRONG_TYPE");
	assert_error(f, "{\"open\":1}", "/open", "WRONG_TYPE");
	assert_error(f, "{\"open\":\"true\"}", "/open", "WRONG_TYPE");
	assert_error(f, "{\"capacity\":\"5\"}", "/capacity", "WRONG_TYPE");
	assert_error(f, "{\"steps\":{}}", "/steps", "WRONG_TYPE");
	assert_error(f, "{\"steps\":[[]]}", "/steps/0", "WRONG_TYPE");
	assert_error(f, "{\"steps\":[null]}", "/steps/0", "WRONG_TYPE");
	assert_error(f, "{\"first\":[]}", "/first", "WRONG_TYPE");
	assert_error(f, "{\"state\":1}", "/state", "WRONG_TYPE");
	assert_error(f, "{\"ratio\":\"1\"}", "/ratio", "WRONG_TYPE");
	assert_error(f, "{\"topics\":[\"a\",7]}", "/topics/1", "WRONG_TYPE");
	assert_error(f, "{\"photo\":\"*\"}", "/photo", "INVALID_BYTES");
	assert_error(f, "{\"photo\":\"AP8\"}", "/photo", "INVALID_BYTES");
}

static void test_unknown_labels_list_the_known_ones(void **state)
{
	struct fixture *f = *state;

	assert_error(f, "{\"state\":\"open\"}", "/state", "UNKNOWN_VALUE");
	assert_string_equal(f->errors.items[0].detail, "Must be one of DRAFT, OPEN, CLOSED.");
	assert_error(f, "{\"state\":\"STATE_UNSET\"}", "/state", "UNKNOWN_VALUE");
	assert_error(f, "{\"states\":[\"OPEN\",\"\"]}", "/states/1", "UNKNOWN_VALUE");
}

static void test_numbers_are_whole_and_within_their_range(void **state)
{
	struct fixture *f = *state;

	assert_error(f, "{\"capacity\":1.5}", "/capacity", "INVALID_NUMBER");
	assert_error(f, "{\"capacity\":1.0}", "/capacity", "INVALID_NUMBER");
	assert_error(f, "{\"amount\":1e3}", "/amount", "INVALID_NUMBER");
	assert_error(f, "{\"capacity\":0}", "/capacity", "OUT_OF_RANGE");
	assert_error(f, "{\"capacity\":201}", "/capacity", "OUT_OF_RANGE");
	assert_string_equal(f->errors.items[0].detail, "Must be from 1 to 200.");
	assert_error(f, "{\"capacity\":-1}", "/capacity", "OUT_OF_RANGE");
	assert_error(f, "{\"capacity\":4294967297}", "/capacity", "OUT_OF_RANGE");
	assert_error(f, "{\"level\":2147483648}", "/level", "OUT_OF_RANGE");
	assert_error(f, "{\"level\":-2147483649}", "/level", "OUT_OF_RANGE");
	assert_error(f, "{\"weight\":1e300}", "/weight", "OUT_OF_RANGE");
	assert_true(reads(f, "{\"level\":-2147483648,\"tilt\":2147483647}"));
	assert_int_equal(f->sample->level, INT32_MIN);
	assert_int_equal(f->sample->tilt, INT32_MAX);
}

static void test_64_bit_integers_are_texts_or_numbers(void **state)
{
	struct fixture *f = *state;

	assert_true(reads(f, "{\"amount\":\"9007199254740993\"}"));
	assert_true(f->sample->amount == 9007199254740993);
	assert_true(reads(f, "{\"amount\":-9223372036854775808}"));
	assert_true(f->sample->amount == INT64_MIN);
	assert_true(reads(f, "{\"total\":\"18446744073709551615\",\"drift\":\"-1\"}"));
	assert_true(f->sample->total == UINT64_MAX && f->sample->drift == -1);

	assert_error(f, "{\"amount\":\"9223372036854775808\"}", "/amount", "OUT_OF_RANGE");
	assert_error(f, "{\"total\":\"18446744073709551616\"}", "/total", "OUT_OF_RANGE");
	assert_error(f, "{\"total\":\"-1\"}", "/total", "OUT_OF_RANGE");
	assert_error(f, "{\"amount\":\"99999999999999999999999\"}", "/amount", "OUT_OF_RANGE");
	assert_error(f, "{\"amount\":\"\"}", "/amount", "INVALID_NUMBER");
	assert_error(f, "{\"amount\":\" 1\"}", "/amount", "INVALID_NUMBER");
	assert_error(f, "{\"amount\":\"+1\"}", "/amount", "INVALID_NUMBER");
	assert_error(f, "{\"amount\":\"01\"}", "/amount", "INVALID_NUMBER");
	assert_error(f, "{\"amount\":\"0x1\"}", "/amount", "INVALID_NUMBER");
	assert_error(f, "{\"amount\":\"-\"}", "/amount", "INVALID_NUMBER");
}

static void test_lists_have_a_limit(void **state)
{
	struct fixture *f = *state;

	assert_true(reads(f, "{\"topics\":[\"a\",\"b\",\"c\",\"d\",\"e\"]}"));
	assert_int_equal(f->sample->n_topics, 5);
	assert_error(f, "{\"topics\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"]}", "/topics",
		     "TOO_MANY");

	f->out.len = 0;
	buf_puts(&f->out, "{\"scores\":[1");
	for (int i = 0; i < 9999; i++)
		buf_puts(&f->out, ",1");
	assert_true(reads(
		f, strcat(strcpy(arena_alloc(f->arena, f->out.len + 9), buf_text(&f->out)), "]}")));
	assert_int_equal(f->sample->n_scores, 10000);
	assert_error(
		f, strcat(strcpy(arena_alloc(f->arena, f->out.len + 9), buf_text(&f->out)), ",1]}"),
		"/scores", "TOO_MANY");
}

static void test_texts_are_kept_as_their_rule_wants_them(void **state)
{
	struct fixture *f = *state;

	assert_true(reads(
		f,
		"{\"title\":\"  e\\u0301t\\u00e9 \",\"starts_at\":\"2026-11-20T23:00:00+01:00\"}"));
	assert_string_equal(f->sample->title, "été");
	assert_string_equal(f->sample->starts_at, "2026-11-20T22:00:00.000000Z");
	assert_error(f, "{\"title\":\"x\"}", "/title", "TOO_SHORT");
	assert_error(f, "{\"title\":\" \"}", "/title", "REQUIRED");
	assert_error(f, "{\"topics\":[\"01234567890\"]}", "/topics/0", "TOO_LONG");
	assert_error(f, "{\"id\":\"\"}", "/id", "INVALID_ID");
}

static void test_all_errors_are_told_at_once(void **state)
{
	struct fixture *f = *state;

	assert_false(reads(f, "{\"id\":7,\"state\":\"?\",\"steps\":[{\"title\":\"a\"},{\"minutes\":"
			      "0}],\"x\":1}"));
	assert_int_equal(f->errors.count, 4);
	assert_false(pb_check_required(f->arena, &sample_type, f->sample, &f->errors));
	assert_int_equal(f->errors.count, 6);
	assert_string_equal(f->errors.items[4].pointer, "/title");
	assert_string_equal(f->errors.items[5].pointer, "/steps/1/title");
	assert_string_equal(f->errors.items[5].code, "REQUIRED");
}

static void test_a_hundred_errors_are_enough(void **state)
{
	struct fixture *f = *state;

	f->out.len = 0;
	buf_puts(&f->out, "{");
	for (int i = 0; i < 5000; i++)
		buf_printf(&f->out, "%s\"m%d\":1", i ? "," : "", i);
	buf_puts(&f->out, "}");
	assert_false(reads(f, buf_text(&f->out)));
	assert_int_equal(f->errors.count, FIELD_ERRORS_MAX);
}

static void test_null_is_absent_but_was_said(void **state)
{
	struct fixture *f = *state;

	assert_true(reads(f, "{\"hours\":null,\"steps\":null,\"state\":null,\"amount\":1}"));
	assert_int_equal(f->set.count, 4);
	assert_string_equal(f->set.items[0], "hours");
	assert_string_equal(f->set.items[3], "amount");
	f->sample->amount = 0;
	assert_string_equal(written(f, &sample_type, f->sample), empty_sample);
}

static void test_what_is_required_cannot_be_null(void **state)
{
	struct fixture *f = *state;

	assert_error(f, "{\"title\":null}", "/title", "REQUIRED");
	assert_false(pb_check_required(f->arena, &sample_type, f->sample, &f->errors));
	assert_int_equal(f->errors.count, 1);
}

static void test_what_is_required_and_wrong_is_told_once(void **state)
{
	struct fixture *f = *state;

	assert_error(f, "{\"title\":7}", "/title", "WRONG_TYPE");
	pb_check_required(f->arena, &sample_type, f->sample, &f->errors);
	assert_int_equal(f->errors.count, 1);
	assert_true(reads(f, "{\"title\":\"there\"}"));
	assert_true(pb_check_required(f->arena, &sample_type, f->sample, &f->errors));
}

static void test_an_optional_zero_is_present(void **state)
{
	struct fixture *f = *state;

	assert_true(reads(f, "{\"hours\":0,\"nickname\":\"\",\"agreed\":false}"));
	assert_int_equal(f->sample->_hours_case, SAMPLE___HOURS_HOURS);
	assert_int_equal(f->sample->_nickname_case, SAMPLE___NICKNAME_NICKNAME);
	assert_int_equal(f->sample->_agreed_case, SAMPLE___AGREED_AGREED);
}

static void test_our_own_database_may_break_rules(void **state)
{
	struct fixture *f = *state;

	assert_true(read_as(
		f,
		"{\"title\":\"x\",\"capacity\":0,\"state\":\"OPEN\",\"amount\":12,"
		"\"starts_at\":\"2026-11-20T23:54:20.5+00:00\",\"steps\":[{\"title\":null}]}",
		true));
	assert_string_equal(f->sample->starts_at, "2026-11-20T23:54:20.500000Z");
	assert_int_equal(f->sample->state, SAMPLE__STATE__OPEN);
	assert_int_equal(f->sample->n_steps, 1);
	assert_false(read_as(f, "{\"starts_at\":\"infinity\"}", true));
	assert_false(read_as(f, "{\"state\":\"LOST\"}", true));
}

static bool sets(struct fixture *f, const char *name, const char *text)
{
	int field = pb_find(&sample_type, name, strlen(name));

	assert_true(field >= 0);
	f->errors = (struct field_errors) { .arena = f->arena };
	return pb_set_text(f->arena, &sample_type, (unsigned)field, text, strlen(text), f->sample,
			   name, &f->errors);
}

static void assert_not_set(struct fixture *f, const char *name, const char *text, const char *code)
{
	assert_false(sets(f, name, text));
	assert_int_equal(f->errors.count, 1);
	assert_string_equal(f->errors.items[0].pointer, name);
	assert_string_equal(f->errors.items[0].code, code);
}

static void test_parameters_are_judged_like_members(void **state)
{
	struct fixture *f = *state;

	assert_true(sets(f, "title", " cohort ") &&
		    sets(f, "capacity", "50") &&
		    sets(f, "state", "OPEN"));
	assert_true(sets(f, "open", "true") && sets(f, "ratio", "0.5") && sets(f, "hours", "-4"));
	assert_string_equal(f->sample->title, "cohort");
	assert_int_equal(f->sample->capacity, 50);
	assert_int_equal(f->sample->state, SAMPLE__STATE__OPEN);
	assert_true(f->sample->open && f->sample->ratio == 0.5);
	assert_int_equal(f->sample->hours, -4);
	assert_int_equal(f->sample->_hours_case, SAMPLE___HOURS_HOURS);

	assert_not_set(f, "capacity", "201", "OUT_OF_RANGE");
	assert_not_set(f, "capacity", "5x", "INVALID_NUMBER");
	assert_not_set(f, "capacity", "", "INVALID_NUMBER");
	assert_not_set(f, "state", "OPE", "UNKNOWN_VALUE");
	assert_not_set(f, "open", "yes", "WRONG_TYPE");
	assert_not_set(f, "open", "\"true\"", "WRONG_TYPE");
	assert_not_set(f, "ratio", "nan", "WRONG_TYPE");
	assert_not_set(f, "id", "42", "INVALID_ID");
	assert_not_set(f, "title", "a\xff", "INVALID_UTF8");
	assert_not_set(f, "first", "{}", "WRONG_TYPE");
	assert_not_set(f, "steps", "[]", "WRONG_TYPE");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_absent_fields_are_null_or_zero_and_internal_ones_unseen),
		TEST(test_what_was_read_is_written_again),
		TEST(test_fields_in_another_order_are_written_in_theirs),
		TEST(test_the_last_of_several_values_counts),
		TEST(test_elements_with_others_between_them_come_together),
		TEST(test_numbers_are_read_packed_and_single),
		TEST(test_zero_has_no_sign),
		TEST(test_unknown_fields_are_passed_over),
		TEST(test_unknown_labels_are_null),
		TEST(test_bytes_that_are_no_message_leave_no_trace),
		TEST(test_every_byte_of_a_text_is_quoted_as_json_wants_it),
		TEST(test_quoted_texts_of_any_length_read_back),
		TEST(test_numbers_that_json_does_not_know_are_null),
		TEST(test_documents_that_are_not_json_are_refused),
		TEST(test_documents_that_are_not_utf8_are_refused),
		TEST(test_a_list_is_no_object),
		TEST(test_32_levels_are_read_and_33_refused),
		TEST(test_unknown_members_name_the_nearest_known_one),
		TEST(test_values_of_another_type_are_refused),
		TEST(test_unknown_labels_list_the_known_ones),
		TEST(test_numbers_are_whole_and_within_their_range),
		TEST(test_64_bit_integers_are_texts_or_numbers),
		TEST(test_lists_have_a_limit),
		TEST(test_texts_are_kept_as_their_rule_wants_them),
		TEST(test_all_errors_are_told_at_once),
		TEST(test_a_hundred_errors_are_enough),
		TEST(test_null_is_absent_but_was_said),
		TEST(test_what_is_required_cannot_be_null),
		TEST(test_what_is_required_and_wrong_is_told_once),
		TEST(test_an_optional_zero_is_present),
		TEST(test_our_own_database_may_break_rules),
		TEST(test_parameters_are_judged_like_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

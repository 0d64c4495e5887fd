/*
 * JSON and packed bytes from strangers. What is accepted must survive the way round:
 * written, read as trusted and written again it is the same text, and JSON to others.
 */
#include <stdlib.h>
#include <string.h>

#include "pb_json.h"
#include "tests/lib/sample.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* Also with texts that only the walker can have let through: valid UTF-8 is the sender's promise.
 */
static json_t *parsed(struct arena *arena, const struct buf *json)
{
	struct field_errors errors = { .arena = arena };
	json_t *value = json_read(arena, (const char *)json->data, json->len, &errors);

	must(value ||
	     !strcmp(errors.malformed, "INVALID_UTF8") ||
	     !strcmp(errors.malformed, "INVALID_CHARACTER"));
	return value;
}

static void round_trip(struct arena *arena, const struct buf *json)
{
	struct field_errors errors = { .arena = arena };
	json_t *value = parsed(arena, json);
	struct buf again = { 0 };
	Sample *sample = pb_new(arena, &sample_type);

	must(value && pb_json_read(arena, &sample_type, value, true, sample, NULL, &errors));
	must(pb_json_write_message(&again, &sample_type, sample));
	must(again.len == json->len && !memcmp(again.data, json->data, json->len));
	buf_free(&again);
}

static void judge_errors(const struct field_errors *errors)
{
	must(errors->count <= FIELD_ERRORS_MAX);
	for (size_t i = 0; i < errors->count; i++) {
		must(errors->items[i].pointer && errors->items[i].code && errors->items[i].detail);
		must(!*errors->items[i].pointer || *errors->items[i].pointer == '/');
	}
}

static void fuzz_read(struct arena *arena, const char *text, size_t size)
{
	struct field_errors errors = { .arena = arena };
	struct name_list set = { 0 };
	Sample *sample = pb_new(arena, &sample_type);
	json_t *value = json_read(arena, text, size, &errors);
	struct buf json = { 0 };
	bool good;

	must(!value == !!errors.malformed);
	if (!value)
		return;
	good = pb_json_read(arena, &sample_type, value, false, sample, &set, &errors);
	must(good == !errors.count);
	pb_check_required(arena, &sample_type, sample, &errors);
	judge_errors(&errors);
	must(pb_json_write_message(&json, &sample_type, sample));
	if (good)
		round_trip(arena, &json);
	buf_free(&json);
}

static bool holds_nul(const struct buf *json)
{
	return memmem(json->data, json->len, "\\u0000", 6);
}

/*
 * What the walker and protobuf-c both take for a message says the same to both; but texts of C
 * end at NUL.
 */
static void fuzz_write(struct arena *arena, const uint8_t *data, size_t size)
{
	Sample *sample = pb_unpack(arena, &sample_type, data, size);
	struct buf json = { 0 }, other = { 0 };

	if (pb_json_write(&json, &sample_type, data, size))
		parsed(arena, &json);
	else
		must(json.len == 0);
	if (sample && json.len && !holds_nul(&json)) {
		must(pb_json_write_message(&other, &sample_type, sample));
		must(other.len == json.len && !memcmp(other.data, json.data, json.len));
	}
	buf_free(&json);
	buf_free(&other);
}

static void fuzz_parameter(struct arena *arena, const uint8_t *data, size_t size)
{
	struct field_errors errors = { .arena = arena };
	Sample *sample = pb_new(arena, &sample_type);
	unsigned field = data[0] % sample__descriptor.n_fields;
	bool good = pb_set_text(arena, &sample_type, field, (const char *)data + 1, size - 1,
				sample, "/field", &errors);

	must(good == !errors.count);
	judge_errors(&errors);
}

static void fuzz_text(struct arena *arena, const uint8_t *data, size_t size)
{
	struct pb_rule rule = { .format = data[0] % (PB_PASSWORD + 1) };
	const char *text = arena_strndup(arena, (const char *)data + 1, size - 1), *kept, *again;

	if (text_check(arena, &rule, text, size - 1, &kept))
		return;
	must(text_is_utf8(kept, strlen(kept)));
	/* What was kept is kept as it is. */
	must(!text_check(arena, &rule, kept, strlen(kept), &again));
	must(!strcmp(kept, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(64 << 20);

	fuzz_read(arena, (const char *)data, size);
	fuzz_write(arena, data, size);
	if (size > 0) {
		fuzz_parameter(arena, data, size);
		fuzz_text(arena, data, size);
	}
	arena_free(arena);
	return 0;
}

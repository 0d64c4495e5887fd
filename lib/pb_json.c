/* JSON documents and what is wrong with them. */
#include "pb_json.h"

#include "text.h"

enum { MAX_DEPTH = 32 };

void field_error(struct field_errors *errors, const char *pointer, const char *code,
		 const char *detail)
{
	if (errors->count == FIELD_ERRORS_MAX)
		return;
	errors->items =
		arena_extend(errors->arena, errors->items, errors->count, sizeof *errors->items);
	errors->items[errors->count++] = (struct field_error) { pointer, code, detail };
}

/* The first byte after a string that begins at `at`. */
static size_t skip_string(const char *text, size_t len, size_t at)
{
	for (at++; at < len && text[at] != '"'; at++)
		if (text[at] == '\\')
			at++;
	return at + 1;
}

/* jansson's own limit is 2048 levels, of a stack that we do not have. */
static bool is_too_deep(const char *text, size_t len)
{
	unsigned depth = 0;

	for (size_t at = 0; at < len;) {
		if (text[at] == '"') {
			at = skip_string(text, len, at);
			continue;
		}
		if ((text[at] == '{' || text[at] == '[') && ++depth > MAX_DEPTH)
			return true;
		if ((text[at] == '}' || text[at] == ']') && depth > 0)
			depth--;
		at++;
	}
	return false;
}

static json_t *refuse(struct field_errors *errors, const char *code, const char *detail)
{
	errors->malformed = code;
	errors->malformed_detail = detail;
	return NULL;
}

static json_t *refuse_parsed(struct field_errors *errors, const json_error_t *error)
{
	switch (json_error_code(error)) {
	case json_error_duplicate_key:
		return refuse(errors, "MALFORMED_JSON", "A member is given twice.");
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return refuse(errors, "INVALID_CHARACTER", "A text holds a NUL character.");
	case json_error_numeric_overflow:
		return refuse(errors, "OUT_OF_RANGE", "A number is too large.");
	default:
		return refuse(errors, "MALFORMED_JSON",
			      arena_printf(errors->arena, "Is not JSON: line %d, column %d.",
					   error->line, error->column));
	}
}

static void release(void *value)
{
	json_decref(value);
}

json_t *json_read(struct arena *arena, const char *text, size_t len, struct field_errors *errors)
{
	json_error_t error;
	json_t *value;

	if (!text_is_utf8(text, len))
		return refuse(errors, "INVALID_UTF8", "Is not UTF-8.");
	if (len && memchr(text, '\0', len))
		return refuse(errors, "MALFORMED_JSON", "Holds a NUL byte.");
	if (is_too_deep(text, len))
		return refuse(errors, "MALFORMED_JSON", "Has more than 32 levels.");

	value = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!value)
		return refuse_parsed(errors, &error);
	arena_defer(arena, release, value);
	return value;
}

/*
 * Between JSON and messages, by descriptor. JSON keys are the field names.
 *
 * Written: every field that is not internal, in the order of its number, absent ones too:
 * null for what has a format other than LINE/TEXT/NAME, is an enum, a message or optional,
 * else its zero. 64-bit integers are strings; bytes are base64; enum values their labels.
 * Read: RFC 8259 by jansson, with duplicate keys, NUL, trailing bytes, bad UTF-8 and more than
 * 32 levels refused; texts are checked and normalised (text.h) and rules (pb_rule) applied, all
 * errors at once. Their codes are text.h's and UNKNOWN_FIELD (naming the nearest known one),
 * WRONG_TYPE, UNKNOWN_VALUE, INVALID_NUMBER, INVALID_BYTES, OUT_OF_RANGE, TOO_MANY, REQUIRED.
 */
#pragma once

#include <jansson.h>

#include "buf.h"
#include "pb.h"

/* One thing wrong with a request. pointer is a JSON pointer ("/steps/0/title"); code is stable. */
struct field_error {
	const char *pointer, *code, *detail;
};
struct field_errors {
	struct arena *arena;
	size_t count;
	struct field_error *items; /* in the arena */
	/* MALFORMED_JSON, INVALID_UTF8, INVALID_CHARACTER, OUT_OF_RANGE: all of the document. */
	const char *malformed;
	const char *malformed_detail;
};
/* Further errors are dropped: whoever makes a hundred needs no list. */
enum { FIELD_ERRORS_MAX = 100 };
void field_error(struct field_errors *errors, const char *pointer, const char *code,
		 const char *detail);

/*
 * Packed bytes straight to JSON text, without unpacking. False when the bytes are not such a
 * message.
 */
bool pb_json_write(struct buf *out, const struct pb_type *type, const void *bytes, size_t len);
/* The same from a message in memory. */
bool pb_json_write_message(struct buf *out, const struct pb_type *type, const void *message);
/* A quoted, escaped JSON string. */
void json_quote(struct buf *out, const char *text, size_t len);

/* Parses an object or array; NULL and errors->malformed when it is none. It dies with the arena. */
json_t *json_read(struct arena *arena, const char *text, size_t len, struct field_errors *errors);

/*
 * Fills the message from a JSON object. `set` (may be NULL) receives the names of all members
 * present, null ones too, for the mask of a PATCH. False when errors were added.
 * trusted = from our own database: no rules, no text checks, unknown members ignored.
 */
struct name_list {
	size_t count;
	const char **items; /* in the arena */
};
bool pb_json_read(struct arena *arena, const struct pb_type *type, json_t *object, bool trusted,
		  void *message, struct name_list *set, struct field_errors *errors);

/*
 * Sets one singular field from text, as a path or query parameter gives it: checked and normalised
 * like JSON. pointer is what an error names.
 */
bool pb_set_text(struct arena *arena, const struct pb_type *type, unsigned field, const char *text,
		 size_t len, void *message, const char *pointer, struct field_errors *errors);

/*
 * Adds REQUIRED for every required field that is missing (also in nested messages) and has no error
 * yet; called after all parts have been read. A number or bool that is not optional is missing only
 * when its rule does not allow 0.
 */
bool pb_check_required(struct arena *arena, const struct pb_type *type, const void *message,
		       struct field_errors *errors);

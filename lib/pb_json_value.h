/*
 * One value of a JSON document on its way into a field. Internal to pb_json.
 *
 * A taker writes to target->at, or complains at `place` and returns false.
 */
#pragma once

#include "pb_json.h"

/* Where a value stands in the document; written out as a pointer only for an error. */
struct place {
	const struct place *parent;
	const char *name; /* NULL: the element `index` of an array */
	size_t index;
	const char *pointer; /* of the root, as the caller gave it */
};

struct reader {
	struct arena *arena;
	bool trusted;
	struct field_errors *errors;
};

/* A field and where its value goes. */
struct target {
	const struct pb_type *type;
	unsigned index;
	void *at;
};

static inline bool is_full(const struct field_errors *errors)
{
	return errors->count == FIELD_ERRORS_MAX;
}

static inline const struct pb_rule *rule_of(const struct target *target)
{
	return &target->type->rules[target->index];
}

static inline const ProtobufCFieldDescriptor *field_of(const struct target *target)
{
	return &target->type->descriptor->fields[target->index];
}

/* The place as a JSON pointer (RFC 6901), in the arena. */
char *pointer_to(struct arena *arena, const struct place *place);
/* Adds an error and returns false; the second with the sentence that belongs to the code. */
bool wrong(struct reader *reader, const struct place *place, const char *code, const char *detail);
bool breaks_rule(struct reader *reader, const struct place *place, const struct target *target,
		 const char *code);

/* Any value but a message. */
bool take_json(struct reader *reader, const struct place *place, const struct target *target,
	       json_t *value);
/* The same from the text of a parameter. */
bool take_parameter(struct reader *reader, const struct place *place, const struct target *target,
		    const char *text, size_t len);

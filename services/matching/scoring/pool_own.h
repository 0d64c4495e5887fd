/*
 * How a pool is kept: everything that people said as values of eight bytes, person after person. Texts are numbered
 * once for the whole pool (from 1), people's ids among them, so that equal texts are equal numbers.
 */
#pragma once

#include "pool.h"

enum {
	LEVEL_CONSENT = 254, /* no answer, but the consent to it */
	LEVEL_NOTHING = 255, /* an answer without a value */
};

struct pool_value {
	uint16_t field;
	uint8_t level;	/* of a term; which word of the week; which trait */
	uint32_t value; /* a text's number, a number as its bits, 32 quarter hours, a trait */
};

struct preference {
	uint32_t mentee, mentor;
	uint8_t by; /* enum side */
	uint8_t rank;
};

struct pair {
	uint32_t mentee, mentor;
};

struct names {
	const char **texts; /* by number */
	uint32_t *slots;    /* open addressing, a power of two; 0 = free */
	uint32_t count, room, mask;
};

struct pool_side {
	struct pool_value *values;
	size_t n_values, values_room;
	size_t *first; /* person → their first value; people + 1 */
	uint32_t *ids; /* person → number of their id */
	uint32_t count, room;
	uint32_t *person; /* number of a text → person + 1 */
	uint32_t person_room;
};

struct pool {
	struct arena *arena;
	struct field fields[POOL_MOST_FIELDS];
	size_t n_fields;
	struct names names;
	struct pool_side sides[2];
	enum side last; /* whose side the person added last is on */
	struct preference *preferences;
	size_t n_preferences;
	struct pair *exclusions;
	size_t n_exclusions;
};

/* A text's number, or 0 when nobody said it. */
uint32_t pool_number_of(const struct pool *pool, const char *text);
const char *pool_text(const struct pool *pool, uint32_t number);

/* What a person said to a field, value by value: of a sensitive one nothing without consent. */
struct said {
	const struct pool_value *at, *end;
	int field;
};
struct said pool_said(const struct pool *pool, enum side side, uint32_t person, int field);
/* The next value, or NULL. LEVEL_NOTHING comes too; LEVEL_CONSENT does not. */
const struct pool_value *said_next(struct said *said);
bool pool_answered(const struct pool *pool, enum side side, uint32_t person, int field);

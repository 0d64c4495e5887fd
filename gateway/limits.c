/* GCRA: of each key only the time is kept at which its bucket would be full again. */
#include "limits.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { SETS = 16384, WAYS = 4 };

struct cell {
	uint64_t key;
	uint64_t full_at; /* nanoseconds; the "theoretical arrival time" */
};

struct limits {
	struct limit limits[LIMITS];
	uint8_t secret[crypto_shorthash_KEYBYTES];
	struct cell cells[SETS][WAYS];
};

struct limits *limits_new(const struct limit limits[LIMITS])
{
	struct limits *made = calloc(1, sizeof *made);

	memcpy(made->limits, limits, sizeof made->limits);
	randombytes_buf(made->secret, sizeof made->secret);
	return made;
}

void limits_free(struct limits *limits)
{
	free(limits);
}

const struct limit *limits_of(const struct limits *limits, enum rate rate)
{
	return &limits->limits[rate];
}

static struct cell *cell_of(struct limits *limits, uint64_t key)
{
	struct cell *set = limits->cells[key % SETS], *quietest = set;

	for (struct cell *cell = set; cell < set + WAYS; cell++) {
		if (cell->key == key)
			return cell;
		if (cell->full_at < quietest->full_at)
			quietest = cell;
	}
	*quietest = (struct cell) { .key = key };
	return quietest;
}

bool limits_take(struct limits *limits, enum rate rate, const char *who, uint64_t now_ns,
		 unsigned *left, unsigned *wait)
{
	const struct limit *limit = &limits->limits[rate];
	uint64_t whole = limit->seconds * UINT64_C(1000000000), each = whole / limit->burst, key,
		 ahead;
	struct cell *cell;

	crypto_shorthash((uint8_t *)&key, (const uint8_t *)who, strlen(who), limits->secret);
	cell = cell_of(limits, key + rate * UINT64_C(0x9e3779b97f4a7c15));
	ahead = cell->full_at > now_ns ? cell->full_at - now_ns : 0;
	*left = 0;
	if (ahead + each > whole) {
		*wait = (unsigned)((ahead + each - whole + 999999999) / 1000000000);
		return false;
	}
	cell->full_at = now_ns + ahead + each;
	*left = (unsigned)((whole - ahead - each) / each);
	*wait = 0;
	return true;
}

/*
 * The loops in which the solver spends its time: two over a line of packed words (12 bits worth, 20 bits number), one over
 * rows of scores; each once for every kind of processor. All kinds give the same answers, ties included.
 *
 * A line begins at a multiple of 64 bytes and is filled up to a multiple of SCAN_STEP words with words that nobody wants.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	SCAN_STEP = 16,
	SCAN_SCORES = 32,
	SCAN_NUMBER_BITS = 20,
	SCAN_NUMBER = (1 << SCAN_NUMBER_BITS) - 1,
	/* What the other side asks of a filler: more than any worth or price. */
	SCAN_NEVER = 1 << 30,
};

static inline int32_t word_worth(uint32_t word)
{
	return (int32_t)(word >> SCAN_NUMBER_BITS);
}

static inline int32_t word_number(uint32_t word)
{
	return (int32_t)(word & SCAN_NUMBER);
}

struct bid {
	int32_t best, second; /* values: worth - price */
	uint32_t word;	      /* of the best; of several, the greatest */
};

struct near {
	uint32_t word;
	int32_t slack; /* other - worth */
};

struct scanner {
	const char *name;
	/* Of a line in descending order. No price is below `lowest`. */
	struct bid (*bid)(const uint32_t *word, int32_t len, const int32_t *price, int32_t lowest,
			  int shift);
	/*
	 * The words whose other[number] - worth < limit, in order; limit <= SCAN_NEVER. Returns how many; near has room for
	 * len + SCAN_STEP. In a descending line the search ends where no other >= lowest can be near enough; for another line
	 * lowest = -SCAN_NEVER.
	 */
	int32_t (*reach)(const uint32_t *word, int32_t len, const int32_t *other, int32_t lowest,
			 int32_t limit, struct near *near);
	/* Bit k: score[k] >= bar, of SCAN_SCORES scores. */
	uint32_t (*above)(const int16_t *score, int16_t bar);
};

enum scan_kind {
	SCAN_BEST, /* what the processor offers */
	SCAN_SCALAR,
	SCAN_AVX2,
	SCAN_AVX512,
};

/* NULL when the processor does not offer it. */
const struct scanner *scanner_of(enum scan_kind kind);

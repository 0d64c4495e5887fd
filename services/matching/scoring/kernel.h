/*
 * The inner loops: what is measured of a mentee and a tile of mentors, what it gives or forbids, and the score of it all.
 *
 * One source, compiled for three kinds of processors. Every array holds TILE elements; integers throughout, but for one
 * division of small integers in binary32, which is exact (see finish).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TILE = 512,
	FACTOR_BITS = 20,
	DAY_MINUTES = 1440,
};

/* A word of a bit set in which a mentee has something. */
struct bit_word {
	uint32_t word, mask;
};

/* Who of the mentors did not answer: a bit in a column; NULL: everybody answered. */
struct absent {
	const uint32_t *column;
	uint32_t bit;
};

/* What has been found of each mentor so far. */
struct tally {
	int32_t value[TILE];   /* of the last measure */
	int32_t points[TILE];  /* Σ weight × points */
	int32_t weights[TILE]; /* Σ weight of the answered criteria */
	int32_t refused[TILE]; /* not 0: by a rule */
};

/* How a measured value becomes points; see formula.h. */
struct scale {
	int32_t low, high, reach, factor, weight;
	bool invert, counts_missing;
	struct absent absent;
};

struct kernels {
	void (*begin)(struct tally *tally, int32_t weights);
	/* Measures. Columns are a tile's; a bit set's words are `stride` apart. */
	void (*count)(const uint32_t *words, size_t stride, const struct bit_word *own,
		      size_t n_own, int32_t *value);
	void (*gap)(const int32_t *column, int32_t own, int32_t *value);
	void (*zone)(const int32_t *column, int32_t own, int32_t *value);
	void (*scales)(const uint32_t *first, const uint32_t *last, const uint32_t own[2],
		       int32_t *value);
	void (*equal)(const int32_t *column, int32_t own, int32_t *value);
	void (*table)(const int32_t *column, const int32_t *points, int32_t *value);
	void (*copy)(const int32_t *column, int32_t *value);
	/* What they give. */
	void (*share)(struct tally *tally, const struct scale *scale);
	void (*band)(struct tally *tally, const struct scale *scale);
	void (*dice)(struct tally *tally, const struct scale *scale, const int32_t *sizes,
		     int32_t own);
	void (*nothing)(struct tally *tally, const struct scale *scale);
	/* Allowed from low to high. */
	void (*gate)(struct tally *tally, const struct scale *scale);
	void (*finish)(const struct tally *tally, int32_t min_score, int16_t *scores);
};

extern const struct kernels kernels_scalar, kernels_avx2, kernels_avx512;

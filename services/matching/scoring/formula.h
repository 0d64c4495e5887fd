/*
 * How measured values become points: the one definition, for the tiles as for a single pair.
 *
 * `factor` is ceil(1000 × 2^20 / full): for full < 1024 the products below are the exact quotients rounded down, and
 * above at most a point less. Nothing exceeds 2^31: value ≤ full, so value × factor < 1000 × 2^20 + full.
 */
#pragma once

#include "kernel.h"

#define FORMULA static inline __attribute__((always_inline))

static inline int32_t factor_of(int32_t full)
{
	return (int32_t)(((1000ll << FACTOR_BITS) + full - 1) / full);
}

/* `high` of something are full points. */
FORMULA int32_t share_points(const struct scale *scale, int32_t value)
{
	int32_t part = value < scale->high ? value : scale->high,
		points = (part * scale->factor) >> FACTOR_BITS;

	return scale->invert ? 1000 - points : points;
}

/* Full from low to high, nothing `reach` beyond. */
FORMULA int32_t band_points(const struct scale *scale, int32_t value)
{
	int32_t under = scale->low - value, over = value - scale->high,
		beyond = under > over ? under : over;

	beyond = beyond > 0 ? beyond : 0;
	beyond = beyond < scale->reach ? beyond : scale->reach;
	return 1000 - ((beyond * scale->factor) >> FACTOR_BITS);
}

/* Twice the common ones of both together. Below 2^24 a binary32 quotient, cut, is the integer one. */
FORMULA int32_t dice_points(int32_t common, int32_t together)
{
	together = together > 1 ? together : 1;
	return (int32_t)((float)(2000 * common) / (float)together);
}

FORMULA int32_t zone_apart(int32_t a, int32_t b)
{
	int32_t apart = a > b ? a - b : b - a, around = DAY_MINUTES - apart;

	return apart < around ? apart : around;
}

FORMULA int32_t byte_apart(uint32_t a, uint32_t b, int shift)
{
	int32_t apart = (int32_t)((a >> shift) & 255) - (int32_t)((b >> shift) & 255);

	return apart < 0 ? -apart : apart;
}

FORMULA int32_t scales_apart(uint32_t a, uint32_t b, uint32_t a_last, uint32_t b_last)
{
	return byte_apart(a, b, 0) +
	       byte_apart(a, b, 8) +
	       byte_apart(a, b, 16) +
	       byte_apart(a, b, 24) +
	       byte_apart(a_last, b_last, 0);
}

/*
 * The mean, rounded half up. 2 × points + weights stays below 32 × 2 × 100 × 1000 + 3200 < 2^24, so both numbers are exact
 * in binary32; a quotient that is no integer is 1/6400 or more away from the next one, and rounding moves it by less than
 * 2^-14: cutting it gives the integer quotient.
 */
FORMULA int32_t mean_score(int32_t points, int32_t weights)
{
	weights = weights > 1 ? weights : 1;
	return (int32_t)((float)(2 * points + weights) / (float)(2 * weights));
}

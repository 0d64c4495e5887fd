/*
 * The loops of kernel.h. Included once for each kind of processor, which gives KERNELS (the name of the table) and
 * BITS4(a, b, c, d): how many bits four words have together.
 */
#include "formula.h"

#define EACH_MENTOR for (int j = 0; j < TILE; j++)

static void begin(struct tally *tally, int32_t weights)
{
	EACH_MENTOR {
		tally->points[j] = 0;
		tally->weights[j] = weights;
		tally->refused[j] = 0;
	}
}

struct four {
	const uint32_t *words[4];
	uint32_t masks[4];
};

/* The next four words of the mentee; behind the last ones the first again, without a bit. */
static struct four take_four(const uint32_t *words, size_t stride, const struct bit_word *own, size_t n_own)
{
	struct four four;

	for (size_t i = 0; i < 4; i++) {
		four.words[i] = words + own[i < n_own ? i : 0].word * stride;
		four.masks[i] = i < n_own ? own[i].mask : 0;
	}
	return four;
}

static void count_four(const struct four *four, int32_t *restrict value)
{
	const uint32_t *restrict a = four->words[0], *restrict b = four->words[1];
	const uint32_t *restrict c = four->words[2], *restrict d = four->words[3];
	const uint32_t A = four->masks[0], B = four->masks[1], C = four->masks[2], D = four->masks[3];

	EACH_MENTOR value[j] += (int32_t)BITS4(a[j] & A, b[j] & B, c[j] & C, d[j] & D);
}

static void count_one(const uint32_t *restrict words, uint32_t mask, int32_t *restrict value)
{
	EACH_MENTOR value[j] += (int32_t)BITS4(words[j] & mask, 0, 0, 0);
}

static void count(const uint32_t *words, size_t stride, const struct bit_word *own, size_t n_own, int32_t *value)
{
	EACH_MENTOR value[j] = 0;
	for (; n_own > 1; own += n_own < 4 ? n_own : 4, n_own -= n_own < 4 ? n_own : 4) {
		struct four four = take_four(words, stride, own, n_own);

		count_four(&four, value);
	}
	if (n_own)
		count_one(words + own->word * stride, own->mask, value);
}

static void gap(const int32_t *restrict column, int32_t own, int32_t *restrict value)
{
	EACH_MENTOR value[j] = column[j] - own;
}

static void zone(const int32_t *restrict column, int32_t own, int32_t *restrict value)
{
	EACH_MENTOR value[j] = zone_apart(column[j], own);
}

static void scales(const uint32_t *restrict first, const uint32_t *restrict last, const uint32_t own[2],
		   int32_t *restrict value)
{
	const uint32_t own_first = own[0], own_last = own[1];

	EACH_MENTOR value[j] = scales_apart(first[j], own_first, last[j], own_last);
}

static void equal(const int32_t *restrict column, int32_t own, int32_t *restrict value)
{
	EACH_MENTOR value[j] = column[j] == own;
}

static void table(const int32_t *restrict column, const int32_t *restrict points, int32_t *restrict value)
{
	EACH_MENTOR value[j] = points[column[j]];
}

static void copy(const int32_t *restrict column, int32_t *restrict value)
{
	EACH_MENTOR value[j] = column[j];
}

/* Points that not everybody can get: who did not answer has none, and the criterion does not count for them. */
FORMULA void add_answered(struct tally *tally, const struct scale *scale, int j, int32_t points)
{
	int32_t there = scale->absent.column[j] & scale->absent.bit ? 0 : -1;

	tally->points[j] += (scale->weight * points) & there;
	tally->weights[j] -= (scale->counts_missing ? 0 : scale->weight) & ~there;
}

static void share(struct tally *tally, const struct scale *scale)
{
	const struct scale s = *scale;

	if (s.absent.column)
		EACH_MENTOR add_answered(tally, &s, j, share_points(&s, tally->value[j]));
	else
		EACH_MENTOR tally->points[j] += s.weight * share_points(&s, tally->value[j]);
}

static void band(struct tally *tally, const struct scale *scale)
{
	const struct scale s = *scale;

	if (s.absent.column)
		EACH_MENTOR add_answered(tally, &s, j, band_points(&s, tally->value[j]));
	else
		EACH_MENTOR tally->points[j] += s.weight * band_points(&s, tally->value[j]);
}

static void dice(struct tally *tally, const struct scale *scale, const int32_t *sizes, int32_t own)
{
	const struct scale s = *scale;

	if (s.absent.column)
		EACH_MENTOR add_answered(tally, &s, j, dice_points(tally->value[j], sizes[j] + own));
	else
		EACH_MENTOR tally->points[j] += s.weight * dice_points(tally->value[j], sizes[j] + own);
}

static void nothing(struct tally *tally, const struct scale *scale)
{
	const uint32_t *restrict absent = scale->absent.column;
	const uint32_t bit = scale->absent.bit;
	const int32_t less = scale->counts_missing ? 0 : scale->weight;

	if (absent)
		EACH_MENTOR tally->weights[j] -= absent[j] & bit ? less : 0;
}

static void gate(struct tally *tally, const struct scale *scale)
{
	const uint32_t *restrict absent = scale->absent.column;
	const uint32_t bit = scale->absent.bit;
	const int32_t low = scale->low, high = scale->high, unknown = scale->counts_missing ? 0 : 1;

	if (!absent) {
		EACH_MENTOR tally->refused[j] |= (tally->value[j] < low) | (tally->value[j] > high);
		return;
	}
	EACH_MENTOR {
		int32_t outside = (tally->value[j] < low) | (tally->value[j] > high);

		tally->refused[j] |= absent[j] & bit ? unknown : outside;
	}
}

static void finish(const struct tally *tally, int32_t min_score, int16_t *restrict scores)
{
	EACH_MENTOR {
		int32_t score = mean_score(tally->points[j], tally->weights[j]);
		int32_t refused = (tally->refused[j] != 0) | (score < min_score);

		scores[j] = (int16_t)(refused ? -1 : score);
	}
}

const struct kernels KERNELS = {
	.begin = begin,
	.count = count,
	.gap = gap,
	.zone = zone,
	.scales = scales,
	.equal = equal,
	.table = table,
	.copy = copy,
	.share = share,
	.band = band,
	.dice = dice,
	.nothing = nothing,
	.gate = gate,
	.finish = finish,
};

/*
 * The loops of kernel.h. Included once for each kind of processor, which gives KERNELS (the name of the table) and
 * BITS4(a, b, c, d): how many bits four words have together.
 */
#include "formula.h"

#define EACH_MENTOR for (int j = 0; j < TILE; j++)

static void begin(struct tally *tally, int32_t weights)
{
	EACH_MENTOR
	{
		tally->points[j] = 0;
		tally->weights[j] = weights;
		tally->refused[j] = 0;
	}
}

enum { GROUP = 8 };

struct group {
	const uint32_t *words[GROUP];
	uint32_t masks[GROUP];
};

/* The next words of the mentee; behind the last ones the first again, without a bit. */
static struct group take_group(const uint32_t *words, size_t stride, const struct bit_word *own,
			       size_t n_own)
{
	struct group group;

	for (size_t i = 0; i < GROUP; i++) {
		group.words[i] = words + own[i < n_own ? i : 0].word * stride;
		group.masks[i] = i < n_own ? own[i].mask : 0;
	}
	return group;
}

/* `n` and `add` are constants where it is inlined: no word is read in vain, and the first group need not be added. */
FORMULA void count_group(const struct group *group, int n, bool add, int32_t *restrict value)
{
	const uint32_t *restrict a = group->words[0], *restrict b = group->words[1];
	const uint32_t *restrict c = group->words[2], *restrict d = group->words[3];
	const uint32_t *restrict e = group->words[4], *restrict f = group->words[5];
	const uint32_t *restrict g = group->words[6], *restrict h = group->words[7];
	const uint32_t A = group->masks[0], B = group->masks[1], C = group->masks[2],
		       D = group->masks[3];
	const uint32_t E = group->masks[4], F = group->masks[5], G = group->masks[6],
		       H = group->masks[7];

	EACH_MENTOR
	{
		uint32_t bits = BITS4(a[j] & A, n > 1 ? b[j] & B : 0, n > 2 ? c[j] & C : 0,
				      n > 3 ? d[j] & D : 0);

		if (n > 4)
			bits += BITS4(e[j] & E, n > 5 ? f[j] & F : 0, n > 6 ? g[j] & G : 0,
				      n > 7 ? h[j] & H : 0);
		value[j] = (add ? value[j] : 0) + (int32_t)bits;
	}
}

FORMULA void count_some(const struct group *group, size_t n, bool add, int32_t *value)
{
	if (n > 6)
		count_group(group, 8, add, value);
	else if (n > 4)
		count_group(group, 6, add, value);
	else if (n > 2)
		count_group(group, 4, add, value);
	else if (n > 1)
		count_group(group, 2, add, value);
	else
		count_group(group, 1, add, value);
}

static void count(const uint32_t *words, size_t stride, const struct bit_word *own, size_t n_own,
		  int32_t *value)
{
	struct group group;

	if (n_own == 0) {
		EACH_MENTOR value[j] = 0;
		return;
	}
	group = take_group(words, stride, own, n_own);
	count_some(&group, n_own, false, value);
	while (n_own > GROUP) {
		own += GROUP;
		n_own -= GROUP;
		group = take_group(words, stride, own, n_own);
		count_some(&group, n_own, true, value);
	}
}

static void gap(const int32_t *restrict column, int32_t own, int32_t *restrict value)
{
	EACH_MENTOR value[j] = column[j] - own;
}

static void zone(const int32_t *restrict column, int32_t own, int32_t *restrict value)
{
	EACH_MENTOR value[j] = zone_apart(column[j], own);
}

static void scales(const uint32_t *restrict first, const uint32_t *restrict last,
		   const uint32_t own[2], int32_t *restrict value)
{
	const uint32_t own_first = own[0], own_last = own[1];

	EACH_MENTOR value[j] = scales_apart(first[j], own_first, last[j], own_last);
}

static void equal(const int32_t *restrict column, int32_t own, int32_t *restrict value)
{
	EACH_MENTOR value[j] = column[j] == own;
}

static void table(const int32_t *restrict column, const int32_t *restrict points,
		  int32_t *restrict value)
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
		EACH_MENTOR add_answered(tally, &s, j,
					 dice_points(tally->value[j], sizes[j] + own));
	else
		EACH_MENTOR tally->points[j] +=
			s.weight * dice_points(tally->value[j], sizes[j] + own);
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
	EACH_MENTOR
	{
		int32_t outside = (tally->value[j] < low) | (tally->value[j] > high);

		tally->refused[j] |= absent[j] & bit ? unknown : outside;
	}
}

static void finish(const struct tally *tally, int32_t min_score, int16_t *restrict scores)
{
	EACH_MENTOR
	{
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

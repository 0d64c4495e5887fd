#include "profiles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TAGS = 200, GOALS = 24, LANGUAGES = 12, ZONES = 16, WEEK = 336, DAY = 48 };

/* Offsets in half hours that big programs have. */
static const int zones[ZONES] = { -16, -14, -12, -10, -6, -4, 0, 2, 4, 6, 7, 11, 16, 18, 20, 24 };

struct dice {
	uint64_t state;
	double tag[TAGS], language[LANGUAGES], zone[ZONES];
};

static uint64_t roll(struct dice *dice)
{
	uint64_t z = dice->state += 0x9E3779B97F4A7C15ull;

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
	return z ^ (z >> 31);
}

static double unit(struct dice *dice)
{
	return (double)(roll(dice) >> 11) * 0x1p-53;
}

static int below(struct dice *dice, int end)
{
	return (int)(unit(dice) * end);
}

/* Cumulative shares by Zipf's law. */
static void zipf(double *share, int n, double power)
{
	double total = 0, sum = 0;

	for (int k = 0; k < n; k++)
		total += 1 / pow(k + 1, power);
	for (int k = 0; k < n; k++) {
		sum += 1 / pow(k + 1, power) / total;
		share[k] = sum;
	}
	share[n - 1] = 1;
}

static int draw(struct dice *dice, const double *share, int n)
{
	double at = unit(dice);
	int low = 0, high = n - 1;

	while (low < high) {
		int middle = (low + high) / 2;

		if (share[middle] < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void set_bit(uint64_t *words, int bit)
{
	words[bit >> 6] |= 1ull << (bit & 63);
}

static void draw_day(struct dice *dice, int day, int zone, uint64_t *hours)
{
	int blocks = 1 + (unit(dice) < 0.3);

	for (int b = 0; b < blocks; b++) {
		int start = unit(dice) < 0.5 ? 34 + below(dice, 8) : 16 + below(dice, 18);
		int length = 2 + below(dice, 5);

		for (int at = start; at < start + length; at++)
			set_bit(hours, (day * DAY + at - zone + 2 * WEEK) % WEEK);
	}
}

/* A block or two on most weekdays, between 8 and 21 h of their zone; weekends seldom. */
static void draw_hours(struct dice *dice, uint64_t *hours)
{
	int zone = zones[draw(dice, dice->zone, ZONES)];

	memset(hours, 0, HOUR_WORDS * sizeof *hours);
	for (int day = 0; day < 7; day++) {
		if (day >= 5 && unit(dice) < 0.7)
			continue;
		if (unit(dice) < 0.35)
			continue;
		draw_day(dice, day, zone, hours);
	}
}

static uint64_t draw_languages(struct dice *dice)
{
	uint64_t languages = 0;

	if (unit(dice) < 0.85)
		languages |= 1;
	else
		languages |= 1ull << draw(dice, dice->language, LANGUAGES);
	if (unit(dice) < 0.4)
		languages |= 1ull << draw(dice, dice->language, LANGUAGES);
	if (unit(dice) < 0.1)
		languages |= 1ull << draw(dice, dice->language, LANGUAGES);
	return languages;
}

static uint64_t draw_goals(struct dice *dice, int n)
{
	uint64_t goals = 0;

	while (__builtin_popcountll(goals) < n) {
		double first = GOALS * unit(dice);

		goals |= 1ull << (int)(first * unit(dice));
	}
	return goals;
}

static uint64_t draw_temper(struct dice *dice)
{
	uint64_t temper = 0;

	for (int k = 0; k < 8; k++)
		temper |= (uint64_t)(1 + below(dice, 5)) << (8 * k);
	return temper;
}

static double square(struct dice *dice, double scale)
{
	double first = scale * unit(dice);

	return first * unit(dice);
}

static void draw_mentor(struct dice *dice, struct mentor_profiles *mentors, int32_t j, int capacity,
			int tags, int managers)
{
	uint64_t offers[TAG_WORDS] = { 0 }, hours[HOUR_WORDS];

	for (int n = 0; n < tags;) {
		int tag = draw(dice, dice->tag, TAGS);

		n += !(offers[tag >> 6] >> (tag & 63) & 1);
		set_bit(offers, tag);
	}
	draw_hours(dice, hours);
	for (int k = 0; k < TAG_WORDS; k++)
		mentors->offers[k][j] = offers[k];
	for (int k = 0; k < HOUR_WORDS; k++)
		mentors->hours[k][j] = hours[k];
	mentors->goals[j] = draw_goals(dice, 3 + below(dice, 4));
	mentors->languages[j] = draw_languages(dice);
	mentors->temper[j] = draw_temper(dice);

	uint64_t years = 5 + (uint64_t)square(dice, 25);

	mentors->manager_and_years[j] = (uint64_t)below(dice, managers) << 8 | years;
	mentors->capacity[j] = 1 + below(dice, capacity);
}

static void draw_wants(struct dice *dice, struct mentee_profile *mentee, int tags)
{
	for (int n = 0; n < tags;) {
		int tag = draw(dice, dice->tag, TAGS);

		if ((mentee->wants_low[tag >> 6] | mentee->wants_high[tag >> 6]) >> (tag & 63) & 1)
			continue;

		int weight = 1 + below(dice, 3);

		if (weight & 1)
			set_bit(mentee->wants_low, tag);
		if (weight & 2)
			set_bit(mentee->wants_high, tag);
		mentee->weights = (uint8_t)(mentee->weights + weight);
		n++;
	}
}

/* Popular mentors are more people's favourites. */
static void draw_mentee(struct dice *dice, struct mentee_profile *mentee, int tags, int managers,
			int mentors)
{
	draw_wants(dice, mentee, tags);
	draw_hours(dice, mentee->hours);
	mentee->n_goals = (uint8_t)(1 + below(dice, 3));
	mentee->goals = draw_goals(dice, mentee->n_goals);
	mentee->languages = draw_languages(dice);
	mentee->temper = draw_temper(dice);
	mentee->years = (uint8_t)square(dice, 12);
	mentee->manager = (uint32_t)below(dice, managers);

	int favourites = unit(dice) < 0.4 ? 1 + below(dice, FAVOURITES) : 0;

	for (int f = 0; f < FAVOURITES; f++)
		mentee->favourite[f] = f < favourites ? (int32_t)square(dice, mentors) : -1;
	mentee->never = unit(dice) < 0.005 ? below(dice, mentors) : -1;
}

static void *zeroed(size_t n, size_t size)
{
	size_t bytes = (n * size + 63) & ~(size_t)63;

	return memset(aligned_alloc(64, bytes), 0, bytes);
}

static void mentors_new(struct mentor_profiles *mentors, int32_t n)
{
	size_t padded = ((size_t)n + 7) & ~(size_t)7;

	mentors->n = n;
	mentors->padded = (int32_t)padded;
	for (int k = 0; k < TAG_WORDS; k++)
		mentors->offers[k] = zeroed(padded, sizeof(uint64_t));
	for (int k = 0; k < HOUR_WORDS; k++)
		mentors->hours[k] = zeroed(padded, sizeof(uint64_t));
	mentors->goals = zeroed(padded, sizeof(uint64_t));
	mentors->languages = zeroed(padded, sizeof(uint64_t));
	mentors->temper = zeroed(padded, sizeof(uint64_t));
	mentors->manager_and_years = zeroed(padded, sizeof(uint64_t));
	mentors->capacity = zeroed(padded, sizeof(int32_t));
}

struct profiles profiles_random(int32_t mentees, int32_t mentors, int32_t capacity, int32_t tags,
				uint64_t seed)
{
	struct dice dice = { .state = seed * 0x1234567ull + 99 };
	struct profiles profiles = { .mentees = mentees };
	int managers = mentees / 8 + 4;

	zipf(dice.tag, TAGS, 1.0);
	zipf(dice.language, LANGUAGES, 1.2);
	zipf(dice.zone, ZONES, 0.8);
	profiles.mentee = zeroed((size_t)mentees + 1, sizeof *profiles.mentee);
	mentors_new(&profiles.mentors, mentors);
	for (int32_t j = 0; j < mentors; j++)
		draw_mentor(&dice, &profiles.mentors, j, capacity, tags, managers);
	for (int32_t i = 0; i < mentees; i++)
		draw_mentee(&dice, &profiles.mentee[i], tags, managers, mentors);
	return profiles;
}

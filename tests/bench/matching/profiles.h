/* Seeded, realistic people: tags by popularity, goals, languages, weekly hours in their zone, temper, years, favourites. */
#pragma once

#include <stdint.h>

enum { TAG_WORDS = 4, HOUR_WORDS = 6, FAVOURITES = 5 };

struct mentee_profile {
	uint64_t wants_low[TAG_WORDS], wants_high[TAG_WORDS]; /* a weight of 1 … 3 in two bits */
	uint64_t hours[HOUR_WORDS];			      /* half hours of a week, UTC */
	uint64_t goals, languages, temper;		      /* temper: eight scales of 1 … 5 */
	uint32_t manager;
	uint8_t years, weights, n_goals;
	int32_t favourite[FAVOURITES]; /* or -1 */
	int32_t never;		       /* or -1 */
};

/* Column by column, eight mentors at a time; `padded` is a multiple of eight. */
struct mentor_profiles {
	int32_t n, padded;
	uint64_t *offers[TAG_WORDS], *hours[HOUR_WORDS], *goals, *languages, *temper;
	uint64_t *manager_and_years; /* manager << 8 | years */
	int32_t *capacity;
};

struct profiles {
	int32_t mentees;
	struct mentee_profile *mentee;
	struct mentor_profiles mentors;
};

struct profiles profiles_random(int32_t mentees, int32_t mentors, int32_t capacity, int32_t tags,
				uint64_t seed);
/* The scores of a mentee with every mentor, -1 where a rule forbids it; room for `padded` scores. */
void profiles_score(const struct profiles *profiles, int32_t mentee, int16_t *scores);

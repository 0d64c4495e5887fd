/*
 * How a run's scores fall to people with different answers: a group each, without telling about anyone.
 *
 * Groups of fewer than FAIRNESS_LEAST people, or with fewer than that matched, are suppressed; and as a suppressed group could be
 * worked out as the difference of the whole and the others, the smallest shown groups go with it until at least
 * FAIRNESS_LEAST people, and matched people, are hidden together.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

enum { FAIRNESS_LEAST = 5, FAIRNESS_UNMATCHED = -1 };

/* A person with consent: what they answered, and the score of their pair or FAIRNESS_UNMATCHED. */
struct fairness_person {
	const char *answer; /* NULL: none, or no consent */
	int score;
};

struct fairness_group {
	const char *answer; /* NULL: all together, the first group */
	bool suppressed;    /* nothing is told; everything below is -1 */
	int32_t people;
	int32_t matched; /* -1 when it would tell of fewer than FAIRNESS_LEAST who have nobody */
	int32_t mean_tenths, median_tenths, worst; /* of the matched; -1 when nobody is */
};

/*
 * The whole first, then the answers, the most frequent first. Who gave no answer is part of the whole if there are at least
 * FAIRNESS_LEAST of them, else nowhere. Returns how many groups.
 */
size_t fairness_groups(struct arena *arena, const struct fairness_person *people, size_t n_people,
		       struct fairness_group **groups);

/*
 * How a run's scores fall to people with different answers: a group each, without telling about anyone.
 *
 * Groups of fewer than FAIRNESS_LEAST people are suppressed; and as a suppressed group could be worked out as the difference of
 * the whole and the others, the smallest shown groups go with it until at least FAIRNESS_LEAST people are hidden together.
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
	uint32_t people;    /* 0 when suppressed, as everything below */
	uint32_t matched;
	int mean_tenths, median_tenths, worst; /* of the matched; -1 when fewer than FAIRNESS_LEAST are matched */
	bool suppressed;
};

/*
 * The whole first, then the answers, the most frequent first; people without an answer are counted in the whole only if there
 * are no fewer than FAIRNESS_LEAST of them or none. Returns how many groups.
 */
size_t fairness_groups(struct arena *arena, const struct fairness_person *people, size_t n_people,
		       struct fairness_group **groups);

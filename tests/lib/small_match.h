/* Small random matching problems, as rows, that a test can try every answer to. */
#pragma once

#include "services/matching/solver/solver.h"

enum { SMALL_MENTEES = 12, SMALL_MENTORS = 8 };

struct small_match {
	uint64_t random;
	struct match_problem problem;
	int32_t capacity[SMALL_MENTORS], column[SMALL_MENTEES * SMALL_MENTORS], stay[SMALL_MENTEES];
	int64_t row[SMALL_MENTEES + 1];
	int16_t score[SMALL_MENTEES * SMALL_MENTORS];
	struct match_pair locks[2], forbidden[3];
};

uint32_t small_draw(struct small_match *small, uint32_t below);
/* Of the seed's own size, at most mentees × mentors; scores 0 to `most`, so that small ones are tied. */
void small_fill(struct small_match *small, uint64_t seed, int32_t mentees, int32_t mentors,
		int32_t most);
/* With forbidden pairs, locks that fit, and somebody whose staying counts. */
void small_complicate(struct small_match *small);
/* The worth of an allowed pair, or -1. */
int32_t small_worth(const struct small_match *small, int32_t mentee, int32_t mentor);
/* The stored score, or -1. */
int32_t small_score(const struct small_match *small, int32_t mentee, int32_t mentor);

/*
 * Stable matchings: nobody would rather have each other than what they have.
 *
 * Both sides rank each other by the worth of the pair (score, and the bonus for staying); what is worth the same is ranked
 * by the lottery of the seed, in which everybody begins elsewhere. Deferred acceptance with capacities (Gale and Shapley 1962; Roth
 * 1984): provably stable, and for every person on the proposing side the best of all stable matchings, for the others
 * the worst. As the two sides judge a pair by one number, the two results differ only where scores are tied.
 * The sum of scores is not the greatest, nor are as many matched as could be.
 */
#pragma once

#include "solver.h"

enum stable_side {
	STABLE_FOR_MENTEES,
	STABLE_FOR_MENTORS,
};

/* All allowed pairs are kept, 4 bytes each and 4 more for mentors: more pairs than this are MATCH_TOO_LARGE. */
enum { STABLE_PAIRS_MAX = 1 << 28 };

/*
 * partner[mentees] becomes the mentor of each, or MATCH_NOBODY. Takes a problem as the solver does (rows or score_row; locks,
 * forbidden pairs, min_score and stay count; the objective does not). Locked pairs stay and take their places; who is locked does
 * not propose.
 */
bool stable_match(const struct match_problem *problem, enum stable_side side, int32_t *partner,
		  struct match_failure *failure) must_check;

/*
 * How many pairs would rather have each other than what `partner` gives them: allowed, not together, the mentee without a
 * lock and better off, the mentor with a free place or better off than with the worst mentee without a lock. Better is strictly
 * better by worth: a lottery is no preference. 0 for a stable matching. The first `room` of them come into `pairs`.
 */
int64_t stable_blocking(const struct match_problem *problem, const int32_t *partner,
			struct match_pair *pairs, size_t room);

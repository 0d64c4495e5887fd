/*
 * Mentees with several mentors, and circles: mentees in groups, each led by one or more mentors.
 *
 * What is proven, and what is not:
 * - several_match() is an exact optimum: a maximum-weight b-matching in which a mentee's first mentor may be worth something
 *   beside the pair, by shortest augmenting paths; several_check() verifies it by its dual numbers alone.
 * - circle_match() is a heuristic: groups with a least size are NP-hard (assignment with minimum quotas), even with one
 *   mentor for each. It comes with an upper bound that is proven, and says so when its result reaches it.
 *   With one mentor for each and up to ten who lead, every choice is tried: then it is the optimum.
 * Neither is meant for pools beyond some thousands of mentees: the pairs are kept. several_match() takes about a second for 2 000 000.
 */
#pragma once

#include "solver.h"

/* Rows or score_row; locks, stay and objective do not count. Pairs below min_score and forbidden ones do not exist. */
struct several_problem {
	struct match_problem pairs;
	const int32_t *wanted; /* [mentees] how many different mentors at most */
	const bool *served;    /* [mentees] who has a mentor already, beside these; NULL: nobody */
	bool most_first; /* as many mentees as possible have a mentor, then the greatest sum; else the greatest sum */
};

struct several_solution {
	int64_t *row; /* [mentees + 1] */
	int32_t *
		mentor; /* the mentors of mentee i: mentor[row[i]] … mentor[row[i + 1] - 1], by number */
	int32_t *surplus;    /* [mentees] */
	int32_t *price;	     /* [mentors] */
	int32_t first_bonus; /* 0 without most_first */
	int64_t total;	     /* sum of scores */
};

/*
 * The proof: price >= 0; with z = max(0, score - surplus - price) of each pair, over the mentees who want somebody
 *	sum of (the first place: max(0, surplus + first_bonus; 0 beside it who is served); each further one: max(0, surplus))
 *	    + sum of capacity × price + sum of z = sum of the scores + first_bonus for each who has somebody and is not served.
 * The left side bounds every choice, so the right side is the best. first_bonus exceeds every sum of scores.
 */
bool several_match(const struct several_problem *problem, struct several_solution *solution,
		   struct match_failure *failure) must_check;
bool several_check(const struct several_problem *problem, const struct several_solution *solution,
		   struct match_pair *at) must_check;
void several_free(struct several_solution *solution);

struct circle_problem {
	struct match_problem pairs; /* capacity[j]: how many circles a mentor may lead: 0 or 1 */
	int32_t least, most;	    /* mentees of a circle */
	int32_t mentors_each;	    /* mentors of a circle, 1 to CIRCLE_MENTORS_MAX */
};

enum { CIRCLE_MENTORS_MAX = 4 };

struct circle_solution {
	int32_t *circle_of; /* [mentees] which circle, or MATCH_NOBODY */
	int32_t *lead_of;   /* [mentors] which circle, or MATCH_NOBODY */
	int32_t circles, matched;
	int64_t total; /* for each mentee in a circle, the mean score with its mentors, cut; summed */
	int64_t bound; /* no choice of circles for as many has a greater sum */
	bool proven;   /* total = bound: the optimum */
};

/*
 * As many mentees as it finds room for, then a great sum: a mentee is in one circle at most, and only in one of whose mentors
 * each is allowed. Deterministic by the seed.
 */
bool circle_match(const struct circle_problem *problem, struct circle_solution *solution,
		  struct match_failure *failure) must_check;
void circle_free(struct circle_solution *solution);

/*
 * The allowed pairs of a problem, a mentee at a time, however they come (stored rows or score_row): what stable modes,
 * circles and certificates read. Uses nothing of the engine.
 */
#pragma once

#include "solver.h"

struct row_pair {
	int32_t mentor, score, worth; /* worth = score + what staying is worth */
};

struct rows {
	const struct match_problem *problem;
	int32_t *lock;		      /* [mentees] the mentor, or MATCH_NOBODY */
	int32_t *places;	      /* [mentors] what locks have left */
	struct match_pair *forbidden; /* sorted */
	int16_t *scores;	      /* [mentors] */
	bool *forbids;		      /* [mentors] of the mentee at hand; all false in between */
	struct row_pair *pairs;	      /* of the mentee taken last, by mentor */
	size_t n;
};

/* False with the reason when the problem's numbers are out of range or its locks impossible. */
bool rows_open(struct rows *rows, const struct match_problem *problem,
	       struct match_failure *failure) must_check;
void rows_close(struct rows *rows);
/* The mentee's allowed pairs, into rows->pairs; a locked mentee's too. */
void rows_take(struct rows *rows, int32_t mentee);
/* The pair among those taken last, or NULL. */
const struct row_pair *rows_find(const struct rows *rows, int32_t mentor);

/* rank[n]: a permutation drawn from the seed and the purpose. */
void draw_order(uint64_t seed, uint64_t purpose, int32_t n, int32_t *rank);

/*
 * The exact optimum of a small bipartite b-matching in which both sides may have several partners: the core of
 * several_match() and of the circles.
 *
 * Shortest augmenting paths on reduced costs, a mentee's place at a time (Kuhn and Munkres as a flow). A mentee's first
 * partner may be worth something beside the pair: their places then are worth less and less, and the flow stays convex.
 * Invariant, for whoever has been served: no price is negative, no free pair is worth more than surplus and price, none that is taken is
 * worth less, and who has room for one more has a surplus of 0 at most, of -first who has nobody.
 */
#pragma once

#include "solver.h"

struct several {
	int32_t mentees, mentors;
	const int64_t *row; /* [mentees + 1] */
	const int32_t *column;
	const int64_t *worth; /* [pairs]; below 2^40 */
	const int32_t *wanted, *capacity;
	const int64_t *first; /* [mentees] what having anybody is worth, >= 0; NULL: nothing */
	/* What comes out. */
	bool *taken;	  /* [pairs] */
	int64_t *surplus; /* [mentees] */
	int64_t *price;	  /* [mentors] */
	int32_t *load;	  /* [mentors] */
	int32_t *has;	  /* [mentees] how many partners */
	/* Room to work in. */
	int32_t *owner, *next; /* [pairs]: whose; the mentor's next taken pair, or -1 */
	int32_t *held;	       /* [mentors] their first taken pair, or -1 */
	int64_t *distance;     /* [mentees + mentors] */
	int32_t *reached_by;   /* [mentees + mentors] by which pair, or -1 */
	int32_t *touched, n_touched;
	int32_t serving;
	struct several_step *heap;
	size_t n_heap, heap_room;
};

/* Makes room; false when there is none, or more than 2^30 pairs. several_close() in any case. */
bool several_open(struct several *several) must_check;
/* In the order of `order` [mentees]; false without memory. */
bool several_solve(struct several *several, const int32_t *order) must_check;
void several_close(struct several *several);

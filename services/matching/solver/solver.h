/*
 * Who is matched with whom: the best choice of pairs, each mentee with one mentor at most and each mentor
 * with no more mentees than fit, and the numbers that prove that nothing better exists.
 *
 * The invariant: matcher_solve() and every change after it either leave a proven optimum or say that they
 * did not. Integers only. Same problem and seed: same bytes, whatever the processor offers.
 *
 * Method: an asymmetric auction (Bertsekas and Castañón 1992) with a step per mentor that grows with the
 * bids on each place; what it leaves unproven is repaired by shortest alternating paths (Dijkstra on
 * reduced costs); the certificate is linear-programming duality. Ties are broken by a permutation of both
 * sides, drawn from the seed.
 *
 *	struct matcher *matcher = matcher_new(&problem, &failure);
 *	if (!matcher || !matcher_solve(matcher, &failure))
 *		…
 *	matcher_solution(matcher, &solution);
 *
 * A matcher is used by one thread at a time; different ones are independent. It knows nothing of the rest
 * of the service, allocates with malloc, and may be given to task_offload().
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define must_check __attribute__((warn_unused_result))

enum {
	MATCH_NOBODY = -1,
	MATCH_MENTORS_MAX = 1 << 20,
	MATCH_MENTEES_MAX = 1 << 20,
	/* The most that a pair is worth: its score and the bonus for staying. */
	MATCH_WORTH_MAX = 4095,
	/* How many pairs of a mentee are kept when rows are scored on demand. */
	MATCH_CANDIDATES = 64,
};

enum match_objective {
	/* As many mentees as possible have a mentor; among those, the greatest sum of scores. */
	MATCH_MOST_THEN_TOTAL,
	/* The greatest sum of scores. */
	MATCH_TOTAL,
	/* As many mentors as possible have a mentee (one before anyone's second); then the greatest sum. */
	MATCH_ONE_BEFORE_TWO,
	/* As many mentees as possible have a mentor; then the worst pair as good as possible; then the sum. */
	MATCH_WORST_THEN_TOTAL,
};

struct match_pair {
	int32_t mentee, mentor;
};

/* Written by the solver while it works, read by anyone; cancelling is noticed within some milliseconds. */
struct match_progress {
	atomic_int permille;
	atomic_bool cancel;
};

/*
 * Nothing of it is kept but `score_row`, `context` and `progress`: the arrays may go after matcher_new().
 *
 * Pairs come as rows: mentee i may have the mentors column[row[i]] … column[row[i + 1] - 1], each once, in any order, with those
 * scores (>= 0). A pair that is not listed is not allowed. Or, with score_row, every pair is asked for
 * and the result is the optimum over all of them; `row`, `column` and `score` are then NULL.
 */
struct match_problem {
	int32_t mentees, mentors;
	const int32_t *capacity; /* [mentors], >= 0 */
	const int64_t *row;	 /* [mentees + 1] */
	const int32_t *column;
	const int16_t *score;
	/*
	 * The scores of a mentee with every mentor into scores[mentors]; -1 = not allowed. Called by `threads` threads at a
	 * time, several times for each mentee, always with the same answer.
	 */
	void (*score_row)(void *context, uint32_t mentee, int16_t *scores);
	void *context;

	enum match_objective objective;
	/* Pairs below are not allowed; a locked pair is. */
	int16_t min_score;
	/* stay[i], a mentor or MATCH_NOBODY, is worth stay_bonus more to mentee i. NULL: nobody. */
	const int32_t *stay;
	int16_t stay_bonus;
	/*
	 * Pairs that are made already. They need not be allowed, and their scores count in the sums; one that is not
	 * listed counts 0.
	 */
	const struct match_pair *locks;
	size_t n_locks;
	const struct match_pair *forbidden;
	size_t n_forbidden;
	uint64_t seed;
	/* 1 or more; the result does not depend on it. 0: one. */
	int threads;
	struct match_progress *progress; /* or NULL */
};

enum match_code {
	MATCH_OK,
	MATCH_TOO_LARGE,      /* more people, pairs or points than the sums have room for */
	MATCH_BAD_PAIR,	      /* a number out of its range; mentee and mentor tell where */
	MATCH_LOCKED_TWICE,   /* the mentee is in two locks */
	MATCH_LOCKS_EXCEED,   /* the mentor has more locks than places */
	MATCH_LOCK_FORBIDDEN, /* the lock is a forbidden pair */
	MATCH_NO_MEMORY,
	MATCH_CANCELLED,
	MATCH_UNPROVEN, /* the certificate does not hold: a fault of the solver; nothing may be shown */
};

struct match_failure {
	enum match_code code;
	int32_t mentee, mentor; /* where, or MATCH_NOBODY */
};

/*
 * The optimum and its proof, in the caller's numbers. With worth = score (+ stay_bonus) + pair_bonus, over the
 * mentees that no lock has taken and the places that no lock has taken:
 *
 *	surplus[i] >= 0; price[j] >= -first_bonus; surplus[i] + price[j] >= worth of every allowed pair;
 *	sum of surplus + sum over mentors of (the first place: price + first_bonus; every further place: max(price, 0))
 *	    = sum of worth of the chosen pairs + first_bonus for each mentor in use.
 *
 * The left side bounds every choice of pairs, so the right side is the best. A first place that a lock has taken has no bonus
 * any more: all places of that mentor are further ones. Bonuses exceed every possible sum of scores, which makes the order of
 * the objectives strict: pair_bonus > 0 for MOST_THEN_TOTAL and WORST_THEN_TOTAL, first_bonus > 0 for ONE_BEFORE_TWO.
 *
 * With WORST_THEN_TOTAL it proves the best choice above the floor. That a higher floor would match fewer is found by a greatest
 * matching, and is no part of the proof.
 */
struct match_solution {
	int32_t *partner; /* [mentees] the mentor or MATCH_NOBODY; locked ones too */
	int32_t *surplus; /* [mentees] 0 of a locked mentee */
	int32_t *price;	  /* [mentors] */
	int32_t pair_bonus, first_bonus;
	int32_t floor; /* pairs below this score did not count: min_score, or the worst score that WORST_THEN_TOTAL found */
	int64_t total; /* sum of the scores of all pairs, without bonuses */
	int64_t worth; /* both sides of the equation above */
	int32_t matched; /* pairs, locked ones too */
	int32_t used;	 /* mentors with a mentee */
	int32_t stayed;	 /* mentees whose partner is stay[i] */
	int32_t worst;	 /* the lowest score of an unlocked pair; -1 when there is none */
	int32_t rounds;	 /* how often all pairs were priced (score_row); 0 without */
};

struct matcher;

/* Takes the problem over in a form of its own. NULL when it is refused, with the reason. */
struct matcher *matcher_new(const struct match_problem *problem,
			    struct match_failure *failure) must_check;
void matcher_free(struct matcher *matcher);
/*
 * About how many bytes a matcher takes at most; pairs = row[mentees], or with score_row mentees x MATCH_CANDIDATES (all pairs for
 * WORST_THEN_TOTAL, whose floor cannot be told from some of them).
 */
size_t matcher_bytes(int64_t mentees, int64_t mentors, int64_t pairs);

/* Solves and proves. Once. */
bool matcher_solve(struct matcher *matcher, struct match_failure *failure) must_check;
/* The arrays belong to the matcher and hold until its next call. */
void matcher_solution(struct matcher *matcher, struct match_solution *solution);

/*
 * Verifies the proof anew, over every stored pair (over all pairs when `everything` and the problem has score_row):
 * true when nothing better exists. `at` (or NULL) tells the first pair that contradicts, if it is one.
 */
bool matcher_check(struct matcher *matcher, bool everything, struct match_pair *at) must_check;
/*
 * The same for numbers from anywhere: does `solution` (partner, surplus, price, bonuses, floor, worth) prove itself for `problem`
 * (rows, not score_row)? Shares no code with the solver.
 */
bool solution_check(const struct match_problem *problem, const struct match_solution *solution,
		    struct match_pair *at) must_check;

/*
 * Changes to a solved problem. Each leads to the exact optimum of the changed one (over the stored pairs; with score_row,
 * matcher_price() extends that to all pairs) and takes well under a millisecond with 200 000 mentees. After WORST_THEN_TOTAL the
 * floor stays as it is. False: the pair, person or number is unknown or the change is impossible, and nothing has changed.
 */
/* The pair must not be: a decline, an exclusion. Lifts its lock if it is locked. */
bool matcher_forbid(struct matcher *matcher, int32_t mentee, int32_t mentor) must_check;
/* A stored pair may be again. */
bool matcher_allow(struct matcher *matcher, int32_t mentee, int32_t mentor) must_check;
/*
 * The pair is made: a lock. It takes one of the mentor's places; false when all are locked, the mentee is locked elsewhere or the
 * pair is forbidden. A pair that is not stored (not listed, or below the floor) counts 0 in the sums, but where score_row tells.
 */
bool matcher_force(struct matcher *matcher, int32_t mentee, int32_t mentor) must_check;
/* A locked mentee is free to be matched better. */
bool matcher_unlock(struct matcher *matcher, int32_t mentee) must_check;
/* The mentee is no longer there. Lifts a lock. */
bool matcher_leave(struct matcher *matcher, int32_t mentee) must_check;
/* A mentee who left, or who had no pairs so far, is there with these pairs instead of the former ones. */
bool matcher_join(struct matcher *matcher, int32_t mentee, size_t n, const int32_t *column,
		  const int16_t *score) must_check;
/* 0 when the mentor pauses. False when locks take more. */
bool matcher_set_capacity(struct matcher *matcher, int32_t mentor, int32_t capacity) must_check;

struct match_move {
	int32_t mentee, from, to; /* mentors or MATCH_NOBODY */
};
/* Whom the last change gave another mentor, or none; empty after matcher_solve() and matcher_force_cost(). Holds until the next change. */
const struct match_move *matcher_moves(struct matcher *matcher, size_t *n);
/*
 * With score_row: prices what may contradict since all pairs were priced last (after a few declines, few rows), and repairs until
 * nothing does. Who moves is not told.
 */
bool matcher_price(struct matcher *matcher, struct match_failure *failure) must_check;

/* Questions. They change nothing. */
int32_t matcher_partner(const struct matcher *matcher, int32_t mentee);
bool matcher_locked(const struct matcher *matcher, int32_t mentee);
/* What the mentor is oversubscribed by; 0 when a place is free. */
int32_t matcher_price_of(const struct matcher *matcher, int32_t mentor);
int32_t matcher_surplus_of(const struct matcher *matcher, int32_t mentee);
/* The sums as in match_solution, without its arrays. */
int64_t matcher_total(const struct matcher *matcher);
int32_t matcher_matched(const struct matcher *matcher);

struct match_pair_view {
	bool allowed; /* stored, not forbidden, not below the floor */
	int32_t score;
	/* What forcing it costs at least: surplus + price - worth. 0 for a chosen pair and for one as good. */
	int32_t reduced_cost;
};
/* False when the pair is not stored. */
bool matcher_pair(const struct matcher *matcher, int32_t mentee, int32_t mentor,
		  struct match_pair_view *view) must_check;

struct match_force_cost {
	int64_t points; /* by how much the sum of scores falls; negative when it rises, at the expense of `matched` */
	int32_t matched; /* by how many fewer are matched */
	int32_t moves;	 /* how many others would have another mentor */
};
/* Exact: what matcher_force() would cost. False when it would refuse. */
bool matcher_force_cost(struct matcher *matcher, int32_t mentee, int32_t mentor,
			struct match_force_cost *cost) must_check;

enum match_reason {
	MATCH_REASON_MATCHED,
	MATCH_REASON_GONE,	  /* left */
	MATCH_REASON_NO_PAIR,	  /* no mentor is allowed */
	MATCH_REASON_BELOW_MIN,	  /* every allowed pair is below the floor */
	MATCH_REASON_NO_CAPACITY, /* every mentor who is allowed has no place, or only locked ones */
	MATCH_REASON_LOST_AT_PRICE, /* those who got the places are worth more to the sum */
};
/* Why a mentee has no mentor. nearest (or NULL): the mentor who was missed by the least, and by how much. */
enum match_reason matcher_reason(const struct matcher *matcher, int32_t mentee, int32_t *nearest,
				 int32_t *missed_by);

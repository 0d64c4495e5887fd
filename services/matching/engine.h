/*
 * A run's pool, compiled from its snapshot, and the solution that stands: solving, changing, explaining.
 *
 * Mentees are told by their chairs: one each, or in a pool of several mentors one for each whom the mentee may have. Chairs of one
 * mentee follow each other. It knows nothing of the database or the bus, and is used by one thread at a time: whatever takes more
 * than a moment is given to task_offload(). The same snapshot, order and seed give the same pairs.
 */
#pragma once

#include "buf.h"
#include "matching/work.pb-c.h"
#include "services/matching/ground.h"
#include "services/matching/solver/circle.h"
#include "services/matching/solver/solver.h"

struct engine;

enum {
	ENGINE_NOBODY = MATCH_NOBODY,
	ENGINE_UNKNOWN = -1,
	ENGINE_SALT = 16,
	ENGINE_MOST_SEVERAL =
		2000000, /* pairs of a pool of several mentors: all of them are kept */
};

/* What is to be solved. The arrays may go after engine_solve(). */
struct engine_order {
	CriteriaSet__Objective objective;
	const char *seed; /* 64 hex digits */
	const struct match_pair *locks, *bans;
	size_t n_locks, n_bans;
	/* Pairs as they stand, so that those which stay keep their chairs. */
	const struct match_pair *stand;
	size_t n_stand;
};

/* MiB that a pool of that size needs, snapshot, plan and solver; and more while it is solved for several mentors. */
uint64_t engine_memory(uint64_t mentees, uint64_t mentors);
uint64_t engine_memory_of_several(uint64_t mentees, uint64_t mentors);

struct engine *engine_new(void);
void engine_free(struct engine *engine);
/* Takes a part of the snapshot, in their order; false when it is none. */
bool engine_feed(struct engine *engine, const uint8_t *bytes, size_t len) must_check;
/* SHA-256 of the parts so far, 64 hex digits. */
const char *engine_snapshot_hash(const struct engine *engine);
/* Once the last part was fed. Takes long. */
void engine_compile(struct engine *engine);
/* Written while it solves; anybody may read it, or cancel. */
struct match_progress *engine_progress(struct engine *engine);
/* Solves and proves anew; false with the code of why not. Takes long. */
bool engine_solve(struct engine *engine, const struct engine_order *order,
		  const char **code) must_check;
/* Whether a pool of several mentors gives mentees all of them with that objective; else one each. */
bool engine_gives_several(CriteriaSet__Objective objective);

uint32_t engine_mentees(const struct engine *engine);
uint32_t engine_mentors(const struct engine *engine);
uint32_t engine_chairs(const struct engine *engine);
/* Who sits there. */
const PoolMember *engine_mentee(const struct engine *engine, uint32_t chair);
const PoolMember *engine_mentor(const struct engine *engine, uint32_t mentor);
/* By the person: a mentor, or a mentee's first chair; ENGINE_NOBODY for who is not in the pool. */
int32_t engine_find(const struct engine *engine, enum side side, const char *user_id);
/* Of the chairs of who sits there: the one with that mentor; else a free one, one that is not locked, or any. */
uint32_t engine_chair(const struct engine *engine, uint32_t chair, uint32_t mentor);
/* Whether it is the first chair of somebody who has nobody. */
bool engine_alone(const struct engine *engine, uint32_t chair);
const struct ground *engine_ground(const struct engine *engine);
CriteriaSet *engine_criteria(const struct engine *engine);

/* The solution: whom a chair has, or ENGINE_NOBODY, and what is known of the whole; blocking: ENGINE_UNKNOWN when not counted. */
int32_t engine_partner(const struct engine *engine, uint32_t chair);
bool engine_locked(const struct engine *engine, uint32_t chair);
struct engine_sums {
	int64_t total;
	int32_t matched, used, worst, blocking;
};
void engine_sum(struct engine *engine, struct engine_sums *sums);
/* SHA-256 of pairs, prices and surpluses, 64 hex digits. */
const char *engine_result_hash(struct engine *engine);
/* The score of a pair, -1 when it is not allowed. */
int engine_score(struct engine *engine, uint32_t chair, uint32_t mentor);
/* The same, whether it is allowed or not. */
int engine_score_anyway(const struct engine *engine, uint32_t chair, uint32_t mentor,
			struct arena *arena);
void engine_explain(const struct engine *engine, uint32_t chair, uint32_t mentor,
		    struct arena *arena, struct explanation *explanation);
/* Surplus and price beyond what a pair of that score is worth: what it costs at least. */
int engine_gap(struct engine *engine, uint32_t chair, uint32_t mentor, int score);
/* How many points fewer than with the best mentor whom nothing forbids. */
int engine_regret(struct engine *engine, uint32_t chair);
int engine_price(const struct engine *engine, uint32_t mentor);
int engine_surplus(const struct engine *engine, uint32_t chair);
/*
 * The certificate of the solution that stands, kept until it changes. Of a large pool it holds only what is tight, and says so.
 * Takes long.
 */
const struct buf *engine_certificate(struct engine *engine, const RunWork *work,
				     const uint8_t salt[ENGINE_SALT]);

/* Why a mentee has nobody. */
struct engine_reason {
	Unmatched__Reason reason;
	struct refusal_counts counts;
	int32_t nearest, missed_by;
};
void engine_why_unmatched(struct engine *engine, uint32_t chair, struct engine_reason *reason);

/*
 * Changes to the exact optimum of what is allowed then, by the shortest way from the solution that stands. False when it
 * takes solving anew, as always with several mentors and with stable objectives.
 */
bool engine_forbid(struct engine *engine, uint32_t chair, uint32_t mentor) must_check;
bool engine_force(struct engine *engine, uint32_t chair, uint32_t mentor) must_check;
bool engine_unlock(struct engine *engine, uint32_t chair) must_check;

/* What forcing a pair costs, and who would move; leaves the solution as it was, or false: it is to be built anew. */
struct engine_cost {
	bool possible;
	int64_t loss;
	int32_t fewer;
	struct match_move *moves; /* malloc; by chair */
	size_t n_moves;
};
bool engine_cost_of(struct engine *engine, uint32_t chair, uint32_t mentor,
		    struct engine_cost *cost) must_check;

/* Circles of a pool of one mentor each: groups of least … most with so many mentors. Takes long; circle_free() the solution. */
bool engine_circles(struct engine *engine, int32_t least, int32_t most, int32_t mentors_each,
		    struct circle_solution *solution, const char **code) must_check;

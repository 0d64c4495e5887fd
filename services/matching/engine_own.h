/*
 * The insides of an engine, for its parts: reading a pool (engine.c), solving (engine_solve.c, engine_several.c), the solution that
 * stands (engine_standing.c), changes and questions (engine_change.c), circles (engine_circle.c), the proof (engine_proof.c).
 *
 * The solvers number people; outside, a mentee is one of their chairs (engine.h). Partners and locks are kept by chair, bans by person.
 */
#pragma once

#include <sodium.h>

#include "services/matching/engine.h"

enum { HASH_HEX = 65 };

struct engine {
	struct arena *arena;
	crypto_hash_sha256_state hashing;
	char snapshot_hash[HASH_HEX], result_hash[HASH_HEX];
	MatchSnapshotPart **parts;
	size_t n_parts;
	CriteriaSet *criteria;
	PoolMember **members[2]; /* by side */
	uint32_t count[2];
	uint32_t chairs, *person_at, *chair_of; /* [chairs]; [mentees + 1]: the first one */
	int32_t *capacity;
	struct ground *ground;
	struct plan *plan;
	struct matcher *matcher; /* NULL: another solution stands: */
	struct several_solution
		several;  /* of mentees with several mentors; row is NULL: a stable one */
	int32_t *partner; /* [chairs] */
	bool *locked;	  /* [chairs], without a matcher */
	int64_t blocking;
	int16_t *row; /* room for the scores of a mentee */
	struct match_progress progress;
	CriteriaSet__Objective objective; /* of the solution */
	uint64_t seed;
	struct match_pair *bans;
	size_t n_bans;
	struct buf certificate; /* empty: not written yet */
};

void finish_hash(const crypto_hash_sha256_state *state, char hex[HASH_HEX]);

/* engine_solve.c */
struct match_problem problem_of(struct engine *engine, const struct engine_order *order);
const char *code_of(enum match_code code);
/* Lets go of what stands, for what the order has led to; partners by chair, malloc. The matcher or the several solution is set after. */
void take_over(struct engine *engine, const struct engine_order *order, int32_t *partner);
/* [chairs] of nobody; malloc. */
int32_t *empty_chairs(const struct engine *engine);
/* The locks by person; room for one a chair. */
size_t list_locks(const struct engine *engine, struct match_pair *locks);
/* As the matcher has them now. */
void remember_partners(struct engine *engine);

/* engine_change.c */
void add_move(struct engine_cost *cost, struct match_move move);

/* engine_several.c: what locks have left to be chosen. */
struct several_order {
	struct several_problem problem;
	int32_t *wanted, *capacity;
	bool *served;
	struct match_pair *forbidden;
};
/* order: by person. False with the code when the locks cannot all be. several_order_close() in any case. */
bool several_order_open(struct engine *engine, const struct engine_order *order,
			struct several_order *of, const char **code) must_check;
void several_order_close(struct several_order *of);
/* seated: the same order by chair. */
bool solve_several(struct engine *engine, const struct engine_order *order,
		   const struct engine_order *seated, const char **code) must_check;
void several_cost(struct engine *engine, uint32_t mentee, uint32_t mentor,
		  struct engine_cost *cost);

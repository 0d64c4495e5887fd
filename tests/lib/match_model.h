/*
 * A tiny matching problem in the plainest form, and its best value by trying every use of every place: what the solver is compared
 * with. Shares nothing with it but the header's structures.
 */
#pragma once

#include "services/matching/solver/solver.h"

enum { MODEL_MENTEES = 6, MODEL_MENTORS = 4, MODEL_PLACES = 3 };

struct match_model {
	int32_t mentees, mentors;
	int32_t capacity[MODEL_MENTORS];
	int16_t score[MODEL_MENTEES][MODEL_MENTORS]; /* -1 = not allowed */
	bool forbidden[MODEL_MENTEES][MODEL_MENTORS];
	int32_t lock[MODEL_MENTEES]; /* or -1 */
	bool gone[MODEL_MENTEES];
	int32_t stay[MODEL_MENTEES];
	int16_t stay_bonus, min_score;
	enum match_objective objective;
	uint64_t seed;
};

/* The objective's values in their order. Locked pairs and mentors with a lock are left out: they are the same for everyone. */
struct match_value {
	int32_t matched, used; /* 0 where the objective does not ask */
	int64_t worth;
};

/* A problem whose arrays live in `room`. */
struct model_room {
	int64_t row[MODEL_MENTEES + 1];
	int32_t column[MODEL_MENTEES * MODEL_MENTORS];
	int16_t score[MODEL_MENTEES * MODEL_MENTORS];
	struct match_pair locks[MODEL_MENTEES], forbidden[MODEL_MENTEES * MODEL_MENTORS];
};

struct match_model model_random(uint64_t *random);
uint64_t model_next(uint64_t *random);
struct match_problem model_problem(const struct match_model *model, struct model_room *room);
/* The best value; with WORST_THEN_TOTAL, of pairs that reach `floor`. */
struct match_value model_best(const struct match_model *model, int32_t floor);
/* The highest floor with which as many are matched as with min_score. */
int32_t model_floor(const struct match_model *model);
/* The value of these partners; false when a pair is not allowed or a mentor has too many. */
bool model_value(const struct match_model *model, const int32_t *partner, int32_t floor,
		 struct match_value *value);

/* Random problems of any size, reproducible, that own their arrays. */
#pragma once

#include "services/matching/solver/solver.h"

struct match_shape {
	int32_t mentees, mentors;
	int32_t pairs;	  /* about as many per mentee */
	int32_t capacity; /* 1 … capacity each */
	int32_t scores;	  /* 0 … scores - 1, times `grid` */
	int32_t grid;
	uint64_t seed;
};

struct match_problem match_random(struct match_shape shape);
void match_random_free(struct match_problem *problem);

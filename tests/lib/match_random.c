#include "match_random.h"

#include <stdlib.h>

#include "match_model.h"

static int32_t below(uint64_t *random, int32_t end)
{
	return (int32_t)((model_next(random) >> 33) % (uint64_t)end);
}

struct match_problem match_random(struct match_shape shape)
{
	uint64_t random = shape.seed * 0x9E3779B97F4A7C15u + 1;
	int32_t stride = shape.mentors / shape.pairs > 0 ? shape.mentors / shape.pairs : 1;
	size_t most = (size_t)shape.mentees * (size_t)(shape.mentors / stride + 1);
	int32_t *capacity = calloc((size_t)shape.mentors, sizeof *capacity);
	int64_t *row = calloc((size_t)shape.mentees + 1, sizeof *row);
	int32_t *column = calloc(most, sizeof *column);
	int16_t *score = calloc(most, sizeof *score);
	int64_t n = 0;

	for (int32_t j = 0; j < shape.mentors; j++)
		capacity[j] = 1 + below(&random, shape.capacity);
	for (int32_t i = 0; i < shape.mentees; i++) {
		for (int32_t j = below(&random, stride); j < shape.mentors;
		     j += 1 + below(&random, 2 * stride - 1)) {
			column[n] = j;
			score[n++] = (int16_t)(shape.grid * below(&random, shape.scores));
			if (n - row[i] == shape.mentors / stride)
				break;
		}
		row[i + 1] = n;
	}
	return (struct match_problem) {
		.mentees = shape.mentees,
		.mentors = shape.mentors,
		.capacity = capacity,
		.row = row,
		.column = column,
		.score = score,
		.seed = shape.seed,
	};
}

void match_random_free(struct match_problem *problem)
{
	free((void *)(uintptr_t)problem->capacity);
	free((void *)(uintptr_t)problem->row);
	free((void *)(uintptr_t)problem->column);
	free((void *)(uintptr_t)problem->score);
}

/* Any bytes as a matching problem: it is refused, or solved, changed and proven. */
#include <stdlib.h>
#include <string.h>

#include "services/matching/solver/solver.h"

enum { SIDE = 12, PAIRS = SIDE * SIDE };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

struct reader {
	const uint8_t *bytes;
	size_t left;
};

static void take(struct reader *reader, void *into, size_t size)
{
	size_t n = size < reader->left ? size : reader->left;

	memset(into, 0, size);
	memcpy(into, reader->bytes, n);
	reader->bytes += n;
	reader->left -= n;
}

/* Mostly small, now and then anything. */
static int32_t number(struct reader *reader, int32_t end)
{
	uint8_t byte;
	int32_t any;

	take(reader, &byte, 1);
	if (byte < 250)
		return byte % end;
	take(reader, &any, sizeof any);
	return any;
}

struct arrays {
	int32_t capacity[SIDE], column[PAIRS], stay[SIDE];
	int64_t row[SIDE + 1];
	int16_t score[PAIRS];
	struct match_pair locks[2], forbidden[4];
};

/* Every number may be wrong; only the arrays are as long as their sizes say. */
static struct match_problem any_problem(struct reader *reader, struct arrays *arrays)
{
	struct match_problem problem = {
		.mentees = number(reader, SIDE) % (SIDE + 1),
		.mentors = number(reader, SIDE) % (SIDE + 1),
		.capacity = arrays->capacity,
		.row = arrays->row,
		.column = arrays->column,
		.score = arrays->score,
		.objective = (enum match_objective)(number(reader, 4) & 3),
		.min_score = (int16_t)number(reader, 8),
		.stay = arrays->stay,
		.stay_bonus = (int16_t)number(reader, 90),
		.locks = arrays->locks,
		.n_locks = (size_t)number(reader, 3) % 3,
		.forbidden = arrays->forbidden,
		.n_forbidden = (size_t)number(reader, 5) % 5,
		.seed = (uint64_t)number(reader, 100),
	};

	take(reader, arrays->locks, sizeof arrays->locks);
	take(reader, arrays->forbidden, sizeof arrays->forbidden);
	for (int32_t k = 0; k < SIDE; k++) {
		arrays->capacity[k] = number(reader, 5);
		arrays->stay[k] = (int32_t)((uint32_t)number(reader, SIDE) - 1);
		arrays->row[k + 1] = arrays->row[k] + number(reader, SIDE);
		if (arrays->row[k + 1] < arrays->row[k] || arrays->row[k + 1] > PAIRS)
			arrays->row[k + 1] = PAIRS;
	}
	for (int32_t k = 0; k < PAIRS; k++) {
		arrays->column[k] = number(reader, SIDE);
		arrays->score[k] = (int16_t)number(reader, 200);
	}
	return problem;
}

static bool change(struct matcher *matcher, struct reader *reader)
{
	int32_t mentee = number(reader, SIDE), mentor = number(reader, SIDE), column[] = { mentor };
	int16_t score[] = { (int16_t)number(reader, 200) };
	struct match_force_cost cost;

	switch (number(reader, 8) & 7) {
	case 0:
		return matcher_forbid(matcher, mentee, mentor);
	case 1:
		return matcher_allow(matcher, mentee, mentor);
	case 2:
		return matcher_force(matcher, mentee, mentor);
	case 3:
		return matcher_unlock(matcher, mentee);
	case 4:
		return matcher_leave(matcher, mentee);
	case 5:
		return matcher_join(matcher, mentee, 1, column, score);
	case 6:
		return matcher_set_capacity(matcher, mentor, number(reader, 4));
	default:
		return matcher_force_cost(matcher, mentee, mentor, &cost);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct reader reader = { bytes, len };
	struct arrays arrays = { 0 };
	struct match_problem problem = any_problem(&reader, &arrays);
	struct match_failure failure;
	struct matcher *matcher = matcher_new(&problem, &failure);

	if (!matcher)
		return 0;
	if (!matcher_solve(matcher, &failure))
		abort();
	while (reader.left > 0) {
		(void)!change(matcher, &reader);
		if (!matcher_check(matcher, true, NULL))
			abort();
	}
	matcher_free(matcher);
	return 0;
}

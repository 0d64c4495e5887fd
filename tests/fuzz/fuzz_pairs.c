/*
 * Any bytes as a small problem of pairs, with numbers out of range among them: refused, or solved with what was promised. Stable
 * matchings have no blocking pair, mentees with several mentors a proof, circles their sizes.
 */
#include <stdlib.h>

#include "services/matching/solver/circle.h"
#include "services/matching/solver/stable.h"

enum { MOST = 12, PAIRS_MOST = 64 };

struct bytes {
	const uint8_t *at, *end;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int next(struct bytes *bytes)
{
	return bytes->at < bytes->end ? *bytes->at++ : 0;
}

struct drawn {
	struct match_problem problem;
	int32_t capacity[MOST], column[PAIRS_MOST], stay[MOST], wanted[MOST];
	bool served[MOST];
	int64_t row[MOST + 1];
	int16_t score[PAIRS_MOST];
	struct match_pair locks[2], forbidden[2];
};

/* Within range for the most part. */
static int32_t person(struct bytes *bytes, int32_t n)
{
	int number = next(bytes);

	return number == 255 ? -1 : number == 254 ? n : number % (n ? n : 1);
}

/* Each mentor once in a row, as the header asks. */
static void draw_rows(struct bytes *bytes, struct drawn *drawn)
{
	struct match_problem *problem = &drawn->problem;
	int64_t n = 0;

	for (int32_t i = 0; i < problem->mentees; i++) {
		uint32_t mask = (uint32_t)next(bytes);

		for (int32_t j = 0; j < problem->mentors && n < PAIRS_MOST; j++)
			if (mask >> j & 1) {
				drawn->column[n] = j;
				drawn->score[n++] =
					(int16_t)(next(bytes) == 255 ? -1 : next(bytes) * 4);
			}
		drawn->row[i + 1] = n;
	}
}

static void draw(struct bytes *bytes, struct drawn *drawn)
{
	struct match_problem *problem = &drawn->problem;

	*problem = (struct match_problem) { .mentees = next(bytes) % MOST,
					    .mentors = next(bytes) % 8,
					    .capacity = drawn->capacity,
					    .row = drawn->row,
					    .column = drawn->column,
					    .score = drawn->score,
					    .stay = drawn->stay,
					    .locks = drawn->locks,
					    .forbidden = drawn->forbidden };
	problem->seed = (uint64_t)next(bytes);
	problem->min_score = (int16_t)next(bytes);
	problem->stay_bonus = (int16_t)(next(bytes) % 32);
	problem->n_locks = (size_t)next(bytes) % 3;
	problem->n_forbidden = (size_t)next(bytes) % 3;
	for (int k = 0; k < 2; k++) {
		drawn->locks[k] = (struct match_pair) { person(bytes, problem->mentees),
							person(bytes, problem->mentors) };
		drawn->forbidden[k] = (struct match_pair) { person(bytes, problem->mentees),
							    person(bytes, problem->mentors) };
	}
	for (int32_t j = 0; j < problem->mentors; j++)
		drawn->capacity[j] = next(bytes) % 6 - (next(bytes) == 255);
	for (int32_t i = 0; i < problem->mentees; i++) {
		drawn->stay[i] = person(bytes, problem->mentors);
		drawn->wanted[i] = next(bytes) % 4;
		drawn->served[i] = next(bytes) % 4 == 0;
	}
	draw_rows(bytes, drawn);
}

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static void try_stable(const struct drawn *drawn)
{
	int32_t partner[MOST];
	struct match_failure failure;

	for (int side = 0; side < 2; side++)
		if (stable_match(&drawn->problem, (enum stable_side)side, partner, &failure))
			demand(stable_blocking(&drawn->problem, partner, NULL, 0) == 0);
}

static void try_several(const struct drawn *drawn, bool most_first)
{
	struct several_problem problem = { .pairs = drawn->problem,
					   .wanted = drawn->wanted,
					   .served = drawn->served,
					   .most_first = most_first };
	struct several_solution solution;
	struct match_failure failure;

	if (!several_match(&problem, &solution, &failure))
		return;
	demand(several_check(&problem, &solution, NULL));
	several_free(&solution);
}

static void try_circles(const struct drawn *drawn, int least, int most, int each)
{
	struct circle_problem problem = { drawn->problem, least, most, each };
	struct circle_solution solution;
	struct match_failure failure;
	int members[MOST] = { 0 };

	if (!circle_match(&problem, &solution, &failure))
		return;
	demand(solution.total <= solution.bound);
	for (int32_t i = 0; i < drawn->problem.mentees; i++)
		if (solution.circle_of[i] >= 0)
			members[solution.circle_of[i]]++;
	for (int32_t c = 0; c < solution.circles; c++)
		demand(members[c] >= least && members[c] <= most);
	circle_free(&solution);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes bytes = { data, data + size };
	struct drawn drawn = { 0 };
	int most_first, least, most, each;

	draw(&bytes, &drawn);
	most_first = next(&bytes) % 2;
	least = next(&bytes) % 5;
	most = next(&bytes) % 8;
	each = next(&bytes) % 6;
	try_stable(&drawn);
	try_several(&drawn, most_first);
	try_circles(&drawn, least, most, each);
	return 0;
}

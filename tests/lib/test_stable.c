/* Stable matchings against every matching there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/matching/solver/rows.h"
#include "services/matching/solver/stable.h"
#include "small_match.h"

enum { INSTANCES = 9000, MENTEES = 5, MENTORS = 4 };

struct ground {
	struct small_match small;
	int32_t mentee_rank[SMALL_MENTEES], mentor_rank[SMALL_MENTORS];
	int32_t mentee_offset[SMALL_MENTEES], mentor_offset[SMALL_MENTORS];
	int32_t lock[SMALL_MENTEES], load[SMALL_MENTORS];
	int32_t found;					   /* stable matchings */
	int32_t best[SMALL_MENTEES], worst[SMALL_MENTEES]; /* of each mentee's mentors in them */
};

/* How a mentee sees a mentor: greater is better; nobody is 0. */
static int32_t liking(const struct ground *ground, int32_t mentee, int32_t mentor)
{
	if (mentor == MATCH_NOBODY)
		return 0;
	return (small_worth(&ground->small, mentee, mentor) + 1) * 100 -
	       (ground->mentee_offset[mentee] + ground->mentor_rank[mentor]) %
		       ground->small.problem.mentors;
}

static int32_t liking_of_mentor(const struct ground *ground, int32_t mentor, int32_t mentee)
{
	return (small_worth(&ground->small, mentee, mentor) + 1) * 100 -
	       (ground->mentee_rank[mentee] + ground->mentor_offset[mentor]) %
		       ground->small.problem.mentees;
}

/* Whether the mentor would take the mentee: a free place, or somebody without a lock whom they like less. */
static bool would_take(const struct ground *ground, const int32_t *partner, int32_t mentor,
		       int32_t mentee)
{
	if (ground->load[mentor] < ground->small.capacity[mentor])
		return true;
	for (int32_t i = 0; i < ground->small.problem.mentees; i++)
		if (partner[i] == mentor &&
		    ground->lock[i] == MATCH_NOBODY &&
		    liking_of_mentor(ground, mentor, mentee) > liking_of_mentor(ground, mentor, i))
			return true;
	return false;
}

static bool is_stable(const struct ground *ground, const int32_t *partner)
{
	const struct match_problem *problem = &ground->small.problem;

	for (int32_t i = 0; i < problem->mentees; i++)
		for (int32_t j = 0; j < problem->mentors; j++)
			if (ground->lock[i] == MATCH_NOBODY &&
			    small_worth(&ground->small, i, j) >= 0 &&
			    liking(ground, i, j) > liking(ground, i, partner[i]) &&
			    would_take(ground, partner, j, i))
				return false;
	return true;
}

static void note(struct ground *ground, const int32_t *partner)
{
	if (!is_stable(ground, partner))
		return;
	for (int32_t i = 0; i < ground->small.problem.mentees; i++) {
		if (!ground->found ||
		    liking(ground, i, partner[i]) > liking(ground, i, ground->best[i]))
			ground->best[i] = partner[i];
		if (!ground->found ||
		    liking(ground, i, partner[i]) < liking(ground, i, ground->worst[i]))
			ground->worst[i] = partner[i];
	}
	ground->found++;
}

static void try_all(struct ground *ground, int32_t *partner, int32_t mentee)
{
	const struct match_problem *problem = &ground->small.problem;

	if (mentee == problem->mentees) {
		note(ground, partner);
		return;
	}
	partner[mentee] = ground->lock[mentee];
	try_all(ground, partner, mentee + 1);
	if (ground->lock[mentee] != MATCH_NOBODY)
		return;
	for (int32_t j = 0; j < problem->mentors; j++) {
		if (small_worth(&ground->small, mentee, j) < 0 ||
		    ground->load[j] >= ground->small.capacity[j])
			continue;
		partner[mentee] = j;
		ground->load[j]++;
		try_all(ground, partner, mentee + 1);
		ground->load[j]--;
	}
	partner[mentee] = MATCH_NOBODY;
}

static void prepare(struct ground *ground, uint64_t seed)
{
	const struct match_problem *problem = &ground->small.problem;
	int32_t partner[SMALL_MENTEES];

	memset(ground, 0, sizeof *ground);
	small_fill(&ground->small, seed, MENTEES, MENTORS,
		   seed % 3 ? 2 * (int32_t)(seed % 3) - 2 : 500);
	if (seed % 2)
		small_complicate(&ground->small);
	draw_order(problem->seed, 1, problem->mentees, ground->mentee_rank);
	draw_order(problem->seed, 2, problem->mentors, ground->mentor_rank);
	draw_order(problem->seed, 3, problem->mentees, ground->mentee_offset);
	draw_order(problem->seed, 4, problem->mentors, ground->mentor_offset);
	for (int32_t i = 0; i < problem->mentees; i++)
		ground->lock[i] = MATCH_NOBODY;
	for (size_t k = 0; k < problem->n_locks; k++) {
		ground->lock[problem->locks[k].mentee] = problem->locks[k].mentor;
		ground->load[problem->locks[k].mentor]++;
	}
	try_all(ground, partner, 0);
	assert_true(ground->found > 0);
}

static void test_each_side_gets_its_best_stable_matching(void **state)
{
	struct ground *ground = calloc(1, sizeof *ground);
	int32_t partner[SMALL_MENTEES], several = 0;
	struct match_failure failure;

	(void)state;
	for (uint64_t seed = 1; seed <= INSTANCES; seed++) {
		size_t bytes;

		prepare(ground, seed);
		bytes = (size_t)ground->small.problem.mentees * sizeof *partner;
		assert_true(stable_match(&ground->small.problem, STABLE_FOR_MENTEES, partner,
					 &failure));
		assert_memory_equal(partner, ground->best, bytes);
		assert_int_equal(stable_blocking(&ground->small.problem, partner, NULL, 0), 0);
		assert_true(stable_match(&ground->small.problem, STABLE_FOR_MENTORS, partner,
					 &failure));
		assert_memory_equal(partner, ground->worst, bytes);
		assert_int_equal(stable_blocking(&ground->small.problem, partner, NULL, 0), 0);
		several += ground->found > 1;
	}
	assert_true(several > 10);
	free(ground);
}

/* Strictly better for both, by worth alone. */
static int64_t count_blocking(const struct ground *ground, const int32_t *partner,
			      struct match_pair *pairs)
{
	const struct match_problem *problem = &ground->small.problem;
	int32_t load[SMALL_MENTORS] = { 0 };
	int64_t n = 0;

	for (int32_t i = 0; i < problem->mentees; i++)
		if (partner[i] != MATCH_NOBODY)
			load[partner[i]]++;
	for (int32_t i = 0; i < problem->mentees; i++)
		for (int32_t j = 0; j < problem->mentors; j++) {
			int32_t worth = small_worth(&ground->small, i, j);
			bool wanted = load[j] < ground->small.capacity[j];

			if (ground->lock[i] != MATCH_NOBODY || worth < 0 || partner[i] == j)
				continue;
			for (int32_t k = 0; k < problem->mentees; k++)
				wanted |= partner[k] == j &&
					  ground->lock[k] == MATCH_NOBODY &&
					  small_worth(&ground->small, k, j) < worth;
			if (wanted && (partner[i] == MATCH_NOBODY ||
				       small_worth(&ground->small, i, partner[i]) < worth))
				pairs[n++] = (struct match_pair) { i, j };
		}
	return n;
}

static void test_blocking_pairs_are_those_that_would_rather_have_each_other(void **state)
{
	struct ground *ground = calloc(1, sizeof *ground);
	struct match_pair expected[SMALL_MENTEES * SMALL_MENTORS],
		told[SMALL_MENTEES * SMALL_MENTORS];
	int64_t all = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= INSTANCES; seed++) {
		struct match_failure failure;
		struct match_solution solution;
		struct matcher *matcher;
		int64_t n;

		prepare(ground, seed);
		matcher = matcher_new(&ground->small.problem, &failure);
		assert_non_null(matcher);
		assert_true(matcher_solve(matcher, &failure));
		matcher_solution(matcher, &solution);
		n = count_blocking(ground, solution.partner, expected);
		assert_int_equal(stable_blocking(&ground->small.problem, solution.partner, told,
						 sizeof told / sizeof *told),
				 n);
		assert_memory_equal(told, expected, (size_t)n * sizeof *told);
		all += n;
		matcher_free(matcher);
	}
	assert_true(all > 100);
	free(ground);
}

static void test_impossible_problems_are_refused(void **state)
{
	const int32_t capacity[2] = { 1, 1 };
	const int64_t row[3] = { 0, 1, 2 };
	const int32_t column[2] = { 0, 2 };
	const int16_t score[2] = { 5, 5 };
	const struct match_pair locks[2] = { { 0, 1 }, { 1, 1 } };
	struct match_problem problem = { .mentees = 2,
					 .mentors = 2,
					 .capacity = capacity,
					 .row = row,
					 .column = column,
					 .score = score };
	struct match_failure failure;
	int32_t partner[2];

	(void)state;
	assert_false(stable_match(&problem, STABLE_FOR_MENTEES, partner, &failure));
	assert_int_equal(failure.code, MATCH_BAD_PAIR);
	assert_int_equal(failure.mentee, 1);
	problem.mentees = 1;
	problem.locks = locks;
	problem.n_locks = 2;
	assert_false(stable_match(&problem, STABLE_FOR_MENTEES, partner, &failure));
	assert_int_equal(failure.code, MATCH_BAD_PAIR);
	problem.mentees = 2;
	problem.mentors = 3;
	assert_int_equal(
		stable_blocking(&(struct match_problem) { .mentees = -1 }, partner, NULL, 0), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_side_gets_its_best_stable_matching),
		cmocka_unit_test(test_blocking_pairs_are_those_that_would_rather_have_each_other),
		cmocka_unit_test(test_impossible_problems_are_refused),
	};

	return cmocka_run_group_tests_name("stable", tests, NULL, NULL);
}

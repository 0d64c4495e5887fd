/* Scores of pairs: every kind of criterion and rule against a slow oracle, on every path, with parts that sum to the score. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scoring_oracle.h"
#include "services/matching/scoring/plan.h"

#if defined(__SANITIZE_ADDRESS__)
enum { POOLS = 10 };
#else
enum { POOLS = 100 };
#endif

struct ground {
	struct arena *arena;
	struct oracle oracle;
};

static int open_ground(void **state)
{
	struct ground *ground = malloc(sizeof *ground);

	ground->arena = arena_new(SIZE_MAX);
	*state = ground;
	return 0;
}

static int close_ground(void **state)
{
	struct ground *ground = *state;

	arena_free(ground->arena);
	free(ground);
	return 0;
}

/* Sizes around those of tiles, and small ones. */
static uint32_t draw_mentors(struct oracle *oracle, uint64_t seed)
{
	oracle->random = seed * 77;
	return seed % 8 == 0 ? 500 + oracle_draw(oracle, 600) : 1 + oracle_draw(oracle, 60);
}

static struct plan *draw_plan(struct ground *ground, uint64_t seed)
{
	uint32_t mentors = draw_mentors(&ground->oracle, seed);

	arena_reset(ground->arena);
	oracle_fill(&ground->oracle, ground->arena, seed, 1 + (uint32_t)seed % 48, mentors);
	return plan_new(ground->arena, ground->oracle.pool, &ground->oracle.set);
}

static void compare_with_oracle(const struct oracle *oracle, const int16_t *scores)
{
	for (uint32_t mentee = 0; mentee < oracle->counts[SIDE_MENTEE]; mentee++)
		for (uint32_t mentor = 0; mentor < oracle->counts[SIDE_MENTOR]; mentor++)
			assert_int_equal(scores[mentee * oracle->counts[SIDE_MENTOR] + mentor],
					 oracle_score(oracle, mentee, mentor));
}

static void test_every_path_scores_as_the_oracle_does(void **state)
{
	struct ground *ground = *state;

	for (uint64_t seed = 1; seed <= POOLS; seed++) {
		struct plan *plan = draw_plan(ground, seed);
		uint32_t mentees = plan_mentees(plan), mentors = plan_mentors(plan);
		int16_t *scores =
			arena_alloc(ground->arena, (mentees + 1) * mentors * sizeof *scores);

		for (int path = SCORE_SCALAR; path <= SCORE_AVX512; path++) {
			if (!plan_take_path(plan, (enum score_path)path))
				continue;
			memset(scores, 0x55, mentees * mentors * sizeof *scores);
			score_rows(plan, 0, mentees, scores);
			compare_with_oracle(&ground->oracle, scores);
		}
	}
}

static void test_a_row_is_what_rows_say(void **state)
{
	struct ground *ground = *state;
	struct plan *plan = draw_plan(ground, 16);
	uint32_t mentors = plan_mentors(plan);
	int16_t *rows = arena_alloc(ground->arena, 4 * mentors * sizeof *rows);
	int16_t *row = arena_alloc(ground->arena, (mentors + 1) * sizeof *row);

	score_rows(plan, 2, 4, rows);
	for (uint32_t i = 0; i < 4; i++) {
		row[mentors] = 4711;
		score_row(plan, 2 + i, row);
		assert_memory_equal(row, rows + i * mentors, mentors * sizeof *row);
		assert_int_equal(row[mentors], 4711);
	}
}

/* Each part is its share of the score, cut or rounded up. */
static void check_shares(const struct explanation *explanation)
{
	int weights = 0;

	for (size_t i = 0; i < explanation->n_parts; i++)
		weights += explanation->parts[i].counts ? explanation->parts[i].weight : 0;
	for (size_t i = 0; weights && i < explanation->n_parts; i++) {
		const struct score_part *part = &explanation->parts[i];
		int share = part->counts ? part->weight * part->points : 0;

		assert_in_range(part->part, share / weights, (share + weights - 1) / weights);
	}
}

static void check_parts(const struct oracle *oracle, const struct explanation *explanation,
			uint32_t mentee, uint32_t mentor)
{
	int sum = 0;

	for (size_t i = 0; i < explanation->n_parts; i++) {
		const struct score_part *part = &explanation->parts[i];
		int points = oracle_points(oracle, &oracle->criteria[i], mentee, mentor);

		assert_int_equal(part->missing == MISSING_NONE, points >= 0);
		assert_int_equal(part->points, points > 0 ? points : 0);
		assert_true(part->part >= 0);
		if (!part->counts || !part->weight || !part->points)
			assert_int_equal(part->part, 0);
		sum += part->part;
	}
	assert_int_equal(sum, explanation->score);
	check_shares(explanation);
}

static bool reason_holds(const struct oracle *oracle, const struct explanation *explanation,
			 uint32_t mentee, uint32_t mentor)
{
	switch (explanation->refusal) {
	case REFUSED_EXCLUDED:
		return oracle->pairs[mentee][mentor].excluded;
	case REFUSED_SELF:
		return mentee == 3 && mentor == 5;
	case REFUSED_RULE:
		for (int i = 0; i < explanation->rule; i++)
			if (!oracle_rule_holds(oracle, &oracle->rules[i], mentee, mentor))
				return false;
		return !oracle_rule_holds(oracle, &oracle->rules[explanation->rule], mentee,
					  mentor);
	default:
		return explanation->score < oracle->set.min_score;
	}
}

static void test_the_parts_of_a_million_pairs_sum_to_their_scores(void **state)
{
	struct ground *ground = *state;
	struct arena *facts = arena_new(SIZE_MAX);
	uint32_t pairs = 0;

	for (uint64_t seed = 1; seed <= POOLS * 7; seed++) {
		struct plan *plan = draw_plan(ground, seed + 10000);

		for (uint32_t mentee = 0; mentee < plan_mentees(plan); mentee++)
			for (uint32_t mentor = 0; mentor < plan_mentors(plan); mentor++, pairs++) {
				int expected = oracle_score(&ground->oracle, mentee, mentor);
				struct explanation explanation;

				score_pair(facts, plan, mentee, mentor, &explanation);
				check_parts(&ground->oracle, &explanation, mentee, mentor);
				assert_int_equal(explanation.refusal == REFUSED_NOT, expected >= 0);
				if (expected >= 0)
					assert_int_equal(explanation.score, expected);
				else
					assert_true(reason_holds(&ground->oracle, &explanation,
								 mentee, mentor));
				arena_reset(facts);
			}
	}
	arena_free(facts);
	assert_true(pairs > POOLS * 2500);
}

static void test_refusals_are_counted_by_their_first_reason(void **state)
{
	struct ground *ground = *state;

	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct plan *plan = draw_plan(ground, seed * 8);
		uint32_t counts[REFUSALS] = { 0 }, by_rule[RULES_MOST] = { 0 };
		struct refusal_counts counted;

		for (uint32_t mentor = 0; mentor < plan_mentors(plan); mentor++) {
			struct explanation explanation;

			score_pair(ground->arena, plan, 0, mentor, &explanation);
			counts[explanation.refusal]++;
			if (explanation.refusal == REFUSED_RULE)
				by_rule[explanation.rule]++;
		}
		score_refusals(plan, 0, &counted);
		assert_memory_equal(counted.by, counts, sizeof counts);
		assert_memory_equal(counted.by_rule, by_rule, sizeof by_rule);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_path_scores_as_the_oracle_does),
		cmocka_unit_test(test_a_row_is_what_rows_say),
		cmocka_unit_test(test_the_parts_of_a_million_pairs_sum_to_their_scores),
		cmocka_unit_test(test_refusals_are_counted_by_their_first_reason),
	};

	return cmocka_run_group_tests_name("scoring", tests, open_ground, close_ground);
}

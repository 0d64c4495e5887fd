/* The solver by what it promises: optima, proofs, changes, reasons, refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "match_model.h"
#include "match_oracle.h"
#include "match_random.h"
#include "services/matching/solver/inner.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static struct matcher *solved_with(const struct match_problem *problem, enum scan_kind kind)
{
	struct match_failure failure;
	struct matcher *matcher = matcher_new(problem, &failure);

	assert_non_null(matcher);
	matcher->scanner = scanner_of(kind);
	assert_true(matcher_solve(matcher, &failure));
	return matcher;
}

static struct matcher *solved(const struct match_problem *problem)
{
	return solved_with(problem, SCAN_BEST);
}

static struct match_solution solution_of(struct matcher *matcher)
{
	struct match_solution solution;

	matcher_solution(matcher, &solution);
	return solution;
}

static enum match_code refusal_of(const struct match_problem *problem,
				  struct match_failure *failure)
{
	struct matcher *matcher = matcher_new(problem, failure);

	assert_null(matcher);
	matcher_free(matcher);
	return failure->code;
}

/* Two mentors with a place each; both mentees want the first more. */
static const int32_t small_capacity[] = { 1, 1 };
static const int64_t small_row[] = { 0, 2, 4 };
static const int32_t small_column[] = { 0, 1, 0, 1 };
static const int16_t small_score[] = { 90, 80, 70, 20 };

static struct match_problem small_problem(void)
{
	return (struct match_problem) {
		.mentees = 2,
		.mentors = 2,
		.capacity = small_capacity,
		.row = small_row,
		.column = small_column,
		.score = small_score,
	};
}

static void test_every_choice_of_ten_thousand_tiny_problems_is_no_better(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 10000; seed++) {
		const char *wrong = match_oracle(seed);

		if (wrong)
			fail_msg("seed %llu: %s", (unsigned long long)seed, wrong);
	}
}

static void everybody_with_everybody(int32_t mentees, int32_t mentors, int64_t **row,
				     int32_t **column, int16_t **score)
{
	*row = calloc((size_t)mentees + 1, sizeof **row);
	*column = calloc((size_t)mentees * (size_t)mentors, sizeof **column);
	*score = calloc((size_t)mentees * (size_t)mentors, sizeof **score);
	for (int32_t i = 0; i < mentees; i++) {
		(*row)[i + 1] = (int64_t)mentors * (i + 1);
		for (int32_t j = 0; j < mentors; j++)
			(*column)[(*row)[i] + j] = j;
	}
}

/* OR-Library: minimum cost; a cost of c is a score of 100 - c, and everybody is matched. */
static int64_t assignment_cost(const char *path, int32_t *n)
{
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%d", n), 1);

	size_t people = (size_t)*n;
	int32_t *capacity = calloc(people, sizeof *capacity), *column;
	int64_t *row;
	int16_t *score;

	everybody_with_everybody(*n, *n, &row, &column, &score);

	for (size_t i = 0; i < people; i++) {
		capacity[i] = 1;
		for (size_t j = 0; j < people; j++) {
			int cost;

			assert_int_equal(fscanf(file, "%d", &cost), 1);
			score[i * people + j] = (int16_t)(100 - cost);
		}
	}
	fclose(file);

	struct match_problem problem = {
		.mentees = *n,
		.mentors = *n,
		.capacity = capacity,
		.row = row,
		.column = column,
		.score = score,
	};
	struct matcher *matcher = solved(&problem);
	struct match_solution solution = solution_of(matcher);

	assert_int_equal(solution.matched, *n);
	assert_true(solution_check(&problem, &solution, NULL));
	matcher_free(matcher);
	match_random_free(&problem);
	return 100 * (int64_t)*n - solution.total;
}

static void test_the_or_librarys_assignments_cost_what_is_known(void **state)
{
	int32_t n;

	(void)state;
	assert_int_equal(assignment_cost("tests/data/or-library/assign500.txt", &n), 991);
	assert_int_equal(assignment_cost("tests/data/or-library/assign600.txt", &n), 1176);
	assert_int_equal(assignment_cost("tests/data/or-library/assign700.txt", &n), 1362);
}

static const struct match_shape shapes[] = {
	{ 300, 80, 40, 5, 1001, 1, 1 },	 /* about balanced */
	{ 300, 40, 40, 3, 1001, 1, 2 },	 /* mentors are short, every pair */
	{ 400, 200, 20, 6, 1001, 1, 3 }, /* ample */
	{ 500, 120, 30, 4, 21, 50, 4 },	 /* ties on a grid */
	{ 500, 120, 30, 4, 3, 1, 5 },	 /* hardly anything but ties */
	{ 200, 60, 200, 2, 1, 7, 6 },	 /* no score at all */
	{ 1000, 300, 12, 2, 900, 1, 7 }, /* sparse and short */
};

static void assert_same_bytes(const struct match_problem *problem, const struct match_solution *a,
			      const struct match_solution *b)
{
	size_t mentees = (size_t)problem->mentees, mentors = (size_t)problem->mentors;

	assert_memory_equal(a->partner, b->partner, mentees * sizeof *a->partner);
	assert_memory_equal(a->surplus, b->surplus, mentees * sizeof *a->surplus);
	assert_memory_equal(a->price, b->price, mentors * sizeof *a->price);
	assert_int_equal(a->total, b->total);
	assert_int_equal(a->worth, b->worth);
}

static void test_every_kind_of_processor_gives_the_same_bytes(void **state)
{
	static const enum scan_kind kinds[] = { SCAN_AVX2, SCAN_AVX512 };

	(void)state;
	for (size_t s = 0; s < LENGTH(shapes); s++)
		for (int objective = 0; objective < 4; objective++) {
			struct match_problem problem = match_random(shapes[s]);

			problem.objective = (enum match_objective)objective;
			problem.threads = 1 + objective % 2;

			struct matcher *plain = solved_with(&problem, SCAN_SCALAR);
			struct match_solution wanted = solution_of(plain);

			for (size_t k = 0; k < LENGTH(kinds); k++) {
				if (!scanner_of(kinds[k]))
					continue;
				struct matcher *other = solved_with(&problem, kinds[k]);
				struct match_solution found = solution_of(other);

				assert_same_bytes(&problem, &wanted, &found);
				matcher_free(other);
			}
			matcher_free(plain);
			match_random_free(&problem);
		}
}

static void test_every_kind_of_processor_finds_the_same_scores(void **state)
{
	uint64_t random = 7;
	int16_t score[SCAN_SCORES];

	(void)state;
	for (int round = 0; round < 1000; round++) {
		int16_t bar = (int16_t)(model_next(&random) % 1001);

		for (int k = 0; k < SCAN_SCORES; k++)
			score[k] = (int16_t)((int32_t)(model_next(&random) >> 40) % 1002 - 1);
		score[round % SCAN_SCORES] = bar;
		for (enum scan_kind kind = SCAN_AVX2; kind <= SCAN_AVX512; kind++)
			if (scanner_of(kind))
				assert_int_equal(scanner_of(kind)->above(score, bar),
						 scanner_of(SCAN_SCALAR)->above(score, bar));
	}
}

static void test_every_objective_proves_itself_and_no_changed_number_does(void **state)
{
	(void)state;
	for (size_t s = 0; s < LENGTH(shapes); s++)
		for (int objective = 0; objective < 4; objective++) {
			struct match_problem problem = match_random(shapes[s]);

			problem.objective = (enum match_objective)objective;

			struct matcher *matcher = solved(&problem);
			struct match_solution solution = solution_of(matcher);

			assert_true(solution_check(&problem, &solution, NULL));
			solution.price[3] += 1;
			assert_false(solution_check(&problem, &solution, NULL));
			solution.price[3] -= 1;
			solution.surplus[5] -= 1;
			assert_false(solution_check(&problem, &solution, NULL));
			solution.surplus[5] += 1;
			solution.worth += 1;
			assert_false(solution_check(&problem, &solution, NULL));
			matcher_free(matcher);
			match_random_free(&problem);
		}
}

static void test_the_number_of_threads_changes_nothing(void **state)
{
	struct match_problem problem =
		match_random((struct match_shape) { 9000, 2500, 20, 4, 1001, 1, 8 });
	struct matcher *one, *four;
	struct match_solution a, b;

	(void)state;
	problem.threads = 1;
	one = solved(&problem);
	problem.threads = 4;
	four = solved(&problem);
	a = solution_of(one);
	b = solution_of(four);
	assert_same_bytes(&problem, &a, &b);
	matcher_free(one);
	matcher_free(four);
	match_random_free(&problem);
}

static void test_a_tie_is_broken_by_the_seed(void **state)
{
	struct match_problem problem =
		match_random((struct match_shape) { 40, 10, 10, 2, 1, 0, 9 });
	struct matcher *first, *again, *other;
	struct match_solution a, b, c;

	(void)state;
	problem.seed = 1;
	first = solved(&problem);
	again = solved(&problem);
	problem.seed = 2;
	other = solved(&problem);
	a = solution_of(first);
	b = solution_of(again);
	c = solution_of(other);
	assert_same_bytes(&problem, &a, &b);
	assert_memory_not_equal(a.partner, c.partner, 40 * sizeof *a.partner);
	assert_int_equal(a.matched, c.matched);
	matcher_free(first);
	matcher_free(again);
	matcher_free(other);
	match_random_free(&problem);
}

static void test_who_is_matched_most_comes_before_the_sum(void **state)
{
	/* The first mentor alone is worth more than both, were a mentee left out. */
	const int32_t capacity[] = { 1, 1 }, column[] = { 0, 1, 0 };
	const int64_t row[] = { 0, 2, 3 };
	const int16_t score[] = { 900, 0, 1 };
	struct match_problem problem = {
		.mentees = 2,
		.mentors = 2,
		.capacity = capacity,
		.row = row,
		.column = column,
		.score = score,
	};
	struct matcher *most = solved(&problem), *total;

	(void)state;
	problem.objective = MATCH_TOTAL;
	total = solved(&problem);
	assert_int_equal(matcher_matched(most), 2);
	assert_int_equal(matcher_total(most), 1);
	assert_int_equal(matcher_total(total), 900);
	matcher_free(most);
	matcher_free(total);
}

static void test_a_price_tells_what_a_favourite_lost_by(void **state)
{
	struct match_problem problem = small_problem();
	struct matcher *matcher;
	struct match_pair_view view;
	struct match_force_cost cost;

	(void)state;
	problem.objective = MATCH_TOTAL;
	matcher = solved(&problem);
	assert_int_equal(matcher_partner(matcher, 0), 1);
	assert_int_equal(matcher_partner(matcher, 1), 0);
	assert_int_equal(matcher_total(matcher), 150);
	assert_true(matcher_price_of(matcher, 0) >= 10);
	assert_true(matcher_pair(matcher, 0, 0, &view));
	assert_int_equal(view.score, 90);
	assert_true(matcher_force_cost(matcher, 0, 0, &cost));
	assert_int_equal(cost.points, 40);
	assert_int_equal(cost.moves, 1);
	assert_true(view.reduced_cost <= cost.points);
	matcher_free(matcher);
}

static void test_a_decline_leads_to_the_next_best_and_tells_who_moves(void **state)
{
	struct match_problem problem = small_problem();
	struct matcher *matcher = solved(&problem);
	const struct match_move *moves;
	size_t n;

	(void)state;
	assert_true(matcher_forbid(matcher, 1, 0));
	moves = matcher_moves(matcher, &n);
	assert_int_equal(n, 2);
	assert_int_equal(moves[0].to + moves[1].to, 1);
	assert_int_equal(matcher_partner(matcher, 0), 0);
	assert_int_equal(matcher_partner(matcher, 1), 1);
	assert_int_equal(matcher_total(matcher), 110);
	assert_true(matcher_check(matcher, true, NULL));
	matcher_free(matcher);
}

static void test_who_stays_unmatched_is_told_why(void **state)
{
	const int32_t capacity[] = { 1, 0, 1 }, column[] = { 0, 0, 1, 2 };
	const int64_t row[] = { 0, 1, 2, 3, 3, 4 };
	const int16_t score[] = { 50, 40, 90, 10 };
	struct match_problem problem = {
		.mentees = 5,
		.mentors = 3,
		.capacity = capacity,
		.row = row,
		.column = column,
		.score = score,
	};
	struct matcher *matcher;
	int32_t nearest, missed_by;

	(void)state;
	problem.min_score = 20;
	matcher = solved(&problem);
	assert_int_equal(matcher_reason(matcher, 0, NULL, NULL), MATCH_REASON_MATCHED);
	assert_int_equal(matcher_reason(matcher, 1, &nearest, &missed_by),
			 MATCH_REASON_LOST_AT_PRICE);
	assert_int_equal(nearest, 0);
	assert_in_range(missed_by, 0, 10);
	assert_int_equal(matcher_reason(matcher, 2, NULL, NULL), MATCH_REASON_NO_CAPACITY);
	assert_int_equal(matcher_reason(matcher, 3, NULL, NULL), MATCH_REASON_NO_PAIR);
	assert_int_equal(matcher_reason(matcher, 4, NULL, NULL), MATCH_REASON_BELOW_MIN);
	assert_true(matcher_leave(matcher, 4));
	assert_int_equal(matcher_reason(matcher, 4, NULL, NULL), MATCH_REASON_GONE);
	matcher_free(matcher);
}

static void test_locks_that_cannot_be_are_refused_with_the_pair(void **state)
{
	const struct match_pair both[] = { { 0, 0 }, { 1, 0 } }, twice[] = { { 0, 0 }, { 0, 1 } };
	struct match_problem problem = small_problem();
	struct match_failure failure;

	(void)state;
	problem.locks = both;
	problem.n_locks = 2;
	assert_int_equal(refusal_of(&problem, &failure), MATCH_LOCKS_EXCEED);
	assert_int_equal(failure.mentor, 0);
	problem.locks = twice;
	assert_int_equal(refusal_of(&problem, &failure), MATCH_LOCKED_TWICE);
	assert_int_equal(failure.mentee, 0);
	problem.forbidden = twice;
	problem.n_forbidden = problem.n_locks = 1;
	assert_int_equal(refusal_of(&problem, &failure), MATCH_LOCK_FORBIDDEN);
}

static void test_numbers_out_of_range_are_refused_where_they_are(void **state)
{
	const int16_t negative[] = { 90, -1, 70, 20 }, large[] = { 90, 80, 70, 4096 };
	const int32_t stranger[] = { 0, 1, 0, 2 }, twice[] = { 0, 1, 1, 1 };
	struct match_problem problem = small_problem();
	struct match_failure failure;

	(void)state;
	problem.score = negative;
	assert_int_equal(refusal_of(&problem, &failure), MATCH_BAD_PAIR);
	assert_int_equal(failure.mentor, 1);
	problem.score = large;
	assert_int_equal(refusal_of(&problem, &failure), MATCH_BAD_PAIR);
	assert_int_equal(failure.mentee, 1);
	problem.score = small_score;
	problem.column = stranger;
	assert_int_equal(refusal_of(&problem, &failure), MATCH_BAD_PAIR);
	problem.column = twice;
	assert_int_equal(refusal_of(&problem, &failure), MATCH_BAD_PAIR);
	assert_int_equal(failure.mentee, 1);
	assert_int_equal(failure.mentor, 1);
}

static void test_an_empty_side_is_a_solved_problem(void **state)
{
	const int64_t row[3] = { 0 };
	struct match_problem nobody = {
		.mentees = 0, .mentors = 2, .capacity = small_capacity, .row = row
	};
	struct match_problem no_mentor = { .mentees = 2, .mentors = 0, .row = row };
	struct matcher *one = solved(&nobody), *other = solved(&no_mentor);

	(void)state;
	assert_int_equal(matcher_matched(one), 0);
	assert_int_equal(matcher_matched(other), 0);
	assert_int_equal(matcher_reason(other, 1, NULL, NULL), MATCH_REASON_NO_PAIR);
	matcher_free(one);
	matcher_free(other);
}

/* As many people as fit the sums, all with the greatest worth: every bound in inner.h is reached from below. */
static void test_the_largest_sums_fit(void **state)
{
	const int32_t mentees = 260000, mentors = 2;
	int32_t capacity[] = { 100000, 60000 };
	int64_t *row;
	int32_t *column;
	int16_t *score;

	(void)state;
	everybody_with_everybody(mentees, mentors, &row, &column, &score);
	for (int32_t i = 0; i < mentees; i++) {
		score[2 * i] = MATCH_WORTH_MAX;
		score[2 * i + 1] = (int16_t)(MATCH_WORTH_MAX - i % 3);
	}

	struct match_problem problem = {
		.mentees = mentees,
		.mentors = mentors,
		.capacity = capacity,
		.row = row,
		.column = column,
		.score = score,
	};
	struct matcher *matcher = solved(&problem);
	struct match_solution solution = solution_of(matcher);

	assert_int_equal(solution.matched, 160000);
	assert_int_equal(solution.total, 160000ll * MATCH_WORTH_MAX);
	assert_true(solution_check(&problem, &solution, NULL));
	matcher_free(matcher);

	struct match_failure failure;

	problem.mentees = mentees + 10000;
	row = realloc(row, ((size_t)problem.mentees + 1) * sizeof *row);
	for (int32_t i = mentees; i < problem.mentees; i++)
		row[i + 1] = row[mentees];
	problem.row = row;
	assert_int_equal(refusal_of(&problem, &failure), MATCH_TOO_LARGE);
	problem.capacity = NULL;
	match_random_free(&problem);
}

struct dense {
	int32_t mentors;
	uint64_t seed;
	atomic_int asked;
};

static void dense_row(void *context, uint32_t mentee, int16_t *scores)
{
	struct dense *dense = context;
	uint64_t random = (dense->seed + mentee + 1) * 0x9E3779B97F4A7C15u;

	dense->asked++;
	for (int32_t j = 0; j < dense->mentors; j++)
		scores[j] =
			(int16_t)((int32_t)(model_next(&random) >> 40) % 400 - 20 + (j % 7) * 60);
	for (int32_t j = 0; j < dense->mentors; j++)
		scores[j] = scores[j] < 0 ? (int16_t)-1 : scores[j];
}

/* The same problem with all pairs stored. */
static struct match_problem stored(struct match_problem problem)
{
	size_t pairs = (size_t)problem.mentees * (size_t)problem.mentors;
	int64_t *row = calloc((size_t)problem.mentees + 1, sizeof *row), n = 0;
	int32_t *column = calloc(pairs, sizeof *column);
	int16_t *score = calloc(pairs, sizeof *score),
		*scores = calloc((size_t)problem.mentors, sizeof *scores);

	for (int32_t i = 0; i < problem.mentees; i++) {
		problem.score_row(problem.context, (uint32_t)i, scores);
		for (int32_t j = 0; j < problem.mentors; j++)
			if (scores[j] >= 0) {
				column[n] = j;
				score[n++] = scores[j];
			}
		row[i + 1] = n;
	}
	free(scores);
	problem.score_row = NULL;
	problem.row = row;
	problem.column = column;
	problem.score = score;
	return problem;
}

static void test_rows_on_demand_give_the_optimum_of_all_pairs(void **state)
{
	static const struct match_pair locks[] = { { 3, 250 }, { 9, 11 } };
	static const struct match_pair forbidden[] = { { 5, 6 }, { 7, 13 } };
	int32_t capacity[300], stay[700];

	(void)state;
	for (int32_t j = 0; j < 300; j++)
		capacity[j] = j % 4;
	for (int32_t i = 0; i < 700; i++)
		stay[i] = i % 5 ? MATCH_NOBODY : i % 300;
	for (int objective = 0; objective < 4; objective++) {
		struct dense dense = { .mentors = 300, .seed = (uint64_t)objective };
		struct match_problem problem = {
			.mentees = 700,
			.mentors = 300,
			.capacity = capacity,
			.score_row = dense_row,
			.context = &dense,
			.objective = (enum match_objective)objective,
			.stay = stay,
			.stay_bonus = 30,
			.min_score = 5,
			.locks = locks,
			.n_locks = 2,
			.forbidden = forbidden,
			.n_forbidden = 2,
			.threads = 2,
		};
		struct match_problem all = stored(problem);
		struct matcher *demanded = solved(&problem), *whole = solved(&all);
		struct match_solution a = solution_of(demanded), b = solution_of(whole);

		assert_int_equal(a.worth, b.worth);
		assert_int_equal(a.matched, b.matched);
		assert_int_equal(a.floor, b.floor);
		assert_true(a.rounds > 0);
		assert_true(solution_check(&all, &a, NULL));
		assert_true(matcher_check(demanded, true, NULL));
		matcher_free(demanded);
		matcher_free(whole);
		all.capacity = NULL;
		match_random_free(&all);
	}
}

static void test_after_a_change_all_pairs_are_priced_anew(void **state)
{
	int32_t capacity[300];
	struct dense dense = { .mentors = 300, .seed = 5 };
	struct match_problem problem = { .mentees = 700,
					 .mentors = 300,
					 .capacity = capacity,
					 .score_row = dense_row,
					 .context = &dense };
	struct match_failure failure;
	struct matcher *matcher;

	(void)state;
	for (int32_t j = 0; j < 300; j++)
		capacity[j] = 2;
	matcher = solved(&problem);
	for (int32_t j = 0; j < 300; j += 2)
		assert_true(matcher_set_capacity(matcher, j, 0));
	assert_true(matcher_price(matcher, &failure));
	assert_true(matcher_check(matcher, true, NULL));

	for (int32_t j = 0; j < 300; j += 2)
		capacity[j] = 0;

	struct matcher *anew = solved(&problem);

	assert_int_equal(matcher_total(matcher), matcher_total(anew));
	assert_int_equal(matcher_matched(matcher), matcher_matched(anew));
	matcher_free(anew);
	matcher_free(matcher);
}

static void test_after_a_decline_few_rows_are_asked_for(void **state)
{
	int32_t capacity[300];
	struct dense dense = { .mentors = 300, .seed = 6 };
	struct match_problem problem = { .mentees = 700,
					 .mentors = 300,
					 .capacity = capacity,
					 .score_row = dense_row,
					 .context = &dense };
	struct match_failure failure;
	struct matcher *matcher;

	(void)state;
	for (int32_t j = 0; j < 300; j++)
		capacity[j] = 3;
	matcher = solved(&problem);
	assert_true(matcher_forbid(matcher, 17, matcher_partner(matcher, 17)));
	atomic_store(&dense.asked, 0);
	assert_true(matcher_price(matcher, &failure));
	assert_true(dense.asked < 70);
	assert_true(matcher_check(matcher, true, NULL));
	matcher_free(matcher);
}

static void test_a_cancelled_run_says_so(void **state)
{
	struct match_progress progress = { 0 };
	struct match_problem problem = match_random(shapes[0]);
	struct match_failure failure;
	struct matcher *matcher;

	(void)state;
	problem.progress = &progress;
	matcher = matcher_new(&problem, &failure);
	assert_non_null(matcher);
	atomic_store(&progress.cancel, true);
	assert_false(matcher_solve(matcher, &failure));
	assert_int_equal(failure.code, MATCH_CANCELLED);
	assert_false(matcher_forbid(matcher, 0, 0));
	matcher_free(matcher);
	match_random_free(&problem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_choice_of_ten_thousand_tiny_problems_is_no_better),
		cmocka_unit_test(test_the_or_librarys_assignments_cost_what_is_known),
		cmocka_unit_test(test_every_kind_of_processor_gives_the_same_bytes),
		cmocka_unit_test(test_every_kind_of_processor_finds_the_same_scores),
		cmocka_unit_test(test_every_objective_proves_itself_and_no_changed_number_does),
		cmocka_unit_test(test_the_number_of_threads_changes_nothing),
		cmocka_unit_test(test_a_tie_is_broken_by_the_seed),
		cmocka_unit_test(test_who_is_matched_most_comes_before_the_sum),
		cmocka_unit_test(test_a_price_tells_what_a_favourite_lost_by),
		cmocka_unit_test(test_a_decline_leads_to_the_next_best_and_tells_who_moves),
		cmocka_unit_test(test_who_stays_unmatched_is_told_why),
		cmocka_unit_test(test_locks_that_cannot_be_are_refused_with_the_pair),
		cmocka_unit_test(test_numbers_out_of_range_are_refused_where_they_are),
		cmocka_unit_test(test_an_empty_side_is_a_solved_problem),
		cmocka_unit_test(test_the_largest_sums_fit),
		cmocka_unit_test(test_rows_on_demand_give_the_optimum_of_all_pairs),
		cmocka_unit_test(test_after_a_change_all_pairs_are_priced_anew),
		cmocka_unit_test(test_after_a_decline_few_rows_are_asked_for),
		cmocka_unit_test(test_a_cancelled_run_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

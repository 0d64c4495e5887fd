/* Mentees with several mentors, and circles, against every choice there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/matching/solver/circle.h"
#include "small_match.h"

enum { INSTANCES = 1500, MENTEES = 4, MENTORS = 4, CIRCLE_MENTEES = 6 };

/* The best of two objectives, one before the other. */
struct best {
	int64_t first, then;
};

static void keep_best(struct best *best, int64_t first, int64_t then)
{
	if (first > best->first || (first == best->first && then > best->then))
		*best = (struct best) { first, then };
}

struct several_ground {
	struct small_match small;
	struct several_problem problem;
	int32_t wanted[SMALL_MENTEES], left[SMALL_MENTORS];
	bool served[SMALL_MENTEES];
	struct best best;
};

static void choose_mentors(struct several_ground *ground, int32_t mentee, int64_t served,
			   int64_t total);

/* Each mentor in turn, taken or not. */
static void choose_from(struct several_ground *ground, int32_t mentee, int32_t mentor, int32_t n,
			int64_t served, int64_t total)
{
	int32_t worth;

	if (mentor == ground->small.problem.mentors) {
		choose_mentors(ground, mentee + 1, served + (n > 0 && !ground->served[mentee]),
			       total);
		return;
	}
	choose_from(ground, mentee, mentor + 1, n, served, total);
	worth = small_worth(&ground->small, mentee, mentor);
	if (worth < 0 || n == ground->wanted[mentee] || ground->left[mentor] == 0)
		return;
	ground->left[mentor]--;
	choose_from(ground, mentee, mentor + 1, n + 1, served, total + worth);
	ground->left[mentor]++;
}

static void choose_mentors(struct several_ground *ground, int32_t mentee, int64_t served,
			   int64_t total)
{
	if (mentee == ground->small.problem.mentees)
		keep_best(&ground->best, ground->problem.most_first ? served : 0, total);
	else
		choose_from(ground, mentee, 0, 0, served, total);
}

static void draw_several(struct several_ground *ground, uint64_t seed)
{
	small_fill(&ground->small, seed, MENTEES, MENTORS, seed % 2 ? 9 : 1000);
	ground->problem = (struct several_problem) { .pairs = ground->small.problem,
						     .wanted = ground->wanted,
						     .served = ground->served,
						     .most_first = seed % 3 };
	for (int32_t i = 0; i < ground->small.problem.mentees; i++) {
		ground->wanted[i] = (int32_t)small_draw(&ground->small, 4);
		ground->served[i] = small_draw(&ground->small, 4) == 0;
	}
	memcpy(ground->left, ground->small.capacity, sizeof ground->left);
	ground->best = (struct best) { 0, 0 };
	choose_mentors(ground, 0, 0, 0);
}

static int64_t count_served(const struct several_ground *ground,
			    const struct several_solution *solution)
{
	int64_t served = 0;

	for (int32_t i = 0; i < ground->small.problem.mentees; i++)
		served += solution->row[i + 1] > solution->row[i] && !ground->served[i];
	return served;
}

static void test_mentees_with_several_mentors_get_the_best_of_all_choices(void **state)
{
	struct several_ground *ground = calloc(1, sizeof *ground);

	(void)state;
	for (uint64_t seed = 1; seed <= INSTANCES; seed++) {
		struct several_solution solution;
		struct match_failure failure;

		draw_several(ground, seed);
		assert_true(several_match(&ground->problem, &solution, &failure));
		assert_int_equal(solution.total, ground->best.then);
		if (ground->problem.most_first)
			assert_int_equal(count_served(ground, &solution), ground->best.first);
		assert_true(several_check(&ground->problem, &solution, NULL));
		several_free(&solution);
	}
	free(ground);
}

static void test_a_changed_number_proves_nothing_about_several_mentors(void **state)
{
	struct several_ground *ground = calloc(1, sizeof *ground);
	int32_t changed = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= INSTANCES; seed++) {
		struct several_solution solution;
		struct match_failure failure;

		draw_several(ground, seed);
		assert_true(several_match(&ground->problem, &solution, &failure));
		solution.total++;
		assert_false(several_check(&ground->problem, &solution, NULL));
		solution.total--;
		if (solution.row[ground->small.problem.mentees] > 0) {
			solution.mentor[0] = MENTORS;
			assert_false(several_check(&ground->problem, &solution, NULL));
			changed++;
		}
		several_free(&solution);
	}
	assert_true(changed > INSTANCES / 2);
	free(ground);
}

struct circle_ground {
	struct small_match small;
	struct circle_problem problem;
	int32_t teams[SMALL_MENTORS][CIRCLE_MENTORS_MAX], n_teams, filled[SMALL_MENTORS];
	struct best best;
};

static int32_t worth_in(const struct circle_ground *ground, int32_t mentee, const int32_t *team)
{
	int32_t sum = 0;

	for (int32_t k = 0; k < ground->problem.mentors_each; k++) {
		int32_t worth = small_worth(&ground->small, mentee, team[k]);

		if (worth < 0)
			return -1;
		sum += worth;
	}
	return sum / ground->problem.mentors_each;
}

static void fill_circles(struct circle_ground *ground, int32_t mentee, int64_t matched,
			 int64_t total)
{
	if (mentee == ground->small.problem.mentees) {
		for (int32_t t = 0; t < ground->n_teams; t++)
			if (ground->filled[t] < ground->problem.least)
				return;
		keep_best(&ground->best, matched, total);
		return;
	}
	fill_circles(ground, mentee + 1, matched, total);
	for (int32_t t = 0; t < ground->n_teams; t++) {
		int32_t worth = worth_in(ground, mentee, ground->teams[t]);

		if (worth < 0 || ground->filled[t] == ground->problem.most)
			continue;
		ground->filled[t]++;
		fill_circles(ground, mentee + 1, matched + 1, total + worth);
		ground->filled[t]--;
	}
}

/* Every set of disjoint teams: the first free mentor leads none, or one with each choice of later ones (two at most). */
static void form_circles(struct circle_ground *ground, int32_t mentor, uint32_t used)
{
	int32_t *team = ground->teams[ground->n_teams];

	if (mentor == ground->small.problem.mentors) {
		fill_circles(ground, 0, 0, 0);
		return;
	}
	form_circles(ground, mentor + 1, used);
	if (used >> mentor & 1 || ground->small.capacity[mentor] == 0)
		return;
	for (int32_t other = mentor; other < ground->small.problem.mentors; other++) {
		bool alone = ground->problem.mentors_each == 1;

		if (alone != (other == mentor) ||
		    used >> other & 1 ||
		    ground->small.capacity[other] == 0)
			continue;
		team[0] = mentor;
		team[1] = other;
		ground->n_teams++;
		form_circles(ground, mentor + 1, used | 1u << mentor | 1u << other);
		ground->n_teams--;
	}
}

static void draw_circles(struct circle_ground *ground, uint64_t seed)
{
	memset(ground, 0, sizeof *ground);
	small_fill(&ground->small, seed, CIRCLE_MENTEES, MENTORS, 1000);
	for (int32_t j = 0; j < ground->small.problem.mentors; j++)
		ground->small.capacity[j] = ground->small.capacity[j] > 0;
	ground->problem = (struct circle_problem) { .pairs = ground->small.problem,
						    .mentors_each = 1 + (int32_t)(seed % 2) };
	ground->problem.least = 1 + (int32_t)small_draw(&ground->small, 3);
	ground->problem.most = ground->problem.least + (int32_t)small_draw(&ground->small, 3);
	form_circles(ground, 0, 0);
}

/* Whatever comes out keeps the sizes and is made of allowed pairs. */
static void check_circles(const struct circle_ground *ground,
			  const struct circle_solution *solution)
{
	int32_t members[SMALL_MENTORS] = { 0 }, leads[SMALL_MENTORS] = { 0 };

	for (int32_t j = 0; j < ground->small.problem.mentors; j++) {
		if (solution->lead_of[j] == MATCH_NOBODY)
			continue;
		assert_int_equal(ground->small.capacity[j], 1);
		leads[solution->lead_of[j]]++;
	}
	for (int32_t i = 0; i < ground->small.problem.mentees; i++) {
		if (solution->circle_of[i] == MATCH_NOBODY)
			continue;
		members[solution->circle_of[i]]++;
		for (int32_t j = 0; j < ground->small.problem.mentors; j++)
			assert_true(solution->lead_of[j] != solution->circle_of[i] ||
				    small_worth(&ground->small, i, j) >= 0);
	}
	for (int32_t c = 0; c < solution->circles; c++) {
		assert_int_equal(leads[c], ground->problem.mentors_each);
		assert_in_range(members[c], ground->problem.least, ground->problem.most);
	}
}

static void test_circles_are_as_good_as_they_say(void **state)
{
	struct circle_ground *ground = calloc(1, sizeof *ground);
	int32_t proven = 0, best = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= INSTANCES; seed++) {
		struct circle_solution solution;
		struct match_failure failure;

		draw_circles(ground, seed);
		assert_true(circle_match(&ground->problem, &solution, &failure));
		check_circles(ground, &solution);
		assert_true(solution.matched <= ground->best.first);
		assert_true(solution.total <= solution.bound);
		assert_true(solution.matched < ground->best.first ||
			    ground->best.then <= solution.bound);
		if (solution.proven || ground->problem.mentors_each == 1) {
			assert_int_equal(solution.matched, ground->best.first);
			assert_int_equal(solution.total, ground->best.then);
		}
		proven += solution.proven;
		best += solution.matched == ground->best.first &&
			solution.total == ground->best.then;
		circle_free(&solution);
	}
	print_message("circles: %d of %d the best, %d proven\n", best, INSTANCES, proven);
	assert_true(best > INSTANCES * 9 / 10);
	assert_true(proven > INSTANCES / 2);
	free(ground);
}

/* More teams than are all tried: 24 mentors, 80 mentees. */
static void test_large_circles_keep_their_sizes_and_their_bound(void **state)
{
	enum { N = 80, M = 24 };
	static int32_t capacity[M], column[N * M];
	static int64_t row[N + 1];
	static int16_t score[N * M];
	struct circle_problem problem = { .pairs = { .mentees = N,
						     .mentors = M,
						     .capacity = capacity,
						     .row = row,
						     .column = column,
						     .score = score,
						     .seed = 9 },
					  .least = 4,
					  .most = 6,
					  .mentors_each = 1 };
	struct circle_solution solution, again;
	struct match_failure failure;
	int32_t members[M] = { 0 };

	(void)state;
	for (int32_t i = 0; i < N; i++) {
		for (int32_t j = 0; j < M; j++) {
			column[i * M + j] = j;
			score[i * M + j] = (int16_t)((i * 7919 + j * 104729) % 1000);
			capacity[j] = 1;
		}
		row[i + 1] = (i + 1) * M;
	}
	assert_true(circle_match(&problem, &solution, &failure));
	assert_int_equal(solution.matched, N);
	for (int32_t i = 0; i < N; i++)
		members[solution.circle_of[i]]++;
	for (int32_t c = 0; c < solution.circles; c++)
		assert_in_range(members[c], 4, 6);
	assert_true(solution.total <= solution.bound);
	assert_true(solution.total * 10 > solution.bound * 9);
	assert_true(circle_match(&problem, &again, &failure));
	assert_memory_equal(again.circle_of, solution.circle_of, N * sizeof *again.circle_of);
	circle_free(&again);
	circle_free(&solution);
}

static void test_sizes_that_make_no_sense_are_refused(void **state)
{
	struct circle_problem problem = { .least = 3, .most = 2, .mentors_each = 1 };
	struct circle_solution solution;
	struct match_failure failure;

	(void)state;
	assert_false(circle_match(&problem, &solution, &failure));
	problem.most = 3;
	problem.mentors_each = CIRCLE_MENTORS_MAX + 1;
	assert_false(circle_match(&problem, &solution, &failure));
	problem.mentors_each = 0;
	assert_false(circle_match(&problem, &solution, &failure));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mentees_with_several_mentors_get_the_best_of_all_choices),
		cmocka_unit_test(test_a_changed_number_proves_nothing_about_several_mentors),
		cmocka_unit_test(test_circles_are_as_good_as_they_say),
		cmocka_unit_test(test_large_circles_keep_their_sizes_and_their_bound),
		cmocka_unit_test(test_sizes_that_make_no_sense_are_refused),
	};

	return cmocka_run_group_tests_name("circle", tests, NULL, NULL);
}

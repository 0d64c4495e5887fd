/* Fairness figures are right, and tell of no small group, not even by subtraction. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/matching/fairness.h"

enum { MOST_PEOPLE = 200, ROUNDS = 5000 };

struct ground {
	struct arena *arena;
	struct fairness_person people[MOST_PEOPLE];
	size_t n;
	struct fairness_group *groups;
	size_t n_groups;
};

static int open_ground(void **state)
{
	struct ground *ground = calloc(1, sizeof *ground);

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

static void add(struct ground *ground, const char *answer, int n, int score, int step)
{
	for (int i = 0; i < n; i++)
		ground->people[ground->n++] = (struct fairness_person) { answer, score + i * step };
}

static void look(struct ground *ground)
{
	ground->n_groups =
		fairness_groups(ground->arena, ground->people, ground->n, &ground->groups);
}

static const struct fairness_group *group_of(const struct ground *ground, const char *answer)
{
	for (size_t i = 1; i < ground->n_groups; i++)
		if (strcmp(ground->groups[i].answer, answer) == 0)
			return &ground->groups[i];
	return NULL;
}

static void test_groups_have_a_mean_a_median_and_a_worst(void **state)
{
	struct ground *ground = *state;
	const struct fairness_group *a;

	add(ground, "a", 6, 500, 10);
	add(ground, "b", 8, 700, 0);
	look(ground);
	assert_int_equal(ground->n_groups, 3);
	assert_string_equal(ground->groups[1].answer, "b");
	a = group_of(ground, "a");
	assert_int_equal(a->people, 6);
	assert_int_equal(a->matched, 6);
	assert_int_equal(a->mean_tenths, 5250);
	assert_int_equal(a->median_tenths, 5250);
	assert_int_equal(a->worst, 500);
	assert_int_equal(ground->groups[0].people, 14);
	assert_int_equal(ground->groups[0].mean_tenths, 6250);
}

static void test_a_small_group_takes_another_with_it(void **state)
{
	struct ground *ground = *state;

	add(ground, "a", 30, 500, 1);
	add(ground, "b", 20, 500, 1);
	add(ground, "c", 10, 500, 1);
	add(ground, "d", 4, 500, 1);
	look(ground);
	assert_false(group_of(ground, "a")->suppressed);
	assert_false(group_of(ground, "b")->suppressed);
	assert_true(group_of(ground, "c")->suppressed);
	assert_true(group_of(ground, "d")->suppressed);
	assert_int_equal(group_of(ground, "c")->people, -1);
}

static void test_two_small_groups_hide_each_other(void **state)
{
	struct ground *ground = *state;

	add(ground, "a", 30, 500, 1);
	add(ground, "b", 3, 500, 1);
	add(ground, "c", 2, 500, 1);
	look(ground);
	assert_false(group_of(ground, "a")->suppressed);
	assert_true(group_of(ground, "b")->suppressed);
	assert_true(group_of(ground, "c")->suppressed);
}

static void test_few_without_an_answer_are_not_the_difference(void **state)
{
	struct ground *ground = *state;

	add(ground, "a", 10, 500, 0);
	add(ground, NULL, 4, 900, 0);
	look(ground);
	assert_int_equal(ground->groups[0].people, 10);
	add(ground, NULL, 1, 900, 0);
	look(ground);
	assert_int_equal(ground->groups[0].people, 15);
}

static void test_few_without_a_partner_are_not_told(void **state)
{
	struct ground *ground = *state;

	add(ground, "a", 10, 500, 0);
	add(ground, "a", 2, FAIRNESS_UNMATCHED, 0);
	add(ground, "b", 10, 500, 0);
	look(ground);
	assert_int_equal(group_of(ground, "a")->matched, -1);
	assert_int_equal(group_of(ground, "b")->matched, -1);
	assert_int_equal(group_of(ground, "a")->mean_tenths, 5000);
}

static void test_nobody_is_no_group(void **state)
{
	struct ground *ground = *state;

	look(ground);
	assert_int_equal(ground->n_groups, 1);
	assert_int_equal(ground->groups[0].people, 0);
	assert_int_equal(ground->groups[0].worst, -1);
}

static bool few(int n)
{
	return n > 0 && n < FAIRNESS_LEAST;
}

/* Whatever sums and differences of shown groups come to, they are of nobody or of five. */
static void check_differences(const struct ground *ground)
{
	const struct fairness_group *whole = &ground->groups[0];
	int people = whole->people, matched = 0, unmatched = 0;

	for (size_t i = 1; i < ground->n_groups; i++) {
		const struct fairness_group *group = &ground->groups[i];
		int really = 0;

		for (size_t k = 0; k < ground->n; k++)
			really += ground->people[k].answer &&
				  strcmp(ground->people[k].answer, group->answer) == 0 &&
				  ground->people[k].score != FAIRNESS_UNMATCHED;
		if (group->suppressed)
			continue;
		assert_false(few(group->people));
		assert_false(few(really));
		people -= group->people;
		matched += really;
		if (group->matched >= 0) {
			assert_int_equal(group->matched, really);
			assert_false(few(group->people - group->matched));
			unmatched += group->people - group->matched;
		}
	}
	if (whole->suppressed)
		return;
	assert_false(few(people));
	assert_false(few(whole->matched - matched));
	if (ground->n_groups > 1 && ground->groups[1].matched >= 0)
		assert_false(few(whole->people - whole->matched - unmatched));
}

static void test_no_difference_of_groups_tells_of_few(void **state)
{
	static const char *const answers[] = { "a", "b", "c", "d", "e", NULL };
	struct ground *ground = *state;

	srandom(7);
	for (int round = 0; round < ROUNDS; round++) {
		int kinds = 1 + (int)(random() % 6), missed = (int)(random() % 3);

		arena_reset(ground->arena);
		ground->n = 0;
		for (int kind = 0; kind < kinds; kind++) {
			int n = (int)(random() % (kind == 0 ? 60 : 12)),
			    without = missed ? (int)(random() % (n + 1)) / (1 + missed) : 0;

			add(ground, answers[kind], n - without, (int)(random() % 900), 1);
			add(ground, answers[kind], without, FAIRNESS_UNMATCHED, 0);
		}
		look(ground);
		check_differences(ground);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_ground, close_ground)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_groups_have_a_mean_a_median_and_a_worst),
		TEST(test_a_small_group_takes_another_with_it),
		TEST(test_two_small_groups_hide_each_other),
		TEST(test_few_without_an_answer_are_not_the_difference),
		TEST(test_few_without_a_partner_are_not_told),
		TEST(test_nobody_is_no_group),
		TEST(test_no_difference_of_groups_tells_of_few),
	};

	return cmocka_run_group_tests_name("fairness", tests, NULL, NULL);
}

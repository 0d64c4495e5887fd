/* Certificates: good ones hold, and with any one number changed they do not, in the file as in what it was made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "services/matching/certificate.h"
#include "services/matching/solver/stable.h"
#include "small_match.h"
#include "tools/match-check/verify.h"

enum { MOST_BYTES = 1 << 16, OBJECTIVES = MATCH_WORST_THEN_TOTAL + 1, INSTANCES = 400 };

struct ground {
	struct small_match small;
	struct matcher *matcher;
	struct match_solution solution;
	struct certificate certificate;
	int32_t partner[SMALL_MENTEES];
	struct several_problem several;
	struct several_solution chosen;
	int32_t wanted[SMALL_MENTEES], left[SMALL_MENTORS];
	bool served[SMALL_MENTEES];
	char bytes[MOST_BYTES];
	size_t len;
};

static const char *id_of(void *context, bool mentor, int32_t number)
{
	static char id[32]; /* until the next call */

	(void)context;
	snprintf(id, sizeof id, "%s-%d", mentor ? "mentor" : "mentee", number);
	return id;
}

static bool keep(void *to, const char *bytes, size_t len)
{
	struct ground *ground = to;

	assert_true(ground->len + len <= MOST_BYTES);
	memcpy(ground->bytes + ground->len, bytes, len);
	ground->len += len;
	return true;
}

static struct verdict written_verdict(struct ground *ground)
{
	ground->len = 0;
	assert_true(certificate_write(&ground->certificate, keep, ground));
	return verify_certificate(ground->bytes, ground->len);
}

static void describe(struct ground *ground, int32_t within)
{
	ground->certificate = (struct certificate) {
		.problem = &ground->small.problem,
		.solution = &ground->solution,
		.id_of = id_of,
		.salt = "salt",
		.seed_commitment =
			"5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
		.snapshot_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		.within = within,
	};
}

static void solve(struct ground *ground, uint64_t seed, enum match_objective objective,
		  int32_t within)
{
	struct match_failure failure;

	small_fill(&ground->small, seed, SMALL_MENTEES, SMALL_MENTORS, seed % 2 ? 1000 : 5);
	if (seed % 3)
		small_complicate(&ground->small);
	ground->small.problem.objective = objective;
	ground->matcher = matcher_new(&ground->small.problem, &failure);
	assert_non_null(ground->matcher);
	assert_true(matcher_solve(ground->matcher, &failure));
	matcher_solution(ground->matcher, &ground->solution);
	describe(ground, within);
}

static void solve_stable(struct ground *ground, uint64_t seed)
{
	struct match_failure failure;

	small_fill(&ground->small, seed, SMALL_MENTEES, SMALL_MENTORS, 1000);
	if (seed % 3)
		small_complicate(&ground->small);
	assert_true(stable_match(&ground->small.problem, STABLE_FOR_MENTEES, ground->partner,
				 &failure));
	ground->solution = (struct match_solution) { .partner = ground->partner };
	describe(ground, CERTIFICATE_EVERYTHING);
	ground->certificate.stable = true;
}

/* Mentees with up to three mentors each; the first one is locked where there is a place. */
static void solve_several(struct ground *ground, uint64_t seed)
{
	struct match_problem *problem = &ground->small.problem;
	struct match_failure failure;

	small_fill(&ground->small, seed, SMALL_MENTEES, SMALL_MENTORS, seed % 2 ? 1000 : 5);
	for (int32_t i = 0; i < problem->mentees; i++) {
		ground->wanted[i] = (int32_t)small_draw(&ground->small, 4);
		ground->served[i] = false;
	}
	memcpy(ground->left, ground->small.capacity, sizeof ground->left);
	ground->small.locks[0] =
		(struct match_pair) { 0, (int32_t)small_draw(&ground->small,
							     (uint32_t)problem->mentors) };
	problem->locks = ground->small.locks;
	problem->n_locks = ground->left[ground->small.locks[0].mentor] > 0;
	ground->several = (struct several_problem) { .pairs = *problem,
						     .wanted = ground->wanted,
						     .served = ground->served,
						     .most_first = seed % 3 };
	ground->several.pairs.capacity = ground->left;
	ground->several.pairs.n_locks = 0;
	ground->several.pairs.forbidden = ground->small.locks;
	ground->several.pairs.n_forbidden = problem->n_locks;
	ground->served[0] = problem->n_locks;
	ground->left[ground->small.locks[0].mentor] -= (int32_t)problem->n_locks;
	assert_true(several_match(&ground->several, &ground->chosen, &failure));
	describe(ground, CERTIFICATE_EVERYTHING);
	ground->certificate.several = &ground->several;
	ground->certificate.chosen = &ground->chosen;
}

static void clear(struct ground *ground)
{
	several_free(&ground->chosen);
	matcher_free(ground->matcher);
	ground->matcher = NULL;
}

static void assert_holds(struct ground *ground)
{
	struct verdict verdict = written_verdict(ground);

	if (!verdict.valid)
		print_error("%s at line %ld, {%d, %d}\n%.*s", verdict.reason, verdict.line,
			    verdict.mentee, verdict.mentor, (int)ground->len, ground->bytes);
	assert_true(verdict.valid);
	assert_int_equal(verdict.mentees, ground->small.problem.mentees);
	assert_int_equal(verdict.mentors, ground->small.problem.mentors);
}

static void test_a_certificate_of_each_objective_holds(void **state)
{
	struct ground *ground = calloc(1, sizeof *ground);

	(void)state;
	for (uint64_t seed = 1; seed <= INSTANCES; seed++)
		for (int objective = 0; objective < OBJECTIVES; objective++) {
			int32_t within = seed % 5 ? CERTIFICATE_EVERYTHING : (int32_t)(seed % 7);

			solve(ground, seed, (enum match_objective)objective, within);
			assert_holds(ground);
			clear(ground);
		}
	free(ground);
}

static void test_a_stable_matching_has_a_certificate(void **state)
{
	struct ground *ground = calloc(1, sizeof *ground);

	(void)state;
	for (uint64_t seed = 1; seed <= INSTANCES; seed++) {
		solve_stable(ground, seed);
		assert_holds(ground);
	}
	free(ground);
}

/* Each digit of the file in turn becomes another one. */
static void change_each_number(struct ground *ground)
{
	for (size_t at = 0; at < ground->len; at++) {
		char was = ground->bytes[at];

		if (was < '0' || was > '9')
			continue;
		ground->bytes[at] = was == '9' ? '0' : (char)(was + 1);
		assert_false(verify_certificate(ground->bytes, ground->len).valid);
		ground->bytes[at] = was;
	}
	assert_true(verify_certificate(ground->bytes, ground->len).valid);
}

static void test_a_file_with_any_one_number_changed_is_refused(void **state)
{
	struct ground *ground = calloc(1, sizeof *ground);

	(void)state;
	for (uint64_t seed = 1; seed <= 12; seed++) {
		solve(ground, seed, (enum match_objective)(seed % OBJECTIVES),
		      CERTIFICATE_EVERYTHING);
		assert_holds(ground);
		change_each_number(ground);
		clear(ground);
	}
	solve_stable(ground, 5);
	assert_holds(ground);
	change_each_number(ground);
	free(ground);
}

/* The mentee in whose line `at` lies. */
static int32_t mentee_at(const struct ground *ground, const char *at)
{
	int32_t mentee = -1;

	for (const char *line = ground->bytes;
	     (line = memmem(line, (size_t)(at - line), "\nmentee ", 8)); line++)
		mentee++;
	return mentee;
}

static void test_a_changed_score_is_found_at_its_pair(void **state)
{
	struct ground *ground = calloc(1, sizeof *ground);
	int32_t changed = 0;

	(void)state;
	solve(ground, 6, MATCH_TOTAL, CERTIFICATE_EVERYTHING);
	assert_holds(ground);
	for (char *colon = ground->bytes;
	     (colon = memchr(colon, ':', (size_t)(ground->bytes + ground->len - colon))); colon++) {
		char was = colon[1];
		struct verdict verdict;

		colon[1] = was == '1' ? '2' : '1';
		verdict = verify_certificate(ground->bytes, ground->len);
		assert_false(verdict.valid);
		assert_int_equal(verdict.mentee, mentee_at(ground, colon));
		assert_int_equal(verdict.mentor, atoi(memrchr(ground->bytes, ' ',
							      (size_t)(colon - ground->bytes))));
		colon[1] = was;
		changed++;
	}
	assert_true(changed > 5);
	clear(ground);
	free(ground);
}

/* The file is consistent, but what it says is no optimum: only the arithmetic can tell. */
static void assert_refused(struct ground *ground)
{
	struct verdict verdict = written_verdict(ground);

	assert_false(verdict.valid);
	assert_null(strstr(verdict.reason, "digest"));
}

static void test_a_changed_claim_is_refused_by_arithmetic(void **state)
{
	struct ground *ground = calloc(1, sizeof *ground);

	(void)state;
	for (uint64_t seed = 1; seed <= INSTANCES; seed++) {
		struct match_solution *solution = &ground->solution;

		solve(ground, seed, (enum match_objective)(seed % OBJECTIVES),
		      CERTIFICATE_EVERYTHING);
		solution->total++;
		assert_refused(ground);
		solution->total--;
		solution->worth++;
		assert_refused(ground);
		solution->worth--;
		solution->used++;
		assert_refused(ground);
		solution->used--;
		for (int32_t i = 0; i < ground->small.problem.mentees; i++) {
			bool locked = false;

			for (size_t k = 0; k < ground->small.problem.n_locks; k++)
				locked |= ground->small.locks[k].mentee == i;
			if (locked)
				continue;
			solution->surplus[i]++;
			assert_refused(ground);
			solution->surplus[i]--;
		}
		assert_holds(ground);
		clear(ground);
	}
	free(ground);
}

static int32_t free_places(const struct ground *ground, int32_t mentor)
{
	int32_t places = ground->small.capacity[mentor];

	for (int32_t i = 0; i < ground->small.problem.mentees; i++)
		places -= ground->solution.partner[i] == mentor;
	return places;
}

static void test_a_worse_choice_is_refused_by_arithmetic(void **state)
{
	struct ground *ground = calloc(1, sizeof *ground);
	int32_t tried = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= INSTANCES; seed++) {
		struct match_solution *solution = &ground->solution;

		solve(ground, seed, MATCH_TOTAL, CERTIFICATE_EVERYTHING);
		for (int32_t i = 0;
		     i < ground->small.problem.mentees && !ground->small.problem.n_locks; i++) {
			int32_t was = solution->partner[i],
				score = was < 0 ? 0 : small_score(&ground->small, i, was);

			if (was < 0 || score == 0)
				continue;
			solution->partner[i] = MATCH_NOBODY;
			solution->total -= score;
			solution->worth -= small_worth(&ground->small, i, was);
			solution->used -= free_places(ground, was) == ground->small.capacity[was];
			assert_refused(ground);
			tried++;
			solution->used += free_places(ground, was) == ground->small.capacity[was];
			solution->worth += small_worth(&ground->small, i, was);
			solution->total += score;
			solution->partner[i] = was;
		}
		clear(ground);
	}
	assert_true(tried > INSTANCES);
	free(ground);
}

/* Figures that add up, of a choice that is not the best: that nobody should have anybody. */
static void test_a_pair_that_would_be_better_is_named(void **state)
{
	struct ground *ground = calloc(1, sizeof *ground);
	int32_t refused = 0;

	(void)state;
	for (uint64_t seed = 3; seed <= INSTANCES; seed += 3) {
		struct match_solution *solution = &ground->solution;
		struct verdict verdict;
		int64_t best;

		solve(ground, seed, MATCH_TOTAL, CERTIFICATE_EVERYTHING);
		best = solution->total;
		solution->total = solution->worth = solution->used = 0;
		memset(solution->surplus, 0,
		       (size_t)ground->small.problem.mentees * sizeof *solution->surplus);
		memset(solution->price, 0,
		       (size_t)ground->small.problem.mentors * sizeof *solution->price);
		for (int32_t i = 0; i < ground->small.problem.mentees; i++)
			solution->partner[i] = MATCH_NOBODY;
		verdict = written_verdict(ground);
		if (best > 0) {
			assert_false(verdict.valid);
			assert_true(small_worth(&ground->small, verdict.mentee, verdict.mentor) >
				    0);
			refused++;
		}
		clear(ground);
	}
	assert_true(refused > INSTANCES / 6);
	free(ground);
}

static void test_the_optimum_of_one_objective_is_none_of_another(void **state)
{
	static const enum match_objective objectives[] = { MATCH_MOST_THEN_TOTAL, MATCH_TOTAL,
							   MATCH_ONE_BEFORE_TWO };
	struct ground *ground = calloc(1, sizeof *ground);

	(void)state;
	for (uint64_t seed = 1; seed <= INSTANCES; seed++)
		for (int k = 1; k < 3; k++) {
			solve(ground, seed, objectives[seed % 3], CERTIFICATE_EVERYTHING);
			ground->small.problem.objective = objectives[(seed + (uint64_t)k) % 3];
			assert_string_equal(written_verdict(ground).reason,
					    "the bonuses are not those of the objective");
			clear(ground);
		}
	free(ground);
}

/* The best above a floor that was only said to be the highest under which as many are matched. */
static void test_a_floor_that_is_not_the_highest_is_refused(void **state)
{
	struct ground *ground = calloc(1, sizeof *ground);
	int32_t held = 0, refused = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= INSTANCES; seed++) {
		int16_t least, floor = (int16_t)(seed % 2 ? 100 : 2);
		int32_t matched, highest;
		bool right;

		solve(ground, seed, MATCH_WORST_THEN_TOTAL, CERTIFICATE_EVERYTHING);
		matched = ground->solution.matched;
		highest = ground->solution.floor;
		least = ground->small.problem.min_score;
		clear(ground);
		if (floor < least || (size_t)matched <= ground->small.problem.n_locks)
			continue;
		ground->small.problem.min_score = floor;
		ground->small.problem.objective = MATCH_MOST_THEN_TOTAL;
		ground->matcher =
			matcher_new(&ground->small.problem, &(struct match_failure) { 0 });
		assert_true(matcher_solve(ground->matcher, &(struct match_failure) { 0 }));
		matcher_solution(ground->matcher, &ground->solution);
		ground->small.problem.min_score = least;
		ground->small.problem.objective = MATCH_WORST_THEN_TOTAL;
		right = ground->solution.matched == matched && floor == highest;
		assert_int_equal(written_verdict(ground).valid, right);
		held += right;
		refused += !right;
		clear(ground);
	}
	assert_true(held > 5);
	assert_true(refused > 50);
	free(ground);
}

static void test_a_negative_price_buys_nothing(void **state)
{
	struct ground *ground = calloc(1, sizeof *ground);
	int32_t partner = 0, surplus = 501, price = -1;

	(void)state;
	ground->small.problem = (struct match_problem) { .mentees = 1,
							 .mentors = 1,
							 .capacity = ground->small.capacity,
							 .row = ground->small.row,
							 .column = ground->small.column,
							 .score = ground->small.score,
							 .objective = MATCH_TOTAL };
	ground->small.capacity[0] = 1;
	ground->small.row[1] = 1;
	ground->small.score[0] = 500;
	ground->solution = (struct match_solution) { .partner = &partner,
						     .surplus = &surplus,
						     .price = &price,
						     .total = 500,
						     .worth = 500,
						     .used = 1 };
	describe(ground, CERTIFICATE_EVERYTHING);
	assert_string_equal(written_verdict(ground).reason, "a price is too low");
	surplus = 500;
	price = 0;
	assert_holds(ground);
	free(ground);
}

static void test_a_blocking_pair_is_named(void **state)
{
	struct ground *ground = calloc(1, sizeof *ground);
	int32_t named = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= INSTANCES; seed++) {
		struct match_pair blocking;
		struct verdict verdict;

		solve(ground, seed, MATCH_TOTAL, CERTIFICATE_EVERYTHING);
		ground->certificate.stable = true;
		if (stable_blocking(&ground->small.problem, ground->solution.partner, &blocking,
				    1) > 0) {
			verdict = written_verdict(ground);
			assert_false(verdict.valid);
			assert_int_equal(verdict.mentee, blocking.mentee);
			assert_int_equal(verdict.mentor, blocking.mentor);
			named++;
		} else {
			assert_holds(ground);
		}
		clear(ground);
	}
	assert_true(named > 5);
	free(ground);
}

static void score_small_row(void *context, uint32_t mentee, int16_t *scores)
{
	const struct small_match *small = context;

	for (int32_t j = 0; j < small->problem.mentors; j++)
		scores[j] = (int16_t)small_score(small, (int32_t)mentee, j);
}

static void test_rows_scored_on_demand_give_the_same_file(void **state)
{
	struct ground *ground = calloc(1, sizeof *ground);
	char *stored = malloc(MOST_BYTES);

	(void)state;
	for (uint64_t seed = 1; seed <= INSTANCES; seed++) {
		struct match_problem on_demand;
		int32_t partner[SMALL_MENTEES], same[SMALL_MENTEES];
		struct match_failure failure;
		size_t len;

		solve(ground, seed, (enum match_objective)(seed % OBJECTIVES),
		      CERTIFICATE_EVERYTHING);
		assert_holds(ground);
		memcpy(stored, ground->bytes, ground->len);
		len = ground->len;

		on_demand = ground->small.problem;
		on_demand.row = NULL;
		on_demand.column = NULL;
		on_demand.score = NULL;
		on_demand.score_row = score_small_row;
		on_demand.context = &ground->small;
		ground->certificate.problem = &on_demand;
		assert_holds(ground);
		assert_int_equal(ground->len, len);
		assert_memory_equal(ground->bytes, stored, len);

		assert_true(stable_match(&ground->small.problem, STABLE_FOR_MENTORS, partner,
					 &failure));
		assert_true(stable_match(&on_demand, STABLE_FOR_MENTORS, same, &failure));
		assert_memory_equal(same, partner, (size_t)on_demand.mentees * sizeof *same);
		clear(ground);
	}
	free(stored);
	free(ground);
}

static void test_who_it_is_cannot_be_told_without_the_salt(void **state)
{
	static const uint8_t one[CERTIFICATE_SALT] = { 1 }, other[CERTIFICATE_SALT] = { 2 };
	char a[33], b[33], c[33];

	(void)state;
	certificate_pseudonym(one, "anna", a);
	certificate_pseudonym(other, "anna", b);
	certificate_pseudonym(one, "ben", c);
	assert_string_not_equal(a, b);
	assert_string_not_equal(a, c);
	assert_int_equal(strlen(a), 32);
}

static void test_mentees_with_several_mentors_have_a_certificate(void **state)
{
	struct ground *ground = calloc(1, sizeof *ground);

	(void)state;
	for (uint64_t seed = 1; seed <= INSTANCES; seed++) {
		solve_several(ground, seed);
		assert_holds(ground);
		clear(ground);
	}
	free(ground);
}

/* As good a file as the best, of a choice that is worse by one pair: its digests fit, and its sums do not. */
static void test_a_worse_choice_of_several_mentors_is_refused_by_arithmetic(void **state)
{
	struct ground *ground = calloc(1, sizeof *ground);
	int tried = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= INSTANCES; seed++) {
		int64_t last;

		solve_several(ground, seed);
		last = ground->chosen.row[ground->small.problem.mentees];
		if (last > 0 && (ground->several.most_first || ground->chosen.total > 0)) {
			for (int32_t i = 0; i <= ground->small.problem.mentees; i++)
				ground->chosen.row[i] = ground->chosen.row[i] < last
								? ground->chosen.row[i]
								: last - 1;
			assert_false(written_verdict(ground).valid);
			ground->chosen.total--;
			assert_false(written_verdict(ground).valid);
			tried++;
		}
		clear(ground);
	}
	assert_true(tried > INSTANCES / 2);
	free(ground);
}

static void test_other_prices_prove_nothing_about_several_mentors(void **state)
{
	struct ground *ground = calloc(1, sizeof *ground);
	int refused = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= INSTANCES; seed++) {
		solve_several(ground, seed);
		ground->chosen.price[0] -= 1;
		refused += !written_verdict(ground).valid;
		ground->chosen.price[0] += 1 - INT32_MAX;
		assert_false(written_verdict(ground).valid);
		clear(ground);
	}
	assert_true(refused > INSTANCES / 2);
	free(ground);
}

static bool refuse(void *to, const char *bytes, size_t len)
{
	(void)to;
	(void)bytes;
	(void)len;
	return false;
}

static void test_a_writer_that_ends_is_told(void **state)
{
	struct ground *ground = calloc(1, sizeof *ground);

	(void)state;
	solve(ground, 2, MATCH_TOTAL, CERTIFICATE_EVERYTHING);
	assert_false(certificate_write(&ground->certificate, refuse, NULL));
	clear(ground);
	free(ground);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_certificate_of_each_objective_holds),
		cmocka_unit_test(test_a_stable_matching_has_a_certificate),
		cmocka_unit_test(test_a_file_with_any_one_number_changed_is_refused),
		cmocka_unit_test(test_a_changed_score_is_found_at_its_pair),
		cmocka_unit_test(test_a_changed_claim_is_refused_by_arithmetic),
		cmocka_unit_test(test_a_worse_choice_is_refused_by_arithmetic),
		cmocka_unit_test(test_a_pair_that_would_be_better_is_named),
		cmocka_unit_test(test_the_optimum_of_one_objective_is_none_of_another),
		cmocka_unit_test(test_a_floor_that_is_not_the_highest_is_refused),
		cmocka_unit_test(test_a_negative_price_buys_nothing),
		cmocka_unit_test(test_a_blocking_pair_is_named),
		cmocka_unit_test(test_rows_scored_on_demand_give_the_same_file),
		cmocka_unit_test(test_who_it_is_cannot_be_told_without_the_salt),
		cmocka_unit_test(test_mentees_with_several_mentors_have_a_certificate),
		cmocka_unit_test(test_a_worse_choice_of_several_mentors_is_refused_by_arithmetic),
		cmocka_unit_test(test_other_prices_prove_nothing_about_several_mentors),
		cmocka_unit_test(test_a_writer_that_ends_is_told),
	};

	return sodium_init() < 0 || cmocka_run_group_tests_name("certificate", tests, NULL, NULL);
}

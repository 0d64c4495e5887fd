/* What is wrong with criteria is told; what people keep to themselves stays so; what would raise a score is told exactly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/matching/scoring/plan.h"

enum { YEARS, ZONE, TEAM, LANGUAGES, HOURS, FAITH, SKILLS, FIELDS };

static const struct field fields[FIELDS] = {
	{ "years", FIELD_NUMBER, false }, { "zone", FIELD_NUMBER, false },
	{ "team", FIELD_TERM, false },	  { "languages", FIELD_TERMS, false },
	{ "hours", FIELD_HOURS, false },  { "faith", FIELD_TERM, true },
	{ "skills", FIELD_TERMS, false },
};

struct ground {
	struct arena *arena;
	struct pool *pool;
};

static int open_ground(void **state)
{
	struct ground *ground = malloc(sizeof *ground);

	ground->arena = arena_new(SIZE_MAX);
	ground->pool = pool_new(ground->arena, fields, FIELDS);
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

static struct criterion years_gap(int weight)
{
	return (struct criterion) { .key = "gap",
				    .kind = CRITERION_EXPERIENCE_GAP,
				    .weight = weight,
				    .mentee_field = "years",
				    .low = 3,
				    .high = 15,
				    .reach = 10 };
}

static size_t check(struct ground *ground, const struct criterion *criteria, size_t n_criteria,
		    const struct rule *rules, size_t n_rules, struct finding **findings)
{
	const struct criteria set = { criteria, n_criteria, rules, n_rules, 0 };

	return criteria_check(ground->arena, &set, ground->pool, findings);
}

static void assert_one(const struct finding *findings, size_t n, enum finding_code code, bool error,
		       bool rule, int index)
{
	assert_int_equal(n, 1);
	assert_int_equal(findings[0].code, code);
	assert_int_equal(findings[0].error, error);
	assert_int_equal(findings[0].rule, rule);
	assert_int_equal(findings[0].index, index);
	assert_int_equal(criteria_usable(findings, n), !error);
}

static void test_good_criteria_have_no_findings(void **state)
{
	struct criterion criterion = years_gap(100);
	struct finding *findings;

	assert_int_equal(check(*state, &criterion, 1, NULL, 0, &findings), 0);
}

static void test_a_weight_is_0_to_100(void **state)
{
	for (int weight = -1; weight <= 101; weight += 102) {
		struct criterion criteria[] = { years_gap(50), years_gap(weight) };
		struct finding *findings;

		criteria[1].key = "other";
		assert_one(findings, check(*state, criteria, 2, NULL, 0, &findings),
			   FINDING_BAD_WEIGHT, true, false, 1);
	}
}

static void test_something_must_have_a_weight(void **state)
{
	struct criterion criterion = years_gap(0);
	struct finding *findings;
	size_t n = check(*state, &criterion, 1, NULL, 0, &findings);

	assert_one(findings, n, FINDING_NO_WEIGHT, true, false, -1);
	n = check(*state, NULL, 0, NULL, 0, &findings);
	assert_one(findings, n, FINDING_NO_WEIGHT, true, false, -1);
}

static void test_a_question_must_exist_and_fit(void **state)
{
	struct criterion criterion = years_gap(10);
	struct finding *findings;
	size_t n;

	criterion.mentor_field = "shoe-size";
	n = check(*state, &criterion, 1, NULL, 0, &findings);
	assert_one(findings, n, FINDING_UNKNOWN_FIELD, true, false, 0);
	assert_string_equal(findings[0].detail, "shoe-size");
	criterion.mentor_field = "team";
	n = check(*state, &criterion, 1, NULL, 0, &findings);
	assert_one(findings, n, FINDING_WRONG_KIND, true, false, 0);
}

static void test_numbers_must_make_sense(void **state)
{
	const struct criterion_cell twice[] = { { "a", "b", 1 }, { "a", "b", 2 } };
	struct criterion criteria[] = {
		years_gap(10), years_gap(10), years_gap(10), years_gap(10), years_gap(10),
	};

	criteria[0].low = 16;
	criteria[1].reach = -1;
	criteria[2].kind = CRITERION_AVAILABILITY_OVERLAP;
	criteria[2].mentee_field = "hours";
	criteria[2].low = 0;
	criteria[3].kind = CRITERION_CUSTOM_TABLE;
	criteria[3].mentee_field = "team";
	criteria[3].cells = twice;
	criteria[3].n_cells = 2;
	criteria[4].kind = (enum criterion_kind)99;
	for (int i = 0; i < 5; i++) {
		struct finding *findings;

		assert_one(findings, check(*state, &criteria[i], 1, NULL, 0, &findings),
			   FINDING_BAD_PARAMETER, true, false, 0);
	}
}

static void test_two_criteria_need_two_names(void **state)
{
	struct criterion criteria[] = { years_gap(10), years_gap(20) };
	struct finding *findings;

	assert_one(findings, check(*state, criteria, 2, NULL, 0, &findings), FINDING_DUPLICATE_KEY,
		   true, false, 1);
}

static void test_the_least_score_is_0_to_1000(void **state)
{
	struct ground *ground = *state;
	struct criterion criterion = years_gap(10);
	struct criteria set = { .criteria = &criterion, .n_criteria = 1, .min_score = 1001 };
	struct finding *findings;
	size_t n = criteria_check(ground->arena, &set, ground->pool, &findings);

	assert_one(findings, n, FINDING_BAD_MIN_SCORE, true, false, -1);
}

static void test_rules_that_leave_nobody_contradict(void **state)
{
	static const struct rule pairs[][2] = {
		{ { .kind = RULE_MUST_EQUAL, .mentee_field = "team" },
		  { .kind = RULE_NOT_SAME_TEAM, .mentee_field = "team" } },
		{ { .kind = RULE_MUST_EQUAL, .mentee_field = "team" },
		  { .kind = RULE_MUST_DIFFER, .mentee_field = "team" } },
		{ { .kind = RULE_MIN_GAP, .mentee_field = "years", .value = 5 },
		  { .kind = RULE_MAX_GAP, .mentee_field = "years", .value = 4 } },
		{ { .kind = RULE_ONLY_IF,
		    .mentee_field = "team",
		    .mentor_field = "team",
		    .term = "a",
		    .mentor_term = "b" },
		  { .kind = RULE_ONLY_IF,
		    .mentee_field = "team",
		    .mentor_field = "team",
		    .term = "a",
		    .mentor_term = "c" } },
	};
	struct criterion criterion = years_gap(10);

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct finding *findings;

		assert_one(findings, check(*state, &criterion, 1, pairs[i], 2, &findings),
			   FINDING_CONTRADICTION, true, true, 0);
		assert_int_equal(findings[0].other, 1);
	}
}

static void test_rules_that_leave_somebody_do_not_contradict(void **state)
{
	static const struct rule rules[] = {
		{ .kind = RULE_MIN_GAP, .mentee_field = "years", .value = 4 },
		{ .kind = RULE_MAX_GAP, .mentee_field = "years", .value = 4 },
		{ .kind = RULE_MUST_DIFFER, .mentee_field = "team" },
		{ .kind = RULE_MUST_EQUAL, .mentee_field = "years", .mentor_field = "zone" },
	};
	struct criterion criterion = years_gap(10);
	struct finding *findings;

	assert_int_equal(check(*state, &criterion, 1, rules, 4, &findings), 0);
}

static void test_a_weight_that_cannot_matter_is_told(void **state)
{
	static const struct rule rule = { .kind = RULE_LANGUAGE_REQUIRED,
					  .mentee_field = "languages",
					  .value = 3 };
	struct criterion criteria[12];
	struct finding *findings;

	criteria[0] = (struct criterion) { .key = "language",
					   .kind = CRITERION_LANGUAGE_COMMON,
					   .weight = 10,
					   .mentee_field = "languages",
					   .low = 3 };
	criteria[1] = years_gap(90);
	assert_one(findings, check(*state, criteria, 2, &rule, 1, &findings), FINDING_CANNOT_MATTER,
		   false, false, 0);
	assert_int_equal(findings[0].other, 0);

	criteria[0].low = 4;
	assert_int_equal(check(*state, criteria, 2, &rule, 1, &findings), 0);
}

static void test_a_criterion_too_light_to_move_a_score_is_told(void **state)
{
	static const char *const keys[] = { "a", "b", "c", "d", "e", "f",
					    "g", "h", "i", "j", "k", "l" };
	struct criterion criteria[12];
	struct finding *findings;

	for (int i = 0; i < 12; i++) {
		criteria[i] = years_gap(i == 5 ? 1 : 100);
		criteria[i].key = keys[i];
	}
	assert_one(findings, check(*state, criteria, 12, NULL, 0, &findings), FINDING_CANNOT_MATTER,
		   false, false, 5);
}

/* Two mentees and two mentors: years, zone and team as told, the rest as the tests need it. */
static void add_people(struct pool *pool)
{
	for (int i = 0; i < 4; i++) {
		static const char *const ids[] = { "anna", "ben", "carla", "dora" };
		static const int years[] = { 2, 4, 9, 30 }, zones[] = { 0, 60, -540, 600 };

		pool_person(pool, i < 2 ? SIDE_MENTEE : SIDE_MENTOR, ids[i]);
		pool_number(pool, YEARS, years[i]);
		pool_number(pool, ZONE, zones[i]);
		pool_term(pool, TEAM, i < 2 ? "sales" : i == 2 ? "legal" : "sales", 0);
		pool_term(pool, FAITH, "a", 0);
		pool_term(pool, SKILLS, i == 3 ? "welding" : "law", 4);
		if (i != 1)
			pool_consent(pool, FAITH);
	}
}

static void test_a_criterion_that_nobody_can_score_on_is_told(void **state)
{
	struct ground *ground = *state;
	struct criterion criteria[] = {
		years_gap(10),
		{ .key = "language",
		  .kind = CRITERION_LANGUAGE_COMMON,
		  .weight = 10,
		  .mentee_field = "languages" },
	};
	struct finding *findings;

	add_people(ground->pool);
	assert_one(findings, check(ground, criteria, 2, NULL, 0, &findings), FINDING_NOBODY_SCORES,
		   false, false, 1);
	criteria[1] = years_gap(10);
	criteria[1].key = "other";
	criteria[1].low = 40;
	criteria[1].high = 50;
	assert_one(findings, check(ground, criteria, 2, NULL, 0, &findings), FINDING_NOBODY_SCORES,
		   false, false, 1);
	criteria[1].low = 30;
	assert_int_equal(check(ground, criteria, 2, NULL, 0, &findings), 0);
}

static void test_a_rule_that_refuses_everybody_is_told(void **state)
{
	struct ground *ground = *state;
	struct rule rule = { .kind = RULE_MIN_GAP, .mentee_field = "years", .value = 29 };
	struct criterion criterion = years_gap(10);
	struct finding *findings;

	add_people(ground->pool);
	assert_one(findings, check(ground, &criterion, 1, &rule, 1, &findings),
		   FINDING_RULE_HOLDS_ALL, false, true, 0);
	rule.value = 28;
	assert_int_equal(check(ground, &criterion, 1, &rule, 1, &findings), 0);
}

static const struct criterion faith_and_gap[] = {
	{ .key = "faith", .kind = CRITERION_ANSWER_EQUAL, .weight = 60, .mentee_field = "faith" },
	{ .key = "gap",
	  .kind = CRITERION_EXPERIENCE_GAP,
	  .weight = 40,
	  .mentee_field = "years",
	  .low = 3,
	  .high = 15,
	  .reach = 10 },
};
static const struct criteria faith_set = { .criteria = faith_and_gap, .n_criteria = 2 };

static void test_a_sensitive_answer_counts_with_consent_only(void **state)
{
	struct ground *ground = *state;
	struct explanation explanation;
	struct plan *plan;

	add_people(ground->pool);
	plan = plan_new(ground->arena, ground->pool, &faith_set);
	score_pair(ground->arena, plan, 0, 0, &explanation);
	assert_int_equal(explanation.score, 1000);
	assert_int_equal(explanation.parts[0].part, 600);
	score_pair(ground->arena, plan, 1, 0, &explanation);
	assert_int_equal(explanation.score, 1000);
	assert_int_equal(explanation.parts[0].part, 0);
	assert_int_equal(explanation.parts[0].missing, MISSING_MENTEE);
}

static void test_a_sensitive_answer_is_not_shown_to_the_other(void **state)
{
	struct ground *ground = *state;
	struct explanation explanation;
	struct plan *plan;

	add_people(ground->pool);
	plan = plan_new(ground->arena, ground->pool, &faith_set);
	score_pair(ground->arena, plan, 0, 0, &explanation);
	assert_int_equal(explanation.parts[0].fact, FACT_EQUAL);
	explanation_for_member(&explanation);
	assert_int_equal(explanation.n_parts, 2);
	assert_string_equal(explanation.parts[0].key, "gap");
	assert_int_equal(explanation.parts[1].criterion, -1);
	assert_string_equal(explanation.parts[1].key, "private");
	assert_int_equal(explanation.parts[1].fact, FACT_NONE);
	assert_null(explanation.parts[1].terms);
	assert_int_equal(explanation.parts[1].points, 1000);
	assert_int_equal(explanation.parts[0].part + explanation.parts[1].part, explanation.score);
}

static void test_a_member_is_not_told_of_an_exclusion(void **state)
{
	static const struct rule rule = { .kind = RULE_NOT_SAME_TEAM, .mentee_field = "team" };
	struct criteria set = faith_set;
	struct ground *ground = *state;
	struct explanation excluded, teammates;
	struct plan *plan;

	add_people(ground->pool);
	pool_exclude(ground->pool, 0, 0);
	set.rules = &rule;
	set.n_rules = 1;
	plan = plan_new(ground->arena, ground->pool, &set);
	score_pair(ground->arena, plan, 0, 0, &excluded);
	score_pair(ground->arena, plan, 0, 1, &teammates);
	assert_int_equal(excluded.refusal, REFUSED_EXCLUDED);
	assert_int_equal(teammates.refusal, REFUSED_RULE);
	explanation_for_member(&excluded);
	explanation_for_member(&teammates);
	assert_int_equal(excluded.refusal, teammates.refusal);
	assert_int_equal(excluded.rule, teammates.rule);
}

static void test_nobody_is_matched_with_themselves(void **state)
{
	struct ground *ground = *state;
	struct plan *plan;
	int16_t scores[3];

	add_people(ground->pool);
	pool_person(ground->pool, SIDE_MENTOR, "ben");
	plan = plan_new(ground->arena, ground->pool, &faith_set);
	score_row(plan, 1, scores);
	assert_int_equal(scores[2], -1);
	assert_int_equal(scores[0], 1000);
}

static void test_what_would_raise_a_score_is_told_with_its_gain(void **state)
{
	static const struct criterion criteria[] = {
		{ .key = "gap",
		  .kind = CRITERION_EXPERIENCE_GAP,
		  .weight = 20,
		  .mentee_field = "years",
		  .low = 3,
		  .high = 15,
		  .reach = 40 },
		{ .key = "skills",
		  .kind = CRITERION_SKILL_COVER,
		  .weight = 30,
		  .mentee_field = "skills" },
		{ .key = "hours",
		  .kind = CRITERION_AVAILABILITY_OVERLAP,
		  .weight = 50,
		  .mentee_field = "hours",
		  .low = 60 },
		{ .key = "faith",
		  .kind = CRITERION_ANSWER_EQUAL,
		  .weight = 10,
		  .mentee_field = "faith" },
	};
	static const struct criteria set = { .criteria = criteria, .n_criteria = 4 };
	struct ground *ground = *state;
	struct raise *raises;
	struct explanation explanation;
	struct plan *plan;
	size_t n;

	add_people(ground->pool);
	plan = plan_new(ground->arena, ground->pool, &set);
	score_pair(ground->arena, plan, 1, 1, &explanation);
	/* 26 years ahead are 11 more than 15: 725 points; welding is no law: 0; hours and faith do not count. */
	assert_int_equal(explanation.score, 20 * 725 / 50);
	n = score_raise(ground->arena, plan, 1, 1, &raises);
	assert_int_equal(n, 3);
	assert_int_equal(raises[0].criterion, 1);
	assert_int_equal(raises[0].gain, 890 - 290);
	assert_int_equal(raises[0].n_terms, 1);
	assert_string_equal(raises[0].terms[0], "law");
	assert_int_equal(raises[1].criterion, 2);
	assert_int_equal(raises[1].missing, MISSING_BOTH);
	assert_int_equal(raises[1].gain, 645 - 290);
	assert_int_equal(raises[2].criterion, 0);
	assert_int_equal(raises[2].number, 11);
	assert_int_equal(raises[2].gain, 400 - 290);
}

static void test_values_of_the_wrong_kind_are_not_taken(void **state)
{
	static const uint8_t traits[POOL_SCALES] = { 101 };
	struct ground *ground = *state;

	assert_false(pool_number(ground->pool, YEARS, 1));
	pool_person(ground->pool, SIDE_MENTEE, "anna");
	assert_true(pool_number(ground->pool, YEARS, 1));
	assert_false(pool_number(ground->pool, YEARS, 1000001));
	assert_false(pool_number(ground->pool, TEAM, 1));
	assert_false(pool_term(ground->pool, YEARS, "x", 0));
	assert_false(pool_term(ground->pool, LANGUAGES, "de", 8));
	assert_false(pool_scales(ground->pool, HOURS, traits));
	assert_false(pool_nothing(ground->pool, FIELDS));
	assert_false(pool_number(ground->pool, -1, 1));
	assert_int_equal(pool_find(ground->pool, SIDE_MENTEE, "anna"), 0);
	assert_int_equal(pool_find(ground->pool, SIDE_MENTOR, "anna"), UINT32_MAX);
	assert_int_equal(pool_find(ground->pool, SIDE_MENTEE, "nobody"), UINT32_MAX);
}

static void test_an_empty_side_has_nothing_to_score(void **state)
{
	struct ground *ground = *state;
	struct plan *plan;
	int16_t score = 4711;

	pool_person(ground->pool, SIDE_MENTEE, "anna");
	plan = plan_new(ground->arena, ground->pool, &faith_set);
	assert_int_equal(plan_mentors(plan), 0);
	score_row(plan, 0, &score);
	assert_int_equal(score, 4711);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_ground, close_ground)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_good_criteria_have_no_findings),
		TEST(test_a_weight_is_0_to_100),
		TEST(test_something_must_have_a_weight),
		TEST(test_a_question_must_exist_and_fit),
		TEST(test_numbers_must_make_sense),
		TEST(test_two_criteria_need_two_names),
		TEST(test_the_least_score_is_0_to_1000),
		TEST(test_rules_that_leave_nobody_contradict),
		TEST(test_rules_that_leave_somebody_do_not_contradict),
		TEST(test_a_weight_that_cannot_matter_is_told),
		TEST(test_a_criterion_too_light_to_move_a_score_is_told),
		TEST(test_a_criterion_that_nobody_can_score_on_is_told),
		TEST(test_a_rule_that_refuses_everybody_is_told),
		TEST(test_a_sensitive_answer_counts_with_consent_only),
		TEST(test_a_sensitive_answer_is_not_shown_to_the_other),
		TEST(test_a_member_is_not_told_of_an_exclusion),
		TEST(test_nobody_is_matched_with_themselves),
		TEST(test_what_would_raise_a_score_is_told_with_its_gain),
		TEST(test_values_of_the_wrong_kind_are_not_taken),
		TEST(test_an_empty_side_has_nothing_to_score),
	};

	return cmocka_run_group_tests_name("criteria", tests, NULL, NULL);
}

/* Criteria and rules against the people of a pool: who can have a point at all, and whom a rule leaves. */
#include "check.h"
#include "plan_own.h"

#include <stdlib.h>

/* The distinct values that a side told, in order. */
struct values {
	int32_t *at;
	size_t n;
};

static int by_value(const void *left, const void *right)
{
	int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;

	return a < b ? -1 : a > b;
}

static struct values values_of(struct arena *arena, const struct pool *pool, enum side side,
			       int field)
{
	struct values values = { arena_alloc(arena, pool_count(pool, side) * sizeof *values.at),
				 0 };
	size_t n = 0;

	for (uint32_t person = 0; person < pool_count(pool, side); person++) {
		struct said said = pool_said(pool, side, person, field);
		const struct pool_value *value = said_next(&said);

		if (value)
			values.at[values.n++] = (int32_t)value->value;
	}
	qsort(values.at, values.n, sizeof *values.at, by_value);
	for (size_t i = 0; i < values.n; i++)
		if (i == 0 || values.at[i] != values.at[n - 1])
			values.at[n++] = values.at[i];
	values.n = n;
	return values;
}

/* Whether some mentor's value lies in [low, high] as seen from some mentee's. */
static bool some_gap(const struct values *mentees, const struct values *mentors, int64_t low,
		     int64_t high)
{
	size_t k = 0;

	for (size_t i = 0; i < mentees->n; i++) {
		while (k < mentors->n && mentors->at[k] < mentees->at[i] + low)
			k++;
		if (k < mentors->n && mentors->at[k] <= mentees->at[i] + high)
			return true;
	}
	return false;
}

static bool some_difference(const struct values *mentees, const struct values *mentors)
{
	return mentees->n > 1 ||
	       mentors->n > 1 ||
	       (mentees->n && mentors->n && mentees->at[0] != mentors->at[0]);
}

/* Round the clock: as near as it gets, whichever way. */
static bool some_zone(const struct values *mentees, const struct values *mentors, int most)
{
	return some_gap(mentees, mentors, -most, most) ||
	       some_gap(mentees, mentors, DAY_MINUTES - most, DAY_MINUTES) ||
	       some_gap(mentees, mentors, -DAY_MINUTES, most - DAY_MINUTES);
}

static bool some_cell(const struct values *mentees, const struct values *mentors,
		      const struct pool *pool, const struct criterion *criterion)
{
	for (size_t i = 0; i < criterion->n_cells; i++) {
		int32_t mentee = (int32_t)pool_number_of(pool, criterion->cells[i].mentee);
		int32_t mentor = (int32_t)pool_number_of(pool, criterion->cells[i].mentor);

		if (criterion->cells[i].points &&
		    bsearch(&mentee, mentees->at, mentees->n, sizeof mentee, by_value) &&
		    bsearch(&mentor, mentors->at, mentors->n, sizeof mentor, by_value))
			return true;
	}
	return false;
}

static bool one_value(const struct plan *plan, struct arena *arena, const struct measure *measure)
{
	struct values mentees = values_of(arena, plan->pool, SIDE_MENTEE, measure->mentee_field);
	struct values mentors = values_of(arena, plan->pool, SIDE_MENTOR, measure->mentor_field);

	return mentees.n == 1 && mentors.n == 1;
}

static bool some_points(struct arena *arena, const struct plan *plan, int index)
{
	const struct criterion *criterion = &plan->criteria->criteria[index];
	const struct measure *measure = plan->measure_of[index];
	const struct scale *scale = &plan->use_of[index]->scale;
	struct values mentees = values_of(arena, plan->pool, SIDE_MENTEE, measure->mentee_field);
	struct values mentors = values_of(arena, plan->pool, SIDE_MENTOR, measure->mentor_field);

	if (!mentees.n || !mentors.n)
		return false;
	switch (criterion->kind) {
	case CRITERION_EXPERIENCE_GAP:
	case CRITERION_ANSWER_DISTANCE:
		return some_gap(&mentees, &mentors, scale->low - scale->reach + 1,
				scale->high + scale->reach - 1);
	case CRITERION_ZONE_DISTANCE:
		return some_zone(&mentees, &mentors, scale->high + scale->reach - 1);
	case CRITERION_PERSONALITY_SIMILAR:
	case CRITERION_PERSONALITY_COMPLEMENTARY:
		return true;
	case CRITERION_ANSWER_EQUAL:
		return some_gap(&mentees, &mentors, 0, 0);
	case CRITERION_CUSTOM_TABLE:
		return some_cell(&mentees, &mentors, plan->pool, criterion);
	case CRITERION_INDUSTRY_DIFFERENT:
		return some_difference(&mentees, &mentors);
	default:
		return measure->bits->n_bits > 0;
	}
}

static bool scores_for_somebody(struct arena *arena, const struct plan *plan, int index)
{
	if (plan->criteria->criteria[index].kind == CRITERION_PREFERENCE)
		return plan->pool->n_preferences > 0;
	return some_points(arena, plan, index);
}

static bool somebody_silent(const struct pool *pool, int mentee_field, int mentor_field)
{
	for (uint32_t mentee = 0; mentee < pool_count(pool, SIDE_MENTEE); mentee++)
		if (!pool_answered(pool, SIDE_MENTEE, mentee, mentee_field))
			return true;
	for (uint32_t mentor = 0; mentor < pool_count(pool, SIDE_MENTOR); mentor++)
		if (!pool_answered(pool, SIDE_MENTOR, mentor, mentor_field))
			return true;
	return false;
}

static bool some_pair_holds(struct arena *arena, const struct plan *plan,
			    const struct measure *measure, const struct use *use)
{
	struct values mentees, mentors;

	if (measure->kind == MEASURE_COUNT)
		return use->scale.low <= 0 || measure->bits->n_bits > 0;
	mentees = values_of(arena, plan->pool, SIDE_MENTEE, measure->mentee_field);
	mentors = values_of(arena, plan->pool, SIDE_MENTOR, measure->mentor_field);
	if (measure->kind == MEASURE_GAP)
		return some_gap(&mentees, &mentors, use->scale.low, use->scale.high);
	return use->scale.high ? some_gap(&mentees, &mentors, 0, 0)
			       : some_difference(&mentees, &mentors);
}

/* Rules that ask for an answer of one side only, and those about acquaintances, leave somebody in all but odd pools. */
static bool leaves_somebody(struct arena *arena, const struct plan *plan,
			    const struct measure *measure, const struct use *use)
{
	if (measure->mentee_field < 0 || measure->mentor_field < 0 || measure->kind == MEASURE_MARK)
		return true;
	if (use->scale.counts_missing &&
	    somebody_silent(plan->pool, measure->mentee_field, measure->mentor_field))
		return true;
	return some_pair_holds(arena, plan, measure, use);
}

static void check_gates(struct check *check, struct arena *scratch, const struct plan *plan)
{
	for (int i = 0; i < plan->n_measures; i++)
		for (const struct use *use = plan->measures[i].uses; use; use = use->next)
			if (use->form == FORM_GATE &&
			    !leaves_somebody(scratch, plan, &plan->measures[i], use))
				add_finding(check,
					    (struct finding) {
						    FINDING_RULE_HOLDS_ALL, false, true, use->index,
						    -1,
						    check->set->rules[use->index].mentee_field });
}

static bool is_comparison(enum measure_kind kind)
{
	return kind == MEASURE_GAP ||
	       kind == MEASURE_ZONE ||
	       kind == MEASURE_EQUAL ||
	       kind == MEASURE_TABLE;
}

void check_people(struct check *check)
{
	struct arena *scratch = arena_new(SIZE_MAX);
	struct plan *plan = plan_new(scratch, check->pool, check->set);

	for (int i = 0; i < (int)check->set->n_criteria; i++) {
		struct finding finding = { FINDING_NOBODY_SCORES,      false, false, i, -1,
					   check->set->criteria[i].key };

		if (scores_for_somebody(scratch, plan, i)) {
			finding.code = FINDING_CANNOT_MATTER;
			if (!is_comparison(plan->measure_of[i]->kind) ||
			    !one_value(plan, scratch, plan->measure_of[i]) ||
			    somebody_silent(plan->pool, plan->measure_of[i]->mentee_field,
					    plan->measure_of[i]->mentor_field))
				continue;
		}
		add_finding(check, finding);
	}
	check_gates(check, scratch, plan);
	arena_free(scratch);
}

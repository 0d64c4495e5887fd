/* A program's criteria as measures and what they give. */
#include "plan_own.h"

#include <string.h>

struct fields {
	int mentee, mentor;
};

static struct fields fields_of(const struct pool *pool, const struct criterion *criterion)
{
	const char *mentor =
		criterion->mentor_field ? criterion->mentor_field : criterion->mentee_field;

	return (struct fields) { pool_field(pool, criterion->mentee_field),
				 pool_field(pool, mentor) };
}

static int32_t whole_quarters(int minutes)
{
	return minutes <= 15 ? 15 : (minutes + 14) / 15 * 15;
}

static struct scale share_scale(int32_t full)
{
	return (struct scale) { .high = full, .factor = factor_of(full) };
}

/* No smaller reach than 1: one step beyond is worth nothing. */
static struct scale band_scale(int32_t low, int32_t high, int32_t reach)
{
	reach = reach > 1 ? reach : 1;
	return (struct scale) {
		.low = low, .high = high, .reach = reach, .factor = factor_of(reach)
	};
}

struct scale cover_scale(const struct scale *scale, int32_t wanted)
{
	struct scale covered = *scale;

	covered.high = wanted;
	covered.factor = factor_of(wanted > 1 ? wanted : 1);
	return covered;
}

static struct measure *count_terms(struct plan *plan, struct fields fields, enum set_kind kind,
				   int low)
{
	const struct set_key key = {
		.kind = kind,
		.mentee_field = fields.mentee,
		.mentor_field = fields.mentor,
		.low = low,
	};

	return plan_measure(plan, MEASURE_COUNT, fields.mentee, fields.mentor,
			    plan_set(plan, &key));
}

static struct measure *count_hours(struct plan *plan, struct fields fields, int minutes)
{
	const struct set_key key = {
		.kind = SET_HOURS,
		.mentee_field = fields.mentee,
		.mentor_field = fields.mentor,
		.fold = plan_fold(plan, fields.mentee, fields.mentor, minutes),
	};

	return plan_measure(plan, MEASURE_COUNT, fields.mentee, fields.mentor,
			    plan_set(plan, &key));
}

/* The place of a text among the cells' distinct ones, from 1; 0 for any other. */
static int32_t class_of(const uint32_t *classes, size_t n_classes, uint32_t term)
{
	for (size_t i = 0; term && i < n_classes; i++)
		if (classes[i] == term)
			return (int32_t)i + 1;
	return 0;
}

static size_t add_class(uint32_t *classes, size_t n_classes, uint32_t term)
{
	if (!term || class_of(classes, n_classes, term))
		return n_classes;
	classes[n_classes] = term;
	return n_classes + 1;
}

/* Terms by their class: 0 is whatever no cell names. */
static int32_t *classify(struct plan *plan, enum side side, int field, const uint32_t *classes,
			 size_t n_classes)
{
	uint32_t people = pool_count(plan->pool, side);
	int32_t *row =
		side == SIDE_MENTOR ? plan_column(plan) : plan_alloc(plan, people, sizeof *row);

	for (uint32_t person = 0; person < people; person++) {
		struct said said = pool_said(plan->pool, side, person, field);
		const struct pool_value *value = said_next(&said);

		row[person] = class_of(classes, n_classes, value ? value->value : 0);
	}
	return row;
}

static struct measure *look_up(struct plan *plan, struct fields fields,
			       const struct criterion *criterion)
{
	struct measure *measure =
		plan_measure(plan, MEASURE_TABLE, fields.mentee, fields.mentor, NULL);
	uint32_t *mentee = plan_alloc(plan, criterion->n_cells, sizeof *mentee);
	uint32_t *mentor = plan_alloc(plan, criterion->n_cells, sizeof *mentor);
	size_t mentees = 0, mentors = 0;
	int32_t *table;

	for (size_t i = 0; i < criterion->n_cells; i++) {
		mentees = add_class(mentee, mentees,
				    pool_number_of(plan->pool, criterion->cells[i].mentee));
		mentors = add_class(mentor, mentors,
				    pool_number_of(plan->pool, criterion->cells[i].mentor));
	}
	measure->width = (uint32_t)mentors + 1;
	table = plan_alloc(plan, (mentees + 1) * (mentors + 1), sizeof *table);
	for (size_t i = 0; i < criterion->n_cells; i++) {
		const struct criterion_cell *cell = &criterion->cells[i];
		int32_t row = class_of(mentee, mentees, pool_number_of(plan->pool, cell->mentee));
		int32_t column =
			class_of(mentor, mentors, pool_number_of(plan->pool, cell->mentor));

		if (row && column)
			table[(uint32_t)row * measure->width + (uint32_t)column] = cell->points;
	}
	measure->table = table;
	measure->own = classify(plan, SIDE_MENTEE, fields.mentee, mentee, mentees);
	measure->column = classify(plan, SIDE_MENTOR, fields.mentor, mentor, mentors);
	return measure;
}

static struct measure *measure_criterion(struct plan *plan, struct fields fields,
					 const struct criterion *criterion)
{
	switch (criterion->kind) {
	case CRITERION_SKILL_COVER:
		return count_terms(plan, fields, SET_LEVELS, 0);
	case CRITERION_LANGUAGE_COMMON:
		return count_terms(plan, fields, SET_TERMS, criterion->low);
	case CRITERION_AVAILABILITY_OVERLAP:
		return count_hours(plan, fields, whole_quarters(criterion->low));
	case CRITERION_EXPERIENCE_GAP:
	case CRITERION_ANSWER_DISTANCE:
		return plan_measure(plan, MEASURE_GAP, fields.mentee, fields.mentor, NULL);
	case CRITERION_ZONE_DISTANCE:
		return plan_measure(plan, MEASURE_ZONE, fields.mentee, fields.mentor, NULL);
	case CRITERION_PERSONALITY_SIMILAR:
	case CRITERION_PERSONALITY_COMPLEMENTARY:
		return plan_measure(plan, MEASURE_SCALES, fields.mentee, fields.mentor, NULL);
	case CRITERION_ANSWER_EQUAL:
		return plan_measure(plan, MEASURE_EQUAL, fields.mentee, fields.mentor, NULL);
	case CRITERION_CUSTOM_TABLE:
		return look_up(plan, fields, criterion);
	case CRITERION_PREFERENCE:
		return plan_measure(plan, MEASURE_NOTHING, -1, -1, NULL);
	default:
		return count_terms(plan, fields, SET_TERMS, 0);
	}
}

static enum form form_of(enum criterion_kind kind)
{
	switch (kind) {
	case CRITERION_SKILL_COVER:
	case CRITERION_GOAL_COVER:
		return FORM_COVER;
	case CRITERION_EXPERIENCE_GAP:
	case CRITERION_ANSWER_DISTANCE:
	case CRITERION_ZONE_DISTANCE:
	case CRITERION_PERSONALITY_SIMILAR:
	case CRITERION_PERSONALITY_COMPLEMENTARY:
		return FORM_BAND;
	case CRITERION_ANSWER_OVERLAP:
		return FORM_DICE;
	case CRITERION_PREFERENCE:
		return FORM_PREFERENCE;
	default:
		return FORM_SHARE;
	}
}

static struct scale scale_of(const struct criterion *criterion, const struct measure *measure)
{
	const int32_t farthest = POOL_SCALES * 100;
	struct scale scale;

	switch (criterion->kind) {
	case CRITERION_EXPERIENCE_GAP:
		return band_scale(criterion->low, criterion->high, criterion->reach);
	case CRITERION_ANSWER_DISTANCE:
		return band_scale(-criterion->low, criterion->low, criterion->reach);
	case CRITERION_ZONE_DISTANCE:
		return band_scale(0, criterion->low, criterion->reach);
	case CRITERION_PERSONALITY_SIMILAR:
		return band_scale(0, 0, farthest);
	case CRITERION_PERSONALITY_COMPLEMENTARY:
		return band_scale(farthest, farthest, farthest);
	case CRITERION_AVAILABILITY_OVERLAP:
		return share_scale(whole_quarters(criterion->low) / (measure->bits->key.fold * 15));
	case CRITERION_CUSTOM_TABLE:
		return share_scale(1000);
	default:
		scale = share_scale(1);
		scale.invert = criterion->kind == CRITERION_INDUSTRY_DIFFERENT;
		return scale;
	}
}

/* Who wants nothing has not said what would fit. */
static bool mentee_answered(const struct plan *plan, const struct use *use,
			    const struct measure *measure, uint32_t mentee)
{
	if (use->form == FORM_COVER && measure->bits->wanted[mentee] == 0)
		return false;
	return pool_answered(plan->pool, SIDE_MENTEE, mentee, measure->mentee_field);
}

static void weigh_mentees(struct plan *plan, struct use *use, const struct measure *measure,
			  const struct criterion *criterion)
{
	for (uint32_t mentee = 0; mentee < plan->mentees; mentee++) {
		bool answered = mentee_answered(plan, use, measure, mentee);

		use->state[mentee] = answered ? STATE_APPLY : STATE_SKIP;
		if (answered || criterion->missing_is_zero)
			plan->weights[mentee] += criterion->weight;
	}
}

/* Preferences are of everybody's weight; plan_add_patches() tells who named nobody. */
static void add_criterion(struct plan *plan, int index)
{
	const struct criterion *criterion = &plan->criteria->criteria[index];
	struct fields fields = fields_of(plan->pool, criterion);
	struct measure *measure = measure_criterion(plan, fields, criterion);
	struct use *use = plan_use(plan, measure, form_of(criterion->kind), index);

	use->scale = scale_of(criterion, measure);
	use->scale.weight = criterion->weight;
	use->scale.counts_missing = criterion->missing_is_zero;
	plan->use_of[index] = use;
	plan->measure_of[index] = measure;
	if (use->form == FORM_PREFERENCE)
		return;
	weigh_mentees(plan, use, measure, criterion);
	plan_mark_absent(plan, use, index, fields.mentor);
}

void plan_add_criteria(struct plan *plan)
{
	for (size_t i = 0; i < plan->criteria->n_criteria; i++)
		add_criterion(plan, (int)i);
}

/* Measures of a plan: their columns for the mentors, their rows for the mentees. */
#include "plan_own.h"

/* Of a field with one value: the number, the term's number; 0 without an answer. */
static int32_t value_of(const struct pool *pool, enum side side, uint32_t person, int field)
{
	struct said said = pool_said(pool, side, person, field);
	const struct pool_value *value = said_next(&said);

	return value ? (int32_t)value->value : 0;
}

static const int32_t *column_of(struct plan *plan, int field)
{
	int32_t *column = plan_column(plan);

	for (uint32_t mentor = 0; mentor < plan->mentors; mentor++)
		column[mentor] = value_of(plan->pool, SIDE_MENTOR, mentor, field);
	return column;
}

static const int32_t *row_of(struct plan *plan, int field)
{
	int32_t *row = plan_alloc(plan, plan->mentees, sizeof *row);

	for (uint32_t mentee = 0; mentee < plan->mentees; mentee++)
		row[mentee] = value_of(plan->pool, SIDE_MENTEE, mentee, field);
	return row;
}

/* Five traits as bytes: four of them, and the fifth. */
static void traits_of(const struct pool *pool, enum side side, uint32_t person, int field,
		      uint32_t traits[2])
{
	struct said said = pool_said(pool, side, person, field);

	traits[0] = traits[1] = 0;
	for (const struct pool_value *value; (value = said_next(&said));)
		if (value->level < POOL_SCALES)
			traits[value->level / 4] |= value->value << value->level % 4 * 8;
}

static void take_traits(struct plan *plan, struct measure *measure)
{
	int32_t *first = plan_column(plan), *last = plan_column(plan);
	int32_t *own = plan_alloc(plan, plan->mentees, 2 * sizeof *own);
	uint32_t traits[2];

	for (uint32_t mentor = 0; mentor < plan->mentors; mentor++) {
		traits_of(plan->pool, SIDE_MENTOR, mentor, measure->mentor_field, traits);
		first[mentor] = (int32_t)traits[0];
		last[mentor] = (int32_t)traits[1];
	}
	for (uint32_t mentee = 0; mentee < plan->mentees; mentee++) {
		traits_of(plan->pool, SIDE_MENTEE, mentee, measure->mentee_field, traits);
		own[2 * (size_t)mentee] = (int32_t)traits[0];
		own[2 * (size_t)mentee + 1] = (int32_t)traits[1];
	}
	measure->column = first;
	measure->last_column = last;
	measure->own = own;
}

static void take_values(struct plan *plan, struct measure *measure)
{
	switch (measure->kind) {
	case MEASURE_GAP:
	case MEASURE_ZONE:
	case MEASURE_EQUAL:
		measure->column = column_of(plan, measure->mentor_field);
		measure->own = row_of(plan, measure->mentee_field);
		return;
	case MEASURE_SCALES:
		take_traits(plan, measure);
		return;
	default: /* whoever adds it knows more */
		return;
	}
}

static bool can_share(const struct measure *measure, enum measure_kind kind, int mentee_field,
		      int mentor_field, const struct bits *bits)
{
	return measure->kind == kind &&
	       kind != MEASURE_TABLE &&
	       kind != MEASURE_MARK &&
	       measure->mentee_field == mentee_field &&
	       measure->mentor_field == mentor_field &&
	       measure->bits == bits;
}

struct measure *plan_measure(struct plan *plan, enum measure_kind kind, int mentee_field,
			     int mentor_field, const struct bits *bits)
{
	struct measure *measure;

	for (int i = 0; i < plan->n_measures; i++)
		if (can_share(&plan->measures[i], kind, mentee_field, mentor_field, bits))
			return &plan->measures[i];

	measure = &plan->measures[plan->n_measures++];
	*measure = (struct measure) {
		.kind = kind,
		.mentee_field = mentee_field,
		.mentor_field = mentor_field,
		.bits = bits,
	};
	take_values(plan, measure);
	return measure;
}

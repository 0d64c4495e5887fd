/* What a criterion found in a pair: the terms, minutes and years that people can be told. */
#include "explain.h"

/* Room for every value of a person: no list of theirs is longer. */
static const char **list_for(struct arena *arena, const struct plan *plan, uint32_t mentee)
{
	const struct pool_side *side = &plan->pool->sides[SIDE_MENTEE];

	return arena_alloc(arena,
			   (side->first[mentee + 1] - side->first[mentee]) * sizeof(const char *));
}

/* Whether the mentor has it as the criterion asks: at the wanted level, or at the least level. */
static bool mentor_has(const struct plan *plan, const struct set_key *key, uint32_t mentor,
		       const struct pool_value *wanted)
{
	struct said said = pool_said(plan->pool, SIDE_MENTOR, mentor, key->mentor_field);
	int least = key->kind == SET_LEVELS ? (wanted->level ? wanted->level : 1) : key->low;

	for (const struct pool_value *value; (value = said_next(&said));)
		if (value->level != LEVEL_NOTHING && value->value == wanted->value)
			return !value->level || value->level >= least;
	return false;
}

static bool asks_for(const struct set_key *key, const struct pool_value *wanted)
{
	return wanted->level != LEVEL_NOTHING &&
	       (key->kind == SET_LEVELS || !wanted->level || wanted->level >= key->low);
}

static void tell_terms(struct arena *arena, const struct plan *plan, const struct set_key *key,
		       uint32_t mentee, uint32_t mentor, struct score_part *part)
{
	struct said said = pool_said(plan->pool, SIDE_MENTEE, mentee, key->mentee_field);

	part->fact = FACT_TERMS;
	part->terms = list_for(arena, plan, mentee);
	part->lacking = list_for(arena, plan, mentee);
	for (const struct pool_value *value; (value = said_next(&said));) {
		if (!asks_for(key, value))
			continue;
		if (mentor_has(plan, key, mentor, value))
			part->terms[part->n_terms++] = pool_text(plan->pool, value->value);
		else
			part->lacking[part->n_lacking++] = pool_text(plan->pool, value->value);
	}
	part->number = (int)part->n_terms;
}

static const char *answer_text(struct arena *arena, const struct pool *pool, enum side side,
			       uint32_t person, int field)
{
	struct said said = pool_said(pool, side, person, field);
	const struct pool_value *value = said_next(&said);

	if (!value)
		return "";
	if (pool->fields[field].kind == FIELD_NUMBER)
		return arena_printf(arena, "%d", (int32_t)value->value);
	return pool_text(pool, value->value);
}

static void tell_answers(struct arena *arena, const struct plan *plan,
			 const struct measure *measure, uint32_t mentee, uint32_t mentor,
			 struct score_part *part)
{
	part->fact = FACT_EQUAL;
	part->terms = arena_alloc(arena, 2 * sizeof *part->terms);
	part->terms[0] = answer_text(arena, plan->pool, SIDE_MENTEE, mentee, measure->mentee_field);
	part->terms[1] = answer_text(arena, plan->pool, SIDE_MENTOR, mentor, measure->mentor_field);
	part->n_terms = 2;
	part->number =
		part->terms[0] == part->terms[1] ||
		(measure->kind == MEASURE_EQUAL && pair_measure(plan, measure, mentee, mentor));
}

static void tell_ranks(const struct plan *plan, uint32_t mentee, uint32_t mentor,
		       struct score_part *part)
{
	const struct patch *patch = plan_patch(plan, mentee, mentor);

	part->fact = FACT_RANKS;
	part->number = patch ? patch->mentee_rank : -1;
	part->other = patch ? patch->mentor_rank : -1;
}

void tell_fact(struct arena *arena, const struct plan *plan, uint32_t mentee, uint32_t mentor,
	       struct score_part *part)
{
	const struct measure *measure = plan->measure_of[part->criterion];
	int32_t value = pair_measure(plan, measure, mentee, mentor);

	part->number = value;
	switch (measure->kind) {
	case MEASURE_COUNT:
		if (measure->bits->key.kind != SET_HOURS) {
			tell_terms(arena, plan, &measure->bits->key, mentee, mentor, part);
			return;
		}
		part->fact = FACT_MINUTES;
		part->number = value * measure->bits->key.fold * 15;
		return;
	case MEASURE_GAP:
		part->fact =
			plan->criteria->criteria[part->criterion].kind == CRITERION_EXPERIENCE_GAP
				? FACT_GAP
				: FACT_DISTANCE;
		if (part->fact == FACT_DISTANCE)
			part->number = value < 0 ? -value : value;
		return;
	case MEASURE_ZONE:
	case MEASURE_SCALES:
		part->fact = FACT_DISTANCE;
		return;
	case MEASURE_EQUAL:
	case MEASURE_TABLE:
		tell_answers(arena, plan, measure, mentee, mentor, part);
		return;
	default:
		tell_ranks(plan, mentee, mentor, part);
	}
}

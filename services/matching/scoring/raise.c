/* What would make a pair better: each criterion that is not met in full, by what it would bring. */
#include "explain.h"

#include <stdlib.h>

/* The score, if this part had all its points and everything else stayed. */
static int score_with(const struct explanation *explanation, size_t met)
{
	int32_t points = 0, weights = 0;

	for (size_t i = 0; i < explanation->n_parts; i++) {
		const struct score_part *part = &explanation->parts[i];

		if (i != met && !part->counts)
			continue;
		points += part->weight * (i == met ? SCORE_MOST : part->points);
		weights += part->weight;
	}
	return mean_score(points, weights);
}

/* How far a number is from full points. */
static int short_of(const struct use *use, const struct measure *measure, int32_t value)
{
	const struct scale *scale = &use->scale;

	if (use->form == FORM_BAND)
		return value < scale->low    ? scale->low - value
		       : value > scale->high ? value - scale->high
					     : 0;
	if (measure->kind == MEASURE_COUNT && measure->bits->key.kind == SET_HOURS)
		return (scale->high - value) * measure->bits->key.fold * 15;
	return 0;
}

static struct raise raise_by(struct arena *arena, const struct plan *plan, uint32_t mentee,
			     uint32_t mentor, struct score_part *part)
{
	const struct measure *measure = plan->measure_of[part->criterion];
	struct raise raise = { .criterion = part->criterion, .missing = part->missing };

	if (part->missing != MISSING_NONE)
		return raise;

	tell_fact(arena, plan, mentee, mentor, part);
	raise.number = short_of(plan->use_of[part->criterion], measure,
				pair_measure(plan, measure, mentee, mentor));
	if (part->fact == FACT_TERMS) {
		raise.terms = part->lacking;
		raise.n_terms = part->n_lacking;
		raise.number = (int)part->n_lacking;
	}
	return raise;
}

static bool can_raise(const struct plan *plan, const struct score_part *part)
{
	return !part->sensitive &&
	       part->weight > 0 &&
	       part->points < SCORE_MOST &&
	       plan->criteria->criteria[part->criterion].kind != CRITERION_PREFERENCE;
}

static int by_gain(const void *left, const void *right)
{
	const struct raise *a = left, *b = right;

	return a->gain != b->gain ? b->gain - a->gain : a->criterion - b->criterion;
}

size_t score_raise(struct arena *arena, const struct plan *plan, uint32_t mentee, uint32_t mentor,
		   struct raise **raises)
{
	struct explanation explanation = { 0 };
	size_t n = 0;

	explain_parts(arena, plan, mentee, mentor, &explanation);
	*raises = arena_alloc(arena, explanation.n_parts * sizeof **raises);
	for (size_t i = 0; i < explanation.n_parts; i++) {
		struct score_part *part = &explanation.parts[i];
		int gain = score_with(&explanation, i) - explanation.score;

		if (!can_raise(plan, part) || gain <= 0)
			continue;
		(*raises)[n] = raise_by(arena, plan, mentee, mentor, part);
		(*raises)[n++].gain = gain;
	}
	qsort(*raises, n, sizeof **raises, by_gain);
	return n;
}

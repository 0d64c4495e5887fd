/* Why a pair has its score, and why it is not allowed. */
#include "explain.h"

#include <string.h>

static enum missing missing_of(const struct use *use, uint32_t mentee, uint32_t mentor)
{
	bool theirs = pair_absent(use, mentor);

	if (use->form == FORM_PREFERENCE)
		return use->state[mentee] == STATE_APPLY && theirs ? MISSING_BOTH : MISSING_NONE;
	if (use->state[mentee] == STATE_APPLY)
		return theirs ? MISSING_MENTOR : MISSING_NONE;
	return theirs ? MISSING_BOTH : MISSING_MENTEE;
}

static bool is_sensitive(const struct plan *plan, const struct measure *measure)
{
	const struct field *fields = plan->pool->fields;

	return measure->mentee_field >= 0 &&
	       (fields[measure->mentee_field].sensitive || fields[measure->mentor_field].sensitive);
}

static void weigh_part(const struct plan *plan, int index, uint32_t mentee, uint32_t mentor,
		       struct score_part *part)
{
	const struct criterion *criterion = &plan->criteria->criteria[index];
	const struct use *use = plan->use_of[index];

	*part = (struct score_part) {
		.criterion = index,
		.key = criterion->key,
		.weight = criterion->weight,
		.missing = missing_of(use, mentee, mentor),
		.sensitive = is_sensitive(plan, plan->measure_of[index]),
	};
	part->counts = part->missing == MISSING_NONE || criterion->missing_is_zero;
	if (part->missing == MISSING_NONE)
		part->points = pair_points(plan, plan->measure_of[index], use, mentee, mentor);
}

/* Which of the parts is cut off by most, the first of equals. */
static struct score_part *most_cut(const struct explanation *explanation, const int *cut)
{
	int most = 0;

	for (size_t i = 1; i < explanation->n_parts; i++)
		if (cut[i] > cut[most])
			most = (int)i;
	return &explanation->parts[most];
}

/* The method of the largest remainders (Hamilton): what rounding down leaves goes to those that it cut most. */
static void share_out(struct explanation *explanation, int32_t weights)
{
	int cut[CRITERIA_MOST], left = explanation->score;

	for (size_t i = 0; i < explanation->n_parts; i++) {
		struct score_part *part = &explanation->parts[i];
		int product = part->counts ? part->weight * part->points : 0;

		part->part = product / weights;
		cut[i] = product % weights;
		left -= part->part;
	}
	for (; left > 0; left--) {
		struct score_part *part = most_cut(explanation, cut);

		part->part++;
		cut[part - explanation->parts] = -1;
	}
}

static void sum_up(struct explanation *explanation)
{
	int32_t points = 0, weights = 0;

	for (size_t i = 0; i < explanation->n_parts; i++) {
		const struct score_part *part = &explanation->parts[i];

		points += part->counts ? part->weight * part->points : 0;
		weights += part->counts ? part->weight : 0;
	}
	explanation->score = mean_score(points, weights);
	share_out(explanation, weights > 1 ? weights : 1);
}

static bool gate_refuses(const struct plan *plan, const struct measure *measure,
			 const struct use *use, uint32_t mentee, uint32_t mentor)
{
	int32_t value;

	if (use->form != FORM_GATE || use->state[mentee] == STATE_SKIP)
		return false;
	if (use->state[mentee] == STATE_REFUSE)
		return true;
	if (pair_absent(use, mentor))
		return !use->scale.counts_missing;
	value = pair_measure(plan, measure, mentee, mentor);
	return value < use->scale.low || value > use->scale.high;
}

/* The first rule that refuses, or -1. */
static int refusing_rule(const struct plan *plan, uint32_t mentee, uint32_t mentor)
{
	int first = -1;

	for (int i = 0; i < plan->n_measures; i++)
		for (const struct use *use = plan->measures[i].uses; use; use = use->next)
			if ((first < 0 || use->index < first) &&
			    gate_refuses(plan, &plan->measures[i], use, mentee, mentor))
				first = use->index;
	return first;
}

enum refusal pair_refusal(const struct plan *plan, uint32_t mentee, uint32_t mentor, int score,
			  int *rule)
{
	const struct patch *patch = plan_patch(plan, mentee, mentor);

	*rule = -1;
	if (patch && patch->excluded)
		return REFUSED_EXCLUDED;
	if (patch && patch->self)
		return REFUSED_SELF;
	*rule = refusing_rule(plan, mentee, mentor);
	if (*rule >= 0)
		return REFUSED_RULE;
	return score < plan->criteria->min_score ? REFUSED_MIN_SCORE : REFUSED_NOT;
}

void explain_parts(struct arena *arena, const struct plan *plan, uint32_t mentee, uint32_t mentor,
		   struct explanation *explanation)
{
	explanation->n_parts = plan->criteria->n_criteria;
	explanation->parts = arena_alloc(arena, explanation->n_parts * sizeof *explanation->parts);
	for (size_t i = 0; i < explanation->n_parts; i++)
		weigh_part(plan, (int)i, mentee, mentor, &explanation->parts[i]);
	sum_up(explanation);
}

void score_pair(struct arena *arena, const struct plan *plan, uint32_t mentee, uint32_t mentor,
		struct explanation *explanation)
{
	explain_parts(arena, plan, mentee, mentor, explanation);
	explanation->refusal =
		pair_refusal(plan, mentee, mentor, explanation->score, &explanation->rule);
	for (size_t i = 0; i < explanation->n_parts; i++)
		if (explanation->parts[i].missing == MISSING_NONE)
			tell_fact(arena, plan, mentee, mentor, &explanation->parts[i]);
}

static void add_private(struct score_part *sum, const struct score_part *part)
{
	int weights = sum->weight + (part->counts ? part->weight : 0);

	if (weights)
		sum->points = (sum->points * sum->weight +
			       (part->counts ? part->points * part->weight : 0)) /
			      weights;
	sum->weight = weights;
	sum->part += part->part;
	sum->counts |= part->counts;
}

void explanation_for_member(struct explanation *explanation)
{
	struct score_part sum = { .criterion = -1, .key = "private", .sensitive = true };
	size_t n = 0;

	for (size_t i = 0; i < explanation->n_parts; i++) {
		if (explanation->parts[i].sensitive)
			add_private(&sum, &explanation->parts[i]);
		else
			explanation->parts[n++] = explanation->parts[i];
	}
	if (n < explanation->n_parts)
		explanation->parts[n++] = sum;
	explanation->n_parts = n;
	explanation->rule = -1;
	if (explanation->refusal != REFUSED_MIN_SCORE && explanation->refusal != REFUSED_NOT)
		explanation->refusal = REFUSED_RULE;
}

/* Whom a row allows needs no reason; whom no rule refuses has too low a score. */
void score_refusals(const struct plan *plan, uint32_t mentee, struct refusal_counts *counts)
{
	struct arena *scratch = arena_new(SIZE_MAX);
	int16_t *row = arena_alloc(scratch, plan->mentors * sizeof *row);

	memset(counts, 0, sizeof *counts);
	score_rows(plan, mentee, 1, row);
	for (uint32_t mentor = 0; mentor < plan->mentors; mentor++) {
		enum refusal refusal = REFUSED_NOT;
		int rule;

		if (row[mentor] < 0)
			refusal = pair_refusal(plan, mentee, mentor, -1, &rule);
		counts->by[refusal]++;
		if (refusal == REFUSED_RULE)
			counts->by_rule[rule]++;
	}
	arena_free(scratch);
}

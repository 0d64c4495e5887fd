/* Scores a mentee with all mentors: tile by tile, what is measured, what it gives, and the mean of it. */
#include "plan_own.h"

#include <string.h>

/* Where a tile's part of a column begins. */
static const int32_t *part_of(const int32_t *column, size_t from)
{
	return column ? column + from : NULL;
}

static void take_measure(const struct plan *plan, const struct measure *measure, uint32_t mentee,
			 size_t from, int32_t *value)
{
	const struct kernels *kernels = plan->kernels;
	const struct bits *bits = measure->bits;
	const int32_t *column = part_of(measure->column, from);
	int32_t own = measure->own ? measure->own[mentee] : 0;

	switch (measure->kind) {
	case MEASURE_COUNT:
		kernels->count(bits->columns + from, plan->padded, bits->own + bits->first[mentee],
			       bits->first[mentee + 1] - bits->first[mentee], value);
		return;
	case MEASURE_GAP:
		kernels->gap(column, own, value);
		return;
	case MEASURE_ZONE:
		kernels->zone(column, own, value);
		return;
	case MEASURE_SCALES:
		kernels->scales((const uint32_t *)column,
				(const uint32_t *)part_of(measure->last_column, from),
				(const uint32_t *)measure->own + 2 * (size_t)mentee, value);
		return;
	case MEASURE_EQUAL:
		kernels->equal(column, own, value);
		return;
	case MEASURE_TABLE:
		kernels->table(column, measure->table + (size_t)own * measure->width, value);
		return;
	case MEASURE_MARK:
		kernels->copy(column, value);
		return;
	case MEASURE_NOTHING:
		return;
	}
}

static void apply(const struct plan *plan, const struct measure *measure, const struct use *use,
		  uint32_t mentee, size_t from, struct tally *tally)
{
	const struct kernels *kernels = plan->kernels;
	struct scale scale = use->scale;

	if (scale.absent.column)
		scale.absent.column += from;
	switch (use->form) {
	case FORM_SHARE:
		kernels->share(tally, &scale);
		return;
	case FORM_COVER:
		scale = cover_scale(&scale, measure->bits->wanted[mentee]);
		kernels->share(tally, &scale);
		return;
	case FORM_BAND:
		kernels->band(tally, &scale);
		return;
	case FORM_DICE:
		kernels->dice(tally, &scale, measure->bits->offered + from,
			      measure->bits->wanted[mentee]);
		return;
	case FORM_PREFERENCE:
		kernels->nothing(tally, &scale);
		return;
	case FORM_GATE:
		kernels->gate(tally, &scale);
		return;
	}
}

static bool concerns(const struct use *use, uint32_t mentee)
{
	return use->state[mentee] == STATE_APPLY &&
	       (use->form == FORM_GATE || use->scale.weight > 0);
}

static void weigh_tile(const struct plan *plan, const struct measure *measure, uint32_t mentee,
		       size_t from, struct tally *tally)
{
	bool taken = false;

	for (const struct use *use = measure->uses; use; use = use->next) {
		if (!concerns(use, mentee))
			continue;
		if (!taken)
			take_measure(plan, measure, mentee, from, tally->value);
		taken = true;
		apply(plan, measure, use, mentee, from, tally);
	}
}

static void patch_tile(const struct plan *plan, uint32_t mentee, size_t from, struct tally *tally)
{
	for (size_t i = plan->patched[mentee]; i < plan->patched[mentee + 1]; i++) {
		const struct patch *patch = &plan->patches[i];

		if (patch->mentor < from || patch->mentor >= from + TILE)
			continue;
		tally->points[patch->mentor - from] += patch->bonus;
		tally->refused[patch->mentor - from] |= patch->excluded | patch->self;
	}
}

/* The last tile of a row ends with the last mentor. */
static void score_tile(const struct plan *plan, uint32_t mentee, size_t from, int16_t *row)
{
	struct tally tally;
	int16_t scores[TILE];
	size_t n = plan->mentors - from < TILE ? plan->mentors - from : TILE;

	plan->kernels->begin(&tally, plan->weights[mentee]);
	for (int i = 0; i < plan->n_measures; i++)
		weigh_tile(plan, &plan->measures[i], mentee, from, &tally);
	patch_tile(plan, mentee, from, &tally);
	plan->kernels->finish(&tally, plan->criteria->min_score, n == TILE ? row + from : scores);
	if (n < TILE)
		memcpy(row + from, scores, n * sizeof *scores);
}

void score_rows(const struct plan *plan, uint32_t first, uint32_t count, int16_t *scores)
{
	for (size_t from = 0; from < plan->mentors; from += TILE)
		for (uint32_t i = 0; i < count; i++)
			if (!plan->hopeless[first + i])
				score_tile(plan, first + i, from,
					   scores + (size_t)i * plan->mentors);
	for (uint32_t i = 0; i < count; i++)
		if (plan->hopeless[first + i])
			memset(scores + (size_t)i * plan->mentors, 0xff,
			       plan->mentors * sizeof *scores);
}

void score_row(void *plan, uint32_t mentee, int16_t *scores)
{
	score_rows(plan, mentee, 1, scores);
}

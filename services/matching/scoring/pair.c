/* Measures and points of a single pair, by the same formulas as the tiles: for explanations. */
#include "plan_own.h"

static int32_t count_common(const struct plan *plan, const struct bits *bits, uint32_t mentee,
			    uint32_t mentor)
{
	int32_t common = 0;

	for (uint32_t i = bits->first[mentee]; i < bits->first[mentee + 1]; i++)
		common += __builtin_popcount(
			bits->columns[bits->own[i].word * plan->padded + mentor] &
			bits->own[i].mask);
	return common;
}

static int32_t compare_scales(const struct measure *measure, uint32_t mentee, uint32_t mentor)
{
	const int32_t *own = measure->own + 2 * (size_t)mentee;

	return scales_apart((uint32_t)measure->column[mentor], (uint32_t)own[0],
			    (uint32_t)measure->last_column[mentor], (uint32_t)own[1]);
}

int32_t pair_measure(const struct plan *plan, const struct measure *measure, uint32_t mentee,
		     uint32_t mentor)
{
	int32_t theirs = measure->column ? measure->column[mentor] : 0,
		own = measure->own ? measure->own[mentee] : 0;

	switch (measure->kind) {
	case MEASURE_COUNT:
		return count_common(plan, measure->bits, mentee, mentor);
	case MEASURE_GAP:
		return theirs - own;
	case MEASURE_ZONE:
		return zone_apart(theirs, own);
	case MEASURE_SCALES:
		return compare_scales(measure, mentee, mentor);
	case MEASURE_EQUAL:
		return theirs == own;
	case MEASURE_TABLE:
		return measure->table[(size_t)own * measure->width + (size_t)theirs];
	case MEASURE_MARK:
		return theirs;
	case MEASURE_NOTHING:
		return 0;
	}
	return 0;
}

bool pair_absent(const struct use *use, uint32_t mentor)
{
	return use->scale.absent.column && use->scale.absent.column[mentor] & use->scale.absent.bit;
}

int32_t pair_points(const struct plan *plan, const struct measure *measure, const struct use *use,
		    uint32_t mentee, uint32_t mentor)
{
	int32_t value = pair_measure(plan, measure, mentee, mentor);
	const struct patch *patch;
	struct scale scale;

	switch (use->form) {
	case FORM_SHARE:
		return share_points(&use->scale, value);
	case FORM_COVER:
		scale = cover_scale(&use->scale, measure->bits->wanted[mentee]);
		return share_points(&scale, value);
	case FORM_BAND:
		return band_points(&use->scale, value);
	case FORM_DICE:
		return dice_points(value,
				   measure->bits->wanted[mentee] + measure->bits->offered[mentor]);
	case FORM_PREFERENCE:
		patch = plan_patch(plan, mentee, mentor);
		return patch ? preference_points(plan, &plan->criteria->criteria[use->index],
						 mentee, patch)
			     : 0;
	case FORM_GATE:
		return 0;
	}
	return 0;
}

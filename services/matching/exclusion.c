/* Exclusions: what other services hear of them is who, never why. */
#include "matching/matching.h"

/* A past conflict is matching's own affair: it is over when both ask for each other. */
static bool publish_added(struct call *call, const Exclusion *exclusion)
{
	return exclusion->kind == EXCLUSION__KIND__PAST_CONFLICT ||
	       publish_exclusion_added(call, exclusion);
}

bool put_exclusion(struct call *call, const PutExclusionRequest *req, Exclusion *exclusion)
{
	return add_exclusion(call, req, exclusion) && publish_added(call, exclusion);
}

bool lift_exclusion(struct call *call, const Id *req, Exclusion *exclusion)
{
	return set_lifted(call, req, exclusion) && publish_exclusion_lifted(call, exclusion);
}

bool lapse_exclusion(struct call *call, const Id *req)
{
	Exclusion exclusion = EXCLUSION__INIT;
	bool found;

	return set_lapsed(call, req, &exclusion, &found) &&
	       (!found || publish_exclusion_lifted(call, &exclusion));
}

/*
 * From what matching keeps to what it scores: a criteria set and members become a pool, criteria and a plan.
 *
 * The order of the members is their number on their side. Everything lives as long as the arena, which a thread of its own may
 * fill: nothing here sleeps or asks anybody.
 */
#pragma once

#include "matching/criteria.pb-c.h"
#include "matching/profile.pb-c.h"
#include "services/matching/scoring/plan.h"

struct ground;

/* sensitive: the questions whose answers are shown to nobody, by their criterion. Criteria, hard rules: in the set's order. */
struct ground *ground_new(struct arena *arena, const CriteriaSet *set, char *const *sensitive,
			  size_t n_sensitive);
/* Adds a member, the next on their side; `zone_minutes`: how many minutes east of UTC their clocks are. The profile must live as long as the ground. */
void ground_add(struct ground *ground, const MatchProfile *profile, int zone_minutes);
/* Two people who never meet, whichever of them is the mentor. Those who were not added are nobody. */
void ground_exclude(struct ground *ground, const char *one, const char *other);
/* Once everybody is there: who wishes for whom. Then nobody is added any more. */
void ground_settle(struct ground *ground);

/* Of which part of the profile, or question, so many people said something out of range: it counts as not said. */
struct untaken {
	const char *what;
	uint32_t people;
};
size_t ground_untaken(const struct ground *ground, struct untaken untaken[POOL_MOST_FIELDS]);

/* For criteria_check() and plan_new(). */
struct pool *ground_pool(const struct ground *ground);
const struct criteria *ground_criteria(const struct ground *ground);

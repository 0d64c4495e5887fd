/* The steps of criteria_check(). */
#pragma once

#include "kernel.h"
#include "plan.h"
#include "pool_own.h"

struct check {
	struct arena *arena;
	const struct criteria *set;
	const struct pool *pool;
	struct finding *findings;
	size_t n;
};

void add_finding(struct check *check, struct finding finding);
int total_weight(const struct criteria *set);

/* Rules that leave no pair between them. */
void check_contradictions(struct check *check);
/* Criteria that give every allowed pair the same, or are too light. */
void check_weights(struct check *check);
/* Criteria that give nobody of the pool a point, rules that leave nobody. */
void check_people(struct check *check);

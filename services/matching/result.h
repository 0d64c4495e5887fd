/*
 * What a solution leaves in the database: drafts, who has nobody and why, and its sums.
 */
#pragma once

#include "matching/matching.h"
#include "services/matching/engine.h"

/* Chairs of mentees from … to - 1: a large pool is written in several transactions. */
struct span {
	uint32_t from, to;
};
/* before[i]: whom the database has on chair i. Drops and adds what differs. */
bool write_drafts(struct call *call, struct engine *engine, const RunWork *work,
		  const int32_t *before, struct span span) must_check;
bool write_unmatched(struct call *call, struct engine *engine, const RunWork *work,
		     struct span span) must_check;
/* Answers the id of the solution. */
bool write_result(struct call *call, struct engine *engine, const RunWork *work, double ms,
		  char **solution) must_check;
/* What refuses the mentors of a mentee; exclusions under a name that does not tell. */
RefusalCount **refusal_counts(struct call *call, const struct engine *engine,
			      const struct refusal_counts *counts, size_t *n);
const char *rule_name(const struct engine *engine, size_t rule);

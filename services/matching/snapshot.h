/*
 * What a pool is at this moment, part after part: criteria, mentees, mentors, whom to keep apart. Each part is read by a
 * statement of its own; what people change meanwhile is looked at again when something is published.
 */
#pragma once

#include "matching/matching.h"
#include "service.h"
#include "services/matching/engine.h"

/* Takes a part, packed in the call's memory; false ends it. */
typedef bool snapshot_sink(void *to, struct call *call, int32_t part,
			   const MatchSnapshotPart *content);

/* of: program_id, cohort_id, criteria_version and several. False when it did not work. Sleeps. */
bool snapshot_take(struct process *process, const RunWork *of, snapshot_sink *sink,
		   void *to) must_check;
/* The pool as it is now, fed to an engine that is not compiled yet; NULL when it did not work. Sleeps. */
struct engine *snapshot_engine(struct process *process, const RunWork *of) must_check;

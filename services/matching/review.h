/*
 * A run in a coordinator's hands: its solution taken from memory or built anew, for one call.
 */
#pragma once

#include "services/matching/keeping.h"

enum { MOST_MOVES = 100 };

/* A run that is being changed: locked in the database, its solution in hand. */
struct change {
	struct call *call;
	RunWork work;
	struct engine *engine;
	StandingPairs *standing; /* as the database has them, when the solution was found anew */
	int32_t *before;	 /* whom the database has on each chair */
	struct engine_sums sums;
	uint32_t mentee, mentor; /* the pair that it is about, by the mentee's chair */
	bool done;
	uint64_t since;
	double ms;
};

/* change->call and change->work are there. False with the call refused. Sleeps. */
bool take_engine(struct change *change) must_check;
/* 404 for who is not in the pool. */
bool find_pair(struct change *change, const char *mentor_id, const char *mentee_id) must_check;
MatchMove *move_of(struct call *call, const struct engine *engine, const struct match_move *from);

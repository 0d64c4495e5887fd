/*
 * Runs whose pools and solutions are kept in memory, so that a change is found from where they stand. Whoever takes one has it
 * for themselves; the database says which solution stands, and who keeps another one builds it anew from the snapshot.
 */
#pragma once

#include "call.h"
#include "services/matching/engine.h"

struct keeping;

struct keeping *keeping_new(uint64_t most_mb);
void keeping_free(struct keeping *keeping);

/*
 * The run's pool with the solution that stands, for this call alone until it ends. NULL with the call refused.
 * standing: out, the pairs as the database has them, when the solution had to be found anew; else NULL. Sleeps.
 */
struct engine *kept_take(struct call *call, const RunWork *work,
			 StandingPairs **standing) must_check;
/* Once the call has ended it holds this solution; else, and with "", it is not to be kept. */
void kept_hold(struct call *call, const char *run_id, const char *solution);
/* Keeps what has just been solved. */
void kept_add(struct keeping *keeping, const char *run_id, struct engine *engine,
	      const char *solution);

/* Reads a snapshot into a pool and compiles it; NULL with the call refused. Sleeps. */
struct engine *engine_load(struct call *call, const RunWork *work) must_check;
/* Solves on a worker thread. Sleeps. */
bool engine_solve_beside(struct engine *engine, const struct engine_order *order,
			 const char **code) must_check;
/* The order that keeps what stands and bans what was taken apart; in the call's arena. */
struct engine_order order_of(struct call *call, const struct engine *engine, const RunWork *work,
			     const StandingPairs *standing);

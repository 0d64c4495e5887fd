/* A short list of runs in memory, and how they come there. */
#include "services/matching/keeping.h"

#include <stdlib.h>
#include <string.h>

#include "matching/matching.h"
#include "services/matching/state.h"
#include "task.h"

struct kept {
	struct kept *next;
	char run_id[37], solution[37];
	struct engine *engine; /* NULL: not loaded */
	uint64_t mb, used_at;
	const struct call *taken; /* by whom */
	unsigned waiting;
	struct task_queue queue;
};

struct keeping {
	uint64_t most_mb;
	struct kept *list;
};

struct keeping *keeping_new(uint64_t most_mb)
{
	struct keeping *keeping = calloc(1, sizeof *keeping);

	if (!keeping)
		abort();
	keeping->most_mb = most_mb;
	return keeping;
}

void keeping_free(struct keeping *keeping)
{
	while (keeping->list) {
		struct kept *kept = keeping->list;

		keeping->list = kept->next;
		engine_free(kept->engine);
		free(kept);
	}
	free(keeping);
}

static struct kept *kept_find(struct keeping *keeping, const char *run_id)
{
	struct kept *kept = keeping->list;

	while (kept && strcmp(kept->run_id, run_id))
		kept = kept->next;
	return kept;
}

static struct kept *kept_of(struct keeping *keeping, const char *run_id)
{
	struct kept *kept = kept_find(keeping, run_id);

	if (kept)
		return kept;
	kept = calloc(1, sizeof *kept);
	if (!kept)
		abort();
	snprintf(kept->run_id, sizeof kept->run_id, "%s", run_id);
	kept->next = keeping->list;
	keeping->list = kept;
	return kept;
}

static void let_go(struct keeping *keeping, struct kept *kept)
{
	struct kept **at = &keeping->list;

	while (*at != kept)
		at = &(*at)->next;
	*at = kept->next;
	engine_free(kept->engine);
	free(kept);
}

/* The one that nobody has asked for longest. */
static struct kept *oldest_of(const struct keeping *keeping)
{
	struct kept *oldest = NULL;

	for (struct kept *kept = keeping->list; kept; kept = kept->next)
		if (!kept->taken && !kept->waiting && (!oldest || kept->used_at < oldest->used_at))
			oldest = kept;
	return oldest;
}

static uint64_t sum_of(const struct keeping *keeping)
{
	uint64_t mb = 0;

	for (const struct kept *kept = keeping->list; kept; kept = kept->next)
		mb += kept->engine ? kept->mb : 0;
	return mb;
}

static void make_room(struct keeping *keeping)
{
	struct kept *oldest;

	while (sum_of(keeping) > keeping->most_mb && (oldest = oldest_of(keeping)))
		let_go(keeping, oldest);
}

static void keep(struct kept *kept, struct engine *engine)
{
	engine_free(kept->engine);
	kept->engine = engine;
	kept->mb = engine_memory(engine_mentees(engine), engine_mentors(engine));
	kept->used_at = uv_hrtime();
}

void kept_add(struct keeping *keeping, const char *run_id, struct engine *engine,
	      const char *solution)
{
	struct kept *kept = kept_of(keeping, run_id);

	if (kept->taken) {
		engine_free(engine);
		return;
	}
	keep(kept, engine);
	snprintf(kept->solution, sizeof kept->solution, "%s", solution);
	make_room(keeping);
}

static bool feed_rows(struct engine *engine, const SnapshotRows *rows)
{
	for (size_t i = 0; i < rows->n_items; i++)
		if (!engine_feed(engine, rows->items[i]->bytes.data, rows->items[i]->bytes.len))
			return false;
	return true;
}

/* A few parts at a time, each time in an arena of its own. 0: no more; -1: it did not work. */
static int feed_some(struct process *process, struct engine *engine, RunPart *from)
{
	struct call *ask = call_begin(process, "snapshot");
	SnapshotRows rows = SNAPSHOT_ROWS__INIT;
	bool good = read_snapshot(ask, from, &rows) && feed_rows(engine, &rows);
	int fed = good ? (int)rows.n_items : -1;

	call_end(ask);
	from->part += fed > 0 ? fed : 0;
	return fed;
}

static void compile(void *engine)
{
	engine_compile(engine);
}

struct engine *engine_load(struct call *call, const RunWork *work)
{
	struct engine *engine = engine_new();
	RunPart from = RUN_PART__INIT;
	int fed;

	from.run_id = work->id;
	while ((fed = feed_some(call->process, engine, &from)) > 0)
		;
	if (fed < 0 || strcmp(engine_snapshot_hash(engine), work->snapshot_hash)) {
		(void)!fault(call, "the snapshot of run %s cannot be read", work->id);
		engine_free(engine);
		return NULL;
	}
	task_offload(compile, engine);
	return engine;
}

struct solving {
	struct engine *engine;
	const struct engine_order *order;
	const char *code;
	bool good;
};

static void solve(void *arg)
{
	struct solving *solving = arg;

	solving->good = engine_solve(solving->engine, solving->order, &solving->code);
}

bool engine_solve_beside(struct engine *engine, const struct engine_order *order, const char **code)
{
	struct solving solving = { .engine = engine, .order = order };

	task_offload(solve, &solving);
	*code = solving.code;
	return solving.good;
}

static bool holds(const StandingPair *pair)
{
	switch (pair->state) {
	case MATCH_PROPOSAL__STATE__PUBLISHED:
	case MATCH_PROPOSAL__STATE__ACCEPTED_BY_ONE:
	case MATCH_PROPOSAL__STATE__ACCEPTED:
		return true;
	default:
		return pair->state == MATCH_PROPOSAL__STATE__DRAFT && pair->locked;
	}
}

static struct match_pair *append_pair(struct call *call, struct match_pair *pairs, size_t *count,
				      int32_t mentee, int32_t mentor)
{
	pairs = arena_extend(call->arena, pairs, *count, sizeof *pairs);
	pairs[(*count)++] = (struct match_pair) { mentee, mentor };
	return pairs;
}

struct engine_order order_of(struct call *call, const struct engine *engine, const RunWork *work,
			     const StandingPairs *standing)
{
	struct engine_order order = { .objective = work->objective, .seed = work->secret_seed };
	struct match_pair *locks = NULL, *bans = NULL, *stand = NULL;

	for (size_t i = 0; standing && i < standing->n_items; i++) {
		const StandingPair *pair = standing->items[i];

		if (pair->state <= MATCH_PROPOSAL__STATE__ACCEPTED)
			stand = append_pair(call, stand, &order.n_stand, pair->mentee_index,
					    pair->mentor_index);
		if (holds(pair))
			locks = append_pair(call, locks, &order.n_locks, pair->mentee_index,
					    pair->mentor_index);
		else if (pair->state != MATCH_PROPOSAL__STATE__DRAFT)
			bans = append_pair(call, bans, &order.n_bans, pair->mentee_index,
					   pair->mentor_index);
	}
	for (size_t i = 0; !standing && i < work->n_locks; i++)
		locks = append_pair(call, locks, &order.n_locks,
				    engine_find(engine, SIDE_MENTEE, work->locks[i]->mentee_id),
				    engine_find(engine, SIDE_MENTOR, work->locks[i]->mentor_id));
	order.locks = locks;
	order.bans = bans;
	order.stand = stand;
	return order;
}

/* From the snapshot, with what was locked and taken apart since. */
static struct engine *build(struct call *call, const RunWork *work, StandingPairs *standing)
{
	struct engine *engine = engine_load(call, work);
	struct engine_order order;
	const char *code;
	Id id = ID__INIT;

	id.id = work->id;
	if (!engine)
		return NULL;
	if (!standing_pairs(call, &id, standing)) {
		engine_free(engine);
		return NULL;
	}
	order = order_of(call, engine, work, standing);
	if (engine_solve_beside(engine, &order, &code))
		return engine;
	(void)!fault(call, "run %s cannot be solved again: %s", work->id, code);
	engine_free(engine);
	return NULL;
}

/* A call that runs a second time has it already. */
static bool wait_for(struct call *call, struct kept *kept)
{
	bool mine = true;

	while (kept->taken && kept->taken != call && mine) {
		kept->waiting++;
		mine = task_wait(&kept->queue, call->deadline);
		kept->waiting--;
	}
	return mine || reject(call, UNAVAILABLE, "OVERLOADED",
			      "Somebody else is changing this run. Please try again in a moment.");
}

/* A call's hold on a run, let go when the call's memory is. */
struct hold {
	struct keeping *keeping;
	const struct call *call;
	char run_id[37];
};

static void give(void *arg)
{
	const struct hold *hold = arg;
	struct kept *kept = kept_find(hold->keeping, hold->run_id);

	if (!kept || kept->taken != hold->call)
		return;
	kept->taken = NULL;
	if (!*kept->solution) {
		engine_free(kept->engine);
		kept->engine = NULL;
	}
	if (!task_wake_one(&kept->queue))
		make_room(hold->keeping);
}

static void take(struct call *call, struct kept *kept)
{
	struct hold *hold = arena_alloc(call->arena, sizeof *hold);

	hold->keeping = call->process->state->keeping;
	hold->call = call;
	memcpy(hold->run_id, kept->run_id, sizeof hold->run_id);
	kept->taken = call;
	arena_defer(call->arena, give, hold);
}

struct engine *kept_take(struct call *call, const RunWork *work, StandingPairs **standing)
{
	struct kept *kept = kept_of(call->process->state->keeping, work->id);
	struct engine *engine;

	*standing = NULL;
	if (!wait_for(call, kept))
		return NULL;
	take(call, kept);
	if (kept->engine && *work->solution && !strcmp(kept->solution, work->solution)) {
		*kept->solution = '\0';
		return kept->engine;
	}
	*kept->solution = '\0';
	*standing = arena_alloc(call->arena, sizeof **standing);
	standing_pairs__init(*standing);
	engine = build(call, work, *standing);
	if (engine)
		keep(kept, engine);
	return engine;
}

void kept_hold(struct call *call, const char *run_id, const char *solution)
{
	struct kept *kept = kept_find(call->process->state->keeping, run_id);

	if (kept && kept->taken == call)
		snprintf(kept->solution, sizeof kept->solution, "%s", solution);
}

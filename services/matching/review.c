/* What coordinators do with a run that is solved: lock, force, take apart, solve again. */
#include <string.h>

#include "services/matching/publish.h"
#include "services/matching/result.h"
#include "services/matching/review.h"
#include "task.h"

static int32_t *partners_before(const struct change *change)
{
	uint32_t count = engine_chairs(change->engine);
	int32_t *before = arena_alloc(change->call->arena, (count + 1) * sizeof *before);

	for (uint32_t i = 0; i < count; i++)
		before[i] = change->standing ? ENGINE_NOBODY : engine_partner(change->engine, i);
	for (size_t k = 0; change->standing && k < change->standing->n_items; k++) {
		const StandingPair *pair = change->standing->items[k];

		if (pair->state <= MATCH_PROPOSAL__STATE__ACCEPTED)
			before[pair->mentee_index] = pair->mentor_index;
	}
	return before;
}

bool take_engine(struct change *change)
{
	change->engine = kept_take(change->call, &change->work, &change->standing);
	if (!change->engine)
		return false;
	change->before = partners_before(change);
	engine_sum(change->engine, &change->sums);
	change->since = uv_hrtime();
	return true;
}

static bool begin_change(struct change *change, char *run_id)
{
	Id id = ID__INIT;

	id.id = run_id;
	run_work__init(&change->work);
	return lock_run(change->call, &id, &change->work) && take_engine(change);
}

bool find_pair(struct change *change, const char *mentor_id, const char *mentee_id)
{
	int32_t mentor = engine_find(change->engine, SIDE_MENTOR, mentor_id);
	int32_t mentee = engine_find(change->engine, SIDE_MENTEE, mentee_id);

	if (mentor == ENGINE_NOBODY || mentee == ENGINE_NOBODY)
		return reject(change->call, NOT_FOUND, "NOT_FOUND",
			      "One of the two is not in the pool of this run.");
	change->mentor = (uint32_t)mentor;
	change->mentee = engine_chair(change->engine, (uint32_t)mentee, (uint32_t)mentor);
	return true;
}

MatchMove *move_of(struct call *call, const struct engine *engine, const struct match_move *from)
{
	MatchMove *move = arena_alloc(call->arena, sizeof *move);

	match_move__init(move);
	move->mentee_id = engine_mentee(engine, (uint32_t)from->mentee)->profile->user_id;
	if (from->from != ENGINE_NOBODY)
		move->from_mentor_id =
			engine_mentor(engine, (uint32_t)from->from)->profile->user_id;
	if (from->to != ENGINE_NOBODY)
		move->to_mentor_id = engine_mentor(engine, (uint32_t)from->to)->profile->user_id;
	return move;
}

static void tell_moves(const struct change *change, MatchRunChange *told)
{
	struct engine *engine = change->engine;

	told->moves = arena_alloc(change->call->arena, MOST_MOVES * sizeof *told->moves);
	for (uint32_t i = 0; i < engine_chairs(engine); i++) {
		struct match_move move = { (int32_t)i, change->before[i],
					   engine_partner(engine, i) };

		if (move.from == move.to)
			continue;
		told->moved++;
		if (told->n_moves < MOST_MOVES)
			told->moves[told->n_moves++] = move_of(change->call, engine, &move);
	}
}

static void tell_change(const struct change *change, MatchRunChange *told)
{
	struct engine_sums sums;

	engine_sum(change->engine, &sums);
	told->loss = change->sums.total - sums.total;
	told->fewer_matched = change->sums.matched - sums.matched;
	told->milliseconds = change->ms;
	tell_moves(change, told);
}

/* Drafts, reasons and sums as they are now; the solution has another name from here on. */
static bool write_change(struct change *change, char **solution)
{
	struct span all = { 0, engine_chairs(change->engine) };

	return write_drafts(change->call, change->engine, &change->work, change->before, all) &&
	       write_unmatched(change->call, change->engine, &change->work, all) &&
	       write_result(change->call, change->engine, &change->work, change->ms, solution);
}

static bool tell_run(struct call *call, char *run_id, MatchRunChange *told)
{
	Id id = ID__INIT;

	id.id = run_id;
	told->run = arena_alloc(call->arena, sizeof *told->run);
	match_run__init(told->run);
	return read_match_run(call, &id, told->run) && publish_match_run_changed(call, told->run);
}

static bool end_change(struct change *change, bool good, MatchRunChange *told)
{
	char *solution = pb_text("");

	change->ms = (double)(uv_hrtime() - change->since) / 1e6;
	good = good && write_change(change, &solution);
	if (good)
		tell_change(change, told);
	if (good)
		kept_hold(change->call, change->work.id, solution);
	return good && tell_run(change->call, change->work.id, told);
}

/* From the pairs that the database has now, which already say what is locked and what must not be. */
static bool solve_anew(struct change *change)
{
	StandingPairs standing = STANDING_PAIRS__INIT;
	struct engine_order order;
	const char *code;
	Id id = ID__INIT;

	id.id = change->work.id;
	if (!standing_pairs(change->call, &id, &standing))
		return false;
	order = order_of(change->call, change->engine, &change->work, &standing);
	if (engine_solve_beside(change->engine, &order, &code))
		return true;
	return !strcmp(code, "LOCKS_INFEASIBLE")
		       ? reject(change->call, INVALID_ARGUMENT, "LOCKS_INFEASIBLE",
				"These pairs cannot all be made.")
		       : fault(change->call, "run %s cannot be solved again: %s", change->work.id,
			       code);
}

static void try_to_force(void *arg)
{
	struct change *change = arg;

	change->done = engine_force(change->engine, change->mentee, change->mentor);
}

static void try_to_forbid(void *arg)
{
	struct change *change = arg;

	change->done = engine_forbid(change->engine, change->mentee, change->mentor);
}

static void try_to_unlock(void *arg)
{
	struct change *change = arg;

	change->done = engine_unlock(change->engine, change->mentee);
}

/* By the shortest way, or all over again. */
static bool go(struct change *change, void (*way)(void *change))
{
	task_offload(way, change);
	return change->done || solve_anew(change);
}

/* All places of the mentor may be locked by others: those are told. */
static bool has_free_place(struct change *change)
{
	int32_t places = engine_mentor(change->engine, change->mentor)->places;
	struct buf conflicts = { 0 };
	int32_t locked = 0;

	buf_puts(&conflicts, "[");
	for (uint32_t i = 0; i < engine_chairs(change->engine); i++)
		if (i != change->mentee &&
		    engine_locked(change->engine, i) &&
		    engine_partner(change->engine, i) == (int32_t)change->mentor)
			buf_printf(&conflicts, "%s{\"mentor_id\":\"%s\",\"mentee_id\":\"%s\"}",
				   locked++ ? "," : "",
				   engine_mentor(change->engine, change->mentor)->profile->user_id,
				   engine_mentee(change->engine, i)->profile->user_id);
	buf_puts(&conflicts, "]");
	if (locked >= places) {
		(void)!reject(change->call, INVALID_ARGUMENT, "LOCKS_INFEASIBLE",
			      "All places of the mentor are locked.");
		problem_member(change->call, "conflicts", buf_text(&conflicts));
	}
	buf_free(&conflicts);
	return locked < places;
}

/* The row of the pair says that it is locked before anything is solved: solving anew reads it. */
static bool force(struct change *change, const MatchPairRequest *req)
{
	DraftBatch batch = DRAFT_BATCH__INIT;
	const PoolMember *mentor = engine_mentor(change->engine, change->mentor);
	const PoolMember *mentee = engine_mentee(change->engine, change->mentee);
	Draft draft = DRAFT__INIT, *added = &draft;
	int32_t dropped = (int32_t)change->mentee;
	int score = engine_score_anyway(change->engine, change->mentee, change->mentor,
					change->call->arena);

	batch.run_id = change->work.id;
	batch.round = change->work.revision + 1;
	batch.dropped = &dropped;
	batch.n_dropped = batch.n_added = 1;
	batch.added = &added;
	draft.mentor_id = mentor->profile->user_id;
	draft.mentee_id = mentee->profile->user_id;
	draft.mentor_membership = mentor->profile->membership_id;
	draft.mentee_membership = mentee->profile->membership_id;
	draft.mentor_index = (int32_t)change->mentor;
	draft.mentee_index = (int32_t)change->mentee;
	draft.locked = true;
	draft.score = score;
	draft.note = req->note;
	change->before[change->mentee] = (int32_t)change->mentor;
	return must_be_drafts(change->call, &batch) &&
	       drop_drafts(change->call, &batch) &&
	       add_drafts(change->call, &batch) &&
	       go(change, try_to_force);
}

bool force_match_pair(struct call *call, const MatchPairRequest *req, MatchRunChange *told)
{
	struct change change = { .call = call };
	int32_t had = ENGINE_NOBODY;
	bool good;

	if (!may_force_pair(call, req) || !begin_change(&change, req->id))
		return false;
	good = find_pair(&change, req->mentor_id, req->mentee_id) && has_free_place(&change);
	if (good)
		had = change.before[change.mentee];
	good = good && force(&change, req);
	good = end_change(&change, good, told);
	if (good && had != (int32_t)change.mentor) {
		struct match_move move = { (int32_t)change.mentee, had, (int32_t)change.mentor };

		told->moved++;
		if (told->n_moves < MOST_MOVES)
			told->moves[told->n_moves++] = move_of(call, change.engine, &move);
	}
	return good;
}

bool remove_match_pair(struct call *call, const MatchPairRequest *req, MatchRunChange *told)
{
	struct change change = { .call = call };
	bool good;

	if (!begin_change(&change, req->id))
		return false;
	good = find_pair(&change, req->mentor_id, req->mentee_id) && set_pair_removed(call, req);
	if (good)
		change.before[change.mentee] = ENGINE_NOBODY;
	return end_change(&change, good && go(&change, try_to_forbid), told);
}

bool lock_match_pair(struct call *call, const MatchPairRequest *req, MatchRunChange *told)
{
	struct change change = { .call = call };
	bool good;

	if (!begin_change(&change, req->id))
		return false;
	good = find_pair(&change, req->mentor_id, req->mentee_id) && set_pair_locked(call, req);
	return end_change(&change, good && go(&change, try_to_force), told);
}

bool unlock_match_pair(struct call *call, const MatchPairRequest *req, MatchRunChange *told)
{
	struct change change = { .call = call };
	bool good;

	if (!begin_change(&change, req->id))
		return false;
	good = find_pair(&change, req->mentor_id, req->mentee_id) && set_pair_unlocked(call, req);
	return end_change(&change, good && go(&change, try_to_unlock), told);
}

bool resolve_match_run(struct call *call, const Id *req, MatchRunChange *told)
{
	struct change change = { .call = call };

	return begin_change(&change, req->id) && end_change(&change, solve_anew(&change), told);
}

/* What was declined, has expired or was overtaken since is forbidden, one after the other. */
static void forbid_all(void *arg)
{
	struct change *change = arg;

	change->done = true;
	for (size_t i = 0; i < change->standing->n_items && change->done; i++)
		change->done = engine_forbid(change->engine,
					     (uint32_t)change->standing->items[i]->mentee_index,
					     (uint32_t)change->standing->items[i]->mentor_index);
}

/* Pairs whose proposals were let go, and that the solution still has. */
static bool find_lost(struct change *change, StandingPairs *lost)
{
	StandingPairs *all = arena_alloc(change->call->arena, sizeof *all);
	Id id = ID__INIT;

	id.id = change->work.id;
	standing_pairs__init(all);
	if (!lost_pairs(change->call, &id, all))
		return false;
	lost->items = arena_alloc(change->call->arena, (all->n_items + 1) * sizeof *lost->items);
	for (size_t i = 0; i < all->n_items; i++) {
		if (engine_partner(change->engine, (uint32_t)all->items[i]->mentee_index) !=
		    all->items[i]->mentor_index)
			continue;
		lost->items[lost->n_items++] = all->items[i];
		change->before[all->items[i]->mentee_index] = ENGINE_NOBODY;
	}
	return true;
}

/* Pairs that people know of stay as they are, whatever would be better by now. */
static void hold_published(void *arg)
{
	struct change *change = arg;

	for (size_t i = 0; i < change->standing->n_items; i++)
		if (!engine_locked(change->engine,
				   (uint32_t)change->standing->items[i]->mentee_index))
			change->done =
				engine_force(change->engine,
					     (uint32_t)change->standing->items[i]->mentee_index,
					     (uint32_t)change->standing->items[i]->mentor_index) &&
				change->done;
}

static bool rematch(struct change *change)
{
	StandingPairs held = STANDING_PAIRS__INIT, lost = STANDING_PAIRS__INIT;
	Id id = ID__INIT;

	id.id = change->work.id;
	if (!held_pairs(change->call, &id, &held) || !find_lost(change, &lost))
		return false;
	change->standing = &held;
	change->done = true;
	task_offload(hold_published, change);
	if (!change->done)
		return solve_anew(change);
	change->standing = &lost;
	return go(change, forbid_all);
}

bool rematch_run(struct call *call, const Id *req)
{
	struct change change = { .call = call };
	MatchRunChange told = MATCH_RUN_CHANGE__INIT;
	bool found;

	run_work__init(&change.work);
	if (!lock_run_itself(call, req, &change.work, &found))
		return false;
	if (!found)
		return true;
	return take_engine(&change) &&
	       end_change(&change, rematch(&change), &told) &&
	       (!told.run->publish_next || publish_next_round(call, req));
}

/* Changes to the solution that stands, by the shortest way; and why a mentee has nobody. */
#include "services/matching/engine_own.h"

#include <stdlib.h>

/* What forbids, or lost: asked of the plan and the prices. */
static void find_nearest(struct engine *engine, uint32_t chair, struct engine_reason *reason)
{
	score_row(engine->plan, engine->person_at[chair], engine->row);
	for (uint32_t j = 0; j < engine->count[SIDE_MENTOR]; j++) {
		int gap = engine->row[j] < 0 ? 0 : engine_gap(engine, chair, j, engine->row[j]);

		if (engine->row[j] < 0 ||
		    (reason->nearest != ENGINE_NOBODY && gap >= reason->missed_by))
			continue;
		reason->nearest = (int32_t)j;
		reason->missed_by = gap;
	}
}

void engine_why_unmatched(struct engine *engine, uint32_t chair, struct engine_reason *reason)
{
	uint32_t person = engine->person_at[chair];

	*reason = (struct engine_reason) { .reason = UNMATCHED__REASON__LOST_AT_PRICE,
					   .nearest = ENGINE_NOBODY };
	score_refusals(engine->plan, person, &reason->counts);
	if (!reason->counts.by[REFUSED_NOT])
		reason->reason = reason->counts.by[REFUSED_MIN_SCORE]
					 ? UNMATCHED__REASON__BELOW_MIN_SCORE
					 : UNMATCHED__REASON__NO_ADMISSIBLE_PARTNER;
	else if (engine->several.row)
		find_nearest(engine, chair, reason);
	else if (engine->matcher &&
		 matcher_reason(engine->matcher, (int32_t)person, &reason->nearest,
				&reason->missed_by) == MATCH_REASON_NO_CAPACITY)
		reason->reason = UNMATCHED__REASON__CAPACITY;
}

static void add_ban(struct engine *engine, struct match_pair pair)
{
	engine->bans = realloc(engine->bans, (engine->n_bans + 1) * sizeof *engine->bans);
	if (!engine->bans)
		abort();
	engine->bans[engine->n_bans++] = pair;
}

/* All pairs are looked at once more: what is not among the candidates may have become better. */
static bool price_anew(struct engine *engine)
{
	struct match_failure failure;

	if (!matcher_price(engine->matcher, &failure))
		return false;
	remember_partners(engine);
	engine->blocking = ENGINE_UNKNOWN;
	return true;
}

bool engine_forbid(struct engine *engine, uint32_t chair, uint32_t mentor)
{
	struct match_pair pair = { (int32_t)engine->person_at[chair], (int32_t)mentor };

	if (!engine->matcher || !matcher_forbid(engine->matcher, pair.mentee, pair.mentor))
		return false;
	add_ban(engine, pair);
	return price_anew(engine);
}

bool engine_force(struct engine *engine, uint32_t chair, uint32_t mentor)
{
	return engine->matcher &&
	       matcher_force(engine->matcher, (int32_t)engine->person_at[chair], (int32_t)mentor) &&
	       price_anew(engine);
}

bool engine_unlock(struct engine *engine, uint32_t chair)
{
	return engine->matcher &&
	       matcher_unlock(engine->matcher, (int32_t)engine->person_at[chair]) &&
	       price_anew(engine);
}

void add_move(struct engine_cost *cost, struct match_move move)
{
	cost->moves = realloc(cost->moves, (cost->n_moves + 1) * sizeof *cost->moves);
	if (!cost->moves)
		abort();
	cost->moves[cost->n_moves++] = move;
}

static void note_moves(const struct engine *engine, uint32_t except, struct engine_cost *cost)
{
	for (uint32_t i = 0; i < engine->count[SIDE_MENTEE]; i++) {
		int32_t from = engine->partner[engine->chair_of[i]],
			to = matcher_partner(engine->matcher, (int32_t)i);

		if (to != from && i != except)
			add_move(cost,
				 (struct match_move) { (int32_t)engine->chair_of[i], from, to });
	}
}

static bool is_as_before(const struct engine *engine)
{
	for (uint32_t i = 0; i < engine->count[SIDE_MENTEE]; i++)
		if (matcher_partner(engine->matcher, (int32_t)i) !=
		    engine->partner[engine->chair_of[i]])
			return false;
	return true;
}

/* Tried out and taken back: among solutions that are as good, the way back may lead to another one. */
static bool try_cost(struct engine *engine, int32_t person, int32_t mentor,
		     struct engine_cost *cost)
{
	int64_t total = matcher_total(engine->matcher);
	int32_t matched = matcher_matched(engine->matcher);
	struct match_failure failure;

	if (matcher_locked(engine->matcher, person) ||
	    !matcher_force(engine->matcher, person, mentor))
		return true;
	if (!matcher_price(engine->matcher, &failure))
		return false;
	cost->possible = true;
	cost->loss = total - matcher_total(engine->matcher);
	cost->fewer = matched - matcher_matched(engine->matcher);
	note_moves(engine, (uint32_t)person, cost);
	return matcher_unlock(engine->matcher, person) &&
	       matcher_price(engine->matcher, &failure) &&
	       is_as_before(engine);
}

bool engine_cost_of(struct engine *engine, uint32_t chair, uint32_t mentor,
		    struct engine_cost *cost)
{
	*cost = (struct engine_cost) { 0 };
	if (engine->several.row)
		several_cost(engine, chair, mentor, cost);
	return !engine->matcher ||
	       try_cost(engine, (int32_t)engine->person_at[chair], (int32_t)mentor, cost);
}

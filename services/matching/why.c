/* Why two are, or are not, brought together by a run; and what forcing them would cost. */
#include <stdlib.h>

#include "services/matching/result.h"
#include "services/matching/review.h"
#include "task.h"

static MatchPoints *points_of(struct call *call, const struct score_part *part)
{
	static const char *const sides[] = { "", "MENTEE", "MENTOR", "BOTH" };
	MatchPoints *points = arena_alloc(call->arena, sizeof *points);

	match_points__init(points);
	points->criterion = pb_text(part->key ? part->key : "");
	points->weight = part->weight;
	points->raw = part->points;
	points->points = part->part;
	points->missing = pb_text(sides[part->missing]);
	points->n_terms = part->n_terms;
	points->terms = (char **)(uintptr_t)part->terms;
	points->n_lacking = part->n_lacking;
	points->lacking = (char **)(uintptr_t)part->lacking;
	points->number = part->number;
	return points;
}

static const char *refusal_of(const struct engine *engine, const struct explanation *explanation)
{
	switch (explanation->refusal) {
	case REFUSED_RULE:
		return rule_name(engine, (size_t)explanation->rule);
	case REFUSED_MIN_SCORE:
		return "BELOW_MIN_SCORE";
	default:
		return "REFUSED_ALTOGETHER";
	}
}

static void tell_score(const struct change *change, MatchPairExplanation *told)
{
	struct call *call = change->call;
	struct explanation explanation;

	engine_explain(change->engine, change->mentee, change->mentor, call->arena, &explanation);
	told->allowed = explanation.refusal == REFUSED_NOT;
	told->score = explanation.score;
	told->breakdown =
		arena_alloc(call->arena, (explanation.n_parts + 1) * sizeof *told->breakdown);
	for (size_t i = 0; i < explanation.n_parts; i++)
		told->breakdown[told->n_breakdown++] = points_of(call, &explanation.parts[i]);
	if (told->allowed)
		return;
	told->refusals = arena_alloc(call->arena, sizeof *told->refusals);
	told->refusals[told->n_refusals++] = pb_text(refusal_of(change->engine, &explanation));
}

struct asking {
	struct change *change;
	struct engine_cost cost;
	bool unchanged;
};

static void ask_cost(void *arg)
{
	struct asking *asking = arg;

	asking->unchanged = engine_cost_of(asking->change->engine, asking->change->mentee,
					   asking->change->mentor, &asking->cost);
}

static void tell_cost(const struct change *change, const struct engine_cost *cost,
		      MatchPairExplanation *told)
{
	told->forcible = cost->possible;
	told->loss = cost->loss;
	told->fewer_matched = cost->fewer;
	told->displaced =
		arena_alloc(change->call->arena, (cost->n_moves + 1) * sizeof *told->displaced);
	for (size_t i = 0; i < cost->n_moves && i < MOST_MOVES; i++)
		told->displaced[told->n_displaced++] =
			move_of(change->call, change->engine, &cost->moves[i]);
}

static void tell_place(const struct change *change, MatchPairExplanation *told)
{
	int32_t partner = engine_partner(change->engine, change->mentee);
	int gap;

	told->matched = partner == (int32_t)change->mentor;
	told->locked = told->matched && engine_locked(change->engine, change->mentee);
	told->mentor_price = engine_price(change->engine, change->mentor);
	told->mentee_surplus = engine_surplus(change->engine, change->mentee);
	gap = engine_gap(change->engine, change->mentee, change->mentor, told->score);
	told->reduced_cost = told->matched || gap < 0 ? 0 : gap;
	if (partner != ENGINE_NOBODY)
		told->current_mentor_id =
			engine_mentor(change->engine, (uint32_t)partner)->profile->user_id;
}

static bool explain(struct change *change, const ExplainMatchPairRequest *req,
		    MatchPairExplanation *told, bool *unchanged)
{
	struct asking asking = { .change = change, .unchanged = true };

	if (!find_pair(change, req->mentor_id, req->mentee_id))
		return false;
	told->mentor_id = req->mentor_id;
	told->mentee_id = req->mentee_id;
	tell_score(change, told);
	tell_place(change, told);
	if (told->allowed && !told->matched) {
		task_offload(ask_cost, &asking);
		tell_cost(change, &asking.cost, told);
		free(asking.cost.moves);
	}
	*unchanged = asking.unchanged;
	return true;
}

bool explain_match_pair(struct call *call, const ExplainMatchPairRequest *req,
			MatchPairExplanation *told)
{
	struct change change = { .call = call };
	bool good, unchanged = true;
	Id id = ID__INIT;

	id.id = req->id;
	run_work__init(&change.work);
	if (!see_run(call, &id, &change.work) || !take_engine(&change))
		return false;
	good = explain(&change, req, told, &unchanged);
	if (good && unchanged)
		kept_hold(call, change.work.id, change.work.solution);
	return good;
}

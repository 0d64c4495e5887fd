/* Solutions on their way into the database, some hundred rows at a time. */
#include "services/matching/result.h"

enum { BATCH = 400 };

static Draft *draft_of(struct call *call, struct engine *engine, uint32_t chair)
{
	Draft *draft = arena_alloc(call->arena, sizeof *draft);
	uint32_t mentor = (uint32_t)engine_partner(engine, chair);
	const MatchProfile *a = engine_mentor(engine, mentor)->profile,
			   *b = engine_mentee(engine, chair)->profile;
	int score = engine_score(engine, chair, mentor);

	draft__init(draft);
	draft->mentor_id = a->user_id;
	draft->mentee_id = b->user_id;
	draft->mentor_membership = a->membership_id;
	draft->mentee_membership = b->membership_id;
	draft->mentor_index = (int32_t)mentor;
	draft->mentee_index = (int32_t)chair;
	draft->locked = engine_locked(engine, chair);
	draft->score = score < 0 ? 0 : score;
	draft->regret = engine_regret(engine, chair);
	return draft;
}

struct drafting {
	DraftBatch batch;
	int32_t dropped[BATCH];
	Draft *added[BATCH];
};

static bool flush(struct call *call, struct drafting *drafting)
{
	DraftBatch *batch = &drafting->batch;
	bool good = (!batch->n_dropped || drop_drafts(call, batch)) &&
		    (!batch->n_added || add_drafts(call, batch));

	batch->n_dropped = batch->n_added = 0;
	return good;
}

bool write_drafts(struct call *call, struct engine *engine, const RunWork *work,
		  const int32_t *before, struct span span)
{
	struct drafting *drafting = arena_alloc(call->arena, sizeof *drafting);
	DraftBatch *batch = &drafting->batch;

	draft_batch__init(batch);
	batch->run_id = work->id;
	batch->round = work->revision + 1;
	batch->dropped = drafting->dropped;
	batch->added = drafting->added;
	for (uint32_t i = span.from; i < span.to; i++) {
		int32_t now = engine_partner(engine, i);

		if (now == before[i])
			continue;
		if (before[i] != ENGINE_NOBODY)
			drafting->dropped[batch->n_dropped++] = (int32_t)i;
		if (now != ENGINE_NOBODY)
			drafting->added[batch->n_added++] = draft_of(call, engine, i);
		if ((batch->n_added == BATCH || batch->n_dropped == BATCH) &&
		    !flush(call, drafting))
			return false;
	}
	return flush(call, drafting);
}

const char *rule_name(const struct engine *engine, size_t rule)
{
	const HardRule *from = engine_criteria(engine)->hard_rules[rule];

	return protobuf_c_enum_descriptor_get_value(&hard_rule__kind__descriptor, (int)from->kind)
		->name;
}

static RefusalCount **add_count(struct call *call, RefusalCount **counts, size_t *n,
				const char *rule, uint32_t count)
{
	RefusalCount *made;

	if (!count)
		return counts;
	made = arena_alloc(call->arena, sizeof *made);
	refusal_count__init(made);
	made->rule = pb_text(rule);
	made->count = (int32_t)count;
	counts = arena_extend(call->arena, counts, *n, sizeof *counts);
	counts[(*n)++] = made;
	return counts;
}

RefusalCount **refusal_counts(struct call *call, const struct engine *engine,
			      const struct refusal_counts *counts, size_t *n)
{
	RefusalCount **made = NULL;

	*n = 0;
	for (size_t rule = 0; rule < engine_criteria(engine)->n_hard_rules; rule++)
		made = add_count(call, made, n, rule_name(engine, rule), counts->by_rule[rule]);
	made = add_count(call, made, n, "REFUSED_ALTOGETHER",
			 counts->by[REFUSED_EXCLUDED] + counts->by[REFUSED_SELF]);
	return add_count(call, made, n, "BELOW_MIN_SCORE", counts->by[REFUSED_MIN_SCORE]);
}

static UnmatchedRow *unmatched_of(struct call *call, struct engine *engine, uint32_t chair)
{
	UnmatchedRow *row = arena_alloc(call->arena, sizeof *row);
	struct engine_reason reason;

	unmatched_row__init(row);
	engine_why_unmatched(engine, chair, &reason);
	row->mentee_index = (int32_t)chair;
	row->mentee_id = engine_mentee(engine, chair)->profile->user_id;
	row->reason = reason.reason;
	row->rules = refusal_counts(call, engine, &reason.counts, &row->n_rules);
	row->missed_by = reason.missed_by;
	if (reason.nearest != ENGINE_NOBODY)
		row->nearest_id = engine_mentor(engine, (uint32_t)reason.nearest)->profile->user_id;
	return row;
}

bool write_unmatched(struct call *call, struct engine *engine, const RunWork *work,
		     struct span span)
{
	UnmatchedBatch batch = UNMATCHED_BATCH__INIT;
	UnmatchedRow *rows[BATCH];
	Id id = ID__INIT;

	id.id = batch.run_id = work->id;
	batch.items = rows;
	if (!span.from && !clear_unmatched(call, &id))
		return false;
	for (uint32_t i = span.from; i < span.to; i++) {
		if (!engine_alone(engine, i))
			continue;
		rows[batch.n_items++] = unmatched_of(call, engine, i);
		if (batch.n_items < BATCH)
			continue;
		if (!add_unmatched(call, &batch))
			return false;
		batch.n_items = 0;
	}
	return !batch.n_items || add_unmatched(call, &batch);
}

static void tell_warnings(struct call *call, const struct engine *engine, RunResult *result)
{
	struct untaken untaken[POOL_MOST_FIELDS];
	size_t n = ground_untaken(engine_ground(engine), untaken);

	result->warnings = arena_alloc(call->arena, (n + 1) * sizeof *result->warnings);
	for (size_t i = 0; i < n; i++) {
		MatchRunWarning *warning = arena_alloc(call->arena, sizeof *warning);

		match_run_warning__init(warning);
		warning->what = pb_text(untaken[i].what);
		warning->people = (int32_t)untaken[i].people;
		result->warnings[result->n_warnings++] = warning;
	}
}

bool write_result(struct call *call, struct engine *engine, const RunWork *work, double ms,
		  char **solution)
{
	RunResult result = RUN_RESULT__INIT;
	struct engine_sums sums;

	engine_sum(engine, &sums);
	result.id = work->id;
	result.result_hash = arena_strdup(call->arena, engine_result_hash(engine));
	result.matched = sums.matched;
	result.total = sums.total;
	result.worst = sums.worst;
	result.mentors_used = sums.used;
	if (sums.blocking != ENGINE_UNKNOWN) {
		result._blocking_pairs_case = RUN_RESULT___BLOCKING_PAIRS_BLOCKING_PAIRS;
		result.blocking_pairs = sums.blocking;
	}
	result.solve_ms = (int32_t)ms;
	tell_warnings(call, engine, &result);
	result.solution = *solution = new_id(call);
	return set_run_result(call, &result);
}

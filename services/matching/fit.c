/* How well two fit: scored by what the program published, told without what is private. */
#include <stdlib.h>
#include <string.h>

#include "fit.h"
#include "services/matching/scoring/plan.h"

enum { USUAL_LIMIT = 5 };

struct ground *fit_ground(struct call *call, const FitPool *fit)
{
	struct ground *ground = ground_new(call->arena, fit->set, fit->sensitive, fit->n_sensitive);

	for (size_t i = 0; i < fit->n_members; i++)
		ground_add(ground, fit->members[i]->profile, fit->members[i]->zone_minutes);
	ground_settle(ground);
	return ground;
}

/* The questions may have changed since the criteria were published. */
static bool make_plan(struct call *call, const struct ground *ground, struct plan **plan)
{
	struct finding *findings;
	size_t count = criteria_check(call->arena, ground_criteria(ground), ground_pool(ground),
				      &findings);

	if (!criteria_usable(findings, count))
		return reject(call, CONFLICT, "NO_CRITERIA",
			      "The program has not published what it weighs.");
	*plan = plan_new(call->arena, ground_pool(ground), ground_criteria(ground));
	return true;
}

static char **copy_texts(struct call *call, const char *const *texts, size_t count)
{
	char **copy = arena_alloc(call->arena, (count + 1) * sizeof *copy);

	for (size_t i = 0; i < count; i++)
		copy[i] = arena_strdup(call->arena, texts[i]);
	return copy;
}

static FitPart__Fact fact_of(enum fact_kind kind)
{
	switch (kind) {
	case FACT_TERMS:
		return FIT_PART__FACT__TERMS;
	case FACT_MINUTES:
		return FIT_PART__FACT__MINUTES;
	case FACT_GAP:
		return FIT_PART__FACT__GAP;
	case FACT_DISTANCE:
		return FIT_PART__FACT__DISTANCE;
	case FACT_EQUAL:
		return FIT_PART__FACT__EQUAL;
	case FACT_RANKS:
		return FIT_PART__FACT__WISHED;
	default:
		return FIT_PART__FACT__FACT_UNSET;
	}
}

/* Whom somebody wishes for is their own affair, also to coordinators. */
static FitPart *tell_part(struct call *call, const struct score_part *from)
{
	FitPart *part = arena_alloc(call->arena, sizeof *part);

	fit_part__init(part);
	part->key = arena_strdup(call->arena, from->key ? from->key : "");
	part->weight = from->weight;
	part->points = from->points;
	part->part = from->part;
	part->missing = (FitPart__Missing)from->missing;
	part->counts = from->counts;
	part->private_ = from->sensitive;
	part->fact = fact_of(from->fact);
	if (from->fact != FACT_NONE && from->fact != FACT_RANKS) {
		part->_number_case = FIT_PART___NUMBER_NUMBER;
		part->number = from->number;
		part->n_terms = from->n_terms;
		part->terms = copy_texts(call, from->terms, from->n_terms);
		part->n_lacking = from->n_lacking;
		part->lacking = copy_texts(call, from->lacking, from->n_lacking);
	}
	return part;
}

static FitPart **tell_parts(struct call *call, const struct explanation *explanation)
{
	FitPart **parts = arena_alloc(call->arena, (explanation->n_parts + 1) * sizeof *parts);

	for (size_t i = 0; i < explanation->n_parts; i++)
		parts[i] = tell_part(call, &explanation->parts[i]);
	return parts;
}

static void tell_raises(struct call *call, const FitPool *pool, const struct plan *plan, Fit *fit)
{
	struct raise *raises;
	size_t count = score_raise(call->arena, plan, 0, 0, &raises);

	fit->raises = arena_alloc(call->arena, (count + 1) * sizeof *fit->raises);
	for (size_t i = 0; i < count; i++) {
		FitRaise *raise = arena_alloc(call->arena, sizeof *raise);

		fit_raise__init(raise);
		raise->key = pool->set->criteria[raises[i].criterion]->key;
		raise->gain = raises[i].gain;
		raise->missing = (FitPart__Missing)raises[i].missing;
		raise->_number_case = FIT_RAISE___NUMBER_NUMBER;
		raise->number = raises[i].number;
		raise->n_terms = raises[i].n_terms;
		raise->terms = copy_texts(call, raises[i].terms, raises[i].n_terms);
		fit->raises[fit->n_raises++] = raise;
	}
}

static void tell_fit(struct call *call, const FitPool *pool, const struct plan *plan, Fit *fit)
{
	struct explanation explanation;

	score_pair(call->arena, plan, 0, 0, &explanation);
	if (pool->coordinates && explanation.refusal == REFUSED_RULE)
		fit->broken_rule = pool->set->hard_rules[explanation.rule]->key;
	fit->possible = explanation.refusal == REFUSED_NOT;
	explanation_for_member(&explanation);
	fit->program_id = pool->set->program_id;
	fit->mentor_id = pool->mentor_id;
	fit->mentee_id = pool->mentee_id;
	fit->criteria_version = pool->set->criteria_version;
	fit->score = explanation.score;
	fit->n_parts = explanation.n_parts;
	fit->parts = tell_parts(call, &explanation);
	tell_raises(call, pool, plan, fit);
}

bool explain_pair(struct call *call, const FitRequest *req, Fit *fit)
{
	FitPool pool = FIT_POOL__INIT;
	struct plan *plan;

	if (!read_pair_fit(call, req, &pool) || !make_plan(call, fit_ground(call, &pool), &plan))
		return false;
	tell_fit(call, &pool, plan, fit);
	return true;
}

/* One of the other side, by its number there. */
struct candidate {
	const FitMember *member;
	uint32_t number;
	int score;
};

static int by_score(const void *one, const void *other)
{
	const struct candidate *a = one, *b = other;

	return a->score != b->score
		       ? b->score - a->score
		       : strcmp(a->member->profile->user_id, b->member->profile->user_id);
}

static void score_candidate(struct call *call, const struct plan *plan, bool mentors,
			    uint32_t number, struct explanation *explanation)
{
	score_pair(call->arena, plan, mentors ? 0 : number, mentors ? number : 0, explanation);
}

/* Those who are allowed, the best first. Their number is the order in which they were added. */
static size_t rank_candidates(struct call *call, const FitPool *pool, const struct plan *plan,
			      struct candidate *ranked)
{
	bool mentors = pool->looks_for_mentors;
	uint32_t number = 0;
	size_t count = 0;

	for (size_t i = 0; i < pool->n_members; i++) {
		const FitMember *member = pool->members[i];
		struct explanation explanation;

		if ((member->profile->role == MEMBERSHIP__ROLE__MENTOR) != mentors)
			continue;
		score_candidate(call, plan, mentors, number, &explanation);
		if (explanation.refusal == REFUSED_NOT)
			ranked[count++] = (struct candidate) { member, number, explanation.score };
		number++;
	}
	qsort(ranked, count, sizeof *ranked, by_score);
	return count;
}

static bool was_noted(const Adverts *noted, const char *mentor_id)
{
	for (size_t i = 0; i < noted->n_mentor_ids; i++)
		if (!strcmp(noted->mentor_ids[i], mentor_id))
			return true;
	return false;
}

/* Another promises them meanwhile: who may still be recommended is decided where it is kept. */
static bool note_mentors(struct call *call, const RecommendRequest *req,
			 const struct candidate *ranked, size_t count, Adverts *noted)
{
	Adverts adverts = ADVERTS__INIT;

	adverts.program_id = req->program_id;
	adverts.mentee_id = arena_strdup(call->arena, call->caller->id);
	adverts.mentor_ids = arena_alloc(call->arena, (count + 1) * sizeof *adverts.mentor_ids);
	for (size_t i = 0; i < count; i++)
		adverts.mentor_ids[adverts.n_mentor_ids++] = ranked[i].member->profile->user_id;
	return matching_note_adverts(call, &adverts, noted);
}

static void recommend_one(struct call *call, const struct plan *plan, bool mentors,
			  const struct candidate *candidate, Recommendations *response)
{
	Recommendation *item = arena_alloc(call->arena, sizeof *item);
	struct explanation explanation;

	recommendation__init(item);
	score_candidate(call, plan, mentors, candidate->number, &explanation);
	explanation_for_member(&explanation);
	item->member = candidate->member->entry;
	item->score = explanation.score;
	item->n_parts = explanation.n_parts;
	item->parts = tell_parts(call, &explanation);
	response->items[response->n_items++] = item;
}

bool recommend(struct call *call, const RecommendRequest *req, Recommendations *response)
{
	size_t limit = req->limit ? req->limit : USUAL_LIMIT, count;
	FitPool pool = FIT_POOL__INIT;
	Adverts noted = ADVERTS__INIT;
	struct candidate *ranked;
	struct plan *plan;

	if (!read_candidates(call, req, &pool) || !make_plan(call, fit_ground(call, &pool), &plan))
		return false;
	ranked = arena_alloc(call->arena, (pool.n_members + 1) * sizeof *ranked);
	count = rank_candidates(call, &pool, plan, ranked);
	count = count < limit ? count : limit;
	if (pool.looks_for_mentors && !note_mentors(call, req, ranked, count, &noted))
		return false;

	response->items = arena_alloc(call->arena, (count + 1) * sizeof *response->items);
	for (size_t i = 0; i < count; i++)
		if (!pool.looks_for_mentors ||
		    was_noted(&noted, ranked[i].member->profile->user_id))
			recommend_one(call, plan, pool.looks_for_mentors, &ranked[i], response);
	return true;
}

static void tell_hand_fit(struct call *call, const FitPool *pool, const struct plan *plan,
			  ManualMatch *match)
{
	struct explanation explanation;

	score_pair(call->arena, plan, 0, 0, &explanation);
	match->_score_case = MANUAL_MATCH___SCORE_SCORE;
	match->score = explanation.score;
	match->broken_rules = arena_alloc(call->arena, sizeof *match->broken_rules);
	if (explanation.refusal == REFUSED_RULE)
		match->broken_rules[match->n_broken_rules++] =
			pool->set->hard_rules[explanation.rule]->key;
	else if (explanation.refusal == REFUSED_MIN_SCORE)
		match->broken_rules[match->n_broken_rules++] =
			arena_strdup(call->arena, "BELOW_MIN_SCORE");
}

bool fit_by_hand(struct call *call, const ManualMatchRequest *req, ManualMatch *match)
{
	FitPool pool = FIT_POOL__INIT;
	struct plan *plan;
	bool weighed;

	if (!read_hand_fit(call, req, &pool, &weighed))
		return false;
	if (!weighed)
		return true;
	if (!make_plan(call, fit_ground(call, &pool), &plan))
		return false;
	tell_hand_fit(call, &pool, plan, match);
	return true;
}

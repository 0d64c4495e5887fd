/* How groups of mentees fare in a run, by what they said. */
#include <string.h>

#include "matching/matching.h"
#include "services/matching/fairness.h"
#include "services/matching/keeping.h"

/* What somebody answered to the question that feeds this criterion; a sensitive answer is here only with consent. */
static const char *answer_to(struct arena *arena, const MatchProfile *profile,
			     const char *criterion)
{
	for (size_t i = 0; i < profile->n_answers; i++) {
		const MatchAnswer *answer = profile->answers[i];

		if (strcmp(answer->criterion, criterion))
			continue;
		if (answer->n_choices)
			return answer->choices[0];
		return answer->_number_case ? arena_printf(arena, "%d", answer->number) : NULL;
	}
	return NULL;
}

static const char *value_of(struct arena *arena, const MatchProfile *profile, const char *by)
{
	if (!strcmp(by, "FIRST_TIME"))
		return !profile->_first_time_case ? NULL : profile->first_time ? "true" : "false";
	if (!strcmp(by, "LEVEL"))
		return pb_label(&mentee_facet__level__descriptor, (int)profile->level);
	if (!strcmp(by, "COUNTRY"))
		return *profile->country ? profile->country : NULL;
	if (!strcmp(by, "INDUSTRY"))
		return profile->n_industries ? profile->industries[0] : NULL;
	return answer_to(arena, profile, by);
}

/* With the best of their mentors; a pair that was forced has a score even where a rule refuses it. */
static struct fairness_person *next_person(struct call *call, struct engine *engine, const char *by,
					   uint32_t *chair, struct fairness_person *person)
{
	const PoolMember *member = engine_mentee(engine, *chair);

	*person = (struct fairness_person) {
		.answer = value_of(call->arena, member->profile, by),
		.score = FAIRNESS_UNMATCHED,
	};
	for (; *chair < engine_chairs(engine) && engine_mentee(engine, *chair) == member;
	     ++*chair) {
		int32_t mentor = engine_partner(engine, *chair);
		int score = mentor == ENGINE_NOBODY
				    ? FAIRNESS_UNMATCHED
				    : engine_score(engine, *chair, (uint32_t)mentor);

		if (mentor != ENGINE_NOBODY && score < 0)
			score = 0;
		if (score > person->score || person->score == FAIRNESS_UNMATCHED)
			person->score = score;
	}
	return person + 1;
}

static FairnessCell *tell(struct call *call, const struct fairness_group *group)
{
	FairnessCell *told = arena_alloc(call->arena, sizeof *told);

	fairness_cell__init(told);
	told->value = pb_text(group->answer ? group->answer : "");
	told->mentees = (int32_t)group->people;
	told->matched = (int32_t)group->matched;
	if (group->mean_tenths < 0)
		return told;
	told->mean = group->mean_tenths / 10.0;
	told->median = group->median_tenths / 10.0;
	told->worst = group->worst;
	return told;
}

static void tell_groups(struct call *call, const struct fairness_group *groups, size_t count,
			MatchFairness *told)
{
	told->items = arena_alloc(call->arena, (count + 1) * sizeof *told->items);
	for (size_t i = 0; i < count; i++) {
		if (!groups[i].answer)
			told->everybody = tell(call, &groups[i]);
		else if (groups[i].suppressed)
			told->suppressed++;
		else
			told->items[told->n_items++] = tell(call, &groups[i]);
	}
}

bool get_match_fairness(struct call *call, const GetMatchFairnessRequest *req, MatchFairness *told)
{
	struct fairness_person *people, *end;
	struct fairness_group *groups;
	StandingPairs *standing;
	struct engine *engine;
	RunWork work = RUN_WORK__INIT;
	Id id = ID__INIT;
	size_t count;

	id.id = req->id;
	if (!see_run(call, &id, &work))
		return false;
	engine = kept_take(call, &work, &standing);
	if (!engine)
		return false;
	kept_hold(call, work.id, work.solution);
	people = arena_alloc(call->arena, (engine_mentees(engine) + 1) * sizeof *people);
	end = people;
	for (uint32_t chair = 0; chair < engine_chairs(engine);)
		end = next_person(call, engine, req->by, &chair, end);
	count = fairness_groups(call->arena, people, (size_t)(end - people), &groups);
	told->by = req->by;
	tell_groups(call, groups, count, told);
	return true;
}

/* What concerns single pairs: who named whom, who must not meet, and who is one and the same person. */
#include "plan_own.h"

#include <stdlib.h>
#include <string.h>

/* A patch with the row that it belongs to, and the order in which it was told. */
struct entry {
	uint32_t mentee;
	uint32_t order;
	struct patch patch;
};

static int by_pair(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;

	if (a->mentee != b->mentee)
		return a->mentee < b->mentee ? -1 : 1;
	if (a->patch.mentor != b->patch.mentor)
		return a->patch.mentor < b->patch.mentor ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static size_t take_preferences(struct plan *plan, struct entry *entries)
{
	const struct pool *pool = plan->pool;

	for (size_t i = 0; i < pool->n_preferences; i++) {
		const struct preference *told = &pool->preferences[i];
		struct patch patch = { .mentor = told->mentor,
				       .mentee_rank = -1,
				       .mentor_rank = -1 };

		if (told->by == SIDE_MENTEE)
			patch.mentee_rank = (int8_t)told->rank;
		else
			patch.mentor_rank = (int8_t)told->rank;
		plan->named[told->by][told->by == SIDE_MENTEE ? told->mentee : told->mentor] = 1;
		entries[i] = (struct entry) { told->mentee, 0, patch };
	}
	return pool->n_preferences;
}

static size_t take_exclusions(const struct plan *plan, struct entry *entries)
{
	const struct pool *pool = plan->pool;

	for (size_t i = 0; i < pool->n_exclusions; i++)
		entries[i] = (struct entry) {
			.mentee = pool->exclusions[i].mentee,
			.patch = { pool->exclusions[i].mentor, 0, -1, -1, .excluded = true },
		};
	return pool->n_exclusions;
}

/* A person who is on both sides. */
static size_t take_selves(const struct plan *plan, struct entry *entries)
{
	const struct pool_side *mentees = &plan->pool->sides[SIDE_MENTEE],
			       *mentors = &plan->pool->sides[SIDE_MENTOR];
	size_t n = 0;

	for (uint32_t mentee = 0; mentee < mentees->count; mentee++) {
		uint32_t id = mentees->ids[mentee],
			 mentor = id < mentors->person_room ? mentors->person[id] : 0;

		if (mentor)
			entries[n++] = (struct entry) {
				.mentee = mentee,
				.patch = { mentor - 1, 0, -1, -1, .self = true },
			};
	}
	return n;
}

static void merge(struct patch *into, const struct patch *patch)
{
	if (patch->mentee_rank >= 0)
		into->mentee_rank = patch->mentee_rank;
	if (patch->mentor_rank >= 0)
		into->mentor_rank = patch->mentor_rank;
	into->excluded |= patch->excluded;
	into->self |= patch->self;
}

static int32_t rank_points(const struct criterion *criterion, int rank)
{
	if (rank < 0)
		return 0;
	if (rank == 0)
		return criterion->high ? criterion->high : SCORE_MOST;
	return SCORE_MOST - (rank - 1) * (SCORE_MOST / RANKS_MOST);
}

/* The mean of the sides that named anybody at all. */
int32_t preference_points(const struct plan *plan, const struct criterion *criterion,
			  uint32_t mentee, const struct patch *patch)
{
	int sides = plan->named[SIDE_MENTEE][mentee] + plan->named[SIDE_MENTOR][patch->mentor];

	return sides ? (rank_points(criterion, patch->mentee_rank) +
			rank_points(criterion, patch->mentor_rank)) /
			       sides
		     : 0;
}

static int32_t bonus_of(const struct plan *plan, uint32_t mentee, const struct patch *patch)
{
	int32_t bonus = 0;

	for (size_t i = 0; i < plan->criteria->n_criteria; i++) {
		const struct criterion *criterion = &plan->criteria->criteria[i];

		if (criterion->kind == CRITERION_PREFERENCE)
			bonus += criterion->weight *
				 preference_points(plan, criterion, mentee, patch);
	}
	return bonus;
}

static void store(struct plan *plan, const struct entry *entries, size_t n_entries)
{
	size_t n = 0;

	plan->patches = plan_alloc(plan, n_entries, sizeof *plan->patches);
	for (size_t i = 0; i < n_entries; i++) {
		bool more = i > 0 &&
			    entries[i - 1].mentee == entries[i].mentee &&
			    entries[i - 1].patch.mentor == entries[i].patch.mentor;

		if (more)
			merge(&plan->patches[n - 1], &entries[i].patch);
		else
			plan->patches[n++] = entries[i].patch;
		plan->patched[entries[i].mentee + 1] = n;
	}
	for (uint32_t mentee = 0; mentee < plan->mentees; mentee++)
		if (plan->patched[mentee + 1] < plan->patched[mentee])
			plan->patched[mentee + 1] = plan->patched[mentee];
}

static void add_bonuses(struct plan *plan)
{
	for (uint32_t mentee = 0; mentee < plan->mentees; mentee++)
		for (size_t i = plan->patched[mentee]; i < plan->patched[mentee + 1]; i++)
			plan->patches[i].bonus = bonus_of(plan, mentee, &plan->patches[i]);
}

/* A pair of two who named nobody has no answer; else who is not named gets no points. */
static void weigh_preference(struct plan *plan, struct use *use)
{
	for (uint32_t mentee = 0; mentee < plan->mentees; mentee++) {
		use->state[mentee] = plan->named[SIDE_MENTEE][mentee] ? STATE_SKIP : STATE_APPLY;
		plan->weights[mentee] += use->scale.weight;
	}
	use->scale.absent = (struct absent) { plan->absent[0], 1u << use->index };
	for (uint32_t mentor = 0; mentor < plan->mentors; mentor++)
		if (!plan->named[SIDE_MENTOR][mentor])
			plan->absent[0][mentor] |= use->scale.absent.bit;
}

void plan_add_patches(struct plan *plan)
{
	struct arena *scratch = arena_new(SIZE_MAX);
	size_t most = plan->pool->n_preferences + plan->pool->n_exclusions + plan->mentees, n;
	struct entry *entries = arena_alloc(scratch, most * sizeof *entries);

	plan->named[SIDE_MENTEE] = plan_alloc(plan, plan->mentees, 1);
	plan->named[SIDE_MENTOR] = plan_alloc(plan, plan->mentors, 1);
	plan->patched = plan_alloc(plan, (size_t)plan->mentees + 1, sizeof *plan->patched);
	n = take_preferences(plan, entries);
	n += take_exclusions(plan, entries + n);
	n += take_selves(plan, entries + n);
	for (size_t i = 0; i < n; i++)
		entries[i].order = (uint32_t)i;
	qsort(entries, n, sizeof *entries, by_pair);
	store(plan, entries, n);
	add_bonuses(plan);
	for (int i = 0; i < plan->n_uses; i++)
		if (plan->uses[i].form == FORM_PREFERENCE)
			weigh_preference(plan, &plan->uses[i]);
	arena_free(scratch);
}

const struct patch *plan_patch(const struct plan *plan, uint32_t mentee, uint32_t mentor)
{
	for (size_t i = plan->patched[mentee]; i < plan->patched[mentee + 1]; i++)
		if (plan->patches[i].mentor == mentor)
			return &plan->patches[i];
	return NULL;
}

/* Scores by answer, with small groups suppressed, and what would give them away. */
#include "fairness.h"

#include <stdlib.h>
#include <string.h>

/* Between nobody and FAIRNESS_LEAST. */
static bool is_few(int32_t n)
{
	return n > 0 && n < FAIRNESS_LEAST;
}

static int by_answer(const void *left, const void *right)
{
	const struct fairness_person *a = left, *b = right;
	int order;

	if (!a->answer || !b->answer)
		return !a->answer - !b->answer;
	order = strcmp(a->answer, b->answer);
	return order ? order : (a->score > b->score) - (a->score < b->score);
}

static int by_score(const void *left, const void *right)
{
	int a = *(const int *)left, b = *(const int *)right;

	return (a > b) - (a < b);
}

/* The most frequent first. */
static int by_size(const void *left, const void *right)
{
	const struct fairness_group *a = left, *b = right;

	return a->people != b->people ? b->people - a->people : strcmp(a->answer, b->answer);
}

/* Of scores in ascending order. */
static void sum_up(struct fairness_group *group, const int *scores, int32_t n)
{
	int64_t sum = 0;

	group->matched = n;
	group->mean_tenths = group->median_tenths = group->worst = -1;
	if (n == 0)
		return;
	for (int32_t i = 0; i < n; i++)
		sum += scores[i];
	group->mean_tenths = (int)((sum * 10 + n / 2) / n);
	group->median_tenths = 5 * (scores[(n - 1) / 2] + scores[n / 2]);
	group->worst = scores[0];
}

static void take_group(struct fairness_group *group, const struct fairness_person *people, size_t n,
		       int *scores)
{
	int32_t matched = 0;

	for (size_t i = 0; i < n; i++)
		if (people[i].score != FAIRNESS_UNMATCHED)
			scores[matched++] = people[i].score;
	qsort(scores, (size_t)matched, sizeof *scores, by_score);
	group->people = (int32_t)n;
	sum_up(group, scores, matched);
}

static size_t same_answer(const struct fairness_person *people, size_t n)
{
	size_t same = 1;

	while (same < n && strcmp(people[same].answer, people[0].answer) == 0)
		same++;
	return same;
}

static void hide(struct fairness_group *group)
{
	*group = (struct fairness_group) { group->answer, true, -1, -1, -1, -1, -1 };
}

/*
 * Until what is hidden, with those of the whole who gave no answer, cannot be told from the difference; the groups are in the
 * order of their size.
 */
static void hide_enough(struct fairness_group *groups, size_t n, int32_t people, int32_t matched)
{
	size_t last = n;

	for (size_t i = 0; i < n; i++)
		if (is_few(groups[i].people) || is_few(groups[i].matched)) {
			people += groups[i].people;
			matched += groups[i].matched;
			hide(&groups[i]);
		}
	while (last > 0 && (is_few(people) || is_few(matched))) {
		struct fairness_group *group = &groups[--last];

		if (group->suppressed)
			continue;
		people += group->people;
		matched += group->matched;
		hide(group);
	}
}

/* How many have nobody is told of every group or of none, lest one is the difference of the others. */
static void hide_unmatched(struct fairness_group *groups, size_t n)
{
	int32_t shown = 0;
	bool few = false;

	for (size_t i = 1; i < n; i++) {
		int32_t unmatched = groups[i].suppressed ? 0 : groups[i].people - groups[i].matched;

		few |= is_few(unmatched);
		shown += unmatched;
	}
	few |= is_few(groups[0].people - groups[0].matched - shown);
	for (size_t i = 1; few && i < n; i++)
		groups[i].matched = -1;
}

size_t fairness_groups(struct arena *arena, const struct fairness_person *people, size_t n_people,
		       struct fairness_group **groups)
{
	struct fairness_person *sorted = arena_copy(arena, people, n_people * sizeof *people);
	int *scores = arena_alloc(arena, n_people * sizeof *scores);
	struct fairness_group *whole, silent;
	size_t answered = 0, n = 1;

	qsort(sorted, n_people, sizeof *sorted, by_answer);
	while (answered < n_people && sorted[answered].answer)
		answered++;
	*groups = arena_alloc(arena, (answered + 1) * sizeof **groups);
	whole = *groups;
	if (is_few((int32_t)(n_people - answered)))
		n_people = answered;
	take_group(whole, sorted, n_people, scores);
	take_group(&silent, sorted + answered, n_people - answered, scores);
	for (size_t at = 0, same; at < answered; at += same) {
		same = same_answer(sorted + at, answered - at);
		(*groups)[n].answer = sorted[at].answer;
		take_group(&(*groups)[n++], sorted + at, same, scores);
	}
	qsort(*groups + 1, n - 1, sizeof **groups, by_size);
	hide_enough(whole + 1, n - 1, silent.people, silent.matched);
	if (is_few(whole->people) || is_few(whole->matched))
		hide(whole);
	else
		hide_unmatched(whole, n);
	return n;
}

/* Whether the worst pair could be better: how many can be matched at all with pairs of at least some score. */
#include "own.h"

#include <stdlib.h>
#include <string.h>

/* As many as can be matched with pairs of at least this score: augmenting paths, breadth first. */
struct search {
	int32_t *holder_next, *holder_first; /* mentor → list of their mentees */
	int32_t *partner, *load, *from, *queue;
	bool *seen;
};

static void give(struct search *search, int32_t mentee, int32_t mentor)
{
	search->partner[mentee] = mentor;
	search->holder_next[mentee] = search->holder_first[mentor];
	search->holder_first[mentor] = mentee;
	search->load[mentor]++;
}

static void take(struct search *search, int32_t mentee)
{
	int32_t *at = &search->holder_first[search->partner[mentee]];

	while (*at != mentee)
		at = &search->holder_next[*at];
	*at = search->holder_next[mentee];
	search->load[search->partner[mentee]]--;
}

/* Back along the mentees from whom each mentor was reached. */
static void shift(struct search *search, int32_t mentor, int32_t start)
{
	for (;;) {
		int32_t mentee = search->from[mentor], before = search->partner[mentee];

		if (before >= 0)
			take(search, mentee);
		give(search, mentee, mentor);
		if (mentee == start)
			return;
		mentor = before;
	}
}

static bool augment(const struct file *file, struct search *search, int32_t start, int64_t least)
{
	int32_t head = 0, tail = 0;

	memset(search->seen, 0, (size_t)file->verdict.mentors * sizeof *search->seen);
	search->queue[tail++] = start;
	while (head < tail) {
		int32_t i = search->queue[head++];
		const struct mentee *mentee = &file->mentees[i];

		for (size_t k = 0; k < mentee->n; k++) {
			const struct pair *pair = &file->pairs[mentee->first + k];

			if (pair->score < least || search->seen[pair->mentor])
				continue;
			search->seen[pair->mentor] = true;
			search->from[pair->mentor] = i;
			if (search->load[pair->mentor] < file->mentors[pair->mentor].places) {
				shift(search, pair->mentor, start);
				return true;
			}
			for (int32_t held = search->holder_first[pair->mentor]; held >= 0;
			     held = search->holder_next[held])
				search->queue[tail++] = held;
		}
	}
	return false;
}

static int64_t most_matched(const struct file *file, struct search *search, int64_t least)
{
	int64_t matched = 0;

	for (int32_t i = 0; i < file->verdict.mentees; i++)
		search->partner[i] = -1;
	for (int32_t j = 0; j < file->verdict.mentors; j++) {
		search->holder_first[j] = -1;
		search->load[j] = 0;
	}
	for (int32_t i = 0; i < file->verdict.mentees; i++)
		if (!file->mentees[i].locked)
			matched += augment(file, search, i, least);
	return matched;
}

static bool compare_floors(struct file *file, struct search *search)
{
	int64_t matched = 0;

	for (int32_t i = 0; i < file->verdict.mentees; i++)
		matched += !file->mentees[i].locked && file->mentees[i].partner >= 0;
	if (most_matched(file, search, file->min_score) != matched)
		return refuse(file, "more could be matched below the floor", -1, -1);
	if (matched > 0 && most_matched(file, search, file->floor + 1) == matched)
		return refuse(file, "the floor could be higher", -1, -1);
	return true;
}

bool prove_floor(struct file *file)
{
	size_t mentees = (size_t)file->verdict.mentees + 1,
	       mentors = (size_t)file->verdict.mentors + 1;
	struct search search = {
		.holder_next = calloc(mentees, sizeof(int32_t)),
		.holder_first = calloc(mentors, sizeof(int32_t)),
		.partner = calloc(mentees, sizeof(int32_t)),
		.load = calloc(mentors, sizeof(int32_t)),
		.from = calloc(mentors, sizeof(int32_t)),
		.queue = calloc(mentees, sizeof(int32_t)),
		.seen = calloc(mentors, sizeof(bool)),
	};
	bool room = search.holder_next &&
		    search.holder_first &&
		    search.partner &&
		    search.load &&
		    search.from &&
		    search.queue &&
		    search.seen;
	bool holds =
		room ? compare_floors(file, &search) : refuse(file, "not enough memory", -1, -1);

	free(search.holder_next);
	free(search.holder_first);
	free(search.partner);
	free(search.load);
	free(search.from);
	free(search.queue);
	free(search.seen);
	return holds;
}

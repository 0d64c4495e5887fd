/* Reads the pairs of a problem row by row, without those that may not be. */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

static int compare_pairs(const void *left, const void *right)
{
	const struct match_pair *a = left, *b = right;

	if (a->mentee != b->mentee)
		return a->mentee < b->mentee ? -1 : 1;
	return (a->mentor > b->mentor) - (a->mentor < b->mentor);
}

static int compare_mentors(const void *left, const void *right)
{
	const struct row_pair *a = left, *b = right;

	return (a->mentor > b->mentor) - (a->mentor < b->mentor);
}

static bool refuse(struct match_failure *failure, enum match_code code, int32_t mentee,
		   int32_t mentor)
{
	*failure = (struct match_failure) { code, mentee, mentor };
	return false;
}

static bool pair_exists(const struct match_problem *problem, const struct match_pair *pair)
{
	return pair->mentee >= 0 &&
	       pair->mentee < problem->mentees &&
	       pair->mentor >= 0 &&
	       pair->mentor < problem->mentors;
}

static bool sizes_fit(const struct match_problem *problem, struct match_failure *failure)
{
	if (problem->mentees < 0 ||
	    problem->mentors < 0 ||
	    problem->mentees > MATCH_MENTEES_MAX ||
	    problem->mentors > MATCH_MENTORS_MAX)
		return refuse(failure, MATCH_TOO_LARGE, MATCH_NOBODY, MATCH_NOBODY);
	for (int32_t j = 0; j < problem->mentors; j++)
		if (problem->capacity[j] < 0)
			return refuse(failure, MATCH_BAD_PAIR, MATCH_NOBODY, j);
	return true;
}

static bool stored_pairs_fit(const struct match_problem *problem, struct match_failure *failure)
{
	for (int32_t i = 0; !problem->score_row && i < problem->mentees; i++)
		for (int64_t k = problem->row[i]; k < problem->row[i + 1]; k++)
			if (problem->column[k] < 0 ||
			    problem->column[k] >= problem->mentors ||
			    problem->score[k] < 0 ||
			    problem->score[k] > MATCH_WORTH_MAX - problem->stay_bonus)
				return refuse(failure, MATCH_BAD_PAIR, i, problem->column[k]);
	return true;
}

static bool take_locks(struct rows *rows, struct match_failure *failure)
{
	const struct match_problem *problem = rows->problem;

	for (size_t k = 0; k < problem->n_locks; k++) {
		const struct match_pair *lock = &problem->locks[k];

		if (!pair_exists(problem, lock))
			return refuse(failure, MATCH_BAD_PAIR, lock->mentee, lock->mentor);
		if (rows->lock[lock->mentee] != MATCH_NOBODY)
			return refuse(failure, MATCH_LOCKED_TWICE, lock->mentee, lock->mentor);
		if (rows->places[lock->mentor]-- <= 0)
			return refuse(failure, MATCH_LOCKS_EXCEED, lock->mentee, lock->mentor);
		if (bsearch(lock, rows->forbidden, problem->n_forbidden, sizeof *lock,
			    compare_pairs))
			return refuse(failure, MATCH_LOCK_FORBIDDEN, lock->mentee, lock->mentor);
		rows->lock[lock->mentee] = lock->mentor;
	}
	return true;
}

static bool make_room(struct rows *rows)
{
	const struct match_problem *problem = rows->problem;
	size_t mentees = (size_t)problem->mentees + 1, mentors = (size_t)problem->mentors + 1;

	rows->lock = malloc(mentees * sizeof *rows->lock);
	rows->places = malloc(mentors * sizeof *rows->places);
	rows->forbidden = malloc((problem->n_forbidden + 1) * sizeof *rows->forbidden);
	rows->scores = malloc(mentors * sizeof *rows->scores);
	rows->forbids = calloc(mentors, sizeof *rows->forbids);
	rows->pairs = malloc(mentors * sizeof *rows->pairs);
	return rows->lock &&
	       rows->places &&
	       rows->forbidden &&
	       rows->scores &&
	       rows->forbids &&
	       rows->pairs;
}

static bool fill(struct rows *rows, struct match_failure *failure)
{
	const struct match_problem *problem = rows->problem;

	for (int32_t i = 0; i < problem->mentees; i++)
		rows->lock[i] = MATCH_NOBODY;
	for (int32_t j = 0; j < problem->mentors; j++)
		rows->places[j] = problem->capacity[j];
	for (size_t k = 0; k < problem->n_forbidden; k++)
		if (!pair_exists(problem, &problem->forbidden[k]))
			return refuse(failure, MATCH_BAD_PAIR, problem->forbidden[k].mentee,
				      problem->forbidden[k].mentor);
	if (problem->n_forbidden)
		memcpy(rows->forbidden, problem->forbidden,
		       problem->n_forbidden * sizeof *rows->forbidden);
	qsort(rows->forbidden, problem->n_forbidden, sizeof *rows->forbidden, compare_pairs);
	return take_locks(rows, failure);
}

bool rows_open(struct rows *rows, const struct match_problem *problem,
	       struct match_failure *failure)
{
	*rows = (struct rows) { .problem = problem };
	if (!sizes_fit(problem, failure) || !stored_pairs_fit(problem, failure))
		return false;
	if (!make_room(rows)) {
		rows_close(rows);
		return refuse(failure, MATCH_NO_MEMORY, MATCH_NOBODY, MATCH_NOBODY);
	}
	if (!fill(rows, failure)) {
		rows_close(rows);
		return false;
	}
	return true;
}

void rows_close(struct rows *rows)
{
	free(rows->lock);
	free(rows->places);
	free(rows->forbidden);
	free(rows->scores);
	free(rows->forbids);
	free(rows->pairs);
	*rows = (struct rows) { 0 };
}

static void add_pair(struct rows *rows, int32_t mentee, int32_t mentor, int32_t score)
{
	const struct match_problem *problem = rows->problem;
	bool stays = problem->stay && problem->stay[mentee] == mentor;

	if (score < 0 || score < problem->min_score || rows->forbids[mentor])
		return;
	rows->pairs[rows->n++] =
		(struct row_pair) { mentor, score, score + (stays ? problem->stay_bonus : 0) };
}

static const struct match_pair *first_forbidden(const struct rows *rows, int32_t mentee)
{
	size_t low = 0, high = rows->problem->n_forbidden;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (rows->forbidden[middle].mentee < mentee)
			low = middle + 1;
		else
			high = middle;
	}
	return &rows->forbidden[low];
}

static void mark_forbidden(struct rows *rows, int32_t mentee, bool mark)
{
	const struct match_pair *end = rows->forbidden + rows->problem->n_forbidden;

	for (const struct match_pair *pair = first_forbidden(rows, mentee);
	     pair < end && pair->mentee == mentee; pair++)
		rows->forbids[pair->mentor] = mark;
}

static void take_stored(struct rows *rows, int32_t mentee)
{
	const struct match_problem *problem = rows->problem;

	for (int64_t k = problem->row[mentee]; k < problem->row[mentee + 1]; k++)
		add_pair(rows, mentee, problem->column[k], problem->score[k]);
	qsort(rows->pairs, rows->n, sizeof *rows->pairs, compare_mentors);
}

void rows_take(struct rows *rows, int32_t mentee)
{
	const struct match_problem *problem = rows->problem;

	rows->n = 0;
	mark_forbidden(rows, mentee, true);
	if (problem->score_row) {
		problem->score_row(problem->context, (uint32_t)mentee, rows->scores);
		for (int32_t j = 0; j < problem->mentors; j++)
			add_pair(rows, mentee, j, rows->scores[j]);
	} else {
		take_stored(rows, mentee);
	}
	mark_forbidden(rows, mentee, false);
}

const struct row_pair *rows_find(const struct rows *rows, int32_t mentor)
{
	struct row_pair pair = { .mentor = mentor };

	return bsearch(&pair, rows->pairs, rows->n, sizeof pair, compare_mentors);
}

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

void draw_order(uint64_t seed, uint64_t purpose, int32_t n, int32_t *rank)
{
	uint64_t state = seed ^ purpose * 0xd1342543de82ef95ull;

	for (int32_t i = 0; i < n; i++) {
		int32_t k = (int32_t)(next_random(&state) % (uint64_t)(i + 1));

		rank[i] = rank[k];
		rank[k] = i;
	}
}

/*
 * The highest floor at which as many can be matched as at the lowest: by halving, with a greatest matching by augmenting
 * paths for each floor that is tried. What a search without success has seen stays out of every later one.
 */
#include "inner.h"

#include <stdlib.h>

struct paths {
	struct matcher *m;
	int32_t floor;
	int32_t *queue;	 /* of mentors */
	int32_t *via;	 /* [mentors] the mentee through whom the search came */
	int32_t *hopeless; /* [mentors] */
};

static bool places_left(const struct matcher *m, int32_t mentor)
{
	return m->load[mentor] < m->capacity[mentor];
}

/* Queues the mentors near a mentee; a mentor with a place left, or -1. */
static int32_t see_mentors(struct paths *paths, int32_t mentee, int32_t *n)
{
	struct matcher *m = paths->m;
	const uint32_t *line = line_of(&m->rows, mentee);

	for (int32_t k = 0; k < m->rows.len[mentee] && word_worth(line[k]) >= paths->floor; k++) {
		int32_t mentor = word_number(line[k]);

		if (m->mentor_mark[mentor] == m->mark || paths->hopeless[mentor] ||
		    word_score(m, mentee, line[k]) < paths->floor)
			continue;
		m->mentor_mark[mentor] = m->mark;
		paths->via[mentor] = mentee;
		if (places_left(m, mentor))
			return mentor;
		paths->queue[(*n)++] = mentor;
	}
	return -1;
}

static bool augment(struct paths *paths, int32_t mentee)
{
	struct matcher *m = paths->m;
	int32_t n = 0, end;

	m->mark++;
	end = see_mentors(paths, mentee, &n);
	for (int32_t at = 0; at < n && end < 0; at++) {
		int32_t mentor = paths->queue[at];

		for (int32_t k = 0; k < seats_taken(m, mentor) && end < 0; k++)
			end = see_mentors(paths, m->seat[m->seat_row[mentor] + k], &n);
	}
	if (end >= 0)
		seats_shift(paths->m, paths->via, mentee, end);
	else
		for (int32_t at = 0; at < n; at++)
			paths->hopeless[paths->queue[at]] = 1;
	return end >= 0;
}

static void everybody_up(struct paths *paths)
{
	struct matcher *m = paths->m;

	for (int32_t i = 0; i < m->mentees; i++)
		if (m->state[i] == MENTEE_HERE)
			m->partner[i] = MATCH_NOBODY;
	for (int32_t j = 0; j < m->mentors; j++) {
		m->load[j] = m->locked[j];
		paths->hopeless[j] = 0;
	}
}

/* How many can be matched at a floor; gives up when it is fewer than `wanted`. */
static int32_t match_at(struct paths *paths, int32_t floor, int32_t wanted)
{
	struct matcher *m = paths->m;
	int32_t matched = 0;

	paths->floor = floor;
	everybody_up(paths);
	for (int32_t i = 0; i < m->mentees && matched + m->mentees - i >= wanted && !cancelled(m); i++)
		if (m->state[i] == MENTEE_HERE)
			matched += augment(paths, i);
	return matched;
}

static int32_t highest_floor(struct paths *paths)
{
	int32_t most = match_at(paths, paths->m->floor, 0);
	int32_t low = paths->m->floor, high = paths->m->worthiest + 1;

	while (high - low > 1) {
		int32_t middle = low + (high - low) / 2;

		if (match_at(paths, middle, most) == most)
			low = middle;
		else
			high = middle;
	}
	return most > 0 ? low : paths->m->floor;
}

static void cut_line(struct matcher *m, int32_t i, int32_t floor)
{
	uint32_t *line = line_of(&m->rows, i);
	int32_t kept = 0;

	for (int32_t k = 0; k < m->rows.len[i]; k++)
		if (word_score(m, i, line[k]) >= floor)
			line[kept++] = line[k];
	if (kept < m->rows.len[i])
		m->has[i] |= HAS_BELOW;
	m->rows.len[i] = kept;
	line_fill(&m->rows, i);
}

static void cut_back(struct matcher *m, int32_t j, int32_t floor)
{
	uint32_t *line = line_of(&m->backs, j);
	int32_t kept = 0;

	for (int32_t k = 0; k < m->backs.len[j]; k++)
		if (word_score(m, word_number(line[k]), word_made(word_worth(line[k]), j)) >= floor)
			line[kept++] = line[k];
	m->backs.len[j] = kept;
	line_fill(&m->backs, j);
}

static void cut_lines(struct matcher *m, int32_t floor)
{
	m->floor = floor;
	for (int32_t i = 0; i < m->mentees; i++)
		cut_line(m, i, floor);
	for (int32_t j = 0; j < m->mentors; j++)
		cut_back(m, j, floor);
}

bool raise_floor(struct matcher *m)
{
	struct paths paths = {
		.m = m,
		.queue = room_for((size_t)m->mentors + 1, sizeof *paths.queue),
		.via = room_for((size_t)m->mentors + 1, sizeof *paths.via),
		.hopeless = room_for((size_t)m->mentors + 1, sizeof *paths.hopeless),
	};
	bool ready = paths.queue && paths.via && paths.hopeless;

	if (ready) {
		int32_t floor = highest_floor(&paths);

		everybody_up(&paths);
		cut_lines(m, floor);
	}
	free(paths.queue);
	free(paths.via);
	free(paths.hopeless);
	return ready && !cancelled(m);
}

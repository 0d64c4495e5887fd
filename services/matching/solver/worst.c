/*
 * The highest floor at which as many can be matched as now: from the worst pair of the best matching upwards, in growing steps and
 * then by halving. Each try starts with the last good matching's pairs that reach the floor and augments it (Hopcroft and Karp 1973:
 * many shortest paths in each phase). The duals stay right when pairs go, so the new optimum is a few paths from the old one.
 */
#include "inner.h"

#include <stdlib.h>

enum { UNSEEN = INT32_MAX };

struct paths {
	struct matcher *m;
	int32_t floor;
	int32_t *queue;	    /* [mentees] */
	int32_t *level;	    /* [mentors] how many mentors from a mentee without one */
	int32_t *via;	    /* [mentors] the mentee through whom the search came */
	int32_t *next_seat; /* [mentors] who is asked next to move on */
	int32_t *next_word; /* [mentees] which mentor is tried next */
	int32_t *good;	    /* [mentees] the partners at the highest floor so far that is good */
	int32_t deepest;    /* the level of the nearest places */
};

static bool places_left(const struct matcher *m, int32_t mentor)
{
	return m->load[mentor] < m->capacity[mentor];
}

static int32_t level_of(const struct paths *paths, int32_t mentee)
{
	int32_t mentor = paths->m->partner[mentee];

	return mentor < 0 ? 0 : paths->level[mentor];
}

/* The mentor of the mentee's k-th word when it reaches the floor; -1 when not; -2 when no further one does. */
static int32_t mentor_at(const struct paths *paths, int32_t mentee, int32_t k)
{
	const struct matcher *m = paths->m;
	const uint32_t *line = line_of(&m->rows, mentee);

	if (k >= m->rows.len[mentee] || word_worth(line[k]) < paths->floor)
		return -2;
	return word_score(m, mentee, line[k]) < paths->floor ? -1 : word_number(line[k]);
}

/* Everybody who is near at a level is queued; mentors with places end the search at theirs. */
static void see_from(struct paths *paths, int32_t mentee, int32_t *n)
{
	const struct matcher *m = paths->m;
	int32_t level = level_of(paths, mentee) + 1, mentor;

	for (int32_t k = 0; (mentor = mentor_at(paths, mentee, k)) != -2; k++) {
		if (mentor < 0 || paths->level[mentor] != UNSEEN)
			continue;
		paths->level[mentor] = level;
		if (places_left(m, mentor)) {
			paths->deepest = level;
			continue;
		}
		for (int32_t seat = 0; seat < seats_taken(m, mentor); seat++)
			paths->queue[(*n)++] = m->seat[m->seat_row[mentor] + seat];
	}
}

/* Levels as far as the nearest places; false when there is none within reach. */
static bool find_levels(struct paths *paths)
{
	struct matcher *m = paths->m;
	int32_t n = 0;

	paths->deepest = UNSEEN;
	for (int32_t j = 0; j < m->mentors; j++) {
		paths->level[j] = UNSEEN;
		paths->next_seat[j] = 0;
	}
	for (int32_t i = 0; i < m->mentees; i++) {
		paths->next_word[i] = 0;
		if (m->state[i] == MENTEE_HERE && m->partner[i] < 0)
			paths->queue[n++] = i;
	}
	for (int32_t at = 0; at < n && level_of(paths, paths->queue[at]) < paths->deepest; at++)
		see_from(paths, paths->queue[at], &n);
	return paths->deepest != UNSEEN;
}

/* The next mentee on a path from here: -1 when the mentor found has a place, -2 when there is no way on. */
static int32_t step_on(struct paths *paths, int32_t mentee, int32_t *end)
{
	const struct matcher *m = paths->m;
	int32_t level = level_of(paths, mentee) + 1, mentor;

	for (; (mentor = mentor_at(paths, mentee, paths->next_word[mentee])) != -2;
	     paths->next_word[mentee]++) {
		if (mentor < 0 || paths->level[mentor] != level || mentor == m->partner[mentee])
			continue;
		paths->via[mentor] = mentee;
		*end = mentor;
		if (places_left(m, mentor))
			return -1;
		if (level < paths->deepest && paths->next_seat[mentor] < seats_taken(m, mentor))
			return m->seat[m->seat_row[mentor] + paths->next_seat[mentor]++];
	}
	return -2;
}

/* Depth first, each mentor and each word once in a phase. */
static bool augment(struct paths *paths, int32_t mentee)
{
	int32_t *stack = paths->queue, depth = 0, end = MATCH_NOBODY;

	stack[0] = mentee;
	while (depth >= 0) {
		int32_t next = step_on(paths, stack[depth], &end);

		if (next == -1) {
			seats_shift(paths->m, paths->via, mentee, end);
			return true;
		}
		if (next == -2)
			depth--;
		else
			stack[++depth] = next;
	}
	return false;
}

static void everybody_up(struct matcher *m)
{
	for (int32_t i = 0; i < m->mentees; i++)
		if (m->state[i] == MENTEE_HERE)
			m->partner[i] = MATCH_NOBODY;
	for (int32_t j = 0; j < m->mentors; j++)
		m->load[j] = m->locked[j];
}

/* The score of the pair, or -1 when there is none (any more). */
static int32_t pair_score(const struct matcher *m, int32_t mentee, int32_t mentor)
{
	int32_t at = mentor < 0 ? -1 : line_find(&m->rows, mentee, mentor);

	return at < 0 ? -1 : word_score(m, mentee, line_of(&m->rows, mentee)[at]);
}

/* Those who are here sit as they did, if their pair reaches the floor; how many. */
static int32_t sit_as(struct matcher *m, const int32_t *partner, int32_t floor)
{
	int32_t n = 0;

	everybody_up(m);
	for (int32_t i = 0; i < m->mentees; i++)
		if (m->state[i] == MENTEE_HERE &&
		    pair_score(m, i, partner[i]) >= floor &&
		    partner[i] >= 0) {
			seat_take(m, i, partner[i]);
			n++;
		}
	return n;
}

/* How many can be matched at a floor. */
static int32_t match_at(struct paths *paths, int32_t floor)
{
	struct matcher *m = paths->m;
	int32_t matched = sit_as(m, paths->good, floor);

	paths->floor = floor;
	while (!cancelled(m) && find_levels(paths))
		for (int32_t i = 0; i < m->mentees; i++)
			if (m->state[i] == MENTEE_HERE && m->partner[i] < 0)
				matched += augment(paths, i);
	return matched;
}

/* The partners as they are now become the good ones; their worst score, or -1 without any. */
static int32_t keep_good(struct paths *paths)
{
	const struct matcher *m = paths->m;
	int32_t worst = -1;

	for (int32_t i = 0; i < m->mentees; i++) {
		int32_t score = m->state[i] == MENTEE_HERE ? pair_score(m, i, m->partner[i]) : -1;

		paths->good[i] = m->partner[i];
		if (score >= 0 && (worst < 0 || score < worst))
			worst = score;
	}
	return worst;
}

static int32_t highest_floor(struct paths *paths, int32_t most)
{
	int32_t low = keep_good(paths), high = paths->m->worthiest + 1;

	for (int32_t step = 1; high - low > 1 && low >= 0 && !cancelled(paths->m); step *= 2) {
		int32_t next = low + step < high ? low + step : low + (high - low) / 2;

		if (match_at(paths, next) == most)
			low = keep_good(paths);
		else {
			high = next;
			step = (high - low) / 4;
		}
		step = step > 0 ? step : 1;
	}
	return low > paths->m->floor ? low : paths->m->floor;
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

static bool paths_new(struct paths *paths, struct matcher *m)
{
	size_t mentees = (size_t)m->mentees + 1, mentors = (size_t)m->mentors + 1;

	*paths = (struct paths) {
		.m = m,
		.queue = room_for(mentees, sizeof *paths->queue),
		.level = room_for(mentors, sizeof *paths->level),
		.via = room_for(mentors, sizeof *paths->via),
		.next_seat = room_for(mentors, sizeof *paths->next_seat),
		.next_word = room_for(mentees, sizeof *paths->next_word),
		.good = room_for(mentees, sizeof *paths->good),
	};
	return paths->queue &&
	       paths->level &&
	       paths->via &&
	       paths->next_seat &&
	       paths->next_word &&
	       paths->good;
}

static void paths_free(struct paths *paths)
{
	free(paths->queue);
	free(paths->level);
	free(paths->via);
	free(paths->next_seat);
	free(paths->next_word);
	free(paths->good);
}

/* The optimum before, less the pairs that went, and a path for each of those. */
static void settle_above(struct matcher *m, const int32_t *optimum)
{
	sit_as(m, optimum, m->floor);
	for (int32_t i = 0; i < m->mentees && !cancelled(m); i++)
		if (m->state[i] == MENTEE_HERE && m->partner[i] < 0)
			place_mentee(m, i);
	for (int32_t j = 0; j < m->mentors && !cancelled(m); j++)
		fill_places(m, j);
}

bool raise_floor(struct matcher *m)
{
	int32_t *optimum = room_for((size_t)m->mentees + 1, sizeof *optimum);
	struct paths paths;
	bool ready = paths_new(&paths, m) && optimum;
	int32_t most = 0;

	for (int32_t i = 0; ready && i < m->mentees; i++) {
		optimum[i] = m->partner[i];
		most += m->state[i] == MENTEE_HERE && m->partner[i] >= 0;
	}
	if (ready) {
		cut_lines(m, highest_floor(&paths, most));
		settle_above(m, optimum);
	}
	paths_free(&paths);
	free(optimum);
	return ready && !cancelled(m) && !search_failed(m);
}

/*
 * From a good matching to the best: shortest alternating paths by reduced costs (Dijkstra), one for each mentee whom the prices would
 * give more than they have, and one for each free place that asks for more than its floor.
 *
 * A search ends at its nearest end, at distance D; the duals of everything nearer move by D less its distance, which keeps every
 * slack >= 0 and makes the path tight.
 */
#include "inner.h"
#include "queue.h"

#include <stdlib.h>

/* How near a search saw a mentor. */
struct seen {
	uint32_t search;
	int32_t distance;
};

struct search {
	uint32_t number;
	struct seen *seen;
	int32_t *via;  /* [mentors] the mentee through whom the search came … */
	int32_t *to;   /* … who, downhill, would move to that mentor */
	int32_t *done; /* the mentors that are settled, in order */
	int32_t n_done;
	struct near *near;
	struct queue *queue;
	bool failed; /* for want of memory */
	/* The best end so far. */
	int32_t best;
	int32_t end_mentor, end_mentee;
};

struct search *search_new(const struct matcher *m)
{
	struct search *search = calloc(1, sizeof *search);
	size_t longest =
		(size_t)(m->mentors > m->mentees ? m->mentors : m->mentees) + 2 * SCAN_STEP;

	if (!search)
		return NULL;
	search->seen = room_for((size_t)m->mentors + 1, sizeof *search->seen);
	search->via = room_for((size_t)m->mentors + 1, sizeof *search->via);
	search->to = room_for((size_t)m->mentors + 1, sizeof *search->to);
	search->done = room_for((size_t)m->mentors + 1, sizeof *search->done);
	search->near = room_for(longest, sizeof *search->near);
	search->queue = queue_new();
	if (search->seen &&
	    search->via &&
	    search->to &&
	    search->done &&
	    search->near &&
	    search->queue)
		return search;
	search_free(search);
	return NULL;
}

void search_free(struct search *search)
{
	if (!search)
		return;
	free(search->seen);
	free(search->via);
	free(search->to);
	free(search->done);
	free(search->near);
	queue_free(search->queue);
	free(search);
}

int32_t surplus_at_prices(const struct matcher *m, int32_t mentee)
{
	struct bid bid = m->scanner->bid(line_of(&m->rows, mentee), line_filled(&m->rows, mentee),
					 m->price, m->first, 0);

	return bid.best > m->out ? bid.best : m->out;
}

static void begin(struct search *search, int32_t best)
{
	search->number++;
	search->n_done = 0;
	search->best = best;
	search->end_mentor = search->end_mentee = MATCH_NOBODY;
	queue_clear(search->queue);
}

static void end_at(struct search *search, int32_t distance, int32_t mentor, int32_t mentee)
{
	search->best = distance;
	search->end_mentor = mentor;
	search->end_mentee = mentee;
}

/* True when the mentor was not yet seen as near. */
static bool see(struct search *search, int32_t mentor, int32_t distance, int32_t via, int32_t to)
{
	struct seen *seen = &search->seen[mentor];

	if (seen->search == search->number && seen->distance <= distance)
		return false;
	*seen = (struct seen) { search->number, distance };
	search->via[mentor] = via;
	search->to[mentor] = to;
	return true;
}

static int32_t reach(const struct matcher *m, const struct lines *lines, int32_t k,
		     const int32_t *other, int32_t lowest, int64_t base)
{
	struct search *search = m->search;
	int64_t limit = search->best - base;

	return m->scanner->reach(line_of(lines, k), line_filled(lines, k), other, lowest,
				 (int32_t)(limit < LIMIT_MAX ? limit : LIMIT_MAX), search->near);
}

/* The next mentor to settle, or false when none is nearer than the end. */
static bool settle(struct search *search, int32_t *mentor, int32_t *distance)
{
	while (queue_take(search->queue, mentor, distance)) {
		if (*distance >= search->best)
			return false;
		if (search->seen[*mentor].distance != *distance)
			continue;
		search->done[search->n_done++] = *mentor;
		return true;
	}
	return false;
}

/* Uphill: a mentee looks for a place. */

static void look_around(struct matcher *m, int32_t mentee, int32_t distance)
{
	struct search *search = m->search;
	int64_t base = (int64_t)distance + m->surplus[mentee];
	int32_t n = reach(m, &m->rows, mentee, m->price, m->first, base);

	for (int32_t k = 0; k < n; k++) {
		int32_t mentor = word_number(search->near[k].word);
		int32_t here = (int32_t)(base + search->near[k].slack);

		if (here >= search->best || !see(search, mentor, here, mentee, MATCH_NOBODY))
			continue;
		if (m->load[mentor] < m->capacity[mentor]) {
			int64_t end =
				(int64_t)here + place_floor(m, m->load[mentor]) - m->price[mentor];

			if (end <= here)
				end_at(search, here, mentor, MATCH_NOBODY);
			else if (end < search->best)
				end_at(search, (int32_t)end, mentor, MATCH_NOBODY);
			if (end <= here)
				continue;
		}
		search->failed |= !queue_add(search->queue, mentor, here);
	}
}

static void look_from_seats(struct matcher *m, int32_t mentor, int32_t distance)
{
	struct search *search = m->search;

	for (int32_t k = 0; k < seats_taken(m, mentor); k++) {
		int32_t mentee = m->seat[m->seat_row[mentor] + k];
		int64_t leaves = (int64_t)distance + m->surplus[mentee] - m->out;

		if (leaves < search->best)
			end_at(search, (int32_t)leaves, mentor, mentee);
		look_around(m, mentee, distance);
	}
}

/* `sign` +1: prices rise and surpluses fall; -1: the other way. */
static void move_duals(struct matcher *m, int32_t sign)
{
	const struct search *search = m->search;

	for (int32_t at = 0; at < search->n_done; at++) {
		int32_t mentor = search->done[at];
		int32_t by = sign * (search->best - search->seen[mentor].distance);

		set(m, &m->price[mentor], m->price[mentor] + by);
		for (int32_t k = 0; k < seats_taken(m, mentor); k++) {
			int32_t *surplus = &m->surplus[m->seat[m->seat_row[mentor] + k]];

			set(m, surplus, *surplus - by);
		}
	}
}

void place_mentee(struct matcher *m, int32_t mentee)
{
	struct search *search = m->search;
	int32_t mentor, distance;

	set(m, &m->surplus[mentee], surplus_at_prices(m, mentee));
	if (m->surplus[mentee] <= m->out)
		return;
	begin(search, m->surplus[mentee] - m->out);
	look_around(m, mentee, 0);
	while (settle(search, &mentor, &distance))
		look_from_seats(m, mentor, distance);
	move_duals(m, 1);
	set(m, &m->surplus[mentee], m->surplus[mentee] - search->best);
	if (search->end_mentee >= 0)
		seat_leave(m, search->end_mentee);
	if (search->end_mentor >= 0)
		seats_shift(m, search->via, mentee, search->end_mentor);
}

/* Downhill: a free place looks for somebody. */

/* A mentee may come; their mentor then has a free place. */
static void offer_place(struct matcher *m, int32_t mentee, int32_t distance, int32_t to)
{
	struct search *search = m->search;
	int32_t from = m->partner[mentee];

	if (from == to)
		return;
	if (from < 0) {
		end_at(search, distance, to, mentee);
		return;
	}
	if (!see(search, from, distance, mentee, to))
		return;

	int64_t stays_free = (int64_t)distance + m->price[from] - place_floor(m, m->load[from] - 1);

	if (stays_free < search->best)
		end_at(search, (int32_t)stays_free, from, MATCH_NOBODY);
	if (stays_free > distance)
		search->failed |= !queue_add(search->queue, from, distance);
}

static void look_back(struct matcher *m, int32_t mentor, int32_t distance)
{
	struct search *search = m->search;
	int64_t base = (int64_t)distance + m->price[mentor];
	int32_t n = reach(m, &m->backs, mentor, m->surplus, -NEVER, base);

	for (int32_t k = 0; k < n; k++) {
		int32_t here = (int32_t)(base + search->near[k].slack);

		if (here < search->best)
			offer_place(m, word_number(search->near[k].word), here, mentor);
	}
}

static void move_down(struct matcher *m, int32_t mentor, int32_t end)
{
	while (end != mentor) {
		int32_t mover = m->search->via[end];
		int32_t to = m->search->to[end];

		seat_leave(m, mover);
		seat_take(m, mover, to);
		end = to;
	}
}

static void fill_place(struct matcher *m, int32_t mentor)
{
	struct search *search = m->search;
	int32_t floor = place_floor(m, m->load[mentor]);
	int32_t next, distance;

	if (m->price[mentor] <= floor)
		return;
	begin(search, m->price[mentor] - floor);
	see(search, mentor, 0, MATCH_NOBODY, MATCH_NOBODY);
	search->failed |= !queue_add(search->queue, mentor, 0);
	while (settle(search, &next, &distance))
		look_back(m, next, distance);
	move_duals(m, -1);
	if (search->end_mentor < 0)
		return;
	if (search->end_mentee >= 0) {
		int32_t came = search->end_mentor;

		move_down(m, mentor, came);
		seat_take(m, search->end_mentee, came);
		return;
	}
	move_down(m, mentor, search->end_mentor);
}

void fill_places(struct matcher *m, int32_t mentor)
{
	while (m->load[mentor] < m->capacity[mentor] &&
	       m->price[mentor] > place_floor(m, m->load[mentor]))
		fill_place(m, mentor);
}

bool search_failed(const struct matcher *m)
{
	return m->search->failed;
}

/* Everybody. */

/* The surplus as the prices make it; who has a pair that is not tight then gets up, later, when all threads are done. */
static void price_slice(void *object, struct slice slice)
{
	struct matcher *m = object;

	for (int32_t i = slice.begin; i < slice.end; i++) {
		int32_t j = m->partner[i];

		if (m->state[i] != MENTEE_HERE)
			continue;
		m->surplus[i] = surplus_at_prices(m, i);
		if (j >= 0)
			m->gain[i] = word_worth(line_of(&m->rows, i)[line_find(&m->rows, i, j)]) -
				     m->price[j];
	}
}

static void part_loose_pairs(struct matcher *m)
{
	for (int32_t i = 0; i < m->mentees; i++)
		if (m->state[i] == MENTEE_HERE && m->partner[i] >= 0 && m->surplus[i] != m->gain[i])
			seat_leave(m, i);
}

bool repair(struct matcher *m)
{
	in_slices(m->threads, m->mentees, price_slice, m);
	part_loose_pairs(m);
	for (int32_t i = 0; i < m->mentees && !cancelled(m); i++)
		if (m->state[i] == MENTEE_HERE && m->partner[i] < 0)
			place_mentee(m, i);
	for (int32_t j = 0; j < m->mentors && !cancelled(m); j++)
		fill_places(m, j);
	return !cancelled(m) && !search_failed(m);
}

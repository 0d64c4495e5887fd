/*
 * Mentees bid for places (Bertsekas and Castañón 1992: an auction with similar objects). A mentor's places are a heap of bids with the
 * lowest on top; once all are taken, the lowest is the price, and who bids more takes that place.
 *
 * Twice: a coarse auction from price 0 finds roughly what places are worth, where people compete for them; a fine one starts
 * a little below. Within both the step grows with the bids on a place, which ends the wars of those who want the same. Prices
 * are in fractions of a point and rounded at the end to what the optimum's prices may be: multiples of the scores' common divisor.
 */
#include "inner.h"

#include <stdlib.h>

enum {
	FRACTION_BITS = 2,  /* prices are in quarters of a point … */
	COARSE_GRID = 16,   /* … unless the scores' divisor is at least this */
	FINE_STEPS = 32,    /* steps in the divisor */
	COARSE_STEPS = 40,  /* coarse steps in the greatest worth */
	FINE_PATIENCE = 64, /* bids on each place until the step is one larger */
	AHEAD = 8,	    /* whose line is fetched while others bid */
};

struct auction {
	struct matcher *m;
	uint64_t *heap; /* as m->seat: the level above, the mentee below */
	int32_t *bids;	/* [mentors] */
	int32_t *queue; /* a ring of mentees who have to bid */
	int32_t head, waiting;
	int32_t step, patience;
	int32_t unit; /* the scores' divisor in fractions */
	int shift;
};

static void sift_down(uint64_t *heap, int32_t n, int32_t k, uint64_t bid)
{
	for (int32_t child; (child = 2 * k + 1) < n; k = child) {
		child += child + 1 < n && heap[child + 1] < heap[child];
		if (heap[child] >= bid)
			break;
		heap[k] = heap[child];
	}
	heap[k] = bid;
}

static int32_t ring(const struct auction *a, int32_t ahead)
{
	int32_t at = a->head + ahead;

	return at < a->m->mentees ? at : at - a->m->mentees;
}

static void push_back(struct auction *a, int32_t mentee)
{
	a->queue[ring(a, a->waiting++)] = mentee;
}

static int32_t pop_front(struct auction *a)
{
	int32_t mentee = a->queue[a->head];

	a->head = ring(a, 1);
	a->waiting--;
	return mentee;
}

static void take_free_place(struct matcher *m, int32_t mentor, uint64_t *heap, uint64_t bid)
{
	int32_t n = seats_taken(m, mentor);

	heap[n++] = bid;
	m->load[mentor]++;
	if (m->load[mentor] < m->capacity[mentor])
		return;
	for (int32_t k = n / 2 - 1; k >= 0; k--)
		sift_down(heap, n, k, heap[k]);
	m->price[mentor] = (int32_t)(heap[0] >> 32);
}

static void outbid(struct auction *a, int32_t mentor, uint64_t *heap, uint64_t bid)
{
	struct matcher *m = a->m;

	push_back(a, (int32_t)(uint32_t)heap[0]);
	sift_down(heap, seats_taken(m, mentor), 0, bid);
	m->price[mentor] = (int32_t)(heap[0] >> 32);
}

static int32_t step_of(struct auction *a, int32_t mentor)
{
	return a->step + a->bids[mentor]++ / (a->m->capacity[mentor] * a->patience);
}

/* Who would gain nothing bids for nothing and stays out. */
static void bid_for_best(struct auction *a, int32_t mentee)
{
	struct matcher *m = a->m;
	struct bid bid = m->scanner->bid(line_of(&m->rows, mentee), line_filled(&m->rows, mentee),
					 m->price, 0, a->shift);

	if (bid.best <= 0)
		return;

	int32_t mentor = word_number(bid.word);
	int32_t gain = bid.best - (bid.second > 0 ? bid.second : 0);
	int32_t level = m->price[mentor] + gain + step_of(a, mentor);
	uint64_t *heap = a->heap + m->seat_row[mentor];
	uint64_t offer = (uint64_t)level << 32 | (uint32_t)mentee;

	if (m->load[mentor] < m->capacity[mentor])
		take_free_place(m, mentor, heap, offer);
	else
		outbid(a, mentor, heap, offer);
}

static void fetch_ahead(const struct auction *a)
{
	const uint32_t *line = line_of(&a->m->rows, a->queue[ring(a, AHEAD)]);

	for (int k = 0; k < 4; k++)
		__builtin_prefetch(line + k * SCAN_STEP);
}

static void hold(struct auction *a)
{
	struct matcher *m = a->m;

	for (int32_t i = 0; i < m->mentees; i++)
		if (m->state[i] == MENTEE_HERE && m->rows.len[i] > 0)
			push_back(a, i);
	while (a->waiting > 0) {
		if (a->waiting > AHEAD)
			fetch_ahead(a);
		bid_for_best(a, pop_front(a));
	}
}

/* Everybody gets up; mentors ask for `less` less than before. Who has no place for anybody asks for too much. */
static void start_again(struct auction *a, int32_t less)
{
	struct matcher *m = a->m;

	for (int32_t j = 0; j < m->mentors; j++) {
		m->load[j] = m->locked[j];
		m->price[j] = m->price[j] > less ? m->price[j] - less : 0;
		if (m->locked[j] == m->capacity[j])
			m->price[j] = MATCH_WORTH_MAX << a->shift;
		a->bids[j] = 0;
	}
}

static void hold_both(struct auction *a)
{
	int32_t coarse = (a->m->worthiest << a->shift) / COARSE_STEPS;
	int32_t fine = a->unit / FINE_STEPS;

	start_again(a, 0);
	if (coarse > 2 * a->unit / FINE_STEPS) {
		a->step = coarse;
		a->patience = 1;
		hold(a);
		start_again(a, coarse + coarse / 2);
	}
	a->step = fine > 1 ? fine : 1;
	a->patience = FINE_PATIENCE;
	hold(a);
}

/* Prices overshoot by a step or two. */
static void round_prices(struct auction *a)
{
	struct matcher *m = a->m;
	int32_t up = a->unit / 2 > 2 * a->step ? a->unit / 2 - 2 * a->step : 0;

	for (int32_t j = 0; j < m->mentors; j++)
		m->price[j] = (m->price[j] + up) / a->unit * m->divisor;
}

static void seat_bidders(struct auction *a)
{
	struct matcher *m = a->m;

	for (int32_t j = 0; j < m->mentors; j++) {
		int32_t taken = seats_taken(m, j);

		m->load[j] = m->locked[j];
		for (int32_t k = 0; k < taken; k++)
			seat_take(m, (int32_t)(uint32_t)a->heap[m->seat_row[j] + k], j);
	}
}

bool auction(struct matcher *m)
{
	struct auction a = {
		.m = m,
		.heap = room_for((size_t)m->seats + 1, sizeof *a.heap),
		.bids = room_for((size_t)m->mentors + 1, sizeof *a.bids),
		.queue = room_for((size_t)m->mentees + 1, sizeof *a.queue),
		.shift = m->divisor >= COARSE_GRID ? 0 : FRACTION_BITS,
	};
	bool ready = a.heap && a.bids && a.queue;

	a.unit = m->divisor << a.shift;
	if (ready) {
		hold_both(&a);
		round_prices(&a);
		seat_bidders(&a);
	}
	free(a.heap);
	free(a.bids);
	free(a.queue);
	return ready;
}

/* Deferred acceptance with capacities, either side proposing, and the pairs that would rather have each other. */
#include "stable.h"

#include <stdlib.h>
#include <string.h>

#include "rows.h"

/* A wish: how much the pair is worth, then whom, by their rank in the viewer's lottery. Smaller is better. */
enum { RANK_BITS = 20, RANK_MASK = (1 << RANK_BITS) - 1 };

/* One side: whom each would like, the best first; and for the receiving side, whom they hold. */
struct people {
	int32_t n;
	int64_t *row; /* [n + 1] */
	uint32_t *wishes;
	int32_t *places;  /* [n] */
	int32_t *rank;	  /* [n] in the lottery */
	int32_t *of_rank; /* [n] and back */
	int32_t *offset;  /* [n] where they begin in the lottery of the others */
	uint32_t *held;	  /* a heap for each, the worst wish on top, at row[i] */
	int32_t *n_held;
};

struct market {
	struct people mentees, mentors;
	int64_t room;
	int64_t *next;	/* proposer → their next wish */
	int32_t *stack; /* of proposers with a free place */
	bool *stacked;
	int32_t n_stack;
};

/* Everybody sees the other side in the order of its lottery, each beginning elsewhere. */
static uint32_t wish(int32_t worth, const struct people *viewers, int32_t viewer,
		     const struct people *others, int32_t other)
{
	uint32_t rank =
		(uint32_t)(viewers->offset[viewer] + others->rank[other]) % (uint32_t)others->n;

	return (uint32_t)(MATCH_WORTH_MAX - worth) << RANK_BITS | rank;
}

static int32_t worth_of(uint32_t wished)
{
	return MATCH_WORTH_MAX - (int32_t)(wished >> RANK_BITS);
}

static int32_t wished_for(uint32_t wished, const struct people *viewers, int32_t viewer,
			  const struct people *others)
{
	int32_t rank = ((int32_t)(wished & RANK_MASK) - viewers->offset[viewer]) % others->n;

	return others->of_rank[rank < 0 ? rank + others->n : rank];
}

static bool people_open(struct people *people, int32_t n, uint64_t seed, uint64_t purpose)
{
	size_t room = (size_t)n + 1;

	people->n = n;
	people->row = calloc(room, sizeof *people->row);
	people->places = calloc(room, sizeof *people->places);
	people->rank = calloc(room, sizeof *people->rank);
	people->of_rank = calloc(room, sizeof *people->of_rank);
	people->offset = calloc(room, sizeof *people->offset);
	people->n_held = calloc(room, sizeof *people->n_held);
	if (!people->row ||
	    !people->places ||
	    !people->rank ||
	    !people->of_rank ||
	    !people->offset ||
	    !people->n_held)
		return false;
	draw_order(seed, purpose, n, people->rank);
	draw_order(seed, purpose + 2, n, people->offset);
	for (int32_t i = 0; i < n; i++)
		people->of_rank[people->rank[i]] = i;
	return true;
}

static void people_close(struct people *people)
{
	free(people->row);
	free(people->wishes);
	free(people->places);
	free(people->rank);
	free(people->of_rank);
	free(people->offset);
	free(people->held);
	free(people->n_held);
}

static int by_wish(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return (a > b) - (a < b);
}

static bool make_room(struct people *people, int64_t *room, int64_t more)
{
	uint32_t *wishes;

	if (people->wishes && people->row[0] + more <= *room)
		return true;
	*room = (people->row[0] + more) * 2 + 16;
	wishes = realloc(people->wishes, (size_t)*room * sizeof *wishes);
	if (wishes)
		people->wishes = wishes;
	return wishes;
}

/* While rows are taken, row[0] counts all wishes. */
static enum match_code take_wishes(struct market *market, struct rows *rows)
{
	struct people *mentees = &market->mentees;

	for (int32_t i = 0; i < mentees->n; i++) {
		rows->n = 0;
		if (rows->lock[i] == MATCH_NOBODY)
			rows_take(rows, i);
		if (mentees->row[0] + (int64_t)rows->n > STABLE_PAIRS_MAX)
			return MATCH_TOO_LARGE;
		if (!make_room(mentees, &market->room, (int64_t)rows->n))
			return MATCH_NO_MEMORY;
		for (size_t k = 0; k < rows->n; k++)
			mentees->wishes[mentees->row[0]++] =
				wish(rows->pairs[k].worth, mentees, i, &market->mentors,
				     rows->pairs[k].mentor);
		mentees->row[i + 1] = mentees->row[0];
		qsort(mentees->wishes + mentees->row[0] - rows->n, rows->n, sizeof *mentees->wishes,
		      by_wish);
	}
	mentees->row[0] = 0;
	return MATCH_OK;
}

static void count_admirers(const struct people *mentees, struct people *mentors)
{
	for (int32_t i = 0; i < mentees->n; i++)
		for (int64_t k = mentees->row[i]; k < mentees->row[i + 1]; k++)
			mentors->row[wished_for(mentees->wishes[k], mentees, i, mentors) + 1]++;
	for (int32_t j = 0; j < mentors->n; j++)
		mentors->row[j + 1] += mentors->row[j];
}

/* The same pairs as the mentors see them. */
static bool turn_wishes(struct market *market)
{
	struct people *mentees = &market->mentees, *mentors = &market->mentors;

	mentors->wishes = malloc((size_t)(mentees->row[mentees->n] + 1) * sizeof *mentors->wishes);
	if (!mentors->wishes)
		return false;
	count_admirers(mentees, mentors);
	for (int32_t i = 0; i < mentees->n; i++)
		for (int64_t k = mentees->row[i]; k < mentees->row[i + 1]; k++) {
			int32_t j = wished_for(mentees->wishes[k], mentees, i, mentors);

			mentors->wishes[mentors->row[j]++] =
				wish(worth_of(mentees->wishes[k]), mentors, j, mentees, i);
		}
	memmove(mentors->row + 1, mentors->row, (size_t)mentors->n * sizeof *mentors->row);
	mentors->row[0] = 0;
	for (int32_t j = 0; j < mentors->n; j++)
		qsort(mentors->wishes + mentors->row[j],
		      (size_t)(mentors->row[j + 1] - mentors->row[j]), sizeof *mentors->wishes,
		      by_wish);
	return true;
}

static void sift_up(uint32_t *heap, int32_t at)
{
	for (; at > 0 && heap[(at - 1) / 2] < heap[at]; at = (at - 1) / 2) {
		uint32_t other = heap[(at - 1) / 2];

		heap[(at - 1) / 2] = heap[at];
		heap[at] = other;
	}
}

static void sift_down(uint32_t *heap, int32_t n)
{
	int32_t at = 0;

	for (;;) {
		int32_t child = 2 * at + 1;
		uint32_t other = heap[at];

		if (child + 1 < n && heap[child + 1] > heap[child])
			child++;
		if (child >= n || heap[child] <= heap[at])
			return;
		heap[at] = heap[child];
		heap[child] = other;
		at = child;
	}
}

static void stack(struct market *market, int32_t proposer)
{
	if (market->stacked[proposer])
		return;
	market->stacked[proposer] = true;
	market->stack[market->n_stack++] = proposer;
}

/* The receiver holds the best of all who ever proposed. False when this one is not among them; another may have to go. */
static bool offer(struct market *market, struct people *from, struct people *to, int32_t receiver,
		  uint32_t wish_of_them)
{
	uint32_t *heap = to->held + to->row[receiver];
	int32_t *n = &to->n_held[receiver], evicted;

	if (*n < to->places[receiver]) {
		heap[(*n)++] = wish_of_them;
		sift_up(heap, *n - 1);
		return true;
	}
	if (*n == 0 || wish_of_them >= heap[0])
		return false;
	evicted = wished_for(heap[0], to, receiver, from);
	heap[0] = wish_of_them;
	sift_down(heap, *n);
	from->n_held[evicted]--;
	stack(market, evicted);
	return true;
}

/* Until nobody who has a free place has a wish left; n_held of the proposers counts who holds them. */
static void propose_all(struct market *market, struct people *from, struct people *to)
{
	for (int32_t i = from->n - 1; i >= 0; i--) {
		market->next[i] = from->row[i];
		stack(market, i);
	}
	while (market->n_stack) {
		int32_t proposer = market->stack[market->n_stack - 1];
		int32_t receiver;
		uint32_t next;

		if (from->n_held[proposer] >= from->places[proposer] ||
		    market->next[proposer] == from->row[proposer + 1]) {
			market->stacked[proposer] = false;
			market->n_stack--;
			continue;
		}
		next = from->wishes[market->next[proposer]++];
		receiver = wished_for(next, from, proposer, to);
		if (offer(market, from, to, receiver,
			  wish(worth_of(next), to, receiver, from, proposer)))
			from->n_held[proposer]++;
	}
}

static void read_partners(const struct market *market, enum stable_side side, int32_t *partner)
{
	const struct people *mentees = &market->mentees, *mentors = &market->mentors;

	if (side == STABLE_FOR_MENTORS) {
		for (int32_t i = 0; i < mentees->n; i++)
			if (mentees->n_held[i])
				partner[i] = wished_for(mentees->held[mentees->row[i]], mentees, i,
							mentors);
		return;
	}
	for (int32_t j = 0; j < mentors->n; j++)
		for (int32_t k = 0; k < mentors->n_held[j]; k++)
			partner[wished_for(mentors->held[mentors->row[j] + k], mentors, j,
					   mentees)] = j;
}

static bool market_open(struct market *market, const struct rows *rows)
{
	const struct match_problem *problem = rows->problem;
	int32_t most = problem->mentees > problem->mentors ? problem->mentees : problem->mentors;

	market->next = calloc((size_t)most + 1, sizeof *market->next);
	market->stack = calloc((size_t)most + 1, sizeof *market->stack);
	market->stacked = calloc((size_t)most + 1, sizeof *market->stacked);
	if (!market->next ||
	    !market->stack ||
	    !market->stacked ||
	    !people_open(&market->mentees, problem->mentees, problem->seed, 1) ||
	    !people_open(&market->mentors, problem->mentors, problem->seed, 2))
		return false;
	for (int32_t i = 0; i < problem->mentees; i++)
		market->mentees.places[i] = 1;
	memcpy(market->mentors.places, rows->places,
	       (size_t)problem->mentors * sizeof *rows->places);
	return true;
}

static void market_close(struct market *market)
{
	people_close(&market->mentees);
	people_close(&market->mentors);
	free(market->next);
	free(market->stack);
	free(market->stacked);
}

static enum match_code clear(struct market *market, struct rows *rows, enum stable_side side,
			     int32_t *partner)
{
	struct people *from = side == STABLE_FOR_MENTEES ? &market->mentees : &market->mentors;
	struct people *to = side == STABLE_FOR_MENTEES ? &market->mentors : &market->mentees;
	enum match_code code;

	if (!market_open(market, rows))
		return MATCH_NO_MEMORY;
	code = take_wishes(market, rows);
	if (code != MATCH_OK)
		return code;
	to->held = malloc((size_t)(market->mentees.row[market->mentees.n] + 1) * sizeof *to->held);
	if (!to->held || !turn_wishes(market))
		return MATCH_NO_MEMORY;
	propose_all(market, from, to);
	memcpy(partner, rows->lock, (size_t)rows->problem->mentees * sizeof *partner);
	read_partners(market, side, partner);
	return MATCH_OK;
}

bool stable_match(const struct match_problem *problem, enum stable_side side, int32_t *partner,
		  struct match_failure *failure)
{
	struct market market = { 0 };
	struct rows rows;
	enum match_code code;

	if (!rows_open(&rows, problem, failure))
		return false;
	code = clear(&market, &rows, side, partner);
	if (code != MATCH_OK)
		*failure = (struct match_failure) { code, MATCH_NOBODY, MATCH_NOBODY };
	market_close(&market);
	rows_close(&rows);
	return code == MATCH_OK;
}

/* What everybody has: the mentee's worth, and the least that a mentor would give up; -1 = nothing. */
struct having {
	int32_t *mentee, *mentor, *load;
};

static void see_what_they_have(struct rows *rows, const int32_t *partner, struct having *having)
{
	const struct match_problem *problem = rows->problem;

	for (int32_t j = 0; j < problem->mentors; j++)
		having->mentor[j] = MATCH_WORTH_MAX + 1;
	for (int32_t i = 0; i < problem->mentees; i++) {
		const struct row_pair *pair;

		having->mentee[i] = -1;
		if (partner[i] == MATCH_NOBODY || rows->lock[i] != MATCH_NOBODY)
			continue;
		rows_take(rows, i);
		pair = rows_find(rows, partner[i]);
		having->mentee[i] = pair ? pair->worth : -1;
		having->load[partner[i]]++;
		if (having->mentee[i] < having->mentor[partner[i]])
			having->mentor[partner[i]] = having->mentee[i];
	}
	for (int32_t j = 0; j < problem->mentors; j++)
		if (having->load[j] < rows->places[j])
			having->mentor[j] = -1;
}

static int64_t count_blocking(struct rows *rows, const int32_t *partner,
			      const struct having *having, struct match_pair *pairs, size_t room)
{
	int64_t n = 0;

	for (int32_t i = 0; i < rows->problem->mentees; i++) {
		if (rows->lock[i] != MATCH_NOBODY)
			continue;
		rows_take(rows, i);
		for (size_t k = 0; k < rows->n; k++) {
			const struct row_pair *pair = &rows->pairs[k];
			bool together = pair->mentor == partner[i];

			if (together ||
			    pair->worth <= having->mentee[i] ||
			    pair->worth <= having->mentor[pair->mentor])
				continue;
			if ((size_t)n < room)
				pairs[n] = (struct match_pair) { i, pair->mentor };
			n++;
		}
	}
	return n;
}

int64_t stable_blocking(const struct match_problem *problem, const int32_t *partner,
			struct match_pair *pairs, size_t room)
{
	struct match_failure failure;
	struct having having;
	struct rows rows;
	int64_t n = -1;

	if (!rows_open(&rows, problem, &failure))
		return -1;
	having.mentee = calloc((size_t)problem->mentees + 1, sizeof *having.mentee);
	having.mentor = calloc((size_t)problem->mentors + 1, sizeof *having.mentor);
	having.load = calloc((size_t)problem->mentors + 1, sizeof *having.load);
	if (having.mentee && having.mentor && having.load) {
		see_what_they_have(&rows, partner, &having);
		n = count_blocking(&rows, partner, &having, pairs, room);
	}
	free(having.mentee);
	free(having.mentor);
	free(having.load);
	rows_close(&rows);
	return n;
}

/*
 * The optimum over all pairs, of which only the promising ones are stored: solve on the best of each mentee, price every pair with
 * the duals, store those that contradict, repair, until nothing contradicts.
 */
#include "inner.h"

#include <stdlib.h>
#include <string.h>

enum {
	BLOCK = SCAN_SCORES, /* scores that are looked at together */
	SPARE = 8,	     /* room for candidates, in what is wanted */
	PER_MENTEE = 16,     /* contradictions that are stored in a round */
	PER_MENTOR = 256,
};

/* The k greatest keys of many. */
struct best {
	uint64_t *key; /* room for SPARE * k */
	int32_t k, n;
	uint64_t bar; /* what is not above it need not come */
};

static bool best_new(struct best *best, int32_t k)
{
	*best = (struct best) { .key = room_for((size_t)k * SPARE + 1, sizeof *best->key), .k = k };
	return best->key != NULL;
}

static void swap(uint64_t *a, uint64_t *b)
{
	uint64_t kept = *a;

	*a = *b;
	*b = kept;
}

/* The k greatest come first (Hoare's selection). */
static void best_select(struct best *best)
{
	int32_t low = 0, high = best->n - 1;

	while (low < high) {
		uint64_t pivot = best->key[low + (high - low) / 2];
		int32_t i = low, j = high;

		while (i <= j) {
			while (best->key[i] > pivot)
				i++;
			while (best->key[j] < pivot)
				j--;
			if (i <= j)
				swap(&best->key[i++], &best->key[j--]);
		}
		if (best->k - 1 <= j)
			high = j;
		else if (best->k - 1 >= i)
			low = i;
		else
			break;
	}
}

static void best_cut(struct best *best)
{
	if (best->n <= best->k)
		return;
	best_select(best);
	best->n = best->k;
	best->bar = best->key[0];
	for (int32_t k = 1; k < best->n; k++)
		if (best->key[k] < best->bar)
			best->bar = best->key[k];
}

static void best_add(struct best *best, uint64_t key)
{
	if (key <= best->bar)
		return;
	best->key[best->n++] = key;
	if (best->n == SPARE * best->k)
		best_cut(best);
}

static void best_clear(struct best *best)
{
	best->n = 0;
	best->bar = 0;
}

/* Who is as good as the last who is kept is kept by lot, another one for each mentee. */
static uint64_t lot(uint64_t seed, int32_t mentee, int32_t mentor)
{
	uint64_t z = seed ^ ((uint64_t)mentee << 32 | (uint32_t)mentor) * 0x9E3779B97F4A7C15u;

	z = (z ^ z >> 29) * 0xBF58476D1CE4E5B9u;
	return (z ^ z >> 32) >> 44;
}

/* Candidates. */

struct candidates {
	const struct match_problem *problem;
	const struct scanner *scanner;
	int32_t k, *len, *column;
	int16_t *score;
	bool failed[THREADS_MAX], wrong[THREADS_MAX];
};

/* Of the pairs below the floor one stays, so that the mentee is known to have some. */
static int32_t one_below(const struct match_problem *p, const int16_t *scores)
{
	for (int32_t j = 0; j < p->mentors; j++)
		if (scores[j] >= 0)
			return j;
	return MATCH_NOBODY;
}

/* `scores` ends with a block of -1. */
static void choose(const struct candidates *c, int32_t mentee, const int16_t *scores,
		   struct best *best)
{
	const struct match_problem *p = c->problem;
	int16_t floor = p->min_score > 0 ? p->min_score : 0;

	best_clear(best);
	for (int32_t begin = 0; begin < p->mentors; begin += BLOCK) {
		int16_t bar = (int16_t)(best->bar >> 40);
		uint32_t mask = c->scanner->above(scores + begin, bar > floor ? bar : floor);

		for (; mask; mask &= mask - 1) {
			int32_t j = begin + __builtin_ctz(mask);

			best_add(best, (uint64_t)scores[j] << 40 |
					       lot(p->seed, mentee, j) << 20 |
					       (uint64_t)j);
		}
	}
	best_cut(best);
}

static void keep_chosen(struct candidates *c, int32_t mentee, const int16_t *scores,
			const struct best *best)
{
	int64_t at = (int64_t)mentee * c->k;
	int32_t below = best->n ? MATCH_NOBODY : one_below(c->problem, scores);

	c->len[mentee] = best->n;
	for (int32_t k = 0; k < best->n; k++) {
		c->column[at + k] = (int32_t)(best->key[k] & SCAN_NUMBER);
		c->score[at + k] = (int16_t)(best->key[k] >> 40);
	}
	if (below < 0)
		return;
	c->len[mentee] = 1;
	c->column[at] = below;
	c->score[at] = scores[below];
}

static bool scores_fit(const struct candidates *c, const int16_t *scores)
{
	int16_t beyond = (int16_t)(MATCH_WORTH_MAX + 1 - c->problem->stay_bonus);

	for (int32_t begin = 0; begin < c->problem->mentors; begin += BLOCK)
		if (c->scanner->above(scores + begin, beyond))
			return false;
	return true;
}

/* A row's scores, and a block of -1 behind them. */
static int16_t *scores_new(int32_t mentors)
{
	int16_t *scores = room_for((size_t)mentors + BLOCK, sizeof *scores);

	for (int k = 0; scores && k < BLOCK; k++)
		scores[mentors + k] = -1;
	return scores;
}

static bool stop(const struct match_problem *p)
{
	return p->progress && atomic_load_explicit(&p->progress->cancel, memory_order_relaxed);
}

static void choose_slice(void *object, struct slice slice)
{
	struct candidates *c = object;
	const struct match_problem *p = c->problem;
	int16_t *scores = scores_new(p->mentors);
	struct best best;
	bool ready = best_new(&best, c->k) && scores;

	c->failed[slice.number] = !ready;
	for (int32_t i = slice.begin; i < slice.end && ready && !stop(p); i++) {
		p->score_row(p->context, (uint32_t)i, scores);
		if (!scores_fit(c, scores)) {
			c->wrong[slice.number] = true;
			break;
		}
		choose(c, i, scores, &best);
		keep_chosen(c, i, scores, &best);
	}
	free(best.key);
	free(scores);
}

/* The rows move together. */
static void close_ranks(struct candidates *c, int64_t *row)
{
	row[0] = 0;
	for (int32_t i = 0; i < c->problem->mentees; i++) {
		size_t n = (size_t)c->len[i];
		int64_t from = (int64_t)i * c->k;

		memmove(c->column + row[i], c->column + from, n * sizeof *c->column);
		memmove(c->score + row[i], c->score + from, n * sizeof *c->score);
		row[i + 1] = row[i] + c->len[i];
	}
}

static enum match_code choose_all(struct candidates *c, int64_t *row)
{
	const struct match_problem *p = c->problem;

	in_slices(p->threads, p->mentees, choose_slice, c);
	for (int t = 0; t < THREADS_MAX; t++) {
		if (c->failed[t])
			return MATCH_NO_MEMORY;
		if (c->wrong[t])
			return MATCH_BAD_PAIR;
	}
	close_ranks(c, row);
	return stop(p) ? MATCH_CANCELLED : MATCH_OK;
}

bool pairs_of_candidates(const struct match_problem *p, struct match_problem *rows,
			 struct match_failure *failure)
{
	/* The highest floor cannot be told from some of the pairs. */
	bool all = p->objective == MATCH_WORST_THEN_TOTAL || p->mentors < MATCH_CANDIDATES;
	struct candidates c = { .problem = p,
				.scanner = scanner_of(SCAN_BEST),
				.k = all ? p->mentors : MATCH_CANDIDATES };
	size_t pairs = (size_t)p->mentees * (size_t)c.k;
	int64_t *row = room_for((size_t)p->mentees + 1, sizeof *row);

	c.len = room_for((size_t)p->mentees + 1, sizeof *c.len);
	c.column = room_for(pairs + 1, sizeof *c.column);
	c.score = room_for(pairs + 1, sizeof *c.score);
	rows->row = row;
	rows->column = c.column;
	rows->score = c.score;
	failure->code = row && c.len && c.column && c.score ? choose_all(&c, row) : MATCH_NO_MEMORY;
	free(c.len);
	return failure->code == MATCH_OK;
}

/*
 * Pricing. A mentee's slack is by how much the nearest pair that is not stored missed when it was last priced. While prices have fallen and the
 * surplus has fallen by no more than that together, no pair can contradict, and the mentee need not be priced again.
 */

struct contradiction {
	int32_t mentee, mentor, worth;
};

struct pricing_thread {
	struct contradiction *found;
	int32_t n, size;
	bool failed;
};

struct pricing {
	struct matcher *m;
	struct pricing_thread threads[THREADS_MAX];
	int32_t *price; /* in the caller's order */
	int32_t fall;	/* the most that a price has fallen since the last time */
	bool anew;	/* whatever the slacks say */
};

/* What a thread needs for a row. */
struct pricing_row {
	int16_t *scores;
	uint8_t *stored; /* [mentors] in the caller's order: stored, or forbidden */
	struct best best;
	int32_t top; /* the greatest worth - price of pairs that are not stored */
};

/* The greatest of worth - price in a block. The compiler makes vectors of it. */
__attribute__((target_clones("avx512f", "avx2", "default"))) static int32_t
block_top(const int16_t *score, const int32_t *price)
{
	int32_t top = INT32_MIN;

	for (int32_t k = 0; k < BLOCK; k++) {
		int32_t value = score[k] - price[k];

		top = value > top ? value : top;
	}
	return top;
}

static void mark_stored(const struct matcher *m, int32_t i, uint8_t *stored, uint8_t mark)
{
	const uint32_t *line = line_of(&m->rows, i);

	for (int32_t k = 0; k < m->rows.len[i]; k++)
		stored[m->mentor_of[word_number(line[k])]] = mark;
	for (size_t k = 0; k < (m->has[i] & HAS_BANNED ? m->n_banned : 0); k++)
		if (m->banned[k].mentee == i)
			stored[m->mentor_of[m->banned[k].mentor]] = mark;
}

static void price_pair(const struct pricing *p, int32_t i, int32_t mentor, int32_t bonus,
		       struct pricing_row *row)
{
	const struct matcher *m = p->m;
	int32_t value = row->scores[mentor] + bonus - p->price[mentor];

	if (row->scores[mentor] < 0 || row->scores[mentor] < m->floor || row->stored[mentor])
		return;
	if (value > row->top)
		row->top = value;
	if (value > m->surplus[i])
		best_add(&row->best, (uint64_t)((int64_t)value - m->surplus[i])
						     << SCAN_NUMBER_BITS |
					     (uint64_t)mentor);
}

static void price_row(const struct pricing *p, int32_t i, struct pricing_row *row)
{
	const struct matcher *m = p->m;
	int32_t stay = m->stay_bonus && m->stay[i] >= 0 ? m->mentor_of[m->stay[i]] : MATCH_NOBODY;

	best_clear(&row->best);
	row->top = -NEVER;
	if (stay >= 0) {
		price_pair(p, i, stay, m->stay_bonus, row);
		row->stored[stay] |= 2;
	}
	for (int32_t begin = 0; begin < m->mentors; begin += BLOCK) {
		int32_t end = begin + BLOCK < m->mentors ? begin + BLOCK : m->mentors;
		int32_t bar = row->top < m->surplus[i] ? row->top : m->surplus[i];

		if (block_top(row->scores + begin, p->price + begin) > bar)
			for (int32_t j = begin; j < end; j++)
				price_pair(p, i, j, 0, row);
	}
	if (stay >= 0)
		row->stored[stay] &= 1;
	best_cut(&row->best);
}

static bool note(struct pricing_thread *thread, struct contradiction found)
{
	if (thread->n == thread->size) {
		int32_t size = thread->size ? 2 * thread->size : 1024;
		struct contradiction *more = realloc(thread->found, (size_t)size * sizeof *more);

		if (!more)
			return false;
		thread->found = more;
		thread->size = size;
	}
	thread->found[thread->n++] = found;
	return true;
}

static bool note_all(const struct pricing *p, struct pricing_thread *thread, int32_t i,
		     const struct pricing_row *row)
{
	const struct matcher *m = p->m;

	for (int32_t k = 0; k < row->best.n; k++) {
		int32_t mentor = (int32_t)(row->best.key[k] & SCAN_NUMBER),
			j = m->mentor_at[mentor];
		int32_t bonus = m->stay_bonus && m->stay[i] == j ? m->stay_bonus : 0;

		if (!note(thread, (struct contradiction) { i, j, row->scores[mentor] + bonus }))
			return false;
	}
	return true;
}

/* Must the mentee be priced? Otherwise some of the slack is used up. */
static bool may_contradict(const struct pricing *p, int32_t i)
{
	struct matcher *m = p->m;
	int64_t used = p->fall;

	if (m->surplus[i] < m->priced_surplus[i])
		used += (int64_t)m->priced_surplus[i] - m->surplus[i];
	if (p->anew || m->slack[i] < used)
		return true;
	m->slack[i] -= (int32_t)used;
	m->priced_surplus[i] = m->surplus[i];
	return false;
}

static bool price_mentee(struct pricing *p, struct pricing_thread *thread, int32_t i,
			 struct pricing_row *row)
{
	struct matcher *m = p->m;

	if (m->state[i] != MENTEE_HERE) {
		m->slack[i] = -1;
		return true;
	}
	if (!may_contradict(p, i))
		return true;
	m->score_row(m->context, (uint32_t)m->mentee_of[i], row->scores);
	mark_stored(m, i, row->stored, 1);
	price_row(p, i, row);
	mark_stored(m, i, row->stored, 0);
	m->slack[i] = m->surplus[i] - row->top < NEVER ? m->surplus[i] - row->top : NEVER;
	m->priced_surplus[i] = m->surplus[i];
	return note_all(p, thread, i, row);
}

static void price_slice(void *object, struct slice slice)
{
	struct pricing *p = object;
	struct pricing_thread *thread = &p->threads[slice.number];
	struct pricing_row row = {
		.scores = scores_new(p->m->mentors),
		.stored = room_for((size_t)p->m->mentors + 1, 1),
	};

	thread->failed = !best_new(&row.best, PER_MENTEE) || !row.scores || !row.stored;
	for (int32_t i = slice.begin; i < slice.end && !thread->failed && !cancelled(p->m); i++)
		thread->failed = !price_mentee(p, thread, i, &row);
	free(row.best.key);
	free(row.scores);
	free(row.stored);
}

static void take_prices(struct pricing *p)
{
	struct matcher *m = p->m;

	for (int32_t j = 0; j < m->mentors; j++) {
		int32_t fall = m->priced_price[j] - m->price[j];

		p->fall = fall > p->fall ? fall : p->fall;
		m->priced_price[j] = m->price[j];
		p->price[m->mentor_of[j]] = m->price[j];
	}
}

/* False without memory or when it was cancelled. */
static bool find_contradictions(struct pricing *p)
{
	struct matcher *m = p->m;
	bool complete = !cancelled(m);

	p->price = room_for((size_t)m->mentors + BLOCK, sizeof *p->price);
	if (!p->price)
		return false;
	take_prices(p);
	in_slices(m->threads, m->mentees, price_slice, p);
	for (int t = 0; t < THREADS_MAX; t++)
		complete = complete && !p->threads[t].failed;
	free(p->price);
	m->priced = complete && !cancelled(m);
	return m->priced;
}

static void forget_contradictions(struct pricing *p)
{
	for (int t = 0; t < THREADS_MAX; t++)
		free(p->threads[t].found);
}

bool nothing_contradicts(struct matcher *m, struct match_pair *at)
{
	struct pricing p = { .m = m, .anew = true };
	bool nothing = find_contradictions(&p);

	for (int t = 0; t < THREADS_MAX && nothing; t++)
		if (p.threads[t].n > 0) {
			*at = (struct match_pair) { p.threads[t].found->mentee,
						    p.threads[t].found->mentor };
			nothing = false;
		}
	forget_contradictions(&p);
	return nothing;
}

static bool store(struct matcher *m, const struct pricing_thread *thread, int32_t *taken)
{
	for (int32_t k = 0; k < thread->n; k++) {
		const struct contradiction *found = &thread->found[k];

		if (taken[found->mentor]++ < PER_MENTOR &&
		    !pair_add(m, found->mentee, found->mentor, found->worth))
			return false;
	}
	return true;
}

/* Whom a new pair would give more gets up, all of them before anybody searches: no slack may be below 0 then. */
static void get_up_all(struct matcher *m, const struct pricing *p)
{
	for (int t = 0; t < THREADS_MAX; t++)
		for (int32_t k = 0; k < p->threads[t].n; k++) {
			int32_t i = p->threads[t].found[k].mentee,
				surplus = surplus_at_prices(m, i);

			if (surplus <= m->surplus[i])
				continue;
			m->surplus[i] = surplus;
			if (m->partner[i] >= 0)
				seat_leave(m, i);
		}
}

static void place_all(struct matcher *m, const struct pricing *p)
{
	for (int t = 0; t < THREADS_MAX; t++)
		for (int32_t k = 0; k < p->threads[t].n && !cancelled(m); k++)
			if (m->partner[p->threads[t].found[k].mentee] < 0)
				place_mentee(m, p->threads[t].found[k].mentee);
	for (int32_t j = 0; j < m->mentors && !cancelled(m); j++)
		fill_places(m, j);
}

static bool settle_all(struct matcher *m, const struct pricing *p)
{
	int32_t *taken = room_for((size_t)m->mentors + 1, sizeof *taken);
	bool stored = taken != NULL;

	for (int t = 0; t < THREADS_MAX && stored; t++)
		stored = store(m, &p->threads[t], taken);
	free(taken);
	if (!stored)
		return false;
	get_up_all(m, p);
	place_all(m, p);
	return !search_failed(m) && !cancelled(m);
}

bool price_all(struct matcher *m)
{
	bool more = true, complete = true;

	while (more && complete) {
		struct pricing p = { .m = m, .anew = !m->priced };

		complete = find_contradictions(&p);
		more = false;
		for (int t = 0; t < THREADS_MAX; t++)
			more = more || p.threads[t].n > 0;
		complete = complete && (!more || settle_all(m, &p));
		forget_contradictions(&p);
		m->rounds++;
		show_progress(m, 1000 - 400 / (m->rounds + 1));
	}
	return complete;
}

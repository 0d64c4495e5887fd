/* From the caller's problem to the solver's own view of it. */
#include "inner.h"

#include <stdlib.h>
#include <string.h>

struct build {
	struct matcher *m;
	const struct match_problem *problem;
	struct match_failure *failure;
	int32_t *
		counts; /* [threads][mentors]: words, then where a thread's next word of a mentor goes */
	uint32_t *spare; /* [threads][longest row] */
	int32_t *
		seen; /* [threads][mentors]: the last mentee, + 1, in whose row a thread saw the mentor */
	struct match_pair twice[THREADS_MAX]; /* a pair that is listed twice, + 1 each */
	size_t longest;
	int32_t divisor[THREADS_MAX], worthiest[THREADS_MAX];
};

static bool refuse(struct match_failure *failure, enum match_code code, int32_t mentee,
		   int32_t mentor)
{
	*failure = (struct match_failure) { code, mentee, mentor };
	return false;
}

/* What is given. */

static bool number_fits(int64_t number, int64_t end)
{
	return number >= 0 && number < end;
}

static bool sizes_fit(const struct match_problem *p, struct match_failure *failure)
{
	if (p->mentees < 0 ||
	    p->mentors < 0 ||
	    p->stay_bonus < 0 ||
	    p->stay_bonus > MATCH_WORTH_MAX)
		return refuse(failure, MATCH_BAD_PAIR, MATCH_NOBODY, MATCH_NOBODY);
	if (p->mentees > MATCH_MENTEES_MAX - 1 || p->mentors > MATCH_MENTORS_MAX - 1)
		return refuse(failure, MATCH_TOO_LARGE, MATCH_NOBODY, MATCH_NOBODY);
	for (int32_t j = 0; j < p->mentors; j++)
		if (p->capacity[j] < 0 || p->capacity[j] > MATCH_MENTEES_MAX)
			return refuse(failure, MATCH_BAD_PAIR, MATCH_NOBODY, j);
	return true;
}

static bool row_fits(const struct match_problem *p, int32_t i, struct match_failure *failure)
{
	if (p->row[i + 1] < p->row[i] || p->row[i + 1] - p->row[i] > p->mentors)
		return refuse(failure, MATCH_BAD_PAIR, i, MATCH_NOBODY);
	for (int64_t k = p->row[i]; k < p->row[i + 1]; k++)
		if (!number_fits(p->column[k], p->mentors) ||
		    !number_fits(p->score[k], MATCH_WORTH_MAX + 1 - p->stay_bonus))
			return refuse(failure, MATCH_BAD_PAIR, i, p->column[k]);
	return true;
}

static bool rows_fit(const struct match_problem *p, struct match_failure *failure)
{
	if (p->row[0] != 0)
		return refuse(failure, MATCH_BAD_PAIR, 0, MATCH_NOBODY);
	for (int32_t i = 0; i < p->mentees; i++)
		if (!row_fits(p, i, failure))
			return false;
	return true;
}

static bool pairs_fit(const struct match_problem *p, const struct match_pair *pairs, size_t n,
		      struct match_failure *failure)
{
	for (size_t k = 0; k < n; k++)
		if (!number_fits(pairs[k].mentee, p->mentees) ||
		    !number_fits(pairs[k].mentor, p->mentors))
			return refuse(failure, MATCH_BAD_PAIR, pairs[k].mentee, pairs[k].mentor);
	return true;
}

static bool problem_fits(const struct match_problem *p, struct match_failure *failure)
{
	return sizes_fit(p, failure) &&
	       (p->score_row || rows_fit(p, failure)) &&
	       pairs_fit(p, p->locks, p->n_locks, failure) &&
	       pairs_fit(p, p->forbidden, p->n_forbidden, failure);
}

/* Both sides in the seed's order: splitmix64. */

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9E3779B97F4A7C15u;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return z ^ z >> 31;
}

static void shuffle(int32_t *of, int32_t *at, int32_t n, uint64_t seed)
{
	for (int32_t k = 0; k < n; k++)
		of[k] = k;
	for (int32_t k = n - 1; k > 0; k--) {
		int32_t other = (int32_t)((next_random(&seed) >> 32) * (uint64_t)(k + 1) >> 32);
		int32_t swapped = of[k];

		of[k] = of[other];
		of[other] = swapped;
	}
	for (int32_t k = 0; k < n; k++)
		at[of[k]] = k;
}

/* Lines: rows first, each by a thread that has its mentees; then the lines of mentors, in the order of mentees. */

static int32_t divisor_of(int32_t a, int32_t b)
{
	while (b) {
		int32_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static int32_t write_row(struct build *build, int32_t i, int thread)
{
	struct matcher *m = build->m;
	const struct match_problem *p = build->problem;
	int32_t mentee = m->mentee_of[i], n = 0;
	int32_t *counts = build->counts + (size_t)thread * (size_t)m->mentors;
	int32_t *seen = build->seen + (size_t)thread * (size_t)m->mentors;
	uint32_t *line = line_of(&m->rows, i);

	for (int64_t k = p->row[mentee]; k < p->row[mentee + 1]; k++) {
		int32_t j = m->mentor_at[p->column[k]];

		if (seen[j] == i + 1)
			build->twice[thread] = (struct match_pair) { mentee + 1, p->column[k] + 1 };
		seen[j] = i + 1;
		if (p->score[k] < p->min_score) {
			m->has[i] |= HAS_BELOW;
			continue;
		}
		line[n++] = word_made(p->score[k] + (m->stay[i] == j ? m->stay_bonus : 0), j);
		counts[j]++;
	}
	return n;
}

/* The greatest common divisor: most rows are a look at each word, as it soon is what it will be. */
static void measure_row(struct build *build, const uint32_t *line, int32_t n, int thread)
{
	int32_t divisor = build->divisor[thread];

	for (int32_t k = 0; k < n && divisor != 1; k++)
		if (divisor == 0 || word_worth(line[k]) % divisor)
			divisor = divisor_of(divisor, word_worth(line[k]));
	build->divisor[thread] = divisor;
	if (n > 0 && word_worth(line[0]) > build->worthiest[thread])
		build->worthiest[thread] = word_worth(line[0]);
}

static void write_rows(void *object, struct slice slice)
{
	struct build *build = object;
	struct matcher *m = build->m;
	uint32_t *spare = build->spare + (size_t)slice.number * build->longest;

	for (int32_t i = slice.begin; i < slice.end; i++) {
		m->rows.len[i] = write_row(build, i, slice.number);
		sort_words(line_of(&m->rows, i), m->rows.len[i], spare);
		line_fill(&m->rows, i);
		measure_row(build, line_of(&m->rows, i), m->rows.len[i], slice.number);
	}
}

static void write_backs(void *object, struct slice slice)
{
	struct build *build = object;
	struct matcher *m = build->m;
	int32_t *next = build->counts + (size_t)slice.number * (size_t)m->mentors;

	for (int32_t i = slice.begin; i < slice.end; i++) {
		const uint32_t *line = line_of(&m->rows, i);

		for (int32_t k = 0; k < m->rows.len[i]; k++) {
			int32_t j = word_number(line[k]);

			line_of(&m->backs, j)[next[j]++] = word_made(word_worth(line[k]), i);
		}
	}
}

/* The counts of each thread become where its words begin in each line. */
static void add_counts(struct build *build)
{
	struct matcher *m = build->m;

	for (int32_t j = 0; j < m->mentors; j++) {
		int32_t sum = 0;

		for (int t = 0; t < m->threads; t++) {
			int32_t *count = &build->counts[(size_t)t * (size_t)m->mentors + (size_t)j];
			int32_t n = *count;

			*count = sum;
			sum += n;
		}
		m->backs.len[j] = sum;
	}
}

static void add_measures(struct build *build)
{
	struct matcher *m = build->m;

	for (int t = 0; t < m->threads; t++) {
		m->divisor = divisor_of(m->divisor, build->divisor[t]);
		if (build->worthiest[t] > m->worthiest)
			m->worthiest = build->worthiest[t];
	}
	m->divisor = m->divisor ? m->divisor : 1;
}

static bool write_lines(struct build *build)
{
	struct matcher *m = build->m;
	const int64_t *row = build->problem->row;

	for (int32_t i = 0; i < m->mentees; i++)
		m->rows.len[i] = (int32_t)(row[m->mentee_of[i] + 1] - row[m->mentee_of[i]]);
	if (!lines_lay(&m->rows, m->mentees))
		return false;
	in_slices(m->threads, m->mentees, write_rows, build);
	add_measures(build);
	add_counts(build);
	if (!lines_lay(&m->backs, m->mentors))
		return false;
	for (int32_t j = 0; j < m->mentors; j++)
		line_fill(&m->backs, j);
	in_slices(m->threads, m->mentees, write_backs, build);
	return true;
}

static bool take_lines(struct build *build)
{
	struct matcher *m = build->m;
	size_t threads = (size_t)m->threads;
	bool taken;

	build->longest = (size_t)m->mentors + 1;
	build->counts = room_for(threads * build->longest, sizeof *build->counts);
	build->spare = room_for(threads * build->longest, sizeof *build->spare);
	build->seen = room_for(threads * build->longest, sizeof *build->seen);
	taken = build->counts && build->spare && build->seen && write_lines(build);
	free(build->counts);
	free(build->spare);
	free(build->seen);
	for (int t = 0; t < THREADS_MAX; t++)
		if (build->twice[t].mentee)
			return refuse(build->failure, MATCH_BAD_PAIR, build->twice[t].mentee - 1,
				      build->twice[t].mentor - 1);
	return taken || refuse(build->failure, MATCH_NO_MEMORY, MATCH_NOBODY, MATCH_NOBODY);
}

/* Seats: no more than could ever be taken. */
static bool lay_seats(struct matcher *m)
{
	for (int32_t j = 0; j < m->mentors; j++) {
		int32_t most = m->backs.len[j];

		m->seat_row[j] = (int32_t)m->seats;
		m->seat_room[j] = (m->capacity[j] < most ? m->capacity[j] : most) + 1;
		m->seats += m->seat_room[j];
		if (m->seats > INT32_MAX / 2)
			return false;
	}
	m->seat = room_for((size_t)m->seats + 1, sizeof *m->seat);
	return m->seat != NULL;
}

/* Locks and exclusions. */

/* Pairs below the floor are not stored, but may be locked. */
static int32_t given_score(const struct build *build, const struct match_pair *pair)
{
	const struct match_problem *p = build->problem;
	const struct matcher *m = build->m;

	for (int64_t k = p->row[pair->mentee]; k < p->row[pair->mentee + 1]; k++)
		if (p->column[k] == pair->mentor)
			return p->score[k];
	return lock_score(m, m->mentee_at[pair->mentee], m->mentor_at[pair->mentor]);
}

static bool lock_pair(const struct build *build, const struct match_pair *pair)
{
	struct matcher *m = build->m;
	struct match_failure *failure = build->failure;
	int32_t i = m->mentee_at[pair->mentee], j = m->mentor_at[pair->mentor];

	if (m->state[i] == MENTEE_LOCKED)
		return refuse(failure, MATCH_LOCKED_TWICE, pair->mentee, pair->mentor);
	if (m->locked[j] == m->capacity[j])
		return refuse(failure, MATCH_LOCKS_EXCEED, pair->mentee, pair->mentor);
	m->state[i] = MENTEE_LOCKED;
	m->partner[i] = j;
	m->surplus[i] = NEVER;
	m->lock_score[i] = given_score(build, pair);
	m->locked[j]++;
	m->load[j]++;
	return true;
}

static bool take_pairs(struct build *build)
{
	const struct match_problem *p = build->problem;
	struct matcher *m = build->m;

	for (size_t k = 0; k < p->n_locks; k++)
		if (!lock_pair(build, &p->locks[k]))
			return false;
	for (size_t k = 0; k < p->n_forbidden; k++) {
		int32_t i = m->mentee_at[p->forbidden[k].mentee];

		if (m->state[i] == MENTEE_LOCKED &&
		    m->partner[i] == m->mentor_at[p->forbidden[k].mentor])
			return refuse(build->failure, MATCH_LOCK_FORBIDDEN, p->forbidden[k].mentee,
				      p->forbidden[k].mentor);
		if (!ban(m, i, m->mentor_at[p->forbidden[k].mentor]))
			return refuse(build->failure, MATCH_NO_MEMORY, MATCH_NOBODY, MATCH_NOBODY);
	}
	return true;
}

static bool allocate_mentees(struct matcher *m)
{
	size_t n = (size_t)m->mentees + 1;

	return (m->mentee_at = room_for(n, sizeof *m->mentee_at)) &&
	       (m->mentee_of = room_for(n, sizeof *m->mentee_of)) &&
	       (m->surplus = room_for(n, sizeof *m->surplus)) &&
	       (m->partner = room_for(n, sizeof *m->partner)) &&
	       (m->seat_at = room_for(n, sizeof *m->seat_at)) &&
	       (m->state = room_for(n, sizeof *m->state)) &&
	       (m->has = room_for(n, sizeof *m->has)) &&
	       (m->mentee_mark = room_for(n, sizeof *m->mentee_mark)) &&
	       (m->score = room_for(n, sizeof *m->score)) &&
	       (m->lock_score = room_for(n, sizeof *m->lock_score)) &&
	       (m->slack = room_for(n, sizeof *m->slack)) &&
	       (m->priced_surplus = room_for(n, sizeof *m->priced_surplus)) &&
	       (m->gain = room_for(n, sizeof *m->gain)) &&
	       (m->stay = room_for(n, sizeof *m->stay)) &&
	       (m->told_partner = room_for(n, sizeof *m->told_partner)) &&
	       (m->told_surplus = room_for(n, sizeof *m->told_surplus)) &&
	       lines_new(&m->rows, m->mentees, (uint32_t)m->mentors);
}

static bool allocate_mentors(struct matcher *m)
{
	size_t n = (size_t)m->mentors + 1;

	return (m->mentor_at = room_for(n, sizeof *m->mentor_at)) &&
	       (m->mentor_of = room_for(n, sizeof *m->mentor_of)) &&
	       (m->price = room_for(n, sizeof *m->price)) &&
	       (m->capacity = room_for(n, sizeof *m->capacity)) &&
	       (m->load = room_for(n, sizeof *m->load)) &&
	       (m->locked = room_for(n, sizeof *m->locked)) &&
	       (m->seat_row = room_for(n, sizeof *m->seat_row)) &&
	       (m->seat_room = room_for(n, sizeof *m->seat_room)) &&
	       (m->mentor_mark = room_for(n, sizeof *m->mentor_mark)) &&
	       (m->priced_price = room_for(n, sizeof *m->priced_price)) &&
	       (m->told_price = room_for(n, sizeof *m->told_price)) &&
	       lines_new(&m->backs, m->mentors, (uint32_t)m->mentees) &&
	       (m->search = search_new(m));
}

static void take_people(struct matcher *m, const struct match_problem *p)
{
	shuffle(m->mentee_of, m->mentee_at, m->mentees, p->seed ^ 0x6D656E74656573u);
	shuffle(m->mentor_of, m->mentor_at, m->mentors, p->seed ^ 0x6D656E746F7273u);
	m->price[m->mentors] = NEVER;
	m->surplus[m->mentees] = NEVER;
	for (int32_t i = 0; i < m->mentees; i++) {
		int32_t stay = p->stay ? p->stay[m->mentee_of[i]] : MATCH_NOBODY;

		m->partner[i] = MATCH_NOBODY;
		m->stay[i] = number_fits(stay, p->mentors) ? m->mentor_at[stay] : MATCH_NOBODY;
	}
	for (int32_t j = 0; j < m->mentors; j++)
		m->capacity[j] = p->capacity[m->mentor_of[j]];
}

/* A bonus exceeds every sum of worths, also of those who join later with scores up to a thousand. */
static bool set_bonus(struct matcher *m, struct match_failure *failure)
{
	int64_t greatest =
		m->worthiest > 1000 + m->stay_bonus ? m->worthiest : 1000 + m->stay_bonus;
	int64_t bonus = (int64_t)m->mentees * greatest + 1;

	m->worth_limit = (int32_t)greatest;
	if (m->objective == MATCH_TOTAL)
		return true;
	if (bonus + greatest > BOUND_MAX)
		return refuse(failure, MATCH_TOO_LARGE, MATCH_NOBODY, MATCH_NOBODY);
	m->bonus = (int32_t)bonus;
	return true;
}

static struct matcher *matcher_of(const struct match_problem *problem)
{
	struct matcher *m = calloc(1, sizeof *m);

	if (!m)
		return NULL;
	m->mentees = problem->mentees;
	m->mentors = problem->mentors;
	m->objective = problem->objective;
	m->floor = problem->min_score;
	m->stay_bonus = problem->stay ? problem->stay_bonus : 0;
	m->threads = problem->threads < 1	      ? 1
		     : problem->threads > THREADS_MAX ? THREADS_MAX
						      : problem->threads;
	m->progress = problem->progress;
	m->score_row = problem->score_row;
	m->context = problem->context;
	m->scanner = scanner_of(SCAN_BEST);
	if (allocate_mentees(m) && allocate_mentors(m))
		return m;
	matcher_free(m);
	return NULL;
}

static struct matcher *matcher_of_rows(const struct match_problem *problem,
				       struct match_failure *failure)
{
	struct matcher *m = matcher_of(problem);
	struct build build = { .m = m, .problem = problem, .failure = failure };

	if (!m) {
		refuse(failure, MATCH_NO_MEMORY, MATCH_NOBODY, MATCH_NOBODY);
		return NULL;
	}
	take_people(m, problem);
	if (take_lines(&build) && set_bonus(m, failure) && take_pairs(&build)) {
		if (lay_seats(m))
			return m;
		refuse(failure, MATCH_NO_MEMORY, MATCH_NOBODY, MATCH_NOBODY);
	}
	matcher_free(m);
	return NULL;
}

struct matcher *matcher_new(const struct match_problem *problem, struct match_failure *failure)
{
	struct match_problem rows = *problem;
	struct matcher *m = NULL;

	*failure = (struct match_failure) { MATCH_OK, MATCH_NOBODY, MATCH_NOBODY };
	if (!problem_fits(problem, failure))
		return NULL;
	if (!problem->score_row)
		return matcher_of_rows(problem, failure);
	if (pairs_of_candidates(problem, &rows, failure))
		m = matcher_of_rows(&rows, failure);
	free((void *)(uintptr_t)rows.row);
	free((void *)(uintptr_t)rows.column);
	free((void *)(uintptr_t)rows.score);
	return m;
}

void matcher_free(struct matcher *m)
{
	if (!m)
		return;

	void *owned[] = { m->mentee_at,	   m->mentee_of,      m->mentor_at,    m->mentor_of,
			  m->price,	   m->surplus,	      m->partner,      m->seat_at,
			  m->capacity,	   m->load,	      m->locked,       m->seat,
			  m->seat_row,	   m->seat_room,      m->state,	       m->has,
			  m->score,	   m->stay,	      m->gain,	       m->lock_score,
			  m->slack,	   m->priced_surplus, m->priced_price, m->mentee_mark,
			  m->mentor_mark,  m->banned,	      m->moves,	       m->log.written,
			  m->told_partner, m->told_surplus,   m->told_price };

	for (size_t k = 0; k < sizeof owned / sizeof *owned; k++)
		free(owned[k]);
	lines_free(&m->rows);
	lines_free(&m->backs);
	search_free(m->search);
	free(m);
}

size_t matcher_bytes(int64_t mentees, int64_t mentors, int64_t pairs)
{
	int64_t words =
		2 * (pairs + pairs / 64 + 4096) + (int64_t)SCAN_STEP / 2 * (mentees + mentors);

	/* 6 bytes a pair for candidates, while they are taken over. */
	return (size_t)(4 * words + 6 * pairs + 96 * mentees + 128 * mentors + (1 << 20));
}

/*
 * Changes to a solved problem: the few people whom a change touches get up, and shortest paths lead to the new optimum. Duals that no path
 * touches stay as they are, and stay right.
 */
#include "inner.h"

#include <stdlib.h>

static bool known(const struct matcher *m, int32_t mentee, int32_t mentor)
{
	return m->solved &&
	       mentee >= 0 &&
	       mentee < m->mentees &&
	       mentor >= 0 &&
	       mentor < m->mentors;
}

/* What has moved. */

static bool wrote_partner(const struct matcher *m, const struct written *written)
{
	return written->at >= m->partner && written->at < m->partner + m->mentees;
}

static bool add_move(struct matcher *m, int32_t mentee, int32_t from)
{
	if (m->n_moves == m->moves_size) {
		size_t size = m->moves_size ? 2 * m->moves_size : 256;
		struct match_move *moves = realloc(m->moves, size * sizeof *moves);

		if (!moves)
			return false;
		m->moves = moves;
		m->moves_size = size;
	}
	m->moves[m->n_moves++] = (struct match_move) { mentee, from, m->partner[mentee] };
	return true;
}

/* Everybody whose partner is another one than when the log began, in our numbers. */
static bool collect_moves(struct matcher *m)
{
	bool complete = !m->log.failed;

	m->n_moves = 0;
	m->mark++;
	for (int32_t k = 0; k < m->log.n && complete; k++) {
		const struct written *written = &m->log.written[k];
		int32_t mentee = (int32_t)(written->at - m->partner);

		if (!wrote_partner(m, written) || m->mentee_mark[mentee] == m->mark)
			continue;
		m->mentee_mark[mentee] = m->mark;
		if (written->was != m->partner[mentee])
			complete = add_move(m, mentee, written->was);
	}
	return complete;
}

static int32_t theirs(const int32_t *of, int32_t ours)
{
	return ours < 0 ? MATCH_NOBODY : of[ours];
}

static void count_move(struct matcher *m, struct match_move *move)
{
	int32_t score = made_score(m, move->mentee);

	m->total += score - m->score[move->mentee];
	m->matched += (move->to >= 0) - (move->from >= 0);
	m->score[move->mentee] = score;
	move->mentee = m->mentee_of[move->mentee];
	move->from = theirs(m->mentor_of, move->from);
	move->to = theirs(m->mentor_of, move->to);
}

static bool finish(struct matcher *m)
{
	m->log.on = false;
	if (!collect_moves(m) || search_failed(m)) {
		m->solved = false;
		return false;
	}
	for (size_t k = 0; k < m->n_moves; k++)
		count_move(m, &m->moves[k]);
	return true;
}

const struct match_move *matcher_moves(struct matcher *m, size_t *n)
{
	*n = m->n_moves;
	return m->moves;
}

/* Getting up and sitting down. */

/* Gets up, if seated; the mentor who then has a place, or -1. */
static int32_t get_up(struct matcher *m, int32_t mentee)
{
	int32_t from = m->partner[mentee];

	if (from >= 0)
		seat_leave(m, mentee);
	return from;
}

static void fill_if_any(struct matcher *m, int32_t mentor)
{
	if (mentor >= 0)
		fill_places(m, mentor);
}

static void place_again(struct matcher *m, int32_t mentee)
{
	int32_t from = get_up(m, mentee);

	place_mentee(m, mentee);
	fill_if_any(m, from);
}

/* A lock is lifted: the mentee is here, without a mentor; who then has a place? */
static int32_t lift_lock(struct matcher *m, int32_t mentee)
{
	int32_t mentor = m->partner[mentee];

	set(m, &m->locked[mentor], m->locked[mentor] - 1);
	set(m, &m->load[mentor], m->load[mentor] - 1);
	set(m, &m->partner[mentee], MATCH_NOBODY);
	set(m, &m->state[mentee], MENTEE_HERE);
	return mentor;
}

static int32_t last_seated(const struct matcher *m, int32_t mentor)
{
	return m->seat[m->seat_row[mentor] + seats_taken(m, mentor) - 1];
}

/* The mentor's first place is no longer free to anybody, so its bonus is no longer in the price. */
static void end_first_bonus(struct matcher *m, int32_t mentor)
{
	if (m->price[mentor] >= 0)
		return;
	if (seats_taken(m, mentor) == 0) {
		set(m, &m->price[mentor], 0);
		return;
	}

	int32_t mentee = last_seated(m, mentor);

	seat_leave(m, mentee);
	set(m, &m->price[mentor], 0);
	place_mentee(m, mentee);
	fill_places(m, mentor);
}

/* What is asked for. */

bool matcher_forbid(struct matcher *m, int32_t mentee, int32_t mentor)
{
	if (!known(m, mentee, mentor))
		return false;

	int32_t i = m->mentee_at[mentee], j = m->mentor_at[mentor];

	if (!ban(m, i, j))
		return false;
	journal_begin(m);
	if (m->partner[i] == j) {
		if (m->state[i] == MENTEE_LOCKED)
			lift_lock(m, i);
		else
			seat_leave(m, i);
		place_mentee(m, i);
		fill_places(m, j);
	}
	return finish(m);
}

bool matcher_allow(struct matcher *m, int32_t mentee, int32_t mentor)
{
	if (!known(m, mentee, mentor))
		return false;

	int32_t i = m->mentee_at[mentee], j = m->mentor_at[mentor];
	struct banned *banned = ban_of(m, i, j);

	if (!banned)
		return false;

	int32_t worth = banned->worth;

	if (worth >= 0 &&
	    word_score(m, i, word_made(worth, j)) >= m->floor &&
	    !pair_add(m, i, j, worth))
		return false;
	ban_lift(m, banned);
	m->slack[i] = -1;
	journal_begin(m);
	if (m->state[i] == MENTEE_HERE && surplus_at_prices(m, i) > m->surplus[i])
		place_again(m, i);
	return finish(m);
}

/* Makes the lock and places whom it displaced. */
static void lock(struct matcher *m, int32_t mentee, int32_t mentor)
{
	int32_t from = get_up(m, mentee), displaced = MATCH_NOBODY;

	set(m, &m->state[mentee], MENTEE_LOCKED);
	set(m, &m->lock_score[mentee], lock_score(m, mentee, mentor));
	set(m, &m->surplus[mentee], NEVER);
	if (m->load[mentor] == m->capacity[mentor]) {
		displaced = last_seated(m, mentor);
		seat_leave(m, displaced);
	}
	/* Seats are counted from load and locked: both grow before anybody else moves. */
	set(m, &m->locked[mentor], m->locked[mentor] + 1);
	set(m, &m->load[mentor], m->load[mentor] + 1);
	set(m, &m->partner[mentee], mentor);
	end_first_bonus(m, mentor);
	if (displaced >= 0)
		place_mentee(m, displaced);
	if (from != mentor)
		fill_if_any(m, from);
	fill_places(m, mentor);
}

static bool may_lock(const struct matcher *m, int32_t mentee, int32_t mentor)
{
	return m->state[mentee] == MENTEE_HERE &&
	       m->locked[mentor] < m->capacity[mentor] &&
	       !ban_of(m, mentee, mentor);
}

bool matcher_force(struct matcher *m, int32_t mentee, int32_t mentor)
{
	if (!known(m, mentee, mentor))
		return false;

	int32_t i = m->mentee_at[mentee], j = m->mentor_at[mentor];

	if (m->state[i] == MENTEE_LOCKED && m->partner[i] == j)
		return true;
	if (!may_lock(m, i, j))
		return false;
	journal_begin(m);
	lock(m, i, j);
	return finish(m);
}

bool matcher_unlock(struct matcher *m, int32_t mentee)
{
	if (!known(m, mentee, 0) || m->state[m->mentee_at[mentee]] != MENTEE_LOCKED)
		return false;

	int32_t i = m->mentee_at[mentee], from;

	journal_begin(m);
	from = lift_lock(m, i);
	place_mentee(m, i);
	fill_places(m, from);
	return finish(m);
}

bool matcher_leave(struct matcher *m, int32_t mentee)
{
	if (!known(m, mentee, 0) || m->state[m->mentee_at[mentee]] == MENTEE_GONE)
		return false;

	int32_t i = m->mentee_at[mentee], from;

	journal_begin(m);
	from = m->state[i] == MENTEE_LOCKED ? lift_lock(m, i) : get_up(m, i);
	set(m, &m->state[i], MENTEE_GONE);
	set(m, &m->surplus[i], NEVER);
	fill_if_any(m, from);
	return finish(m);
}

static bool pairs_fit(struct matcher *m, size_t n, const int32_t *column, const int16_t *score)
{
	m->mark++;
	for (size_t k = 0; k < n; k++) {
		if (column[k] < 0 ||
		    column[k] >= m->mentors ||
		    score[k] < 0 ||
		    score[k] + m->stay_bonus > m->worth_limit)
			return false;

		int32_t *mark = &m->mentor_mark[m->mentor_at[column[k]]];

		if (*mark == m->mark)
			return false;
		*mark = m->mark;
	}
	return true;
}

static void forget_line(struct matcher *m, int32_t mentee)
{
	const uint32_t *line = line_of(&m->rows, mentee);

	m->slack[mentee] = -1;
	for (int32_t k = 0; k < m->rows.len[mentee]; k++) {
		int32_t mentor = word_number(line[k]);

		line_remove(&m->backs, mentor, line_find(&m->backs, mentor, mentee));
	}
	m->rows.len[mentee] = 0;
	line_fill(&m->rows, mentee);
	m->has[mentee] &= (uint8_t)~HAS_BELOW;
	for (size_t k = 0; k < m->n_banned; k++)
		if (m->banned[k].mentee == mentee)
			m->banned[k].worth = -1;
}

static bool join_pair(struct matcher *m, int32_t i, int32_t j, int32_t score)
{
	struct banned *banned = ban_of(m, i, j);
	int32_t worth = score + (m->stay_bonus && m->stay[i] == j ? m->stay_bonus : 0);

	if (banned) {
		banned->worth = worth;
		return true;
	}
	if (score < m->floor) {
		m->has[i] |= HAS_BELOW;
		return true;
	}
	return pair_add(m, i, j, worth);
}

bool matcher_join(struct matcher *m, int32_t mentee, size_t n, const int32_t *column,
		  const int16_t *score)
{
	if (!known(m, mentee, 0) || !pairs_fit(m, n, column, score))
		return false;

	int32_t i = m->mentee_at[mentee];

	if (m->state[i] != MENTEE_GONE && m->rows.len[i] > 0)
		return false;
	forget_line(m, i);
	for (size_t k = 0; k < n; k++)
		if (!join_pair(m, i, m->mentor_at[column[k]], score[k]))
			return m->solved = false;
	journal_begin(m);
	if (m->state[i] != MENTEE_LOCKED) {
		set(m, &m->state[i], MENTEE_HERE);
		place_mentee(m, i);
	}
	return finish(m);
}

/* More places. */
static void widen(struct matcher *m, int32_t mentor, int32_t capacity)
{
	set(m, &m->capacity[mentor], capacity);
	fill_places(m, mentor);
}

/* Fewer places: who sits in those that go looks for another. */
static void narrow(struct matcher *m, int32_t mentor, int32_t capacity)
{
	int32_t n = m->load[mentor] - capacity;
	int32_t first = seats_taken(m, mentor) - n;
	int32_t *up = n > 0 ? malloc((size_t)n * sizeof *up) : NULL;

	if (n > 0 && !up) {
		m->log.failed = true;
		return;
	}
	for (int32_t k = 0; k < n; k++)
		up[k] = m->seat[m->seat_row[mentor] + first + k];
	for (int32_t k = 0; k < n; k++)
		seat_leave(m, up[k]);
	set(m, &m->capacity[mentor], capacity);
	for (int32_t k = 0; k < n; k++)
		place_mentee(m, up[k]);
	free(up);
}

bool matcher_set_capacity(struct matcher *m, int32_t mentor, int32_t capacity)
{
	if (!m->solved ||
	    mentor < 0 ||
	    mentor >= m->mentors ||
	    capacity < 0 ||
	    capacity > MATCH_MENTEES_MAX)
		return false;

	int32_t j = m->mentor_at[mentor], before = m->capacity[j];

	if (capacity < m->locked[j])
		return false;
	m->capacity[j] = capacity > before ? capacity : before;
	if (!seats_widen(m, j))
		return false;
	m->capacity[j] = before;
	journal_begin(m);
	if (capacity >= before)
		widen(m, j, capacity);
	else
		narrow(m, j, capacity);
	return finish(m);
}

/* Made, counted, and taken back. */
bool matcher_force_cost(struct matcher *m, int32_t mentee, int32_t mentor,
			struct match_force_cost *cost)
{
	*cost = (struct match_force_cost) { 0 };
	if (!known(m, mentee, mentor))
		return false;

	int32_t i = m->mentee_at[mentee], j = m->mentor_at[mentor];
	bool counted;

	if (m->state[i] == MENTEE_LOCKED && m->partner[i] == j)
		return true;
	if (!may_lock(m, i, j))
		return false;
	journal_begin(m);
	lock(m, i, j);
	m->log.on = false;
	counted = collect_moves(m) && !search_failed(m);
	for (size_t k = 0; k < m->n_moves; k++) {
		const struct match_move *move = &m->moves[k];

		cost->points += m->score[move->mentee] - made_score(m, move->mentee);
		cost->matched += (move->from >= 0) - (move->to >= 0);
		cost->moves += move->mentee != i;
	}
	journal_undo(m);
	m->n_moves = 0;
	return counted;
}

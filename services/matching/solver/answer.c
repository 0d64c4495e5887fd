/* What people ask of a solved problem, in their own numbers. */
#include "inner.h"

#include <stdlib.h>

static int32_t asked_score(const struct matcher *m, int32_t mentee, int32_t mentor)
{
	int16_t *scores = m->score_row ? room_for((size_t)m->mentors, sizeof *scores) : NULL;
	int32_t score = 0;

	if (scores) {
		m->score_row(m->context, (uint32_t)m->mentee_of[mentee], scores);
		score = scores[m->mentor_of[mentor]];
	}
	free(scores);
	return score > 0 ? score : 0;
}

int32_t lock_score(const struct matcher *m, int32_t mentee, int32_t mentor)
{
	int32_t at = line_find(&m->rows, mentee, mentor);

	return at < 0 ? asked_score(m, mentee, mentor)
		      : word_score(m, mentee, line_of(&m->rows, mentee)[at]);
}

int32_t made_score(const struct matcher *m, int32_t mentee)
{
	int32_t mentor = m->partner[mentee];

	if (mentor < 0)
		return 0;
	return m->state[mentee] == MENTEE_LOCKED ? m->lock_score[mentee]
						 : lock_score(m, mentee, mentor);
}

void count_totals(struct matcher *m)
{
	m->total = m->matched = 0;
	for (int32_t i = 0; i < m->mentees; i++) {
		m->score[i] = made_score(m, i);
		m->total += m->score[i];
		m->matched += m->partner[i] >= 0;
	}
}

/* The solution. */

static void tell_mentees(struct matcher *m, struct match_solution *solution)
{
	for (int32_t i = 0; i < m->mentees; i++) {
		int32_t mentee = m->mentee_of[i], j = m->partner[i];
		bool here = m->state[i] == MENTEE_HERE;

		solution->partner[mentee] = j < 0 ? MATCH_NOBODY : m->mentor_of[j];
		solution->surplus[mentee] = here ? m->surplus[i] - m->out : 0;
		if (j < 0)
			continue;
		solution->stayed += m->stay[i] == j;
		if (!here)
			continue;
		solution->worth += m->score[i] + (m->stay[i] == j ? m->stay_bonus : 0) - m->out;
		if (solution->worst < 0 || m->score[i] < solution->worst)
			solution->worst = m->score[i];
	}
}

static void tell_mentors(struct matcher *m, struct match_solution *solution)
{
	for (int32_t j = 0; j < m->mentors; j++) {
		solution->price[m->mentor_of[j]] = m->price[j];
		solution->used += m->load[j] > 0;
		if (m->load[j] > 0 && m->locked[j] == 0)
			solution->worth -= m->first;
	}
}

void matcher_solution(struct matcher *m, struct match_solution *solution)
{
	*solution = (struct match_solution) {
		.partner = m->told_partner,
		.surplus = m->told_surplus,
		.price = m->told_price,
		.pair_bonus = -m->out,
		.first_bonus = -m->first,
		.floor = m->floor,
		.total = m->total,
		.matched = m->matched,
		.worst = -1,
		.rounds = m->rounds,
	};
	tell_mentees(m, solution);
	tell_mentors(m, solution);
}

bool matcher_check(struct matcher *m, bool everything, struct match_pair *at)
{
	struct match_pair found;
	bool holds = proof_holds(m, &found) &&
		     (!everything || !m->score_row || nothing_contradicts(m, &found));

	if (at && !holds)
		*at = (struct match_pair) {
			found.mentee < 0 ? MATCH_NOBODY : m->mentee_of[found.mentee],
			found.mentor < 0 ? MATCH_NOBODY : m->mentor_of[found.mentor]
		};
	return holds;
}

/* Single numbers. */

int32_t matcher_partner(const struct matcher *m, int32_t mentee)
{
	int32_t j = m->partner[m->mentee_at[mentee]];

	return j < 0 ? MATCH_NOBODY : m->mentor_of[j];
}

bool matcher_locked(const struct matcher *m, int32_t mentee)
{
	return m->state[m->mentee_at[mentee]] == MENTEE_LOCKED;
}

int32_t matcher_price_of(const struct matcher *m, int32_t mentor)
{
	return m->price[m->mentor_at[mentor]];
}

int32_t matcher_surplus_of(const struct matcher *m, int32_t mentee)
{
	int32_t i = m->mentee_at[mentee];

	return m->state[i] == MENTEE_HERE ? m->surplus[i] - m->out : 0;
}

int64_t matcher_total(const struct matcher *m)
{
	return m->total;
}

int32_t matcher_matched(const struct matcher *m)
{
	return m->matched;
}

bool matcher_pair(const struct matcher *m, int32_t mentee, int32_t mentor,
		  struct match_pair_view *view)
{
	int32_t i = m->mentee_at[mentee], j = m->mentor_at[mentor];
	int32_t at = line_find(&m->rows, i, j);
	const struct banned *banned = ban_of(m, i, j);

	*view = (struct match_pair_view) { 0 };
	if (at < 0 && (!banned || banned->worth < 0))
		return false;

	uint32_t word = at < 0 ? word_made(banned->worth, j) : line_of(&m->rows, i)[at];

	view->allowed = at >= 0;
	view->score = word_score(m, i, word);
	if (m->state[i] == MENTEE_HERE)
		view->reduced_cost = m->surplus[i] + m->price[j] - word_worth(word);
	else
		view->reduced_cost = m->partner[i] == j ? 0 : INT32_MAX;
	return true;
}

/* Why not. */

static enum match_reason reason_of_line(const struct matcher *m, int32_t i, int32_t *nearest,
					int32_t *missed_by)
{
	const uint32_t *line = line_of(&m->rows, i);
	enum match_reason reason = MATCH_REASON_NO_CAPACITY;

	*missed_by = INT32_MAX;
	for (int32_t k = 0; k < m->rows.len[i]; k++) {
		int32_t j = word_number(line[k]);
		int32_t missed = m->out + m->price[j] - word_worth(line[k]);

		if (m->locked[j] == m->capacity[j])
			continue;
		reason = MATCH_REASON_LOST_AT_PRICE;
		if (missed < *missed_by) {
			*missed_by = missed;
			*nearest = m->mentor_of[j];
		}
	}
	return reason;
}

enum match_reason matcher_reason(const struct matcher *m, int32_t mentee, int32_t *nearest,
				 int32_t *missed_by)
{
	int32_t i = m->mentee_at[mentee], mentor = MATCH_NOBODY, by = 0;
	enum match_reason reason;

	if (m->state[i] == MENTEE_GONE)
		reason = MATCH_REASON_GONE;
	else if (m->partner[i] >= 0)
		reason = MATCH_REASON_MATCHED;
	else if (m->rows.len[i] == 0)
		reason = m->has[i] & HAS_BELOW ? MATCH_REASON_BELOW_MIN : MATCH_REASON_NO_PAIR;
	else
		reason = reason_of_line(m, i, &mentor, &by);
	if (nearest)
		*nearest = mentor;
	if (missed_by)
		*missed_by = mentor < 0 ? 0 : by;
	return reason;
}

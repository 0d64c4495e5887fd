/* The order of things: an auction, its repair, what the objective adds, all pairs if they are on demand, and the proof. */
#include "inner.h"

static bool fail(struct matcher *m, struct match_failure *failure)
{
	enum match_code code = cancelled(m) ? MATCH_CANCELLED : MATCH_NO_MEMORY;

	*failure = (struct match_failure) { code, MATCH_NOBODY, MATCH_NOBODY };
	return false;
}

/* Staying out costs the bonus now: who has no place looks for one at any price. */
static void match_most(struct matcher *m)
{
	m->out = -m->bonus;
	for (int32_t i = 0; i < m->mentees && !cancelled(m); i++)
		if (m->state[i] == MENTEE_HERE && m->partner[i] < 0)
			place_mentee(m, i);
}

/* An empty first place costs the bonus now: it looks for somebody at any price. */
static void use_most(struct matcher *m)
{
	m->first = -m->bonus;
	for (int32_t j = 0; j < m->mentors && !cancelled(m); j++)
		fill_places(m, j);
}

static bool pursue(struct matcher *m)
{
	if (m->objective == MATCH_MOST_THEN_TOTAL || m->objective == MATCH_WORST_THEN_TOTAL)
		match_most(m);
	if (m->objective == MATCH_ONE_BEFORE_TWO)
		use_most(m);
	if (m->objective == MATCH_WORST_THEN_TOTAL && !raise_floor(m))
		return false;
	return !cancelled(m) && !search_failed(m);
}

/* With rows on demand, empty places pull at everybody: that waits until the sum is right over all pairs. */
static bool finish(struct matcher *m)
{
	bool patient = m->score_row && m->objective == MATCH_ONE_BEFORE_TWO;

	return (!patient || price_all(m)) && pursue(m) && (!m->score_row || price_all(m));
}

bool prove(struct matcher *m, struct match_failure *failure)
{
	struct match_pair at;

	if (!proof_holds(m, &at)) {
		*failure = (struct match_failure) { MATCH_UNPROVEN, at.mentee, at.mentor };
		return false;
	}
	count_totals(m);
	m->solved = true;
	show_progress(m, 1000);
	return true;
}

bool matcher_solve(struct matcher *m, struct match_failure *failure)
{
	*failure = (struct match_failure) { MATCH_OK, MATCH_NOBODY, MATCH_NOBODY };
	show_progress(m, 50);
	if (!auction(m))
		return fail(m, failure);
	show_progress(m, 400);
	if (!repair(m) || !finish(m))
		return fail(m, failure);
	return prove(m, failure);
}

bool matcher_price(struct matcher *m, struct match_failure *failure)
{
	*failure = (struct match_failure) { MATCH_OK, MATCH_NOBODY, MATCH_NOBODY };
	if (!m->solved || !m->score_row)
		return m->solved;
	if (!price_all(m)) {
		m->solved = false;
		return fail(m, failure);
	}
	return prove(m, failure);
}

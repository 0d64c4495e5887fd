/* The certificate from the header's words, in the caller's numbers: plain loops over plain arrays, nothing of the solver. */
#include "solver.h"

#include <stdlib.h>

struct claim {
	const struct match_problem *problem;
	const struct match_solution *solution;
	int32_t *lock;		      /* [mentees] the mentor of a locked mentee, or MATCH_NOBODY */
	int32_t *locked;	      /* [mentors] places that locks took */
	int32_t *load;		      /* [mentors] mentees without a lock */
	struct match_pair *forbidden; /* sorted */
	struct match_pair at;
	int64_t bound, worth;
};

static int compare_pairs(const void *a, const void *b)
{
	const struct match_pair *one = a, *other = b;

	if (one->mentee != other->mentee)
		return one->mentee < other->mentee ? -1 : 1;
	return (one->mentor > other->mentor) - (one->mentor < other->mentor);
}

static bool is_forbidden(const struct claim *claim, int32_t mentee, int32_t mentor)
{
	struct match_pair pair = { mentee, mentor };
	size_t n = claim->problem->n_forbidden;

	return n && bsearch(&pair, claim->forbidden, n, sizeof pair, compare_pairs);
}

static bool contradict(struct claim *claim, int32_t mentee, int32_t mentor)
{
	claim->at = (struct match_pair) { mentee, mentor };
	return false;
}

/* One pair of a row: the duals cover it, and it may be the chosen one. */
static bool pair_holds(struct claim *claim, int32_t i, int64_t k, bool *chosen)
{
	const struct match_problem *p = claim->problem;
	const struct match_solution *s = claim->solution;
	int32_t j = p->column[k];
	int64_t worth = (int64_t)p->score[k] +
			s->pair_bonus +
			(p->stay && p->stay[i] == j ? p->stay_bonus : 0);

	if (p->score[k] < s->floor || is_forbidden(claim, i, j))
		return true;
	if ((int64_t)s->surplus[i] + s->price[j] < worth)
		return contradict(claim, i, j);
	if (s->partner[i] == j) {
		*chosen = true;
		claim->worth += worth;
		claim->load[j]++;
	}
	return true;
}

static bool mentee_holds(struct claim *claim, int32_t i)
{
	const struct match_problem *p = claim->problem;
	const struct match_solution *s = claim->solution;
	bool chosen = s->partner[i] == MATCH_NOBODY;

	if (claim->lock[i] != MATCH_NOBODY)
		return s->partner[i] == claim->lock[i] || contradict(claim, i, s->partner[i]);
	if (s->surplus[i] < 0)
		return contradict(claim, i, MATCH_NOBODY);
	claim->bound += s->surplus[i];
	for (int64_t k = p->row[i]; k < p->row[i + 1]; k++)
		if (!pair_holds(claim, i, k, &chosen))
			return false;
	return chosen || contradict(claim, i, s->partner[i]);
}

static bool mentor_holds(struct claim *claim, int32_t j)
{
	const struct match_solution *s = claim->solution;
	int64_t places = (int64_t)claim->problem->capacity[j] - claim->locked[j];
	int64_t price = s->price[j], further = price > 0 ? price : 0;
	bool first = claim->locked[j] == 0 && places > 0;

	if (claim->load[j] > places || price < (claim->locked[j] ? 0 : -(int64_t)s->first_bonus))
		return contradict(claim, MATCH_NOBODY, j);
	claim->bound += first ? price + s->first_bonus + (places - 1) * further : places * further;
	claim->worth += first && claim->load[j] > 0 ? s->first_bonus : 0;
	return true;
}

static bool claim_holds(struct claim *claim)
{
	for (int32_t i = 0; i < claim->problem->mentees; i++)
		if (!mentee_holds(claim, i))
			return false;
	for (int32_t j = 0; j < claim->problem->mentors; j++)
		if (!mentor_holds(claim, j))
			return false;
	return claim->bound == claim->worth &&
	       claim->worth == claim->solution->worth &&
	       claim->solution->pair_bonus >= 0 &&
	       claim->solution->first_bonus >= 0;
}

static bool claim_new(struct claim *claim)
{
	const struct match_problem *p = claim->problem;
	size_t mentors = (size_t)p->mentors + 1;

	claim->lock = calloc((size_t)p->mentees + 1, sizeof *claim->lock);
	claim->locked = calloc(mentors, sizeof *claim->locked);
	claim->load = calloc(mentors, sizeof *claim->load);
	claim->forbidden = calloc(p->n_forbidden + 1, sizeof *claim->forbidden);
	if (!claim->lock || !claim->locked || !claim->load || !claim->forbidden)
		return false;
	for (int32_t i = 0; i < p->mentees; i++)
		claim->lock[i] = MATCH_NOBODY;
	for (size_t k = 0; k < p->n_locks; k++) {
		claim->lock[p->locks[k].mentee] = p->locks[k].mentor;
		claim->locked[p->locks[k].mentor]++;
	}
	for (size_t k = 0; k < p->n_forbidden; k++)
		claim->forbidden[k] = p->forbidden[k];
	qsort(claim->forbidden, p->n_forbidden, sizeof *claim->forbidden, compare_pairs);
	return true;
}

bool solution_check(const struct match_problem *problem, const struct match_solution *solution,
		    struct match_pair *at)
{
	struct claim claim = { .problem = problem,
			       .solution = solution,
			       .at = { MATCH_NOBODY, MATCH_NOBODY } };
	bool holds = claim_new(&claim) && claim_holds(&claim);

	if (at)
		*at = claim.at;
	free(claim.lock);
	free(claim.locked);
	free(claim.load);
	free(claim.forbidden);
	return holds;
}

/* The lines of a certificate of mentees with several mentors. */
#include <inttypes.h>

#include "certificate_own.h"

/* The mentee's lock with the lowest mentor after that one, or MATCH_NOBODY. */
static int32_t next_lock(const struct match_problem *problem, int32_t mentee, int32_t after)
{
	int32_t next = MATCH_NOBODY;

	for (size_t k = 0; k < problem->n_locks; k++) {
		const struct match_pair *lock = &problem->locks[k];

		if (lock->mentee == mentee &&
		    lock->mentor > after &&
		    (next == MATCH_NOBODY || lock->mentor < next))
			next = lock->mentor;
	}
	return next;
}

/* A locked pair need not be allowed: then it counts 0. */
static int32_t locked_score(struct writing *writing, int32_t mentee, int32_t mentor)
{
	int32_t score = stored_score(writing, mentee, mentor);

	return score > 0 ? score : 0;
}

static void put_chosen(struct writing *writing, int32_t mentee)
{
	const struct several_solution *chosen = writing->certificate->chosen;

	put(writing, " %" PRId64, chosen->row[mentee + 1] - chosen->row[mentee]);
	for (int64_t k = chosen->row[mentee]; k < chosen->row[mentee + 1]; k++)
		put(writing, " %" PRId32, chosen->mentor[k]);
}

static void put_locked(struct writing *writing, int32_t mentee)
{
	const struct match_problem *problem = writing->certificate->problem;
	int n = 0;

	for (int32_t j = next_lock(problem, mentee, -1); j != MATCH_NOBODY;
	     j = next_lock(problem, mentee, j))
		n++;
	put(writing, " %d", n);
	for (int32_t j = next_lock(problem, mentee, -1); j != MATCH_NOBODY;
	     j = next_lock(problem, mentee, j))
		put_pair(writing, mentee, j, locked_score(writing, mentee, j));
}

void put_mentee_of_several(struct writing *writing, int32_t mentee)
{
	const struct certificate *certificate = writing->certificate;

	put_pseudonym(writing, false, mentee);
	put(writing, " %" PRId32 " %" PRId32, certificate->chosen->surplus[mentee],
	    certificate->several->wanted[mentee]);
	put_chosen(writing, mentee);
	put_locked(writing, mentee);
	rows_take(&writing->rows, mentee);
	put(writing, " %zu", writing->rows.n);
	for (size_t k = 0; k < writing->rows.n; k++)
		put_pair(writing, mentee, writing->rows.pairs[k].mentor,
			 writing->rows.pairs[k].score);
	end_line(writing);
}

void put_claim_of_several(struct writing *writing)
{
	const struct certificate *certificate = writing->certificate;
	const struct several_solution *chosen = certificate->chosen;
	const struct match_problem *problem = certificate->problem;
	int64_t total = chosen->total, worth = chosen->total, used = 0;
	int32_t matched = 0;

	for (int32_t i = 0; i < problem->mentees; i++) {
		bool served = certificate->several->served[i],
		     some = chosen->row[i + 1] > chosen->row[i];

		matched += served || some;
		worth += some && !served ? chosen->first_bonus : 0;
		for (int64_t k = chosen->row[i]; k < chosen->row[i + 1]; k++)
			writing->in_use[chosen->mentor[k]] = true;
	}
	for (size_t k = 0; k < problem->n_locks; k++) {
		total += locked_score(writing, problem->locks[k].mentee, problem->locks[k].mentor);
		writing->in_use[problem->locks[k].mentor] = true;
	}
	for (int32_t j = 0; j < problem->mentors; j++)
		used += writing->in_use[j];
	put(writing, "claim %" PRId32 " %" PRId64 " %" PRId64 " %" PRId64, matched, used, total,
	    worth);
	end_line(writing);
}

/* The certificate over every stored pair. It takes the matching and the duals as they are, however they came about. */
#include "inner.h"

#include <stdlib.h>

struct proof {
	const struct matcher *m;
	int64_t bound[THREADS_MAX], worth[THREADS_MAX];
	struct match_pair broken[THREADS_MAX];
	bool wrong[THREADS_MAX];
};

/* The worth of the mentee's pair, or less than any when it is not a pair that may be. */
static int32_t made_worth(const struct matcher *m, int32_t mentee)
{
	int32_t at = line_find(&m->rows, mentee, m->partner[mentee]);

	return at < 0 ? -NEVER : word_worth(line_of(&m->rows, mentee)[at]);
}

static bool mentee_holds(struct proof *proof, int32_t i, int thread)
{
	const struct matcher *m = proof->m;
	struct bid bid = m->scanner->bid(line_of(&m->rows, i), line_filled(&m->rows, i), m->price,
					 m->first, 0);

	if (m->surplus[i] < m->out || bid.best > m->surplus[i]) {
		proof->broken[thread] =
			(struct match_pair) { i, m->rows.len[i] ? word_number(bid.word)
								: MATCH_NOBODY };
		return false;
	}
	proof->bound[thread] += (int64_t)m->surplus[i] - m->out;
	if (m->partner[i] >= 0)
		proof->worth[thread] += (int64_t)made_worth(m, i) - m->out;
	return true;
}

static void check_mentees(void *object, struct slice slice)
{
	struct proof *proof = object;

	for (int32_t i = slice.begin; i < slice.end && !proof->wrong[slice.number]; i++)
		if (proof->m->state[i] == MENTEE_HERE)
			proof->wrong[slice.number] = !mentee_holds(proof, i, slice.number);
}

/* How many each mentor has, counted from the mentees' side. False without memory or when a mentor is unknown. */
static bool count_loads(const struct matcher *m, int32_t *load)
{
	for (int32_t i = 0; i < m->mentees; i++) {
		if (m->partner[i] >= m->mentors)
			return false;
		if (m->partner[i] >= 0 && m->state[i] != MENTEE_GONE)
			load[m->partner[i]]++;
	}
	return true;
}

static bool mentor_holds(struct proof *proof, int32_t j, int32_t load)
{
	const struct matcher *m = proof->m;
	int32_t places = m->capacity[j] - m->locked[j];
	bool first = places > 0 && m->locked[j] == 0;

	if (load > m->capacity[j] || m->price[j] < place_floor(m, m->locked[j])) {
		proof->broken[0] = (struct match_pair) { MATCH_NOBODY, j };
		return false;
	}
	if (first) {
		proof->bound[0] += (int64_t)m->price[j] - m->first;
		proof->worth[0] -= load > 0 ? m->first : 0;
		places--;
	}
	proof->bound[0] += (int64_t)places * (m->price[j] > 0 ? m->price[j] : 0);
	return true;
}

static bool check_mentors(struct proof *proof)
{
	const struct matcher *m = proof->m;
	int32_t *load = room_for((size_t)m->mentors + 1, sizeof *load);
	bool right = load && count_loads(m, load);

	for (int32_t j = 0; right && j < m->mentors; j++)
		right = mentor_holds(proof, j, load[j]);
	free(load);
	return right;
}

bool proof_holds(const struct matcher *m, struct match_pair *at)
{
	struct proof proof = { .m = m, .broken[0] = { MATCH_NOBODY, MATCH_NOBODY } };
	int64_t gap = 0;
	int wrong = 0;

	in_slices(m->threads, m->mentees, check_mentees, &proof);
	while (wrong < THREADS_MAX && !proof.wrong[wrong])
		wrong++;
	if (wrong == THREADS_MAX && check_mentors(&proof))
		for (int t = 0; t < THREADS_MAX; t++)
			gap += proof.bound[t] - proof.worth[t];
	else
		gap = 1;
	if (at)
		*at = proof.broken[wrong < THREADS_MAX ? wrong : 0];
	return gap == 0;
}

/* Draws small matching problems. */
#include "small_match.h"

#include <string.h>

uint32_t small_draw(struct small_match *small, uint32_t below)
{
	uint64_t z = small->random += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return (uint32_t)((z ^ z >> 31) % below);
}

static void draw_row(struct small_match *small, int32_t mentee, int32_t most, uint32_t density)
{
	struct match_problem *problem = &small->problem;
	int64_t at = small->row[mentee];

	for (int32_t j = problem->mentors - 1; j >= 0; j--)
		if (small_draw(small, 100) < density) {
			small->column[at] = j;
			small->score[at++] = (int16_t)small_draw(small, (uint32_t)most + 1);
		}
	small->row[mentee + 1] = at;
}

void small_fill(struct small_match *small, uint64_t seed, int32_t mentees, int32_t mentors,
		int32_t most)
{
	struct match_problem *problem = &small->problem;
	uint32_t density;

	memset(small, 0, sizeof *small);
	small->random = seed * 1000003;
	problem->mentees = 1 + (int32_t)small_draw(small, (uint32_t)mentees);
	problem->mentors = 1 + (int32_t)small_draw(small, (uint32_t)mentors);
	problem->capacity = small->capacity;
	problem->row = small->row;
	problem->column = small->column;
	problem->score = small->score;
	problem->seed = seed;
	problem->min_score =
		(int16_t)(small_draw(small, 2) ? small_draw(small, (uint32_t)most / 2 + 1) : 0);
	density = 30 + small_draw(small, 71);
	for (int32_t j = 0; j < problem->mentors; j++)
		small->capacity[j] = (int32_t)small_draw(small, 4);
	for (int32_t i = 0; i < problem->mentees; i++)
		draw_row(small, i, most, density);
}

static bool is_locked(const struct small_match *small, int32_t mentee)
{
	for (size_t k = 0; k < small->problem.n_locks; k++)
		if (small->locks[k].mentee == mentee)
			return true;
	return false;
}

static int32_t lock_count(const struct small_match *small, int32_t mentor)
{
	int32_t n = 0;

	for (size_t k = 0; k < small->problem.n_locks; k++)
		n += small->locks[k].mentor == mentor;
	return n;
}

static void draw_lock(struct small_match *small)
{
	struct match_problem *problem = &small->problem;
	int32_t mentee = (int32_t)small_draw(small, (uint32_t)problem->mentees);
	int32_t mentor = (int32_t)small_draw(small, (uint32_t)problem->mentors);

	if (is_locked(small, mentee) || lock_count(small, mentor) >= small->capacity[mentor])
		return;
	small->locks[problem->n_locks++] = (struct match_pair) { mentee, mentor };
}

static void draw_forbidden(struct small_match *small)
{
	struct match_problem *problem = &small->problem;
	int32_t mentee = (int32_t)small_draw(small, (uint32_t)problem->mentees);

	if (!is_locked(small, mentee))
		small->forbidden[problem->n_forbidden++] = (struct match_pair) {
			mentee, (int32_t)small_draw(small, (uint32_t)problem->mentors)
		};
}

void small_complicate(struct small_match *small)
{
	struct match_problem *problem = &small->problem;

	problem->locks = small->locks;
	problem->forbidden = small->forbidden;
	problem->stay = small->stay;
	problem->stay_bonus = (int16_t)small_draw(small, 6);
	for (int32_t i = 0; i < problem->mentees; i++)
		small->stay[i] = small_draw(small, 2)
					 ? (int32_t)small_draw(small, (uint32_t)problem->mentors)
					 : MATCH_NOBODY;
	for (int k = 0; k < 2; k++)
		draw_lock(small);
	for (int k = 0; k < 3; k++)
		draw_forbidden(small);
}

int32_t small_score(const struct small_match *small, int32_t mentee, int32_t mentor)
{
	for (int64_t k = small->row[mentee]; k < small->row[mentee + 1]; k++)
		if (small->column[k] == mentor)
			return small->score[k];
	return -1;
}

int32_t small_worth(const struct small_match *small, int32_t mentee, int32_t mentor)
{
	const struct match_problem *problem = &small->problem;
	int32_t score = small_score(small, mentee, mentor);

	for (size_t k = 0; k < problem->n_forbidden; k++)
		if (small->forbidden[k].mentee == mentee && small->forbidden[k].mentor == mentor)
			return -1;
	if (score < 0 || score < problem->min_score)
		return -1;
	return score + (problem->stay && small->stay[mentee] == mentor ? problem->stay_bonus : 0);
}

/* Circles of a pool, in which every mentee has one chair. */
#include "services/matching/engine_own.h"

#include <stdlib.h>

/* All allowed pairs, as rows. */
struct rows {
	int64_t *row;
	int32_t *column;
	int16_t *score;
};

static struct rows rows_of(struct engine *engine)
{
	uint32_t n = engine->count[SIDE_MENTEE], m = engine->count[SIDE_MENTOR];
	struct rows rows = {
		.row = calloc(n + 1, sizeof *rows.row),
		.column = malloc(((size_t)n * m + 1) * sizeof *rows.column),
		.score = malloc(((size_t)n * m + 1) * sizeof *rows.score),
	};

	if (!rows.row || !rows.column || !rows.score)
		abort();
	for (uint32_t i = 0; i < n; i++) {
		int64_t at = rows.row[i];

		score_row(engine->plan, i, engine->row);
		for (uint32_t j = 0; j < m; j++) {
			if (engine->row[j] < 0)
				continue;
			rows.column[at] = (int32_t)j;
			rows.score[at++] = engine->row[j];
		}
		rows.row[i + 1] = at;
	}
	return rows;
}

static void leave_circle(const struct engine *engine, struct circle_solution *solution,
			 const struct circle_problem *problem, int32_t circle)
{
	int32_t left = 0;

	for (uint32_t i = 0; i < engine->count[SIDE_MENTEE]; i++)
		left += solution->circle_of[i] == circle;
	for (uint32_t i = 0; left < problem->least && i < engine->count[SIDE_MENTEE]; i++)
		if (solution->circle_of[i] == circle)
			solution->circle_of[i] = MATCH_NOBODY;
	for (uint32_t j = 0; left < problem->least && j < engine->count[SIDE_MENTOR]; j++)
		if (solution->lead_of[j] == circle)
			solution->lead_of[j] = MATCH_NOBODY;
}

/* Nor are two mentees in one circle who must not meet: one of them stays out, and a circle that is too small then is none. */
static void part_excluded(const struct engine *engine, struct circle_solution *solution,
			  const struct circle_problem *problem)
{
	for (size_t p = 0; p < engine->n_parts; p++)
		for (size_t e = 0; e < engine->parts[p]->n_exclusions; e++) {
			const MatchPair *pair = engine->parts[p]->exclusions[e];
			int32_t a = engine_find(engine, SIDE_MENTEE, pair->mentor_id);
			int32_t b = engine_find(engine, SIDE_MENTEE, pair->mentee_id), circle;

			if (a < 0 ||
			    b < 0 ||
			    solution->circle_of[a] < 0 ||
			    solution->circle_of[a] != solution->circle_of[b])
				continue;
			circle = solution->circle_of[b];
			solution->circle_of[b] = MATCH_NOBODY;
			solution->proven = false;
			leave_circle(engine, solution, problem, circle);
		}
}

bool engine_circles(struct engine *engine, int32_t least, int32_t most, int32_t mentors_each,
		    struct circle_solution *solution, const char **code)
{
	static const char seed[] =
		"0000000000000000000000000000000000000000000000000000000000000000";
	struct engine_order order = { .objective = CRITERIA_SET__OBJECTIVE__MAX_TOTAL,
				      .seed = seed };
	struct circle_problem problem = {
		.pairs = problem_of(engine, &order),
		.least = least,
		.most = most,
		.mentors_each = mentors_each,
	};
	struct match_failure failure = { 0 };
	struct rows rows = rows_of(engine);
	bool good;

	for (uint32_t j = 0; j < engine->count[SIDE_MENTOR]; j++)
		engine->capacity[j] = engine->capacity[j] > 0;
	problem.pairs.score_row = NULL;
	problem.pairs.row = rows.row;
	problem.pairs.column = rows.column;
	problem.pairs.score = rows.score;
	good = circle_match(&problem, solution, &failure);
	if (good)
		part_excluded(engine, solution, &problem);
	else
		*code = code_of(failure.code);
	free(rows.row);
	free(rows.column);
	free(rows.score);
	return good;
}

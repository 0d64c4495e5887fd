#include "match_oracle.h"

#include <stdlib.h>

#include "match_model.h"

struct oracle {
	struct match_model model;
	struct matcher *matcher;
	uint64_t random;
	int32_t floor;
};

static int32_t any(struct oracle *o, int32_t end)
{
	return (int32_t)(model_next(&o->random) >> 33) % end;
}

static bool same(const struct match_value *a, const struct match_value *b)
{
	return a->matched == b->matched && a->used == b->used && a->worth == b->worth;
}

/* The matcher's numbers are those of its partners, and the partners' value is the best there is. */
static const char *compare(struct oracle *o)
{
	const struct match_model *model = &o->model;
	struct match_solution solution;
	struct match_value value, best = model_best(model, o->floor);
	int32_t matched = 0;

	matcher_solution(o->matcher, &solution);
	if (!model_value(model, solution.partner, o->floor, &value))
		return "a pair is not allowed or a mentor has too many";
	if (!same(&value, &best))
		return "not the best";
	for (int32_t i = 0; i < model->mentees; i++) {
		matched += solution.partner[i] >= 0;
		if (solution.partner[i] != matcher_partner(o->matcher, i))
			return "two answers for a partner";
	}
	if (matched != solution.matched || matched != matcher_matched(o->matcher))
		return "the number of pairs is wrong";
	return NULL;
}

static int64_t total_of(const struct match_model *model, const int32_t *partner)
{
	int64_t total = 0;

	for (int32_t i = 0; i < model->mentees; i++)
		if (partner[i] >= 0 && model->score[i][partner[i]] > 0)
			total += model->score[i][partner[i]];
	return total;
}

/* The proof, by the matcher and by the caller's numbers. Gone mentees have no row in the problem. */
static const char *prove(struct oracle *o)
{
	struct match_model present = o->model;
	struct model_room room;
	struct match_problem problem;
	struct match_solution solution;

	matcher_solution(o->matcher, &solution);
	for (int32_t i = 0; i < present.mentees; i++)
		for (int32_t j = 0; j < present.mentors; j++)
			if (present.gone[i])
				present.score[i][j] = -1;
	problem = model_problem(&present, &room);
	if (!matcher_check(o->matcher, true, NULL))
		return "the matcher's proof is open";
	if (!solution_check(&problem, &solution, NULL))
		return "the solution's proof is open";
	if (solution.total != matcher_total(o->matcher))
		return "two answers for the total";
	return NULL;
}

static const char *judge(struct oracle *o)
{
	const char *wrong = compare(o);

	return wrong ? wrong : prove(o);
}

/* Changes: to the matcher and to the model; false when they disagree whether it is possible. */

static int32_t locks_of(const struct match_model *model, int32_t mentor)
{
	int32_t n = 0;

	for (int32_t i = 0; i < model->mentees; i++)
		n += model->lock[i] == mentor;
	return n;
}

static bool forbid(struct oracle *o, int32_t i, int32_t j)
{
	o->model.forbidden[i][j] = true;
	if (o->model.lock[i] == j)
		o->model.lock[i] = MATCH_NOBODY;
	return matcher_forbid(o->matcher, i, j);
}

static bool allow(struct oracle *o, int32_t i, int32_t j)
{
	bool possible = o->model.forbidden[i][j];

	o->model.forbidden[i][j] = false;
	return matcher_allow(o->matcher, i, j) == possible;
}

static bool force_possible(const struct match_model *model, int32_t i, int32_t j)
{
	if (model->lock[i] == j)
		return true;
	return model->lock[i] < 0 &&
	       !model->gone[i] &&
	       !model->forbidden[i][j] &&
	       locks_of(model, j) < model->capacity[j];
}

static bool force(struct oracle *o, int32_t i, int32_t j)
{
	bool possible = force_possible(&o->model, i, j);
	struct match_force_cost cost;
	int64_t before = matcher_total(o->matcher);
	int32_t matched = matcher_matched(o->matcher);
	int32_t partner = matcher_partner(o->matcher, i);

	if (matcher_force_cost(o->matcher, i, j, &cost) != possible ||
	    judge(o) ||
	    matcher_partner(o->matcher, i) != partner ||
	    matcher_total(o->matcher) != before)
		return false;
	if (matcher_force(o->matcher, i, j) != possible)
		return false;
	if (possible)
		o->model.lock[i] = j;
	return before - cost.points * possible == matcher_total(o->matcher) &&
	       matched - cost.matched * possible == matcher_matched(o->matcher);
}

static bool unlock(struct oracle *o, int32_t i)
{
	bool possible = o->model.lock[i] >= 0;

	o->model.lock[i] = MATCH_NOBODY;
	return matcher_unlock(o->matcher, i) == possible;
}

static bool leave(struct oracle *o, int32_t i)
{
	bool possible = !o->model.gone[i];

	o->model.gone[i] = true;
	o->model.lock[i] = MATCH_NOBODY;
	return matcher_leave(o->matcher, i) == possible;
}

static bool join(struct oracle *o, int32_t i)
{
	int32_t column[MODEL_MENTORS];
	int16_t score[MODEL_MENTORS];
	size_t n = 0;

	if (!o->model.gone[i])
		return true;
	for (int32_t j = 0; j < o->model.mentors; j++) {
		o->model.score[i][j] = (int16_t)(any(o, 3) ? any(o, 12) : -1);
		if (o->model.score[i][j] < 0)
			continue;
		column[n] = j;
		score[n++] = o->model.score[i][j];
	}
	o->model.gone[i] = false;
	return matcher_join(o->matcher, i, n, column, score);
}

static bool resize(struct oracle *o, int32_t j)
{
	int32_t capacity = any(o, MODEL_PLACES + 1);
	bool possible = capacity >= locks_of(&o->model, j);

	if (possible)
		o->model.capacity[j] = capacity;
	return matcher_set_capacity(o->matcher, j, capacity) == possible;
}

static bool change(struct oracle *o)
{
	int32_t i = any(o, o->model.mentees), j = any(o, o->model.mentors);
	int32_t partner = matcher_partner(o->matcher, i);

	switch (any(o, 8)) {
	case 0:
	case 1:
		return forbid(o, i, partner >= 0 ? partner : j);
	case 2:
		return allow(o, i, j);
	case 3:
		return force(o, i, j);
	case 4:
		return unlock(o, i);
	case 5:
		return leave(o, i);
	case 6:
		return join(o, i);
	default:
		return resize(o, j);
	}
}

/* Who has another mentor is told, with the mentor before and the one now. */
static const char *change_and_judge(struct oracle *o)
{
	int32_t before[MODEL_MENTEES];
	size_t n, moved = 0;

	for (int32_t i = 0; i < o->model.mentees; i++)
		before[i] = matcher_partner(o->matcher, i);
	(void)matcher_moves(o->matcher, &n);
	if (!change(o))
		return "a change was refused, or was not";

	const struct match_move *moves = matcher_moves(o->matcher, &n);

	for (int32_t i = 0; i < o->model.mentees; i++)
		moved += before[i] != matcher_partner(o->matcher, i);
	for (size_t k = 0; k < n && moved > 0; k++)
		if (moves[k].from != before[moves[k].mentee] ||
		    moves[k].to != matcher_partner(o->matcher, moves[k].mentee))
			return "a move is told wrongly";
	if (moved > 0 && n != moved)
		return "a move is not told";
	return judge(o);
}

static const char *solve(struct oracle *o)
{
	struct match_failure failure;
	struct match_solution solution;

	if (!matcher_solve(o->matcher, &failure))
		return "not solved";
	o->floor = o->model.objective == MATCH_WORST_THEN_TOTAL ? model_floor(&o->model)
								: o->model.min_score;
	matcher_solution(o->matcher, &solution);
	if (solution.floor != o->floor)
		return "another floor";
	if (solution.total != total_of(&o->model, solution.partner))
		return "another total";
	return judge(o);
}

const char *match_oracle(uint64_t seed)
{
	struct oracle o = { .random = seed * 0x9E3779B97F4A7C15u + 88172645463325252u };
	struct model_room room;
	struct match_failure failure;
	struct match_problem problem;
	const char *wrong;

	o.model = model_random(&o.random);
	problem = model_problem(&o.model, &room);
	o.matcher = matcher_new(&problem, &failure);
	if (!o.matcher)
		return "refused";
	wrong = solve(&o);
	for (int k = 0; k < 6 && !wrong; k++)
		wrong = change_and_judge(&o);
	matcher_free(o.matcher);
	return wrong;
}

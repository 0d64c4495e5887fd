#include "match_model.h"

#include <string.h>

/* The used places of each mentor, as digits. */
enum { STATES = (MODEL_PLACES + 1) * (MODEL_PLACES + 1) * (MODEL_PLACES + 1) * (MODEL_PLACES + 1) };

uint64_t model_next(uint64_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return *random;
}

static int32_t below(uint64_t *random, int32_t end)
{
	return (int32_t)(model_next(random) >> 33) % end;
}

/* Few different scores, so that there are ties, or many. */
static int16_t random_score(uint64_t *random, int32_t kind)
{
	static const int32_t range[] = { 2, 4, 12, 1001 };

	return (int16_t)(kind == 4 ? 50 * below(random, 21) : below(random, range[kind]));
}

static int32_t open_places(const struct match_model *model, int32_t mentor)
{
	int32_t open = model->capacity[mentor];

	for (int32_t i = 0; i < model->mentees; i++)
		open -= model->lock[i] == mentor;
	return open;
}

static void add_locks(struct match_model *model, uint64_t *random)
{
	for (int32_t i = 0; i < model->mentees; i++) {
		int32_t j = below(random, model->mentors);

		if (below(random, 8) == 0 && open_places(model, j) > 0 && !model->forbidden[i][j])
			model->lock[i] = j;
	}
}

struct match_model model_random(uint64_t *random)
{
	struct match_model model = {
		.mentees = 1 + below(random, MODEL_MENTEES),
		.mentors = 1 + below(random, MODEL_MENTORS),
		.objective = (enum match_objective)below(random, 4),
		.seed = model_next(random),
	};
	int32_t kind = below(random, 5), density = 1 + below(random, 4);

	model.stay_bonus = (int16_t)(below(random, 3) == 0 ? below(random, 40) : 0);
	model.min_score = (int16_t)(below(random, 4) == 0 ? below(random, 6) : 0);
	for (int32_t j = 0; j < model.mentors; j++)
		model.capacity[j] = below(random, MODEL_PLACES + 1);
	for (int32_t i = 0; i < model.mentees; i++) {
		model.lock[i] = MATCH_NOBODY;
		model.stay[i] = below(random, model.mentors + 1) - 1;
		for (int32_t j = 0; j < model.mentors; j++) {
			model.score[i][j] = below(random, 4) < density ? random_score(random, kind)
								       : (int16_t)-1;
			model.forbidden[i][j] = below(random, 10) == 0;
		}
	}
	add_locks(&model, random);
	return model;
}

static void add_row(const struct match_model *model, struct model_room *room, int32_t i)
{
	int64_t n = room->row[i];

	for (int32_t j = 0; j < model->mentors; j++)
		if (model->score[i][j] >= 0) {
			room->column[n] = j;
			room->score[n++] = model->score[i][j];
		}
	room->row[i + 1] = n;
}

struct match_problem model_problem(const struct match_model *model, struct model_room *room)
{
	struct match_problem problem = {
		.mentees = model->mentees,
		.mentors = model->mentors,
		.capacity = model->capacity,
		.row = room->row,
		.column = room->column,
		.score = room->score,
		.objective = model->objective,
		.min_score = model->min_score,
		.stay = model->stay,
		.stay_bonus = model->stay_bonus,
		.locks = room->locks,
		.forbidden = room->forbidden,
		.seed = model->seed,
	};

	room->row[0] = 0;
	for (int32_t i = 0; i < model->mentees; i++) {
		add_row(model, room, i);
		if (model->lock[i] >= 0)
			room->locks[problem.n_locks++] = (struct match_pair) { i, model->lock[i] };
		for (int32_t j = 0; j < model->mentors; j++)
			if (model->forbidden[i][j])
				room->forbidden[problem.n_forbidden++] =
					(struct match_pair) { i, j };
	}
	return problem;
}

static bool allowed(const struct match_model *model, int32_t i, int32_t j, int32_t floor)
{
	return model->score[i][j] >= floor && model->score[i][j] >= 0 && !model->forbidden[i][j];
}

static int32_t worth_of(const struct match_model *model, int32_t i, int32_t j)
{
	return model->score[i][j] + (model->stay[i] == j ? model->stay_bonus : 0);
}

static bool better(const struct match_value *a, const struct match_value *b)
{
	if (a->matched != b->matched)
		return a->matched > b->matched;
	return a->used != b->used ? a->used > b->used : a->worth > b->worth;
}

static bool counts_matched(const struct match_model *model)
{
	return model->objective == MATCH_MOST_THEN_TOTAL ||
	       model->objective == MATCH_WORST_THEN_TOTAL;
}

/* One mentee more: every state is left as it is, or has one place more taken. */
static void add_mentee(const struct match_model *model, int32_t i, int32_t floor,
		       struct match_value best[STATES], bool seen[STATES])
{
	struct match_value before[STATES];
	bool had[STATES];

	memcpy(before, best, sizeof before);
	memcpy(had, seen, sizeof had);
	for (int32_t state = 0; state < STATES; state++) {
		int32_t digit = 1;

		for (int32_t j = 0; had[state] && j < model->mentors;
		     j++, digit *= MODEL_PLACES + 1) {
			int32_t taken = state / digit % (MODEL_PLACES + 1);
			struct match_value value = before[state];

			if (!allowed(model, i, j, floor) || taken >= open_places(model, j))
				continue;
			value.worth += worth_of(model, i, j);
			value.matched += counts_matched(model);
			value.used += model->objective == MATCH_ONE_BEFORE_TWO &&
				      taken == 0 &&
				      open_places(model, j) == model->capacity[j];
			if (!seen[state + digit] || better(&value, &best[state + digit]))
				best[state + digit] = value;
			seen[state + digit] = true;
		}
	}
}

struct match_value model_best(const struct match_model *model, int32_t floor)
{
	struct match_value best[STATES] = { 0 }, top = { 0 };
	bool seen[STATES] = { true };

	for (int32_t i = 0; i < model->mentees; i++)
		if (model->lock[i] < 0 && !model->gone[i])
			add_mentee(model, i, floor, best, seen);
	for (int32_t state = 0; state < STATES; state++)
		if (seen[state] && better(&best[state], &top))
			top = best[state];
	return top;
}

int32_t model_floor(const struct match_model *model)
{
	int32_t most = model_best(model, model->min_score).matched, floor = model->min_score;

	for (int32_t i = 0; i < model->mentees && most > 0; i++)
		for (int32_t j = 0; j < model->mentors; j++)
			if (model->score[i][j] > floor &&
			    model_best(model, model->score[i][j]).matched == most)
				floor = model->score[i][j];
	return floor;
}

bool model_value(const struct match_model *model, const int32_t *partner, int32_t floor,
		 struct match_value *value)
{
	int32_t taken[MODEL_MENTORS] = { 0 };

	*value = (struct match_value) { 0 };
	for (int32_t i = 0; i < model->mentees; i++) {
		int32_t j = partner[i];

		if (model->lock[i] >= 0 && j != model->lock[i])
			return false;
		if (j < 0 || model->lock[i] >= 0)
			continue;
		if (model->gone[i] || j >= model->mentors || !allowed(model, i, j, floor))
			return false;
		value->worth += worth_of(model, i, j);
		value->matched += counts_matched(model);
		taken[j]++;
	}
	for (int32_t j = 0; j < model->mentors; j++) {
		if (taken[j] > open_places(model, j))
			return false;
		value->used += model->objective == MATCH_ONE_BEFORE_TWO &&
			       taken[j] > 0 &&
			       open_places(model, j) == model->capacity[j];
	}
	return true;
}

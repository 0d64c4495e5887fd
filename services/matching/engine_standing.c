/* The solution that stands: who has whom, its sums, prices and scores. */
#include "services/matching/engine_own.h"

#include <stdlib.h>

int32_t engine_partner(const struct engine *engine, uint32_t mentee)
{
	return engine->partner[mentee];
}

bool engine_locked(const struct engine *engine, uint32_t chair)
{
	uint32_t person = engine->person_at[chair];

	if (engine->matcher)
		return chair == engine->chair_of[person] &&
		       matcher_locked(engine->matcher, (int32_t)person);
	return engine->locked[chair];
}

uint32_t engine_chair(const struct engine *engine, uint32_t chair, uint32_t mentor)
{
	uint32_t person = engine->person_at[chair], best = engine->chair_of[person];

	for (uint32_t at = engine->chair_of[person]; at < engine->chair_of[person + 1]; at++) {
		if (engine->partner[at] == (int32_t)mentor)
			return at;
		if (engine_locked(engine, best) || (engine->partner[at] == ENGINE_NOBODY &&
						    engine->partner[best] != ENGINE_NOBODY))
			best = at;
	}
	return best;
}

bool engine_alone(const struct engine *engine, uint32_t chair)
{
	uint32_t person = engine->person_at[chair];

	for (uint32_t at = engine->chair_of[person]; at < engine->chair_of[person + 1]; at++)
		if (engine->partner[at] != ENGINE_NOBODY)
			return false;
	return chair == engine->chair_of[person];
}

size_t list_locks(const struct engine *engine, struct match_pair *locks)
{
	size_t count = 0;

	for (uint32_t chair = 0; chair < engine->chairs; chair++)
		if (engine_locked(engine, chair))
			locks[count++] = (struct match_pair) { (int32_t)engine->person_at[chair],
							       engine->partner[chair] };
	return count;
}

/* Of a solution without a matcher, added up. */
static void add_up(struct engine *engine, struct engine_sums *sums)
{
	bool *used = calloc(engine->count[SIDE_MENTOR] + 1, sizeof *used);

	if (!used)
		abort();
	*sums = (struct engine_sums) { .worst = SCORE_MOST };
	for (uint32_t i = 0; i < engine->chairs; i++) {
		int score;

		if (engine->partner[i] == ENGINE_NOBODY)
			continue;
		score = engine_score(engine, i, (uint32_t)engine->partner[i]);
		sums->total += score < 0 ? 0 : score;
		sums->worst = score >= 0 && score < sums->worst ? score : sums->worst;
		sums->matched++;
		sums->used += !used[engine->partner[i]];
		used[engine->partner[i]] = true;
	}
	sums->worst = sums->matched ? sums->worst : 0;
	free(used);
}

void engine_sum(struct engine *engine, struct engine_sums *sums)
{
	struct match_solution solution;

	if (engine->matcher) {
		matcher_solution(engine->matcher, &solution);
		*sums = (struct engine_sums) {
			.total = solution.total,
			.matched = solution.matched,
			.used = solution.used,
			.worst = solution.worst < 0 ? 0 : solution.worst,
		};
	} else {
		add_up(engine, sums);
	}
	sums->blocking = (int32_t)(engine->blocking < INT32_MAX ? engine->blocking : INT32_MAX);
}

static void hash_numbers(crypto_hash_sha256_state *state, const int32_t *numbers, uint32_t n)
{
	crypto_hash_sha256_update(state, (const uint8_t *)numbers, n * sizeof *numbers);
}

const char *engine_result_hash(struct engine *engine)
{
	uint32_t n = engine->count[SIDE_MENTEE], m = engine->count[SIDE_MENTOR];
	struct match_solution solution;
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	hash_numbers(&state, engine->partner, engine->chairs);
	if (engine->matcher) {
		matcher_solution(engine->matcher, &solution);
		hash_numbers(&state, solution.surplus, n);
		hash_numbers(&state, solution.price, m);
	} else if (engine->several.row) {
		hash_numbers(&state, engine->several.surplus, n);
		hash_numbers(&state, engine->several.price, m);
	}
	finish_hash(&state, engine->result_hash);
	return engine->result_hash;
}

int engine_score(struct engine *engine, uint32_t chair, uint32_t mentor)
{
	score_row(engine->plan, engine->person_at[chair], engine->row);
	return engine->row[mentor];
}

int engine_score_anyway(const struct engine *engine, uint32_t chair, uint32_t mentor,
			struct arena *arena)
{
	struct explanation explanation;

	engine_explain(engine, chair, mentor, arena, &explanation);
	return explanation.score;
}

void engine_explain(const struct engine *engine, uint32_t chair, uint32_t mentor,
		    struct arena *arena, struct explanation *explanation)
{
	score_pair(arena, engine->plan, engine->person_at[chair], mentor, explanation);
}

int engine_gap(struct engine *engine, uint32_t chair, uint32_t mentor, int score)
{
	uint32_t person = engine->person_at[chair];
	struct match_solution solution;

	if (engine->several.row)
		return engine->several.surplus[person] + engine->several.price[mentor] - score;
	if (!engine->matcher)
		return 0;
	matcher_solution(engine->matcher, &solution);
	return solution.surplus[person] + solution.price[mentor] - score - solution.pair_bonus;
}

int engine_regret(struct engine *engine, uint32_t chair)
{
	int best = 0, got = engine_score(engine, chair, (uint32_t)engine->partner[chair]);

	for (uint32_t j = 0; j < engine->count[SIDE_MENTOR]; j++)
		if (engine->row[j] > best)
			best = engine->row[j];
	return got < 0 ? best : best - got;
}

int engine_price(const struct engine *engine, uint32_t mentor)
{
	if (engine->several.row)
		return engine->several.price[mentor];
	return engine->matcher ? matcher_price_of(engine->matcher, (int32_t)mentor) : 0;
}

int engine_surplus(const struct engine *engine, uint32_t chair)
{
	uint32_t person = engine->person_at[chair];

	if (engine->several.row)
		return engine->several.surplus[person] > 0 ? engine->several.surplus[person] : 0;
	return engine->matcher ? matcher_surplus_of(engine->matcher, (int32_t)person) : 0;
}

/* Solving for mentees who may have several mentors: the optimum of what the locks leave, spread over their chairs. */
#include "services/matching/engine_own.h"

#include <stdlib.h>
#include <string.h>

static void make_room(const struct engine *engine, const struct engine_order *order,
		      struct several_order *of)
{
	uint32_t n = engine->count[SIDE_MENTEE], m = engine->count[SIDE_MENTOR];

	of->wanted = calloc(n + 1, sizeof *of->wanted);
	of->served = calloc(n + 1, sizeof *of->served);
	of->capacity = calloc(m + 1, sizeof *of->capacity);
	of->forbidden = calloc(order->n_bans + order->n_locks + 1, sizeof *of->forbidden);
	if (!of->wanted || !of->served || !of->capacity || !of->forbidden)
		abort();
	for (uint32_t i = 0; i < n; i++)
		of->wanted[i] = (int32_t)(engine->chair_of[i + 1] - engine->chair_of[i]);
	memcpy(of->capacity, engine->capacity, m * sizeof *of->capacity);
}

static bool is_among(struct match_pair pair, const struct match_pair *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (pairs[i].mentee == pair.mentee && pairs[i].mentor == pair.mentor)
			return true;
	return false;
}

/* Locked pairs are made, and are not chosen again. */
static bool take_locks(const struct engine_order *order, struct several_order *of)
{
	for (size_t i = 0; i < order->n_locks; i++) {
		struct match_pair lock = order->locks[i];

		if (--of->wanted[lock.mentee] < 0 ||
		    --of->capacity[lock.mentor] < 0 ||
		    is_among(lock, order->bans, order->n_bans) ||
		    is_among(lock, order->locks, i))
			return false;
		of->served[lock.mentee] = true;
		of->forbidden[order->n_bans + i] = lock;
	}
	return true;
}

bool several_order_open(struct engine *engine, const struct engine_order *order,
			struct several_order *of, const char **code)
{
	struct engine_order free_pairs = *order;

	*of = (struct several_order) { 0 };
	make_room(engine, order, of);
	if (order->n_bans)
		memcpy(of->forbidden, order->bans, order->n_bans * sizeof *of->forbidden);
	if (!take_locks(order, of)) {
		*code = code_of(MATCH_LOCKS_EXCEED);
		return false;
	}
	free_pairs.locks = NULL;
	free_pairs.n_locks = 0;
	free_pairs.bans = of->forbidden;
	free_pairs.n_bans = order->n_bans + order->n_locks;
	of->problem = (struct several_problem) {
		.pairs = problem_of(engine, &free_pairs),
		.wanted = of->wanted,
		.served = of->served,
		.most_first = order->objective == CRITERIA_SET__OBJECTIVE__MAX_MATCHED_THEN_TOTAL,
	};
	of->problem.pairs.capacity = of->capacity;
	return true;
}

void several_order_close(struct several_order *of)
{
	free(of->wanted);
	free(of->served);
	free(of->capacity);
	free(of->forbidden);
}

/* Proven by its dual numbers. */
static bool find_several(struct engine *engine, const struct engine_order *order,
			 struct several_solution *solution, const char **code)
{
	struct match_failure failure = { 0 };
	struct several_order of;
	bool good = several_order_open(engine, order, &of, code);

	if (good && !several_match(&of.problem, solution, &failure)) {
		*code = code_of(failure.code);
		good = false;
	} else if (good && !several_check(&of.problem, solution, NULL)) {
		*code = code_of(MATCH_UNPROVEN);
		several_free(solution);
		good = false;
	}
	several_order_close(&of);
	return good;
}

/* Where the mentee sits with this mentor in `before`, or the first chair that nobody has. */
static uint32_t chair_for(const struct engine *engine, uint32_t person, int32_t mentor,
			  const int32_t *before, const int32_t *partner)
{
	uint32_t chair = engine->chair_of[person];

	for (uint32_t at = chair; at < engine->chair_of[person + 1]; at++)
		if (before[at] == mentor && partner[at] == ENGINE_NOBODY)
			return at;
	while (partner[chair] != ENGINE_NOBODY)
		chair++;
	return chair;
}

/* First those who keep their chair, then the others. */
static void spread(const struct engine *engine, uint32_t person,
		   const struct several_solution *solution, const int32_t *before, int32_t *partner)
{
	for (int pass = 0; pass < 2; pass++)
		for (int64_t k = solution->row[person]; k < solution->row[person + 1]; k++) {
			int32_t mentor = solution->mentor[k];
			bool kept = false;

			for (uint32_t at = engine->chair_of[person];
			     at < engine->chair_of[person + 1]; at++)
				kept = kept || before[at] == mentor;
			if (kept == (pass == 0))
				partner[chair_for(engine, person, mentor, before, partner)] =
					mentor;
		}
}

/* Locked pairs stay on the chairs that they have; several that are new for one mentee take the next ones. */
static void seat_locks(struct engine *engine, const struct engine_order *seated)
{
	for (size_t i = 0; i < seated->n_locks; i++) {
		uint32_t chair = (uint32_t)seated->locks[i].mentee;

		while (engine->locked[chair])
			chair = chair + 1 < engine->chair_of[engine->person_at[chair] + 1]
					? chair + 1
					: engine->chair_of[engine->person_at[chair]];
		engine->partner[chair] = seated->locks[i].mentor;
		engine->locked[chair] = true;
	}
}

bool solve_several(struct engine *engine, const struct engine_order *order,
		   const struct engine_order *seated, const char **code)
{
	int32_t *before = empty_chairs(engine);
	struct several_solution solution = { 0 };
	bool good = find_several(engine, order, &solution, code);

	for (size_t i = 0; i < seated->n_stand; i++)
		before[seated->stand[i].mentee] = seated->stand[i].mentor;
	if (good) {
		take_over(engine, order, empty_chairs(engine));
		seat_locks(engine, seated);
		for (uint32_t i = 0; i < engine->count[SIDE_MENTEE]; i++)
			spread(engine, i, &solution, before, engine->partner);
		engine->several = solution;
		engine->blocking = ENGINE_UNKNOWN;
	}
	free(before);
	return good;
}

/* Questions. */

static bool has(const struct engine *engine, uint32_t person, int32_t mentor)
{
	for (uint32_t at = engine->chair_of[person]; at < engine->chair_of[person + 1]; at++)
		if (engine->partner[at] == mentor)
			return true;
	return false;
}

static bool would_have(const struct several_solution *solution, uint32_t person, int32_t mentor)
{
	for (int64_t k = solution->row[person]; k < solution->row[person + 1]; k++)
		if (solution->mentor[k] == mentor)
			return true;
	return false;
}

/* Whom the mentee would lose, each with one whom they would have instead; then who would only come. */
static void note_moves(const struct engine *engine, uint32_t person,
		       const struct several_solution *solution, struct engine_cost *cost)
{
	int64_t k = solution->row[person];

	for (uint32_t at = engine->chair_of[person]; at < engine->chair_of[person + 1]; at++) {
		int32_t from = engine->partner[at];

		if (engine->locked[at] ||
		    (from != ENGINE_NOBODY && would_have(solution, person, from)))
			continue;
		while (k < solution->row[person + 1] && has(engine, person, solution->mentor[k]))
			k++;
		if (k < solution->row[person + 1])
			add_move(cost,
				 (struct match_move) { (int32_t)at, from, solution->mentor[k++] });
		else if (from != ENGINE_NOBODY)
			add_move(cost, (struct match_move) { (int32_t)at, from, ENGINE_NOBODY });
	}
}

static void compare(struct engine *engine, const struct engine_order *order,
		    const struct several_solution *solution, struct engine_cost *cost)
{
	uint32_t n = engine->count[SIDE_MENTEE];
	struct engine_sums sums;

	engine_sum(engine, &sums);
	cost->possible = true;
	cost->loss = sums.total - solution->total;
	cost->fewer = sums.matched - (int32_t)solution->row[n] - (int32_t)order->n_locks;
	for (size_t i = 0; i < order->n_locks; i++) {
		int score = engine_score(engine, engine->chair_of[order->locks[i].mentee],
					 (uint32_t)order->locks[i].mentor);

		cost->loss -= score > 0 ? score : 0;
	}
	for (uint32_t i = 0; i < n; i++)
		if ((int32_t)i != order->locks[order->n_locks - 1].mentee)
			note_moves(engine, i, solution, cost);
}

void several_cost(struct engine *engine, uint32_t chair, uint32_t mentor, struct engine_cost *cost)
{
	struct match_pair *locks = malloc((engine->chairs + 2) * sizeof *locks);
	char seed[2 * sizeof engine->seed + 1];
	struct engine_order order = { .objective = engine->objective,
				      .seed = seed,
				      .locks = locks,
				      .bans = engine->bans,
				      .n_bans = engine->n_bans };
	struct several_solution solution = { 0 };
	const char *code;

	if (!locks)
		abort();
	sodium_bin2hex(seed, sizeof seed, (const uint8_t *)&engine->seed, sizeof engine->seed);
	order.n_locks = list_locks(engine, locks);
	locks[order.n_locks++] =
		(struct match_pair) { (int32_t)engine->person_at[chair], (int32_t)mentor };
	if (find_several(engine, &order, &solution, &code))
		compare(engine, &order, &solution, cost);
	several_free(&solution);
	free(locks);
}

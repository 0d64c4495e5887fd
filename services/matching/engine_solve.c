/* Solving: the greatest sum, or a stable matching. */
#include "services/matching/engine_own.h"

#include <stdlib.h>
#include <string.h>

#include "services/matching/solver/stable.h"

enum { THREADS = 2, MOST_COMPARED_PAIRS = 50000000 };

static uint64_t seed_of(const char *hex)
{
	uint8_t bytes[32] = { 0 };
	uint64_t seed;

	sodium_hex2bin(bytes, sizeof bytes, hex, strlen(hex), NULL, NULL, NULL);
	memcpy(&seed, bytes, sizeof seed);
	return seed;
}

static enum match_objective objective_of(CriteriaSet__Objective objective)
{
	switch (objective) {
	case CRITERIA_SET__OBJECTIVE__MAX_TOTAL:
		return MATCH_TOTAL;
	case CRITERIA_SET__OBJECTIVE__ONE_BEFORE_TWO:
		return MATCH_ONE_BEFORE_TWO;
	case CRITERIA_SET__OBJECTIVE__MIN_WORST_THEN_TOTAL:
		return MATCH_WORST_THEN_TOTAL;
	default:
		return MATCH_MOST_THEN_TOTAL;
	}
}

const char *code_of(enum match_code code)
{
	static const char *const codes[] = {
		[MATCH_OK] = "OK",
		[MATCH_TOO_LARGE] = "POOL_TOO_LARGE",
		[MATCH_BAD_PAIR] = "BAD_PAIR",
		[MATCH_LOCKED_TWICE] = "LOCKS_INFEASIBLE",
		[MATCH_LOCKS_EXCEED] = "LOCKS_INFEASIBLE",
		[MATCH_LOCK_FORBIDDEN] = "LOCKS_INFEASIBLE",
		[MATCH_NO_MEMORY] = "NO_MEMORY",
		[MATCH_CANCELLED] = "CANCELLED",
		[MATCH_UNPROVEN] = "UNPROVEN",
	};

	return codes[code];
}

struct match_problem problem_of(struct engine *engine, const struct engine_order *order)
{
	return (struct match_problem) {
		.mentees = (int32_t)engine->count[SIDE_MENTEE],
		.mentors = (int32_t)engine->count[SIDE_MENTOR],
		.capacity = engine->capacity,
		.score_row = score_row,
		.context = engine->plan,
		.objective = objective_of(order->objective),
		.locks = order->locks,
		.n_locks = order->n_locks,
		.forbidden = order->bans,
		.n_forbidden = order->n_bans,
		.seed = seed_of(order->seed),
		.threads = THREADS,
		.progress = &engine->progress,
	};
}

static void remember_order(struct engine *engine, const struct engine_order *order)
{
	engine->objective = order->objective;
	engine->seed = seed_of(order->seed);
	free(engine->bans);
	engine->bans = malloc((order->n_bans + 1) * sizeof *engine->bans);
	if (!engine->bans)
		abort();
	if (order->n_bans)
		memcpy(engine->bans, order->bans, order->n_bans * sizeof *engine->bans);
	engine->n_bans = order->n_bans;
}

void take_over(struct engine *engine, const struct engine_order *order, int32_t *partner)
{
	matcher_free(engine->matcher);
	engine->matcher = NULL;
	several_free(&engine->several);
	buf_free(&engine->certificate);
	free(engine->partner);
	engine->partner = partner;
	free(engine->locked);
	engine->locked = calloc(engine->chairs + 1, sizeof *engine->locked);
	if (!engine->locked)
		abort();
	remember_order(engine, order);
}

int32_t *empty_chairs(const struct engine *engine)
{
	int32_t *partner = malloc((engine->chairs + 1) * sizeof *partner);

	if (!partner)
		abort();
	memset(partner, 0xff, (engine->chairs + 1) * sizeof *partner);
	return partner;
}

void remember_partners(struct engine *engine)
{
	buf_free(&engine->certificate);
	for (uint32_t i = 0; i < engine->count[SIDE_MENTEE]; i++)
		engine->partner[engine->chair_of[i]] = matcher_partner(engine->matcher, (int32_t)i);
}

bool engine_gives_several(CriteriaSet__Objective objective)
{
	return objective == CRITERIA_SET__OBJECTIVE__MAX_TOTAL ||
	       objective == CRITERIA_SET__OBJECTIVE__MAX_MATCHED_THEN_TOTAL;
}

static bool is_stable(CriteriaSet__Objective objective)
{
	return objective == CRITERIA_SET__OBJECTIVE__STABLE_MENTEE_OPTIMAL ||
	       objective == CRITERIA_SET__OBJECTIVE__STABLE_MENTOR_OPTIMAL;
}

static void take_stable(struct engine *engine, const struct engine_order *order,
			const int32_t *partner)
{
	take_over(engine, order, empty_chairs(engine));
	for (uint32_t i = 0; i < engine->count[SIDE_MENTEE]; i++)
		engine->partner[engine->chair_of[i]] = partner[i];
	for (size_t i = 0; i < order->n_locks; i++)
		engine->locked[engine->chair_of[order->locks[i].mentee]] = true;
	engine->blocking = 0;
}

/* Proven by its blocking pairs: there must be none. */
static const char *find_stable(struct engine *engine, const struct engine_order *order,
			       int32_t *partner)
{
	enum stable_side side = order->objective == CRITERIA_SET__OBJECTIVE__STABLE_MENTEE_OPTIMAL
					? STABLE_FOR_MENTEES
					: STABLE_FOR_MENTORS;
	struct match_problem problem = problem_of(engine, order);
	struct match_failure failure = { 0 };

	if (!stable_match(&problem, side, partner, &failure))
		return code_of(failure.code);
	return stable_blocking(&problem, partner, NULL, 0) ? code_of(MATCH_UNPROVEN) : NULL;
}

static bool solve_stable(struct engine *engine, const struct engine_order *order, const char **code)
{
	int32_t *partner = calloc(engine->count[SIDE_MENTEE] + 1, sizeof *partner);

	if (!partner)
		abort();
	*code = find_stable(engine, order, partner);
	if (!*code)
		take_stable(engine, order, partner);
	free(partner);
	return !*code;
}

/* How many pairs would rather have each other than what the greatest sum gives them, for comparison. */
static void count_blocking(struct engine *engine, const struct engine_order *order)
{
	uint64_t pairs = (uint64_t)engine->count[SIDE_MENTEE] * engine->count[SIDE_MENTOR];
	struct match_problem problem = problem_of(engine, order);
	struct match_solution solution;

	matcher_solution(engine->matcher, &solution);
	engine->blocking = pairs > MOST_COMPARED_PAIRS
				   ? ENGINE_UNKNOWN
				   : stable_blocking(&problem, solution.partner, NULL, 0);
}

static bool solve_best(struct engine *engine, const struct engine_order *order, const char **code)
{
	struct match_problem problem = problem_of(engine, order);
	struct match_failure failure = { 0 };
	struct matcher *matcher = matcher_new(&problem, &failure);

	if (!matcher || !matcher_solve(matcher, &failure) || !matcher_check(matcher, true, NULL)) {
		*code = code_of(failure.code ? failure.code : MATCH_UNPROVEN);
		matcher_free(matcher);
		return false;
	}
	take_over(engine, order, empty_chairs(engine));
	engine->matcher = matcher;
	remember_partners(engine);
	count_blocking(engine, order);
	return true;
}

static struct match_pair *by_person(const struct engine *engine, const struct match_pair *pairs,
				    size_t n)
{
	struct match_pair *made = malloc((n + 1) * sizeof *made);

	if (!made)
		abort();
	for (size_t i = 0; i < n; i++)
		made[i] = (struct match_pair) { (int32_t)engine->person_at[pairs[i].mentee],
						pairs[i].mentor };
	return made;
}

bool engine_solve(struct engine *engine, const struct engine_order *order, const char **code)
{
	struct match_pair *locks = by_person(engine, order->locks, order->n_locks);
	struct match_pair *bans = by_person(engine, order->bans, order->n_bans);
	struct engine_order own = *order;
	bool good;

	own.locks = locks;
	own.bans = bans;
	if (is_stable(order->objective))
		good = solve_stable(engine, &own, code);
	else if (engine->parts[0]->several && engine_gives_several(order->objective))
		good = solve_several(engine, &own, order, code);
	else
		good = solve_best(engine, &own, code);
	free(locks);
	free(bans);
	return good;
}

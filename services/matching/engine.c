/* Pools, plans and solutions. */
#include "services/matching/engine.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "pb.h"
#include "services/matching/certificate.h"
#include "services/matching/solver/stable.h"

enum {
	SNAPSHOT_MEMORY_MB = 2,
	MEMBER_BYTES = 6000,
	THREADS = 2,
	TYPICAL_ANSWERS = 24,
	HASH_HEX = 65,
	MOST_CERTIFIED_PAIRS = 2500000,
	MOST_COMPARED_PAIRS = 50000000
};

struct engine {
	struct arena *arena;
	crypto_hash_sha256_state hashing;
	char snapshot_hash[HASH_HEX], result_hash[HASH_HEX];
	MatchSnapshotPart **parts;
	size_t n_parts;
	CriteriaSet *criteria;
	PoolMember **members[2]; /* by side */
	uint32_t count[2];
	int32_t *capacity;
	struct ground *ground;
	struct plan *plan;
	struct matcher *matcher; /* NULL: a stable solution stands */
	int32_t *partner;	 /* as the matcher has it */
	bool *locked;		 /* of a stable solution */
	int64_t blocking;
	int16_t *row;	  /* room for the scores of a mentee */
	struct match_progress progress;
	CriteriaSet__Objective objective; /* of the solution */
	uint64_t seed;
	struct match_pair *bans;
	size_t n_bans;
	struct buf certificate; /* empty: not written yet */
};

uint64_t engine_memory(uint64_t mentees, uint64_t mentors)
{
	uint64_t bytes = pool_memory(mentees, mentors, TYPICAL_ANSWERS) +
			 matcher_bytes((int64_t)mentees, (int64_t)mentors, (int64_t)mentees * MATCH_CANDIDATES) +
			 (mentees + mentors) * MEMBER_BYTES;

	return SNAPSHOT_MEMORY_MB + (bytes >> 20);
}

struct engine *engine_new(void)
{
	struct engine *engine = calloc(1, sizeof *engine);

	if (!engine)
		abort();
	engine->arena = arena_new(SIZE_MAX);
	crypto_hash_sha256_init(&engine->hashing);
	return engine;
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	matcher_free(engine->matcher);
	free(engine->partner);
	free(engine->locked);
	free(engine->bans);
	buf_free(&engine->certificate);
	arena_free(engine->arena);
	free(engine);
}

static void finish_hash(const crypto_hash_sha256_state *state, char hex[HASH_HEX])
{
	crypto_hash_sha256_state copy = *state;
	uint8_t hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256_final(&copy, hash);
	sodium_bin2hex(hex, HASH_HEX, hash, sizeof hash);
}

static enum side side_of(const PoolMember *member)
{
	return member->profile->role == MEMBERSHIP__ROLE__MENTOR ? SIDE_MENTOR : SIDE_MENTEE;
}

static void add_member(struct engine *engine, PoolMember *member)
{
	enum side side = side_of(member);

	engine->members[side] = arena_extend(engine->arena, engine->members[side], engine->count[side],
					     sizeof *engine->members[side]);
	engine->members[side][engine->count[side]++] = member;
}

bool engine_feed(struct engine *engine, const uint8_t *bytes, size_t len)
{
	MatchSnapshotPart *part = match_snapshot_part__unpack(arena_allocator(engine->arena), len, bytes);

	if (!part)
		return false;
	crypto_hash_sha256_update(&engine->hashing, bytes, len);
	finish_hash(&engine->hashing, engine->snapshot_hash);
	engine->parts = arena_extend(engine->arena, engine->parts, engine->n_parts, sizeof *engine->parts);
	engine->parts[engine->n_parts++] = part;
	if (part->criteria)
		engine->criteria = part->criteria;
	for (size_t i = 0; i < part->n_members; i++)
		add_member(engine, part->members[i]);
	return true;
}

const char *engine_snapshot_hash(const struct engine *engine)
{
	return engine->snapshot_hash;
}

static void add_to_ground(struct engine *engine, enum side side)
{
	for (uint32_t i = 0; i < engine->count[side]; i++)
		ground_add(engine->ground, engine->members[side][i]->profile, engine->members[side][i]->zone_minutes);
}

static void count_places(struct engine *engine)
{
	engine->capacity = arena_alloc(engine->arena, (engine->count[SIDE_MENTOR] + 1) * sizeof *engine->capacity);
	for (uint32_t j = 0; j < engine->count[SIDE_MENTOR]; j++)
		engine->capacity[j] = engine->members[SIDE_MENTOR][j]->places;
}

void engine_compile(struct engine *engine)
{
	const MatchSnapshotPart *first = engine->parts[0];

	engine->ground = ground_new(engine->arena, engine->criteria, first->sensitive, first->n_sensitive);
	add_to_ground(engine, SIDE_MENTEE);
	add_to_ground(engine, SIDE_MENTOR);
	for (size_t p = 0; p < engine->n_parts; p++)
		for (size_t i = 0; i < engine->parts[p]->n_exclusions; i++)
			ground_exclude(engine->ground, engine->parts[p]->exclusions[i]->mentor_id,
				       engine->parts[p]->exclusions[i]->mentee_id);
	ground_settle(engine->ground);
	count_places(engine);
	engine->plan = plan_new(engine->arena, ground_pool(engine->ground), ground_criteria(engine->ground));
	engine->row = arena_alloc(engine->arena, (engine->count[SIDE_MENTOR] + 64) * sizeof *engine->row);
}

struct match_progress *engine_progress(struct engine *engine)
{
	return &engine->progress;
}

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

static const char *code_of(enum match_code code)
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

static struct match_problem problem_of(struct engine *engine, const struct engine_order *order)
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

static void remember_partners(struct engine *engine)
{
	buf_free(&engine->certificate);
	free(engine->partner);
	engine->partner = calloc(engine->count[SIDE_MENTEE] + 1, sizeof *engine->partner);
	if (!engine->partner)
		abort();
	for (uint32_t i = 0; i < engine->count[SIDE_MENTEE]; i++)
		engine->partner[i] = matcher_partner(engine->matcher, (int32_t)i);
}

static void add_ban(struct engine *engine, struct match_pair pair)
{
	engine->bans = realloc(engine->bans, (engine->n_bans + 1) * sizeof *engine->bans);
	if (!engine->bans)
		abort();
	engine->bans[engine->n_bans++] = pair;
}

static void remember_order(struct engine *engine, const struct engine_order *order)
{
	engine->objective = order->objective;
	engine->seed = seed_of(order->seed);
	engine->n_bans = 0;
	for (size_t i = 0; i < order->n_bans; i++)
		add_ban(engine, order->bans[i]);
}

static bool is_stable(CriteriaSet__Objective objective)
{
	return objective == CRITERIA_SET__OBJECTIVE__STABLE_MENTEE_OPTIMAL ||
	       objective == CRITERIA_SET__OBJECTIVE__STABLE_MENTOR_OPTIMAL;
}

static void take_stable(struct engine *engine, const struct engine_order *order, int32_t *partner)
{
	matcher_free(engine->matcher);
	engine->matcher = NULL;
	buf_free(&engine->certificate);
	free(engine->partner);
	free(engine->locked);
	engine->partner = partner;
	engine->locked = calloc(engine->count[SIDE_MENTEE] + 1, sizeof *engine->locked);
	if (!engine->locked)
		abort();
	for (size_t i = 0; i < order->n_locks; i++)
		engine->locked[order->locks[i].mentee] = true;
	remember_order(engine, order);
}

/* Proven by its blocking pairs: there must be none. */
static bool solve_stable(struct engine *engine, const struct engine_order *order, const char **code)
{
	enum stable_side side = order->objective == CRITERIA_SET__OBJECTIVE__STABLE_MENTEE_OPTIMAL ? STABLE_FOR_MENTEES
											      : STABLE_FOR_MENTORS;
	int32_t *partner = calloc(engine->count[SIDE_MENTEE] + 1, sizeof *partner);
	struct match_problem problem = problem_of(engine, order);
	struct match_failure failure = { 0 };

	if (!partner)
		abort();
	if (!stable_match(&problem, side, partner, &failure)) {
		*code = code_of(failure.code);
		free(partner);
		return false;
	}
	engine->blocking = stable_blocking(&problem, partner, NULL, 0);
	if (engine->blocking) {
		*code = "UNPROVEN";
		free(partner);
		return false;
	}
	take_stable(engine, order, partner);
	return true;
}

/* How many pairs would rather have each other than what the greatest sum gives them, for comparison. */
static void count_blocking(struct engine *engine, const struct engine_order *order)
{
	uint64_t pairs = (uint64_t)engine->count[SIDE_MENTEE] * engine->count[SIDE_MENTOR];
	struct match_problem problem = problem_of(engine, order);

	engine->blocking = pairs > MOST_COMPARED_PAIRS ? ENGINE_UNKNOWN : stable_blocking(&problem, engine->partner, NULL, 0);
}

bool engine_solve(struct engine *engine, const struct engine_order *order, const char **code)
{
	struct match_problem problem = problem_of(engine, order);
	struct match_failure failure = { 0 };
	struct matcher *matcher;

	if (is_stable(order->objective))
		return solve_stable(engine, order, code);
	matcher = matcher_new(&problem, &failure);

	if (!matcher || !matcher_solve(matcher, &failure)) {
		*code = code_of(failure.code);
		matcher_free(matcher);
		return false;
	}
	if (!matcher_check(matcher, true, NULL)) {
		*code = "UNPROVEN";
		matcher_free(matcher);
		return false;
	}
	matcher_free(engine->matcher);
	engine->matcher = matcher;
	remember_order(engine, order);
	remember_partners(engine);
	count_blocking(engine, order);
	return true;
}

uint32_t engine_mentees(const struct engine *engine)
{
	return engine->count[SIDE_MENTEE];
}

uint32_t engine_mentors(const struct engine *engine)
{
	return engine->count[SIDE_MENTOR];
}

const PoolMember *engine_mentee(const struct engine *engine, uint32_t mentee)
{
	return engine->members[SIDE_MENTEE][mentee];
}

const PoolMember *engine_mentor(const struct engine *engine, uint32_t mentor)
{
	return engine->members[SIDE_MENTOR][mentor];
}

int32_t engine_find(const struct engine *engine, enum side side, const char *user_id)
{
	uint32_t person = pool_find(ground_pool(engine->ground), side, user_id);

	return person == UINT32_MAX ? ENGINE_NOBODY : (int32_t)person;
}

CriteriaSet *engine_criteria(const struct engine *engine)
{
	return engine->criteria;
}

const struct plan *engine_plan(const struct engine *engine)
{
	return engine->plan;
}

int32_t engine_partner(const struct engine *engine, uint32_t mentee)
{
	return engine->partner[mentee];
}

bool engine_locked(const struct engine *engine, uint32_t mentee)
{
	return engine->matcher ? matcher_locked(engine->matcher, (int32_t)mentee) : engine->locked[mentee];
}

/* Of a stable solution, added up. */
static void sum_stable(struct engine *engine, struct engine_sums *sums)
{
	bool *used = calloc(engine->count[SIDE_MENTOR] + 1, sizeof *used);

	*sums = (struct engine_sums) { .worst = SCORE_MOST };
	for (uint32_t i = 0; i < engine->count[SIDE_MENTEE]; i++) {
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

	if (!engine->matcher) {
		sum_stable(engine, sums);
		return;
	}

	matcher_solution(engine->matcher, &solution);
	*sums = (struct engine_sums) {
		.total = solution.total,
		.matched = solution.matched,
		.used = solution.used,
		.worst = solution.worst < 0 ? 0 : solution.worst,
		.blocking = (int32_t)(engine->blocking < INT32_MAX ? engine->blocking : INT32_MAX),
	};
}

const char *engine_result_hash(struct engine *engine)
{
	struct match_solution solution;
	crypto_hash_sha256_state state;
	uint32_t n = engine->count[SIDE_MENTEE], m = engine->count[SIDE_MENTOR];

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const uint8_t *)engine->partner, n * sizeof *engine->partner);
	if (engine->matcher) {
		matcher_solution(engine->matcher, &solution);
		crypto_hash_sha256_update(&state, (const uint8_t *)solution.surplus, n * sizeof *solution.surplus);
		crypto_hash_sha256_update(&state, (const uint8_t *)solution.price, m * sizeof *solution.price);
	}
	finish_hash(&state, engine->result_hash);
	return engine->result_hash;
}

int engine_score(struct engine *engine, uint32_t mentee, uint32_t mentor)
{
	score_row(engine->plan, mentee, engine->row);
	return engine->row[mentor];
}

int engine_score_anyway(const struct engine *engine, uint32_t mentee, uint32_t mentor, struct arena *arena)
{
	struct explanation explanation;

	score_pair(arena, engine->plan, mentee, mentor, &explanation);
	return explanation.score;
}

int engine_gap(struct engine *engine, uint32_t mentee, uint32_t mentor, int score)
{
	struct match_solution solution;

	if (!engine->matcher)
		return 0;
	matcher_solution(engine->matcher, &solution);
	return solution.surplus[mentee] + solution.price[mentor] - score - solution.pair_bonus;
}

int engine_regret(struct engine *engine, uint32_t mentee)
{
	int best = 0, got;

	score_row(engine->plan, mentee, engine->row);
	got = engine->row[engine->partner[mentee]];
	for (uint32_t j = 0; j < engine->count[SIDE_MENTOR]; j++)
		if (engine->row[j] > best)
			best = engine->row[j];
	return got < 0 ? best : best - got;
}

int engine_price(const struct engine *engine, uint32_t mentor)
{
	return engine->matcher ? matcher_price_of(engine->matcher, (int32_t)mentor) : 0;
}

int engine_surplus(const struct engine *engine, uint32_t mentee)
{
	return engine->matcher ? matcher_surplus_of(engine->matcher, (int32_t)mentee) : 0;
}

static const char *id_of(void *context, bool mentor, int32_t number)
{
	const struct engine *engine = context;

	return engine->members[mentor ? SIDE_MENTOR : SIDE_MENTEE][number]->profile->user_id;
}

static bool write_to(void *to, const char *bytes, size_t len)
{
	buf_add(to, bytes, len);
	return true;
}

static size_t list_locks(const struct engine *engine, struct match_pair *locks)
{
	size_t count = 0;

	for (uint32_t i = 0; i < engine->count[SIDE_MENTEE]; i++)
		if (engine_locked(engine, i))
			locks[count++] = (struct match_pair) { (int32_t)i, engine->partner[i] };
	return count;
}

static void write_certificate(struct engine *engine, const RunWork *work, const uint8_t salt[ENGINE_SALT])
{
	struct match_pair *locks = malloc((engine->count[SIDE_MENTEE] + 1) * sizeof *locks);
	struct engine_order order = { .objective = engine->objective, .seed = work->secret_seed, .locks = locks };
	uint64_t pairs = (uint64_t)engine->count[SIDE_MENTEE] * engine->count[SIDE_MENTOR];
	struct match_solution solution;
	struct match_problem problem;
	struct certificate certificate = {
		.problem = &problem,
		.solution = &solution,
		.id_of = id_of,
		.context = engine,
		.seed_commitment = work->seed_commitment,
		.snapshot_hash = engine->snapshot_hash,
		.stable = !engine->matcher,
		.within = pairs > MOST_CERTIFIED_PAIRS ? 0 : CERTIFICATE_EVERYTHING,
	};

	if (!locks)
		abort();
	order.n_locks = list_locks(engine, locks);
	order.bans = engine->bans;
	order.n_bans = engine->n_bans;
	problem = problem_of(engine, &order);
	if (engine->matcher)
		matcher_solution(engine->matcher, &solution);
	else
		solution = (struct match_solution) { .partner = engine->partner };
	memcpy(certificate.salt, salt, sizeof certificate.salt);
	if (!certificate_write(&certificate, write_to, &engine->certificate))
		buf_free(&engine->certificate);
	free(locks);
}

const struct buf *engine_certificate(struct engine *engine, const RunWork *work, const uint8_t salt[ENGINE_SALT])
{
	if (!engine->certificate.len)
		write_certificate(engine, work, salt);
	return &engine->certificate;
}

void engine_why_unmatched(struct engine *engine, uint32_t mentee, struct engine_reason *reason)
{
	*reason = (struct engine_reason) { .reason = UNMATCHED__REASON__LOST_AT_PRICE, .nearest = ENGINE_NOBODY };
	score_refusals(engine->plan, mentee, &reason->counts);
	if (!reason->counts.by[REFUSED_NOT]) {
		reason->reason = reason->counts.by[REFUSED_MIN_SCORE] ? UNMATCHED__REASON__BELOW_MIN_SCORE
								      : UNMATCHED__REASON__NO_ADMISSIBLE_PARTNER;
		return;
	}
	if (engine->matcher && matcher_reason(engine->matcher, (int32_t)mentee, &reason->nearest, &reason->missed_by) ==
	    MATCH_REASON_NO_CAPACITY)
		reason->reason = UNMATCHED__REASON__CAPACITY;
}

/* All pairs are looked at once more: what is not among the candidates may have become better. */
static bool price_anew(struct engine *engine)
{
	struct match_failure failure;

	if (!matcher_price(engine->matcher, &failure))
		return false;
	remember_partners(engine);
	engine->blocking = ENGINE_UNKNOWN;
	return true;
}

bool engine_forbid(struct engine *engine, uint32_t mentee, uint32_t mentor)
{
	if (!engine->matcher || !matcher_forbid(engine->matcher, (int32_t)mentee, (int32_t)mentor))
		return false;
	add_ban(engine, (struct match_pair) { (int32_t)mentee, (int32_t)mentor });
	return price_anew(engine);
}

bool engine_force(struct engine *engine, uint32_t mentee, uint32_t mentor)
{
	return engine->matcher && matcher_force(engine->matcher, (int32_t)mentee, (int32_t)mentor) && price_anew(engine);
}

bool engine_unlock(struct engine *engine, uint32_t mentee)
{
	return engine->matcher && matcher_unlock(engine->matcher, (int32_t)mentee) && price_anew(engine);
}

static void note_moves(const struct engine *engine, uint32_t except, struct engine_cost *cost)
{
	for (uint32_t i = 0; i < engine->count[SIDE_MENTEE]; i++) {
		int32_t to = matcher_partner(engine->matcher, (int32_t)i);

		if (to == engine->partner[i] || i == except)
			continue;
		cost->moves = realloc(cost->moves, (cost->n_moves + 1) * sizeof *cost->moves);
		if (!cost->moves)
			abort();
		cost->moves[cost->n_moves++] = (struct match_move) { (int32_t)i, engine->partner[i], to };
	}
}

static bool is_as_before(const struct engine *engine)
{
	for (uint32_t i = 0; i < engine->count[SIDE_MENTEE]; i++)
		if (matcher_partner(engine->matcher, (int32_t)i) != engine->partner[i])
			return false;
	return true;
}

/* Tried out and taken back: among solutions that are as good, the way back may lead to another one. */
bool engine_cost_of(struct engine *engine, uint32_t mentee, uint32_t mentor, struct engine_cost *cost)
{
	struct match_failure failure;
	int64_t total;
	int32_t matched;

	*cost = (struct engine_cost) { 0 };
	if (!engine->matcher)
		return true;
	total = matcher_total(engine->matcher);
	matched = matcher_matched(engine->matcher);
	if (matcher_locked(engine->matcher, (int32_t)mentee) ||
	    !matcher_force(engine->matcher, (int32_t)mentee, (int32_t)mentor))
		return true;
	if (!matcher_price(engine->matcher, &failure))
		return false;
	cost->possible = true;
	cost->loss = total - matcher_total(engine->matcher);
	cost->fewer = matched - matcher_matched(engine->matcher);
	note_moves(engine, mentee, cost);
	return matcher_unlock(engine->matcher, (int32_t)mentee) &&
	       matcher_price(engine->matcher, &failure) &&
	       is_as_before(engine);
}

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

static void leave_circle(const struct engine *engine, struct circle_solution *solution, const struct circle_problem *problem,
			 int32_t circle)
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
static void part_excluded(const struct engine *engine, struct circle_solution *solution, const struct circle_problem *problem)
{
	for (size_t p = 0; p < engine->n_parts; p++)
		for (size_t e = 0; e < engine->parts[p]->n_exclusions; e++) {
			const MatchPair *pair = engine->parts[p]->exclusions[e];
			int32_t a = engine_find(engine, SIDE_MENTEE, pair->mentor_id);
			int32_t b = engine_find(engine, SIDE_MENTEE, pair->mentee_id), circle;

			if (a < 0 || b < 0 || solution->circle_of[a] < 0 || solution->circle_of[a] != solution->circle_of[b])
				continue;
			circle = solution->circle_of[b];
			solution->circle_of[b] = MATCH_NOBODY;
			solution->proven = false;
			leave_circle(engine, solution, problem, circle);
		}
}

bool engine_circles(struct engine *engine, int32_t least, int32_t most, int32_t mentors_each, struct circle_solution *solution,
		    const char **code)
{
	static const char seed[] = "0000000000000000000000000000000000000000000000000000000000000000";
	struct engine_order order = { .objective = CRITERIA_SET__OBJECTIVE__MAX_TOTAL, .seed = seed };
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

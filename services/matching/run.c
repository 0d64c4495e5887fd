/* Runs: how they begin and end. */
#include <sodium.h>

#include "matching/matching.h"
#include "services/matching/engine.h"
#include "services/matching/run.h"
#include "services/matching/state.h"

enum { SEED_BYTES = 32 };

/* Numbers that a refusal tells of. */
static bool refuse_empty(struct call *call, const RunPool *pool)
{
	(void)!reject(call, INVALID_ARGUMENT, "EMPTY_POOL",
		      "There is nobody to match on one side.");
	problem_member(call, "mentors", arena_printf(call->arena, "%d", pool->mentors));
	problem_member(call, "mentees", arena_printf(call->arena, "%d", pool->mentees));
	return false;
}

static bool refuse_size(struct call *call, uint64_t needed, int64_t most)
{
	(void)!reject(call, INVALID_ARGUMENT, "POOL_TOO_LARGE",
		      "So many people need %llu MiB, and %lld are there.",
		      (unsigned long long)needed, (long long)most);
	problem_member(call, "memory_mb",
		       arena_printf(call->arena, "%llu", (unsigned long long)needed));
	problem_member(call, "most_mb", arena_printf(call->arena, "%lld", (long long)most));
	return false;
}

bool gives_several(int32_t mentors_per_mentee, int32_t mentees, int32_t mentors)
{
	return mentors_per_mentee > 1 && (int64_t)mentees * mentors <= ENGINE_MOST_SEVERAL;
}

bool pool_fits(struct call *call, const RunPool *pool, uint64_t *needed)
{
	int64_t most = conf_number(call->process->conf, "ITHACA_MATCH_MEMORY_MB");

	if (!pool->criteria_version)
		return reject(call, INVALID_ARGUMENT, "NO_CRITERIA",
			      "Publish the criteria of this program first.");
	if (!pool->mentors || !pool->mentees)
		return refuse_empty(call, pool);
	*needed = engine_memory((uint64_t)pool->mentees, (uint64_t)pool->mentors);
	if (gives_several(pool->mentors_per_mentee, pool->mentees, pool->mentors))
		*needed +=
			engine_memory_of_several((uint64_t)pool->mentees, (uint64_t)pool->mentors);
	if (*needed > (uint64_t)most ||
	    pool->mentees > POOL_MOST_MENTEES ||
	    pool->mentors > POOL_MOST_MENTORS)
		return refuse_size(call, *needed, most);
	return true;
}

void draw_seed(struct call *call, char **seed, char **commitment)
{
	uint8_t bytes[SEED_BYTES], hash[crypto_hash_sha256_BYTES];

	randombytes_buf(bytes, sizeof bytes);
	crypto_hash_sha256(hash, bytes, sizeof bytes);
	*seed = sodium_bin2hex(arena_alloc(call->arena, 2 * SEED_BYTES + 1), 2 * SEED_BYTES + 1,
			       bytes, sizeof bytes);
	*commitment = sodium_bin2hex(arena_alloc(call->arena, 2 * sizeof hash + 1),
				     2 * sizeof hash + 1, hash, sizeof hash);
}

static bool read_run(struct call *call, char *id, MatchRun *run)
{
	Id of = ID__INIT;

	of.id = id;
	return read_match_run(call, &of, run);
}

bool start_match_run(struct call *call, const StartMatchRunRequest *req, MatchRun *run)
{
	NewMatchRun made = NEW_MATCH_RUN__INIT;
	RunPool pool = RUN_POOL__INIT;
	uint64_t needed;

	if (!read_run_pool(call, req, &pool) || !pool_fits(call, &pool, &needed))
		return false;
	made.id = new_id(call);
	made.program_id = req->program_id;
	made.cohort_id = req->cohort_id;
	made.objective = req->objective ? req->objective : pool.objective;
	made.criteria_version = pool.criteria_version;
	made.n_locks = req->n_lock;
	made.locks = req->lock;
	made.mentees = pool.mentees;
	made.mentors = pool.mentors;
	made.places = pool.places;
	made.memory_mb = (int32_t)needed;
	made.several = engine_gives_several(made.objective) &&
		       gives_several(pool.mentors_per_mentee, pool.mentees, pool.mentors);
	draw_seed(call, &made.secret_seed, &made.seed_commitment);

	return must_hold_locks(call, &made) &&
	       add_match_run(call, &made) &&
	       read_run(call, made.id, run) &&
	       publish_match_run_queued(call, run);
}

bool cancel_match_run(struct call *call, const Id *req, MatchRun *run)
{
	return set_run_cancelled(call, req) &&
	       read_match_run(call, req, run) &&
	       publish_match_run_failed(call, run);
}

bool discard_match_run(struct call *call, const Id *req, MatchRun *run)
{
	return set_run_discarded(call, req) &&
	       read_match_run(call, req, run) &&
	       publish_match_run_discarded(call, run);
}

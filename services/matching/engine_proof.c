/* The proof of the solution that stands, as a file. */
#include "services/matching/engine_own.h"

#include <stdlib.h>
#include <string.h>

#include "services/matching/certificate.h"

enum { MOST_CERTIFIED_PAIRS = 2500000 };

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

/* Of a matcher, a stable matching, or several mentors. */
static bool prove(struct engine *engine, const struct engine_order *order,
		  struct certificate *certificate)
{
	struct match_solution solution = { .partner = engine->partner };
	struct match_problem problem = problem_of(engine, order);
	struct several_order several = { 0 };
	const char *code;
	bool good = true;

	certificate->problem = &problem;
	certificate->solution = &solution;
	certificate->stable = !engine->matcher && !engine->several.row;
	if (engine->matcher)
		matcher_solution(engine->matcher, &solution);
	if (engine->several.row) {
		good = several_order_open(engine, order, &several, &code);
		certificate->several = &several.problem;
		certificate->chosen = &engine->several;
	}
	good = good && certificate_write(certificate, write_to, &engine->certificate);
	several_order_close(&several);
	return good;
}

static void write_certificate(struct engine *engine, const RunWork *work,
			      const uint8_t salt[ENGINE_SALT])
{
	struct match_pair *locks = malloc((engine->chairs + 1) * sizeof *locks);
	struct engine_order order = { .objective = engine->objective,
				      .seed = work->secret_seed,
				      .locks = locks,
				      .bans = engine->bans,
				      .n_bans = engine->n_bans };
	uint64_t pairs = (uint64_t)engine->count[SIDE_MENTEE] * engine->count[SIDE_MENTOR];
	struct certificate certificate = {
		.id_of = id_of,
		.context = engine,
		.seed_commitment = work->seed_commitment,
		.snapshot_hash = engine->snapshot_hash,
		.within = pairs > MOST_CERTIFIED_PAIRS ? 0 : CERTIFICATE_EVERYTHING,
	};

	if (!locks)
		abort();
	order.n_locks = list_locks(engine, locks);
	memcpy(certificate.salt, salt, sizeof certificate.salt);
	if (!prove(engine, &order, &certificate))
		buf_free(&engine->certificate);
	free(locks);
}

const struct buf *engine_certificate(struct engine *engine, const RunWork *work,
				     const uint8_t salt[ENGINE_SALT])
{
	if (!engine->certificate.len)
		write_certificate(engine, work, salt);
	return &engine->certificate;
}

/* Simulations: a pool is read once and solved in several ways. */
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "services/matching/engine.h"
#include "services/matching/keeping.h"
#include "services/matching/run.h"
#include "services/matching/snapshot.h"
#include "services/matching/state.h"
#include "task.h"

enum { MOST_ATTEMPTS = 3 };

struct simulating {
	struct process *process;
	struct arena *arena;
	SimulationWork work;
	SimulationFigures **figures;
	int32_t *first; /* whom the first variant gives each chair */
};

bool simulate_matches(struct call *call, const SimulateMatchesRequest *req,
		      MatchSimulation *simulation)
{
	RunPool pool = RUN_POOL__INIT;
	uint64_t needed;

	return read_simulated_pool(call, req, &pool) &&
	       pool_fits(call, &pool, &needed) &&
	       add_simulation(call, req) &&
	       read_simulation(call, req, simulation);
}

static void change_weights(CriteriaSet *criteria, const SimulationVariant *variant)
{
	for (size_t i = 0; i < variant->n_weights; i++)
		for (size_t k = 0; k < criteria->n_criteria; k++)
			if (!strcmp(criteria->criteria[k]->key, variant->weights[i]->criterion))
				criteria->criteria[k]->weight = variant->weights[i]->weight;
	if (variant->_min_score_case)
		criteria->min_score = variant->min_score;
}

/* Whether who sits there has that mentor, on whatever chair; or, as before, nobody. */
static bool has_in(const struct engine *engine, uint32_t chair, int32_t mentor)
{
	if (mentor == ENGINE_NOBODY)
		return engine_partner(engine, chair) == ENGINE_NOBODY;
	return engine_partner(engine, engine_chair(engine, chair, (uint32_t)mentor)) == mentor;
}

static int count_differences(struct simulating *simulating, const struct engine *engine)
{
	uint32_t count = engine_chairs(engine);
	bool first = !simulating->first;
	int differ = 0;

	if (first)
		simulating->first =
			arena_alloc(simulating->arena, (count + 1) * sizeof *simulating->first);
	for (uint32_t i = 0; i < count; i++) {
		if (first)
			simulating->first[i] = engine_partner(engine, i);
		differ += !has_in(engine, i, simulating->first[i]);
	}
	return differ;
}

static void tell_figures(struct simulating *simulating, struct engine *engine,
			 const SimulationVariant *variant, double ms)
{
	SimulationFigures *figures = arena_alloc(simulating->arena, sizeof *figures);
	struct engine_sums sums;

	simulation_figures__init(figures);
	engine_sum(engine, &sums);
	figures->label = variant->label;
	figures->matched = sums.matched;
	figures->total = sums.total;
	figures->mean = sums.matched ? (double)sums.total / sums.matched : 0;
	figures->worst = sums.worst;
	figures->mentors_used = sums.used;
	if (sums.blocking != ENGINE_UNKNOWN) {
		figures->_blocking_pairs_case = SIMULATION_FIGURES___BLOCKING_PAIRS_BLOCKING_PAIRS;
		figures->blocking_pairs = sums.blocking;
	}
	figures->differ = count_differences(simulating, engine);
	figures->solve_ms = (int32_t)ms;
	for (size_t i = 0; i < simulating->work.n_variants; i++)
		if (simulating->work.variants[i] == variant)
			simulating->figures[i] = figures;
}

static void compile(void *engine)
{
	engine_compile(engine);
}

static bool solve_variant(struct simulating *simulating, struct engine *engine,
			  const SimulationVariant *variant, const char **code)
{
	static const char seed[] =
		"0000000000000000000000000000000000000000000000000000000000000000";
	CriteriaSet *criteria = engine_criteria(engine);
	struct engine_order order = { .seed = seed };
	uint64_t since = uv_hrtime();

	change_weights(criteria, variant);
	order.objective = variant->objective ? variant->objective : criteria->objective;
	task_offload(compile, engine);
	if (!engine_solve_beside(engine, &order, code))
		return false;
	tell_figures(simulating, engine, variant, (double)(uv_hrtime() - since) / 1e6);
	return true;
}

/* Each variant reads the pool anew: members that change in between are few, and it is a comparison. */
static bool simulate(struct simulating *simulating, const char **code)
{
	bool good = true;

	simulating->figures = arena_alloc(simulating->arena, (simulating->work.n_variants + 1) *
								     sizeof *simulating->figures);
	for (size_t i = 0; good && i < simulating->work.n_variants; i++) {
		const SimulationVariant *variant = simulating->work.variants[i];
		RunWork of = RUN_WORK__INIT;
		struct engine *engine;

		of.program_id = simulating->work.program_id;
		of.cohort_id = simulating->work.cohort_id;
		of.several = gives_several(simulating->work.mentors_per_mentee,
					   simulating->work.mentees, simulating->work.mentors);
		of.criteria_version =
			variant->_criteria_version_case ? variant->criteria_version : 0;
		engine = snapshot_engine(simulating->process, &of);
		*code = "SNAPSHOT";
		good = engine && solve_variant(simulating, engine, variant, code);
		engine_free(engine);
	}
	return good;
}

static void write_down(struct simulating *simulating, bool good, const char *code)
{
	struct call *call = call_begin(simulating->process, "Simulation");
	SimulationResult result = SIMULATION_RESULT__INIT;

	result.id = simulating->work.id;
	result.state = good ? MATCH_SIMULATION__STATE__DONE : MATCH_SIMULATION__STATE__FAILED;
	if (good) {
		result.n_figures = simulating->work.n_variants;
		result.figures = simulating->figures;
	} else {
		result.failure = pb_text(code);
	}
	if (!set_simulation_result(call, &result))
		log_write(LOG_WARN, "a simulation could not be written down", "simulation",
			  result.id, NULL);
	call_end(call);
}

static void work_on(void *arg)
{
	struct simulating *simulating = arg;
	const char *code = "";
	bool good;

	task_set_name("simulation");
	good = simulate(simulating, &code);
	write_down(simulating, good, code);
	simulating->process->state->jobs--;
	arena_free(simulating->arena);
	free(simulating);
}

static void begin_work(struct call *call, const SimulationWork *work)
{
	struct simulating *simulating = calloc(1, sizeof *simulating);
	size_t len;
	uint8_t *packed = pb_pack(call->arena, work, &len);

	if (!simulating)
		abort();
	simulating->process = call->process;
	simulating->arena = arena_new(SIZE_MAX);
	simulating->work =
		*simulation_work__unpack(arena_allocator(simulating->arena), len, packed);
	call->process->state->jobs++;
	if (task_spawn(call->process->loop, work_on, simulating))
		return;
	call->process->state->jobs--;
	arena_free(simulating->arena);
	free(simulating);
}

static bool give_up(struct call *call, char *id)
{
	SimulationResult result = SIMULATION_RESULT__INIT;

	result.id = id;
	result.state = MATCH_SIMULATION__STATE__FAILED;
	result.failure = pb_text("TOO_MANY_ATTEMPTS");
	return set_simulation_result(call, &result);
}

bool work_match_simulation(struct call *call, const Id *req)
{
	SimulationWork work = SIMULATION_WORK__INIT;
	bool mine;

	if (!claim_simulation(call, req, &work, &mine))
		return false;
	if (mine && work.attempts > MOST_ATTEMPTS)
		return give_up(call, req->id);
	if (!watch_simulation(call, req) || !sql_checkpoint(call))
		return false;
	if (mine)
		begin_work(call, &work);
	return true;
}

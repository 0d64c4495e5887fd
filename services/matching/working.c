/*
 * Work on runs, beside the calls: snapshot, solve, prove, write down. Every step that is done is a row, and the claim of who works
 * is one too: when the process is gone, the timer finds somebody else, who goes on from the last step.
 */
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "services/matching/keeping.h"
#include "services/matching/result.h"
#include "services/matching/snapshot.h"
#include "services/matching/state.h"
#include "task.h"

enum { MOST_ATTEMPTS = 5, BEAT_MS = 2000, LOOK_MS = 100, SPAN = 2000 };

struct job {
	struct process *process;
	const struct rpc_method *method;
	struct arena *arena; /* of work */
	RunWork work;
	struct engine *engine;
	bool late;  /* its time is over */
	bool ended; /* nothing is left to do */
	unsigned users;
};

/* Ends a call of the work; what went wrong is for the log only, as the work is taken up again. */
static bool end_step(struct job *job, struct call *call, bool good)
{
	if (!good && call_failed(call))
		log_write(LOG_WARN, "a step of a run failed", "run", job->work.id, "code",
			  call->problem ? call->problem->code : "RETRY", "detail",
			  call->fault ? call->fault : "", NULL);
	call_end(call);
	return good;
}

static void leave_job(struct job *job)
{
	if (--job->users)
		return;
	engine_free(job->engine);
	arena_free(job->arena);
	job->process->state->jobs--;
	free(job);
}

/* A step of the run, with the event that tells of it; false also when the run is over already. */
static bool step(struct job *job, MatchRun__State state, const char *failure,
		 bool (*publish)(struct call *call, const MatchRun *run))
{
	struct call *call = call_begin_work(job->process, job->method);
	RunStep take = RUN_STEP__INIT;
	MatchRun run = MATCH_RUN__INIT;
	bool found, good;

	take.id = job->work.id;
	take.state = state;
	take.snapshot_hash = job->work.snapshot_hash;
	take.failure = pb_text(failure);
	good = take_step(call, &take, &run, &found) &&
	       found &&
	       publish(call, &run) &&
	       sql_checkpoint(call);
	return end_step(job, call, good);
}

static void fail(struct job *job, MatchRun__State state, const char *code)
{
	log_write(LOG_WARN, "a run has come to nothing", "run", job->work.id, "code", code, NULL);
	if (!step(job, state, code, publish_match_run_failed))
		log_write(LOG_WARN, "a run's end could not be written down", "run", job->work.id,
			  NULL);
}

/* Says that somebody works on it, and notices when nobody should. */
static void beat(struct job *job)
{
	struct call *call = call_begin(job->process, "KeepClaim");
	RunStep keep = RUN_STEP__INIT;
	RunWork work = RUN_WORK__INIT;
	bool found = true;

	keep.id = job->work.id;
	keep.progress = job->engine ? atomic_load(&engine_progress(job->engine)->permille) : 0;
	if (keep_claim(call, &keep, &work, &found) && (!found || work.late)) {
		job->late = found;
		if (job->engine)
			atomic_store(&engine_progress(job->engine)->cancel, true);
	}
	call_end(call);
}

static void keep_beating(void *arg)
{
	struct job *job = arg;

	task_set_name("claim of a run");
	for (unsigned waited = 0; !job->ended; waited += LOOK_MS) {
		task_sleep(LOOK_MS);
		if (job->process->draining && job->engine)
			atomic_store(&engine_progress(job->engine)->cancel, true);
		if (waited < BEAT_MS || job->ended)
			continue;
		waited = 0;
		beat(job);
	}
	leave_job(job);
}

static bool keep_part(void *to, struct call *call, int32_t part, const MatchSnapshotPart *content)
{
	struct job *job = to;
	SnapshotRow row = SNAPSHOT_ROW__INIT;

	row.run_id = job->work.id;
	row.part = part;
	row.bytes.data = pb_pack(call->arena, content, &row.bytes.len);
	return add_snapshot_part(call, &row) &&
	       engine_feed(job->engine, row.bytes.data, row.bytes.len);
}

static bool forget_former(struct job *job)
{
	struct call *call = call_begin(job->process, "ForgetSnapshot");
	Id id = ID__INIT;
	bool good;

	id.id = job->work.id;
	good = forget_snapshot(call, &id);
	return end_step(job, call, good);
}

static bool tell_solving(struct call *call, const MatchRun *run)
{
	return set_in_pool(call, run) && publish_match_run_solving(call, run);
}

static void compile(void *engine)
{
	engine_compile(engine);
}

static bool load_snapshot(struct job *job)
{
	struct call *call = call_begin(job->process, "LoadSnapshot");

	job->engine = engine_load(call, &job->work);
	call_end(call);
	return job->engine;
}

/* What the run works on from now on, whatever people change meanwhile. One that was finished is gone on with. */
static bool prepare(struct job *job)
{
	if (*job->work.snapshot_hash)
		return load_snapshot(job);
	job->engine = engine_new();
	if (!forget_former(job) || !snapshot_take(job->process, &job->work, keep_part, job))
		return false;
	job->work.snapshot_hash = arena_strdup(job->arena, engine_snapshot_hash(job->engine));
	if (!step(job, MATCH_RUN__STATE__SOLVING, "", tell_solving))
		return false;
	task_offload(compile, job->engine);
	return true;
}

static bool solve(struct job *job, double *ms)
{
	struct call *call = call_begin(job->process, "SolveRun");
	struct engine_order order = order_of(call, job->engine, &job->work, NULL);
	uint64_t since = uv_hrtime();
	const char *code = "CANCELLED";
	bool good = engine_solve_beside(job->engine, &order, &code);

	*ms = (double)(uv_hrtime() - since) / 1e6;
	call_end(call);
	if (good)
		return true;
	if (job->late)
		fail(job, MATCH_RUN__STATE__TIMED_OUT, "TIMED_OUT");
	else if (strcmp(code, "CANCELLED"))
		fail(job, MATCH_RUN__STATE__FAILED, code);
	return false;
}

/* A few thousand chairs in each transaction: their drafts are what the run has come to only once it is in REVIEW. */
static bool write_span(struct job *job, const int32_t *before, struct span span)
{
	struct call *call = call_begin_work(job->process, job->method);
	bool good = write_drafts(call, job->engine, &job->work, before, span) &&
		    write_unmatched(call, job->engine, &job->work, span) &&
		    sql_checkpoint(call);

	return end_step(job, call, good);
}

static bool write_pairs(struct job *job)
{
	uint32_t count = engine_chairs(job->engine);
	int32_t *nobody = malloc((count + 1) * sizeof *nobody);
	bool good = nobody;

	if (good)
		memset(nobody, 0xff, (count + 1) * sizeof *nobody);
	for (uint32_t from = 0; good && from < count; from += SPAN)
		good = write_span(
			job, nobody,
			(struct span) { from, from + SPAN < count ? from + SPAN : count });
	free(nobody);
	return good;
}

static bool write_sums(struct job *job, double ms, char solution[37])
{
	struct call *call = call_begin_work(job->process, job->method);
	char *id;
	bool good = write_result(call, job->engine, &job->work, ms, &id) && sql_checkpoint(call);

	if (good)
		memcpy(solution, id, 37);
	return end_step(job, call, good);
}

static bool write_down(struct job *job, double ms)
{
	char solution[37];

	if (!write_pairs(job) ||
	    !write_sums(job, ms, solution) ||
	    !step(job, MATCH_RUN__STATE__REVIEW, "", publish_match_run_changed))
		return false;
	kept_add(job->process->state->keeping, job->work.id, job->engine, solution);
	job->engine = NULL;
	return true;
}

/* Somebody else takes it up at once, or after the claim has run out. */
static void leave(struct job *job)
{
	struct call *call = call_begin(job->process, "LeaveRun");
	Id id = ID__INIT;

	id.id = job->work.id;
	if (!leave_claim(call, &id))
		log_write(LOG_WARN, "a run was left", "run", job->work.id, NULL);
	call_end(call);
}

static void work_on(void *arg)
{
	struct job *job = arg;
	double ms = 0;
	bool good;

	task_set_name("run");
	good = prepare(job) &&
	       solve(job, &ms) &&
	       step(job, MATCH_RUN__STATE__CERTIFIED, "", publish_match_run_certified) &&
	       write_down(job, ms);
	if (!good)
		leave(job);
	job->ended = true;
	leave_job(job);
}

static struct job *job_new(struct call *call, const RunWork *work)
{
	struct job *job = calloc(1, sizeof *job);
	size_t len;
	uint8_t *packed = pb_pack(call->arena, work, &len);

	if (!job)
		abort();
	job->process = call->process;
	job->method = call->method;
	job->arena = arena_new(SIZE_MAX);
	job->work = *run_work__unpack(arena_allocator(job->arena), len, packed);
	job->users = 2;
	call->process->state->jobs++;
	return job;
}

/* Beside this call, which is over as soon as the claim is committed. */
static bool begin_job(struct call *call, const RunWork *work)
{
	struct job *job = job_new(call, work);

	if (!task_spawn(call->process->loop, keep_beating, job))
		leave_job(job);
	if (!task_spawn(call->process->loop, work_on, job)) {
		job->ended = true;
		leave_job(job);
	}
	return true;
}

static bool give_up(struct call *call, const RunWork *work)
{
	RunStep end = RUN_STEP__INIT;
	MatchRun run = MATCH_RUN__INIT;
	bool found;

	end.id = work->id;
	end.state = work->late ? MATCH_RUN__STATE__TIMED_OUT : MATCH_RUN__STATE__FAILED;
	end.failure = pb_text(work->late ? "TIMED_OUT" : "TOO_MANY_ATTEMPTS");
	return take_step(call, &end, &run, &found) &&
	       (!found || publish_match_run_failed(call, &run));
}

bool work_match_run(struct call *call, const Id *req)
{
	RunWork work = RUN_WORK__INIT;
	bool mine;

	if (!claim_run(call, req, &work, &mine))
		return false;
	if (mine && (work.late || work.attempts > MOST_ATTEMPTS))
		return give_up(call, &work);
	return watch_work(call, req) && sql_checkpoint(call) && (!mine || begin_job(call, &work));
}

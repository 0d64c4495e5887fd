/* Circles: planned from a pool, looked at, and begun as mentorships. */
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "services/matching/run.h"
#include "services/matching/snapshot.h"
#include "services/matching/state.h"
#include "task.h"
#include "uuid.h"

enum { MOST_ATTEMPTS = 3, MOST_PAIRS = 25000000 };

struct planning {
	struct process *process;
	struct arena *arena;
	GroupPlanWork work;
	struct engine *engine;
	struct circle_solution solution;
	const char *code;
	bool good;
};

bool plan_groups(struct call *call, const PlanGroupsRequest *req, GroupPlan *plan)
{
	RunPool pool = RUN_POOL__INIT;
	uint64_t needed;

	if (!read_group_pool(call, req, &pool) || !pool_fits(call, &pool, &needed))
		return false;
	if ((int64_t)pool.mentees * pool.mentors > MOST_PAIRS)
		return reject(call, INVALID_ARGUMENT, "POOL_TOO_LARGE",
			      "Groups are planned for some thousands of people at most.");

	return add_group_plan(call, req) && read_planned_groups(call, req, plan);
}

bool publish_group_plan(struct call *call, const Id *req, GroupPlan *plan)
{
	return set_group_plan_published(call, req) &&
	       schedule_groups(call, req) &&
	       get_group_plan_again(call, req, plan);
}

bool begin_group(struct call *call, const Id *req)
{
	OpenMatchRequest open = OPEN_MATCH_REQUEST__INIT;
	Mentorship mentorship = MENTORSHIP__INIT;
	MatchGroup group = MATCH_GROUP__INIT;

	return set_group_begun(call, req, &group) &&
	       (group.state != MATCH_GROUP__STATE__BEGUN ||
		(read_group_match(call, req, &open) &&
		 programs_open_match(call, &open, &mentorship)));
}

static void solve(void *arg)
{
	struct planning *planning = arg;

	engine_compile(planning->engine);
	planning->good = engine_circles(planning->engine, planning->work.size_min,
					planning->work.size_max, planning->work.mentors_per_group,
					&planning->solution, &planning->code);
}

static char **add_membership(struct arena *arena, GroupSeat *seat, char **memberships,
			     const PoolMember *member)
{
	memberships = arena_extend(arena, memberships, seat->n_memberships, sizeof *memberships);
	memberships[seat->n_memberships++] = member->profile->membership_id;
	return memberships;
}

/* A circle whose people are gone is none. */
static bool write_circle(struct planning *planning, struct call *call, int32_t circle)
{
	char id[37], **memberships = NULL;
	GroupSeat seat = GROUP_SEAT__INIT;

	for (uint32_t j = 0; j < engine_mentors(planning->engine); j++)
		if (planning->solution.lead_of[j] == circle)
			memberships = add_membership(call->arena, &seat, memberships,
						     engine_mentor(planning->engine, j));
	for (uint32_t i = 0; i < engine_mentees(planning->engine); i++)
		if (planning->solution.circle_of[i] == circle)
			memberships = add_membership(call->arena, &seat, memberships,
						     engine_mentee(planning->engine, i));
	if (!seat.n_memberships)
		return true;
	uuid_v7(id);
	seat.plan_id = planning->work.id;
	seat.group_id = id;
	seat.memberships = memberships;
	return add_group(call, &seat);
}

static int32_t count_left(const struct planning *planning)
{
	int32_t left = 0;

	for (uint32_t i = 0; i < engine_mentees(planning->engine); i++)
		left += planning->solution.circle_of[i] == ENGINE_NOBODY;
	return left;
}

static bool write_result(struct planning *planning, struct call *call)
{
	GroupPlanResult result = GROUP_PLAN_RESULT__INIT;

	result.id = planning->work.id;
	result.state = planning->good ? GROUP_PLAN__STATE__DRAFT : GROUP_PLAN__STATE__FAILED;
	if (!planning->good) {
		result.failure = pb_text(planning->code);
		return set_group_plan_result(call, &result);
	}
	result.left = count_left(planning);
	result.total = planning->solution.total;
	result.bound = planning->solution.bound;
	result.proven = planning->solution.proven;
	return set_group_plan_result(call, &result);
}

static bool write_down(struct planning *planning)
{
	struct call *call = call_begin(planning->process, "GroupPlan");
	Id id = ID__INIT;
	bool good;

	id.id = planning->work.id;
	good = forget_groups(call, &id);
	for (int32_t circle = 0; good && planning->good && circle < planning->solution.circles;
	     circle++)
		good = write_circle(planning, call, circle);
	good = good && write_result(planning, call);
	call_end(call);
	return good;
}

static void end(struct planning *planning)
{
	if (planning->good)
		circle_free(&planning->solution);
	engine_free(planning->engine);
	planning->process->state->jobs--;
	arena_free(planning->arena);
	free(planning);
}

static void work_on(void *arg)
{
	struct planning *planning = arg;
	RunWork of = RUN_WORK__INIT;

	task_set_name("group plan");
	of.program_id = planning->work.program_id;
	of.cohort_id = planning->work.cohort_id;
	of.criteria_version = planning->work.criteria_version;
	planning->code = "SNAPSHOT";
	planning->engine = snapshot_engine(planning->process, &of);
	if (planning->engine)
		task_offload(solve, planning);
	if (!write_down(planning))
		log_write(LOG_WARN, "a group plan could not be written down", "plan",
			  planning->work.id, NULL);
	end(planning);
}

static void begin_work(struct call *call, const GroupPlanWork *work)
{
	struct planning *planning = calloc(1, sizeof *planning);
	size_t len;
	uint8_t *packed = pb_pack(call->arena, work, &len);

	if (!planning)
		abort();
	planning->process = call->process;
	planning->arena = arena_new(SIZE_MAX);
	planning->work = *group_plan_work__unpack(arena_allocator(planning->arena), len, packed);
	call->process->state->jobs++;
	if (!task_spawn(call->process->loop, work_on, planning))
		end(planning);
}

static bool give_up(struct call *call, char *id)
{
	GroupPlanResult result = GROUP_PLAN_RESULT__INIT;

	result.id = id;
	result.state = GROUP_PLAN__STATE__FAILED;
	result.failure = pb_text("TOO_MANY_ATTEMPTS");
	return set_group_plan_result(call, &result);
}

bool work_group_plan(struct call *call, const Id *req)
{
	GroupPlanWork work = GROUP_PLAN_WORK__INIT;
	bool mine;

	if (!claim_group_plan(call, req, &work, &mine))
		return false;
	if (mine && work.attempts > MOST_ATTEMPTS)
		return give_up(call, req->id);
	if (!watch_group_plan(call, req) || !sql_checkpoint(call))
		return false;
	if (mine)
		begin_work(call, &work);
	return true;
}

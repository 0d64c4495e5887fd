/* Milestones: what the world hears of them. */
#include "programs/programs.h"

bool complete_milestone(struct call *call, const PartId *req, Milestone *milestone)
{
	return set_milestone_done(call, req, milestone) && publish_milestone_done(call, milestone);
}

bool skip_milestone(struct call *call, const SkipMilestoneRequest *req, Milestone *milestone)
{
	return set_milestone_skipped(call, req, milestone) &&
	       publish_milestone_skipped(call, milestone);
}

bool reopen_milestone(struct call *call, const PartId *req, Milestone *milestone)
{
	return set_milestone_reopened(call, req, milestone) &&
	       publish_milestone_reopened(call, milestone);
}

bool make_due(struct call *call, const Id *req)
{
	Milestone milestone = MILESTONE__INIT;
	bool found;

	return set_due(call, req, &milestone, &found) &&
	       (!found || publish_milestone_due(call, &milestone));
}

bool tell_milestone_overdue(struct call *call, const Id *req)
{
	Milestone milestone = MILESTONE__INIT;
	bool found;

	return read_late(call, req, &milestone, &found) &&
	       (!found || publish_milestone_overdue(call, &milestone));
}

bool complete_by_facts(struct call *call, const Id *req)
{
	MilestoneList done = MILESTONE_LIST__INIT;

	if (!set_done_by_facts(call, req, &done))
		return false;
	for (size_t i = 0; i < done.n_items; i++)
		if (!publish_milestone_done(call, done.items[i]))
			return false;
	return true;
}

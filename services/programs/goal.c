/* Goals: what the world hears of them. */
#include "programs/programs.h"

bool create_goal(struct call *call, const CreateGoalRequest *req, Goal *goal)
{
	return add_goal(call, req, goal) &&
	       (goal->state == GOAL__STATE__DRAFT || publish_goal_created(call, goal));
}

bool activate_goal(struct call *call, const PartId *req, Goal *goal)
{
	return set_goal_active(call, req, goal) && publish_goal_created(call, goal);
}

bool check_in_goal(struct call *call, const CheckInGoalRequest *req, GoalCheckIn *check_in)
{
	return add_goal_check_in(call, req, check_in) && publish_goal_checked_in(call, check_in);
}

bool achieve_goal(struct call *call, const AchieveGoalRequest *req, Goal *goal)
{
	return set_goal_achieved(call, req, goal) && publish_goal_achieved(call, goal);
}

bool drop_goal(struct call *call, const DropGoalRequest *req, Goal *goal)
{
	return set_goal_dropped(call, req, goal) && publish_goal_dropped(call, goal);
}

bool reopen_goal(struct call *call, const PartId *req, Goal *goal)
{
	return set_goal_reopened(call, req, goal) && publish_goal_reopened(call, goal);
}

/* A counter and a line. */
#include "places.h"

static bool find_place(struct call *call, struct places *places)
{
	if (places->taken >= places->most && places->waiting >= places->line)
		return false;

	places->waiting++;
	while (places->taken >= places->most && task_wait(&places->queue, call->deadline))
		;
	places->waiting--;
	return places->taken < places->most;
}

bool place_take(struct call *call, struct places *places)
{
	bool first = !call_failed(call);

	if (find_place(call, places)) {
		places->taken++;
		return true;
	}
	if (!reject(call, UNAVAILABLE, "OVERLOADED",
		    "There is too much to do right now. Please try again in a moment.") &&
	    first)
		call->problem->retry_after_s = 1;
	return false;
}

void place_leave(struct places *places)
{
	places->taken--;
	task_wake_one(&places->queue);
}

/* Health: what a sweep finds is told once when it begins and once when it is over. */
#include "programs/programs.h"

static bool publish_each(struct call *call, const HealthFlags *flags,
			 bool (*publish)(struct call *call, const HealthFlag *flag))
{
	for (size_t i = 0; i < flags->n_items; i++)
		if (!publish(call, flags->items[i]))
			return false;
	return true;
}

bool sweep_health(struct call *call, const Id *req)
{
	HealthFlags raised = HEALTH_FLAGS__INIT, cleared = HEALTH_FLAGS__INIT;

	return add_health_flags(call, req, &raised) &&
	       set_health_flags_cleared(call, req, &cleared) &&
	       schedule_health_sweep(call, req) &&
	       publish_each(call, &raised, publish_health_flag_raised) &&
	       publish_each(call, &cleared, publish_health_flag_cleared);
}

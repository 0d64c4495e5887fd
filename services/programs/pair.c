/* Who must not be brought together: what was proposed to two such people falls. */
#include "mentorship.h"

bool on_exclusion_added(struct call *call, const ExclusionAdded *event)
{
	Mentorships declined = MENTORSHIPS__INIT;

	if (!keep_excluded(call, event) || !set_pair_declined(call, event, &declined))
		return false;
	for (size_t i = 0; i < declined.n_items; i++)
		if (!publish_step(call, declined.items[i]))
			return false;
	return true;
}

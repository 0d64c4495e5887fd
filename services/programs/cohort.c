/* Cohorts: their steps by hand and by their dates. */
#include "programs/programs.h"

bool open_cohort(struct call *call, const OpenCohortRequest *req, Cohort *cohort)
{
	return set_cohort_open(call, req, cohort) &&
	       publish_cohort_registration_opened(call, cohort);
}

bool close_cohort(struct call *call, const CohortId *req, Cohort *cohort)
{
	return set_cohort_closed(call, req, cohort) &&
	       publish_cohort_registration_closed(call, cohort);
}

bool start_matching(struct call *call, const CohortId *req, Cohort *cohort)
{
	return set_cohort_matching(call, req, cohort) &&
	       publish_cohort_matching_started(call, cohort);
}

bool start_cohort(struct call *call, const CohortId *req, Cohort *cohort)
{
	return set_cohort_running(call, req, cohort) && publish_cohort_started(call, cohort);
}

bool end_cohort(struct call *call, const CohortId *req, Cohort *cohort)
{
	return set_cohort_ended(call, req, cohort) && publish_cohort_ended(call, cohort);
}

bool cancel_cohort(struct call *call, const CohortId *req, Cohort *cohort)
{
	return set_cohort_cancelled(call, req, cohort) && publish_cohort_cancelled(call, cohort);
}

bool open_due_cohort(struct call *call, const Id *req)
{
	Cohort cohort = COHORT__INIT;
	bool found;

	return set_due_cohort_open(call, req, &cohort, &found) &&
	       (!found || publish_cohort_registration_opened(call, &cohort));
}

bool close_due_cohort(struct call *call, const Id *req)
{
	Cohort cohort = COHORT__INIT;
	bool found;

	return set_due_cohort_closed(call, req, &cohort, &found) &&
	       (!found || publish_cohort_registration_closed(call, &cohort));
}

bool wind_down_cohort(struct call *call, const Id *req)
{
	Cohort cohort = COHORT__INIT;
	bool found;

	return set_cohort_closing(call, req, &cohort, &found) &&
	       (!found || publish_cohort_closing(call, &cohort));
}

bool release_cohort(struct call *call, const Id *req)
{
	Memberships released = MEMBERSHIPS__INIT;

	if (!set_released(call, req, &released))
		return false;
	for (size_t i = 0; i < released.n_items; i++) {
		const Membership *membership = released.items[i];

		if (!(membership->state == MEMBERSHIP__STATE__EXPIRED
			      ? publish_membership_expired(call, membership)
			      : publish_membership_rejected(call, membership)))
			return false;
	}
	return true;
}

bool complete_cohort(struct call *call, const Id *req)
{
	Memberships completed = MEMBERSHIPS__INIT;

	if (!set_completed(call, req, &completed))
		return false;
	for (size_t i = 0; i < completed.n_items; i++)
		if (!publish_membership_completed(call, completed.items[i]))
			return false;
	return true;
}

/* Mentorships: what becomes of them, and what the world hears of it. */
#include "programs/programs.h"

/* What a step means to the others is where it led to. */
static bool publish_step(struct call *call, const Mentorship *mentorship)
{
	switch (mentorship->state) {
	case MENTORSHIP__STATE__PENDING_ACCEPTANCE:
		return publish_mentorship_proposed(call, mentorship);
	case MENTORSHIP__STATE__KICKOFF:
		return publish_mentorship_accepted(call, mentorship);
	default:
		return true;
	}
}

bool create_mentorship(struct call *call, const CreateMentorshipRequest *req,
		       Mentorship *mentorship)
{
	return add_mentorship(call, req, mentorship) && publish_step(call, mentorship);
}

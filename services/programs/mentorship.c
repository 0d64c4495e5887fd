/* Mentorships: what becomes of them, and what the world hears of it. */
#include "mentorship.h"

enum { KICKOFF_DAYS = 14 };

bool publish_step(struct call *call, const Mentorship *mentorship)
{
	switch (mentorship->state) {
	case MENTORSHIP__STATE__PENDING_ACCEPTANCE:
		return publish_mentorship_proposed(call, mentorship);
	case MENTORSHIP__STATE__DECLINED:
		return publish_mentorship_declined(call, mentorship);
	case MENTORSHIP__STATE__EXPIRED:
		return publish_mentorship_expired(call, mentorship);
	case MENTORSHIP__STATE__KICKOFF:
		return publish_mentorship_accepted(call, mentorship);
	case MENTORSHIP__STATE__ACTIVE:
		return publish_mentorship_activated(call, mentorship);
	case MENTORSHIP__STATE__PAUSED:
		return publish_mentorship_paused(call, mentorship);
	case MENTORSHIP__STATE__CLOSING:
		return publish_mentorship_closing(call, mentorship);
	case MENTORSHIP__STATE__CLOSED:
		return publish_mentorship_closed(call, mentorship);
	case MENTORSHIP__STATE__SUSPENDED:
		return publish_mentorship_suspended(call, mentorship);
	default:
		return true;
	}
}

bool list_mentorships(struct call *call, const ListMentorshipsRequest *req,
		      ListMentorshipsResponse *response)
{
	if (*req->user_id)
		return mentorships_of_person(call, req, response);
	return req->state ? mentorships_in_state(call, req, response)
			  : all_mentorships(call, req, response);
}

bool create_mentorship(struct call *call, const CreateMentorshipRequest *req,
		       Mentorship *mentorship)
{
	return add_mentorship(call, req, mentorship) && publish_step(call, mentorship);
}

bool open_match(struct call *call, const OpenMatchRequest *req, Mentorship *mentorship)
{
	return set_match_opened(call, req, mentorship) && publish_step(call, mentorship);
}

bool import_mentorships(struct call *call, const ImportMentorshipsRequest *req,
			ImportMentorshipsResponse *response)
{
	Mentorships imported = MENTORSHIPS__INIT;

	if (!import_each(call, req, response) || !read_imported(call, response, &imported))
		return false;
	for (size_t i = 0; i < imported.n_items; i++)
		if (!publish_step(call, imported.items[i]))
			return false;
	return true;
}

bool propose_mentorship(struct call *call, const Id *req, Mentorship *mentorship)
{
	return set_mentorship_sent(call, req, mentorship) && publish_step(call, mentorship);
}

/* The others may not have answered yet. */
bool accept_mentorship(struct call *call, const Id *req, Mentorship *mentorship)
{
	return set_mentorship_accepted(call, req, mentorship) &&
	       (mentorship->state != MENTORSHIP__STATE__KICKOFF ||
		publish_mentorship_accepted(call, mentorship));
}

bool decline_mentorship(struct call *call, const Id *req, Mentorship *mentorship)
{
	return set_mentorship_declined(call, req, mentorship) && publish_step(call, mentorship);
}

bool expire_mentorship(struct call *call, const Id *req)
{
	Mentorship mentorship = MENTORSHIP__INIT;
	bool found;

	return set_mentorship_expired(call, req, &mentorship, &found) &&
	       (!found || publish_step(call, &mentorship));
}

bool complete_kickoff_item(struct call *call, const KickoffItemRequest *req, Kickoff *kickoff)
{
	Id id = ID__INIT;

	id.id = req->id;
	return set_kickoff_item(call, req) && get_kickoff(call, &id, kickoff);
}

bool complete_kickoff(struct call *call, const Id *req, Mentorship *mentorship)
{
	return set_kickoff_completed(call, req, mentorship) &&
	       publish_mentorship_kickoff_completed(call, mentorship) &&
	       (mentorship->state != MENTORSHIP__STATE__ACTIVE ||
		publish_mentorship_activated(call, mentorship));
}

bool remind_kickoff(struct call *call, const Id *req)
{
	MentorshipNews news = MENTORSHIP_NEWS__INIT;
	bool found;

	return set_kickoff_reminded(call, req, &news, &found) &&
	       (!found ||
		(news.days < KICKOFF_DAYS ? publish_mentorship_kickoff_reminded(call, &news)
					  : publish_mentorship_kickoff_overdue(call, &news))) &&
	       schedule_kickoff(call, req);
}

/* What a person's coming or going made of one of their mentorships. */
static bool publish_review(struct call *call, const Mentorship *mentorship)
{
	switch (mentorship->state) {
	case MENTORSHIP__STATE__DECLINED:
	case MENTORSHIP__STATE__SUSPENDED:
		return publish_step(call, mentorship);
	case MENTORSHIP__STATE__CLOSING:
		return publish_mentorship_parties_changed(call, mentorship) &&
		       publish_mentorship_closing(call, mentorship);
	default:
		return publish_mentorship_parties_changed(call, mentorship);
	}
}

bool review_mentorships(struct call *call, const Id *req)
{
	Mentorships changed = MENTORSHIPS__INIT;

	if (!review_person(call, req, &changed))
		return false;
	for (size_t i = 0; i < changed.n_items; i++)
		if (!publish_review(call, changed.items[i]) ||
		    !settle_agreement(call, changed.items[i]))
			return false;
	return true;
}

bool suspend_mentorship(struct call *call, const Id *req)
{
	Mentorship mentorship = MENTORSHIP__INIT;

	return set_mentorship_held(call, req) &&
	       settle_mentorship(call, req) &&
	       read_mentorship(call, req, &mentorship) &&
	       (mentorship.state != MENTORSHIP__STATE__SUSPENDED ||
		publish_mentorship_suspended(call, &mentorship));
}

bool release_mentorship(struct call *call, const Id *req)
{
	Mentorship mentorship = MENTORSHIP__INIT;

	return set_mentorship_released(call, req) &&
	       settle_mentorship(call, req) &&
	       read_mentorship(call, req, &mentorship) &&
	       (mentorship.state == MENTORSHIP__STATE__SUSPENDED ||
		publish_mentorship_reinstated(call, &mentorship));
}

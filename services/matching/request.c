/* Requests: what becomes of them, and what the world hears of it. */
#include "request.h"

enum { SILENT_AFTER = 2, PAUSED_AFTER = 3 };

bool send_request(struct call *call, const SendRequestRequest *req, MatchRequest *request)
{
	return add_request(call, req, request) && publish_sent(call, request);
}

/* Whoever must not hear of it is not told. */
bool publish_sent(struct call *call, const MatchRequest *request)
{
	return request->blocked || publish_request_sent(call, request);
}

bool list_requests(struct call *call, const ListRequestsRequest *req,
		   ListRequestsResponse *response)
{
	switch (req->direction) {
	case LIST_REQUESTS_REQUEST__DIRECTION__IN:
		return requests_in(call, req, response);
	case LIST_REQUESTS_REQUEST__DIRECTION__OUT:
		return requests_out(call, req, response);
	default:
		return all_requests(call, req, response);
	}
}

static bool publish_each_superseded(struct call *call, const MatchRequests *requests)
{
	for (size_t i = 0; i < requests->n_items; i++)
		if (!publish_request_superseded(call, requests->items[i]))
			return false;
	return true;
}

/* The places are ours until the commit; programs may know of mentorships that have not been told yet. */
static bool open_mentorship(struct call *call, const MatchRequest *request)
{
	OpenMatchRequest match = OPEN_MATCH_REQUEST__INIT;
	Mentorship mentorship = MENTORSHIP__INIT;

	return read_match(call, request, &match) && programs_open_match(call, &match, &mentorship);
}

bool accept_request(struct call *call, const Id *req, MatchRequest *request)
{
	MatchRequests superseded = MATCH_REQUESTS__INIT;

	return set_accepted(call, req, request) &&
	       (call->unchanged || open_mentorship(call, request)) &&
	       publish_request_accepted(call, request) &&
	       supersede_others(call, request, &superseded) &&
	       publish_each_superseded(call, &superseded);
}

bool decline_request(struct call *call, const DeclineRequestRequest *req, MatchRequest *request)
{
	Id id = ID__INIT;

	id.id = req->id;
	return lock_request(call, &id) &&
	       set_declined(call, req, request) &&
	       publish_request_declined(call, request);
}

bool withdraw_request(struct call *call, const Id *req, MatchRequest *request)
{
	return lock_request(call, req) &&
	       set_withdrawn(call, req, request) &&
	       (request->blocked || publish_request_withdrawn(call, request));
}

bool remind_request(struct call *call, const Id *req, MatchRequest *request)
{
	return set_asked_again(call, req, request) &&
	       (request->blocked || publish_request_reminded(call, request));
}

static bool pause_silent(struct call *call, const Silence *silence)
{
	Id id = ID__INIT;

	id.id = silence->id;
	return identity_pause_silent_mentor(call, &id);
}

/* M-R13: two in a row are told, three pause the mentor until they come back; never a sanction. */
static bool follow_silence(struct call *call, const MatchRequest *request)
{
	Silence silence = SILENCE__INIT;
	bool counted;

	if (!count_missed(call, request, &silence, &counted))
		return false;
	if (!counted || silence.missed < SILENT_AFTER)
		return true;

	return publish_mentor_silent(call, &silence) &&
	       (silence.missed < PAUSED_AFTER || pause_silent(call, &silence));
}

bool watch_request(struct call *call, const Id *req)
{
	MatchRequest request = MATCH_REQUEST__INIT;
	bool due;

	if (!lock_request(call, req) || !set_watched(call, req, &request, &due))
		return false;
	if (!due)
		return true;
	if (request.state == MATCH_REQUEST__STATE__EXPIRED)
		return publish_request_expired(call, &request) && follow_silence(call, &request);
	return request.blocked || publish_request_reminded(call, &request);
}

bool follow_room(struct call *call, const Id *req)
{
	MatchRequests superseded = MATCH_REQUESTS__INIT;
	Room room = ROOM__INIT;
	bool there;

	return supersede_member(call, req, &superseded) &&
	       publish_each_superseded(call, &superseded) &&
	       read_room(call, req, &room, &there) &&
	       (!there || (room.room ? publish_capacity_freed(call, &room)
				     : publish_capacity_full(call, &room)));
}

/* Matches by hand and from files: places are taken here, and programs begins the mentorship. */
#include <string.h>

#include "fit.h"
#include "service.h"

static bool begin_pair(struct call *call, const ManualMatch *match)
{
	OpenMatchRequest open = OPEN_MATCH_REQUEST__INIT;
	Mentorship mentorship = MENTORSHIP__INIT;

	return read_pair(call, match, &open) &&
	       programs_open_match(call, &open, &mentorship) &&
	       publish_pair_manual(call, match);
}

bool match_manually(struct call *call, const ManualMatchRequest *req, ManualMatch *match)
{
	if (!fit_by_hand(call, req, match))
		return false;
	if (req->dry_run)
		return try_pair(call, req, match);
	if (match->n_broken_rules && !*req->reason)
		return reject(call, INVALID_ARGUMENT, "REASON_NEEDED",
			      "This breaks a rule of the program: say why.");
	return add_pair(call, req, match) && begin_pair(call, match);
}

static const char *find_person(const FoundPeople *people, const char *email)
{
	for (size_t i = 0; i < people->n_items; i++)
		if (!strcmp(people->items[i]->email, email))
			return people->items[i]->id;
	return "";
}

static bool find_people_of(struct call *call, const ImportMatchesResponse *lines,
			   FoundPeople *people)
{
	FindPeopleRequest request = FIND_PEOPLE_REQUEST__INIT;

	if (!lines->n_items)
		return true;
	request.emails = arena_alloc(call->arena, 2 * lines->n_items * sizeof *request.emails);
	for (size_t i = 0; i < lines->n_items; i++) {
		request.emails[request.n_emails++] = lines->items[i]->mentor_email;
		request.emails[request.n_emails++] = lines->items[i]->mentee_email;
	}
	return identity_find_people(call, &request, people);
}

/* What programs refuses gives the places back, and is said of this line only. */
static bool begin_line(struct call *call, const ImportLine *line, ImportedMatch *row)
{
	OpenMatchRequest open = OPEN_MATCH_REQUEST__INIT;
	Mentorship mentorship = MENTORSHIP__INIT;
	struct call *ask;
	bool good;

	if (!read_line(call, line, &open))
		return false;
	ask = call_begin(call->process, "ImportMatches");
	good = programs_open_match(ask, &open, &mentorship);
	if (good)
		row->mentorship_id = line->mentorship_id;
	else if (ask->problem) {
		row->code = arena_strdup(call->arena, ask->problem->code);
		row->detail = arena_strdup(call->arena, ask->problem->detail);
	}
	call_end(ask);
	return good || undo_line(call, line);
}

static bool do_line(struct call *call, const ImportMatchesRequest *req, const FoundPeople *people,
		    ImportedMatch *row)
{
	ImportLine line = IMPORT_LINE__INIT;
	ImportedMatch outcome = IMPORTED_MATCH__INIT;

	line.program_id = req->program_id;
	line.mentorship_id = new_id(call);
	line.mentor_id = arena_strdup(call->arena, find_person(people, row->mentor_email));
	line.mentee_id = arena_strdup(call->arena, find_person(people, row->mentee_email));
	line.dry_run = req->dry_run;
	if (!import_line(call, &line, &outcome))
		return false;
	row->code = outcome.code;
	row->detail = outcome.detail;
	return *row->code || req->dry_run || begin_line(call, &line, row);
}

bool import_matches(struct call *call, const ImportMatchesRequest *req,
		    ImportMatchesResponse *response)
{
	FoundPeople people = FOUND_PEOPLE__INIT;

	if (!read_lines(call, req, response) || !find_people_of(call, response, &people))
		return false;
	for (size_t i = 0; i < response->n_items; i++)
		if (!do_line(call, req, &people, response->items[i]))
			return false;
	return true;
}

bool watch_queue(struct call *call, const Id *req)
{
	QueueAge age = QUEUE_AGE__INIT;
	bool aged;

	return schedule_queue(call, req) &&
	       read_queue_age(call, req, &age, &aged) &&
	       (!aged || publish_queue_aged(call, &age));
}

bool ask_rematch(struct call *call, const RematchRequest *req, Rematch *rematch)
{
	return set_rematch_asked(call, req, rematch) && publish_rematch_asked(call, rematch);
}

bool end_cooling_off(struct call *call, const Id *req)
{
	Rematch rematch = REMATCH__INIT;
	bool due;

	return set_eligible(call, req, &rematch, &due) &&
	       (!due || publish_rematch_eligible(call, &rematch));
}

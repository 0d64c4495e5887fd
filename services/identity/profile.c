/* Profiles: what is written about oneself, and what the others hear of it. */
#include <string.h>

#include "address.h"
#include "state.h"

enum { MOST_CHOSEN = 50, MOST_LISTED = 20 };

static bool few_enough(struct call *call, const char *pointer, size_t count, size_t most)
{
	return count <= most ||
	       reject_field(call, INVALID_ARGUMENT, pointer, "TOO_MANY", "At most %zu.", most);
}

static char *needs_place(struct call *call, const char *user_id)
{
	return arena_printf(call->arena, "mentee_facet/%s/accessibility_needs", user_id);
}

static bool open_needs(struct call *call, Profile *profile)
{
	char **needs = profile->mentee ? &profile->mentee->accessibility_needs : NULL;
	size_t len;

	if (!needs || !**needs)
		return true;
	*needs = seal_open(call->arena, call->process->state->profiles,
			   needs_place(call, profile->id), *needs, &len);
	return *needs || fault(call, "the needs of %s do not open", profile->id);
}

bool get_profile(struct call *call, const Nothing *req, Profile *profile)
{
	return read_profile(call, req, profile) && open_needs(call, profile);
}

bool view_profile(struct call *call, const ViewProfileRequest *req, Profile *profile)
{
	return see_profile(call, req, profile) && open_needs(call, profile);
}

static bool tell_part(struct call *call, const char *id, ProfileUpdated__Part part)
{
	MentorWritten written = MENTOR_WRITTEN__INIT;

	written.id = (char *)(uintptr_t)id;
	written.part = part;
	return publish_profile_updated(call, &written);
}

static bool answer(struct call *call, Profile *profile, ProfileUpdated__Part part)
{
	Nothing nothing = NOTHING__INIT;

	return get_profile(call, &nothing, profile) && tell_part(call, profile->id, part);
}

bool put_profile(struct call *call, const PutProfileRequest *req, Profile *profile)
{
	bool few = few_enough(call, "/skills", req->n_skills, MOST_CHOSEN);

	few &= few_enough(call, "/interests", req->n_interests, MOST_CHOSEN);
	few &= few_enough(call, "/links", req->n_links, MOST_LISTED);
	few &= few_enough(call, "/languages", req->n_languages, MOST_LISTED);

	return few &&
	       set_profile(call, req, profile) &&
	       answer(call, profile, PROFILE_UPDATED__PART__BASICS);
}

bool put_mentor_facet(struct call *call, const PutMentorFacetRequest *req, Profile *profile)
{
	MentorWritten written = MENTOR_WRITTEN__INIT;

	if (!few_enough(call, "/topics", req->n_topics, MOST_CHOSEN) ||
	    !set_mentor_facet(call, req, &written))
		return false;

	return (!written.capacity_changed || publish_capacity_changed(call, &written)) &&
	       answer(call, profile, PROFILE_UPDATED__PART__MENTOR);
}

bool put_mentee_facet(struct call *call, const PutMenteeFacetRequest *req, Profile *profile)
{
	PutMenteeFacetRequest sealed = *req;

	if (*req->accessibility_needs)
		sealed.accessibility_needs =
			seal(call->arena, call->process->state->profiles,
			     needs_place(call, call->caller->id), req->accessibility_needs,
			     strlen(req->accessibility_needs));
	return few_enough(call, "/topics_wanted", req->n_topics_wanted, MOST_CHOSEN) &&
	       set_mentee_facet(call, &sealed, profile) &&
	       answer(call, profile, PROFILE_UPDATED__PART__MENTEE);
}

bool put_visibility(struct call *call, const ProfileVisibility *req, Profile *profile)
{
	return set_visibility(call, req, profile) &&
	       answer(call, profile, PROFILE_UPDATED__PART__VISIBILITY);
}

bool pause_mentoring(struct call *call, const PauseMentoringRequest *req, Profile *profile)
{
	MentorWritten written = MENTOR_WRITTEN__INIT;
	Nothing nothing = NOTHING__INIT;

	return pause_mentor(call, req, &written) &&
	       publish_mentor_paused(call, &written) &&
	       get_profile(call, &nothing, profile);
}

bool resume_mentoring(struct call *call, const Nothing *req, Profile *profile)
{
	MentorWritten written = MENTOR_WRITTEN__INIT;

	return resume_mentor(call, req, &written) &&
	       publish_mentor_resumed(call, &written) &&
	       get_profile(call, req, profile);
}

bool end_mentor_pause(struct call *call, const Id *req)
{
	MentorWritten written = MENTOR_WRITTEN__INIT;
	bool found;

	if (!end_pause(call, req, &written, &found))
		return false;
	return !found || publish_mentor_resumed(call, &written);
}

bool pause_silent_mentor(struct call *call, const Id *req)
{
	MentorWritten written = MENTOR_WRITTEN__INIT;
	bool found;

	return pause_silent(call, req, &written, &found) &&
	       (!found || publish_mentor_paused(call, &written));
}

/* The person with that index, by the address as it was asked for; NULL for nobody. */
static FoundPerson *name_found(struct call *call, const FoundPeople *found, const char *index,
			       char *email)
{
	for (size_t i = 0; i < found->n_items; i++)
		if (!strcmp(found->items[i]->email, index)) {
			FoundPerson *person = arena_alloc(call->arena, sizeof *person);

			*person = *found->items[i];
			person->email = email;
			return person;
		}
	return NULL;
}

/* An address is found however it is written. */
bool find_people(struct call *call, const FindPeopleRequest *req, FoundPeople *people)
{
	FindPeopleRequest indexes = FIND_PEOPLE_REQUEST__INIT;
	FoundPeople found = FOUND_PEOPLE__INIT;

	indexes.emails = arena_alloc(call->arena, (req->n_emails + 1) * sizeof *indexes.emails);
	for (size_t i = 0; i < req->n_emails; i++)
		indexes.emails[indexes.n_emails++] = address_index(call, req->emails[i]);
	if (!find_addresses(call, &indexes, &found))
		return false;

	people->items = arena_alloc(call->arena, (req->n_emails + 1) * sizeof *people->items);
	for (size_t i = 0; i < req->n_emails; i++) {
		FoundPerson *person = name_found(call, &found, indexes.emails[i], req->emails[i]);

		if (person)
			people->items[people->n_items++] = person;
	}
	return true;
}

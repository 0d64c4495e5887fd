/* What identity and programs know of a person, asked for when they tell of something new. */
#include "matching/matching.h"

bool refresh_person(struct call *call, const Id *req)
{
	MatchPerson person = MATCH_PERSON__INIT;

	return begin_person(call, req) &&
	       identity_describe_match_person(call, req, &person) &&
	       keep_profiles(call, &person) &&
	       keep_person(call, &person);
}

bool refresh_answers(struct call *call, const Id *req)
{
	MatchAnswers answers = MATCH_ANSWERS__INIT;

	return begin_answers(call, req) &&
	       programs_describe_match_answers(call, req, &answers) &&
	       keep_answers(call, &answers) &&
	       settle_member(call, req);
}

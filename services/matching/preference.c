/* Wishes of members: favourites, whom they do not want to see, and ranked lists. */
#include "request.h"

bool put_favourite(struct call *call, const PutFavouriteRequest *req, Favourite *favourite)
{
	FavouriteCount count = FAVOURITE_COUNT__INIT;
	ProgramPerson person = PROGRAM_PERSON__INIT;

	person.program_id = req->program_id;
	person.user_id = req->user_id;
	return add_favourite(call, req, favourite) &&
	       count_favourites(call, &person, &count) &&
	       publish_favourite_changed(call, &count);
}

bool delete_favourite(struct call *call, const ProgramPerson *req)
{
	FavouriteCount count = FAVOURITE_COUNT__INIT;

	return remove_favourite(call, req) &&
	       count_favourites(call, req, &count) &&
	       publish_favourite_changed(call, &count);
}

bool list_favourites(struct call *call, const OwnListRequest *req, Favourites *favourites)
{
	return check_member(call, req) && read_favourites(call, req, favourites);
}

static bool check_other(struct call *call, const ProgramPerson *req)
{
	OwnListRequest own = OWN_LIST_REQUEST__INIT;

	own.program_id = req->program_id;
	return check_member(call, &own);
}

bool delete_ignored(struct call *call, const ProgramPerson *req)
{
	return check_other(call, req) && remove_ignored(call, req);
}

bool list_ignored(struct call *call, const OwnListRequest *req, IgnoredPeople *people)
{
	return check_member(call, req) && read_ignored(call, req, people);
}

bool put_ranking(struct call *call, const PutRankingRequest *req, Ranking *ranking)
{
	return put_ranking_list(call, req, ranking) && publish_ranking_saved(call, ranking);
}

bool get_ranking(struct call *call, const OwnListRequest *req, Ranking *ranking)
{
	return check_member(call, req) && read_ranking(call, req, ranking);
}

bool continue_cascade(struct call *call, const Id *req)
{
	MatchRequest offer = MATCH_REQUEST__INIT;
	bool made;

	return add_offer(call, req, &offer, &made) && (!made || publish_sent(call, &offer));
}

/* The directory: each order is a statement of its own. */
#include "matching/matching.h"

static bool list_members(struct call *call, const DirectoryRequest *req, Membership__Role role,
			 DirectoryPage *page)
{
	DirectoryRequest of = *req;

	of.role = role;
	switch (req->sort) {
	case DIRECTORY_REQUEST__SORT__NAME:
		return members_named(call, &of, page);
	case DIRECTORY_REQUEST__SORT__EXPERIENCE:
		return members_experienced(call, &of, page);
	default:
		return *req->skill ? members_skilled(call, &of, page)
				   : members_newest(call, &of, page);
	}
}

bool list_mentors(struct call *call, const DirectoryRequest *req, DirectoryPage *page)
{
	return list_members(call, req, MEMBERSHIP__ROLE__MENTOR, page);
}

bool list_mentees(struct call *call, const DirectoryRequest *req, DirectoryPage *page)
{
	return list_members(call, req, MEMBERSHIP__ROLE__MENTEE, page);
}

/* The directory: each order is a statement of its own. */
#include "matching/matching.h"

bool list_mentors(struct call *call, const DirectoryRequest *req, DirectoryPage *page)
{
	switch (req->sort) {
	case DIRECTORY_REQUEST__SORT__NAME:
		return mentors_named(call, req, page);
	case DIRECTORY_REQUEST__SORT__EXPERIENCE:
		return mentors_experienced(call, req, page);
	default:
		return *req->skill ? mentors_skilled(call, req, page)
				   : mentors_newest(call, req, page);
	}
}

bool list_mentees(struct call *call, const DirectoryRequest *req, DirectoryPage *page)
{
	switch (req->sort) {
	case DIRECTORY_REQUEST__SORT__NAME:
		return mentees_named(call, req, page);
	case DIRECTORY_REQUEST__SORT__EXPERIENCE:
		return mentees_experienced(call, req, page);
	default:
		return mentees_newest(call, req, page);
	}
}

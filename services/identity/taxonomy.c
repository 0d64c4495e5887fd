/* Merging terms, and undoing it. */
#include "identity/identity.h"

bool merge_term(struct call *call, const MergeTermRequest *req, Term *term)
{
	return join_terms(call, req, term) &&
	       read_term(call, term, term) &&
	       publish_term_merged(call, term);
}

bool unmerge_term(struct call *call, const UnmergeTermRequest *req, Term *term)
{
	return part_terms(call, req, term) &&
	       read_term(call, term, term) &&
	       publish_term_unmerged(call, term);
}

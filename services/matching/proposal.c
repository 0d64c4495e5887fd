/* Proposals: the two say yes or no, or nothing. */
#include "matching/matching.h"

static bool open_mentorship(struct call *call, const MatchProposal *proposal)
{
	OpenMatchRequest request = OPEN_MATCH_REQUEST__INIT;
	Mentorship mentorship = MENTORSHIP__INIT;
	char *mentor = proposal->mentor_membership, *mentee = proposal->mentee_membership;

	request.id = proposal->mentorship_id;
	request.program_id = proposal->program_id;
	request.origin = MENTORSHIP__ORIGIN__RUN;
	request.n_mentor_memberships = request.n_mentee_memberships = 1;
	request.mentor_memberships = &mentor;
	request.mentee_memberships = &mentee;
	return programs_open_match(call, &request, &mentorship);
}

/* Asking programs again for the same id opens nothing twice: a commit that is lost afterwards is repeated. */
static bool settle_yes(struct call *call, const MatchProposal *proposal)
{
	if (call->unchanged || proposal->state != MATCH_PROPOSAL__STATE__ACCEPTED)
		return true;
	return open_mentorship(call, proposal) && publish_match_proposal_accepted(call, proposal);
}

bool accept_match_proposal(struct call *call, const Id *req, MyMatchProposal *mine)
{
	MatchProposal proposal = MATCH_PROPOSAL__INIT;

	return set_proposal_accepted(call, req, &proposal) &&
	       settle_yes(call, &proposal) &&
	       read_my_proposal(call, req, mine);
}

bool decline_match_proposal(struct call *call, const DeclineMatchProposalRequest *req,
			    MyMatchProposal *mine)
{
	MatchProposal proposal = MATCH_PROPOSAL__INIT;
	Id id = ID__INIT;

	id.id = req->id;
	return set_proposal_declined(call, req, &proposal) &&
	       publish_match_proposal_declined(call, &proposal) &&
	       read_my_proposal(call, &id, mine);
}

/* Where nobody is asked it is a mentorship now; else the two hear of it. What has been overtaken is told to nobody. */
static bool announce(struct call *call, const Id *req, const MatchProposal *proposal)
{
	MatchProposal accepted = MATCH_PROPOSAL__INIT;

	if (proposal->state != MATCH_PROPOSAL__STATE__PUBLISHED)
		return true;
	if (!proposal->auto_accept)
		return publish_match_proposal_published(call, proposal);
	return set_proposal_settled(call, req, &accepted) && settle_yes(call, &accepted);
}

bool announce_match_proposal(struct call *call, const Id *req)
{
	MatchProposal proposal = MATCH_PROPOSAL__INIT;
	bool found;

	return set_proposal_announced(call, req, &proposal, &found) &&
	       (!found || announce(call, req, &proposal));
}

bool expire_match_proposal(struct call *call, const Id *req)
{
	MatchProposal proposal = MATCH_PROPOSAL__INIT;
	bool found;

	return set_proposal_expired(call, req, &proposal, &found) &&
	       (!found || publish_match_proposal_expired(call, &proposal));
}

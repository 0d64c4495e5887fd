/* Giving and taking roles. */
#include <string.h>
#include <time.h>

#include "fresh.h"
#include "program.h"

enum { FRESH_SECONDS = 300 };

bool fresh_for(struct call *call, Grant__Role role)
{
	if (role != GRANT__ROLE__ADMIN && role != GRANT__ROLE__SAFETY_OFFICER)
		return true;
	if (call->caller->signed_in_at >= (int64_t)time(NULL) - FRESH_SECONDS)
		return true;
	return reject(call, FORBIDDEN, "FRESH_LOGIN_NEEDED",
		      "Sign in again to do this: the last time is more than five minutes ago.");
}

bool add_grant(struct call *call, const AddGrantRequest *req, Grant *grant)
{
	if (!strcmp(req->user_id, call->caller->id))
		return reject(call, FORBIDDEN, "SELF_GRANT",
			      "Nobody can give a role to themselves.");
	if (req->role == GRANT__ROLE__MENTOR || req->role == GRANT__ROLE__MENTEE)
		return reject(call, INVALID_ARGUMENT, "ROLE_BY_MEMBERSHIP",
			      "Mentors and mentees join their program.");
	if (!fresh_for(call, req->role) || !program_is_known(call, req->role, req->program_id))
		return false;

	return give_role(call, req, grant) && publish_grant_added(call, grant);
}

bool revoke_grant(struct call *call, const RevokeGrantRequest *req, Grant *grant)
{
	return take_role(call, req, grant) && publish_grant_revoked(call, grant);
}

bool on_program_created(struct call *call, const ProgramCreated *event)
{
	Grant grant = GRANT__INIT;
	bool given;

	if (!grant_creator(call, event, &grant, &given))
		return false;
	return !given || publish_grant_added(call, &grant);
}

bool start_grant(struct call *call, const Id *req)
{
	Grant grant = GRANT__INIT;
	bool found;

	if (!begin_grant(call, req, &grant, &found))
		return false;
	return !found || publish_grant_added(call, &grant);
}

bool end_grant(struct call *call, const Id *req)
{
	Grant grant = GRANT__INIT;
	bool found;

	if (!finish_grant(call, req, &grant, &found))
		return false;
	return !found || publish_grant_revoked(call, &grant);
}

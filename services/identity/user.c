/* What administrators do with accounts. */
#include <string.h>

#include "address.h"
#include "email_change.h"
#include "session.h"
#include "state.h"

static bool open_user(struct call *call, User *user)
{
	return address_open(call, "person", user->id, &user->email);
}

bool get_user(struct call *call, const Id *req, User *user)
{
	return read_user(call, req, user) && open_user(call, user);
}

bool search_users(struct call *call, const SearchUsersRequest *req, SearchUsersResponse *users)
{
	SearchUsersRequest wish = *req;
	struct address address;

	if (strchr(req->q, '@')) {
		if (!address_read(call, req->q, &address))
			return false;
		wish.email_key = address.index;
	}
	if (!search_accounts(call, &wish, users))
		return false;
	for (size_t i = 0; i < users->n_items; i++)
		if (!open_user(call, users->items[i]))
			return false;
	return true;
}

typedef bool decision(struct call *call, const DecideUserRequest *req, Account *account);
typedef bool telling(struct call *call, const Account *account);

/* A decision, what it ended, what the others hear, and the account as it is now. */
static bool decide_on(struct call *call, const DecideUserRequest *req, decision *decide,
		      telling *tell, User *user)
{
	Account account = ACCOUNT__INIT;
	Id id = ID__INIT;

	id.id = req->id;
	return decide(call, req, &account) &&
	       tell_ended(call, &account) &&
	       (!tell || tell(call, &account)) &&
	       get_user(call, &id, user);
}

bool suspend_user(struct call *call, const DecideUserRequest *req, User *user)
{
	return decide_on(call, req, suspend, publish_user_suspended, user);
}

bool reactivate_user(struct call *call, const DecideUserRequest *req, User *user)
{
	return decide_on(call, req, reinstate, publish_user_reinstated, user);
}

bool lock_user(struct call *call, const DecideUserRequest *req, User *user)
{
	return decide_on(call, req, lock, publish_user_locked, user);
}

bool unlock_user(struct call *call, const DecideUserRequest *req, User *user)
{
	return decide_on(call, req, unlock, publish_user_unlocked, user);
}

bool force_logout(struct call *call, const DecideUserRequest *req, User *user)
{
	return decide_on(call, req, end_their_sessions, NULL, user);
}

bool send_password_reset(struct call *call, const DecideUserRequest *req)
{
	Account account = ACCOUNT__INIT;

	return find_for_reset(call, req, &account) &&
	       publish_password_reset_requested(call, &account);
}

bool get_email_correction(struct call *call, const Id *req, EmailCorrection *correction)
{
	return read_correction(call, req, correction) &&
	       address_open(call, "person", correction->user_id, &correction->new_email);
}

bool agree_to_email_correction(struct call *call, const AgreeToEmailCorrectionRequest *req)
{
	EmailChange change = EMAIL_CHANGE__INIT;

	return agree_to_correction(call, req, &change) &&
	       publish_email_change_requested(call, &change);
}

bool propose_email_correction(struct call *call, const ProposeEmailCorrectionRequest *req)
{
	Account account = ACCOUNT__INIT;

	return find_for_correction(call, req, &account) &&
	       email_change_begin(call, req->id, req->new_email, req->reason,
				  publish_email_correction_proposed);
}

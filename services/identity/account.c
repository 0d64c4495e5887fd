/* One's own account: its name, its password, its address. */
#include "address.h"
#include "password.h"
#include "session.h"
#include "state.h"
#include "token_use.h"

bool get_me(struct call *call, const Nothing *req, Me *me)
{
	return read_me(call, req, me) && address_open(call, "person", me->id, &me->email);
}

bool update_me(struct call *call, const UpdateMeRequest *req, Me *me)
{
	Account account = ACCOUNT__INIT;
	MentorWritten written = MENTOR_WRITTEN__INIT;
	Nothing nothing = NOTHING__INIT;

	if (!set_me(call, req, &account))
		return false;

	written.id = account.id;
	written.part = PROFILE_UPDATED__PART__ACCOUNT;
	return get_me(call, &nothing, me) && publish_profile_updated(call, &written);
}

bool forgot_password(struct call *call, const AddressRequest *req)
{
	Account account = ACCOUNT__INIT;
	Attempt attempt = ATTEMPT__INIT;
	struct address address;
	bool found;

	if (!address_read(call, req->email, &address))
		return false;
	attempt.email_key = address.index;
	if (!find_resettable(call, &attempt, &account, &found))
		return false;
	return !found || publish_password_reset_requested(call, &account);
}

static bool judge_for(struct call *call, Account *account, const char *password)
{
	return address_open(call, "person", account->id, &account->email) &&
	       password_judge(call, password,
			      &(struct password_context) { account->email, account->site_name,
							   account->second_factor });
}

/* Judges and hashes; nothing is written yet. */
static bool make_new(struct call *call, Account *account, const char *password)
{
	account->former_hash = account->password_hash;
	account->password_short = password_is_short(password);
	return judge_for(call, account, password) &&
	       password_hash(call, password, &account->password_hash);
}

static bool tell_changed(struct call *call, const Account *account)
{
	return publish_password_changed(call, account) && tell_ended(call, account);
}

bool reset_password(struct call *call, const ResetPasswordRequest *req)
{
	Account account = ACCOUNT__INIT;
	TokenUse use = TOKEN_USE__INIT;
	bool found;

	token_read(call, req->token, ISSUE_MAIL_TOKEN_REQUEST__PURPOSE__RESET_PASSWORD, &use);
	if (!find_for_password(call, &use, &account, &found) ||
	    !sql_checkpoint(call) ||
	    (found && !make_new(call, &account, req->password)) ||
	    !take_mail_token(call, &use, &use))
		return false;
	if (!found)
		return reject(call, GONE, "TOKEN_EXPIRED", "This account cannot be used now.");

	return set_password_by_mail(call, &account, &account) &&
	       call_off_changes(call, &account) &&
	       tell_changed(call, &account);
}

/* Guesses at the present password are counted like those at signing in. */
static bool knows_password(struct call *call, const char *password, Account *account)
{
	Attempt attempt = ATTEMPT__INIT;
	Nothing nothing = NOTHING__INIT;
	bool right;

	if (!find_me_for_password(call, &nothing, account) ||
	    !count_password_check(call, account, &attempt) ||
	    !sql_checkpoint(call))
		return false;
	if (attempt.wait_s)
		return reject(call, TOO_MANY_REQUESTS, "TOO_MANY_ATTEMPTS",
			      "Too many attempts. Please wait a while.");
	if (!password_matches(call, account->password_hash, password, &right))
		return false;
	return right ||
	       reject(call, FORBIDDEN, "WRONG_PASSWORD", "The present password is another one.");
}

bool change_password(struct call *call, const ChangePasswordRequest *req)
{
	Account account = ACCOUNT__INIT;

	return knows_password(call, req->current_password, &account) &&
	       make_new(call, &account, req->new_password) &&
	       forget_password_checks(call, &account) &&
	       set_password(call, &account, &account) &&
	       call_off_changes(call, &account) &&
	       tell_changed(call, &account);
}

bool deactivate(struct call *call, const Nothing *req)
{
	Account account = ACCOUNT__INIT;

	return rest(call, req, &account) &&
	       call_off_changes(call, &account) &&
	       publish_user_deactivated(call, &account) &&
	       tell_ended(call, &account);
}

static bool release(struct call *call, const char *id, bool by_mail)
{
	Account account = ACCOUNT__INIT;
	bool found;

	account.id = (char *)(uintptr_t)id;
	account.by_mail = by_mail;
	if (!release_lock(call, &account, &account, &found))
		return false;
	return !found || publish_user_unlocked(call, &account);
}

bool unlock_by_mail(struct call *call, const TokenRequest *req)
{
	TokenUse use = TOKEN_USE__INIT;

	return token_use(call, req->token, ISSUE_MAIL_TOKEN_REQUEST__PURPOSE__UNLOCK, &use) &&
	       release(call, use.id, true);
}

bool end_lock(struct call *call, const Id *req)
{
	return release(call, req->id, false);
}

/* Passwords and second factors, looked at one after the other. */
#include <string.h>

#include "address.h"
#include "password.h"
#include "session.h"
#include "state.h"
#include "totp.h"

enum { MOST_FAILURES = 5 };

static bool refuse_to_wait(struct call *call, unsigned seconds)
{
	if (!reject(call, TOO_MANY_REQUESTS, "TOO_MANY_ATTEMPTS",
		    "Too many attempts. Please wait a while."))
		call->problem->retry_after_s = seconds;
	return false;
}

/* After the tenth within an hour the account is locked, and its owner told. */
static bool refuse_credentials(struct call *call, const Attempt *attempt)
{
	Account locked = ACCOUNT__INIT;
	bool found;

	if (!lock_after_failures(call, attempt, &locked, &found) ||
	    (found && !publish_user_locked(call, &locked)) ||
	    !sql_checkpoint(call))
		return false;
	return reject(call, UNAUTHENTICATED, "INVALID_CREDENTIALS",
		      "The address or the password is wrong.");
}

/* Told to whoever knows the password. A lock after failures does not hold a known device up. */
static bool may_enter(struct call *call, const Account *account, const Attempt *attempt)
{
	if (account->state == USER__STATE__ACTIVE ||
	    account->may_return ||
	    (account->state == USER__STATE__LOCKED &&
	     account->lock_cause == USER__LOCK_CAUSE__FAILED_SIGN_INS &&
	     *attempt->device_id))
		return true;
	if (account->state == USER__STATE__SUSPENDED &&
	    !reject(call, FORBIDDEN, "ACCOUNT_SUSPENDED", "This account is suspended.")) {
		problem_member(call, "appeal", "\"/v1/appeals\"");
		return false;
	}
	if (account->state == USER__STATE__LOCKED &&
	    account->lock_cause == USER__LOCK_CAUSE__BY_ADMIN)
		return reject(call, FORBIDDEN, "ACCOUNT_LOCKED",
			      "This account is locked by an administrator.");
	if (account->state == USER__STATE__DEACTIVATED)
		return reject(call, FORBIDDEN, "ACCOUNT_DEACTIVATED",
			      "This account was put to rest more than 30 days ago.");
	return refuse_credentials(call, attempt);
}

static bool ask_second_factor(struct call *call, const Account *account, const Attempt *attempt,
			      SignIn *sign_in)
{
	Challenge challenge = CHALLENGE__INIT;
	SignIn__MfaRequired *wanted = arena_alloc(call->arena, sizeof *wanted);

	sign_in__mfa_required__init(wanted);
	wanted->challenge = secret_new(call->arena);
	challenge.hash = secret_hash(call->arena, wanted->challenge);
	challenge.user_id = account->id;
	challenge.device_id = attempt->device_id;
	challenge.password_hash = account->password_hash;
	if (!add_challenge(call, &challenge, &challenge))
		return false;

	wanted->expires_at = challenge.expires_at;
	sign_in->mfa_required = wanted;
	return true;
}

static bool enter(struct call *call, const LoginRequest *req, const Account *account,
		  const Attempt *attempt, SignIn *sign_in)
{
	struct opening opening = {
		.user_id = account->id,
		.email_key = attempt->email_key,
		.password_hash = account->password_hash,
		.device_id = attempt->device_id,
		.device_token = req->device_token,
	};

	if (!may_enter(call, account, attempt))
		return false;
	return account->second_factor ? ask_second_factor(call, account, attempt, sign_in)
				      : session_open(call, &opening, sign_in);
}

static bool begin_attempt(struct call *call, const LoginRequest *req, Attempt *attempt,
			  Account *account)
{
	struct address address;
	bool found;

	if (!address_read(call, req->email, &address))
		return false;

	attempt->email_key = address.index;
	if (*req->device_token)
		attempt->device_hash = secret_hash(call->arena, req->device_token);
	attempt->free_per_address =
		(uint32_t)conf_number(call->process->conf, "ITHACA_ATTEMPTS_PER_ADDRESS");
	return count_attempt(call, attempt, attempt) &&
	       find_account(call, attempt, account, &found) &&
	       sql_checkpoint(call);
}

bool login(struct call *call, const LoginRequest *req, SignIn *sign_in)
{
	Attempt attempt = ATTEMPT__INIT;
	Account account = ACCOUNT__INIT;
	bool right;

	if (!begin_attempt(call, req, &attempt, &account))
		return false;
	if (attempt.wait_s)
		return refuse_to_wait(call, attempt.wait_s);
	if (!password_matches(call, account.password_hash, req->password, &right))
		return false;

	return right ? enter(call, req, &account, &attempt, sign_in)
		     : refuse_credentials(call, &attempt);
}

static bool refuse_code(struct call *call, const Challenge *challenge)
{
	if (challenge->failures >= MOST_FAILURES)
		return reject(call, GONE, "CHALLENGE_OVER",
			      "Too many wrong codes. Sign in again from the start.");
	return reject(call, UNAUTHENTICATED, "INVALID_CODE",
		      "This code is wrong, or was used already.");
}

static bool use_code(struct call *call, const CompleteMfaRequest *req, Challenge *challenge,
		     bool *right)
{
	Account account = ACCOUNT__INIT;

	*right = false;
	if (*req->recovery_code) {
		challenge->recovery_hash = recovery_code_hash(call, req->recovery_code);
		return use_recovery_code(call, challenge, &account, right) &&
		       (!*right || publish_mfa_changed(call, &account));
	}
	if (!totp_step(call, challenge->user_id, challenge->totp_secret, req->code,
		       &challenge->step))
		return !call_failed(call);
	return use_step(call, challenge, challenge, right);
}

static bool finish(struct call *call, const Challenge *challenge, SignIn *sign_in)
{
	struct opening opening = {
		.user_id = challenge->user_id,
		.email_key = challenge->email_key,
		.password_hash = challenge->password_hash,
		.device_id = challenge->device_id,
		.device_token = "",
	};

	return end_challenge(call, challenge) && session_open(call, &opening, sign_in);
}

bool complete_mfa(struct call *call, const CompleteMfaRequest *req, SignIn *sign_in)
{
	Challenge challenge = CHALLENGE__INIT;
	bool found, right;

	challenge.hash = secret_hash(call->arena, req->challenge);
	if (!attempt_challenge(call, &challenge, &challenge, &found) || !sql_checkpoint(call))
		return false;
	if (!found)
		return reject(call, GONE, "CHALLENGE_OVER",
			      "This took too long, or too many codes were wrong. Sign in again "
			      "from the start.");
	if (!use_code(call, req, &challenge, &right))
		return false;
	if (!right)
		return refuse_code(call, &challenge);

	return finish(call, &challenge, sign_in);
}

static bool end_mine(struct call *call, bool (*end)(struct call *, const Nothing *, Account *))
{
	Account account = ACCOUNT__INIT;
	Nothing nothing = NOTHING__INIT;

	return end(call, &nothing, &account) && tell_ended(call, &account);
}

static bool end_current(struct call *call, const Nothing *req, Account *account)
{
	bool found;

	return end_this_session(call, req, account, &found);
}

bool logout(struct call *call, const Nothing *req)
{
	(void)req;
	return end_mine(call, end_current);
}

bool logout_all(struct call *call, const Nothing *req)
{
	(void)req;
	return end_mine(call, end_my_sessions);
}

bool revoke_session(struct call *call, const Id *req)
{
	Account account = ACCOUNT__INIT;

	return end_my_session(call, req, &account) && tell_ended(call, &account);
}

bool list_revocations(struct call *call, const Nothing *req, Revocations *revocations)
{
	EndedSessions ended = ENDED_SESSIONS__INIT;
	StaleUsers stale = STALE_USERS__INIT;

	if (!list_ended_sessions(call, req, &ended) || !list_stale_users(call, req, &stale))
		return false;

	revocations->n_sessions = ended.n_items;
	revocations->sessions = ended.items;
	revocations->n_users = stale.n_items;
	revocations->users = stale.items;
	return true;
}

/* Changes of addresses: asked, confirmed by the new one, reverted by the old one. */
#include "email_change.h"

#include "address.h"
#include "session.h"
#include "state.h"
#include "token_use.h"

bool email_change_begin(struct call *call, const char *user_id, const char *new_email,
			const char *reason,
			bool (*tell)(struct call *call, const EmailChange *change))
{
	EmailChange change = EMAIL_CHANGE__INIT;
	struct address address;
	bool found;

	if (!address_read(call, new_email, &address))
		return false;
	change.id = new_id(call);
	change.user_id = (char *)(uintptr_t)user_id;
	change.new_email = address_seal(call, "person", user_id, new_email);
	change.new_email_key = address.index;
	change.new_email_tagged = address.tagged;
	change.reason = (char *)(uintptr_t)reason;
	if (!add_email_change(call, &change, &change, &found))
		return false;
	return !found || tell(call, &change);
}

bool request_email_change(struct call *call, const RequestEmailChangeRequest *req)
{
	return email_change_begin(call, call->caller->id, req->new_email, "",
				  publish_email_change_requested);
}

bool confirm_email_change(struct call *call, const TokenRequest *req)
{
	EmailChange change = EMAIL_CHANGE__INIT;
	TokenUse use = TOKEN_USE__INIT;

	return token_use(call, req->token, ISSUE_MAIL_TOKEN_REQUEST__PURPOSE__CONFIRM_EMAIL_CHANGE,
			 &use) &&
	       confirm_change(call, &use, &change) &&
	       publish_email_change_confirmed(call, &change);
}

static bool end_factors(struct call *call, const EmailChange *change)
{
	Account account = ACCOUNT__INIT;
	bool found;

	if (!end_factors_after_revert(call, change, &account, &found))
		return false;
	return !found || publish_mfa_changed(call, &account);
}

bool revert_email_change(struct call *call, const TokenRequest *req)
{
	EmailChange change = EMAIL_CHANGE__INIT;
	Account account = ACCOUNT__INIT;
	TokenUse use = TOKEN_USE__INIT;

	return token_use(call, req->token, ISSUE_MAIL_TOKEN_REQUEST__PURPOSE__REVERT_EMAIL_CHANGE,
			 &use) &&
	       revert_change(call, &use, &change) &&
	       end_factors(call, &change) &&
	       end_sessions_after_revert(call, &change, &account) &&
	       call_off_changes(call, &account) &&
	       publish_email_change_reverted(call, &change) &&
	       tell_ended(call, &account);
}

bool approve_email_correction(struct call *call, const TokenRequest *req)
{
	EmailChange change = EMAIL_CHANGE__INIT;
	TokenUse use = TOKEN_USE__INIT;

	return token_use(call, req->token,
			 ISSUE_MAIL_TOKEN_REQUEST__PURPOSE__APPROVE_EMAIL_CORRECTION, &use) &&
	       approve_correction(call, &use, &change) &&
	       publish_email_change_requested(call, &change);
}

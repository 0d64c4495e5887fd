/* Opening an account: from the form to the address that is proved. */
#include <string.h>

#include "address.h"
#include "invite.h"
#include "password.h"
#include "state.h"
#include "token_use.h"

/* Mailboxes for an hour, which prove nothing: the best known. A strict site names its domains. */
static const char *const disposable_domains[] = {
	"10minutemail.com",  "discard.email", "dispostable.com",   "fakeinbox.com",
	"getnada.com",	     "grr.la",	      "guerrillamail.com", "guerrillamail.net",
	"guerrillamail.org", "mailcatch.com", "maildrop.cc",	   "mailinator.com",
	"mailnesia.com",     "mintemail.com", "mohmal.com",	   "sharklasers.com",
	"spam4.me",	     "temp-mail.org", "tempmail.com",	   "throwawaymail.com",
	"trashmail.com",     "yopmail.com",
};

static bool is_disposable(const char *domain)
{
	for (size_t i = 0; i < sizeof disposable_domains / sizeof *disposable_domains; i++)
		if (!strcmp(domain, disposable_domains[i]))
			return true;
	return false;
}

/* Whether the site lets the address in: its mode, its domains, or an invitation. */
static bool is_welcome(struct call *call, const RegistrationCheck *check, bool invited)
{
	if (is_disposable(check->domain))
		return reject(call, INVALID_ARGUMENT, "EMAIL_DOMAIN_NOT_ALLOWED",
			      "This site takes no addresses of that domain.");
	if (invited || check->registration_mode == SITE__REGISTRATION_MODE__OPEN)
		return true;
	if (check->registration_mode == SITE__REGISTRATION_MODE__INVITE)
		return reject(call, FORBIDDEN, "INVITATION_NEEDED",
			      "This site is open by invitation only.");
	if (!check->domain_allowed)
		return reject(call, INVALID_ARGUMENT, "EMAIL_DOMAIN_NOT_ALLOWED",
			      "This site takes no addresses of that domain.");
	return true;
}

/* What was given for it, before anything is looked up. */
static bool read_wish(struct call *call, const RegisterRequest *req, const struct address *address,
		      Account *account)
{
	account->id = new_id(call);
	account->email = address_seal(call, "person", account->id, req->email);
	account->email_key = address->index;
	account->email_tagged = address->tagged;
	account->display_name = req->display_name;
	account->locale = req->locale;
	account->zone = req->zone;
	return password_hash(call, req->password, &account->password_hash);
}

static bool check_invitation(struct call *call, const RegisterRequest *req,
			     RegistrationCheck *check, Account *account)
{
	InvitationRow invitation = INVITATION_ROW__INIT;

	if (!*req->invitation_token)
		return true;

	check->invitation_hash = secret_hash(call->arena, req->invitation_token);
	if (!find_invitation(call, check, &invitation))
		return false;
	if (*invitation.email_key && strcmp(invitation.email_key, account->email_key))
		return reject(call, CONFLICT, "INVITATION_EMAIL_MISMATCH",
			      "This invitation is for another address.");
	account->invitation_id = invitation.id;
	return true;
}

static bool add_registration(struct call *call, const RegistrationCheck *check, Account *account)
{
	if (check->silent)
		return true;
	if (check->taken) {
		account->id = check->owner_id;
		return publish_registration_repeated(call, account);
	}
	if (!*account->locale)
		account->locale = check->default_locale;
	if (!*account->zone)
		account->zone = check->default_zone;
	return add_account(call, account, account) && publish_user_registered(call, account);
}

/* The same steps, whoever has the address: hash first, then look. */
bool register_account(struct call *call, const RegisterRequest *req)
{
	RegistrationCheck check = REGISTRATION_CHECK__INIT;
	Account account = ACCOUNT__INIT;
	PublicSite site = PUBLIC_SITE__INIT;
	struct address address;
	Nothing nothing = NOTHING__INIT;

	if (!address_read(call, req->email, &address) ||
	    !get_public_site(call, &nothing, &site) ||
	    !sql_checkpoint(call) ||
	    !password_judge(call, req->password,
			    &(struct password_context) { req->email, site.name, false }) ||
	    !read_wish(call, req, &address, &account))
		return false;

	check.email_key = address.index;
	check.domain = address.domain;
	return check_invitation(call, req, &check, &account) &&
	       begin_registration(call, &check, &check) &&
	       is_welcome(call, &check, *account.invitation_id) &&
	       add_registration(call, &check, &account);
}

/* Of several registrations of an address, only who knows its password may prove this one. */
static bool is_meant(struct call *call, const VerifyEmailRequest *req, const Account *account)
{
	bool right;

	if (!account->rivals)
		return true;
	if (!*req->password)
		return reject(call, INVALID_ARGUMENT, "PASSWORD_NEEDED",
			      "This address was registered several times: tell the password that "
			      "you chose.");
	if (!password_matches(call, account->password_hash, req->password, &right))
		return false;
	return right ||
	       reject(call, UNAUTHENTICATED, "INVALID_CREDENTIALS", "The password is another one.");
}

static bool tell_grants(struct call *call, const ListGrantsResponse *grants)
{
	for (size_t i = 0; i < grants->n_items; i++)
		if (!publish_grant_added(call, grants->items[i]))
			return false;
	return true;
}

/* The first to prove the address that the operator named runs the site. */
static bool make_first_admin(struct call *call, Account *account)
{
	const char *wanted = setting(call, "ITHACA_FIRST_ADMIN");
	ListGrantsResponse grants = LIST_GRANTS_RESPONSE__INIT;
	struct address address;
	bool first;

	if (!*wanted)
		return true;
	if (!address_read(call, wanted, &address))
		return false;
	if (strcmp(address.index, account->email_key))
		return true;
	if (!no_admin_yet(call, account, account, &first))
		return false;
	return !first || (add_first_grants(call, account, &grants) && tell_grants(call, &grants));
}

static bool take_up_invitation(struct call *call, const Account *account)
{
	InvitationRow offer = INVITATION_ROW__INIT;
	bool found;

	if (!*account->invitation_id)
		return true;
	if (!find_own_offer(call, account, &offer, &found))
		return false;
	return !found || invitation_take_up(call, &offer);
}

bool verify_email(struct call *call, const VerifyEmailRequest *req)
{
	Account account = ACCOUNT__INIT;
	TokenUse use = TOKEN_USE__INIT;
	bool found;

	token_read(call, req->token, ISSUE_MAIL_TOKEN_REQUEST__PURPOSE__VERIFY_EMAIL, &use);
	if (!find_registration(call, &use, &account, &found) ||
	    !sql_checkpoint(call) ||
	    (found && !is_meant(call, req, &account)) ||
	    !take_mail_token(call, &use, &use))
		return false;
	if (!found)
		return reject(call, GONE, "TOKEN_EXPIRED", "This registration is over.");

	return activate_account(call, &account, &account) &&
	       publish_user_verified(call, &account) &&
	       publish_user_activated(call, &account) &&
	       make_first_admin(call, &account) &&
	       take_up_invitation(call, &account);
}

bool resend_verification(struct call *call, const AddressRequest *req)
{
	Account account = ACCOUNT__INIT;
	Attempt attempt = ATTEMPT__INIT;
	struct address address;
	bool found;

	if (!address_read(call, req->email, &address))
		return false;
	attempt.email_key = address.index;
	if (!find_unverified(call, &attempt, &account, &found))
		return false;
	return !found || publish_verification_requested(call, &account);
}

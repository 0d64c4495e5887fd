/* What the other services may ask about people, and the one-time tokens of mails. */
#include "address.h"
#include "state.h"
#include "token_use.h"

void token_read(struct call *call, const char *token, IssueMailTokenRequest__Purpose purpose,
		TokenUse *use)
{
	use->token_hash = secret_hash(call->arena, token);
	use->purpose = purpose;
}

bool token_use(struct call *call, const char *token, IssueMailTokenRequest__Purpose purpose,
	       TokenUse *use)
{
	token_read(call, token, purpose, use);
	return take_mail_token(call, use, use);
}

bool get_contact(struct call *call, const GetContactRequest *req, GetContactResponse *contacts)
{
	if (!find_contacts(call, req, contacts))
		return false;
	for (size_t i = 0; i < contacts->n_items; i++)
		if (!address_open(call, "person", contacts->items[i]->id,
				  &contacts->items[i]->email))
			return false;
	return true;
}

bool issue_mail_token(struct call *call, const IssueMailTokenRequest *req, MailToken *token)
{
	MailTokenWish wish = MAIL_TOKEN_WISH__INIT;
	bool found, to_invite = req->purpose == ISSUE_MAIL_TOKEN_REQUEST__PURPOSE__INVITATION;

	token->token = secret_new(call->arena);
	wish.token_hash = secret_hash(call->arena, token->token);
	wish.purpose = req->purpose;
	wish.id = req->id;
	if (!add_mail_token(call, &wish, token, &found))
		return false;
	if (!found)
		return reject(call, GONE, "NO_LONGER_NEEDED", "There is nothing left to send.");

	return address_open(call, to_invite ? "invitation" : "person",
			    to_invite ? req->id : token->user_id, &token->email);
}

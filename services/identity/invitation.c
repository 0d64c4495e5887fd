/* Invitations: made, sent, looked at and taken up. */
#include "address.h"
#include "fresh.h"
#include "invite.h"
#include "program.h"
#include "state.h"

static bool bind_address(struct call *call, const char *email, InvitationRow *row)
{
	struct address address;

	if (!*email)
		return true;
	if (!address_read(call, email, &address))
		return false;
	row->email_key = address.index;
	row->email = address_seal(call, "invitation", row->id, email);
	return true;
}

static bool open_address(struct call *call, Invitation *invitation)
{
	return address_open(call, "invitation", invitation->id, &invitation->email);
}

static bool invite(struct call *call, const char *email, InvitationRow *row, Invitation *invitation)
{
	char *token = secret_new(call->arena);

	row->id = new_id(call);
	row->token_hash = secret_hash(call->arena, token);
	if (!fresh_for(call, row->role) ||
	    !program_is_known(call, row->role, row->program_id) ||
	    !bind_address(call, email, row) ||
	    !add_invitation(call, row, invitation))
		return false;

	if (!invitation->by_mail)
		invitation->token = token;
	return open_address(call, invitation) && publish_invitation_created(call, invitation);
}

bool create_invitation(struct call *call, const CreateInvitationRequest *req,
		       Invitation *invitation)
{
	InvitationRow row = INVITATION_ROW__INIT;

	row.role = req->role;
	row.program_id = req->program_id;
	row.max_uses = req->max_uses;
	row.expires_at = req->expires_at;
	return invite(call, req->email, &row, invitation);
}

bool invite_user(struct call *call, const InviteUserRequest *req, Invitation *invitation)
{
	InvitationRow row = INVITATION_ROW__INIT;

	row.role = req->role;
	return invite(call, req->email, &row, invitation);
}

bool list_invitations(struct call *call, const ListInvitationsRequest *req,
		      ListInvitationsResponse *list)
{
	if (!page_invitations(call, req, list))
		return false;
	for (size_t i = 0; i < list->n_items; i++)
		if (!open_address(call, list->items[i]))
			return false;
	return true;
}

bool get_invitation(struct call *call, const Id *req, Invitation *invitation)
{
	return read_invitation(call, req, invitation) && open_address(call, invitation);
}

bool update_invitation(struct call *call, const UpdateInvitationRequest *req,
		       Invitation *invitation)
{
	return set_invitation(call, req, invitation) &&
	       set_link_end(call, invitation) &&
	       open_address(call, invitation);
}

bool revoke_invitation(struct call *call, const Id *req, Invitation *invitation)
{
	return withdraw_invitation(call, req, invitation) &&
	       open_address(call, invitation) &&
	       publish_invitation_revoked(call, invitation);
}

bool resend_invitation(struct call *call, const Id *req, Invitation *invitation)
{
	return find_resendable(call, req, invitation) &&
	       open_address(call, invitation) &&
	       publish_invitation_resent(call, invitation);
}

static bool name_program(struct call *call, InvitationPreview *preview)
{
	return !*preview->program_id ||
	       program_title(call, preview->program_id, &preview->program_title);
}

bool preview_invitation(struct call *call, const PreviewInvitationRequest *req,
			InvitationPreview *preview)
{
	InvitationRow row = INVITATION_ROW__INIT;

	row.token_hash = secret_hash(call->arena, req->token);
	return find_preview(call, &row, preview) && name_program(call, preview);
}

bool invitation_take_up(struct call *call, InvitationRow *offer)
{
	Grant grant = GRANT__INIT;
	bool given;

	if (!use_invitation(call, offer, offer) || !give_invited_role(call, offer, &grant, &given))
		return false;
	return (!given || publish_grant_added(call, &grant)) &&
	       publish_invitation_accepted(call, offer);
}

bool accept_invitation(struct call *call, const AcceptInvitationRequest *req,
		       InvitationPreview *preview)
{
	InvitationRow row = INVITATION_ROW__INIT;

	row.token_hash = secret_hash(call->arena, req->token);
	row.user_id = call->caller->id;
	if (!find_offer(call, &row, &row) || !invitation_take_up(call, &row))
		return false;

	preview->id = row.id;
	preview->program_id = row.program_id;
	preview->role = row.role;
	preview->expires_at = row.expires_at;
	return true;
}

-- add_invitation(InvitationRow) one Invitation
with added as (
	insert into invitation (id, email, email_key, role, program_id, max_uses, expires_at, invited_by)
	select :id, :email, :email_key, :role, :program_id, greatest(1, :max_uses), coalesce(:expires_at, now() + interval '14 days'), :caller.id
	where 'ADMIN' = any (:caller.roles::text[])
		or (:role in ('COORDINATOR', 'REPORTER', 'MENTOR', 'MENTEE') and coordinates(:caller.id, :program_id))
	returning *
), link as (
	insert into mail_token (hash, purpose, subject_id, expires_at)
	select :token_hash, 'INVITATION', id, expires_at from added where email is null
)
select id, created_at, updated_at, version, email, role, program_id, max_uses, used, expires_at, state, invited_by,
	email is not null as by_mail
from added where expires_at > now() or refuse(422, 'EXPIRES_IN_THE_PAST', 'It must end in the future.');

-- page_invitations(ListInvitationsRequest) page ListInvitationsResponse by created_at desc, id desc
select id, created_at, updated_at, version, email, role, program_id, max_uses, used, expires_at, state, invited_by,
	email is not null as by_mail
from invitation
where must_run_something(:caller.id, :caller.roles::text[])
	and ('ADMIN' = any (:caller.roles::text[]) or coordinates(:caller.id, program_id))
	and (:state::text is null or state = :state)
	and (:program_id::uuid is null or program_id = :program_id);

-- read_invitation(Id) one Invitation
select id, created_at, updated_at, version, email, role, program_id, max_uses, used, expires_at, state, invited_by,
	email is not null as by_mail
from invitation
where id = :id and ('ADMIN' = any (:caller.roles::text[]) or coordinates(:caller.id, program_id));

-- set_invitation(UpdateInvitationRequest) one Invitation
update invitation set
	max_uses = case when :set.max_uses then greatest(1, :max_uses::int) else max_uses end,
	expires_at = case when :set.expires_at then coalesce(:expires_at, created_at + interval '14 days') else expires_at end,
	state = case
		when state in ('EXHAUSTED', 'OPEN') and :set.max_uses and greatest(1, :max_uses::int) = used then 'EXHAUSTED'
		when state = 'EXHAUSTED' and :set.max_uses then 'OPEN'
		when state = 'EXPIRED' and :set.expires_at then 'OPEN'
		else state end
where id = :id and ('ADMIN' = any (:caller.roles::text[]) or coordinates(:caller.id, program_id))
	and (state in ('OPEN', 'EXHAUSTED', 'EXPIRED') or refuse(409, 'INVITATION_CLOSED', 'This invitation is closed.'))
	and (not :set.expires_at or coalesce(:expires_at, created_at + interval '14 days') > now()
		or refuse(422, 'EXPIRES_IN_THE_PAST', 'It must end in the future.'))
	and at_version(version, :if_match)
returning id, created_at, updated_at, version, email, role, program_id, max_uses, used, expires_at, state, invited_by,
	email is not null as by_mail;

-- set_link_end(Invitation) exec
update mail_token set expires_at = :expires_at where subject_id = :id and purpose = 'INVITATION';

-- withdraw_invitation(Id) one Invitation
update invitation i set state = 'REVOKED'
from (select id, state from invitation where id = :id for update) old
where i.id = old.id and ('ADMIN' = any (:caller.roles::text[]) or coordinates(:caller.id, i.program_id))
returning i.id, i.created_at, i.updated_at, i.version, i.email, i.role, i.program_id, i.max_uses, i.used, i.expires_at, i.state,
	i.invited_by, i.email is not null as by_mail, old.state = 'REVOKED' as unchanged;

-- find_resendable(Id) one Invitation
select id, created_at, updated_at, version, email, role, program_id, max_uses, used, expires_at, state, invited_by, true as by_mail
from invitation
where id = :id and ('ADMIN' = any (:caller.roles::text[]) or coordinates(:caller.id, program_id))
	and (email is not null or refuse(409, 'OPEN_LINK', 'An open link is not sent by mail.'))
	and ((state = 'OPEN' and expires_at > now()) or refuse(409, 'INVITATION_CLOSED', 'This invitation is closed.'))
	and (attempt('mail:invitation:' || id::text, 2, 3) = 0
		or refuse(429, 'TOO_MANY_MAILS', 'Three mails an hour at most.'));

-- find_preview(InvitationRow) one InvitationPreview
-- Materialized: what refuses must not be asked of other invitations.
with i as materialized (
	select i.* from mail_token t join invitation i on i.id = t.subject_id where t.hash = :token_hash and t.purpose = 'INVITATION'
)
select i.id, i.program_id, i.role, i.expires_at
from i
where (i.state not in ('USED', 'EXHAUSTED') or refuse(409, 'INVITATION_USED', 'This invitation has been used already.'))
	and ((i.state = 'OPEN' and i.expires_at > now() and may_invite(i.invited_by, i.role, i.program_id))
		or refuse(410, 'INVITATION_EXPIRED', 'This invitation is over.'));

-- find_offer(InvitationRow) one InvitationRow
-- What the link offers to the account that is signed in.
select (o.i).id, (o.i).role, (o.i).program_id, (o.i).expires_at, (o.i).invited_by, a.id as user_id
from (select open_invitation(:token_hash) as i) o join account a on a.id = :user_id
where ((o.i).email_key is null or (o.i).email_key = a.email_key
		or refuse(409, 'INVITATION_EMAIL_MISMATCH', 'This invitation is for another address.'))
	and ((o.i).invited_by <> a.id or refuse(403, 'SELF_GRANT', 'Nobody can invite themselves.'));

-- find_own_offer(Account) maybe InvitationRow
-- What the account was registered for, if it still stands.
select i.id, i.role, i.program_id, i.expires_at, i.invited_by, a.id as user_id
from account a join invitation i on i.id = a.invitation_id
where a.id = :id and i.state = 'OPEN' and i.expires_at > now() and (i.email_key is null or i.email_key = a.email_key)
	and may_invite(i.invited_by, i.role, i.program_id)
for update of i;

-- use_invitation(InvitationRow) one InvitationRow
with noted as (
	insert into invitation_use (invitation_id, user_id) values (:id, :user_id) on conflict do nothing returning invitation_id
)
update invitation i set used = used + u.n,
	state = case when used + u.n < max_uses then 'OPEN' when email is null then 'EXHAUSTED' else 'USED' end
from (select count(*)::int as n from noted) u
where i.id = :id
returning i.id, i.role, i.program_id, i.expires_at, i.invited_by, :user_id::uuid as user_id;

-- give_invited_role(InvitationRow) maybe Grant
insert into role_grant (user_id, role, program_id, granted_by, state)
select :user_id, :role, :program_id, :invited_by, 'IN_FORCE'
where :role in ('ADMIN', 'SUPPORT', 'SAFETY_OFFICER', 'COORDINATOR', 'REPORTER')
on conflict do nothing
returning id, user_id, role, program_id, ends_at, state;

-- expire_invitation(Id) exec
update invitation set state = 'EXPIRED' where id = :id and state = 'OPEN' and expires_at <= now();

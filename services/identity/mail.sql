-- get_users(GetUsersRequest) many GetUsersResponse
select id, display_name, locale, zone, state = 'ACTIVE' as active
from account
where id = any (:ids::uuid[]) and state not in ('PENDING_VERIFICATION', 'ERASED');

-- find_contacts(GetContactRequest) many GetContactResponse
select id, email, display_name, locale, zone
from account
where id = any (:ids::uuid[]) and state = any (case :purpose::text
	when 'SECURITY' then '{PENDING_VERIFICATION,ACTIVE,LOCKED,SUSPENDED,DEACTIVATED}'
	when 'TRANSACTIONAL' then '{ACTIVE,LOCKED}'
	else '{ACTIVE}' end::text[]);

-- add_mail_token(MailTokenWish) maybe MailToken
with target as (
	-- An address that nobody has proved yet is not greeted in the words of whoever named it.
	select a.id as user_id, a.email, case when :purpose::text <> 'VERIFY_EMAIL' then a.display_name else '' end as display_name, a.locale, a.zone, null::uuid as program_id, null::text as role,
		now() + case :purpose::text when 'VERIFY_EMAIL' then interval '24 hours' else interval '1 hour' end as expires_at
	from account a
	where a.id = :id and case :purpose::text
		when 'VERIFY_EMAIL' then a.state = 'PENDING_VERIFICATION'
		when 'RESET_PASSWORD' then (a.state in ('ACTIVE', 'LOCKED') or may_return(a)) and a.reset_wanted_at > now() - interval '3 days'
		when 'UNLOCK' then a.state = 'LOCKED' and a.lock_cause = 'FAILED_SIGN_INS'
		else false end
	union all
	select a.id, case when :purpose::text = 'CONFIRM_EMAIL_CHANGE' then c.new_email else c.old_email end,
		case when :purpose::text <> 'CONFIRM_EMAIL_CHANGE' then a.display_name else '' end, a.locale, a.zone, null, null, case :purpose::text when 'CONFIRM_EMAIL_CHANGE' then now() + interval '24 hours'
			when 'REVERT_EMAIL_CHANGE' then c.revert_until else now() + interval '7 days' end
	from email_change c join account a on a.id = c.user_id
	where c.id = :id and case :purpose::text
		when 'CONFIRM_EMAIL_CHANGE' then c.state = 'REQUESTED' and not address_taken(c.new_email_key, c.user_id)
		when 'REVERT_EMAIL_CHANGE' then c.state = 'CONFIRMED' and c.revert_until > now()
		when 'APPROVE_EMAIL_CORRECTION' then c.state = 'PROPOSED'
		else false end
	union all
	select null, i.email, '', s.default_locale, s.default_zone, i.program_id, i.role, i.expires_at
	from invitation i, site s
	where i.id = :id and :purpose::text = 'INVITATION' and i.state = 'OPEN' and i.email is not null and i.expires_at > now()
), added as (
	insert into mail_token (hash, purpose, subject_id, expires_at) select :token_hash, :purpose, :id, expires_at from target
)
select user_id, email, display_name, locale, zone, program_id, role, expires_at from target;

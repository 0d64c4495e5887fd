-- search_accounts(SearchUsersRequest) page SearchUsersResponse by created_at desc, id desc
select a.id, a.created_at, a.updated_at, a.version, a.display_name,
	case when 'ADMIN' = any (:caller.roles::text[]) then a.email end as email,
	a.email_tagged and 'ADMIN' = any (:caller.roles::text[]) as email_tagged, a.email_verified_at, a.locale, a.zone, a.state,
	case when :caller.roles::text[] && '{ADMIN,SAFETY_OFFICER}' then a.state_reason else '' end as state_reason, a.lock_cause, a.locked_until, roles_of(a.id) as roles, a.last_seen_on, a.created_via,
	exists (select from totp where user_id = a.id and confirmed_at is not null) as second_factor
from account a
where :caller.roles::text[] && '{ADMIN,SUPPORT,SAFETY_OFFICER}'
	and (:q = '' or a.id in (
		select id from account where name_words(display_name) @@ name_query(:q)
		union all select id from account where email_key = :email_key and 'ADMIN' = any (:caller.roles::text[])))
	and (:state::text is null or a.state = :state)
	and (:role::text is null or exists (select from role_grant g where g.user_id = a.id and g.role = :role and g.state = 'IN_FORCE'))
	and (:created_from::timestamptz is null or a.created_at >= :created_from)
	and (:created_to::timestamptz is null or a.created_at < :created_to)
	and (:last_seen_to::date is null or a.last_seen_on <= :last_seen_to);

-- read_user(Id) one User
select a.id, a.created_at, a.updated_at, a.version, a.display_name,
	case when 'ADMIN' = any (:caller.roles::text[]) then a.email end as email,
	a.email_tagged and 'ADMIN' = any (:caller.roles::text[]) as email_tagged, a.email_verified_at, a.locale, a.zone, a.state,
	case when :caller.roles::text[] && '{ADMIN,SAFETY_OFFICER}' then a.state_reason else '' end as state_reason, a.lock_cause, a.locked_until, roles_of(a.id) as roles, a.last_seen_on, a.created_via,
	exists (select from totp where user_id = a.id and confirmed_at is not null) as second_factor
from account a
where a.id = :id and :caller.roles::text[] && '{ADMIN,SUPPORT,SAFETY_OFFICER}';

-- suspend(DecideUserRequest) one Account
update account a set state = 'SUSPENDED', state_reason = :reason, lock_cause = null, locked_until = null
from (select id, state from account where id = :id for update) old
where a.id = old.id and :caller.roles::text[] && '{ADMIN,SAFETY_OFFICER}' and only_from('account', old.state, '{ACTIVE,LOCKED,SUSPENDED}')
returning a.id, a.state, end_sessions(a.id, 'SUSPENDED') as session_ids, 'SUSPENDED' as reason, old.state = 'SUSPENDED' as unchanged;

-- reinstate(DecideUserRequest) one Account
update account a set state = 'ACTIVE', state_reason = ''
from (select id, state from account where id = :id for update) old
where a.id = old.id and :caller.roles::text[] && '{ADMIN,SAFETY_OFFICER}' and only_from('account', old.state, '{SUSPENDED,ACTIVE}')
returning a.id, a.state, old.state = 'ACTIVE' as unchanged;

-- lock(DecideUserRequest) one Account
update account a set state = 'LOCKED', state_reason = :reason, lock_cause = 'BY_ADMIN', locked_until = null
from (select id, state, lock_cause from account where id = :id for update) old
where a.id = old.id and :caller.roles::text[] && '{ADMIN,SAFETY_OFFICER}' and only_from('account', old.state, '{ACTIVE,LOCKED}')
returning a.id, a.state, a.lock_cause, end_sessions(a.id, 'ADMIN') as session_ids, 'ADMIN' as reason,
	old.lock_cause is not distinct from 'BY_ADMIN' as unchanged;

-- unlock(DecideUserRequest) one Account
with forgiven as (
	delete from throttle using account a where a.id = :id and key = 'account:' || a.email_key
)
update account a set state = 'ACTIVE', state_reason = '', lock_cause = null, locked_until = null
from (select id, state from account where id = :id for update) old
where a.id = old.id and :caller.roles::text[] && '{ADMIN,SAFETY_OFFICER}' and only_from('account', old.state, '{LOCKED,ACTIVE}')
returning a.id, a.state, old.state = 'ACTIVE' as unchanged;

-- end_their_sessions(DecideUserRequest) one Account
select id, end_sessions(id, 'ADMIN') as session_ids, 'ADMIN' as reason
from account where id = :id and :caller.roles::text[] && '{ADMIN,SAFETY_OFFICER}';

-- find_for_reset(DecideUserRequest) one Account
update account set reset_wanted_at = now()
where id = :id and state in ('ACTIVE', 'LOCKED') and 'ADMIN' = any (:caller.roles::text[])
returning id;

-- read_correction(Id) one EmailCorrection
select c.id, c.created_at, c.updated_at, c.version, c.user_id, c.new_email, c.proposed_by, c.reason
from email_change c
where c.user_id = :id and c.state = 'PROPOSED' and 'ADMIN' = any (:caller.roles::text[])
order by c.created_at desc limit 1;

-- agree_to_correction(AgreeToEmailCorrectionRequest) one EmailChange
update email_change c set state = 'REQUESTED', approved_by = :caller.id, approval_reason = :reason
from (select id, state from email_change where id = :correction_id for update) old
where c.id = old.id and c.user_id = :id and c.proposed_by is not null and 'ADMIN' = any (:caller.roles::text[])
	and (old.state = 'PROPOSED' or c.approved_by = :caller.id or refuse(409, 'CORRECTION_SETTLED', 'This correction does not wait any more.'))
returning c.id, c.user_id, true as corrected, old.state = 'REQUESTED' as unchanged;

-- find_for_correction(ProposeEmailCorrectionRequest) one Account
select id from account where id = :id and state in ('ACTIVE', 'LOCKED') and 'ADMIN' = any (:caller.roles::text[])
	and (id <> :caller.id or refuse(403, 'OWN_ACCOUNT', 'Change your own address in your account.'));

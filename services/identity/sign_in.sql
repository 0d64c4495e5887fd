-- count_attempt(Attempt) one Attempt
-- Counted before the password is looked at. A known device has a counter of its own, so that strangers cannot lock it out.
with known as (
	select d.id from device d join account a on a.id = d.user_id
	where d.hash = :device_hash and a.email_key = :email_key and a.state <> 'PENDING_VERIFICATION'
), door as (
	select attempt('address:' || coalesce(:caller.address, ''), :free_per_address::int, 100000) as wait
)
select case when door.wait > 0 then door.wait
	else attempt(coalesce('device:' || known.id::text, 'account:' || :email_key), 5, 10) end as wait_s,
	known.id as device_id
from door left join known on true;

-- find_account(Attempt) maybe Account
select id, email, display_name, locale, zone, state, state_reason, password_hash, password_short, lock_cause, locked_until, may_return(account) as may_return,
	exists (select from totp where user_id = account.id and confirmed_at is not null) as second_factor
from account
where email_key = :email_key and state <> 'PENDING_VERIFICATION';

-- lock_after_failures(Attempt) maybe Account
update account set state = 'LOCKED', lock_cause = 'FAILED_SIGN_INS', locked_until = now() + interval '1 hour', state_reason = ''
where email_key = :email_key and state = 'ACTIVE'
	and exists (select from throttle where key = 'account:' || :email_key and attempts >= 10 and last_at > now() - interval '1 hour')
returning id, state, lock_cause, locked_until;

-- add_challenge(Challenge) one Challenge
insert into mfa_challenge (hash, user_id, device_id, password_hash, expires_at)
values (:hash, :user_id, :device_id, :password_hash, now() + interval '5 minutes')
returning user_id, expires_at;

-- attempt_challenge(Challenge) maybe Challenge
-- Counted before the code is looked at; the sixth finds nothing.
update mfa_challenge c set failures = failures + 1
from account a left join totp t on t.user_id = a.id and t.confirmed_at is not null
where c.hash = :hash and c.expires_at > now() and c.failures < 5 and a.id = c.user_id
	and (a.state = 'ACTIVE' or may_return(a) or (a.state = 'LOCKED' and a.lock_cause = 'FAILED_SIGN_INS' and c.device_id is not null))
returning c.user_id, c.device_id, c.failures, c.expires_at, c.password_hash, a.email_key, t.secret as totp_secret;

-- use_step(Challenge) maybe Challenge
update totp set last_step = :step
where user_id = :user_id and confirmed_at is not null and last_step < :step
returning user_id;

-- use_recovery_code(Challenge) maybe Account
update recovery_code set used_at = now()
where user_id = :user_id and hash = :recovery_hash and used_at is null
returning user_id as id, 'RECOVERY_CODE_USED' as change,
	(select count(*) - 1 from recovery_code where user_id = :user_id and used_at is null)::int as codes_left;

-- end_challenge(Challenge) exec
delete from mfa_challenge where hash = :hash;

-- come_back(SessionRow) maybe Account
-- Signing in wakes an account that its owner put to rest.
update account a set state = 'ACTIVE', deactivated_at = null
where id = :user_id and may_return(a) and password_hash = :password_hash
returning id;

-- open_session(SessionRow) one SessionRow
-- Passwords take a while to compare: the account and its password are looked at again, and held until the session stands.
with me as materialized (
	select n.roles from account_now(:user_id) n
	where (n.password_hash = :password_hash or refuse(401, 'INVALID_CREDENTIALS', 'The address or the password is wrong.'))
		and ((n.can_enter and (n.state = 'ACTIVE' or :device_id::uuid is not null))
			or refuse(403, 'ACCOUNT_CLOSED', 'This account cannot be entered now.'))
), old_device as (
	update device set last_used_at = now(), label = left(coalesce(:caller.device, ''), 200) where id = :device_id
), new_device as (
	insert into device (id, user_id, hash, label)
	select :new.device, :user_id, :device_hash, left(coalesce(:caller.device, ''), 200) from me where :device_id::uuid is null
), opened as (
	insert into session (id, user_id, device_id, expires_at, device, address_prefix)
	select :id, :user_id, coalesce(:device_id, :new.device)::uuid, now() + interval '30 days', left(coalesce(:caller.device, ''), 200),
		address_prefix(coalesce(:caller.address, ''))
	from me
	returning *
), first_token as (
	insert into refresh_token (hash, session_id) values (:refresh_hash, :id)
), seen as (
	update account set last_seen_on = current_date where id = :user_id and last_seen_on is distinct from current_date
), forgiven as (
	delete from throttle where key in ('account:' || :email_key, 'device:' || :device_id::text)
), counted as (
	update throttle set attempts = greatest(attempts - 1, 0) where key = 'address:' || coalesce(:caller.address, '')
)
select o.id, o.user_id, o.expires_at, o.created_at as signed_in_at,
	floor(extract(epoch from o.created_at))::bigint as signed_in_unix, floor(extract(epoch from now()) * 1000)::bigint as now_ms,
	me.roles, k.id as key_id, k.secret as key_secret,
	:device_id::uuid is null and exists (select from device where user_id = :user_id) as new_device
from opened o cross join me cross join lateral (
	select id, secret from signing_key
	where use = 'TOKEN' and not_before <= now() and not_after > now() + interval '1 hour'
	order by not_before desc limit 1
) k;

-- find_refresh(SessionRow) maybe SessionRow
-- The account is held first, as by whoever suspends it.
select s.id, s.user_id, s.expires_at, s.revoked_at is not null or not coalesce(n.can_enter, false) as revoked, s.expires_at <= now() as expired,
	r.used_at is not null as used,
	now() + interval '30 days' as next_expires_at, coalesce(r.used_at > now() - interval '10 seconds', false) as in_grace, r.answer,
	floor(extract(epoch from s.created_at))::bigint as signed_in_unix, floor(extract(epoch from now()) * 1000)::bigint as now_ms,
	n.roles, k.id as key_id, k.secret as key_secret
from refresh_token r join session s on s.id = r.session_id cross join lateral account_now(s.user_id) n cross join lateral (
	select id, secret from signing_key
	where use = 'TOKEN' and not_before <= now() and not_after > now() + interval '1 hour'
	order by not_before desc limit 1
) k
where r.hash = :old_hash
for no key update of r, s;

-- exchange_refresh(SessionRow) one SessionRow
with used as (
	update refresh_token set used_at = now(), answer = :answer where hash = :old_hash
), forgotten as (
	update refresh_token set answer = null where session_id = :id and used_at < now() - interval '10 seconds'
), next as (
	insert into refresh_token (hash, session_id) values (:refresh_hash, :id)
), seen as (
	update account set last_seen_on = current_date where id = :user_id and last_seen_on is distinct from current_date
)
update session set last_used_at = now(), expires_at = :next_expires_at where id = :id and revoked_at is null
returning id, expires_at;

-- end_reused(SessionRow) maybe Account
update session set revoked_at = now(), reason = 'REUSE'
where id = :id and revoked_at is null
returning user_id as id, id as session_id, array[id] as session_ids, reason;

-- end_this_session(Nothing) maybe Account
update session set revoked_at = now(), reason = 'LOGOUT'
where id = :caller.session_id and user_id = :caller.id and revoked_at is null
returning user_id as id, array[id] as session_ids, reason;

-- end_my_sessions(Nothing) one Account
select id, end_sessions(id, 'LOGOUT') as session_ids, 'LOGOUT' as reason from account where id = :caller.id;

-- end_my_session(Id) one Account
update session set revoked_at = coalesce(revoked_at, now()), reason = coalesce(reason, 'LOGOUT')
where id = :id and user_id = :caller.id and expires_at > now()
returning user_id as id, array[id] as session_ids, reason;

-- list_sessions(ListSessionsRequest) page ListSessionsResponse by created_at desc, id desc
select id, created_at, last_used_at, expires_at, device, address_prefix, id = :caller.session_id as current
from session
where user_id = :caller.id and revoked_at is null and expires_at > now();

-- public_keys(Nothing) many PublicKeysResponse
select id, use, public_key, not_before, not_after from signing_key where not_after > now() order by not_before, id;

-- list_ended_sessions(Nothing) many EndedSessions
select id, revoked_at from session where revoked_at > now() - interval '11 minutes';

-- list_stale_users(Nothing) many StaleUsers
select id, tokens_stale_at as since from account where tokens_stale_at > now() - interval '11 minutes';

-- key_is_due(Nothing) maybe SigningKey
-- The youngest has signed for a month, or there is none.
select true as due where not exists (select from signing_key where use = 'TOKEN' and not_before > now() - interval '30 days');

-- add_key(SigningKey) exec
-- One at a time. Signs after ten minutes, when others have read it; the first signs at once.
insert into signing_key (id, use, public_key, secret, not_before, not_after)
select :id, 'TOKEN', :public_key, :secret, begins.at, begins.at + interval '40 days'
from (select pg_advisory_xact_lock(hashtext(current_schema() || '.signing_key'))) waited,
	lateral (select now() + case when exists (select from signing_key) then interval '10 minutes' else interval '0' end) begins (at)
where not exists (select from signing_key where use = 'TOKEN' and not_before > now() - interval '30 days');

-- forget_keys(Nothing) exec
delete from signing_key where not_after < now() - interval '1 day';

-- set_timers(Nothing) exec
insert into timer (rpc, subject_id, due_at)
select rpc, uuid_v7(), now() + wait from (values ('RotateKeys', interval '1 hour'), ('SweepSignIns', interval '1 hour')) as t (rpc, wait)
where not exists (select from timer where timer.rpc = t.rpc);

-- sweep_sign_ins(Id) exec
-- At most so many of each at once; the next goes on at once when there was more. A device that is forgotten is a new one.
with sessions as (
	delete from session where id in (
		(select id from session where expires_at < now() - interval '7 days' limit 2000)
		union (select id from session where revoked_at < now() - interval '7 days' limit 2000))
	returning 1
), spent as (
	delete from refresh_token where hash in (select hash from refresh_token where used_at < now() - interval '40 days' limit 2000)
	returning 1
), tokens as (
	delete from mail_token where hash in (select hash from mail_token where expires_at < now() - interval '30 days' limit 2000)
	returning 1
), challenges as (
	delete from mfa_challenge where expires_at < now()
), devices as (
	delete from device where id in (select id from device where last_used_at < now() - interval '1 year' limit 2000)
	returning 1
), counters as (
	delete from throttle where key in (
		select key from throttle where last_at < now() - interval '1 day' and blocked_until < now() limit 2000)
	returning 1
), most as (
	select greatest((select count(*) from sessions), (select count(*) from spent), (select count(*) from tokens),
		(select count(*) from devices), (select count(*) from counters)) as rows
)
insert into timer (rpc, subject_id, due_at)
select 'SweepSignIns', uuid_v7(), now() + case when rows < 2000 then interval '1 hour' else interval '1 second' end from most;

-- set_next_rotation(Nothing) exec
insert into timer (rpc, subject_id, due_at) values ('RotateKeys', uuid_v7(), now() + interval '1 hour');

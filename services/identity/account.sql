-- begin_registration(RegistrationCheck) one RegistrationCheck
-- What the site says to it. silent: too many mails to this address within the hour, nothing happens.
select attempt('mail:register:' || :email_key, 2, 3) > 0 as silent,
	address_taken(:email_key) as taken,
	s.registration_mode, s.default_locale, s.default_zone,
	:domain = any (select lower(d) from unnest(s.allowed_email_domains) d) as domain_allowed,
	coalesce((select a.id from account a where a.email_key = :email_key and a.state <> 'PENDING_VERIFICATION'),
		(select c.user_id from email_change c where c.old_email_key = :email_key and c.state = 'CONFIRMED' limit 1)) as owner_id
from site s;

-- find_invitation(RegistrationCheck) one InvitationRow
select (i.open_invitation).id, (i.open_invitation).email_key
from (select open_invitation(:invitation_hash)) i;

-- add_account(Account) one Account
with added as (
	insert into account (id, email, email_key, email_tagged, display_name, locale, zone, password_hash, invitation_id, created_via)
	values (:id, :email, :email_key, :email_tagged, :display_name, :locale, :zone, :password_hash, :invitation_id,
		case when :invitation_id::uuid is null then 'REGISTRATION' else 'INVITATION' end)
	returning id
), described as (
	insert into profile (id) select id from added
)
select id from added;

-- take_mail_token(TokenUse) one TokenUse
select take_token(:token_hash, :purpose) as id;

-- find_registration(TokenUse) maybe Account
-- Looked at before the token is used up: no transaction stays open while a password is hashed.
select a.id, a.email, a.email_key, a.password_hash, a.invitation_id,
	(select count(*) from account o where o.email_key = a.email_key and o.state = 'PENDING_VERIFICATION' and o.id <> a.id)::int as rivals,
	address_taken(a.email_key, a.id) as taken
from mail_token t join account a on a.id = t.subject_id
where t.hash = :token_hash and t.purpose = :purpose and a.state = 'PENDING_VERIFICATION';

-- activate_account(Account) one Account
with rivals as (
	delete from account where email_key = :email_key and state = 'PENDING_VERIFICATION' and id <> :id
)
update account set state = 'ACTIVE', email_verified_at = now() where id = :id and state = 'PENDING_VERIFICATION'
returning id;

-- no_admin_yet(Account) maybe Account
select id from account where id = :id and not exists (select from role_grant where role = 'ADMIN');

-- add_first_grants(Account) many ListGrantsResponse
insert into role_grant (user_id, role, state) values (:id, 'ADMIN', 'IN_FORCE'), (:id, 'SAFETY_OFFICER', 'IN_FORCE')
returning id, user_id, role, starts_at, state;

-- find_unverified(Attempt) maybe Account
-- The latest registration of the address that waits, at most three times an hour.
select a.id from (select attempt('mail:verify:' || :email_key, 2, 3) as wait) t join account a on t.wait = 0
where a.email_key = :email_key and a.state = 'PENDING_VERIFICATION'
order by a.created_at desc limit 1;

-- find_resettable(Attempt) maybe Account
update account a set reset_wanted_at = now()
from (select attempt('mail:reset:' || :email_key, 2, 3) as wait) t
where t.wait = 0 and a.email_key = :email_key and (a.state in ('ACTIVE', 'LOCKED') or may_return(a))
returning a.id;

-- find_for_password(TokenUse) maybe Account
select s.id, s.email, s.second_factor, s.site_name
from mail_token t join account_secret s on s.id = t.subject_id join account a on a.id = s.id
where t.hash = :token_hash and t.purpose = :purpose and t.used_at is null and t.expires_at > now()
	and (a.state in ('ACTIVE', 'LOCKED') or may_return(a));

-- find_me_for_password(Nothing) one Account
select id, email, email_key, second_factor, password_hash, site_name from account_secret where id = :caller.id;

-- set_password_by_mail(Account) one Account
with forgotten as (
	delete from mfa_challenge where user_id = :id
), trusted_no_more as (
	delete from device where user_id = :id
), forgiven as (
	delete from throttle using account a where a.id = :id and key = 'account:' || a.email_key
)
update account set password_hash = :password_hash, password_short = :password_short, reset_wanted_at = null,
	state = case when lock_cause = 'FAILED_SIGN_INS' then 'ACTIVE' else state end,
	locked_until = case when lock_cause = 'BY_ADMIN' then locked_until end,
	lock_cause = case when lock_cause = 'BY_ADMIN' then lock_cause end
where id = :id
returning id, end_sessions(id, 'PASSWORD_CHANGED') as session_ids, 'PASSWORD_CHANGED' as reason, true as by_mail;

-- call_off_changes(Account) exec
select call_off(:id);

-- set_password(Account) one Account
-- Only while the one that was compared is in force.
with challenges as (
	delete from mfa_challenge where user_id = :caller.id
)
update account set password_hash = :password_hash, password_short = :password_short, reset_wanted_at = null
where id = :caller.id
	and (password_hash = :former_hash or refuse(403, 'WRONG_PASSWORD', 'The present password is another one.'))
returning id, end_sessions(id, 'PASSWORD_CHANGED', :caller.session_id) as session_ids, 'PASSWORD_CHANGED' as reason, false as by_mail;

-- count_password_check(Account) one Attempt
select attempt('password:' || :caller.id::text, 5, 10) as wait_s;

-- forget_password_checks(Account) exec
delete from throttle where key = 'password:' || :caller.id::text;

-- release_lock(Account) maybe Account
with forgiven as (
	delete from throttle using account a where a.id = :id and a.state = 'LOCKED' and key = 'account:' || a.email_key
)
update account set state = 'ACTIVE', lock_cause = null, locked_until = null
where id = :id and state = 'LOCKED' and lock_cause = 'FAILED_SIGN_INS' and (:by_mail or locked_until <= now())
returning id, state;

-- read_me(Nothing) one Me
select a.id, a.created_at, a.updated_at, a.version, a.email, a.email_verified_at, a.display_name, a.locale, a.zone, a.state,
	roles_of(a.id) as roles,
	exists (select from totp where user_id = a.id and confirmed_at is not null) as second_factor,
	(select count(*) from recovery_code where user_id = a.id and used_at is null)::int as recovery_codes,
	exists (select from email_change where user_id = a.id and state = 'REQUESTED') as email_change_pending
from account a where a.id = :caller.id;

-- set_me(UpdateMeRequest) one Account
update account set display_name = kept(:set.display_name, :display_name, display_name),
	locale = kept(:set.locale, :locale, locale), zone = kept(:set.zone, :zone, zone)
where id = :caller.id
returning id;

-- expire_registration(Id) exec
delete from account where id = :id and state = 'PENDING_VERIFICATION';

-- add_email_change(EmailChange) maybe EmailChange
-- A further wish replaces the one that waits. At most three an hour.
with replaced as (
	update email_change set state = 'CANCELLED' where user_id = :user_id and state in ('PROPOSED', 'REQUESTED')
)
insert into email_change (id, user_id, proposed_by, reason, state, old_email, old_email_key, old_email_tagged,
	new_email, new_email_key, new_email_tagged)
select :id, a.id, nullif(:caller.id::uuid, a.id), :reason, case when a.id = :caller.id then 'REQUESTED' else 'PROPOSED' end,
	a.email, a.email_key, a.email_tagged, :new_email, :new_email_key, :new_email_tagged
from account a
where a.id = :user_id and a.state in ('ACTIVE', 'LOCKED') and a.email_key <> :new_email_key
	and attempt('mail:change:' || a.id::text, 2, 3) = 0
returning id, user_id;

-- confirm_change(TokenUse) one EmailChange
with confirmed as (
	update email_change c set state = 'CONFIRMED', revert_until = now() + interval '72 hours'
	where c.id = :id and (not address_taken(c.new_email_key, c.user_id)
		or refuse(409, 'EMAIL_TAKEN', 'There is an account with this address already.'))
	returning *
)
update account a set email = c.new_email, email_key = c.new_email_key, email_tagged = c.new_email_tagged, email_verified_at = now()
from confirmed c where a.id = c.user_id
returning c.id, c.user_id, c.revert_until;

-- revert_change(TokenUse) one EmailChange
-- Changes made after it are undone too, and cannot be reverted to any more.
with reverted as (
	update email_change c set state = 'REVERTED' where c.id = :id returning *
), undone as (
	-- Nor is the password of whoever made the change worth anything: a new one is set by mail.
	update account a set email = c.old_email, email_key = c.old_email_key, email_tagged = c.old_email_tagged,
		password_hash = '', password_short = false, reset_wanted_at = null
	from reverted c where a.id = c.user_id returning a.id
), later as (
	update email_change l set state = case l.state when 'CONFIRMED' then 'FINAL' else 'CANCELLED' end from reverted c
	where l.user_id = c.user_id and l.created_at > c.created_at and l.state in ('PROPOSED', 'REQUESTED', 'CONFIRMED')
)
select c.id, c.user_id from reverted c join undone u on u.id = c.user_id;

-- end_factors_after_revert(EmailChange) maybe Account
-- Who takes an address over bars its owner with an authenticator too: what is younger than the day before the change goes.
with since as (
	select user_id, created_at - interval '1 day' as at from email_change where id = :id
), codes as (
	delete from recovery_code c using since s where c.user_id = s.user_id and c.created_at > s.at
)
delete from totp t using since s where t.user_id = s.user_id and greatest(t.created_at, t.confirmed_at) > s.at
returning t.user_id as id, 'TOTP_REMOVED' as change;

-- end_sessions_after_revert(EmailChange) one Account
-- Their devices are strangers too.
with distrusted as (
	delete from device where user_id = :user_id
), challenges as (
	delete from mfa_challenge where user_id = :user_id
)
select id, end_sessions(id, 'EMAIL_REVERTED') as session_ids, 'EMAIL_REVERTED' as reason from account where id = :user_id;

-- approve_correction(TokenUse) one EmailChange
update email_change set state = 'REQUESTED' where id = :id
returning id, user_id, true as corrected;

-- settle_email_change(Id) exec
update email_change set state = case state when 'CONFIRMED' then 'FINAL' else 'EXPIRED' end
where id = :id and (state in ('PROPOSED', 'REQUESTED') or (state = 'CONFIRMED' and revert_until <= now()));

-- rest(Nothing) one Account
update account set state = 'DEACTIVATED', deactivated_at = now(), lock_cause = null, locked_until = null
where id = :caller.id and state in ('ACTIVE', 'LOCKED')
returning id, end_sessions(id, 'DEACTIVATED') as session_ids, 'DEACTIVATED' as reason, deactivated_at + interval '30 days' as return_until;

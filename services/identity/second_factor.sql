-- enrol(Enrolment) one Enrolment
-- The secret waits for its first code; one that is confirmed already stays.
insert into totp as t (user_id, secret) values (:caller.id, :secret)
on conflict (user_id) do update set secret = excluded.secret, created_at = now()
where t.confirmed_at is null or refuse(409, 'TOTP_EXISTS', 'There is an authenticator already. Remove it first.')
returning user_id as id;

-- read_enrolment(Nothing) maybe Enrolment
select t.user_id as id, t.secret, t.confirmed_at is not null as confirmed from totp t where t.user_id = :caller.id for update;

-- confirm_enrolment(Challenge) one Account
update totp set confirmed_at = now(), last_step = :step
where user_id = :caller.id and confirmed_at is null
returning user_id as id, 'TOTP_ADDED' as change, 10 as codes_left;

-- count_confirmation(Nothing) one Attempt
select attempt('totp:' || :caller.id::text, 5, 10) as wait_s;

-- set_recovery_codes(RecoveryHashes) exec
with former as (
	delete from recovery_code where user_id = :caller.id and hash <> all (:hashes)
)
insert into recovery_code (user_id, hash) select :caller.id, unnest(:hashes::text[]);

-- renew_recovery_codes(Nothing) maybe Account
select user_id as id, 'RECOVERY_CODES_RENEWED' as change, 10 as codes_left
from totp where user_id = :caller.id and confirmed_at is not null;

-- remove_enrolment(Nothing) maybe Account
with codes as (
	delete from recovery_code where user_id = :caller.id
)
delete from totp t using account a
where t.user_id = :caller.id and a.id = t.user_id and t.confirmed_at is not null
	and (not a.password_short or refuse(409, 'PASSWORD_TOO_SHORT', 'Without a second factor a password needs 15 characters: change it first.'))
returning t.user_id as id, 'TOTP_REMOVED' as change, end_sessions(t.user_id, 'MFA_REMOVED', :caller.session_id) as session_ids,
	'MFA_REMOVED' as reason;

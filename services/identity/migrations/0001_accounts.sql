-- Who has an account, how they prove it is theirs, and where they are signed in.
-- Person ids stand in: account.id, device.user_id, session.user_id, totp.user_id, recovery_code.user_id,
-- mfa_challenge.user_id, email_change.user_id, .proposed_by and .approved_by, mail_token.subject_id.
-- Addresses are sealed (place person/<id>/email); email_key is their blind index.

-- As it is compared in searches: without case, accents and compatibility forms. The same on every server's locale.
create function fold(text) returns text language sql immutable parallel safe as $$
	select regexp_replace(normalize(
		replace(replace(replace(replace(translate(lower($1 collate "und-x-icu"), 'øłđðı', 'olddi'),
			'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
		NFKD), '[\u0300-\u036f]', '', 'g')
$$;

-- The words of a name, and what looks for them: all that is asked, the last word by its beginning. Postgres itself, which
-- has no search path, computes name_words for an index.
create function name_words(name text) returns tsvector language plpgsql immutable parallel safe set search_path from current as $$
begin
	return to_tsvector('simple', fold(name));
end $$;
create function name_query(wanted text) returns tsquery language plpgsql immutable parallel safe as $$
begin
	return (
		select case when words = '' then '' else words || ':*' end::tsquery from (select plainto_tsquery('simple', fold(wanted))::text) q (words)
	);
end $$;

-- A member of a PATCH: kept when it was not sent, refused when a needed one was cleared.
create function kept(was_sent boolean, given text, old text) returns text language plpgsql immutable as $$
begin
	if not was_sent then
		return old;
	elsif coalesce(given, '') = '' then
		perform refuse(422, 'REQUIRED', 'This cannot be left empty.');
	end if;
	return given;
end $$;

create table account (
	id uuid primary key,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	email text not null,
	email_key text not null,
	email_tagged boolean not null default false,
	email_verified_at timestamptz,
	display_name text not null,
	locale text not null,
	zone text not null,
	state text not null default 'PENDING_VERIFICATION' check (state in
		('PENDING_VERIFICATION', 'ACTIVE', 'LOCKED', 'SUSPENDED', 'DEACTIVATED', 'ERASING', 'ERASED')),
	state_reason text not null default '',
	lock_cause text check (lock_cause in ('FAILED_SIGN_INS', 'BY_ADMIN')),
	locked_until timestamptz,
	password_hash text not null,
	password_short boolean not null default false,
	created_via text not null default 'REGISTRATION' check (created_via in ('REGISTRATION', 'INVITATION')),
	invitation_id uuid,
	last_seen_on date,
	-- When a link to reset the password was last asked for: for three days one may be made.
	reset_wanted_at timestamptz,
	-- When its owner put it to rest.
	deactivated_at timestamptz,
	-- Access tokens issued before name the wrong roles.
	tokens_stale_at timestamptz
);
create trigger touch before update on account for each row execute function touch();
create trigger guard_transition before update of state on account for each row execute function guard_transition();

-- Any number of registrations may wait for their proof; whoever proves the address first has it.
create unique index email_taken on account (email_key) where state <> 'PENDING_VERIFICATION';
comment on index email_taken is 'There is an account with this address already.';
create index account_waiting on account (email_key) where state = 'PENDING_VERIFICATION';
create index account_newest on account (created_at desc, id desc);
create index account_words on account using gin (name_words(display_name));
create index account_stale on account (tokens_stale_at) where tokens_stale_at is not null;

-- How long the site keeps something.
create function kept_days(what text, otherwise int) returns int language plpgsql stable as $$
begin
	return coalesce((select (r ->> 'days')::int from site, jsonb_array_elements(retention) r where r ->> 'key' = what limit 1), otherwise);
end $$;

-- Whether an account that its owner put to rest can be woken by them.
create function may_return(account) returns boolean language sql stable as $$
	select $1.state = 'DEACTIVATED' and $1.deactivated_at > now() - interval '30 days'
$$;

create function account_timers() returns trigger language plpgsql as $$
begin
	perform schedule('EndLock', new.id, case when new.state = 'LOCKED' then new.locked_until end);
	perform schedule('ExpireRegistration', new.id,
		case when new.state = 'PENDING_VERIFICATION' then new.created_at + interval '1 day' * kept_days('unverified-account', 14) end);
	return null;
end $$;
create trigger account_timers after insert or update of state, locked_until on account
	for each row execute function account_timers();

insert into transition (thing, from_state, to_state) values
	('account', 'PENDING_VERIFICATION', 'ACTIVE'),
	('account', 'ACTIVE', 'LOCKED'),
	('account', 'LOCKED', 'ACTIVE'),
	('account', 'ACTIVE', 'SUSPENDED'),
	('account', 'LOCKED', 'SUSPENDED'),
	('account', 'SUSPENDED', 'ACTIVE'),
	('account', 'ACTIVE', 'DEACTIVATED'),
	('account', 'LOCKED', 'DEACTIVATED'),
	('account', 'DEACTIVATED', 'ACTIVE');

-- The one-time tokens of links in mails, and of open invitations; hashed.
create table mail_token (
	hash text primary key,
	purpose text not null check (purpose in ('VERIFY_EMAIL', 'RESET_PASSWORD', 'CONFIRM_EMAIL_CHANGE',
		'REVERT_EMAIL_CHANGE', 'INVITATION', 'UNLOCK', 'APPROVE_EMAIL_CORRECTION')),
	subject_id uuid not null,
	created_at timestamptz not null default now(),
	expires_at timestamptz not null,
	used_at timestamptz
);
create index mail_token_subject on mail_token (subject_id, purpose);
create index mail_token_age on mail_token (expires_at);

-- Uses up a token and all others of its subject and purpose; 404 when there is none, 410 when it is over or used.
create function take_token(wanted_hash text, wanted_purpose text) returns uuid language plpgsql as $$
declare
	token mail_token;
begin
	select * into token from mail_token where hash = wanted_hash and purpose = wanted_purpose for update;
	if not found then
		perform refuse(404, 'UNKNOWN_TOKEN', 'This link is not one of ours.');
	elsif token.used_at is not null then
		perform refuse(410, 'TOKEN_USED', 'This link has been used already.');
	elsif token.expires_at <= now() then
		perform refuse(410, 'TOKEN_EXPIRED', 'This link is too old. Ask for a new one.');
	end if;
	update mail_token set used_at = now()
	where subject_id = token.subject_id and purpose = wanted_purpose and used_at is null;
	return token.subject_id;
end $$;

-- Changes of addresses. While one can be reverted, the old address belongs to its owner.
create table email_change (
	id uuid primary key default uuid_v7(),
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	user_id uuid not null references account on delete cascade,
	proposed_by uuid,
	reason text not null default '',
	-- The administrator who agreed in the place of somebody who does not reach the old address any more.
	approved_by uuid,
	approval_reason text not null default '',
	state text not null check (state in ('PROPOSED', 'REQUESTED', 'CONFIRMED', 'REVERTED', 'FINAL', 'EXPIRED', 'CANCELLED')),
	old_email text not null,
	old_email_key text not null,
	old_email_tagged boolean not null,
	new_email text not null,
	new_email_key text not null,
	new_email_tagged boolean not null,
	revert_until timestamptz,
	constraint second_administrator_needed check (approved_by <> proposed_by),
	constraint own_account check (approved_by <> user_id)
);
comment on constraint second_administrator_needed on email_change is 'Another administrator than the one who proposed it has to agree.';
comment on constraint own_account on email_change is 'Change your own address in your account.';
create trigger touch before update on email_change for each row execute function touch();
create trigger guard_transition before update of state on email_change for each row execute function guard_transition();
create index email_change_user on email_change (user_id);
create index email_change_held on email_change (old_email_key) where state = 'CONFIRMED';
create function email_change_timer() returns trigger language plpgsql as $$
begin
	perform schedule('SettleEmailChange', new.id, case new.state
		when 'PROPOSED' then new.created_at + interval '7 days'
		when 'REQUESTED' then now() + interval '24 hours'
		when 'CONFIRMED' then new.revert_until end);
	return null;
end $$;
create trigger email_change_timer after insert or update of state on email_change
	for each row execute function email_change_timer();

insert into transition (thing, from_state, to_state) values
	('email_change', 'PROPOSED', 'REQUESTED'),
	('email_change', 'PROPOSED', 'EXPIRED'),
	('email_change', 'PROPOSED', 'CANCELLED'),
	('email_change', 'REQUESTED', 'CONFIRMED'),
	('email_change', 'REQUESTED', 'EXPIRED'),
	('email_change', 'REQUESTED', 'CANCELLED'),
	('email_change', 'CONFIRMED', 'REVERTED'),
	('email_change', 'CONFIRMED', 'FINAL');

-- The links that reset a password are worth nothing any more, and changes of the address that wait are called off: what
-- somebody else began ends with the old password.
create function call_off(person uuid) returns void language sql as $$
	update mail_token set used_at = now() where subject_id = person and purpose = 'RESET_PASSWORD' and used_at is null;
	update email_change set state = 'CANCELLED' where user_id = person and state in ('PROPOSED', 'REQUESTED');
$$;

-- Whether an address has an owner, other than `but`: an account in use, or one who may still revert to it.
create function address_taken(wanted_key text, but uuid default null) returns boolean language plpgsql stable as $$
begin
	return exists (select from account where email_key = wanted_key and state <> 'PENDING_VERIFICATION' and id is distinct from but)
		or exists (select from email_change where old_email_key = wanted_key and state = 'CONFIRMED' and user_id is distinct from but);
end $$;

-- Attempts that are counted before they are made, so that guesses in parallel do not pass together.
-- Keys: account:<email_key>, device:<id>, address:<network>, mail:<what>:<email_key>.
create table throttle (
	key text primary key,
	attempts int not null,
	last_at timestamptz not null,
	blocked_until timestamptz not null
);
create index throttle_age on throttle (last_at);

-- Counts one attempt; answers the seconds to wait when it may not be made now, else 0. After `free` attempts within an hour
-- each further one doubles the wait for the next, from one second; after `most` the wait is an hour.
create function attempt(wanted_key text, free int, most int) returns int language plpgsql as $$
declare
	wait int;
begin
	insert into throttle as t (key, attempts, last_at, blocked_until) values (wanted_key, 1, now(), now())
	on conflict (key) do update set
		attempts = case when t.last_at < now() - interval '1 hour' then 1 else t.attempts + 1 end,
		last_at = now(),
		blocked_until = now() + case
			when t.last_at < now() - interval '1 hour' or t.attempts + 1 <= free then interval '0'
			when t.attempts + 1 >= most then interval '1 hour'
			else least(interval '1 second' * 2 ^ (t.attempts - free), interval '15 minutes') end
	where t.blocked_until <= clock_timestamp()
	returning 0 into wait;
	if wait is null then
		select greatest(1, ceil(extract(epoch from blocked_until - now())))::int into wait from throttle where key = wanted_key;
	end if;
	return wait;
end $$;

-- Devices that have signed in before; they send the token, we keep its hash.
create table device (
	id uuid primary key,
	user_id uuid not null references account on delete cascade,
	hash text not null unique,
	label text not null,
	created_at timestamptz not null default now(),
	last_used_at timestamptz not null default now()
);
create index device_user on device (user_id);
create index device_age on device (last_used_at);

create table session (
	id uuid primary key,
	user_id uuid not null references account on delete cascade,
	device_id uuid references device on delete set null,
	created_at timestamptz not null default now(),
	last_used_at timestamptz not null default now(),
	expires_at timestamptz not null,
	device text not null,
	address_prefix text not null,
	revoked_at timestamptz,
	reason text check (reason in ('LOGOUT', 'ADMIN', 'REUSE', 'PASSWORD_CHANGED', 'SUSPENDED', 'EMAIL_REVERTED', 'MFA_REMOVED', 'DEACTIVATED'))
);
create index session_of_user on session (user_id, created_at desc, id desc) where revoked_at is null;
create index session_revoked on session (revoked_at) where revoked_at is not null;
create index session_age on session (expires_at);

-- One row for each refresh token handed out, hashed. answer: the sealed pair that it was exchanged for.
create table refresh_token (
	hash text primary key,
	session_id uuid not null references session on delete cascade,
	created_at timestamptz not null default now(),
	used_at timestamptz,
	answer text
);
create index refresh_token_session on refresh_token (session_id);
create index refresh_token_spent on refresh_token (used_at) where used_at is not null;

-- Ends the sessions of a person but one; answers those that ended.
create function end_sessions(wanted_user uuid, why text, but uuid default null) returns uuid[] language sql as $$
	with ended as (
		update session set revoked_at = now(), reason = why
		where user_id = wanted_user and revoked_at is null and expires_at > now() and id is distinct from but
		returning id
	)
	select coalesce(array_agg(id), '{}') from ended
$$;

-- An address as far as it may be kept with a session: 192.0.x.x, or the first 48 bits.
create function address_prefix(address text) returns text language plpgsql immutable as $$
begin
	return host(network(set_masklen(address::inet, case family(address::inet) when 4 then 16 else 48 end)));
exception when invalid_text_representation then
	return '';
end $$;

-- Authenticators (RFC 6238): the secret sealed (place totp/<user id>/secret); each step counts once.
create table totp (
	user_id uuid primary key references account on delete cascade,
	secret text not null,
	created_at timestamptz not null default now(),
	confirmed_at timestamptz,
	last_step bigint not null default 0
);
create table recovery_code (
	user_id uuid not null references account on delete cascade,
	hash text not null,
	created_at timestamptz not null default now(),
	used_at timestamptz,
	primary key (user_id, hash)
);
-- Between the password and the second factor.
create table mfa_challenge (
	hash text primary key,
	user_id uuid not null references account on delete cascade,
	device_id uuid,
	-- Of the password that was right: void when there is another one since.
	password_hash text not null,
	failures int not null default 0,
	created_at timestamptz not null default now(),
	expires_at timestamptz not null
);

-- Ed25519 keys that say who speaks. secret: 64 bytes, sealed (place signing_key/<id>/secret).
create table signing_key (
	id text primary key,
	use text not null check (use in ('TOKEN', 'CERTIFICATE', 'AUDIT')),
	public_key text not null,
	secret text not null,
	created_at timestamptz not null default now(),
	-- Signs from then on: others have read it by then.
	not_before timestamptz not null,
	-- Everything signed with it is over by then.
	not_after timestamptz not null
);

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update, delete on account, mail_token, email_change, throttle, device, session,
		refresh_token, totp, recovery_code, mfa_challenge, signing_key to %I', svc);
end $$;

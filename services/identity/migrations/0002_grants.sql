-- What people may do, and the invitations that bring them in.
-- Person ids stand in: role_grant.user_id and .granted_by, invitation.invited_by, invitation_use.user_id, program_member.user_id,
-- mentorship.mentor_ids and .mentee_ids.

create table role_grant (
	id uuid primary key default uuid_v7(),
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	user_id uuid not null constraint unknown_user references account,
	role text not null check (role in ('ADMIN', 'SUPPORT', 'SAFETY_OFFICER', 'COORDINATOR')),
	program_id uuid,
	granted_by uuid,
	starts_at timestamptz not null default now(),
	ends_at timestamptz,
	revoked_at timestamptz,
	state text not null check (state in ('PLANNED', 'IN_FORCE', 'ENDED', 'REVOKED')),
	constraint program_needed check (role <> 'COORDINATOR' or program_id is not null),
	constraint program_not_wanted check (role = 'COORDINATOR' or program_id is null),
	constraint ends_before_start check (ends_at > starts_at)
);
comment on constraint unknown_user on role_grant is 'There is no such account.';
comment on constraint program_needed on role_grant is 'A coordinator is one of a program: name it.';
comment on constraint program_not_wanted on role_grant is 'This role is for the whole site: name no program.';
comment on constraint ends_before_start on role_grant is 'It must end after it starts.';
create trigger touch before update on role_grant for each row execute function touch();
create trigger guard_transition before update of state on role_grant for each row execute function guard_transition();
create unique index already_granted on role_grant (user_id, role, coalesce(program_id, '00000000-0000-0000-0000-000000000000'))
	where state in ('PLANNED', 'IN_FORCE');
comment on index already_granted is 'This person holds the role already.';
create index role_grant_user on role_grant (user_id, created_at desc, id desc);
create index role_grant_program on role_grant (program_id, created_at desc, id desc);
create index role_grant_newest on role_grant (created_at desc, id desc);
create function role_grant_timers() returns trigger language plpgsql as $$
begin
	perform schedule('StartGrant', new.id, case when new.state = 'PLANNED' then new.starts_at end);
	perform schedule('EndGrant', new.id, case when new.state = 'IN_FORCE' then new.ends_at end);
	return null;
end $$;
create trigger role_grant_timers after insert or update of state on role_grant
	for each row execute function role_grant_timers();

insert into transition (thing, from_state, to_state) values
	('role_grant', 'PLANNED', 'IN_FORCE'),
	('role_grant', 'PLANNED', 'REVOKED'),
	('role_grant', 'IN_FORCE', 'ENDED'),
	('role_grant', 'IN_FORCE', 'REVOKED');

-- Whether nobody else holds the role with an account in use. Waits for whoever asks the same.
create function is_last_holder(wanted_role text, holder uuid) returns boolean language plpgsql as $$
begin
	if wanted_role not in ('ADMIN', 'SAFETY_OFFICER') then
		return false;
	end if;
	perform pg_advisory_xact_lock(hashtext(current_schema() || '.last_holder.' || wanted_role));
	return not exists (
		select from role_grant g join account a on a.id = g.user_id
		where g.role = wanted_role and g.state = 'IN_FORCE' and g.user_id <> holder
			and (a.state = 'ACTIVE' or a.lock_cause = 'FAILED_SIGN_INS'));
end $$;

create function keep_a_holder() returns trigger language plpgsql as $$
begin
	if tg_table_name = 'role_grant' then
		if old.state = 'IN_FORCE' and new.state in ('REVOKED', 'ENDED') and is_last_holder(old.role, old.user_id) then
			perform refuse(409, 'LAST_HOLDER', 'Somebody has to hold this role: give it to another person first.');
		end if;
	elsif new.state in ('SUSPENDED', 'DEACTIVATED') or new.lock_cause = 'BY_ADMIN' then
		if exists (select from role_grant where user_id = new.id and state = 'IN_FORCE' and is_last_holder(role, new.id)) then
			perform refuse(409, 'LAST_HOLDER', 'This is the last holder of a role that somebody has to hold.');
		end if;
	end if;
	return new;
end $$;
create trigger keep_a_holder before update of state on role_grant for each row execute function keep_a_holder();
create trigger keep_a_holder before update of state, lock_cause on account for each row
	when ((old.state, old.lock_cause) is distinct from (new.state, new.lock_cause)) execute function keep_a_holder();

-- Tokens name the site roles: a change makes the older ones stale. Whoever signs in holds the account (account_now), so the
-- time is taken once it is free: no token of before is younger.
create function stale_tokens() returns trigger language plpgsql as $$
begin
	if new.program_id is null then
		perform from account where id = new.user_id for no key update;
		update account set tokens_stale_at = clock_timestamp() where id = new.user_id;
	end if;
	return null;
end $$;
create trigger stale_tokens after insert or update of state on role_grant for each row execute function stale_tokens();

-- The site roles that somebody holds now.
create function roles_of(person uuid) returns text[] language plpgsql stable as $$
begin
	return (
		select coalesce(array_agg(role order by role), '{}') from role_grant
		where user_id = person and state = 'IN_FORCE' and program_id is null
	);
end $$;

-- An account as it is at this moment, not as it was when the statement began; it stays so until the transaction ends.
-- can_enter: sessions of it may go on, and begin on a known device. lock_cause BY_ADMIN and other states let nobody in.
create function account_now(person uuid, out state text, out password_hash text, out can_enter boolean, out roles text[])
language plpgsql as $$
begin
	select a.state, a.password_hash, a.state = 'ACTIVE' or (a.state = 'LOCKED' and a.lock_cause = 'FAILED_SIGN_INS')
	into state, password_hash, can_enter
	from account a where a.id = person for no key update;
	roles := roles_of(person);
end $$;

-- Whether somebody coordinates the program now. Its low cost has it judged before what refuses for another reason.
create function coordinates(person uuid, program uuid) returns boolean language plpgsql stable cost 10 as $$
begin
	return exists (select from role_grant where user_id = person and program_id = program and state = 'IN_FORCE');
end $$;

-- Whether somebody may bring others in with that role: the rights of whoever invited are asked again when it is taken up.
create function may_invite(person uuid, wanted_role text, program uuid) returns boolean language plpgsql stable cost 10 as $$
begin
	return exists (select from account where id = person and (state = 'ACTIVE' or lock_cause = 'FAILED_SIGN_INS'))
		and (exists (select from role_grant where user_id = person and role = 'ADMIN' and state = 'IN_FORCE')
			or (wanted_role in ('COORDINATOR', 'MENTOR', 'MENTEE') and coordinates(person, program)));
end $$;

-- True for administrators and for whoever coordinates a program, else 403.
create function must_run_something(person uuid, roles text[]) returns boolean language plpgsql stable cost 10 as $$
begin
	return 'ADMIN' = any (roles)
		or exists (select from role_grant where user_id = person and role = 'COORDINATOR' and state = 'IN_FORCE')
		or refuse(403, 'NOT_COORDINATOR', 'This is for administrators and coordinators.');
end $$;

create table invitation (
	id uuid primary key,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	-- Sealed (place invitation/<id>/email); null for an open link.
	email text,
	email_key text,
	role text check (role in ('ADMIN', 'SUPPORT', 'SAFETY_OFFICER', 'COORDINATOR', 'MENTOR', 'MENTEE')),
	program_id uuid,
	max_uses int not null check (max_uses between 1 and 10000),
	used int not null default 0,
	expires_at timestamptz not null,
	state text not null default 'OPEN' check (state in ('OPEN', 'USED', 'EXHAUSTED', 'EXPIRED', 'REVOKED')),
	invited_by uuid not null,
	constraint program_needed check (role is null or role not in ('COORDINATOR', 'MENTOR', 'MENTEE') or program_id is not null),
	constraint program_not_wanted check (program_id is null or role in ('COORDINATOR', 'MENTOR', 'MENTEE')),
	constraint site_role_by_mail check (role is null or role not in ('ADMIN', 'SUPPORT', 'SAFETY_OFFICER') or email is not null),
	constraint one_use_by_mail check (email is null or max_uses = 1),
	constraint too_few_uses check (max_uses >= used),
	constraint expires_too_late check (expires_at <= created_at + interval '366 days')
);
comment on constraint program_needed on invitation is 'This role is one of a program: name it.';
comment on constraint program_not_wanted on invitation is 'Without a role of a program, name no program.';
comment on constraint site_role_by_mail on invitation is 'A role for the whole site goes to one address only.';
comment on constraint one_use_by_mail on invitation is 'An invitation to one address is used once.';
comment on constraint too_few_uses on invitation is 'It has been used more often already.';
comment on constraint expires_too_late on invitation is 'An invitation ends within a year.';
create trigger touch before update on invitation for each row execute function touch();
create trigger guard_transition before update of state on invitation for each row execute function guard_transition();
create index invitation_newest on invitation (created_at desc, id desc);
create index invitation_program on invitation (program_id, created_at desc, id desc);
create function invitation_timer() returns trigger language plpgsql as $$
begin
	perform schedule('ExpireInvitation', new.id, case when new.state = 'OPEN' then new.expires_at end);
	return null;
end $$;
create trigger invitation_timer after insert or update of state, expires_at on invitation
	for each row execute function invitation_timer();

insert into transition (thing, from_state, to_state) values
	('invitation', 'OPEN', 'USED'),
	('invitation', 'OPEN', 'EXHAUSTED'),
	('invitation', 'OPEN', 'EXPIRED'),
	('invitation', 'OPEN', 'REVOKED'),
	('invitation', 'EXHAUSTED', 'OPEN'),
	('invitation', 'EXHAUSTED', 'REVOKED'),
	('invitation', 'EXPIRED', 'OPEN');

create table invitation_use (
	invitation_id uuid not null references invitation,
	user_id uuid not null references account on delete cascade,
	used_at timestamptz not null default now(),
	primary key (invitation_id, user_id)
);

-- The invitation behind a token: 404 when there is none, 409 when it was used, 410 when it is over or its maker may not
-- invite any more.
create function open_invitation(wanted_hash text) returns invitation language plpgsql as $$
declare
	found_one invitation;
begin
	select i.* into found_one from mail_token t join invitation i on i.id = t.subject_id
	where t.hash = wanted_hash and t.purpose = 'INVITATION' for update of i;
	if not found then
		perform refuse(404, 'UNKNOWN_TOKEN', 'This link is not one of ours.');
	elsif found_one.state in ('USED', 'EXHAUSTED') then
		perform refuse(409, 'INVITATION_USED', 'This invitation has been used already.');
	elsif found_one.state <> 'OPEN' or found_one.expires_at <= now()
		or not may_invite(found_one.invited_by, found_one.role, found_one.program_id) then
		perform refuse(410, 'INVITATION_EXPIRED', 'This invitation is over.');
	end if;
	return found_one;
end $$;

-- Who takes part in which program, as the programs service tells.
create table program_member (
	membership_id uuid primary key,
	user_id uuid not null,
	program_id uuid not null,
	role text not null,
	active boolean not null,
	version bigint not null
);
create index program_member_user on program_member (user_id) where active;
create index program_member_program on program_member (program_id) where active;

-- Who mentors whom, as the programs service tells. What has not been accepted is not here.
create table mentorship (
	id uuid primary key,
	mentor_ids uuid[] not null,
	mentee_ids uuid[] not null,
	state text not null,
	version bigint not null,
	-- Its parties see each other's profiles as partners: neither over nor stopped for safety.
	running boolean generated always as (state in ('KICKOFF', 'ACTIVE', 'PAUSED', 'CLOSING')) stored
);
create index mentorship_mentor on mentorship using gin (mentor_ids) where running;

create function hear_of_mentorship(wanted uuid, mentors uuid[], mentees uuid[], now_is text, its_version bigint) returns void
language sql as $$
	insert into mentorship as m (id, mentor_ids, mentee_ids, state, version)
	values (wanted, coalesce(mentors, '{}'), coalesce(mentees, '{}'), now_is, its_version)
	on conflict (id) do update set mentor_ids = excluded.mentor_ids, mentee_ids = excluded.mentee_ids, state = excluded.state,
		version = excluded.version
	where m.version < excluded.version
$$;

-- Whether one is a mentor of the other now.
create function mentors(mentor uuid, mentee uuid) returns boolean language plpgsql stable as $$
begin
	return exists (select from mentorship where running and mentor_ids @> array[mentor] and mentee_ids @> array[mentee]);
end $$;
-- How many mentorships somebody has as a mentor.
create function load_of(mentor uuid) returns int language plpgsql stable as $$
begin
	return (
		select count(*)::int from mentorship where running and mentor_ids @> array[mentor]
	);
end $$;

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update on role_grant, invitation, program_member, mentorship to %I', svc);
	execute format('grant select, insert, delete on invitation_use to %I', svc);
end $$;

-- Memberships and the answers they were decided on. Person ids: membership.user_id, membership.decided_by.

insert into transition (thing, from_state, to_state) values
	('membership', 'DRAFT', 'SUBMITTED'), ('membership', 'DRAFT', 'WITHDRAWN'), ('membership', 'DRAFT', 'EXPIRED'),
	('membership', 'SUBMITTED', 'UNDER_REVIEW'), ('membership', 'SUBMITTED', 'INFO_REQUESTED'),
	('membership', 'SUBMITTED', 'APPROVED'), ('membership', 'SUBMITTED', 'WAITLISTED'),
	('membership', 'SUBMITTED', 'REJECTED'), ('membership', 'SUBMITTED', 'WITHDRAWN'),
	('membership', 'UNDER_REVIEW', 'INFO_REQUESTED'), ('membership', 'UNDER_REVIEW', 'APPROVED'),
	('membership', 'UNDER_REVIEW', 'WAITLISTED'), ('membership', 'UNDER_REVIEW', 'REJECTED'),
	('membership', 'UNDER_REVIEW', 'WITHDRAWN'),
	('membership', 'INFO_REQUESTED', 'UNDER_REVIEW'), ('membership', 'INFO_REQUESTED', 'REJECTED'),
	('membership', 'INFO_REQUESTED', 'WITHDRAWN'),
	('membership', 'WAITLISTED', 'APPROVED'), ('membership', 'WAITLISTED', 'REJECTED'), ('membership', 'WAITLISTED', 'WITHDRAWN'),
	('membership', 'APPROVED', 'ONBOARDING'), ('membership', 'APPROVED', 'WITHDRAWN'), ('membership', 'APPROVED', 'REMOVED'),
	('membership', 'ONBOARDING', 'ACTIVE'), ('membership', 'ONBOARDING', 'WITHDRAWN'), ('membership', 'ONBOARDING', 'REMOVED'),
	('membership', 'ACTIVE', 'PAUSED'), ('membership', 'ACTIVE', 'COMPLETED'),
	('membership', 'ACTIVE', 'WITHDRAWN'), ('membership', 'ACTIVE', 'REMOVED'),
	('membership', 'PAUSED', 'ACTIVE'), ('membership', 'PAUSED', 'COMPLETED'),
	('membership', 'PAUSED', 'WITHDRAWN'), ('membership', 'PAUSED', 'REMOVED');

create domain member_state as text check (value in ('DRAFT', 'SUBMITTED', 'UNDER_REVIEW', 'INFO_REQUESTED', 'WAITLISTED',
	'APPROVED', 'ONBOARDING', 'ACTIVE', 'PAUSED', 'COMPLETED', 'REJECTED', 'WITHDRAWN', 'REMOVED', 'EXPIRED'));
create domain member_reason as text check (value in ('NOT_NOW', 'NOT_A_FIT', 'INCOMPLETE', 'NO_PLACE', 'INACTIVE', 'CONDUCT', 'OTHER'));

create table membership (
	id uuid primary key,
	-- A program stays while anybody has joined it (guard_deleting); its cohorts go only with it.
	program_id uuid not null,
	cohort_id uuid,
	user_id uuid not null,
	role member_role not null,
	state member_state not null default 'DRAFT',
	open boolean not null default true,
	-- Begun where nobody holds both roles.
	sole boolean not null,
	form_version int,
	waiting_for text[] not null default '{}',
	reason_code member_reason,
	info_question text not null default '',
	info_answer text not null default '',
	may_reapply boolean not null default false,
	decided_by uuid,
	decided_at timestamptz,
	submitted_at timestamptz,
	waitlisted_at timestamptz,
	expires_at timestamptz,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1
);
create unique index already_member on membership (program_id, user_id, (case when sole then 'ANY' else role end)) where open;
create index membership_person on membership (user_id, program_id, created_at desc);
create index membership_program on membership (program_id, created_at, id) where submitted_at is not null;
create index membership_cohort on membership (cohort_id) where submitted_at is not null;
create index membership_draft on membership (expires_at) where state = 'DRAFT';
create index membership_waiting on membership (program_id, waitlisted_at) where state = 'WAITLISTED';

-- Who takes no place meanwhile; kept with the time of the news, so that news in the wrong order change nothing.
create table suspension (
	user_id uuid primary key,
	suspended boolean not null,
	as_of timestamptz not null
);

create table answer (
	membership_id uuid not null references membership on delete cascade,
	key text not null,
	answer jsonb not null,
	updated_at timestamptz not null default now(),
	primary key (membership_id, key)
);

-- Files that answer questions, in the object store under their ids.
create table answer_file (
	id uuid primary key,
	membership_id uuid not null references membership on delete cascade,
	content_type text not null,
	size bigint not null,
	hash bytea not null,
	hashes bytea not null, -- of each 256 KiB
	created_at timestamptz not null default now()
);
create index answer_file_membership on answer_file (membership_id);

-- The hash of the 256 KiB of a file that a byte is in.
create function hash_at(hashes bytea, at bigint) returns bytea language sql immutable as $$
	select substr(hashes, (coalesce(at, 0) / 262144)::int * 32 + 1, 32)
$$;

-- The object goes after its row, however that went.
create function sweep_file() returns trigger language plpgsql as $$
begin
	perform schedule('SweepFile', old.id, now());
	return null;
end $$;
create trigger sweep after delete on answer_file for each row execute function sweep_file();

-- What a membership need not wait for any more; kept also when it is cleared before anybody asks.
create table cleared_gate (
	membership_id uuid not null references membership on delete cascade,
	gate text not null check (gate in ('VETTING', 'TRAINING')),
	cleared_at timestamptz not null default now(),
	primary key (membership_id, gate)
);

-- States in which a membership takes one of the program's places.
create function holds_place(state text) returns boolean language sql immutable as $$
	select state in ('APPROVED', 'ONBOARDING', 'ACTIVE', 'PAUSED')
$$;

-- Where an approved membership stands with these gates before it.
create function standing(waiting_for text[]) returns text language sql immutable as $$
	select case when 'VETTING' = any(waiting_for) then 'APPROVED' when cardinality(waiting_for) > 0 then 'ONBOARDING' else 'ACTIVE' end
$$;

-- Whether this membership of a person keeps them from joining the program in a role.
create function stands_in_the_way(m membership, wanted_role text, both_roles boolean) returns boolean language sql immutable as $$
	select m.open and (m.role = wanted_role or not both_roles)
		or m.state = 'REMOVED' and not m.may_reapply
		or m.state = 'REJECTED' and not m.may_reapply and m.role = wanted_role and m.reason_code is distinct from 'NOT_NOW'
$$;

create function is_invited(program uuid, person uuid, wanted_role text) returns boolean language plpgsql stable as $$
begin
	return exists (
		select from program_role i where i.program_id = program and i.user_id = person and i.role = wanted_role and not i.revoked);
end $$;

-- Whether registration is open at the moment.
create function is_open(program_state text, cohort_state text, opens_at timestamptz, closes_at timestamptz) returns boolean
language sql stable as $$
	select program_state = 'PUBLISHED' and cohort_state is distinct from 'CANCELLED' and (opens_at is null or opens_at <= now() and now() < closes_at)
$$;

-- True, or 422 when nobody can register there now.
create function must_be_open(program_state text, cohort_state text, opens_at timestamptz, closes_at timestamptz) returns boolean
language plpgsql stable as $$
begin
	if is_open(program_state, cohort_state, opens_at, closes_at) then
		return true;
	end if;
	return refuse(422, 'REGISTRATION_CLOSED', 'Registration is not open.',
		jsonb_build_object('opens_at', rfc3339(opens_at), 'closes_at', rfc3339(closes_at)));
end $$;

-- Why somebody cannot begin to register (P-R16): raised, for add_membership says only that it is so. Unless an admin allows
-- it, who was removed comes back in no role, and who was turned down for another reason than NOT_NOW not in the same.
create function refuse_joining(joined uuid, wanted_cohort uuid, person uuid, wanted_role text) returns void language plpgsql as $$
declare
	r record;
begin
	select p.state, p.listed, case wanted_role when 'MENTOR' then p.mentor_admission else p.mentee_admission end as admission,
		c.id as cohort_id, c.state as cohort_state, c.registration_opens_at as opens_at, c.registration_closes_at as closes_at,
		o.id as obstacle_id, o.open as member
	into r
	from program p
		left join cohort c on c.id = coalesce(wanted_cohort, p.cohort_id) and c.program_id = p.id
		left join lateral (
			select m.id, m.open from membership m
			where m.user_id = person and m.program_id = p.id and stands_in_the_way(m, wanted_role, p.both_roles)
			order by m.open desc limit 1
		) o on true
	where p.id = joined;
	if r.listed is not true and not finds_program(joined, person, '{}') then
		perform refuse(404, 'NOT_FOUND', 'There is no such program.');
	elsif r.cohort_id is null and wanted_cohort is not null or r.cohort_state = 'CANCELLED' then
		perform refuse(422, 'UNKNOWN_COHORT', 'The program has no such cohort.');
	end if;
	perform must_be_open(r.state, r.cohort_state, r.opens_at, r.closes_at);
	if r.member then
		perform refuse(409, 'ALREADY_MEMBER', 'You have joined this program already.',
			jsonb_build_object('membership_id', r.obstacle_id));
	elsif r.obstacle_id is not null then
		perform refuse(403, 'MAY_NOT_REAPPLY', 'You cannot apply to this program again.');
	elsif r.admission = 'INVITE' and not is_invited(joined, person, wanted_role) then
		perform refuse(403, 'INVITATION_NEEDED', 'This program is joined by invitation.');
	end if;
	raise exception using errcode = 'serialization_failure', message = 'what stood in the way is gone';
end $$;

-- Trigger `before delete on program` (P-R22), in place of a foreign key: that would have everybody who joins lock the program's
-- row. Who joins at this moment is waited for, or finds the program gone.
create function guard_deleting() returns trigger language plpgsql as $$
begin
	lock table membership in share row exclusive mode;
	if exists (select from membership where program_id = old.id) then
		perform refuse(409, 'HAS_MEMBERSHIPS', 'People have joined this program: it can only be archived.');
	end if;
	return old;
end $$;
create trigger joined before delete on program for each row execute function guard_deleting();

-- Trigger `before update of both_roles`: already_member cannot tell a membership begun before the change from one begun after it,
-- so that none is being begun while it changes.
create function guard_both_roles() returns trigger language plpgsql as $$
begin
	lock table membership in share row exclusive mode;
	return new;
end $$;
create trigger both_roles before update of both_roles on program for each row when (new.both_roles <> old.both_roles)
	execute function guard_both_roles();

-- Drafts expire one after another: there is a timer for the next. A new one is the last.
insert into timer (rpc, subject_id, due_at) values ('ExpireDrafts', '00000000-0000-0000-0000-000000000000', now());

-- P-R4: the program's row is locked, so that the last place goes to exactly one. False when there is none.
create function take_place(m membership) returns boolean language plpgsql as $$
declare
	p program;
	c cohort;
	mentor int := (m.role = 'MENTOR')::int;
begin
	select * into p from program where id = m.program_id for no key update;
	if p.state = 'ARCHIVED' then
		perform refuse(409, 'ARCHIVED', 'An archived program takes nobody any more.');
	end if;
	select * into c from cohort where id = m.cohort_id;
	if not has_place(p, c, m.role) then
		return false;
	end if;
	update cohort set mentors = mentors + mentor, mentees = mentees + 1 - mentor where id = m.cohort_id;
	update program set mentors = mentors + mentor, mentees = mentees + 1 - mentor where id = m.program_id;
	return true;
end $$;

create function give_place(m membership) returns void language plpgsql as $$
declare
	mentor int := (m.role = 'MENTOR')::int;
begin
	perform from program where id = m.program_id for no key update;
	update cohort set mentors = mentors - mentor, mentees = mentees - 1 + mentor where id = m.cohort_id;
	update program set mentors = mentors - mentor, mentees = mentees - 1 + mentor where id = m.program_id;
	perform schedule('FillPlaces', m.program_id, now());
end $$;

-- Who is approved takes a place, or waits for one; behind the gates that remain.
create function admit(m membership, was text) returns membership language plpgsql as $$
begin
	m.waiting_for := gates_before(m);
	if take_place(m) then
		m.state := standing(m.waiting_for);
	elsif was = 'WAITLISTED' then
		perform refuse(409, 'NO_PLACE', 'Every place is taken.');
	else
		m.state := 'WAITLISTED';
	end if;
	return m;
end $$;

create function guard_submitting(m membership) returns boolean language plpgsql stable as $$
begin
	return must_be_open(p.state, c.state, c.registration_opens_at, c.registration_closes_at)
	from program p left join cohort c on c.id = m.cohort_id where p.id = m.program_id;
end $$;

-- Trigger `before update of state`: what follows from a step.
create function follow_step() returns trigger language plpgsql as $$
begin
	if new.state = 'SUBMITTED' then
		perform guard_submitting(new);
		new.submitted_at := now();
		new.expires_at := null;
		new.waiting_for := gates_before(new);
	elsif new.state = 'APPROVED' then
		new := admit(new, old.state);
	elsif holds_place(old.state) and not holds_place(new.state) then
		perform give_place(new);
	end if;
	new.waitlisted_at := case when new.state = 'WAITLISTED' then coalesce(old.waitlisted_at, now()) end;
	new.open := new.state not in ('COMPLETED', 'REJECTED', 'WITHDRAWN', 'REMOVED', 'EXPIRED');
	return new;
end $$;

create function pass_gates() returns trigger language plpgsql as $$
begin
	new.state := standing(new.waiting_for);
	return new;
end $$;

create trigger again before update of state on membership for each row
	when (new.state = old.state or new.state = 'APPROVED' and old.state in ('ONBOARDING', 'ACTIVE'))
	execute function stay_as_it_is();
create trigger guard before update of state on membership for each row when (new.state <> old.state) execute function guard_transition();
create trigger step before update of state on membership for each row when (new.state <> old.state) execute function follow_step();
create trigger gates before update of waiting_for on membership for each row
	when (old.state in ('APPROVED', 'ONBOARDING')) execute function pass_gates();
create trigger touch before update on membership for each row when (new.* is distinct from old.*) execute function touch();

-- True, or 403: about their own membership nobody decides, whatever they run.
create function is_anothers(m membership, person uuid) returns boolean language plpgsql stable as $$
begin
	return m.user_id <> person or refuse(403, 'OWN_MEMBERSHIP', 'Others decide about your membership.');
end $$;

-- Whether a person may decide about a membership: 403 for its owner, false (404) for who may not. Drafts are their owners'.
create function decides(m membership, person uuid, roles text[]) returns boolean language plpgsql stable cost 10 as $$
begin
	return is_anothers(m, person) and m.submitted_at is not null and coordinates(m.program_id, person, roles);
end $$;

-- One of several decisions: what cannot be done is answered, not raised.
create function decide(in_program uuid, member uuid, verdict text, reason text, person uuid,
	out state text, out changed boolean, out code text, out detail text) language plpgsql as $$
declare
	before membership;
begin
	select * into before from membership m where m.id = member and m.program_id = in_program and m.submitted_at is not null for update;
	state := before.state;
	changed := false;
	if state is null then
		code := 'NOT_FOUND';
		detail := 'The program has no such membership.';
		return;
	end if;
	perform is_anothers(before, person);
	update membership m set
		state = case verdict when 'APPROVE' then 'APPROVED' when 'REJECT' then 'REJECTED' else 'WAITLISTED' end,
		reason_code = reason, decided_by = person, decided_at = now()
	where m.id = member
	returning m.state, m.version > before.version into state, changed;
exception when others then
	if sqlstate not like 'IT%' then
		raise;
	end if;
	get stacked diagnostics code = constraint_name, detail = message_text;
	code := upper(code);
end $$;

-- Gives free places to those who have waited longest, while the program takes people. Passes over who is suspended, and
-- whoever is being decided about at this moment.
create function fill_places(in_program uuid) returns setof membership language plpgsql as $$
declare
	p program;
	c cohort;
	m membership;
begin
	perform from program where id = in_program and state in ('PUBLISHED', 'HIDDEN') for no key update;
	if not found then
		return;
	end if;
	for m in
		select * from membership w
		where w.program_id = in_program and w.state = 'WAITLISTED'
			and not exists (select from suspension s where s.user_id = w.user_id and s.suspended)
		order by w.waitlisted_at, w.id
		for update skip locked
	loop
		select * into p from program where id = in_program;
		select * into c from cohort where id = m.cohort_id;
		continue when not has_place(p, c, m.role);
		return query update membership set state = 'APPROVED' where id = m.id returning *;
	end loop;
end $$;

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update on membership, answer, suspension to %I', svc);
	execute format('grant select, insert on cleared_gate, answer_file to %I', svc);
end $$;

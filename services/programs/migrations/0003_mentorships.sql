-- Mentorships and their parties. Person ids: mentorship.mentor_ids, mentorship.mentee_ids, mentorship.closing_by,
-- mentorship_party.user_id, mentor_load.user_id, timeline_entry.person_id.

insert into transition (thing, from_state, to_state) values
	('mentorship', 'PROPOSED', 'PENDING_ACCEPTANCE'), ('mentorship', 'PROPOSED', 'KICKOFF'),
	('mentorship', 'PROPOSED', 'DECLINED'), ('mentorship', 'PROPOSED', 'EXPIRED'),
	('mentorship', 'PENDING_ACCEPTANCE', 'KICKOFF'), ('mentorship', 'PENDING_ACCEPTANCE', 'DECLINED'),
	('mentorship', 'PENDING_ACCEPTANCE', 'EXPIRED'),
	('mentorship', 'KICKOFF', 'ACTIVE'), ('mentorship', 'KICKOFF', 'CLOSING'), ('mentorship', 'KICKOFF', 'SUSPENDED'),
	('mentorship', 'ACTIVE', 'PAUSED'), ('mentorship', 'ACTIVE', 'CLOSING'), ('mentorship', 'ACTIVE', 'SUSPENDED'),
	('mentorship', 'PAUSED', 'ACTIVE'), ('mentorship', 'PAUSED', 'CLOSING'), ('mentorship', 'PAUSED', 'SUSPENDED'),
	('mentorship', 'CLOSING', 'CLOSED'), ('mentorship', 'CLOSING', 'SUSPENDED'),
	('mentorship', 'SUSPENDED', 'KICKOFF'), ('mentorship', 'SUSPENDED', 'ACTIVE'), ('mentorship', 'SUSPENDED', 'PAUSED'),
	('mentorship', 'SUSPENDED', 'CLOSING');

-- What a program leaves to its coordinators about mentorships; a program without a row has the defaults.
create table mentorship_rules (
	program_id uuid primary key references program on delete cascade,
	auto_accept boolean not null default false,
	acceptance_days int not null default 7,
	agreement_needed boolean not null default true,
	post_contact_rule text not null default 'After the mentorship has closed, you write to each other only if both of you want to.',
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1
);

create table mentorship (
	id uuid primary key,
	program_id uuid not null references program,
	cohort_id uuid,
	origin text not null check (origin in ('RUN', 'REQUEST', 'ADMIN', 'IMPORT')),
	state text not null default 'PROPOSED' check (state in ('PROPOSED', 'PENDING_ACCEPTANCE', 'KICKOFF', 'ACTIVE', 'PAUSED', 'CLOSING',
		'CLOSED', 'DECLINED', 'EXPIRED', 'SUSPENDED')),
	-- Whether it is not over, and whether its parties can work in it.
	open boolean not null default true,
	running boolean not null default false,
	-- Who is in it now, from mentorship_party.
	mentor_ids uuid[] not null default '{}',
	mentee_ids uuid[] not null default '{}',
	-- Everybody who is or was in it: MentorshipParty messages.
	parties jsonb not null default '[]',
	answer_by timestamptz,
	kickoff_at timestamptz,
	kickoff_completed_at timestamptz,
	started_at timestamptz,
	planned_end_on date,
	paused_until date,
	closing_at timestamptz,
	closing_by uuid,
	close_by timestamptz,
	close_reason text check (close_reason in ('COMPLETED', 'END_DATE', 'BOTH_AGREED', 'MENTOR_LEFT', 'MENTEE_LEFT', 'NO_CONTACT', 'NOT_A_FIT',
		'AGREEMENT_DECLINED', 'PROGRAM_ENDED', 'SAFETY', 'OTHER')),
	closed_at timestamptz,
	closed_incomplete boolean not null default false,
	-- Where it goes back to from SUSPENDED.
	suspended_from text,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1
);
create index mentorship_program on mentorship (program_id, id desc);
create index mentorship_cohort on mentorship (cohort_id) where open;

create table mentorship_party (
	mentorship_id uuid not null references mentorship on delete cascade,
	user_id uuid not null,
	role text not null check (role in ('MENTOR', 'MENTEE')),
	membership_id uuid not null references membership,
	accepted_at timestamptz,
	declined_at timestamptz,
	-- Not in it any more, while it goes on without the person.
	left_at timestamptz,
	created_at timestamptz not null default now(),
	constraint mentorship_with_self primary key (mentorship_id, user_id)
);
comment on constraint mentorship_with_self on mentorship_party is 'Nobody is in a mentorship twice.';
create index mentorship_party_person on mentorship_party (user_id, mentorship_id desc);
create index mentorship_party_membership on mentorship_party (membership_id);

-- How many mentorships a mentor takes on, over all programs, and how many it is now; what identity tells carries its time.
create table mentor_load (
	user_id uuid primary key,
	capacity_total int,
	capacity_as_of timestamptz not null default '-infinity',
	paused_until date,
	paused_as_of timestamptz not null default '-infinity',
	mentorships int not null default 0
);

-- What happened in a mentorship, written by triggers through tell_timeline(). kind is a TimelineEntry.Kind; what is a word in capitals.
create table timeline_entry (
	id uuid primary key default uuid_v7(),
	mentorship_id uuid not null references mentorship on delete cascade,
	kind text not null check (kind in ('STATE', 'AGREEMENT', 'PLAN', 'GOAL', 'TASK', 'MILESTONE', 'DOCUMENT', 'SESSION', 'EVALUATION',
		'SURVEY', 'CERTIFICATE', 'CLOSURE', 'HANDOVER')),
	what text not null,
	-- The goal, the task …; null for the mentorship itself.
	thing_id uuid,
	person_id uuid,
	at timestamptz not null default now()
);
create index timeline_entry_mentorship on timeline_entry (mentorship_id, id desc);

create function tell_timeline(mentorship uuid, kind text, what text, thing uuid default null, person uuid default null) returns void
language sql as $$
	insert into timeline_entry (mentorship_id, kind, what, thing_id, person_id) values (mentorship, kind, what, thing, person)
$$;

-- The person's role in a mentorship that was sent out; null for who is not in it (any more).
create function party_role(mentorship uuid, person uuid) returns text language sql stable cost 5 as $$
	select p.role from mentorship_party p join mentorship m on m.id = p.mentorship_id
	where p.mentorship_id = mentorship and p.user_id = person and p.left_at is null and m.state <> 'PROPOSED'
$$;

create function is_party(mentorship uuid, person uuid) returns boolean language plpgsql stable cost 10 as $$
begin
	return party_role(mentorship, person) is not null;
end $$;

-- True, or 404 for everybody but the mentors and mentees.
create function must_be_party(mentorship uuid, person uuid) returns boolean language plpgsql stable cost 10 as $$
begin
	return is_party(mentorship, person) or refuse(404, 'NOT_FOUND', 'There is no such mentorship.');
end $$;

-- For what the parties do in it: true; 404 for others, 409 while it has not begun, rests by order or is over.
create function must_work_in(mentorship uuid, person uuid) returns boolean language plpgsql stable cost 10 as $$
declare
	m mentorship;
begin
	perform must_be_party(mentorship, person);
	select * into m from mentorship t where t.id = mentorship;
	return m.running or refuse(409, 'MENTORSHIP_NOT_RUNNING', format('Nothing is done in a mentorship that is %s.',
		lower(replace(m.state, '_', ' '))), jsonb_build_object('state', m.state));
end $$;

-- Whether a person may run it: coordinators of its program and admins.
create function runs_mentorship(mentorship uuid, person uuid, roles text[]) returns boolean language plpgsql stable cost 10 as $$
begin
	return exists (select from mentorship m where m.id = mentorship and coordinates(m.program_id, person, roles));
end $$;

-- Whether a person sees that it exists, with what is not private: its parties and who runs the program.
create function sees_mentorship(mentorship uuid, person uuid, roles text[]) returns boolean language plpgsql stable cost 10 as $$
begin
	return is_party(mentorship, person) or runs_mentorship(mentorship, person, roles);
end $$;

create function must_see_mentorship(mentorship uuid, person uuid, roles text[]) returns boolean language plpgsql stable cost 10 as $$
begin
	return sees_mentorship(mentorship, person, roles) or refuse(404, 'NOT_FOUND', 'There is no such mentorship.');
end $$;

-- True, or 403 for its parties, 404 for who does not see it.
create function must_run_mentorship(mentorship uuid, person uuid, roles text[]) returns boolean language plpgsql stable cost 10 as $$
begin
	return must_see_mentorship(mentorship, person, roles) and (runs_mentorship(mentorship, person, roles)
		or refuse(403, 'NOT_COORDINATOR', 'Only the coordinators of this program may do that.'));
end $$;

-- Keeps what the mentorship tells of its parties, mentors first.
create function show_parties() returns trigger language plpgsql as $$
declare
	changed uuid := coalesce(new.mentorship_id, old.mentorship_id);
begin
	update mentorship m set
		mentor_ids = array(select user_id from mentorship_party where mentorship_id = changed and role = 'MENTOR' and left_at is null
			order by user_id),
		mentee_ids = array(select user_id from mentorship_party where mentorship_id = changed and role = 'MENTEE' and left_at is null
			order by user_id),
		parties = (select coalesce(jsonb_agg(jsonb_build_object('user_id', p.user_id, 'role', p.role, 'membership_id', p.membership_id,
			'accepted_at', rfc3339(p.accepted_at), 'declined_at', rfc3339(p.declined_at), 'left_at', rfc3339(p.left_at))
			order by p.role = 'MENTEE', p.user_id), '[]') from mentorship_party p where p.mentorship_id = changed)
	where m.id = changed;
	return null;
end $$;

-- States in which a mentorship takes one of its mentors' places.
create function takes_mentors(state text) returns boolean language sql immutable as $$
	select state in ('PENDING_ACCEPTANCE', 'KICKOFF', 'ACTIVE', 'PAUSED', 'CLOSING', 'SUSPENDED')
$$;

-- One more mentorship for a mentor, over all programs; the row is locked, so that the last place goes to exactly one.
create function take_mentor(mentor uuid) returns void language plpgsql as $$
declare
	load mentor_load;
begin
	insert into mentor_load (user_id, mentorships) values (mentor, 1)
	on conflict (user_id) do update set mentorships = mentor_load.mentorships + 1
	returning * into load;
	if load.paused_until >= current_date then
		perform refuse(409, 'MENTOR_PAUSED', 'The mentor takes on nobody for now.', jsonb_build_object('user_id', mentor));
	elsif load.mentorships > load.capacity_total then
		perform refuse(409, 'MENTOR_FULL', 'The mentor has as many mentorships as they take on.', jsonb_build_object('user_id', mentor));
	end if;
end $$;

create function take_mentors(mentors uuid[]) returns void language plpgsql as $$
begin
	perform take_mentor(mentor) from unnest(mentors) mentor;
end $$;

create function give_mentors(mentors uuid[]) returns void language sql as $$
	update mentor_load set mentorships = mentorships - 1 where user_id = any(mentors)
$$;

-- Nobody leaves, pauses or is suspended between being proposed and the beginning: memberships stay locked until the commit.
create function must_take_part(mentorship uuid) returns boolean language plpgsql as $$
declare
	missing uuid;
begin
	perform from membership s
	where s.id in (select p.membership_id from mentorship_party p where p.mentorship_id = must_take_part.mentorship and p.left_at is null)
	order by s.id for share;
	select p.user_id into missing
	from mentorship_party p join membership s on s.id = p.membership_id left join suspension x on x.user_id = p.user_id
	where p.mentorship_id = must_take_part.mentorship and p.left_at is null and (s.state <> 'ACTIVE' or x.suspended)
	limit 1;
	return missing is null or refuse(409, 'PARTY_NOT_ACTIVE', 'Somebody of this mentorship does not take part in the program now.',
		jsonb_build_object('user_id', missing));
end $$;

create function rules_of(program uuid) returns mentorship_rules language plpgsql stable as $$
declare
	r mentorship_rules;
begin
	select * into r from mentorship_rules where program_id = program;
	if r.program_id is null then
		r := row(program, false, 7, true, 'After the mentorship has closed, you write to each other only if both of you want to.',
			null, null, 0);
	end if;
	return r;
end $$;

-- Trigger `before update of state`: what follows from a step.
create function follow_mentorship() returns trigger language plpgsql as $$
begin
	if takes_mentors(new.state) and not takes_mentors(old.state) then
		perform take_mentors(new.mentor_ids);
	elsif takes_mentors(old.state) and not takes_mentors(new.state) then
		perform give_mentors(new.mentor_ids);
	end if;
	if new.state = 'KICKOFF' and old.state <> 'SUSPENDED' then
		perform must_take_part(new.id);
		new.kickoff_at := now();
	end if;
	new.answer_by := case when new.state = 'PENDING_ACCEPTANCE'
		then now() + make_interval(days => (rules_of(new.program_id)).acceptance_days) end;
	new.open := new.state not in ('CLOSED', 'DECLINED', 'EXPIRED');
	new.running := new.state in ('KICKOFF', 'ACTIVE', 'PAUSED', 'CLOSING');
	perform tell_timeline(new.id, 'STATE', new.state);
	return new;
end $$;

create trigger parties after insert or update or delete on mentorship_party for each row execute function show_parties();
create trigger again before update of state on mentorship for each row when (new.state = old.state) execute function stay_as_it_is();
create trigger guard before update of state on mentorship for each row when (new.state <> old.state) execute function guard_transition();
create trigger step before update of state on mentorship for each row when (new.state <> old.state) execute function follow_mentorship();
create trigger touch before update on mentorship for each row when (new.* is distinct from old.*) execute function touch();
create trigger touch before update on mentorship_rules for each row when (new.* is distinct from old.*) execute function touch();

-- True, or 409: the two are in a mentorship of this program already.
create function must_be_new(program uuid, memberships uuid[]) returns boolean language plpgsql stable as $$
declare
	known uuid;
begin
	select m.id into known
	from mentorship_party a join mentorship m on m.id = a.mentorship_id join mentorship_party b on b.mentorship_id = m.id
	where a.membership_id = any(memberships) and b.membership_id = any(memberships)
		and a.role = 'MENTOR' and b.role = 'MENTEE' and a.left_at is null and b.left_at is null and m.open
	limit 1;
	return known is null or refuse(409, 'ALREADY_PAIRED', 'These two are in a mentorship already.', jsonb_build_object('mentorship_id', known));
end $$;

-- True, or 422: all are active members of the program in that role, as many as told, and none is suspended.
create function must_be_members(program uuid, wanted_role text, memberships uuid[]) returns boolean language plpgsql as $$
declare
	wrong uuid;
begin
	perform from membership s where s.id = any(memberships) order by s.id for share;
	select w into wrong from unnest(memberships) w
	where not exists (
		select from membership s left join suspension x on x.user_id = s.user_id
		where s.id = w and s.program_id = program and s.role = wanted_role and s.state = 'ACTIVE' and x.suspended is not true)
	limit 1;
	return wrong is null or refuse(422, 'NOT_AN_ACTIVE_MEMBER', format('This is no active %s of the program.', lower(wanted_role)),
		jsonb_build_object('membership_id', wrong));
end $$;

-- A new mentorship of members; held: the parties are not asked yet. Where the program says so, nobody is asked.
create function open_mentorship(new_id uuid, program uuid, cohort uuid, origin text, mentors uuid[], mentees uuid[], held boolean,
	ends_on date) returns mentorship language plpgsql as $$
declare
	m mentorship;
	p program;
	auto boolean := (rules_of(program)).auto_accept;
begin
	select * into p from program t where t.id = program for share;
	if not was_published(p.state) or p.state = 'ARCHIVED' then
		perform refuse(409, 'NOT_PUBLISHED', 'Mentorships begin in programs that are published.');
	elsif cohort is not null and not exists (select from cohort c where c.id = cohort and c.program_id = program) then
		perform refuse(422, 'UNKNOWN_COHORT', 'The program has no such cohort.');
	elsif cardinality(mentors) > 1 and cardinality(mentees) > 1 then
		perform refuse(422, 'MANY_TO_MANY', 'A mentorship has one mentor or one mentee.');
	elsif ends_on <= current_date then
		perform refuse(422, 'ENDS_IN_THE_PAST', 'The mentorship must end after today.');
	end if;
	perform must_be_members(program, 'MENTOR', mentors), must_be_members(program, 'MENTEE', mentees);
	-- One at a time for a person, so that no two see each other unmade.
	perform pg_advisory_xact_lock(uuid_hash(program), uuid_hash(x)) from (select unnest(mentees || mentors) as x order by 1) u;
	perform must_be_new(program, mentors || mentees);
	insert into mentorship (id, program_id, cohort_id, origin, planned_end_on)
	values (new_id, program, coalesce(cohort, (select s.cohort_id from membership s where s.id = mentees[1])), origin, ends_on);
	insert into mentorship_party (mentorship_id, user_id, role, membership_id, accepted_at)
	select new_id, s.user_id, s.role, s.id, case when auto then now() end
	from membership s where s.id = any(mentors || mentees);
	if not held then
		update mentorship set state = case when auto then 'KICKOFF' else 'PENDING_ACCEPTANCE' end where id = new_id;
	end if;
	select * into m from mentorship where id = new_id;
	return m;
end $$;

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update on mentorship, mentorship_party, mentorship_rules, mentor_load to %I', svc);
	execute format('grant select, insert on timeline_entry to %I', svc);
end $$;

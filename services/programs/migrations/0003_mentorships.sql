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
	-- What the first conversation settles: KickoffItem messages with key and title.
	kickoff_items jsonb not null,
	post_contact_rule text not null,
	-- By when every mentorship ends, so that the program can be archived.
	close_all_on date,
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
	suspended_ids uuid[] not null default '{}',
	-- Everybody who is or was in it: MentorshipParty messages.
	parties jsonb not null default '[]',
	-- What one side has asked and the other not answered: MentorshipAsk messages.
	asks jsonb not null default '[]',
	answer_by timestamptz,
	kickoff_at timestamptz,
	kickoff_completed_at timestamptz,
	-- The last reminder, in days after kickoff_at; and the last announcement, in days before the planned end.
	kickoff_reminded int,
	end_announced int,
	-- When the first agreement was signed by everybody.
	agreed_at timestamptz,
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
	-- Where it goes back to from SUSPENDED, once safety holds it no longer and nobody on one side is missing.
	suspended_from text,
	safety_hold boolean not null default false,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1
);
create index mentorship_program on mentorship (program_id, id desc);
create index mentorship_cohort on mentorship (cohort_id) where open;

create table mentorship_party (
	mentorship_id uuid not null references mentorship on delete cascade,
	user_id uuid not null,
	role member_role not null,
	membership_id uuid not null references membership,
	accepted_at timestamptz,
	declined_at timestamptz,
	suspended_at timestamptz,
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
create function party_role(mentorship uuid, person uuid) returns text language plpgsql stable cost 5 as $$
begin
	return (
		select p.role from mentorship_party p join mentorship m on m.id = p.mentorship_id
		where p.mentorship_id = mentorship and p.user_id = person and p.left_at is null and p.suspended_at is null and m.state <> 'PROPOSED'
	);
end $$;

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
		suspended_ids = array(select user_id from mentorship_party where mentorship_id = changed and suspended_at is not null
			and left_at is null order by user_id),
		parties = (select coalesce(jsonb_agg(jsonb_build_object('user_id', p.user_id, 'role', p.role, 'membership_id', p.membership_id,
			'accepted_at', rfc3339(p.accepted_at), 'declined_at', rfc3339(p.declined_at), 'suspended_at', rfc3339(p.suspended_at), 'left_at', rfc3339(p.left_at))
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

-- S2-5 … S2-9, S4-11: what a first conversation is about, where the program does not say it in its own words.
create function default_rules(program uuid) returns mentorship_rules language sql stable as $$
	select row(program, false, 7, true, jsonb_build_array(
		jsonb_build_object('key', 'confidentiality', 'title', 'Everything that is said here stays between you.'),
		jsonb_build_object('key', 'process', 'title', 'How many sessions, how long, and what each is about.'),
		jsonb_build_object('key', 'first-time', 'title', 'Whether this is your first mentorship.'),
		jsonb_build_object('key', 'expectations', 'title', 'What can be expected of the sessions, and what cannot.'),
		jsonb_build_object('key', 'feedback', 'title', 'Questions and feedback are welcome at any time.')),
		'After the mentorship has closed, you write to each other only if both of you want to.', null, now(), now(), 0)::mentorship_rules
$$;

create function rules_of(program uuid) returns mentorship_rules language plpgsql stable as $$
declare
	r mentorship_rules;
begin
	select * into r from mentorship_rules t where t.program_id = program;
	return case when r.program_id is null then default_rules(program) else r end;
end $$;

-- Where the calendar of a mentorship hangs: its cohort's zone.
create function zone_of(cohort uuid) returns text language plpgsql stable as $$
begin
	return coalesce((select c.zone from cohort c where c.id = cohort), 'UTC');
end $$;

-- P-R17: when something is next to say about the planned end: 30, 14 and 3 days before, and when the day is over.
create function next_end_notice(ends_on date, zone text) returns timestamptz language plpgsql stable as $$
begin
	return (
		select coalesce(min(n.at) filter (where n.at > now()), now())
		from (select (ends_on - d)::timestamp at time zone zone as at from unnest(array[30, 14, 3, -1]) d) n
	);
end $$;

-- When the kick-off is next reminded of, and after 14 days told to be late.
create function next_kickoff_notice(m mentorship) returns timestamptz language plpgsql stable as $$
begin
	return (
		select m.kickoff_at + make_interval(days => min(d)) from unnest(array[3, 7, 12, 14]) d where d > coalesce(m.kickoff_reminded, 0)
	);
end $$;

-- Trigger `before update of state`: what a step sets.
create function follow_mentorship() returns trigger language plpgsql as $$
begin
	if takes_mentors(new.state) and not takes_mentors(old.state) then
		perform take_mentors(new.mentor_ids);
	elsif takes_mentors(old.state) and not takes_mentors(new.state) then
		perform give_mentors(new.mentor_ids);
	end if;
	new.open := new.state not in ('CLOSED', 'DECLINED', 'EXPIRED');
	new.running := new.state in ('KICKOFF', 'ACTIVE', 'PAUSED', 'CLOSING');
	new.answer_by := case when new.state = 'PENDING_ACCEPTANCE'
		then now() + make_interval(days => (rules_of(new.program_id)).acceptance_days) end;
	new.suspended_from := case when new.state = 'SUSPENDED' then old.state end;
	if new.state = 'KICKOFF' and old.state <> 'SUSPENDED' then
		perform must_take_part(new.id);
		new.kickoff_at := now();
	elsif new.state = 'ACTIVE' then
		new.started_at := coalesce(new.started_at, now());
		new.paused_until := null;
		new.planned_end_on := coalesce(new.planned_end_on, (now() at time zone zone_of(new.cohort_id))::date
			+ (select p.duration_default_days from program p where p.id = new.program_id));
	elsif new.state = 'CLOSING' then
		new.closing_at := now();
		new.close_by := now() + interval '21 days';
	elsif new.state = 'CLOSED' then
		new.closed_at := now();
	end if;
	return new;
end $$;

-- Trigger `after update`: what is due next, and the entry in the timeline.
create function schedule_mentorship() returns trigger language plpgsql as $$
begin
	perform schedule('ExpireMentorship', new.id, new.answer_by);
	perform schedule('RemindKickoff', new.id, case when new.state = 'KICKOFF' then next_kickoff_notice(new) end);
	perform schedule('WatchEnd', new.id, case when new.state in ('KICKOFF', 'ACTIVE', 'PAUSED')
		then next_end_notice(new.planned_end_on, zone_of(new.cohort_id)) end)
	where new.planned_end_on is not null;
	perform schedule('EndPause', new.id, case when new.state = 'PAUSED'
		then (new.paused_until + 1)::timestamp at time zone zone_of(new.cohort_id) end);
	perform schedule('CloseOverdue', new.id, case when new.state = 'CLOSING' then new.close_by end);
	if new.state <> old.state then
		perform tell_timeline(new.id, 'STATE', new.state);
	end if;
	return null;
end $$;

create trigger parties after insert or update or delete on mentorship_party for each row execute function show_parties();
create trigger again before update of state on mentorship for each row when (new.state = old.state) execute function stay_as_it_is();
create trigger guard before update of state on mentorship for each row when (new.state <> old.state) execute function guard_transition();
create trigger step before update of state on mentorship for each row when (new.state <> old.state) execute function follow_mentorship();
create trigger touch before update on mentorship for each row when (new.* is distinct from old.*) execute function touch();
create trigger due after update of state, planned_end_on, paused_until on mentorship for each row
	when ((new.state, new.planned_end_on, new.paused_until) is distinct from (old.state, old.planned_end_on, old.paused_until))
	execute function schedule_mentorship();
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
	elsif cohort is not null and not exists (
		select from cohort c where c.id = cohort and c.program_id = program and c.state not in ('ENDED', 'CANCELLED') for share
	) then
		perform refuse(422, 'UNKNOWN_COHORT', 'The program has no such cohort, or it is over.');
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

-- Those who have said yes to each other elsewhere, or are asked here; the same id again is the same mentorship.
create function open_match(new_id uuid, program uuid, origin text, mentors uuid[], mentees uuid[], ask boolean) returns mentorship
language plpgsql as $$
declare
	m mentorship;
begin
	perform pg_advisory_xact_lock(uuid_hash(program), uuid_hash(new_id));
	select * into m from mentorship where id = new_id;
	if m.id is null then
		m := open_mentorship(new_id, program, null, origin, mentors, mentees, not ask, null);
	end if;
	if m.state = 'PROPOSED' then
		update mentorship_party set accepted_at = now() where mentorship_id = new_id and accepted_at is null;
		update mentorship set state = 'KICKOFF' where id = new_id returning * into m;
	end if;
	return m;
end $$;

-- One party says yes; when everybody has, it begins.
create function accept_mentorship(in_mentorship uuid, person uuid) returns mentorship language plpgsql as $$
declare
	m mentorship;
begin
	perform must_be_party(in_mentorship, person);
	select * into m from mentorship where id = in_mentorship for update;
	if m.state <> 'PENDING_ACCEPTANCE' then
		perform only_from('mentorship', m.state, '{KICKOFF,ACTIVE,PAUSED,CLOSING}');
		return m;
	end if;
	update mentorship_party set accepted_at = now() where mentorship_id = m.id and user_id = person and accepted_at is null;
	update mentorship set state = 'KICKOFF'
	where id = m.id and not exists (select from mentorship_party where mentorship_id = m.id and left_at is null and accepted_at is null);
	select * into m from mentorship where id = in_mentorship;
	return m;
end $$;

-- A party does not want it, or a coordinator takes it back.
create function decline_mentorship(in_mentorship uuid, person uuid, roles text[]) returns mentorship language plpgsql as $$
declare
	m mentorship;
begin
	perform must_see_mentorship(in_mentorship, person, roles);
	select * into m from mentorship where id = in_mentorship for update;
	perform only_from('mentorship', m.state, '{PROPOSED,PENDING_ACCEPTANCE,DECLINED}');
	update mentorship_party set declined_at = now() where mentorship_id = m.id and user_id = person and m.state <> 'DECLINED';
	update mentorship set state = 'DECLINED' where id = m.id;
	select * into m from mentorship where id = in_mentorship;
	return m;
end $$;

-- Ticks of the kick-off's list.
create table kickoff_check (
	mentorship_id uuid not null references mentorship on delete cascade,
	key text not null,
	done_by uuid not null,
	done_at timestamptz not null default now(),
	primary key (mentorship_id, key)
);

-- The list with its ticks: KickoffItem messages.
create function kickoff_items(m mentorship) returns jsonb language plpgsql stable as $$
begin
	return (
		select coalesce(jsonb_agg(jsonb_build_object('key', i.value ->> 'key', 'title', i.value ->> 'title',
			'done_by', c.done_by, 'done_at', rfc3339(c.done_at)) order by i.n), '[]')
		from jsonb_array_elements((rules_of(m.program_id)).kickoff_items) with ordinality i (value, n)
			left join kickoff_check c on c.mentorship_id = m.id and c.key = i.value ->> 'key'
	);
end $$;

create function tick_kickoff(in_mentorship uuid, item text, person uuid) returns void language plpgsql as $$
declare
	m mentorship;
begin
	perform must_work_in(in_mentorship, person);
	select * into m from mentorship where id = in_mentorship for share;
	perform only_from('mentorship', m.state, '{KICKOFF}');
	if not exists (select from jsonb_array_elements(kickoff_items(m)) i where i ->> 'key' = item) then
		perform refuse(404, 'NOT_FOUND', 'The kick-off has no such item.');
	end if;
	insert into kickoff_check (mentorship_id, key, done_by) values (m.id, item, person) on conflict do nothing;
end $$;

-- What was agreed and talked over begins.
create function begin_mentorship(in_mentorship uuid) returns void language sql as $$
	update mentorship m set state = 'ACTIVE'
	where m.id = in_mentorship and m.state = 'KICKOFF' and m.kickoff_completed_at is not null
		and (m.agreed_at is not null or not (rules_of(m.program_id)).agreement_needed)
$$;

create function complete_kickoff(in_mentorship uuid, person uuid) returns mentorship language plpgsql as $$
declare
	m mentorship;
	missing jsonb;
begin
	perform must_work_in(in_mentorship, person);
	select * into m from mentorship where id = in_mentorship for update;
	if m.kickoff_completed_at is not null then
		return m;
	end if;
	perform only_from('mentorship', m.state, '{KICKOFF}');
	select jsonb_agg(i -> 'key') into missing from jsonb_array_elements(kickoff_items(m)) i where i ->> 'done_at' is null;
	if missing is not null then
		perform refuse(422, 'KICKOFF_INCOMPLETE', 'Talk over what is left of the list first.', jsonb_build_object('missing', missing));
	end if;
	update mentorship set kickoff_completed_at = now() where id = m.id;
	perform begin_mentorship(m.id);
	select * into m from mentorship where id = in_mentorship;
	return m;
end $$;

-- Whether both sides have somebody who is neither gone nor suspended.
create function is_staffed(in_mentorship uuid) returns boolean language plpgsql stable as $$
begin
	return (
		select count(distinct p.role) = 2 from mentorship_party p
		where p.mentorship_id = in_mentorship and p.left_at is null and p.suspended_at is null
	);
end $$;

-- SUSPENDED while safety holds it or a side has nobody, else what it was.
create function settle_suspension(in_mentorship uuid) returns void language plpgsql as $$
declare
	m mentorship;
	stopped boolean;
begin
	select *  into m from mentorship where id = in_mentorship for update;
	stopped := m.safety_hold or not is_staffed(m.id);
	update mentorship set state = case when stopped then 'SUSPENDED' else m.suspended_from end
	where id = m.id and (stopped and m.running or not stopped and m.state = 'SUSPENDED');
end $$;

-- A party's membership has ended: a group goes on without them, a pair closes, a proposal falls.
create function lose_party(m mentorship, party mentorship_party) returns void language plpgsql as $$
begin
	if m.state in ('PROPOSED', 'PENDING_ACCEPTANCE') then
		update mentorship set state = 'DECLINED' where id = m.id;
	elsif exists (select from mentorship_party p where p.mentorship_id = m.id and p.role = party.role and p.left_at is null
			and p.user_id <> party.user_id) then
		update mentorship_party set left_at = now() where mentorship_id = m.id and user_id = party.user_id;
		perform give_mentors(array[party.user_id]) where party.role = 'MENTOR';
	elsif m.state <> 'CLOSING' then
		update mentorship set state = 'CLOSING', close_reason = case
			when (select s.state from membership s where s.id = party.membership_id) = 'COMPLETED' then 'PROGRAM_ENDED'
			when party.role = 'MENTOR' then 'MENTOR_LEFT' else 'MENTEE_LEFT' end
		where id = m.id;
	end if;
end $$;

-- A person left a program, was suspended or reinstated: what that does to their mentorships; answers those that it changed.
create function review_mentorships(person uuid) returns setof mentorship language plpgsql as $$
declare
	m mentorship;
	party mentorship_party;
	halted boolean := exists (select from suspension s where s.user_id = person and s.suspended);
begin
	for m in
		select t.* from mentorship t join mentorship_party p on p.mentorship_id = t.id
		where p.user_id = person and p.left_at is null and t.open order by t.id for update of t
	loop
		select * into party from mentorship_party where mentorship_id = m.id and user_id = person;
		update mentorship_party set suspended_at = case when halted then now() end
		where mentorship_id = m.id and user_id = person and (suspended_at is not null) <> halted;
		if exists (select from membership s where s.id = party.membership_id and not s.open) then
			perform lose_party(m, party);
		end if;
		perform settle_suspension(m.id);
		return query select * from mentorship t where t.id = m.id and t.version > m.version;
	end loop;
end $$;

-- Trigger on membership: its end is followed by its person's mentorships.
create function follow_membership_end() returns trigger language plpgsql as $$
begin
	perform schedule('ReviewMentorships', new.user_id, now());
	return null;
end $$;
create trigger ended after update of state on membership for each row when (old.open and not new.open and old.state in ('ACTIVE', 'PAUSED'))
	execute function follow_membership_end();

-- The memberships that user ids stand for; what is none stays as it is, and is found missing.
create function members_named(program uuid, wanted_role text, users text) returns uuid[] language plpgsql stable as $$
begin
	return (
		select coalesce(array_agg(coalesce(s.id, u.id)), '{}')
		from (select u::uuid as id from regexp_split_to_table(trim(users), '\s+') u where u <> '') u
			left join membership s on s.program_id = program and s.user_id = u.id and s.role = wanted_role and s.open
	);
end $$;

-- One row of a file: what cannot be done is answered, not raised.
create function import_mentorship(program uuid, mentors text, mentees text, ends_on text,
	out mentorship_id uuid, out code text, out detail text) language plpgsql as $$
declare
	mentor_members uuid[];
	mentee_members uuid[];
begin
	mentor_members := members_named(program, 'MENTOR', mentors);
	mentee_members := members_named(program, 'MENTEE', mentees);
	if mentor_members = '{}' or mentee_members = '{}' then
		perform refuse(422, 'REQUIRED', 'A row names a mentor and a mentee.');
	end if;
	mentorship_id := (open_mentorship(uuid_v7(), program, null, 'IMPORT', mentor_members, mentee_members, false, nullif(ends_on, '')::date)).id;
exception
	when invalid_text_representation or invalid_datetime_format or datetime_field_overflow then
		code := 'MALFORMED_ROW';
		detail := 'A row holds the ids of mentors, the ids of mentees and maybe a date.';
	when integrity_constraint_violation then
		code := 'MENTORSHIP_WITH_SELF';
		detail := 'Nobody is in a mentorship twice.';
	when others then
		if sqlstate not like 'IT%' then
			raise;
		end if;
		get stacked diagnostics code = constraint_name, detail = message_text;
		code := upper(code);
end $$;

-- The lines of an uploaded file after its heading "mentor,mentee[,planned_end_on]", each cut at its commas.
create function import_lines(upload uuid) returns table (line int, cells text[]) language plpgsql as $$
declare
	lines text[];
begin
	select regexp_split_to_array(trim(e'\r\n\ufeff' from convert_from(string_agg(u.bytes, '' order by u.part), 'UTF8')), e'\r?\n')
	into lines from upload_part u where u.upload_id = upload;
	if lines[1] !~ '^"?mentor"?,"?mentee"?(,"?planned_end_on"?)?$' then
		perform refuse(422, 'MALFORMED_FILE', 'The first line must be mentor,mentee,planned_end_on.');
	elsif cardinality(lines) > 501 then
		perform refuse(422, 'TOO_MANY', 'A file holds 500 rows at most.');
	end if;
	return query select l.n::int, array(select trim(both ' "' from c) from unnest(string_to_array(l.text, ',')) c)
	from unnest(lines) with ordinality l (text, n) where l.n > 1 and l.text <> '';
exception when character_not_in_repertoire or untranslatable_character then
	perform refuse(400, 'INVALID_UTF8', 'The file must be UTF-8.');
end $$;

-- A pause, its end or a later end of the mentorship: one side asks, the other confirms.
create table mentorship_ask (
	mentorship_id uuid not null references mentorship on delete cascade,
	kind text not null check (kind in ('PAUSE', 'RESUME', 'EXTEND')),
	until date,
	asked_by uuid not null,
	role text not null,
	asked_at timestamptz not null default now(),
	primary key (mentorship_id, kind)
);

create function show_asks() returns trigger language plpgsql as $$
declare
	changed uuid := coalesce(new.mentorship_id, old.mentorship_id);
begin
	update mentorship m set asks = (
		select coalesce(jsonb_agg(jsonb_build_object('kind', a.kind, 'until', a.until, 'asked_by', a.asked_by, 'asked_at', rfc3339(a.asked_at))
			order by a.kind), '[]') from mentorship_ask a where a.mentorship_id = changed)
	where m.id = changed;
	return null;
end $$;
create trigger asks after insert or update or delete on mentorship_ask for each row execute function show_asks();

-- True, or 422: a pause of 60 days at most; an end that the program allows, unless those who run it say so.
create function must_be_until(m mentorship, kind text, until date, overrides boolean) returns boolean language plpgsql stable as $$
declare
	today date := (now() at time zone zone_of(m.cohort_id))::date;
	longest int := (select p.duration_max_days from program p where p.id = m.program_id);
begin
	if kind = 'RESUME' then
		return true;
	elsif until is null then
		return refuse(422, 'UNTIL_NEEDED', 'Say until when.');
	elsif kind = 'PAUSE' then
		return until > today and until <= today + 60 or refuse(422, 'PAUSE_TOO_LONG', 'A pause ends after today and within 60 days.');
	elsif until <= today or until <= m.planned_end_on then
		return refuse(422, 'NOT_LATER', 'The new end must be later than the one that is planned.');
	end if;
	return overrides or until <= coalesce(m.started_at, now())::date + longest
		or refuse(422, 'DURATION_OUTSIDE_PROGRAM', format('In this program a mentorship lasts %s days at most.', longest));
end $$;

create function do_ask(m mentorship, kind text, until date) returns void language plpgsql as $$
begin
	delete from mentorship_ask a where a.mentorship_id = m.id and a.kind = do_ask.kind;
	if kind = 'PAUSE' then
		update mentorship set state = 'PAUSED', paused_until = until where id = m.id;
	elsif kind = 'RESUME' then
		update mentorship set state = 'ACTIVE' where id = m.id;
	else
		update mentorship set planned_end_on = until, end_announced = null where id = m.id;
		perform tell_timeline(m.id, 'STATE', 'EXTENDED');
	end if;
end $$;

-- One side asks and the other, asking the same, confirms; who runs the program says why and does it at once.
create function ask_mentorship(in_mentorship uuid, kind text, until date, reason text, person uuid, roles text[]) returns mentorship
language plpgsql as $$
declare
	m mentorship;
	former mentorship_ask;
	side text := party_role(in_mentorship, person);
	wish date := until;
begin
	perform must_see_mentorship(in_mentorship, person, roles);
	select * into m from mentorship where id = in_mentorship for update;
	if m.state = (case kind when 'PAUSE' then 'PAUSED' when 'RESUME' then 'ACTIVE' end) then
		return m;
	end if;
	perform only_from('mentorship', m.state, case kind when 'PAUSE' then '{ACTIVE}' when 'RESUME' then '{PAUSED}' else '{KICKOFF,ACTIVE,PAUSED}' end::text[]);
	select * into former from mentorship_ask a where a.mentorship_id = m.id and a.kind = ask_mentorship.kind;
	if side is distinct from former.role then
		wish := coalesce(until, former.until);
	end if;
	perform must_be_until(m, kind, wish, side is null);
	if side is null and coalesce(reason, '') = '' then
		perform refuse(422, 'REASON_NEEDED', 'Say why you decide for the two.');
	elsif side is null or former.role <> side and former.until is not distinct from wish then
		perform do_ask(m, kind, wish);
	else
		insert into mentorship_ask (mentorship_id, kind, until, asked_by, role) values (m.id, kind, wish, person, side)
		on conflict on constraint mentorship_ask_pkey do update set until = excluded.until, asked_by = excluded.asked_by, role = excluded.role,
			asked_at = now()
		where (mentorship_ask.until, mentorship_ask.role) is distinct from (excluded.until, excluded.role);
	end if;
	select * into m from mentorship where id = in_mentorship;
	return m;
end $$;

-- What closing takes, mentorship by mentorship.
create table closure_step (
	mentorship_id uuid not null references mentorship on delete cascade,
	key text not null check (key in ('FINAL_SESSION', 'EXIT_SURVEYS', 'CLOSING_EVALUATION', 'HANDOVER', 'POST_CONTACT')),
	mandatory boolean not null,
	-- Whose it is; null: everybody's.
	role text,
	done_at timestamptz,
	done_by uuid,
	primary key (mentorship_id, key)
);

-- Exit surveys are asked by the news of the closing itself, and no answer to them is waited for.
create function begin_closure() returns trigger language plpgsql as $$
begin
	insert into closure_step (mentorship_id, key, mandatory, role, done_at) values
		(new.id, 'FINAL_SESSION', new.started_at is not null, null, null),
		(new.id, 'EXIT_SURVEYS', true, null, now()),
		(new.id, 'CLOSING_EVALUATION', false, 'MENTOR', null),
		(new.id, 'HANDOVER', new.started_at is not null, 'MENTEE', null),
		(new.id, 'POST_CONTACT', false, null, null)
	on conflict do nothing;
	delete from mentorship_ask where mentorship_id = new.id;
	return null;
end $$;
create trigger closure after update of state on mentorship for each row
	when (new.state = 'CLOSING' and old.state <> 'CLOSING') execute function begin_closure();

-- The steps as ClosureStep messages.
create function closure_steps(in_mentorship uuid) returns jsonb language plpgsql stable as $$
begin
	return (
		select coalesce(jsonb_agg(jsonb_build_object('key', s.key, 'mandatory', s.mandatory, 'role', s.role, 'done_at', rfc3339(s.done_at),
			'done_by', s.done_by) order by array_position(array['FINAL_SESSION', 'EXIT_SURVEYS', 'CLOSING_EVALUATION', 'HANDOVER'], s.key)), '[]')
		from closure_step s where s.mentorship_id = in_mentorship
	);
end $$;

create function missing_steps(in_mentorship uuid) returns jsonb language plpgsql stable as $$
begin
	return (
		select jsonb_agg(s.key) from closure_step s where s.mentorship_id = in_mentorship and s.mandatory and s.done_at is null
	);
end $$;

-- A step is done, for triggers and handlers of this service; false when it was done before.
create function do_closure_step(in_mentorship uuid, step text, person uuid) returns boolean language plpgsql as $$
begin
	update closure_step set done_at = now(), done_by = person where mentorship_id = in_mentorship and key = step and done_at is null;
	if found then
		perform tell_timeline(in_mentorship, 'CLOSURE', step, null, person);
	end if;
	return found;
end $$;

-- Two who close at once close it once: the first one's reason stands.
create function start_closing(in_mentorship uuid, reason text, person uuid, roles text[]) returns mentorship language plpgsql as $$
declare
	m mentorship;
begin
	perform must_see_mentorship(in_mentorship, person, roles);
	select * into m from mentorship where id = in_mentorship for update;
	if m.state in ('CLOSING', 'CLOSED') then
		return m;
	elsif m.state = 'SUSPENDED' then
		perform must_run_mentorship(in_mentorship, person, roles);
	end if;
	if reason in ('END_DATE', 'PROGRAM_ENDED', 'SAFETY', 'AGREEMENT_DECLINED') and not runs_mentorship(in_mentorship, person, roles) then
		perform refuse(422, 'NOT_YOUR_REASON', 'Only those who run the program close for this reason.');
	end if;
	update mentorship set state = 'CLOSING', close_reason = reason, closing_by = person where id = m.id returning * into m;
	return m;
end $$;

create function complete_closure_step(in_mentorship uuid, step text, person uuid) returns boolean language plpgsql as $$
declare
	m mentorship;
	s closure_step;
begin
	perform must_be_party(in_mentorship, person);
	select * into m from mentorship where id = in_mentorship for update;
	perform only_from('mentorship', m.state, '{CLOSING}');
	select * into s from closure_step where mentorship_id = m.id and key = step;
	if s.role <> party_role(m.id, person) then
		perform refuse(403, 'NOT_YOUR_STEP', format('This step is for the %s.', lower(s.role)));
	end if;
	return do_closure_step(m.id, step, person);
end $$;

create function finish_closure(in_mentorship uuid, person uuid, roles text[]) returns mentorship language plpgsql as $$
declare
	m mentorship;
	missing jsonb := missing_steps(in_mentorship);
begin
	perform must_see_mentorship(in_mentorship, person, roles);
	select * into m from mentorship where id = in_mentorship for update;
	perform only_from('mentorship', m.state, '{CLOSING,CLOSED}');
	if m.state = 'CLOSING' and missing is not null then
		perform refuse(422, 'STEPS_MISSING', 'Steps of the closing are missing.', jsonb_build_object('missing', missing));
	end if;
	update mentorship set state = 'CLOSED' where id = m.id;
	select * into m from mentorship where id = in_mentorship;
	return m;
end $$;

-- P-R18: what a mentee lets the next mentor see: nothing but these. kind is the name of a table with mentorship_id.
create table handover (
	mentorship_id uuid not null references mentorship on delete cascade,
	mentee_id uuid not null,
	-- The next mentorship of the same mentee.
	to_mentorship_id uuid references mentorship,
	accepted_at timestamptz,
	accepted_by uuid,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	primary key (mentorship_id, mentee_id)
);
create index handover_to on handover (to_mentorship_id);
create trigger touch before update on handover for each row when (new.* is distinct from old.*) execute function touch();

create table handover_item (
	mentorship_id uuid not null,
	mentee_id uuid not null,
	kind text not null check (kind in ('GOAL', 'EVALUATION', 'TASK', 'NOTE')),
	thing_id uuid not null,
	primary key (kind, thing_id, mentee_id),
	foreign key (mentorship_id, mentee_id) references handover on delete cascade
);
create index handover_item_handover on handover_item (mentorship_id, mentee_id);

-- Whether a thing of that kind is the mentorship's.
create function is_of_mentorship(kind text, thing uuid, in_mentorship uuid) returns boolean language plpgsql stable as $$
declare
	is_there boolean := false;
begin
	if to_regclass(format('%I.%I', current_schema(), lower(kind))) is not null then
		execute format('select exists (select from %I where id = $1 and mentorship_id = $2)', lower(kind)) into is_there using thing, in_mentorship;
	end if;
	return is_there;
end $$;

-- Whether a person may see a thing because it was handed over to a mentorship of theirs.
create function is_handed_over(in_kind text, thing uuid, person uuid) returns boolean language plpgsql stable as $$
begin
	return exists (
		select from handover_item i join handover h on h.mentorship_id = i.mentorship_id and h.mentee_id = i.mentee_id
		where i.kind = in_kind and i.thing_id = thing and party_role(h.to_mentorship_id, person) = 'MENTOR');
end $$;

-- The mentee says what goes over, and to which of their mentorships; again to say it anew.
create function hand_over(in_mentorship uuid, next_mentorship uuid, items jsonb, person uuid) returns handover language plpgsql as $$
declare
	h handover;
	wrong jsonb;
begin
	perform must_be_party(in_mentorship, person);
	if party_role(in_mentorship, person) <> 'MENTEE' then
		perform refuse(403, 'NOT_YOUR_STEP', 'What goes over is for the mentee to say.');
	end if;
	perform from mentorship m where m.id = in_mentorship and only_from('mentorship', m.state, '{CLOSING,CLOSED}') for update;
	if next_mentorship is not null and (next_mentorship = in_mentorship or party_role(next_mentorship, person) is distinct from 'MENTEE') then
		perform refuse(422, 'UNKNOWN_MENTORSHIP', 'Hand over to a mentorship of your own.');
	end if;
	select jsonb_agg(i) into wrong from jsonb_array_elements(items) i
	where not is_of_mentorship(i ->> 'kind', (i ->> 'thing_id')::uuid, in_mentorship);
	if wrong is not null then
		perform refuse(422, 'UNKNOWN_ITEM', 'The mentorship has no such thing.', jsonb_build_object('items', wrong));
	end if;
	insert into handover (mentorship_id, mentee_id, to_mentorship_id) values (in_mentorship, person, next_mentorship)
	on conflict (mentorship_id, mentee_id) do update set to_mentorship_id = excluded.to_mentorship_id, accepted_at = null, accepted_by = null;
	delete from handover_item where mentorship_id = in_mentorship and mentee_id = person;
	insert into handover_item (mentorship_id, mentee_id, kind, thing_id)
	select distinct in_mentorship, person, i ->> 'kind', (i ->> 'thing_id')::uuid from jsonb_array_elements(items) i;
	perform do_closure_step(in_mentorship, 'HANDOVER', person);
	select * into h from handover where mentorship_id = in_mentorship and mentee_id = person;
	return h;
end $$;

create function accept_handover(in_mentorship uuid, person uuid) returns handover language plpgsql as $$
declare
	h handover;
begin
	perform must_be_party(in_mentorship, person);
	select * into h from handover t where t.to_mentorship_id = in_mentorship and party_role(in_mentorship, person) = 'MENTOR' for update;
	if h.mentorship_id is null then
		perform refuse(404, 'NOT_FOUND', 'Nothing was handed over.');
	elsif h.accepted_at is null then
		update handover set accepted_at = now(), accepted_by = person where mentorship_id = h.mentorship_id and mentee_id = h.mentee_id
		returning * into h;
		perform tell_timeline(in_mentorship, 'HANDOVER', 'ACCEPTED', null, person);
	end if;
	return h;
end $$;

create function handover_items(h handover) returns jsonb language plpgsql stable as $$
begin
	return (
		select coalesce(jsonb_agg(jsonb_build_object('kind', i.kind, 'thing_id', i.thing_id) order by i.kind, i.thing_id), '[]')
		from handover_item i where i.mentorship_id = h.mentorship_id and i.mentee_id = h.mentee_id
	);
end $$;

-- Every mentorship ends on that day at the latest, proposals at once; answers what it changed.
create function close_all(program uuid, ends_on date) returns setof mentorship language plpgsql as $$
declare
	r mentorship_rules := rules_of(program);
begin
	if ends_on < current_date then
		perform refuse(422, 'ENDS_IN_THE_PAST', 'Mentorships cannot end before today.');
	end if;
	insert into mentorship_rules (program_id, auto_accept, acceptance_days, agreement_needed, kickoff_items, post_contact_rule, close_all_on)
	values (program, r.auto_accept, r.acceptance_days, r.agreement_needed, r.kickoff_items, r.post_contact_rule, ends_on)
	on conflict (program_id) do update set close_all_on = excluded.close_all_on;
	return query update mentorship m set state = 'DECLINED'
		where m.program_id = program and m.state in ('PROPOSED', 'PENDING_ACCEPTANCE') returning m.*;
	return query update mentorship m set planned_end_on = ends_on, end_announced = null
		where m.program_id = program and m.open and m.state <> 'CLOSING' and coalesce(m.planned_end_on, 'infinity') > ends_on returning m.*;
end $$;

-- Trigger on program and cohort: they end when nothing goes on in them, or an end is planned for all that does.
create function guard_open_mentorships() returns trigger language plpgsql as $$
declare
	going_on int;
begin
	if tg_table_name = 'program' then
		select count(*) into going_on from mentorship m
		where m.program_id = new.id and m.open and (rules_of(new.id)).close_all_on is null;
	else
		select count(*) into going_on from mentorship m
		where m.cohort_id = new.id and m.open and m.state <> 'PROPOSED' and m.closing_at is null;
	end if;
	if going_on > 0 then
		perform refuse(409, 'OPEN_MENTORSHIPS', 'Mentorships go on here: close them, or plan when all of them end.',
			jsonb_build_object('mentorships', going_on));
	end if;
	return null;
end $$;
create trigger mentorships_over after update of state on program for each row
	when (new.state = 'ARCHIVED' and old.state <> 'ARCHIVED') execute function guard_open_mentorships();
create trigger mentorships_over after update of state on cohort for each row
	when (new.state = 'ENDED' and old.state <> 'ENDED') execute function guard_open_mentorships();

-- P-R17: which announcement of the planned end is due: 30, 14 or 3.
create function end_notice(m mentorship) returns int language plpgsql stable as $$
begin
	return (
		select min(d) from unnest(array[3, 14, 30]) d where m.planned_end_on - (now() at time zone zone_of(m.cohort_id))::date <= d
	);
end $$;

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update on mentorship, mentorship_party, mentorship_rules, mentor_load, closure_step, handover to %I', svc);
	execute format('grant select, insert on timeline_entry, kickoff_check to %I', svc);
	execute format('grant select, insert, update, delete on mentorship_ask, handover_item to %I', svc);
end $$;

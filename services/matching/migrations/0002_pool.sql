-- Who can be matched with whom: what programs and identity tell of programs, people, their profiles and their mentorships, and
-- who must never meet. Person ids: program_role.user_id, person.user_id, match_profile.user_id, mentorship.mentor_ids,
-- mentorship.mentee_ids, place.mentor_id, exclusion.a, exclusion.b, exclusion.created_by.

create function rfc3339(at timestamptz) returns text language sql stable as $$
	select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

-- Trigger `before update of state`: for a step that was taken before, so that repeating it changes nothing.
create function stay_as_it_is() returns trigger language plpgsql as $$
begin
	return old;
end $$;

-- What programs says about a program (RefreshProgram); known by its id alone until it has answered.
create table program (
	id uuid primary key,
	state text not null default 'DRAFT',
	matching_mode text,
	-- The questions of its forms that feed a criterion: MatchQuestion messages.
	questions jsonb not null default '[]'
);

-- Who runs a program, by the grant that says so; a revoked one stays, so that news in the wrong order change nothing.
create table program_role (
	program_id uuid not null,
	user_id uuid not null,
	grant_id uuid not null,
	revoked boolean not null default false,
	primary key (program_id, user_id, grant_id)
);

create table cohort (
	id uuid primary key,
	program_id uuid not null,
	state text not null,
	-- Of the cohort: news that are older than what is known change nothing.
	version bigint not null
);
create index cohort_program on cohort (program_id);

-- What identity tells of a person, whatever programs they are in. As a mentor: how many mentorships at once over all programs,
-- and how many it is now.
create table person (
	user_id uuid primary key,
	-- Suspended or put to rest: hidden everywhere until back.
	away boolean not null default false,
	open_to_mentor boolean not null default true,
	-- The last day of a pause; 9999-12-31 = until resumed.
	paused_until date,
	capacity_total int not null default 1,
	capacity_used int not null default 0
);

-- Everything that matching knows of a member: identity's profile (RefreshPerson), the answers that feed a criterion
-- (RefreshAnswers), places. There is a row for each member, complete or not.
create table match_profile (
	membership_id uuid primary key references member,
	program_id uuid not null,
	cohort_id uuid,
	user_id uuid not null,
	role text not null check (role in ('MENTOR', 'MENTEE')),
	-- Takes part, is there, and as a mentor takes people on at the moment; whether a place is left says room.
	eligible boolean not null default false,
	-- Whether identity and programs have both answered.
	complete boolean not null generated always as (profile_as_of is not null and answers_as_of is not null) stored,
	display_name text not null default '',
	headline text not null default '',
	country text,
	zone text not null default 'UTC',
	-- Profile.Skill and Profile.Language messages.
	skills jsonb not null default '[]',
	languages jsonb not null default '[]',
	-- Terms: what a mentor can speak of, what a mentee looks for.
	topics uuid[] not null default '{}',
	industries uuid[] not null default '{}',
	experience_years int,
	-- Of a mentee.
	level text check (level in ('ASPIRING', 'STUDENT', 'EARLY', 'MID', 'SENIOR')),
	first_time boolean,
	-- The parts of the profile that members of a common program may see: NAME, COUNTRY, LANGUAGES, SKILLS, MENTOR, MENTEE.
	shown text[] not null default '{}',
	-- Answers that feed a criterion: MatchAnswer messages. A sensitive one is here only with the person's consent.
	answers jsonb not null default '[]',
	-- 672 bits, the quarter hours of a week in UTC from Monday 0:00, the first in the lowest bit of the first byte; null when not told.
	availability bytea,
	-- How many partners in this program: a mentor's mentees, a mentee's mentors.
	capacity_total int not null default 1,
	capacity_used int not null default 0,
	-- What is left of that, and for a mentor also of the places over all programs.
	room int not null default 1,
	profile_as_of timestamptz,
	answers_as_of timestamptz,
	-- Since when the person waits for a partner; null when nobody is missing.
	waiting_since timestamptz,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1
);
create unique index match_profile_person on match_profile (user_id, program_id, role, membership_id);
create index match_profile_pool on match_profile (program_id, role, membership_id) where eligible;
create trigger touch before update on match_profile for each row
	when ((new.profile_as_of, new.answers_as_of, new.capacity_total, new.eligible)
		is distinct from (old.profile_as_of, old.answers_as_of, old.capacity_total, old.eligible))
	execute function touch();

-- Mentorships, as programs tells them.
create table mentorship (
	id uuid primary key,
	program_id uuid not null,
	state text not null,
	mentor_ids uuid[] not null,
	mentee_ids uuid[] not null,
	close_reason text,
	closed_at timestamptz,
	version bigint not null
);
create index mentorship_mentors on mentorship using gin (mentor_ids);
create index mentorship_mentees on mentorship using gin (mentee_ids);

-- A place that is taken, by the mentorship that takes it: capacity_used counts these. Both sides have one.
create table place (
	mentorship_id uuid not null,
	user_id uuid not null,
	program_id uuid not null,
	role text not null,
	created_at timestamptz not null default now(),
	primary key (mentorship_id, user_id)
);
create index place_person on place (user_id, program_id, role);

-- Two people who must not be brought together, by whatever path. Nobody is told, least of all the two.
create table exclusion (
	id uuid primary key default uuid_v7(),
	a uuid not null,
	b uuid not null,
	kind text not null check (kind in ('BLOCK', 'PAST_CONFLICT', 'NO_CONTACT', 'LINE_MANAGER', 'SAME_HOUSEHOLD', 'ADMIN')),
	source text not null check (source in ('BY_COORDINATOR', 'BY_OFFICER', 'BY_REMATCH')),
	secret boolean not null default true,
	note text not null default '',
	until timestamptz,
	state text not null default 'ACTIVE' check (state in ('ACTIVE', 'LIFTED', 'LAPSED')),
	created_by uuid,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	constraint excluded_from_oneself check (a <> b),
	constraint exclusion_in_order check (a < b)
);
comment on constraint excluded_from_oneself on exclusion is 'Nobody is excluded from themselves.';
create unique index exclusion_pair on exclusion (a, b, kind, source) where state = 'ACTIVE';
create index exclusion_other on exclusion (b) where state = 'ACTIVE';
insert into transition (thing, from_state, to_state) values
	('exclusion', 'ACTIVE', 'LIFTED'), ('exclusion', 'ACTIVE', 'LAPSED');
create trigger guard before update of state on exclusion for each row execute function guard_transition();
create trigger touch before update on exclusion for each row when (new.* is distinct from old.*) execute function touch();

-- A criteria set: what a program weighs. Versions never change once they are published.
insert into transition (thing, from_state, to_state) values
	('criteria_set', 'DRAFT', 'VALIDATED'), ('criteria_set', 'VALIDATED', 'DRAFT'), ('criteria_set', 'VALIDATED', 'PUBLISHED'),
	('criteria_set', 'PUBLISHED', 'RETIRED');
create table criteria_set (
	id uuid primary key,
	program_id uuid not null,
	-- 1, 2, … among those of the program.
	criteria_version int not null,
	state text not null default 'DRAFT' check (state in ('DRAFT', 'VALIDATED', 'PUBLISHED', 'RETIRED')),
	-- Criterion and HardRule messages.
	criteria jsonb not null,
	hard_rules jsonb not null default '[]',
	min_score int not null default 0 check (min_score between 0 and 1000),
	objective text not null default 'MAX_MATCHED_THEN_TOTAL' check (objective in ('MAX_TOTAL', 'MAX_MATCHED_THEN_TOTAL', 'ONE_BEFORE_TWO',
		'MIN_WORST_THEN_TOTAL', 'STABLE_MENTEE_OPTIMAL', 'STABLE_MENTOR_OPTIMAL')),
	created_by uuid not null,
	published_at timestamptz,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	constraint criteria_version_taken unique (program_id, criteria_version)
);
comment on constraint criteria_version_taken on criteria_set is 'Somebody has changed the criteria in the meantime. Read them again and repeat your change.';
create unique index criteria_set_open on criteria_set (program_id) where state in ('DRAFT', 'VALIDATED');
create unique index criteria_set_published on criteria_set (program_id) where state = 'PUBLISHED';
create trigger again before update of state on criteria_set for each row when (new.state = old.state) execute function stay_as_it_is();
create trigger guard before update of state on criteria_set for each row when (new.state <> old.state) execute function guard_transition();
create trigger touch before update on criteria_set for each row when (new.* is distinct from old.*) execute function touch();

-- What somebody thinks of others of the same program: whom they would like, and whom they do not want to see. Private.
create table favourite (
	program_id uuid not null,
	owner_id uuid not null,
	target_id uuid not null,
	note text not null default '',
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	primary key (program_id, owner_id, target_id),
	constraint favourite_of_oneself check (owner_id <> target_id)
);
comment on constraint favourite_of_oneself on favourite is 'You cannot be your own favourite.';
create index favourite_owner on favourite (owner_id, target_id);
create trigger touch before update on favourite for each row execute function touch();

create table ignored (
	program_id uuid not null,
	owner_id uuid not null,
	target_id uuid not null,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	primary key (program_id, owner_id, target_id),
	constraint ignoring_oneself check (owner_id <> target_id)
);
comment on constraint ignoring_oneself on ignored is 'You cannot ignore yourself.';

-- M-R16: partners of a mentorship that ended in conflict; who have each other as favourites since both ask for it.
create function past_conflicts(person uuid) returns setof uuid language plpgsql stable as $$
begin
	return query
	select x.other from (
		select case when e.a = person then e.b else e.a end as other from exclusion e
		where person in (e.a, e.b) and e.kind = 'PAST_CONFLICT' and e.state = 'ACTIVE' and (e.until is null or e.until > now())) x
	where not exists (
		select from favourite mine join favourite theirs
			on theirs.program_id = mine.program_id and theirs.owner_id = mine.target_id and theirs.target_id = mine.owner_id
		where mine.owner_id = person and mine.target_id = x.other);
end $$;

-- Everybody whom somebody must not meet. What lapses holds until its timer has run, or its time is over, whichever is first.
-- In plpgsql, so that its plan is kept: every path asks it.
create function excluded_from(person uuid) returns uuid[] language plpgsql stable as $$
begin
	return coalesce((select array_agg(x.other) from (
		select e.b as other from exclusion e where e.a = person and e.state = 'ACTIVE' and (e.until is null or e.until > now())
			and e.kind <> 'PAST_CONFLICT'
		union all select e.a from exclusion e where e.b = person and e.state = 'ACTIVE' and (e.until is null or e.until > now())
			and e.kind <> 'PAST_CONFLICT'
		union all select past_conflicts(person)) x), '{}');
end $$;

-- Whether two may be brought together, as far as exclusions go. Every path asks this.
create function may_meet(one uuid, other uuid) returns boolean language sql stable cost 50 as $$
	select one <> other and other <> all(excluded_from(one))
$$;

-- A ranked list: whom a mentee would like, the dearest first. Offered one after another (cascade).
insert into transition (thing, from_state, to_state) values
	('rank_list', 'OPEN', 'OFFERING'), ('rank_list', 'OFFERING', 'MATCHED'), ('rank_list', 'OFFERING', 'EXHAUSTED'),
	('rank_list', 'OPEN', 'MATCHED'), ('rank_list', 'OPEN', 'EXHAUSTED'), ('rank_list', 'EXHAUSTED', 'OPEN');
create table rank_list (
	id uuid primary key,
	program_id uuid not null,
	owner_id uuid not null,
	target_ids uuid[] not null,
	state text not null default 'OPEN' check (state in ('OPEN', 'OFFERING', 'MATCHED', 'EXHAUSTED')),
	-- Which one is being asked: 1 is the dearest; 0 before the first.
	place int not null default 0,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	constraint ranking_taken unique (program_id, owner_id)
);
comment on constraint ranking_taken on rank_list is 'You have ranked already. Read the list again and repeat your change.';
create trigger guard before update of state on rank_list for each row when (new.state <> old.state) execute function guard_transition();
create trigger touch before update on rank_list for each row when (new.* is distinct from old.*) execute function touch();

-- What a program leaves to its coordinators about matching; a program without a row has the defaults.
create table matching_rules (
	program_id uuid primary key,
	-- The clocks, in days: a request, an offer of the ranked cascade, and between a decline and asking again.
	request_days int not null default 7,
	offer_days int not null default 3,
	again_days int not null default 30,
	-- How many requests of one person wait at once.
	open_requests int not null default 3,
	-- How many mentors a mentee has.
	mentors_per_mentee int not null default 1,
	-- Between the end of a mentorship and the next match.
	cooling_off_days int not null default 14,
	-- Whether an asker sees which of their choices is being asked.
	cascade_shown boolean not null default false,
	ranking_opens_at timestamptz,
	ranking_closes_at timestamptz,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	constraint ranking_opens_after_closes check (ranking_opens_at < ranking_closes_at)
);
comment on constraint ranking_opens_after_closes on matching_rules is 'Ranking must open before it closes.';
create trigger touch before update on matching_rules for each row when (new.* is distinct from old.*) execute function touch();

create function rules_of(program uuid) returns matching_rules language plpgsql stable as $$
declare
	r matching_rules;
begin
	select * into r from matching_rules t where t.program_id = program;
	return case when r.program_id is null then row(program, 7, 3, 30, 3, 1, 14, false, null, null, now(), now(), 0)::matching_rules else r end;
end $$;

create function coordinates(program uuid, person uuid, roles text[]) returns boolean language plpgsql stable cost 10 as $$
begin
	return 'ADMIN' = any(roles) or exists (
		select from program_role r where r.program_id = program and r.user_id = person and not r.revoked);
end $$;

create function is_member(program uuid, person uuid) returns boolean language plpgsql stable as $$
begin
	return exists (select from member m where m.user_id = person and m.program_id = program and m.state in ('ACTIVE', 'PAUSED'));
end $$;

-- True, or 403 for members of the program, 404 for everybody else.
create function must_coordinate(program uuid, person uuid, roles text[]) returns boolean language plpgsql stable cost 10 as $$
begin
	if coordinates(program, person, roles) then
		return exists (select from program p where p.id = program) or refuse(404, 'NOT_FOUND', 'There is no such program.');
	elsif is_member(program, person) then
		return refuse(403, 'NOT_COORDINATOR', 'Only the coordinators of this program may do that.');
	end if;
	return refuse(404, 'NOT_FOUND', 'There is no such program.');
end $$;

-- How many partners a member has at most: what a mentor says in the form of the program, else over all; a mentee by the rules.
create function most_partners(p match_profile, x person) returns int language plpgsql stable as $$
begin
	return case p.role when 'MENTOR' then coalesce((
		select (a ->> 'number')::int from jsonb_array_elements(p.answers) a where a ->> 'criterion' = 'capacity' limit 1), x.capacity_total)
		else (rules_of(p.program_id)).mentors_per_mentee end;
end $$;

-- Keeps eligible and room of a person's rows, after something that they follow from has changed. Whoever changes places locks the
-- person first: so no two wait for each other in a circle. Nobody is matched while they cool off (0003).
create function settle_person(who uuid) returns void language plpgsql as $$
declare
	x person;
begin
	select * into x from person t where t.user_id = who for update;
	update match_profile p set eligible = s.eligible, room = s.room, capacity_total = s.total,
		waiting_since = case when s.eligible and p.role = 'MENTEE' and s.room > 0 then coalesce(p.waiting_since, now()) end
	from (
		select q.membership_id, t.total,
			m.state = 'ACTIVE' and not x.away and case q.role when 'MENTEE' then coalesce(cools_off_until(q.program_id, who) < now(), true)
				else x.open_to_mentor and x.paused_until is null end as eligible,
			greatest(0, case q.role when 'MENTOR' then least(t.total - q.capacity_used, x.capacity_total - x.capacity_used)
				else t.total - q.capacity_used end) as room
		from match_profile q join member m using (membership_id), lateral most_partners(q, x) t (total)
		where q.user_id = who) s
	where p.membership_id = s.membership_id and (p.eligible, p.room, p.capacity_total) is distinct from (s.eligible, s.room, s.total);
end $$;

-- Trigger on member: there is a profile for each, asked for when somebody begins to take part.
create function follow_member() returns trigger language plpgsql as $$
begin
	insert into person (user_id) values (new.user_id) on conflict do nothing;
	insert into match_profile (membership_id, program_id, cohort_id, user_id, role, capacity_used)
	values (new.membership_id, new.program_id, new.cohort_id, new.user_id, new.role, (
		select count(*) from place p where p.user_id = new.user_id and p.program_id = new.program_id and p.role = new.role))
	on conflict (membership_id) do update set cohort_id = excluded.cohort_id;
	perform hear_of_program(new.program_id) where not exists (select from program p where p.id = new.program_id);
	if new.state = 'ACTIVE' then
		perform schedule('RefreshPerson', new.user_id, now()), schedule('RefreshAnswers', new.membership_id, now());
	end if;
	perform settle_person(new.user_id);
	return null;
end $$;
create trigger profile after insert or update on member for each row execute function follow_member();

create function no_place(who uuid, as_role text) returns void language plpgsql as $$
begin
	if as_role = 'MENTOR' then
		perform refuse(409, 'MENTOR_FULL', 'The mentor has as many mentorships as they take on.', jsonb_build_object('user_id', who));
	end if;
	perform refuse(409, 'MENTEE_FULL', 'The mentee has a mentor already.', jsonb_build_object('user_id', who));
end $$;

-- M-R10: one partner more for a person, in the program and for a mentor over all. 409 when there is no place, unless it is so
-- already (a mentorship that programs tells of). Asking again for the same mentorship takes nothing twice.
create function take_place(of_mentorship uuid, in_program uuid, who uuid, as_role text, whatever boolean) returns void
language plpgsql as $$
begin
	perform from person where user_id = who for update;
	insert into place (mentorship_id, user_id, program_id, role) values (of_mentorship, who, in_program, as_role) on conflict do nothing;
	if not found then
		return;
	end if;
	update match_profile set capacity_used = capacity_used + 1
	where user_id = who and program_id = in_program and role = as_role and (whatever or capacity_used < capacity_total);
	if not found and not whatever then
		perform no_place(who, as_role);
	end if;
	if as_role = 'MENTOR' then
		update person set capacity_used = capacity_used + 1 where user_id = who and (whatever or capacity_used < capacity_total);
		if not found and not whatever then
			perform no_place(who, as_role);
		end if;
	end if;
	perform settle_person(who);
end $$;

create function give_place(of_mentorship uuid, who uuid) returns void language plpgsql as $$
declare
	p place;
begin
	perform from person where user_id = who for update;
	delete from place where mentorship_id = of_mentorship and user_id = who returning * into p;
	if p.user_id is null then
		return;
	end if;
	update match_profile set capacity_used = capacity_used - 1 where user_id = who and program_id = p.program_id and role = p.role;
	if p.role = 'MENTOR' then
		update person set capacity_used = capacity_used - 1 where user_id = who;
	end if;
	perform settle_person(who);
end $$;

-- Trigger on person: what their rows follow from.
create function follow_person() returns trigger language plpgsql as $$
begin
	perform settle_person(new.user_id);
	return null;
end $$;
create trigger settle after update of away, open_to_mentor, paused_until, capacity_total on person for each row
	when ((new.away, new.open_to_mentor, new.paused_until, new.capacity_total)
		is distinct from (old.away, old.open_to_mentor, old.paused_until, old.capacity_total))
	execute function follow_person();

-- The quarter hours of a week in UTC during the hours ("MON-18") that somebody picked where they live. The week is a fixed one:
-- what is compared is when people can meet, not the date of the next change of clocks.
create function availability_of(answers jsonb, zone text) returns bytea language plpgsql stable as $$
declare
	bits bytea := decode(repeat('00', 84), 'hex');
	hour text;
	quarter int;
	told boolean := false;
begin
	for hour in
		select c from jsonb_array_elements(answers) a, jsonb_array_elements_text(a -> 'choices') c where a ->> 'kind' = 'AVAILABILITY_PICK'
	loop
		told := true;
		quarter := extract(epoch from (timestamp '2024-01-01' + make_interval(
			days => array_position(array['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'], left(hour, 3)) - 1, hours => right(hour, 2)::int))
			at time zone zone - timestamptz '2024-01-01 00:00Z')::int / 900;
		for i in 0 .. 3 loop
			bits := set_bit(bits, ((quarter + i) % 672 + 672) % 672, 1);
		end loop;
	end loop;
	return case when told then bits end;
end $$;

create function follow_answers() returns trigger language plpgsql as $$
begin
	new.availability := availability_of(new.answers, new.zone);
	return new;
end $$;
create trigger availability before update of answers, zone on match_profile for each row
	when ((new.answers, new.zone) is distinct from (old.answers, old.zone)) execute function follow_answers();

-- States in which a mentorship takes a place of its parties.
create function takes_places(state text) returns boolean language sql immutable as $$
	select state in ('PENDING_ACCEPTANCE', 'KICKOFF', 'ACTIVE', 'PAUSED', 'CLOSING', 'SUSPENDED')
$$;

-- What programs tells of a mentorship, whatever the order in which it comes: its places are taken, or given back.
create function keep_mentorship(told uuid, in_program uuid, in_state text, mentors uuid[], mentees uuid[], reason text, ended_at timestamptz,
	told_version bigint) returns void language plpgsql as $$
declare
	who uuid;
begin
	insert into mentorship as m (id, program_id, state, mentor_ids, mentee_ids, close_reason, closed_at, version)
	values (told, in_program, in_state, mentors, mentees, reason, ended_at, told_version)
	on conflict (id) do update set state = excluded.state, mentor_ids = excluded.mentor_ids, mentee_ids = excluded.mentee_ids,
		close_reason = coalesce(excluded.close_reason, m.close_reason), closed_at = coalesce(excluded.closed_at, m.closed_at),
		version = excluded.version
	where m.version < excluded.version;
	if not found then
		return;
	end if;
	for who in select u from (select unnest(mentors || mentees) union select p.user_id from place p where p.mentorship_id = told) t (u) order by u loop
		if not takes_places(in_state) or who <> all(mentors || mentees) then
			perform give_place(told, who);
		else
			perform take_place(told, in_program, who, case when who = any(mentors) then 'MENTOR' else 'MENTEE' end, true);
		end if;
	end loop;
end $$;

-- News of a program: there is a row for it, and programs is asked.
create function hear_of_program(told uuid) returns void language sql as $$
	insert into program (id) values (told) on conflict do nothing;
	select schedule('RefreshProgram', told, now())
$$;

create function keep_cohort(told uuid, in_program uuid, in_state text, told_version bigint) returns void language sql as $$
	insert into cohort (id, program_id, state, version) values (told, in_program, in_state, told_version)
	on conflict (id) do update set state = excluded.state, version = excluded.version where cohort.version < excluded.version
$$;

-- Which term became a part of which, for when that is undone.
create table term_merge (
	term_id uuid primary key,
	merged_into uuid not null
);

-- Whether a profile names a term of a taxonomy.
create function knows_term(p match_profile, term uuid) returns boolean language sql immutable as $$
	select term = any(p.topics) or term = any(p.industries) or p.skills @> jsonb_build_array(jsonb_build_object('skill_id', term))
$$;

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update on program, program_role, cohort, person, match_profile, mentorship, exclusion, criteria_set,
		rank_list, matching_rules, term_merge to %I', svc);
	execute format('grant select, insert, update, delete on place, favourite, ignored to %I', svc);
end $$;

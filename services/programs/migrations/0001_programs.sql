-- Programs, who runs them, their cohorts and forms. Person ids: program.submitted_by, program.safety_officer_id,
-- program_role.user_id, form.created_by.

insert into transition (thing, from_state, to_state) values
	('program', 'DRAFT', 'SUBMITTED'), ('program', 'DRAFT', 'PUBLISHED'),
	('program', 'SUBMITTED', 'PUBLISHED'), ('program', 'SUBMITTED', 'REJECTED'),
	('program', 'REJECTED', 'DRAFT'),
	('program', 'PUBLISHED', 'HIDDEN'), ('program', 'HIDDEN', 'PUBLISHED'),
	('program', 'PUBLISHED', 'PAUSED'), ('program', 'PAUSED', 'PUBLISHED'),
	('program', 'PUBLISHED', 'ARCHIVED'), ('program', 'HIDDEN', 'ARCHIVED'), ('program', 'PAUSED', 'ARCHIVED'),
	('cohort', 'PLANNED', 'REGISTRATION_OPEN'), ('cohort', 'PLANNED', 'CANCELLED'),
	('cohort', 'REGISTRATION_OPEN', 'REGISTRATION_CLOSED'), ('cohort', 'REGISTRATION_OPEN', 'CANCELLED'),
	('cohort', 'REGISTRATION_CLOSED', 'REGISTRATION_OPEN'), ('cohort', 'REGISTRATION_CLOSED', 'MATCHING'),
	('cohort', 'MATCHING', 'RUNNING'),
	('cohort', 'RUNNING', 'CLOSING'), ('cohort', 'RUNNING', 'ENDED'), ('cohort', 'CLOSING', 'ENDED');

-- Trigger `before update of state`: for a step that was taken before, so that repeating it changes nothing.
create function stay_as_it_is() returns trigger language plpgsql as $$
begin
	return old;
end $$;

create function rfc3339(at timestamptz) returns text language sql stable as $$
	select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

create table program (
	id uuid primary key,
	slug text not null constraint slug_taken unique,
	title text not null,
	summary text not null default '',
	theme text not null default '',
	about text not null default '',
	objectives text[] not null default '{}',
	scope text not null default '',
	structure text not null default '',
	guidelines text not null default '',
	mentor_responsibilities text not null default '',
	mentee_responsibilities text not null default '',
	duration_min_days int,
	duration_max_days int,
	duration_default_days int,
	sessions int,
	session_minutes int,
	session_every_days int,
	matching_mode text check (matching_mode in ('ASSIGNED', 'MENTEE_CHOICE', 'MENTOR_CHOICE', 'BOTH_CHOICE', 'OPEN_CHOICE')),
	mentor_admission text not null default 'APPROVAL' check (mentor_admission in ('OPEN', 'APPROVAL', 'INVITE')),
	mentee_admission text not null default 'APPROVAL' check (mentee_admission in ('OPEN', 'APPROVAL', 'INVITE')),
	both_roles boolean not null default false,
	mentor_capacity int,
	mentee_capacity int,
	mentors int not null default 0,
	mentees int not null default 0,
	visibility text not null default 'PUBLIC' check (visibility in ('PUBLIC', 'MEMBERS', 'HIDDEN')),
	tags text[] not null default '{}',
	external_mentors boolean not null default false,
	vetting_profile_id uuid,
	required_policies text[] not null default '{}',
	safety_officer_id uuid,
	recording text not null default 'OFF' check (recording in ('OFF', 'DUAL_CONSENT')),
	anonymity boolean not null default false,
	paid boolean not null default false,
	rate bigint,
	currency text not null default '',
	certificate_rule text not null default '',
	state text not null default 'DRAFT'
		check (state in ('DRAFT', 'SUBMITTED', 'REJECTED', 'PUBLISHED', 'HIDDEN', 'PAUSED', 'ARCHIVED')),
	design_version bigint not null default 1,
	rejection text not null default '',
	submitted_by uuid,
	-- Of the current cohort, and whether every place is taken: kept by triggers.
	cohort_id uuid,
	registration_opens_at timestamptz,
	registration_closes_at timestamptz,
	ends_at timestamptz,
	"full" boolean not null default false,
	-- Whether everybody finds it.
	listed boolean not null generated always as (state in ('PUBLISHED', 'PAUSED', 'ARCHIVED') and visibility = 'PUBLIC') stored,
	-- From program_role, so that reading a program needs no second table.
	coordinator_ids uuid[] not null default '{}',
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	constraint min_gt_max check (duration_min_days <= duration_max_days),
	constraint default_outside_min_max check (duration_default_days between duration_min_days and duration_max_days),
	constraint rate_needs_currency check (rate is null or currency <> '')
);
comment on constraint slug_taken on program is 'Another program has this slug already.';
comment on constraint min_gt_max on program is 'The shortest duration must not be longer than the longest.';
comment on constraint default_outside_min_max on program is 'The usual duration must lie between the shortest and the longest.';
comment on constraint rate_needs_currency on program is 'Say in which currency the rate is.';
create index program_newest on program (created_at desc, id desc);

-- What a search looks through.
create function program_words(title text, summary text, tags text[]) returns tsvector language plpgsql immutable as $$
begin
	return setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', array_to_string(tags, ' ')), 'B')
		|| setweight(to_tsvector('simple', summary), 'C');
end $$;
create index program_search on program using gin (program_words(title, summary, tags));

-- Who runs a program (COORDINATOR), and who was invited to it in which role (MENTOR, MENTEE). The source is the grant or
-- the invitation, or the program itself for its creator; a revoked one stays, so that news in the wrong order change nothing.
create table program_role (
	program_id uuid not null,
	user_id uuid not null,
	-- Reporters read reports (P-R21); nothing else opens to them: what else asks for a role names which.
	role text not null check (role in ('COORDINATOR', 'REPORTER', 'MENTOR', 'MENTEE')),
	source_id uuid not null,
	revoked boolean not null default false,
	created_at timestamptz not null default now(),
	primary key (program_id, user_id, role, source_id)
);
create index program_role_person on program_role (user_id);

create table cohort (
	id uuid primary key,
	program_id uuid not null references program on delete cascade,
	name text not null,
	registration_opens_at timestamptz not null,
	registration_closes_at timestamptz not null,
	matching_at timestamptz,
	starts_on date not null,
	ends_on date not null,
	zone text not null,
	mentor_capacity int,
	mentee_capacity int,
	mentors int not null default 0,
	mentees int not null default 0,
	state text not null default 'PLANNED' check (state in ('PLANNED', 'REGISTRATION_OPEN', 'REGISTRATION_CLOSED', 'MATCHING',
		'RUNNING', 'CLOSING', 'ENDED', 'CANCELLED')),
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	constraint opens_after_closes check (registration_opens_at < registration_closes_at),
	constraint starts_after_ends check (starts_on <= ends_on),
	-- The dates are the truth about registration: a state that disagrees with them is not possible.
	constraint registration_is_over check (state in ('PLANNED', 'REGISTRATION_OPEN', 'CANCELLED') or registration_closes_at <= updated_at),
	constraint registration_has_begun check (state <> 'REGISTRATION_OPEN' or registration_opens_at <= updated_at),
	constraint cohort_name_taken unique (program_id, name)
);
comment on constraint opens_after_closes on cohort is 'Registration must open before it closes.';
comment on constraint starts_after_ends on cohort is 'The cohort must start before it ends.';
comment on constraint registration_is_over on cohort is 'Registration is over: open it again instead of moving its dates.';
comment on constraint registration_has_begun on cohort is 'Registration has begun already.';
comment on constraint cohort_name_taken on cohort is 'Another cohort of this program has this name already.';

-- The end of the cohort's last day, where it takes place.
create function cohort_ends_at(c cohort) returns timestamptz language sql stable as $$
	select case when c.state = 'ENDED' then least(c.updated_at, (c.ends_on + 1)::timestamp at time zone c.zone)
		else (c.ends_on + 1)::timestamp at time zone c.zone end
$$;

-- For what is written often: a table's own checks are read anew from their text by every statement that writes it.
create domain member_role as text check (value in ('MENTOR', 'MENTEE'));

create table form (
	id uuid primary key,
	program_id uuid not null references program on delete cascade,
	role member_role not null,
	form_version int not null,
	steps jsonb not null,
	created_by uuid not null,
	created_at timestamptz not null default now(),
	constraint form_version_taken unique (program_id, role, form_version)
);
comment on constraint form_version_taken on form is 'Somebody has changed the form in the meantime. Read it again and repeat your change.';

-- Whether an admin has let the program out into the world, whatever became of it then.
create function was_published(state text) returns boolean language sql immutable as $$
	select state not in ('DRAFT', 'SUBMITTED', 'REJECTED')
$$;

create function coordinates(program uuid, person uuid, roles text[]) returns boolean language plpgsql stable cost 10 as $$
begin
	return 'ADMIN' = any(roles) or exists (select from program p where p.id = program and person = any(p.coordinator_ids));
end $$;

-- Whether a person finds the program: who runs it at once; the others once it was published, by its visibility or their part in it.
create function finds_program(program uuid, person uuid, roles text[]) returns boolean language plpgsql stable cost 20 as $$
begin
	return exists (
		select from program p
		where p.id = program and (
			p.listed
			or p.visibility = 'MEMBERS' and p.state in ('PUBLISHED', 'PAUSED', 'ARCHIVED') and person is not null
			or 'ADMIN' = any(roles)
			or person = any(p.coordinator_ids)
			or was_published(p.state) and exists (
				select from program_role r where r.program_id = p.id and r.user_id = person and not r.revoked)
			or exists (select from membership m where m.program_id = p.id and m.user_id = person and m.open)));
end $$;

-- True, or 404 NOT_FOUND.
create function must_find(program uuid, person uuid, roles text[]) returns boolean language plpgsql stable cost 20 as $$
begin
	return finds_program(program, person, roles) or refuse(404, 'NOT_FOUND', 'There is no such program.');
end $$;

-- True, or 403 for who sees the program, 404 for who does not.
create function must_coordinate(program uuid, person uuid, roles text[]) returns boolean language plpgsql stable cost 10 as $$
begin
	if not finds_program(program, person, roles) then
		return refuse(404, 'NOT_FOUND', 'There is no such program.');
	end if;
	return coordinates(program, person, roles)
		or refuse(403, 'NOT_COORDINATOR', 'Only the coordinators of this program may do that.');
end $$;

-- True, or 404: only those who run a program are told who is in it, and that there is such a list.
create function must_see_members(program uuid, person uuid, roles text[]) returns boolean language plpgsql stable cost 10 as $$
begin
	return finds_program(program, person, roles) and coordinates(program, person, roles)
		or refuse(404, 'NOT_FOUND', 'There is no such list.');
end $$;

-- A slug that is free, from a title in any script.
create function free_slug(title text) returns text language plpgsql volatile as $$
declare
	wish text := trim('-' from left(regexp_replace(lower(regexp_replace(normalize(title, nfkd), '[\u0300-\u036f]', '', 'g')),
		'[^a-z0-9]+', '-', 'g'), 60));
begin
	if wish <> '' and not exists (select from program where slug = wish) then
		return wish;
	end if;
	return concat_ws('-', coalesce(nullif(wish, ''), 'program'), substr(md5(uuid_v7()::text), 1, 8));
end $$;

-- What is missing before the program can be submitted.
create function readiness(program uuid) returns table (part text, detail text) language sql stable as $$
	select needed.part, needed.detail
	from program p, lateral (values
		(p.summary <> '', 'summary', 'Write a summary for the tile.'),
		(p.about <> '', 'about', 'Say what the program is about.'),
		(cardinality(p.objectives) > 0, 'objectives', 'Name at least one objective.'),
		(p.mentor_responsibilities <> '', 'mentor_responsibilities', 'Say what mentors are responsible for.'),
		(p.mentee_responsibilities <> '', 'mentee_responsibilities', 'Say what mentees are responsible for.'),
		(p.duration_min_days is not null and p.duration_max_days is not null and p.duration_default_days is not null,
			'duration', 'Say how long a mentorship lasts: at least, at most and usually.'),
		(p.matching_mode is not null, 'matching_mode', 'Say who brings mentors and mentees together.'),
		(exists (select from form f where f.program_id = p.id and f.role = 'MENTOR'),
			'mentor_form', 'Make the registration form for mentors.'),
		(exists (select from form f where f.program_id = p.id and f.role = 'MENTEE'),
			'mentee_form', 'Make the registration form for mentees.'),
		(cardinality(p.required_policies) > 0, 'required_policies', 'Name the policies that members accept.'),
		(not p.external_mentors or p.vetting_profile_id is not null,
			'vetting_profile_id', 'Say how mentors from outside are vetted.'),
		(p.safety_officer_id is not null, 'safety_officer_id', 'Say which safety officer handles reports.')
	) needed (given, part, detail)
	where p.id = program and not needed.given
$$;

create function guard_readiness() returns trigger language plpgsql as $$
declare
	missing jsonb;
begin
	select jsonb_agg(jsonb_build_object('part', part, 'detail', detail)) into missing from readiness(new.id);
	if missing is not null then
		perform refuse(422, 'NOT_READY', 'Parts of the design are missing.', jsonb_build_object('missing', missing));
	end if;
	return null;
end $$;

-- A rejected program that is worked on is a draft again.
create function rework() returns trigger language plpgsql as $$
begin
	new.state := 'DRAFT';
	new.rejection := '';
	return new;
end $$;

-- P-R4: whether a place is left for a role, in the program and in the cohort, if any.
create function has_place(p program, c cohort, role text) returns boolean language sql immutable as $$
	select not coalesce(case role
		when 'MENTOR' then p.mentors >= p.mentor_capacity or c.mentors >= c.mentor_capacity
		else p.mentees >= p.mentee_capacity or c.mentees >= c.mentee_capacity end, false)
$$;

-- Keeps "full": no place left in the program or its current cohort, for either role.
create function count_places() returns trigger language plpgsql as $$
declare
	c cohort;
begin
	select * into c from cohort where id = new.cohort_id;
	new."full" := not has_place(new, c, 'MENTOR') and not has_place(new, c, 'MENTEE');
	return new;
end $$;

-- More places, or places again: whoever waits may have one.
create function offer_places() returns trigger language plpgsql as $$
begin
	perform schedule('FillPlaces', case tg_table_name when 'program' then new.id else (to_jsonb(new) ->> 'program_id')::uuid end, now());
	return null;
end $$;

-- Cohorts whose registration should have begun while the program was not published.
create function open_due_cohorts() returns trigger language plpgsql as $$
begin
	perform schedule('OpenDueCohort', c.id, c.registration_opens_at) from cohort c
	where c.program_id = new.id and c.state = 'PLANNED';
	return null;
end $$;

-- Keeps program.coordinator_ids.
create function show_coordinators() returns trigger language plpgsql as $$
declare
	changed uuid := coalesce(new.program_id, old.program_id);
begin
	update program p set coordinator_ids = array(
		select distinct r.user_id from program_role r where r.program_id = changed and r.role = 'COORDINATOR' and not r.revoked)
	where p.id = changed;
	return null;
end $$;

create function forget_roles() returns trigger language plpgsql as $$
begin
	delete from program_role where program_id = old.id;
	return null;
end $$;

create trigger again before update of state on program for each row when (new.state = old.state) execute function stay_as_it_is();
create trigger guard before update of state on program for each row when (new.state <> old.state) execute function guard_transition();
create trigger places before update of mentors, mentees, mentor_capacity, mentee_capacity, cohort_id on program
	for each row execute function count_places();
create trigger rework before update on program for each row
	when (old.state = 'REJECTED' and new.state = 'REJECTED' and new.design_version > old.design_version) execute function rework();
create trigger touch before update on program for each row
	when (new.state <> old.state or new.design_version > old.design_version) execute function touch();
create trigger ready after update on program for each row
	when (new.state in ('SUBMITTED', 'PUBLISHED') and (new.state <> old.state or new.design_version > old.design_version))
	execute function guard_readiness();
create trigger more_places after update of mentor_capacity, mentee_capacity on program for each row
	when ((new.mentor_capacity, new.mentee_capacity) is distinct from (old.mentor_capacity, old.mentee_capacity))
	execute function offer_places();
create trigger published after update of state on program for each row
	when (new.state = 'PUBLISHED' and old.state <> 'PUBLISHED') execute function open_due_cohorts();
create trigger places_again after update of state on program for each row
	when (new.state = 'PUBLISHED' and old.state = 'PAUSED') execute function offer_places();
create trigger coordinators after insert or update or delete on program_role for each row execute function show_coordinators();
create trigger deleted after delete on program for each row execute function forget_roles();

-- The program row tells the dates of its current cohort: the one that can be joined, else the next, else the one that runs, else the last.
create function show_current_cohort() returns trigger language plpgsql as $$
declare
	program uuid := coalesce(new.program_id, old.program_id);
begin
	update program p set (cohort_id, registration_opens_at, registration_closes_at, ends_at) = (
		select c.id, c.registration_opens_at, c.registration_closes_at, cohort_ends_at(c)
		from cohort c, lateral (select case
			when c.registration_closes_at > now() and c.registration_opens_at <= now() then 0
			when c.registration_opens_at > now() then 1
			when c.state <> 'ENDED' then 2
			else 3 end) r (rank)
		where c.program_id = program and c.state <> 'CANCELLED'
		order by rank, case when rank = 1 then c.registration_opens_at end, c.ends_on desc, c.id
		limit 1)
	where p.id = program;
	return null;
end $$;

create function schedule_cohort() returns trigger language plpgsql as $$
begin
	perform schedule('OpenDueCohort', new.id, case new.state when 'PLANNED' then new.registration_opens_at end);
	perform schedule('CloseDueCohort', new.id, case new.state when 'REGISTRATION_OPEN' then new.registration_closes_at end);
	perform schedule('WindDownCohort', new.id, case new.state when 'RUNNING' then cohort_ends_at(new) end);
	if new.state = 'ENDED' then
		perform schedule('CompleteCohort', new.id, now());
	elsif new.state = 'CANCELLED' then
		perform schedule('ReleaseCohort', new.id, now());
	end if;
	return null;
end $$;

create trigger again before update of state on cohort for each row when (new.state = old.state) execute function stay_as_it_is();
create trigger guard before update of state on cohort for each row when (new.state <> old.state) execute function guard_transition();
create trigger touch before update on cohort for each row
	when (new.* is distinct from old.* and (new.mentors, new.mentees) = (old.mentors, old.mentees)) execute function touch();
create trigger planned after insert on cohort for each row execute function schedule_cohort();
create trigger moved after update on cohort for each row when (new.version > old.version) execute function schedule_cohort();
create trigger current_added after insert on cohort for each row execute function show_current_cohort();
create trigger current_changed after update on cohort for each row when (new.version > old.version) execute function show_current_cohort();
create trigger more_places after update of mentor_capacity, mentee_capacity on cohort for each row
	when ((new.mentor_capacity, new.mentee_capacity) is distinct from (old.mentor_capacity, old.mentee_capacity))
	execute function offer_places();

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update, delete on program, program_role to %I', svc);
	execute format('grant select, insert, update on cohort to %I', svc);
	execute format('grant select, insert on form to %I', svc);
end $$;

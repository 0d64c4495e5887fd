-- Milestones. Person ids: milestone.ended_by.

insert into transition (thing, from_state, to_state) values
	('milestone', 'UPCOMING', 'DUE'), ('milestone', 'UPCOMING', 'DONE'), ('milestone', 'UPCOMING', 'SKIPPED'),
	('milestone', 'DUE', 'DONE'), ('milestone', 'DUE', 'SKIPPED'), ('milestone', 'DONE', 'DUE');

-- What the mentorships of a program come by: MilestoneTemplateItem messages.
create table milestone_template (
	program_id uuid primary key references program on delete cascade,
	items jsonb not null,
	version bigint not null default 1
);

create table milestone (
	id uuid primary key,
	mentorship_id uuid not null references mentorship on delete cascade,
	title text not null,
	owner_role text not null check (owner_role in ('MENTOR', 'MENTEE', 'EITHER')),
	due_on date not null,
	completes_when text not null check (completes_when in ('MANUAL', 'SESSION_N_DONE', 'AGREEMENT_SIGNED', 'GOAL_SET', 'SURVEY_DONE')),
	session_n int,
	required boolean not null default false,
	state text not null default 'UPCOMING' check (state in ('UPCOMING', 'DUE', 'DONE', 'SKIPPED')),
	reason text not null default '',
	ended_by uuid,
	ended_at timestamptz,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1
);
create index milestone_mentorship on milestone (mentorship_id, due_on, id);

create function is_late(m milestone) returns boolean language sql stable as $$
	select m.state in ('UPCOMING', 'DUE') and m.due_on < today_in(m.mentorship_id)
$$;

-- True, or 422 with the number of the first milestone that does not say when it is due, or after how many sessions it is done.
create function milestones_hold(items jsonb) returns boolean language plpgsql stable as $$
declare
	wrong bigint;
begin
	select n - 1 into wrong from jsonb_array_elements(items) with ordinality i (value, n)
	where (i.value ->> 'due_days' is null) = (nullif(i.value ->> 'due_on', '') is null)
		or (i.value ->> 'completes_when' = 'SESSION_N_DONE') <> (i.value ->> 'session_n' is not null)
	limit 1;
	return wrong is null or refuse(422, 'MILESTONE_INCOMPLETE', 'A milestone has either due_days or due_on, and session_n only with SESSION_N_DONE.',
		jsonb_build_object('item', wrong));
end $$;

-- Trigger on the date and the state: when its day comes, and when it is over.
create function plan_milestone() returns trigger language plpgsql as $$
begin
	perform schedule('MakeDue', new.id, case new.state when 'UPCOMING' then day_begins(new.mentorship_id, new.due_on) end);
	perform schedule('TellMilestoneOverdue', new.id,
		case when new.state in ('UPCOMING', 'DUE') and new.ended_at is null then day_begins(new.mentorship_id, new.due_on + 1) end);
	return new;
end $$;

create function follow_milestone() returns trigger language plpgsql as $$
begin
	new.ended_at := case when new.state in ('DONE', 'SKIPPED') then now() end;
	if new.ended_at is null then
		new.ended_by := null;
		new.reason := '';
	end if;
	perform tell_timeline(new.mentorship_id, 'MILESTONE', case old.state when 'DONE' then 'REOPENED' else new.state end, new.id, new.ended_by);
	return new;
end $$;

-- True, or 403 for a party whom the milestone does not belong to. Only what is completed by hand is.
create function may_complete(m milestone, person uuid, roles text[]) returns boolean language plpgsql stable cost 20 as $$
declare
	of_role text := party_role(m.mentorship_id, person);
begin
	if of_role is null and not runs_mentorship(m.mentorship_id, person, roles) then
		return refuse(404, 'NOT_FOUND', 'There is no such milestone.');
	elsif of_role is not null and m.owner_role not in ('EITHER', of_role) then
		return refuse(403, 'NOT_OWNER', 'This milestone is completed by the other side.');
	end if;
	return m.completes_when = 'MANUAL' or m.state = 'DONE' or runs_mentorship(m.mentorship_id, person, roles)
		or refuse(409, 'COMPLETES_BY_ITSELF', 'This milestone is completed by what happens.');
end $$;

-- True, or 409 for what is done to milestones while the mentorship does not run.
create function must_run(mentorship uuid) returns boolean language plpgsql stable cost 30 as $$
declare
	is_in text;
begin
	select m.state into is_in from mentorship m where m.id = must_run.mentorship and not m.running;
	return is_in is null or refuse(409, 'MENTORSHIP_NOT_RUNNING', format('Nothing is done in a mentorship that is %s.',
		lower(replace(is_in, '_', ' '))), jsonb_build_object('state', is_in));
end $$;

-- The milestones of a program's template, for a mentorship that begins; once.
create function begin_milestones(mentorship uuid) returns void language sql as $$
	insert into milestone (id, mentorship_id, title, owner_role, due_on, completes_when, session_n, required)
	select uuid_v7(), m.id, i.value ->> 'title', i.value ->> 'owner_role',
		coalesce(nullif(i.value ->> 'due_on', '')::date, today_in(m.id) + (i.value ->> 'due_days')::int),
		i.value ->> 'completes_when', (i.value ->> 'session_n')::int, coalesce((i.value ->> 'required')::boolean, false)
	from mentorship m join milestone_template t on t.program_id = m.program_id, jsonb_array_elements(t.items) with ordinality i (value, n)
	where m.id = begin_milestones.mentorship and m.running and not exists (select from milestone s where s.mentorship_id = m.id)
	order by i.n
$$;

create function plan_milestones() returns trigger language plpgsql as $$
begin
	perform schedule('BeginMilestones', new.id, now());
	return null;
end $$;

create function notice_fact() returns trigger language plpgsql as $$
begin
	if exists (select from milestone m where m.mentorship_id = new.mentorship_id and m.completes_when <> 'MANUAL' and m.state in ('UPCOMING', 'DUE')) then
		perform schedule('CompleteByFacts', new.mentorship_id, now());
	end if;
	return null;
end $$;

create trigger plan after insert or update of due_on, state on milestone for each row execute function plan_milestone();
create trigger again before update of state on milestone for each row when (new.state = old.state) execute function stay_as_it_is();
create trigger guard before update of state on milestone for each row when (new.state <> old.state) execute function guard_transition();
create trigger step before update of state on milestone for each row when (new.state <> old.state) execute function follow_milestone();
create trigger touch before update on milestone for each row when (new.* is distinct from old.*) execute function touch();
create trigger milestones after update of state on mentorship for each row
	when (old.state = 'KICKOFF' and new.state = 'ACTIVE') execute function plan_milestones();
create trigger fact after insert or update of state on agreement for each row when (new.state = 'IN_FORCE') execute function notice_fact();
create trigger fact after insert or update of state on goal for each row when (new.state <> 'DRAFT') execute function notice_fact();

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update on milestone, milestone_template to %I', svc);
end $$;

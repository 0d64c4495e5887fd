-- Goals and how they went. Person ids: goal.created_by, goal.ended_by, goal_check_in.created_by.

insert into transition (thing, from_state, to_state) values
	('goal', 'DRAFT', 'ACTIVE'),
	('goal', 'ACTIVE', 'ACHIEVED'), ('goal', 'ACTIVE', 'PARTLY'), ('goal', 'ACTIVE', 'DROPPED'),
	('goal', 'ACHIEVED', 'ACTIVE'), ('goal', 'DROPPED', 'ACTIVE');

create table goal (
	id uuid primary key,
	mentorship_id uuid not null references mentorship on delete cascade,
	title text not null,
	why text not null default '',
	kind text not null check (kind in ('LEARNING', 'CAREER', 'SKILL', 'PERSONAL')),
	"measure.type" text not null check ("measure.type" in ('PERCENT', 'COUNT', 'LEVEL', 'YES_NO')),
	"measure.from" int not null,
	"measure.to" int constraint measure_needs_target check ("measure.to" is not null),
	"measure.current" int not null,
	due_on date,
	state text not null default 'ACTIVE' check (state in ('DRAFT', 'ACTIVE', 'ACHIEVED', 'PARTLY', 'DROPPED')),
	reason text not null default '',
	ended_at timestamptz,
	created_by uuid not null,
	ended_by uuid,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	constraint measure_without_way check ("measure.from" <> "measure.to"),
	constraint percent_outside_range check ("measure.type" <> 'PERCENT'
		or "measure.from" between 0 and 100 and "measure.to" between 0 and 100),
	constraint yes_no_outside_range check ("measure.type" <> 'YES_NO' or "measure.from" = 0 and "measure.to" = 1),
	constraint value_outside_range check ("measure.current" between least("measure.from", "measure.to") and greatest("measure.from", "measure.to"))
);
comment on constraint measure_needs_target on goal is 'Say where the goal is to get.';
comment on constraint measure_without_way on goal is 'The goal must get somewhere: it ends where it begins.';
comment on constraint percent_outside_range on goal is 'A percentage lies between 0 and 100.';
comment on constraint yes_no_outside_range on goal is 'Yes or no goes from 0 to 1.';
comment on constraint value_outside_range on goal is 'The value lies outside of the goal''s range.';
create index goal_mentorship on goal (mentorship_id, id desc);

create table goal_check_in (
	id uuid primary key,
	goal_id uuid not null references goal on delete cascade,
	mentorship_id uuid not null,
	value int not null,
	note text not null default '',
	created_by uuid not null,
	created_at timestamptz not null default now()
);
create index goal_check_in_goal on goal_check_in (goal_id, id desc);

-- The date where a mentorship takes place: in its cohort's zone, or UTC. Asked for each of many tasks and milestones: in plpgsql its
-- plan is kept.
create function today_in(mentorship uuid) returns date language plpgsql stable as $$
begin
	return (now() at time zone coalesce(c.zone, 'UTC'))::date
	from mentorship m left join cohort c on c.id = m.cohort_id where m.id = mentorship;
end $$;

-- The beginning of a date there.
create function day_begins(mentorship uuid, day date) returns timestamptz language plpgsql stable as $$
begin
	return (
		select day::timestamp at time zone coalesce(c.zone, 'UTC')
		from mentorship m left join cohort c on c.id = m.cohort_id where m.id = mentorship
	);
end $$;

-- P-R18: whether a mentee has handed something over from there to a mentorship in which the person mentors now.
create function inherits(mentorship uuid, person uuid) returns boolean language plpgsql stable cost 10 as $$
begin
	return exists (select from handover h where h.mentorship_id = inherits.mentorship and party_role(h.to_mentorship_id, person) = 'MENTOR');
end $$;

-- For lists of parts: true, or 404 for everybody but the parties and who got some of the parts.
create function must_see_parts(mentorship uuid, person uuid) returns boolean language plpgsql stable cost 10 as $$
begin
	return inherits(mentorship, person) or must_be_party(mentorship, person);
end $$;

-- For what belongs to one part: true, or 404 for everybody but the parties and who got it.
create function must_see_part(kind text, thing uuid, mentorship uuid, person uuid) returns boolean language plpgsql stable cost 10 as $$
begin
	return is_handed_over(kind, thing, person) or must_be_party(mentorship, person);
end $$;

-- P-R9: the only way in which progress moves.
create function move_goal() returns trigger language plpgsql as $$
declare
	g goal;
begin
	select * into g from goal where id = new.goal_id for update;
	if g.state <> 'ACTIVE' then
		perform refuse(409, 'GOAL_NOT_ACTIVE', 'Only goals that are worked at are checked in on.', jsonb_build_object('state', g.state));
	elsif new.value not between least(g."measure.from", g."measure.to") and greatest(g."measure.from", g."measure.to") then
		perform refuse(422, 'VALUE_OUTSIDE_RANGE', 'The value lies outside of the goal''s range.',
			jsonb_build_object('from', g."measure.from", 'to', g."measure.to"));
	end if;
	update goal set "measure.current" = new.value where id = g.id;
	perform tell_timeline(new.mentorship_id, 'GOAL', 'CHECKED_IN', new.goal_id, new.created_by);
	return null;
end $$;

-- What follows from a step of a goal.
create function follow_goal() returns trigger language plpgsql as $$
begin
	if new.state in ('ACHIEVED', 'PARTLY') and new.reason = '' and (new.state = 'PARTLY' or new."measure.current" <> new."measure.to") then
		perform refuse(422, 'NOT_REACHED', 'The measure is not reached: say why it counts.',
			jsonb_build_object('current', new."measure.current", 'to', new."measure.to"));
	elsif old.state in ('ACHIEVED', 'DROPPED') and old.ended_at < now() - interval '30 days' then
		perform refuse(409, 'TOO_LATE', 'A goal is taken up again within thirty days; set a new one.');
	end if;
	new.ended_at := case when new.state in ('ACHIEVED', 'PARTLY', 'DROPPED') then now() end;
	if new.ended_at is null then
		new.ended_by := null;
		new.reason := '';
	end if;
	perform tell_timeline(new.mentorship_id, 'GOAL', case when old.state in ('ACHIEVED', 'DROPPED') then 'REOPENED' else new.state end,
		new.id, new.ended_by);
	return new;
end $$;

create function tell_goal() returns trigger language plpgsql as $$
begin
	perform tell_timeline(new.mentorship_id, 'GOAL', 'CREATED', new.id, new.created_by);
	return null;
end $$;

create trigger move after insert on goal_check_in for each row execute function move_goal();
create trigger tell after insert on goal for each row execute function tell_goal();
create trigger again before update of state on goal for each row when (new.state = old.state) execute function stay_as_it_is();
create trigger guard before update of state on goal for each row when (new.state <> old.state) execute function guard_transition();
create trigger step before update of state on goal for each row when (new.state <> old.state) execute function follow_goal();
create trigger touch before update on goal for each row when (new.* is distinct from old.*) execute function touch();

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update, delete on goal to %I', svc);
	execute format('grant select, insert on goal_check_in to %I', svc);
end $$;

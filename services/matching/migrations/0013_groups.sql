-- Group plans. Person ids: group_plan.created_by; group_seat by its membership.

insert into transition (thing, from_state, to_state) values
	('group_plan', 'QUEUED', 'DRAFT'), ('group_plan', 'QUEUED', 'FAILED'), ('group_plan', 'DRAFT', 'PUBLISHED');

create table group_plan (
	id uuid primary key,
	program_id uuid not null,
	cohort_id uuid,
	state text not null default 'QUEUED' check (state in ('QUEUED', 'DRAFT', 'PUBLISHED', 'FAILED')),
	criteria_version int not null,
	size_min int not null,
	size_max int not null,
	mentors_per_group int not null,
	"left" int,
	total bigint,
	bound bigint,
	proven boolean not null default false,
	failure text,
	worked_until timestamptz,
	attempts int not null default 0,
	created_by uuid not null,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	constraint group_sizes_crossed check (size_min <= size_max)
);
comment on constraint group_sizes_crossed on group_plan is 'The least size must not be more than the greatest.';
create index group_plan_program on group_plan (program_id, id desc);
create trigger guard before update of state on group_plan for each row when (new.state <> old.state) execute function guard_transition();
create trigger touch before update on group_plan for each row when (new.state <> old.state) execute function touch();

create table match_group (
	id uuid primary key,
	plan_id uuid not null references group_plan on delete cascade,
	state text not null default 'PLANNED' check (state in ('PLANNED', 'BEGUN', 'STALE'))
);
create index match_group_plan on match_group (plan_id);

create table group_seat (
	group_id uuid not null references match_group on delete cascade,
	membership_id uuid not null,
	primary key (group_id, membership_id)
);

create function groups_of(plan uuid) returns jsonb language plpgsql stable as $$
begin
	return (
		select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'state', g.state, 'mentor_ids', s.mentors, 'mentee_ids', s.mentees) order by g.id), '[]')
		from match_group g, lateral (
			select coalesce(jsonb_agg(p.user_id order by p.user_id) filter (where p.role = 'MENTOR'), '[]') as mentors,
				coalesce(jsonb_agg(p.user_id order by p.user_id) filter (where p.role = 'MENTEE'), '[]') as mentees
			from group_seat t join match_profile p using (membership_id) where t.group_id = g.id) s
		where g.plan_id = plan
	);
end $$;

create view group_plan_view as
select id, created_at, updated_at, version, program_id, cohort_id, state, criteria_version, size_min, size_max, mentors_per_group,
	groups_of(id) as groups, "left", total, bound, proven, failure, created_by
from group_plan;

-- Whether everybody of a group takes part, may meet everybody else, and has a place.
create function group_holds(circle uuid) returns boolean language plpgsql stable as $$
begin
	return not exists (
		select from group_seat s join match_profile p using (membership_id)
		where s.group_id = circle and (not p.eligible or p.room < 1 or exists (
			select from group_seat t join match_profile q using (membership_id)
			where t.group_id = circle and q.user_id <> p.user_id and not may_meet(p.user_id, q.user_id))));
end $$;

-- The group takes its places, or is STALE.
create function begin_group(circle uuid) returns text language plpgsql as $$
declare
	p match_profile;
	plan group_plan;
	holds boolean;
begin
	perform from match_group g where g.id = circle and g.state = 'PLANNED' for update;
	if not found then
		return 'STALE';
	end if;
	perform from match_profile f where f.membership_id in (select s.membership_id from group_seat s where s.group_id = circle)
	order by f.membership_id for no key update;
	holds := group_holds(circle);
	update match_group g set state = case when holds then 'BEGUN' else 'STALE' end where g.id = circle;
	if holds then
		for p in select f.* from match_profile f join group_seat s using (membership_id) where s.group_id = circle loop
			perform take_place(circle, p.program_id, p.user_id, p.role, false);
		end loop;
	end if;
	return case when holds then 'BEGUN' else 'STALE' end;
end $$;

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update, delete on group_plan, match_group, group_seat to %I', svc);
	execute format('grant select on group_plan_view to %I', svc);
end $$;

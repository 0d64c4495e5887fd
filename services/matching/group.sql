-- Group plans.

-- read_group_pool(PlanGroupsRequest) one RunPool
select :program_id::uuid as program_id, count(*) filter (where p.role = 'MENTEE')::int as mentees,
	count(*) filter (where p.role = 'MENTOR')::int as mentors, coalesce(sum(p.room) filter (where p.role = 'MENTOR'), 0)::int as places,
	max(s.criteria_version) as criteria_version
from (values (true)) one (row) left join (
		select c.criteria_version from criteria_set c
		where c.program_id = :program_id and c.state in ('PUBLISHED', 'RETIRED')
			and (c.criteria_version = :criteria_version or :criteria_version::int is null and c.state = 'PUBLISHED')) s on true
	left join run_pool(:program_id, :cohort_id) p on true
where must_coordinate(:program_id, :caller.id, :caller.roles::text[]);

-- add_group_plan(PlanGroupsRequest) exec
with plan as (
	insert into group_plan (id, program_id, cohort_id, criteria_version, size_min, size_max, mentors_per_group, created_by)
	select :new.plan, :program_id, :cohort_id, c.criteria_version, :size_min, :size_max, coalesce(:mentors_per_group, 1), :caller.id
	from criteria_set c
	where c.program_id = :program_id and c.state in ('PUBLISHED', 'RETIRED')
		and (c.criteria_version = :criteria_version or :criteria_version::int is null and c.state = 'PUBLISHED')
	returning id
)
select schedule('WorkGroupPlan', id, now()) from plan;

-- read_planned_groups(PlanGroupsRequest) one GroupPlan
select v.* from group_plan_view v where v.id = :new.plan;

-- list_group_plans(ListGroupPlansRequest) page ListGroupPlansResponse by id desc
select v.* from group_plan_view v
where v.program_id = :program_id and must_coordinate(:program_id, :caller.id, :caller.roles::text[]);

-- get_group_plan(Id) one GroupPlan
select v.* from group_plan_view v where v.id = :id and must_coordinate(v.program_id, :caller.id, :caller.roles::text[]);

-- claim_group_plan(Id) maybe GroupPlanWork
update group_plan g set worked_until = now() + interval '5 minutes', attempts = g.attempts + 1
where g.id = :id and g.state = 'QUEUED' and coalesce(g.worked_until <= now(), true)
returning g.id, g.program_id, g.cohort_id, g.criteria_version, g.size_min, g.size_max, g.mentors_per_group, g.attempts;

-- watch_group_plan(Id) exec
select schedule('WorkGroupPlan', g.id, greatest(g.worked_until, now()) + interval '1 second') from group_plan g
where g.id = :id and g.state = 'QUEUED';

-- add_group(GroupSeat) exec
with made as (
	insert into match_group (id, plan_id) values (:group_id, :plan_id) on conflict do nothing returning id
)
insert into group_seat (group_id, membership_id) select m.id, unnest(:memberships::uuid[]) from made m;

-- forget_groups(Id) exec
delete from match_group where plan_id = :id;

-- set_group_plan_result(GroupPlanResult) exec
update group_plan set state = :state, "left" = :left, total = :total, bound = :bound, proven = :proven, failure = nullif(:failure, '')
where id = :id and state = 'QUEUED';

-- set_group_plan_published(Id) exec
update group_plan g set state = 'PUBLISHED'
where g.id = :id and must_coordinate(g.program_id, :caller.id, :caller.roles::text[]) and only_from('group_plan', g.state, '{DRAFT,PUBLISHED}')
	and g.state = 'DRAFT' and (g.mentors_per_group = 1
		or refuse(409, 'MANY_TO_MANY', 'A mentorship of several mentees has one mentor: plan groups of one mentor to publish them.'));

-- schedule_groups(Id) exec
select schedule('BeginGroup', m.id, now()) from match_group m join group_plan g on g.id = m.plan_id
where g.id = :id and g.state = 'PUBLISHED' and m.state = 'PLANNED';

-- set_group_begun(Id) one MatchGroup
select :id::uuid as id, begin_group(:id) as state;

-- read_group_match(Id) one OpenMatchRequest
select g.id, p.program_id, 'RUN' as origin,
	array(select f.membership_id from group_seat s join match_profile f using (membership_id) where s.group_id = g.id and f.role = 'MENTOR') as mentor_memberships,
	array(select f.membership_id from group_seat s join match_profile f using (membership_id) where s.group_id = g.id and f.role = 'MENTEE') as mentee_memberships
from match_group g join group_plan p on p.id = g.plan_id where g.id = :id;

-- get_group_plan_again(Id) one GroupPlan
select v.*, v.updated_at <> now() as unchanged from group_plan_view v
where v.id = :id and must_coordinate(v.program_id, :caller.id, :caller.roles::text[]);

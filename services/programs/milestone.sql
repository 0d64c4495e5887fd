-- Milestones and progress.

-- put_milestone_template(PutMilestoneTemplateRequest) one MilestoneTemplate
insert into milestone_template as t (program_id, items)
select p.id, coalesce(:items::jsonb, '[]')
from program p left join milestone_template old on old.program_id = p.id
where p.id = :program_id and must_coordinate(:program_id, :caller.id, :caller.roles::text[])
	and milestones_hold(coalesce(:items::jsonb, '[]')) and at_version(coalesce(old.version, 0), :if_match)
on conflict (program_id) do update set items = excluded.items, version = t.version + 1 where at_version(t.version, :if_match)
returning *;

-- get_milestone_template(GetTemplateRequest) one MilestoneTemplate
select p.id as program_id, coalesce(t.items, '[]') as items, coalesce(t.version, 0) as version
from program p left join milestone_template t on t.program_id = p.id
where p.id = :program_id and must_coordinate(:program_id, :caller.id, :caller.roles::text[]);

-- list_milestones(OfMentorship) many ListMilestonesResponse
select m.*, is_late(m) as overdue from milestone m
where m.mentorship_id = :mentorship_id and must_see_mentorship(:mentorship_id, :caller.id, :caller.roles::text[])
order by m.due_on, m.id;

-- get_milestone(PartId) one Milestone
select m.*, is_late(m) as overdue from milestone m
where m.id = :id and m.mentorship_id = :mentorship_id and sees_mentorship(:mentorship_id, :caller.id, :caller.roles::text[]);

-- set_milestone_done(PartId) one Milestone
update milestone m set state = 'DONE', ended_by = :caller.id
where m.id = :id and m.mentorship_id = :mentorship_id and may_complete(m, :caller.id, :caller.roles::text[])
	and must_run(m.mentorship_id)
returning m.*, false as overdue, m.updated_at <> now() as unchanged;

-- set_milestone_skipped(SkipMilestoneRequest) one Milestone
update milestone m set state = 'SKIPPED', reason = :reason, ended_by = :caller.id
where m.id = :id and m.mentorship_id = :mentorship_id and must_run_mentorship(:mentorship_id, :caller.id, :caller.roles::text[])
	and must_run(m.mentorship_id)
returning m.*, false as overdue, m.updated_at <> now() as unchanged;

-- set_milestone_reopened(PartId) one Milestone
update milestone m set state = 'DUE'
where m.id = :id and m.mentorship_id = :mentorship_id and must_run_mentorship(:mentorship_id, :caller.id, :caller.roles::text[])
	and must_run(m.mentorship_id) and only_from('milestone', m.state, '{DONE,DUE}')
returning m.*, is_late(m) as overdue, m.updated_at <> now() as unchanged;

-- begin_milestones(Id) exec
with facts as (select schedule('CompleteByFacts', :id, now()))
select begin_milestones(:id) from facts;

-- set_due(Id) maybe Milestone
update milestone m set state = 'DUE'
where m.id = :id and m.state = 'UPCOMING' and m.due_on <= today_in(m.mentorship_id)
returning m.*, is_late(m) as overdue;

-- read_late(Id) maybe Milestone
select m.*, true as overdue from milestone m where m.id = :id and is_late(m);

-- set_done_by_facts(Id) many MilestoneList
update milestone m set state = 'DONE'
where m.mentorship_id = :id and m.state in ('UPCOMING', 'DUE') and has_happened(m)
returning m.*, false as overdue;

-- What has no name is for everybody who sees the mentorship, the rest for its parties.
-- get_progress(OfMentorship) one MentorshipProgress
select m.id as mentorship_id, g.goals, g.goals_percent, t.tasks, s.milestones,
	(d.today - m.started_at::date) as days, (m.planned_end_on - m.started_at::date) as planned_days,
	case when is_party(m.id, :caller.id) then g.each_goal else '[]' end as each_goal,
	case when is_party(m.id, :caller.id) then (
		select to_jsonb(n) || jsonb_build_object('overdue', is_late(n, d.today), 'created_at', rfc3339(n.created_at), 'updated_at', rfc3339(n.updated_at))
		from milestone n where n.mentorship_id = m.id and n.state in ('UPCOMING', 'DUE') order by n.due_on, n.id limit 1) end as next_milestone,
	case when is_party(m.id, :caller.id) then (
		select to_jsonb(n) || jsonb_build_object('overdue', is_overdue(n, d.today), 'created_at', rfc3339(n.created_at), 'updated_at', rfc3339(n.updated_at),
			'reviewed_at', rfc3339(n.reviewed_at), 'submitted_at', rfc3339(n.submitted_at))
		from task n where n.mentorship_id = m.id and n.state in ('ASSIGNED', 'IN_PROGRESS', 'RETURNED')
		order by n.due_on nulls last, n.id limit 1) end as next_task
from mentorship m,
	lateral (select today_in(m.id) as today offset 0) d, -- asked once
	lateral (
		select jsonb_build_object('total', count(*), 'open', count(*) filter (where x.state in ('DRAFT', 'ACTIVE')),
				'done', count(*) filter (where x.state in ('ACHIEVED', 'PARTLY')),
				'overdue', count(*) filter (where x.state = 'ACTIVE' and x.due_on < d.today)) as goals,
			coalesce(round(avg(x.percent) filter (where x.state not in ('DRAFT', 'DROPPED'))), 0)::int as goals_percent,
			coalesce(jsonb_agg(jsonb_build_object('id', x.id, 'title', x.title, 'state', x.state, 'percent', x.percent, 'due_on', x.due_on)
				order by x.id), '[]') as each_goal
		from (select o.*, case o.state when 'ACHIEVED' then 100 else
				(o."measure.current" - o."measure.from")::bigint * 100 / (o."measure.to" - o."measure.from") end as percent
			from goal o where o.mentorship_id = m.id) x) g,
	lateral (
		select jsonb_build_object('total', count(*), 'open', count(*) filter (where k.state not in ('APPROVED', 'CANCELLED')),
			'done', count(*) filter (where k.state = 'APPROVED'), 'overdue', count(*) filter (where is_overdue(k, d.today))) as tasks
		from task k where k.mentorship_id = m.id) t,
	lateral (
		select jsonb_build_object('total', count(*), 'open', count(*) filter (where k.state in ('UPCOMING', 'DUE')),
			'done', count(*) filter (where k.state = 'DONE'), 'overdue', count(*) filter (where is_late(k, d.today))) as milestones
		from milestone k where k.mentorship_id = m.id) s
where m.id = :mentorship_id and sees_mentorship(:mentorship_id, :caller.id, :caller.roles::text[]);

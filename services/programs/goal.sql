-- Goals. Triggers hold the rules: the range of a check-in, what reaching and reopening need.

-- add_goal(CreateGoalRequest) one Goal
insert into goal (id, mentorship_id, title, why, kind, "measure.type", "measure.from", "measure.to", "measure.current", due_on, state, created_by)
select :new.id, :mentorship_id, :title, coalesce(:why, ''), :kind, :measure.type, f.start,
	coalesce(:measure.to, case :measure.type when 'PERCENT' then 100 when 'YES_NO' then 1 end), f.start, :due_on,
	case when :draft then 'DRAFT' else 'ACTIVE' end, :caller.id
from (select coalesce(:measure.from, case :measure.type when 'LEVEL' then 1 else 0 end) as start) f
where must_work_in(:mentorship_id, :caller.id)
returning *;

-- list_goals(ListGoalsRequest) page ListGoalsResponse by id desc
select g.* from goal g
where g.mentorship_id = :mentorship_id and must_see_parts(:mentorship_id, :caller.id) and (:state::text is null or g.state = :state)
	and ((select is_party(:mentorship_id, :caller.id)) or is_handed_over('GOAL', g.id, :caller.id));

-- get_goal(PartId) one Goal
select g.* from goal g
where g.id = :id and g.mentorship_id = :mentorship_id
	and (is_party(:mentorship_id, :caller.id) or is_handed_over('GOAL', g.id, :caller.id));

-- update_goal(UpdateGoalRequest) one Goal
update goal g set
	title = case when :set.title then :title else g.title end,
	why = case when :set.why then coalesce(:why, '') else g.why end,
	kind = case when :set.kind then :kind else g.kind end,
	due_on = case when :set.due_on then :due_on else g.due_on end,
	"measure.to" = case when :set.to then :to else g."measure.to" end
where g.id = :id and g.mentorship_id = :mentorship_id and must_work_in(:mentorship_id, :caller.id)
	and (g.state in ('DRAFT', 'ACTIVE') or refuse(409, 'GOAL_ENDED', 'A goal that has ended stays as it is.'))
	and at_version(g.version, :if_match)
returning g.*;

-- delete_goal(PartId) exec
with gone as (
	delete from goal g
	where g.id = :id and g.mentorship_id = :mentorship_id and must_work_in(:mentorship_id, :caller.id)
		and (g.state in ('DRAFT', 'ACTIVE') and not exists (select from goal_check_in c where c.goal_id = g.id)
			or refuse(409, 'GOAL_IN_USE', 'Something was done about this goal: drop it instead.'))
		and at_version(g.version, :if_match)
	returning 1
)
select exists (select from gone) or refuse(404, 'NOT_FOUND', 'There is no such goal.');

-- set_goal_active(PartId) one Goal
update goal g set state = 'ACTIVE'
where g.id = :id and g.mentorship_id = :mentorship_id and must_work_in(:mentorship_id, :caller.id)
	and only_from('goal', g.state, '{DRAFT,ACTIVE}')
returning g.*, g.updated_at <> now() as unchanged;

-- add_goal_check_in(CheckInGoalRequest) one GoalCheckIn
insert into goal_check_in (id, goal_id, mentorship_id, value, note, created_by)
select :new.id, g.id, g.mentorship_id, :value, coalesce(:note, ''), :caller.id
from goal g
where g.id = :id and g.mentorship_id = :mentorship_id and must_work_in(:mentorship_id, :caller.id)
returning *;

-- list_goal_check_ins(ListGoalCheckInsRequest) page ListGoalCheckInsResponse by id desc
select c.* from goal_check_in c
where c.goal_id = :id and c.mentorship_id = :mentorship_id and must_see_part('GOAL', :id, :mentorship_id, :caller.id);

-- set_goal_achieved(AchieveGoalRequest) one Goal
update goal g set state = case when :partly then 'PARTLY' else 'ACHIEVED' end, reason = coalesce(:reason, ''), ended_by = :caller.id
where g.id = :id and g.mentorship_id = :mentorship_id and must_work_in(:mentorship_id, :caller.id)
returning g.*, g.updated_at <> now() as unchanged;

-- set_goal_dropped(DropGoalRequest) one Goal
update goal g set state = 'DROPPED', reason = :reason, ended_by = :caller.id
where g.id = :id and g.mentorship_id = :mentorship_id and must_work_in(:mentorship_id, :caller.id)
returning g.*, g.updated_at <> now() as unchanged;

-- set_goal_reopened(PartId) one Goal
update goal g set state = 'ACTIVE'
where g.id = :id and g.mentorship_id = :mentorship_id and must_work_in(:mentorship_id, :caller.id)
	and only_from('goal', g.state, '{ACHIEVED,DROPPED,ACTIVE}')
returning g.*, g.updated_at <> now() as unchanged;

-- Improvement actions. What was changed by this statement has updated_at = now().

-- add_improvement(CreateImprovementActionRequest) one ImprovementAction
insert into improvement_action as a (id, program_id, source, wave_id, title, body, owner_id, due_on)
select :new.id, p.id, :source, :wave_id, :title, coalesce(:body, ''), coalesce(:owner_id, :caller.id::uuid), :due_on
from program p
where p.id = :program_id and must_coordinate(p.id, :caller.id, :caller.roles::text[])
	and may_own(p.id, coalesce(:owner_id, :caller.id::uuid), :caller.id)
returning *, is_overdue(a) as overdue;

-- list_improvement_actions(ListImprovementActionsRequest) page ListImprovementActionsResponse by created_at desc, id desc
select *, is_overdue(a) as overdue from improvement_action a
where a.program_id = :program_id and must_see_members(:program_id, :caller.id, :caller.roles::text[])
	and (:state::text is null or a.state = :state);

-- get_improvement_action(ImprovementActionId) one ImprovementAction
select *, is_overdue(a) as overdue from improvement_action a
where a.id = :id and a.program_id = :program_id and must_see_members(:program_id, :caller.id, :caller.roles::text[]);

-- update_improvement_action(UpdateImprovementActionRequest) one ImprovementAction
update improvement_action a set
	title = case when :set.title then :title else title end,
	body = case when :set.body then coalesce(:body, '') else body end,
	owner_id = case when :set.owner_id then :owner_id else owner_id end,
	due_on = case when :set.due_on then :due_on else due_on end
where a.id = :id and a.program_id = :program_id and must_see_members(:program_id, :caller.id, :caller.roles::text[])
	and (not :set.owner_id or may_own(a.program_id, :owner_id, :caller.id))
	and only_from('improvement_action', a.state, '{OPEN,IN_PROGRESS}')
	and at_version(a.version, :if_match)
returning *, is_overdue(a) as overdue;

-- start_improvement_action(ImprovementActionId) one ImprovementAction
update improvement_action a set state = 'IN_PROGRESS'
where a.id = :id and a.program_id = :program_id and must_see_members(:program_id, :caller.id, :caller.roles::text[])
returning *, is_overdue(a) as overdue, updated_at <> now() as unchanged;

-- set_improvement_done(EndImprovementActionRequest) one ImprovementAction
update improvement_action a set state = 'DONE', outcome = :outcome
where a.id = :id and a.program_id = :program_id and must_see_members(:program_id, :caller.id, :caller.roles::text[])
returning *, is_overdue(a) as overdue, updated_at <> now() as unchanged;

-- drop_improvement_action(EndImprovementActionRequest) one ImprovementAction
update improvement_action a set state = 'DROPPED', outcome = :outcome
where a.id = :id and a.program_id = :program_id and must_see_members(:program_id, :caller.id, :caller.roles::text[])
returning *, is_overdue(a) as overdue, updated_at <> now() as unchanged;

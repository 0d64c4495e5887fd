-- Health flags: raised and cleared by a sweep, read by coordinators.

-- program_health(ProgramHealthRequest) page ProgramHealthResponse by created_at desc, id desc
select f.*, next_step(f.rule) as next_step from health_flag f
where f.program_id = :program_id and f.cleared_at is null and must_see_members(:program_id, :caller.id, :caller.roles::text[])
	and (:snoozed or f.snoozed_until is null or f.snoozed_until <= now());

-- snooze_health_flag(SnoozeHealthFlagRequest) one HealthFlag
update health_flag f set snoozed_until = now() + make_interval(days => :days)
where f.id = :id and f.cleared_at is null and coordinates(f.program_id, :caller.id, :caller.roles::text[])
returning f.*, next_step(f.rule) as next_step;

-- add_health_flags(Id) many HealthFlags
insert into health_flag (program_id, rule, subject_id, mentorship_id, user_id, "values", since)
select :id, rule, subject_id, mentorship_id, user_id, "values", since from health_findings(:id)
on conflict (program_id, rule, subject_id) where cleared_at is null do nothing
returning *;

-- set_health_flags_cleared(Id) many HealthFlags
update health_flag f set cleared_at = now()
where f.program_id = :id and f.cleared_at is null and not exists (
	select from health_findings(:id) h where h.rule = f.rule and h.subject_id = f.subject_id)
returning *;

-- schedule_health_sweep(Id) exec
select schedule('SweepHealth', id, now() + interval '1 hour') from program where id = :id and state <> 'ARCHIVED';

-- Reports and conformance: functions over what is there. No person ids.

-- Whether something of a day lies between two days, both included; null is open.
create function within(at timestamptz, first date, last date) returns boolean language sql immutable as $$
	select coalesce(at >= first::timestamp at time zone 'UTC', true) and coalesce(at < (last + 1)::timestamp at time zone 'UTC', true)
$$;

-- True, or 404: for the figures of a program.
create function must_see_reports(program uuid, person uuid, roles text[]) returns boolean language plpgsql stable cost 10 as $$
begin
	return exists (
			select from program_role r where r.program_id = program and r.user_id = person and r.role = 'REPORTER' and not r.revoked)
		or must_see_members(program, person, roles);
end $$;

-- Practices that the sources of the platform's requirements ask for (by their numbers), whether a program meets them, and the
-- rows that show it.
create function conformance(program uuid) returns table (requirement text, practice text, thing text, ids uuid[]) language sql stable as $$
	with p as (select * from program q where q.id = conformance.program)
	select 'S0-23', 'Mentorships have an agreement on duration, objectives and scope.', 'agreement', array(
		select a.id from agreement a join mentorship m on m.id = a.mentorship_id where m.program_id = program and a.state = 'IN_FORCE')
	union all select 'S0-26', 'Feedback is asked for again and again.', 'survey', array(
		select s.id from survey s where s.program_id = program and s.trigger = 'CADENCE' and s.every_days is not null and s.ended_at is null)
	union all select 'S0-27', 'Feedback leads to improvements that somebody owns.', 'improvement_action', array(
		select a.id from improvement_action a where a.program_id = program)
	union all select 'S1-5', 'Mentors are vetted before they are accepted.', 'program', array(
		select id from p where vetting_profile_id is not null)
	union all select 'S1-19', 'Somebody handles reports of concerns.', 'program', array(select id from p where safety_officer_id is not null)
	union all select 'S2-2', 'Members accept terms and a code of conduct.', 'program', array(select id from p where cardinality(required_policies) > 0)
	union all select 'S4-2', 'Objectives, structure and guidelines are laid down.', 'program', array(
		select id from p where cardinality(objectives) > 0 and structure <> '' and guidelines <> '')
	union all select 'S4-3', 'Scope, duration and expectations of both sides are laid down.', 'program', array(
		select id from p where scope <> '' and duration_default_days is not null and mentor_responsibilities <> '' and mentee_responsibilities <> '')
	union all select 'S4-5', 'It is said who brings mentors and mentees together.', 'program', array(select id from p where matching_mode is not null)
	union all select 'S4-8', 'Mentors and mentees are trained.', 'training_module', array(
		select t.id from training_module t where t.program_id = program and not t.retired and exists (
			select from training_module a where a.program_id = program and not a.retired and a.audience in ('MENTOR', 'BOTH'))
			and exists (select from training_module b where b.program_id = program and not b.retired and b.audience in ('MENTEE', 'BOTH')))
	union all select 'S4-10', 'Mentorships begin with a kick-off.', 'mentorship', array(
		select m.id from mentorship m where m.program_id = program and m.kickoff_completed_at is not null)
	union all select 'S4-18', 'The program was assessed within the last year.', 'survey_wave', array(
		select w.id from survey_wave w where w.program_id = program and w.state in ('CLOSED', 'PUBLISHED') and w.closes_at > now() - interval '1 year')
	union all select 'S4-19', 'Mentors and mentees are asked.', 'survey', array(
		select s.id from survey s where s.program_id = program and exists (
			select from survey a where a.program_id = program and a.audience in ('MENTOR', 'BOTH'))
			and exists (select from survey b where b.program_id = program and b.audience in ('MENTEE', 'BOTH')))
	union all select 'S4-20', 'Mentorships are closed, not left.', 'mentorship', array(
		select m.id from mentorship m where m.program_id = program and m.state = 'CLOSED' and not m.closed_incomplete)
$$;

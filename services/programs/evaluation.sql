-- Evaluations.

-- put_rubric(PutRubricRequest) one Rubric
insert into rubric as r (program_id, criteria)
select p.id, :criteria::jsonb
from program p left join rubric old on old.program_id = p.id
where p.id = :program_id and must_coordinate(:program_id, :caller.id, :caller.roles::text[])
	and rubric_holds(:criteria::jsonb) and at_version(coalesce(old.version, 0), :if_match)
on conflict (program_id) do update set criteria = excluded.criteria, version = r.version + 1 where at_version(r.version, :if_match)
returning *;

-- get_rubric(GetTemplateRequest) one Rubric
select p.id as program_id, coalesce(r.criteria, '[]') as criteria, coalesce(r.version, 0) as version
from program p left join rubric r on r.program_id = p.id
where p.id = :program_id and (coordinates(p.id, :caller.id, :caller.roles::text[]) or exists (
	select from membership m where m.program_id = p.id and m.user_id = :caller.id and m.open));

-- set_evaluation(PutEvaluationRequest) one Evaluation
insert into evaluation as e (id, mentorship_id, subject_id, moment, by, evaluator_id, scores, mean, note)
select :new.id, m.id, evaluated(m, :subject_id, a.eyes, :caller.id), :moment, a.eyes, :caller.id, :scores::jsonb,
	(select round(avg(coalesce((s ->> 'value')::int, 0)) * 100) from jsonb_array_elements(:scores::jsonb) s), coalesce(:note, '')
from mentorship m, lateral (select evaluates_as(m, :caller.id, :caller.roles::text[]) as eyes) a
where m.id = :mentorship_id and a.eyes is not null
	and (m.running or refuse(409, 'MENTORSHIP_NOT_RUNNING', 'Nobody is evaluated in a mentorship that does not run.'))
	and scores_fit(m.program_id, :scores::jsonb)
on conflict on constraint evaluated_once do update set scores = excluded.scores, mean = excluded.mean, note = excluded.note
returning *;

-- set_closing_evaluated(Evaluation) one ClosureStepOutcome
select m.id, m.program_id, m.cohort_id, m.mentor_ids, m.mentee_ids, 'CLOSING_EVALUATION' as key,
	is_evaluated(m.id) and do_closure_step(m.id, 'CLOSING_EVALUATION', :caller.id) as changed
from mentorship m where m.id = :mentorship_id;

-- list_evaluations(OfMentorship) many ListEvaluationsResponse
select e.* from evaluation e
where e.mentorship_id = :mentorship_id
	and (inherits(:mentorship_id, :caller.id) or must_see_mentorship(:mentorship_id, :caller.id, :caller.roles::text[]))
	and case when sees_mentorship(:mentorship_id, :caller.id, :caller.roles::text[])
		then party_role(:mentorship_id, :caller.id) is distinct from 'MENTEE' or e.subject_id = :caller.id
		else is_handed_over('EVALUATION', e.id, :caller.id) end
order by e.id;

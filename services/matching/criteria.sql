-- Criteria. A draft can be written until it is published; what holds never changes.

-- get_criteria(GetCriteriaRequest) one CriteriaSet
select c.* from criteria_set c
where c.program_id = :program_id and must_coordinate(:program_id, :caller.id, :caller.roles::text[])
	and c.criteria_version = coalesce(:criteria_version, (
		select max(t.criteria_version) from criteria_set t where t.program_id = :program_id));

-- list_criteria(ListCriteriaRequest) page ListCriteriaResponse by criteria_version desc
select c.* from criteria_set c
where c.program_id = :program_id and must_coordinate(:program_id, :caller.id, :caller.roles::text[]);

-- check_runs(CriteriaRequest) exec
select must_coordinate(:program_id, :caller.id, :caller.roles::text[]);

-- read_questions(CriteriaRequest) many MatchQuestions
select q.criterion, q.role, q.key, q.kind, coalesce(q.sensitive, false) as sensitive, coalesce(q.choices, '[]') as choices, q.min, q.max
from program p, jsonb_to_recordset(p.questions) q (criterion text, role text, key text, kind text, sensitive boolean, choices jsonb, min int, max int)
where p.id = :program_id;

-- put_criteria_draft(PutCriteriaRequest) one CriteriaSet
select c.* from put_criteria(:new.id::uuid, :program_id, :criteria::jsonb, :hard_rules::jsonb, :min_score, :objective, :caller.id,
	:if_match) c;

-- The newest: what is published already can be looked at again.
-- read_draft(CriteriaRequest) one CriteriaSet
select c.* from criteria_set c
where c.program_id = :program_id and must_coordinate(:program_id, :caller.id, :caller.roles::text[])
order by c.criteria_version desc limit 1
for update;

-- set_validated(CriteriaRequest) exec
update criteria_set set state = 'VALIDATED' where program_id = :program_id and state = 'DRAFT';

-- set_criteria_published(CriteriaRequest) one CriteriaSet
select c.*, c.published_at <> now() as unchanged from publish_criteria(:program_id, :caller.id, :caller.roles::text[]) c;

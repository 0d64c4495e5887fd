-- Reports: each statement is a table, its columns are named in report.c.

-- check_report_reader(ReportRequest) exec
select must_see_members(:program_id, :caller.id, :caller.roles::text[]);

-- report_funnel(ReportRequest) many Report
select array[m.role, s.stage, count(*) filter (where s.reached)::text] as cells
from membership m cross join lateral (values
	(1, 'STARTED', true), (2, 'SUBMITTED', m.submitted_at is not null),
	(3, 'APPROVED', holds_place(m.state) or m.state in ('COMPLETED', 'REMOVED')), (4, 'ACTIVE', m.state in ('ACTIVE', 'PAUSED', 'COMPLETED')),
	(5, 'COMPLETED', m.state = 'COMPLETED'), (6, 'WAITLISTED', m.state = 'WAITLISTED'), (7, 'REJECTED', m.state = 'REJECTED'),
	(8, 'WITHDRAWN', m.state = 'WITHDRAWN'), (9, 'REMOVED', m.state = 'REMOVED'), (10, 'EXPIRED', m.state = 'EXPIRED')
) s (n, stage, reached)
where m.program_id = :program_id and within(m.created_at, :from, :to) and (:cohort_id::uuid is null or m.cohort_id = :cohort_id)
group by m.role, s.n, s.stage order by m.role, s.n;

-- report_engagement(ReportRequest) many Report
with member as (
	select m.user_id, m.role from membership m
	where m.program_id = :program_id and m.state in ('ACTIVE', 'PAUSED', 'COMPLETED') and (:cohort_id::uuid is null or m.cohort_id = :cohort_id)
), seat as (
	select t.wave_id, t.user_id, t.role, t.blinded is not null or exists (
		select from survey_response r where r.wave_id = t.wave_id and r.user_id = t.user_id) as answered
	from survey_seat t join survey_wave w on w.id = t.wave_id
	where w.program_id = :program_id and within(w.opens_at, :from, :to) and (:cohort_id::uuid is null or t.cohort_id = :cohort_id)
)
select array[r.role,
	(select count(*) from member m where m.role = r.role)::text,
	(select count(distinct c.user_id) from training_completion c join member m on m.user_id = c.user_id and m.role = r.role
		where c.program_id = :program_id and within(c.completed_at, :from, :to))::text,
	(select count(distinct p.user_id) from mentorship_party p join mentorship t on t.id = p.mentorship_id join member m on m.user_id = p.user_id
		where t.program_id = :program_id and t.open and p.role = r.role and p.left_at is null and m.role = r.role)::text,
	(select count(*) from seat s where s.role = r.role)::text,
	(select count(*) from seat s where s.role = r.role and s.answered)::text] as cells
from (values ('MENTEE'), ('MENTOR')) r (role) order by r.role;

-- report_goals(ReportRequest) many Report
select array[g.kind, count(*)::text, count(*) filter (where g.state = 'ACTIVE')::text, count(*) filter (where g.state = 'ACHIEVED')::text,
	count(*) filter (where g.state = 'PARTLY')::text, count(*) filter (where g.state = 'DROPPED')::text] as cells
from mentorship m join goal g on g.mentorship_id = m.id
where m.program_id = :program_id and g.state <> 'DRAFT' and within(g.created_at, :from, :to) and (:cohort_id::uuid is null or m.cohort_id = :cohort_id)
group by g.kind order by g.kind;

-- report_satisfaction(ReportRequest) many Report
select array[w.title, to_char(w.opens_at at time zone 'UTC', 'YYYY-MM-DD'), q.result ->> 'title', coalesce(q.result ->> 'answered', ''),
	coalesce(q.result ->> 'mean', '')] as cells
from survey_wave w cross join lateral question_results(w.id, false, 5) q
where w.program_id = :program_id and w.state in ('CLOSED', 'PUBLISHED') and q.result ->> 'kind' = 'SCALE'
	and within(w.opens_at, :from, :to) and (:cohort_id::uuid is null or w.cohort_id = :cohort_id)
order by w.opens_at, w.id, q.n;

-- report_outcomes(ReportRequest) many Report
select array[o.thing, o.outcome, count(*)::text] as cells
from (
	select 'MEMBERSHIP ' || m.role as thing, m.state as outcome from membership m
	where m.program_id = :program_id and m.state in ('COMPLETED', 'WITHDRAWN', 'REMOVED') and within(m.updated_at, :from, :to)
		and (:cohort_id::uuid is null or m.cohort_id = :cohort_id)
	union all
	select 'MENTORSHIP', coalesce(t.close_reason, t.state) || case when t.closed_incomplete then ' INCOMPLETE' else '' end
	from mentorship t
	where t.program_id = :program_id and t.state in ('CLOSED', 'DECLINED', 'EXPIRED') and within(coalesce(t.closed_at, t.updated_at), :from, :to)
		and (:cohort_id::uuid is null or t.cohort_id = :cohort_id)
) o group by o.thing, o.outcome order by o.thing, o.outcome;

-- In steps of five, so that reports of different days do not tell of one person. A question is withheld for a role when one of its
-- choices was made by fewer than five.
-- report_equity(ReportRequest) many Report
select array[c.role, c.question, case when small.withheld then '' else c.choice end,
	case when small.withheld then '' else (c.registered / 5 * 5)::text end, case when small.withheld then '' else (c.approved / 5 * 5)::text end,
	case when small.withheld then '' else (c.completed / 5 * 5)::text end] as cells
from equity_counts(:program_id) c join (
	select role, question, min(registered) < 5 as withheld from equity_counts(:program_id) group by role, question
) small on small.role = c.role and small.question = c.question
group by 1 order by 1;

-- Reports: each statement is a table, its columns are named in report.c.

-- check_report_reader(ReportRequest) exec
select must_see_reports(:program_id, :caller.id, :caller.roles::text[]);

-- report_funnel(ReportRequest) many Report
with counted as (
	select m.role, m.state, m.submitted_at is not null as submitted, count(*) as people
	from membership m
	where m.program_id = :program_id and within(m.created_at, :from, :to)
		and case when :cohort_id::uuid is null then true else m.cohort_id = :cohort_id end
	group by 1, 2, 3
)
select array[m.role, s.stage, coalesce(sum(m.people) filter (where s.reached), 0)::text] as cells
from counted m cross join lateral (values
	(1, 'STARTED', true), (2, 'SUBMITTED', m.submitted),
	(3, 'APPROVED', holds_place(m.state) or m.state in ('COMPLETED', 'REMOVED')), (4, 'ACTIVE', m.state in ('ACTIVE', 'PAUSED', 'COMPLETED')),
	(5, 'COMPLETED', m.state = 'COMPLETED'), (6, 'WAITLISTED', m.state = 'WAITLISTED'), (7, 'REJECTED', m.state = 'REJECTED'),
	(8, 'WITHDRAWN', m.state = 'WITHDRAWN'), (9, 'REMOVED', m.state = 'REMOVED'), (10, 'EXPIRED', m.state = 'EXPIRED')
) s (n, stage, reached)
group by m.role, s.n, s.stage order by m.role, s.n;

-- What came of the pairs that were proposed, by who or what brought them together.
-- report_matching(ReportRequest) many Report
select array[m.origin, count(*)::text, count(*) filter (where m.state in ('PROPOSED', 'PENDING_ACCEPTANCE'))::text,
	count(*) filter (where m.kickoff_at is not null)::text, count(*) filter (where m.state = 'DECLINED')::text,
	count(*) filter (where m.state = 'EXPIRED')::text,
	coalesce(round(extract(epoch from avg(m.kickoff_at - m.created_at)) / 86400, 1)::text, '')] as cells
from mentorship m
where m.program_id = :program_id and within(m.created_at, :from, :to)
	and case when :cohort_id::uuid is null then true else m.cohort_id = :cohort_id end
group by m.origin order by m.origin;

-- The seats of waves that are over were counted when they closed.
-- report_engagement(ReportRequest) many Report
with member as materialized (
	select m.user_id, m.role from membership m
	where m.program_id = :program_id and m.state in ('ACTIVE', 'PAUSED', 'COMPLETED')
		and case when :cohort_id::uuid is null then true else m.cohort_id = :cohort_id end
), trained as (
	select m.role, count(distinct m.user_id) as people
	from member m join (
		select distinct c.user_id from training_completion c where c.program_id = :program_id and within(c.completed_at, :from, :to)
	) c on c.user_id = m.user_id
	group by m.role
), mentoring as (
	select m.role, count(distinct m.user_id) as people
	from member m join (
		select r.role, r.user_id
		from mentorship t cross join lateral (
			select 'MENTOR' as role, unnest(t.mentor_ids) as user_id union all select 'MENTEE', unnest(t.mentee_ids)) r
		where t.program_id = :program_id and t.open
	) p on p.user_id = m.user_id and p.role = m.role
	group by m.role
), turnout as (
	select t.role, sum(t.asked) as asked, sum(t.answered) as answered
	from survey_wave w cross join lateral (
		select o.role, o.cohort_id, o.asked, o.answered from wave_turnout o where o.wave_id = w.id and w.state in ('CLOSED', 'PUBLISHED')
		union all
		select o.role, o.cohort_id, o.asked, o.answered from turnout_of(w.id) o where w.state not in ('CLOSED', 'PUBLISHED')) t
	where w.program_id = :program_id and within(w.opens_at, :from, :to)
		and case when :cohort_id::uuid is null then true else t.cohort_id = :cohort_id end
	group by t.role
)
select array[r.role, (select count(*) from member m where m.role = r.role)::text, coalesce(trained.people, 0)::text,
	coalesce(mentoring.people, 0)::text, coalesce(turnout.asked, 0)::text, coalesce(turnout.answered, 0)::text] as cells
from (values ('MENTEE'), ('MENTOR')) r (role) left join trained using (role) left join mentoring using (role) left join turnout using (role)
order by r.role;

-- report_goals(ReportRequest) many Report
select array[g.kind, count(*)::text, count(*) filter (where g.state = 'ACTIVE')::text, count(*) filter (where g.state = 'ACHIEVED')::text,
	count(*) filter (where g.state = 'PARTLY')::text, count(*) filter (where g.state = 'DROPPED')::text] as cells
from mentorship m join goal g on g.mentorship_id = m.id
where m.program_id = :program_id and g.state <> 'DRAFT' and within(g.created_at, :from, :to) and case when :cohort_id::uuid is null then true else m.cohort_id = :cohort_id end
group by g.kind order by g.kind;

-- report_satisfaction(ReportRequest) many Report
select array[w.title, to_char(w.opens_at at time zone 'UTC', 'YYYY-MM-DD'), q.result ->> 'title', coalesce(q.result ->> 'answered', ''),
	coalesce(q.result ->> 'mean', '')] as cells
from survey_wave w join wave_result r on r.wave_id = w.id and r.fewest = 5
	cross join lateral jsonb_array_elements(r.questions) with ordinality q (result, n)
where w.program_id = :program_id and w.state in ('CLOSED', 'PUBLISHED') and q.result ->> 'kind' = 'SCALE'
	and within(w.opens_at, :from, :to) and case when :cohort_id::uuid is null then true else w.cohort_id = :cohort_id end
order by w.opens_at, w.id, q.n;

-- report_outcomes(ReportRequest) many Report
select array[o.thing, o.outcome, count(*)::text] as cells
from (
	select 'MEMBERSHIP ' || m.role as thing, m.state as outcome from membership m
	where m.program_id = :program_id and m.state in ('COMPLETED', 'WITHDRAWN', 'REMOVED') and within(m.updated_at, :from, :to)
		and case when :cohort_id::uuid is null then true else m.cohort_id = :cohort_id end
	union all
	select 'MENTORSHIP', coalesce(t.close_reason, t.state) || case when t.closed_incomplete then ' INCOMPLETE' else '' end
	from mentorship t
	where t.program_id = :program_id and t.state in ('CLOSED', 'DECLINED', 'EXPIRED') and within(coalesce(t.closed_at, t.updated_at), :from, :to)
		and case when :cohort_id::uuid is null then true else t.cohort_id = :cohort_id end
) o group by o.thing, o.outcome order by o.thing, o.outcome;

-- In steps of five, so that reports of different days do not tell of one person. A question is withheld for a role when one of its
-- choices was made by fewer than five.
-- report_equity(ReportRequest) many Report
select array[c.role, c.question, case when c.withheld then '' else c.choice end,
	case when c.withheld then '' else (c.registered / 5 * 5)::text end, case when c.withheld then '' else (c.approved / 5 * 5)::text end,
	case when c.withheld then '' else (c.completed / 5 * 5)::text end] as cells
from (
	select e.*, min(e.registered) over (partition by e.role, e.question) < 5 as withheld from equity_counts(:program_id) e
) c
group by 1 order by 1;

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

-- What takes part was counted as it happened (report_count), and so were the seats of waves that are over. Only who was trained
-- within some days is counted here.
-- report_engagement(ReportRequest) many Report
with counted as (
	select c.cells[1] as role, sum(c.n) filter (where c.cells[2] = 'PEOPLE') as people,
		sum(c.n) filter (where c.cells[2] = 'TRAINED') as trained, sum(c.n) filter (where c.cells[2] = 'IN_MENTORSHIPS') as mentoring
	from report_count c
	where c.program_id = :program_id and c.report = 'engagement' and case when :cohort_id::uuid is null then true else c.cohort_id = :cohort_id end
	group by 1
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
select array[r.role, coalesce(c.people, 0)::text,
	case when :from::date is null and :to::date is null then coalesce(c.trained, 0) else (
		select count(*) from membership m join (
			select distinct d.user_id from training_completion d where d.program_id = :program_id and within(d.completed_at, :from, :to)) d on d.user_id = m.user_id
		where m.program_id = :program_id and m.role = r.role and m.state in ('ACTIVE', 'PAUSED', 'COMPLETED')
			and case when :cohort_id::uuid is null then true else m.cohort_id = :cohort_id end) end::text,
	coalesce(c.mentoring, 0)::text, coalesce(t.asked, 0)::text, coalesce(t.answered, 0)::text] as cells
from (values ('MENTEE'), ('MENTOR')) r (role) left join counted c using (role) left join turnout t using (role)
order by r.role;

-- Counted as it happened.
-- report_goals(ReportRequest) many Report
select array[c.cells[1], sum(c.n)::text, coalesce(sum(c.n) filter (where c.cells[2] = 'ACTIVE'), 0)::text,
	coalesce(sum(c.n) filter (where c.cells[2] = 'ACHIEVED'), 0)::text, coalesce(sum(c.n) filter (where c.cells[2] = 'PARTLY'), 0)::text,
	coalesce(sum(c.n) filter (where c.cells[2] = 'DROPPED'), 0)::text] as cells
from report_count c
where c.program_id = :program_id and c.report = 'goals' and c.day between coalesce(:from::date, '-infinity') and coalesce(:to::date, 'infinity')
	and case when :cohort_id::uuid is null then true else c.cohort_id = :cohort_id end
group by c.cells[1] having sum(c.n) > 0 order by c.cells[1];

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

-- Counted as it happened, and told in steps of five, so that reports of different days do not tell of one person. A question is
-- withheld for a role when one of its choices was made by fewer than five.
-- report_equity(ReportRequest) many Report
with asked as (
	select f.role, f.form_version::text as form_version, q.question ->> 'key' as key, q.question ->> 'title' as question,
		c.choice ->> 'key' as chosen, c.choice ->> 'title' as choice
	from form f
		cross join lateral jsonb_array_elements(f.steps) st (step)
		cross join lateral jsonb_array_elements(st.step -> 'questions') q (question)
		cross join lateral jsonb_array_elements(q.question -> 'choices') c (choice)
	where f.program_id = :program_id and (q.question ->> 'sensitive')::boolean and q.question ->> 'kind' = 'SINGLE'
), given as (
	select c.cells, sum(c.n) as people from report_count c where c.program_id = :program_id and c.report = 'equity' group by c.cells
), told as (
	select a.role, a.question, a.choice, sum(g.people) filter (where g.cells[5] = 'REGISTERED') as registered,
		coalesce(sum(g.people) filter (where g.cells[5] = 'APPROVED'), 0) as approved,
		coalesce(sum(g.people) filter (where g.cells[5] = 'COMPLETED'), 0) as completed
	from asked a join given g on g.cells[1:4] = array[a.role, a.form_version, a.key, a.chosen]
	group by a.role, a.question, a.choice having sum(g.people) > 0
)
select array[c.role, c.question, case when c.withheld then '' else c.choice end,
	case when c.withheld then '' else (c.registered::bigint / 5 * 5)::text end, case when c.withheld then '' else (c.approved::bigint / 5 * 5)::text end,
	case when c.withheld then '' else (c.completed::bigint / 5 * 5)::text end] as cells
from (
	select t.*, min(t.registered) over (partition by t.role, t.question) < 5 as withheld from told t
) c
group by 1 order by 1;

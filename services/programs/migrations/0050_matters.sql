-- What there is news about, for notify: everything in one shape, and who hears of it by what part they have in it.

create view matter (source, id, state, program_id, mentorship_id, title) as
select 'MENTORSHIP', m.id, m.state, m.program_id, m.id, '' from mentorship m
union all
-- What belongs to a mentorship stands still with it.
select own.source, own.id, case m.state when 'SUSPENDED' then m.state else own.state end, m.program_id, m.id, own.title
from mentorship m join (
	select 'AGREEMENT' as source, id, state, mentorship_id, '' as title from agreement
	union all select 'GOAL', id, state, mentorship_id, '' from goal
	union all select 'TASK', id, state, mentorship_id, '' from task
	union all select 'MILESTONE', id, state, mentorship_id, title from milestone
	union all select 'EVALUATION', id, 'RECORDED', mentorship_id, '' from evaluation
) own on own.mentorship_id = m.id
union all select 'CERTIFICATE', id, state, program_id, null, '' from certificate
union all select 'TRAINING', id, case when retired then 'RETIRED' else 'OPEN' end, program_id, null, title from training_module
union all select 'SURVEY_WAVE', id, state, program_id, null, title from survey_wave
union all select 'IMPROVEMENT', id, state, program_id, null, '' from improvement_action
union all select 'HEALTH_FLAG', id, case when cleared_at is null then 'RAISED' else 'CLEARED' end, program_id, mentorship_id, '' from health_flag
union all
select 'RESOURCE', r.id, case when r.deleted_at is null then r.state else 'DELETED' end, coalesce(r.program_id, m.program_id), r.mentorship_id,
	case when r.mentorship_id is null then r.title else '' end
from resource r left join mentorship m on m.id = r.mentorship_id
union all select 'THREAD', id, state, program_id, null, '' from thread
union all select 'OPPORTUNITY', id, state, program_id, null, title from opportunity
union all
select 'APPLICATION', a.id, a.state, a.program_id, null, o.title from opportunity_application a join opportunity o on o.id = a.opportunity_id
union all select 'INTRODUCTION', id, state, program_id, null, '' from introduction;

create view matter_reader (source, id, user_id, part) as
select m.source, m.id, p.user_id, p.role from matter m join mentorship_party p on p.mentorship_id = m.mentorship_id and p.left_at is null
union all
select m.source, m.id, o.user_id, 'COORDINATOR'
from matter m join program_role o on o.program_id = m.program_id and o.role = 'COORDINATOR' and not o.revoked
union all select 'TASK', id, assignee_id, 'ASSIGNEE' from task
union all select 'TASK', id, assigner_id, 'ASSIGNER' from task
union all
select 'MILESTONE', s.id, p.user_id, 'OWNER'
from milestone s join mentorship_party p on p.mentorship_id = s.mentorship_id and p.left_at is null and s.owner_role in (p.role, 'EITHER')
union all select 'EVALUATION', id, subject_id, 'SUBJECT' from evaluation
union all select 'CERTIFICATE', id, holder_id, 'HOLDER' from certificate
union all
select 'TRAINING', t.id, m.user_id, 'TRAINEE'
from training_module t join membership m on m.program_id = t.program_id and t.audience in (m.role, 'BOTH') and holds_place(m.state)
union all select 'SURVEY_WAVE', wave_id, user_id, 'SEAT' from survey_seat
-- Of an anonymous wave nobody knows who has answered.
union all
select 'SURVEY_WAVE', s.wave_id, s.user_id, 'UNANSWERED' from survey_seat s
where not exists (select from survey_response r where r.wave_id = s.wave_id and r.user_id = s.user_id)
union all select 'IMPROVEMENT', id, owner_id, 'OWNER' from improvement_action
union all select 'RESOURCE', id, author_id, 'AUTHOR' from resource
union all
select 'RESOURCE', r.id, m.user_id, 'READER'
from resource r join membership m on m.program_id = r.program_id and r.audience in (m.role, 'ALL') and holds_place(m.state)
union all select 'THREAD', id, author_id, 'AUTHOR' from thread where not anonymous
union all
select 'THREAD', t.id, f.user_id, 'FOLLOWER'
from thread t join thread_follow f on f.thread_id = t.id
where t.program_id is null or takes_part(t.program_id, f.user_id, '{}')
union all
select 'THREAD', t.id, a.author_id, 'ANSWERER' from thread t join thread_answer a on a.id = t.accepted_answer_id where not a.anonymous
union all select 'OPPORTUNITY', id, offered_by, 'OFFERER' from opportunity
union all
select 'OPPORTUNITY', o.id, m.user_id, 'READER'
from opportunity o join membership m on m.program_id = o.program_id and m.role = 'MENTEE' and m.state = 'ACTIVE'
where o.audience = 'MENTEES'
union all
select 'OPPORTUNITY', o.id, m.user_id, 'READER'
from opportunity o join mentorship_party p on p.user_id = o.offered_by and p.role = 'MENTOR' and p.left_at is null
	join mentorship own on own.id = p.mentorship_id and own.running cross join unnest(own.mentee_ids) mentee
	join membership m on m.program_id = o.program_id and m.user_id = mentee and m.role = 'MENTEE' and m.state = 'ACTIVE'
where o.audience = 'OWN_MENTEES'
union all select 'APPLICATION', id, user_id, 'APPLICANT' from opportunity_application
union all select 'INTRODUCTION', id, introduced_by, 'INTRODUCER' from introduction
union all select 'INTRODUCTION', i.id, person, 'INTRODUCED' from introduction i cross join unnest(array[i.first_id, i.second_id]) person;

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select on matter, matter_reader to %I', svc);
end $$;

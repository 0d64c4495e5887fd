-- A platform at work: 200 programs with 100 000 memberships, 50 000 mentorships and a million tasks. The first program is huge:
-- 20 000 members, 10 000 mentorships. Given: mentor, mentee, coordinator (ids of accounts). The mentor is the first member of
-- the first program, the mentee its first mentee; they are in the first mentorship, where everything is plentiful.
-- Triggers are off meanwhile; what they keep is written as they would. Checkpoints wait until all is there.
alter system set max_wal_size = '8GB';
select pg_reload_conf();
set session_replication_role = replica;
set synchronous_commit = off;
set work_mem = '256MB';
set maintenance_work_mem = '512MB';
set jit = off;
set search_path = programs;

create schema scale;
create function scale.id(at timestamptz, salt text) returns uuid language sql stable parallel safe as $$
	select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(salt), 1, 3)
		|| '8' || substr(md5(salt), 4, 15))::uuid
$$;
select format($f$
	create function scale.person(n int) returns uuid language sql immutable parallel safe as $b$
		select case n when 1 then %L::uuid when 5001 then %L::uuid else md5('person' || n)::uuid end
	$b$ $f$, :'mentor', :'mentee') \gexec
-- A number below `top` that looks like chance and is the same each time.
create function scale.chance(n bigint, top int) returns int language sql immutable parallel safe as $$
	select ((n * 2654435761 >> 8) % top)::int
$$;
create function scale.program(n int) returns uuid language sql stable parallel safe as $$
	select scale.id(timestamptz '2025-01-01Z' + n * interval '1 hour', 'program' || n)
$$;
create function scale.cohort(program int, n int) returns uuid language sql stable parallel safe as $$
	select scale.id(timestamptz '2025-02-01Z' + n * interval '1 hour', format('cohort %s %s', program, n))
$$;

insert into program (id, slug, title, summary, about, objectives, structure, guidelines, mentor_responsibilities,
	mentee_responsibilities, duration_min_days, duration_max_days, duration_default_days, matching_mode, mentee_capacity, both_roles,
	visibility, tags, anonymity, certificate_rule, state, coordinator_ids, created_at, updated_at)
select scale.program(p), 'scale-' || p, 'Mentoring program ' || p, 'Growing together, number ' || p, repeat('Six months of learning. ', 20),
	'{Learn}', 'Twelve sessions', 'Be kind', 'Listen', 'Ask', 30, 365, 180, 'ASSIGNED', 30000, false,
	case when p % 20 = 3 then 'HIDDEN' when p % 20 = 4 then 'MEMBERS' else 'PUBLIC' end, array['tag-' || p % 10], true, '',
	case when p % 25 = 7 then 'ARCHIVED' when p % 25 = 8 then 'DRAFT' else 'PUBLISHED' end,
	case when p = 1 then array[:'coordinator'::uuid] else array[md5('coordinator' || p)::uuid] end,
	timestamptz '2025-01-01Z' + p * interval '1 hour', timestamptz '2025-01-01Z' + p * interval '1 hour'
from generate_series(1, 200) p;

insert into program_role (program_id, user_id, role, source_id) select id, unnest(coordinator_ids), 'COORDINATOR', id from program;

insert into cohort (id, program_id, name, registration_opens_at, registration_closes_at, starts_on, ends_on, zone, state, created_at, updated_at)
select scale.cohort(p, c), scale.program(p), 'Cohort ' || c, now() - interval '300 days', now() - interval '200 days',
	current_date - 190, current_date + 175, 'Europe/Athens', case when c % 5 = 0 then 'ENDED' else 'RUNNING' end,
	now() - interval '310 days', now() - interval '190 days'
from generate_series(1, 200) p, lateral generate_series(1, case p when 1 then 60 else 5 end) c;
update program p set cohort_id = c.id, registration_opens_at = c.registration_opens_at, registration_closes_at = c.registration_closes_at,
	ends_at = cohort_ends_at(c)
from cohort c where c.program_id = p.id and c.name = 'Cohort 1';

insert into form (id, program_id, role, form_version, steps, created_by, created_at)
select scale.id(now() - interval '300 days' + v * interval '1 hour', format('form %s %s %s', p, r, v)), scale.program(p), r, v,
	'[{"title": "You", "questions": [{"key": "why", "title": "Why?", "kind": "SHORT"},
		{"key": "years", "title": "How many years?", "kind": "NUMBER"},
		{"key": "gender", "title": "Gender", "kind": "SINGLE", "sensitive": true, "choices": [{"key": "woman", "title": "Woman"},
			{"key": "man", "title": "Man"}, {"key": "other", "title": "Other"}]}]}]',
	md5('coordinator' || p)::uuid, now() - interval '300 days'
from generate_series(1, 200) p, unnest(array['MENTOR', 'MENTEE']) r, lateral generate_series(1, case p when 1 then 40 else 2 end) v;

-- Members: n by n, with their place in their program.
create unlogged table scale.member as
select m.*, scale.id(m.at, 'membership' || n) as id,
	case when n in (1, 5001) or h < 600 then 'ACTIVE' when h < 760 then 'COMPLETED' when h < 800 then 'PAUSED' when h < 830 then 'SUBMITTED'
		when h < 840 then 'UNDER_REVIEW' when h < 841 then 'INFO_REQUESTED' when h < 860 then 'WAITLISTED' when h < 890 then 'ONBOARDING'
		when h < 900 then 'APPROVED' when h < 930 then 'REJECTED' when h < 970 then 'WITHDRAWN' when h < 975 then 'REMOVED'
		when h < 990 then 'DRAFT' else 'EXPIRED' end as state
from (
	select n, p, scale.person(case when n <= 70000 then n else n - 70000 + 30000 end) as person, scale.chance(n, 1000) as h,
		case when p = 1 and n <= 5000 or p > 1 and n % 4 = 0 then 'MENTOR' else 'MENTEE' end as role,
		timestamptz '2025-03-01Z' + n * interval '97 seconds' as at
	from (select n, case when n <= 20000 then 1 else 2 + (n - 20001) * 199 / 80000 end as p from generate_series(1, 100000) n) g
) m;

insert into membership (id, program_id, cohort_id, user_id, role, state, open, sole, form_version, waiting_for, submitted_at, waitlisted_at,
	expires_at, decided_at, created_at, updated_at)
select id, scale.program(p), scale.cohort(p, 1 + n % case p when 1 then 60 else 5 end), person, role, state,
	state not in ('COMPLETED', 'REJECTED', 'WITHDRAWN', 'REMOVED', 'EXPIRED'), true, 1,
	case state when 'ONBOARDING' then '{TRAINING}'::text[] else '{}' end, case when state not in ('DRAFT', 'EXPIRED') then at end,
	case state when 'WAITLISTED' then at end, case state when 'DRAFT' then now() + interval '20 days' end, at, at, at
from scale.member order by id;

insert into answer (membership_id, key, answer)
select m.id, a.key, a.answer from scale.member m, lateral (values
	('why', jsonb_build_object('text', 'To learn what I do not know, number ' || n)),
	('years', jsonb_build_object('number', n % 30)),
	('gender', jsonb_build_object('choices', jsonb_build_array((array['woman', 'man', 'other'])[1 + n % 3])))) a (key, answer);

update program p set mentors = t.mentors, mentees = t.mentees from (
	select program_id, count(*) filter (where role = 'MENTOR') as mentors, count(*) filter (where role = 'MENTEE') as mentees
	from membership where holds_place(state) group by program_id) t where t.program_id = p.id;
update cohort c set mentors = t.mentors, mentees = t.mentees from (
	select cohort_id, count(*) filter (where role = 'MENTOR') as mentors, count(*) filter (where role = 'MENTEE') as mentees
	from membership where holds_place(state) group by cohort_id) t where t.cohort_id = c.id;

-- Mentorships: j by j, k by k within a program.
create unlogged table scale.ranked as
select *, row_number() over (partition by p, role order by n) - 1 as rank from scale.member where state in ('ACTIVE', 'PAUSED', 'COMPLETED');
create index on scale.ranked (p, role, rank);
create unlogged table scale.crowd as
select p, count(*) filter (where role = 'MENTOR') as mentors, count(*) filter (where role = 'MENTEE') as mentees from scale.ranked group by p;
analyze scale.ranked;
create unlogged table scale.pair as
select g.*, scale.id(g.at, 'mentorship' || j) as id, t.person as mentor, t.id as mentor_membership, e.person as mentee,
	e.id as mentee_membership, e.n as mentee_n,
	case when g.k = 0 or g.h < 550 then 'ACTIVE' when g.h < 750 then 'CLOSED' when g.h < 800 then 'KICKOFF' when g.h < 840 then 'PAUSED'
		when g.h < 870 then 'CLOSING' when g.h < 900 then 'PENDING_ACCEPTANCE' when g.h < 920 then 'PROPOSED' when g.h < 950 then 'DECLINED'
		when g.h < 999 then 'EXPIRED' else 'SUSPENDED' end as state
from (
	select j, p, case when p = 1 then j - 1 else (j - 10001) / 199 end as k, scale.chance(j, 1000) as h,
		timestamptz '2025-06-01Z' + j * interval '4 minutes' as at
	from (select j, case when j <= 10000 then 1 else 2 + (j - 10001) % 199 end as p from generate_series(1, 50000) j) g
) g
	join scale.crowd c on c.p = g.p
	join scale.ranked t on t.p = g.p and t.role = 'MENTOR' and t.rank = case when g.p = 1 and g.k < 60 then 0 else g.k % c.mentors end
	join scale.ranked e on e.p = g.p and e.role = 'MENTEE' and e.rank = g.k % c.mentees;

insert into mentorship (id, program_id, cohort_id, origin, state, open, running, mentor_ids, mentee_ids, parties, answer_by, kickoff_at,
	kickoff_completed_at, agreed_at, started_at, planned_end_on, closing_at, close_by, close_reason, closed_at, suspended_from, created_at, updated_at)
select id, scale.program(p), scale.cohort(p, 1 + mentee_n % case p when 1 then 60 else 5 end), 'ADMIN', state,
	state not in ('CLOSED', 'DECLINED', 'EXPIRED'), state in ('KICKOFF', 'ACTIVE', 'PAUSED', 'CLOSING'), array[mentor], array[mentee],
	jsonb_build_array(jsonb_build_object('user_id', mentor, 'role', 'MENTOR', 'membership_id', mentor_membership, 'accepted_at', rfc3339(at)),
		jsonb_build_object('user_id', mentee, 'role', 'MENTEE', 'membership_id', mentee_membership, 'accepted_at', rfc3339(at))),
	case state when 'PENDING_ACCEPTANCE' then now() + interval '5 days' end, case when begun then at end,
	case when begun and state <> 'KICKOFF' then at end, case when begun and state <> 'KICKOFF' then at end,
	case when begun and state <> 'KICKOFF' then at end, case when begun then current_date + 90 end,
	case when state in ('CLOSING', 'CLOSED') then at + interval '90 days' end, case state when 'CLOSING' then now() + interval '9 days' end,
	case when state in ('CLOSING', 'CLOSED') then (array['COMPLETED', 'BOTH_AGREED', 'NO_CONTACT'])[1 + j % 3] end,
	case state when 'CLOSED' then at + interval '100 days' end, case state when 'SUSPENDED' then 'ACTIVE' end, at, at
from (select *, state not in ('PROPOSED', 'PENDING_ACCEPTANCE', 'DECLINED', 'EXPIRED') as begun from scale.pair) s order by id;

insert into mentorship_party (mentorship_id, user_id, role, membership_id, accepted_at, created_at)
select id, mentor, 'MENTOR', mentor_membership, at, at from scale.pair
union all select id, mentee, 'MENTEE', mentee_membership, at, at from scale.pair;
insert into mentor_load (user_id, mentorships) select mentor, count(*) filter (where takes_mentors(state)) from scale.pair group by mentor;
insert into closure_step (mentorship_id, key, mandatory, role)
select id, key, key <> 'HANDOVER', null from scale.pair, unnest(array['FINAL_SESSION', 'EXIT_SURVEYS', 'CLOSING_EVALUATION', 'HANDOVER', 'POST_CONTACT']) key
where state in ('CLOSING', 'CLOSED');
insert into handover (mentorship_id, mentee_id, to_mentorship_id, created_at)
select id, mentee, (select id from scale.pair where j = 1), at from scale.pair where p = 1 and k between 1 and 20;

-- All but the first have 15 to 24 tasks.
create unlogged table scale.work as
select j, id, p, k, mentor, mentee, at, state, case j when 1 then 525 else 15 + scale.chance(j, 10) end as tasks from scale.pair
where state not in ('PROPOSED', 'PENDING_ACCEPTANCE', 'DECLINED', 'EXPIRED');
insert into task (id, mentorship_id, title, body, assignee_id, assigner_id, due_on, state, submissions, created_at, updated_at)
select scale.id(w.at + n * interval '5 hours', format('task %s %s', j, n)), w.id, 'Task ' || n, 'Read the chapter and write what you think of it.',
	w.mentee, w.mentor, current_date - 60 + scale.chance(j * 31 + n, 90),
	case when h < 60 then 'APPROVED' when h < 75 then 'ASSIGNED' when h < 90 then 'IN_PROGRESS' when h < 95 then 'SUBMITTED' else 'CANCELLED' end,
	(h < 60)::int, w.at, w.at
from (select *, scale.chance(j * 977 + n, 100) as h
	from scale.work cross join lateral generate_series(1, tasks + (tasks * 2 + 5) / 10) n) w;
insert into task_submission (id, task_id, text, created_by, verdict, created_at)
select scale.id(t.created_at, 'submission' || t.id), t.id, 'Here it is.', t.assignee_id, 'APPROVED', t.created_at
from task t where t.state = 'APPROVED' and scale.chance(hashtext(t.id::text)::bigint & 65535, 3) = 0;
insert into task_comment (id, task_id, body, created_by, created_at)
select scale.id(t.created_at + n * interval '1 minute', format('comment %s %s', t.id, n)), t.id, 'Well done.', t.assigner_id, t.created_at
from task t, lateral generate_series(1, 3) n where scale.chance(hashtext(t.id::text)::bigint & 65535, 12) = 0;
insert into task_submission (id, task_id, text, created_by, verdict)
select uuid_v7(), t.id, 'Once more.', t.assignee_id, 'RETURNED'
from (select * from task where mentorship_id = (select id from scale.pair where j = 1) order by id desc limit 1) t, generate_series(1, 300);
insert into task_comment (id, task_id, body, created_by)
select uuid_v7(), t.id, 'Well done.', t.assigner_id
from (select * from task where mentorship_id = (select id from scale.pair where j = 1) order by id desc limit 1) t, generate_series(1, 300);

insert into goal (id, mentorship_id, title, kind, "measure.type", "measure.from", "measure.to", "measure.current", state, ended_at, created_by, created_at)
select scale.id(at + n * interval '1 minute', format('goal %s %s', j, n)), id, 'Goal ' || n, 'SKILL', 'PERCENT', 0, 100,
	case n when 1 then 100 else 40 end, case n when 1 then 'ACHIEVED' else 'ACTIVE' end, case n when 1 then at end, mentee, at
from scale.work, lateral generate_series(1, case j when 1 then 200 else 4 end) n;
insert into goal_check_in (id, goal_id, mentorship_id, value, created_by, created_at)
select scale.id(g.created_at + n * interval '1 day', format('check %s %s', g.id, n)), g.id, g.mentorship_id, n * 10 % 101, g.created_by, g.created_at
from goal g, lateral generate_series(1, case when g.mentorship_id = (select id from scale.pair where j = 1) then 60 else 2 end) n;
insert into milestone (id, mentorship_id, title, owner_role, due_on, completes_when, state, created_at)
select scale.id(at + n * interval '1 minute', format('milestone %s %s', j, n)), id, 'Milestone ' || n, 'EITHER', current_date - 60 + n * 20, 'MANUAL',
	case when n < 3 then 'DONE' when n = 3 then 'DUE' else 'UPCOMING' end, at
from scale.work, generate_series(1, 5) n;

insert into agreement (id, mentorship_id, agreement_version, state, objectives, scope, duration_days, clauses, expected_results, out_of_scope, outline,
	text, text_hash, offered_by, offered_at, in_force_at, signatures, created_at, updated_at)
select scale.id(at + v * interval '1 day', format('agreement %s %s', j, v)), id, v, case when v < last then 'SUPERSEDED' when state = 'CLOSED' then 'ENDED' else 'IN_FORCE' end,
	'{Learn}', 'Work', 180, '[{"kind": "CONFIDENTIALITY", "text": "What is said stays here."}, {"kind": "COMMITMENT", "text": "We meet every week."}]',
	'Knowledge', 'Money', '[]', repeat('# Mentorship agreement. ', 40), md5('text' || j) || md5('text' || j), mentor, at, at,
	jsonb_build_array(jsonb_build_object('user_id', mentor, 'text_hash', md5('text' || j) || md5('text' || j), 'signed_at', rfc3339(at)),
		jsonb_build_object('user_id', mentee, 'text_hash', md5('text' || j) || md5('text' || j), 'signed_at', rfc3339(at))), at, at
from (select *, case when j = 1 then 60 else 1 + (j % 5 = 0)::int end as last from scale.work where state <> 'KICKOFF' or j % 2 = 0) w,
	lateral generate_series(1, last) v;
insert into agreement_signature (agreement_id, user_id, text_hash, signed_at)
select a.id, u, a.text_hash, a.created_at from agreement a join mentorship m on m.id = a.mentorship_id, unnest(m.mentor_ids || m.mentee_ids) u;

insert into rubric (program_id, criteria)
select id, '[{"key": "skill", "title": "Skill", "levels": [{"value": 1, "title": "Low"}, {"value": 5, "title": "High"}]}]' from program;
insert into evaluation (id, mentorship_id, subject_id, moment, by, evaluator_id, scores, mean, created_at)
select scale.id(at, format('evaluation %s %s', j, moment)), id, mentee, moment, 'MENTOR', mentor, '[{"key": "skill", "value": 5}]', 500, at
from scale.work, unnest(array['START', 'MID']) moment;
insert into timeline_entry (id, mentorship_id, kind, what, person_id, at)
select scale.id(at + n * interval '7 hours', format('entry %s %s', j, n)), id, case when n % 50 = 0 then 'SURVEY' else (array['TASK', 'GOAL', 'STATE', 'MILESTONE'])[1 + n % 4] end,
	'ASSIGNED', mentor, at + n * interval '7 hours'
from scale.work, lateral generate_series(1, case j when 1 then 3000 else 12 end) n;

insert into training (program_id) select id from program;
insert into training_module (id, program_id, key, position, title, about, audience, required_before, items)
select scale.id(now() - interval '300 days', format('module %s %s', p, n)), scale.program(p), 'module-' || n, n, 'Module ' || n, 'What to know', 'BOTH',
	case n when 1 then 'MATCHING' end, '[{"key": "read", "title": "Read", "kind": "RESOURCE", "body": "This."}]'
from generate_series(1, 200) p, generate_series(1, 6) n;
insert into training_completion (id, program_id, module_id, user_id, completed_at)
select scale.id(m.at, format('completion %s %s', m.n, t.position)), t.program_id, t.id, m.person, m.at
from scale.member m join training_module t on t.program_id = scale.program(m.p) and t.position <= 4 where m.state in ('ACTIVE', 'PAUSED', 'COMPLETED');
insert into training_item_done (module_id, user_id, item_key, done_at)
select module_id, user_id, 'read', completed_at from training_completion;

insert into survey (id, program_id, title, about, audience, trigger, first_at, every_days, open_days, anonymity, breakdown, steps, created_at)
select scale.id(now() - interval '200 days' + s * interval '1 minute', format('survey %s %s', p, s)), scale.program(p), 'Pulse ' || s, 'How is it?', 'BOTH', 'CADENCE',
	now() - interval '200 days', 14, 7, 'CONFIDENTIAL', 'ROLE', '[{"title": "You", "questions": [
		{"key": "happy", "title": "How happy are you?", "kind": "SCALE"}, {"key": "text", "title": "Why?", "kind": "LONG"}]}]', now() - interval '200 days'
from generate_series(1, 200) p, lateral generate_series(1, case p when 1 then 60 else 2 end) s;
insert into survey_wave (id, survey_id, program_id, state, opens_at, closes_at, title, about, steps, created_at)
select scale.id(s.created_at + n * interval '1 day', format('wave %s %s', s.id, n)), s.id, s.program_id, 'PUBLISHED', s.created_at + n * interval '2 days',
	s.created_at + n * interval '2 days' + interval '7 days', s.title, s.about, s.steps, s.created_at
from survey s, lateral generate_series(1, case when s.title = 'Pulse 1' then 60 else 1 end) n;
-- Four waves of the huge program asked everybody; of the others each survey's first.
insert into survey_seat (wave_id, user_id, role, cohort_id)
select w.id, m.user_id, m.role, m.cohort_id
from (select *, row_number() over (partition by survey_id order by opens_at desc) as n from survey_wave) w join membership m on m.program_id = w.program_id
where m.state in ('ACTIVE', 'PAUSED') and (w.program_id <> scale.program(1) and w.n = 1 or w.n <= 4 and w.title = 'Pulse 1');
update survey_wave w set seats = s.n from (select wave_id, count(*) as n from survey_seat group by wave_id) s where s.wave_id = w.id;
insert into survey_response (wave_id, user_id, role, cohort_id, answers)
select wave_id, user_id, role, cohort_id, jsonb_build_array(jsonb_build_object('key', 'happy', 'number', 1 + hashtext(user_id::text) & 3),
	jsonb_build_object('key', 'text', 'text', 'It goes well.'))
from survey_seat where hashtext(user_id::text) % 3 <> 0;

insert into improvement_action (id, program_id, source, title, body, owner_id, due_on, state, created_at)
select scale.id(now() - n * interval '1 hour', format('action %s %s', p, n)), scale.program(p), 'RETROSPECTIVE', 'Meet sooner', 'In the first week.',
	:'coordinator', current_date + 30, (array['OPEN', 'IN_PROGRESS', 'DONE'])[1 + n % 3], now() - n * interval '1 hour'
from generate_series(1, 200) p, lateral generate_series(1, case p when 1 then 500 else 10 end) n;

insert into certificate_key (id, public_key, secret, retired_at) select uuid_v7(), repeat('a', 43), '', now() - interval '1 day';
insert into certificate (id, kind, holder_id, holder_name, program_id, program_title, mentorship_id, facts, state, issued_at, revoked_at, reason, created_at)
select scale.id(w.at + interval '100 days', format('certificate %s %s', w.j, r.kind)), r.kind, r.person, 'Somebody', scale.program(w.p), 'Mentoring program ' || w.p, w.id,
	'{"goals_achieved": 1, "tasks_approved": 9}', case when w.j % 50 = 0 then 'REVOKED' else 'ISSUED' end, w.at + interval '100 days',
	case when w.j % 50 = 0 then now() end, case when w.j % 50 = 0 then 'MISTAKE' end, w.at + interval '100 days'
from scale.work w, lateral (values ('MENTEE_COMPLETION', w.mentee), ('MENTOR_SERVICE', w.mentor)) r (kind, person)
where w.state = 'CLOSED' or w.mentor = scale.person(1);
insert into certificate_document (id, key_id, payload, signature, badge, locale)
select c.id, (select id from certificate_key limit 1), repeat('{"a": "b"}', 30), repeat('a', 86), repeat('{"a": "b"}', 60), 'en' from certificate c;

-- Of 20 000 resources each tenth is for everybody, 6 000 are the huge program's.
insert into resource (id, scope, program_id, kind, audience, title, body, tags, author_id, state, comments, published_at, created_at)
select scale.id(timestamptz '2025-04-01Z' + n * interval '11 minutes', 'resource' || n), case when p is null then 'SITE' else 'PROGRAM' end, scale.program(p), 'ARTICLE',
	case n % 7 when 1 then 'MENTOR' when 2 then 'STAFF' else 'ALL' end, 'How to begin, part ' || n, repeat('Listening helps more than speaking. ', 5),
	array['tag-' || n % 40], scale.person(1 + n % 60000), case n % 12 when 5 then 'DRAFT' else 'PUBLISHED' end, case n when 12 then 500 else 0 end, now(),
	timestamptz '2025-04-01Z' + n * interval '11 minutes'
from (select n, case when n % 10 = 0 then null when n <= 7000 then 1 else 2 + n % 199 end as p from generate_series(1, 20000) n) g;
insert into resource_version (resource_id, version, audience, locale, title, body, url, tags)
select r.id, v, r.audience, r.locale, r.title, r.body, '', r.tags
from resource r, lateral generate_series(1, case when r.title = 'How to begin, part 12' then 300 else 1 end) v;
insert into resource_words
select id, searched_words(locale, title, tags, body) || place_word(place_of(program_id, mentorship_id)) from resource;
insert into resource_comment (id, resource_id, author_id, body, created_at)
select uuid_v7(), r.id, scale.person(n), 'Thank you.', now() - n * interval '1 minute'
from resource r, generate_series(1, 500) n where r.title = 'How to begin, part 12';

insert into thread (id, scope, program_id, title, body, tags, author_id, state, pinned, answers, votes, created_at, updated_at)
select md5('thread' || n)::uuid, case when p is null then 'SITE' else 'PROGRAM' end, scale.program(p), 'How do I begin? ' || n, repeat('I do not know what to say first. ', 5),
	array['tag-' || n % 40], scale.person(1 + n % 60000), case when n % 200 = 9 then 'HIDDEN' else 'OPEN' end, n % 5000 = 0,
	case when n = 1 then 1000 else 2 end, scale.chance(n, 50), timestamptz '2025-04-01Z' + n * interval '9 minutes', timestamptz '2025-04-01Z'
from (select n, case when n <= 2000 then null when n <= 12000 then 1 else 2 + n % 199 end as p from generate_series(1, 50000) n) g;
insert into thread_words select id, searched_words('en', title, tags, body) || place_word(place_of(program_id)) from thread;
insert into thread_answer (id, thread_id, body, author_id, votes, created_at)
select md5(format('answer %s %s', n, a))::uuid, md5('thread' || n)::uuid, 'Say hello.', scale.person(2 + (n + a) % 60000), a % 20, now() - a * interval '1 hour'
from generate_series(1, 50000) n, lateral generate_series(1, case n when 1 then 1000 else 2 end) a;
insert into post_vote (post_id, user_id, thread_id)
select t.id, scale.person(10 + v), t.id from thread t, lateral generate_series(1, t.votes / 5) v;

insert into opportunity (id, program_id, offered_by, kind, audience, title, places, closes_at, state, created_at)
select scale.id(now() - n * interval '1 minute', 'opportunity' || n), scale.program(case when n <= 12000 then 1 else 2 + n % 199 end),
	scale.person(case when n = 2 then 1 else 1 + n % 5000 end), 'EVENT_SEAT', case when n % 3 = 0 then 'OWN_MENTEES' else 'MENTEES' end, 'A seat ' || n, 5, now() + interval '30 days',
	case when n % 10 = 0 then 'CLOSED' else 'OPEN' end, now() - n * interval '1 minute'
from generate_series(1, 30000) n;
insert into opportunity_application (id, opportunity_id, program_id, user_id, created_at)
select uuid_v7(), o.id, o.program_id, scale.person(5000 + n), now() from opportunity o, lateral generate_series(1, case o.title when 'A seat 2' then 1000 else 1 end) n;
insert into introduction (id, program_id, introduced_by, first_id, second_id, message, created_at)
select scale.id(now() - n * interval '1 minute', 'introduction' || n), scale.program(1), scale.person(case when n % 3 = 0 and n < 900 then 1 else 10 + n % 50000 end),
	scale.person(case when n % 3 = 1 and n < 900 then 1 else 60001 + n % 9000 end), scale.person(case when n % 3 = 2 and n < 900 then 1 else 2 + n % 7 end), 'You should meet.', now() - n * interval '1 minute'
from generate_series(1, 20000) n;

insert into timer (rpc, subject_id, due_at)
select 'TellOverdue', id, now() + interval '1 day' + scale.chance(hashtext(id::text)::bigint & 65535, 30) * interval '1 day'
from task where state in ('ASSIGNED', 'IN_PROGRESS') and due_on > current_date;
select format('vacuum analyze programs.%I', tablename) from pg_tables where schemaname = 'programs' \gexec
-- What the service keeps of all that, now that plans can know how much there is. The results of the other programs' surveys are asked
-- by nobody here.
set enable_seqscan = off;
reset work_mem;
insert into health_flag (id, program_id, rule, subject_id, mentorship_id, user_id, "values", since)
select uuid_v7(), p.id, h.rule, h.subject_id, h.mentorship_id, h.user_id, h."values", h.since from program p, lateral health_findings(p.id) h;
do $$ begin perform settle_wave(id) from survey_wave where program_id = scale.program(1); end $$;
set enable_seqscan = on;
select recount_reports();
select format('vacuum analyze programs.%I', name)
from unnest(array['health_flag', 'wave_result', 'wave_text', 'wave_turnout', 'report_count', 'engagement_counted']) name \gexec
alter system reset max_wal_size;
select pg_reload_conf();
checkpoint;
select (select count(*) from membership), (select count(*) from mentorship), (select count(*) from task), pg_size_pretty(pg_database_size('ithaca'));

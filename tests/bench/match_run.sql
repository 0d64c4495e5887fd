-- A program with :mentees mentees and :mentors mentors of whom matching knows everything, and six published criteria.
set search_path = matching;
select setseed(0.5);
create temp table terms as select 'skill' as kind, n, gen_random_uuid() as id from generate_series(0, 119) n
union all select 'topic', n, gen_random_uuid() from generate_series(0, 39) n
union all select 'industry', n, gen_random_uuid() from generate_series(0, 19) n;
create temp table pool as select gen_random_uuid() as program_id;
insert into program (id, state, matching_mode) select program_id, 'PUBLISHED', 'ASSIGNED' from pool;
create temp table people as
select n, case when n < :mentees then 'MENTEE' else 'MENTOR' end as role, gen_random_uuid() as membership_id, gen_random_uuid() as user_id
from generate_series(0, :mentees + :mentors - 1) n;
alter table member disable trigger user;
insert into member (membership_id, program_id, user_id, role, state, version)
select membership_id, program_id, user_id, role, 'ACTIVE', 1 from people, pool;
alter table member enable trigger user;
insert into person (user_id, capacity_total) select user_id, 5 from people;
insert into match_profile (membership_id, program_id, user_id, role, eligible, display_name, country, zone, skills, languages, topics, industries,
	experience_years, answers, availability, capacity_total, room, profile_as_of, answers_as_of)
select membership_id, program_id, user_id, role, true, 'Person ' || n, (array['GR', 'DE', 'ES', 'FR', 'IN'])[1 + (random() * 4)::int],
	(array['Europe/Athens', 'Europe/Berlin', 'Asia/Kolkata', 'America/Lima'])[1 + (random() * 3)::int],
	(select jsonb_agg(jsonb_build_object('skill_id', id, 'level', 1 + (random() * 4)::int)) from terms t
		where kind = 'skill' and (t.n * 37 + p.n * 101 + 7) % 120 < case p.role when 'MENTEE' then 4 else 12 end),
	jsonb_build_array(jsonb_build_object('code', 'en', 'level', 'B2'), jsonb_build_object('code', (array['el', 'de', 'es', 'hi'])[1 + p.n % 4], 'level', 'NATIVE')),
	array(select id from terms t where kind = 'topic' and (t.n * 13 + p.n * 29) % 40 < case p.role when 'MENTEE' then 3 else 9 end),
	array(select id from terms t where kind = 'industry' and (t.n + p.n * 7) % 20 < 2),
	case role when 'MENTEE' then (random() * 6)::int else 5 + (random() * 20)::int end,
	jsonb_build_array(jsonb_build_object('criterion', 'hobbies', 'key', 'hobbies', 'kind', 'MULTI',
		'choices', jsonb_build_array('h' || (p.n * 11) % 17, 'h' || (p.n * 5) % 13, 'h' || p.n % 7))),
	decode(string_agg(lpad(to_hex((random() * 255)::int & (random() * 255)::int), 2, '0'), ''), 'hex'), case role when 'MENTEE' then 1 else 5 end,
	case role when 'MENTEE' then 1 else 5 end, now(), now()
from people p, pool, generate_series(1, 84) byte
group by p.n, membership_id, program_id, user_id, role;
insert into criteria_set (id, program_id, criteria_version, state, criteria, created_by, published_at)
select gen_random_uuid(), program_id, 1, 'PUBLISHED', '[
	{"key": "skills", "kind": "SKILL_COVER", "weight": 40}, {"key": "goals", "kind": "GOAL_COVER", "weight": 25},
	{"key": "hours", "kind": "AVAILABILITY_OVERLAP", "weight": 15, "minutes": 120}, {"key": "gap", "kind": "EXPERIENCE_GAP", "weight": 10},
	{"key": "industry", "kind": "INDUSTRY_SAME", "weight": 5}, {"key": "hobbies", "kind": "ANSWER_OVERLAP", "weight": 5, "question": "hobbies"}]',
	gen_random_uuid(), now() from pool;
vacuum analyze match_profile;
select program_id from pool;

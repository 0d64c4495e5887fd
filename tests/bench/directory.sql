-- A program of matching with 50 000 mentors and the mentee :mentee, as events would have made them.
set search_path = matching;
set session_replication_role = replica;
insert into program (id, state, matching_mode) values (:'program', 'PUBLISHED', 'MENTEE_CHOICE');
insert into person (user_id, capacity_total) values (:'mentee', 1);
insert into member (membership_id, program_id, user_id, role, state, version) values (:'mentee', :'program', :'mentee', 'MENTEE', 'ACTIVE', 1);
insert into match_profile (membership_id, program_id, user_id, role, eligible, shown, profile_as_of, answers_as_of)
values (:'mentee', :'program', :'mentee', 'MENTEE', true, '{NAME}', now(), now());
create temporary table made as select uuid_v7() as membership, uuid_v7() as person, n from generate_series(1, 50000) n;
insert into person (user_id, capacity_total) select person, 1 + n % 4 from made;
insert into member (membership_id, program_id, user_id, role, state, version) select membership, :'program', person, 'MENTOR', 'ACTIVE', 1 from made;
insert into match_profile (membership_id, program_id, user_id, role, eligible, display_name, headline, country, skills, languages, topics,
	experience_years, shown, capacity_total, room, profile_as_of, answers_as_of)
select membership, :'program', person, 'MENTOR', true, 'Mentor ' || md5(n::text), 'Knows ' || md5((n % 500)::text), 'GR',
	(select jsonb_agg(jsonb_build_object('skill_id', md5((n * k % 300)::text)::uuid, 'level', 1 + k % 5, 'years', k)) from generate_series(1, 6) k),
	'[{"code": "el", "level": "NATIVE"}, {"code": "en", "level": "C1"}]', array[md5((n % 200)::text)::uuid], n % 40,
	'{NAME,COUNTRY,LANGUAGES,SKILLS,MENTOR}', 1 + n % 4, n % 5, now(), now()
from made;
insert into exclusion (a, b, kind, source)
select least(person, :'mentee'::uuid), greatest(person, :'mentee'::uuid), 'ADMIN', 'BY_COORDINATOR' from made where n % 1000 = 0;
reset session_replication_role;
analyze match_profile, person, exclusion, member;
select count(*) from directory where program_id = :'program';

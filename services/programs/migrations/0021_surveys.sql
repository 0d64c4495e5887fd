-- Surveys. Person ids: survey_seat.user_id, survey_response.user_id. anonymous_response and spent_token hold none, and nothing
-- that leads to one: no time, no order, no id that anything else knows.

insert into transition (thing, from_state, to_state) values
	('survey_wave', 'SCHEDULED', 'OPEN'), ('survey_wave', 'OPEN', 'CLOSED'), ('survey_wave', 'CLOSED', 'PUBLISHED');

create table survey (
	id uuid primary key,
	program_id uuid not null references program on delete cascade,
	title text not null,
	about text not null,
	audience text not null check (audience in ('MENTOR', 'MENTEE', 'BOTH')),
	trigger text not null check (trigger in ('CADENCE', 'DAY', 'AT_CLOSE')),
	first_at timestamptz,
	every_days int,
	day int,
	open_days int not null,
	anonymity text not null check (anonymity in ('NAMED', 'CONFIDENTIAL', 'ANONYMOUS')),
	breakdown text check (breakdown in ('ROLE', 'COHORT')),
	steps jsonb not null,
	ended_at timestamptz,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	constraint cadence_needs_first_at check (trigger <> 'CADENCE' or first_at is not null),
	constraint day_needs_day check (trigger <> 'DAY' or day is not null),
	constraint anonymous_has_no_breakdown check (anonymity <> 'ANONYMOUS' or breakdown is null)
);
comment on constraint cadence_needs_first_at on survey is 'Say when the first wave opens.';
comment on constraint day_needs_day on survey is 'Say on which day of a cohort the wave opens.';
comment on constraint anonymous_has_no_breakdown on survey is 'Anonymous answers do not tell which part of the audience they come from.';
create index survey_newest on survey (program_id, created_at desc, id desc);

create table survey_wave (
	id uuid primary key,
	survey_id uuid not null references survey on delete cascade,
	program_id uuid not null,
	cohort_id uuid,
	-- Whether seats are added while it is open, for the parties of each mentorship that closes meanwhile.
	rolling boolean not null default false,
	state text not null default 'SCHEDULED' check (state in ('SCHEDULED', 'OPEN', 'CLOSED', 'PUBLISHED')),
	opens_at timestamptz not null,
	closes_at timestamptz,
	-- As the survey was when the wave opened.
	title text not null default '',
	about text not null default '',
	steps jsonb not null default '[]',
	public_key text not null default '',
	seats int not null default 0,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1
);
create index survey_wave_latest on survey_wave (survey_id, opens_at desc, id desc);
create unique index survey_wave_of_cohort on survey_wave (survey_id, cohort_id) where cohort_id is not null;
create unique index survey_wave_rolling on survey_wave (survey_id) where rolling and state in ('SCHEDULED', 'OPEN');

-- Who is asked: frozen when the wave opens.
create table survey_seat (
	wave_id uuid not null references survey_wave on delete cascade,
	user_id uuid not null,
	role member_role not null,
	cohort_id uuid,
	-- Whose closing it asks about, of a rolling wave.
	mentorship_id uuid,
	-- What this person's token was made of; random, so that it leads to no token.
	blinded text,
	primary key (wave_id, user_id)
);
create index survey_seat_person on survey_seat (user_id);

create table survey_response (
	wave_id uuid not null references survey_wave on delete cascade,
	user_id uuid not null,
	role text not null,
	cohort_id uuid,
	answers jsonb not null,
	primary key (wave_id, user_id)
);

create table anonymous_response (
	wave_id uuid not null references survey_wave on delete cascade,
	answers jsonb not null
);
create index anonymous_response_wave on anonymous_response (wave_id);

create table spent_token (
	wave_id uuid not null references survey_wave on delete cascade,
	hash text not null,
	primary key (wave_id, hash)
);

create function schedule_wave() returns trigger language plpgsql as $$
begin
	perform schedule('OpenSurveyWave', new.id, case new.state when 'SCHEDULED' then new.opens_at end);
	perform schedule('CloseSurveyWave', new.id, case new.state when 'OPEN' then new.closes_at end);
	return null;
end $$;

create function forget_wave() returns trigger language plpgsql as $$
begin
	perform schedule('OpenSurveyWave', old.id, null);
	perform schedule('CloseSurveyWave', old.id, null);
	return null;
end $$;

create trigger again before update of state on survey_wave for each row when (new.state = old.state) execute function stay_as_it_is();
create trigger guard before update of state on survey_wave for each row when (new.state <> old.state) execute function guard_transition();
create trigger touch before update on survey_wave for each row when (new.* is distinct from old.*) execute function touch();
create trigger planned after insert or update of state on survey_wave for each row execute function schedule_wave();
create trigger forgotten after delete on survey_wave for each row execute function forget_wave();
create trigger touch before update on survey for each row when (new.* is distinct from old.*) execute function touch();

-- The first waves of a survey: one by its own time, or one for each cohort that runs.
create function plan_waves() returns trigger language plpgsql as $$
begin
	if new.trigger = 'CADENCE' then
		insert into survey_wave (id, survey_id, program_id, opens_at) values (uuid_v7(), new.id, new.program_id, new.first_at);
	elsif new.trigger = 'DAY' then
		insert into survey_wave (id, survey_id, program_id, cohort_id, opens_at)
		select uuid_v7(), new.id, new.program_id, c.id, (c.starts_on + new.day)::timestamp at time zone c.zone
		from cohort c where c.program_id = new.program_id and c.state = 'RUNNING'
			and (c.starts_on + new.day)::timestamp at time zone c.zone > now();
	end if;
	return null;
end $$;
create trigger planned after insert on survey for each row execute function plan_waves();

-- A cohort that starts brings the waves of its days, one that closes the exit surveys.
create function ask_cohort() returns trigger language plpgsql as $$
begin
	insert into survey_wave (id, survey_id, program_id, cohort_id, opens_at)
	select uuid_v7(), s.id, s.program_id, new.id,
		case s.trigger when 'AT_CLOSE' then now() else (new.starts_on + s.day)::timestamp at time zone new.zone end
	from survey s
	where s.program_id = new.program_id and s.ended_at is null
		and s.trigger = case new.state when 'RUNNING' then 'DAY' else 'AT_CLOSE' end
	on conflict do nothing;
	return null;
end $$;
create trigger asked after update of state on cohort for each row
	when (new.state <> old.state and new.state in ('RUNNING', 'CLOSING', 'ENDED')) execute function ask_cohort();

-- Whether a person sits in a wave of a survey that is not over: asked once, however it comes about.
create function is_asked(survey uuid, person uuid) returns boolean language plpgsql stable as $$
begin
	return exists (
		select from survey_seat t join survey_wave w on w.id = t.wave_id
		where t.user_id = person and w.survey_id = survey and w.state in ('SCHEDULED', 'OPEN'));
end $$;

-- Seats everybody who takes part now; answers how many sit. A cohort's exit survey also asks those whose part has just ended.
create function take_seats(wave uuid) returns int language sql as $$
	with seated as (
		insert into survey_seat (wave_id, user_id, role, cohort_id)
		select distinct on (m.user_id) w.id, m.user_id, m.role, m.cohort_id
		from survey_wave w join survey s on s.id = w.survey_id join membership m on m.program_id = w.program_id
		where w.id = wave and not w.rolling and (w.cohort_id is null or m.cohort_id = w.cohort_id) and s.audience in (m.role, 'BOTH')
			and (m.state in ('ACTIVE', 'PAUSED') or s.trigger = 'AT_CLOSE' and m.state = 'COMPLETED')
			and not (s.trigger = 'AT_CLOSE' and is_asked(s.id, m.user_id))
		order by m.user_id, m.role
		returning 1
	)
	select ((select count(*) from seated) + (select count(*) from survey_seat where wave_id = wave))::int
$$;

-- P-R17: whoever closes a mentorship is asked, both sides: in the survey's rolling wave, which opens with the first of them.
create function ask_parties() returns trigger language plpgsql as $$
declare
	s survey;
begin
	for s in select * from survey t where t.program_id = new.program_id and t.trigger = 'AT_CLOSE' and t.ended_at is null order by t.id loop
		insert into survey_wave (id, survey_id, program_id, rolling, opens_at) values (uuid_v7(), s.id, s.program_id, true, now())
		on conflict do nothing;
		insert into survey_seat (wave_id, user_id, role, cohort_id, mentorship_id)
		select w.id, p.user_id, p.role, new.cohort_id, new.id
		from survey_wave w join mentorship_party p on p.mentorship_id = new.id
		where w.survey_id = s.id and w.rolling and w.state in ('SCHEDULED', 'OPEN') and s.audience in (p.role, 'BOTH')
			and p.left_at is null and not is_asked(s.id, p.user_id);
		update survey_wave w set seats = (select count(*) from survey_seat t where t.wave_id = w.id)
		where w.survey_id = s.id and w.rolling and w.state = 'OPEN';
	end loop;
	return null;
end $$;
create trigger asked after update of state on mentorship for each row
	when (new.state = 'CLOSING' and old.state <> 'CLOSING') execute function ask_parties();

-- The wave after this one, in the future also when the last ones were missed.
create function plan_next_wave(w survey_wave, s survey) returns void language sql as $$
	insert into survey_wave (id, survey_id, program_id, opens_at)
	select uuid_v7(), s.id, s.program_id,
		w.opens_at + make_interval(days => s.every_days * (1 + greatest(0, floor(extract(epoch from now() - w.opens_at) / 86400 / s.every_days)::int)))
	where s.trigger = 'CADENCE' and s.every_days is not null and s.ended_at is null
$$;

-- Takes an anonymous answer in. It is put in together with up to two hundred that were there, in random order and in one
-- transaction, so that neither the order of the rows nor who wrote them tells which of them came when.
create function answer_anonymously(wave uuid, token text, given jsonb) returns void language plpgsql as $$
declare
	mixed jsonb[];
begin
	perform pg_advisory_xact_lock(hashtextextended(wave::text, 0));
	if exists (select from spent_token s where s.wave_id = wave and s.hash = token) then
		perform refuse(410, 'TOKEN_USED', 'This token has been used.');
	end if;
	insert into spent_token (wave_id, hash) values (wave, token);
	with taken as (
		delete from anonymous_response r where r.ctid = any (array(
			select t.ctid from anonymous_response t where t.wave_id = wave order by gen_random_uuid() limit 200))
		returning r.answers
	)
	select array_agg(answers) into mixed from taken;
	insert into anonymous_response (wave_id, answers)
	select wave, m from unnest(array_append(mixed, given)) m order by gen_random_uuid();
end $$;

-- Each response to a wave, with the part of the audience that the survey is broken down by ('' for none).
create function wave_responses(wave uuid) returns table (part text, answers jsonb) language sql stable as $$
	select coalesce(case s.breakdown when 'ROLE' then r.role when 'COHORT' then r.cohort_id::text end, ''), r.answers
	from survey_wave w join survey s on s.id = w.survey_id join survey_response r on r.wave_id = w.id
	where w.id = wave
	union all
	select '', r.answers from anonymous_response r where r.wave_id = wave
$$;

-- What an answer is counted as.
create function values_of(kind text, answer jsonb) returns setof text language sql immutable as $$
	select answer -> 'choices' ->> 0 where kind = 'RANKED'
	union all
	select jsonb_array_elements_text(answer -> 'choices') where kind in ('SINGLE', 'MULTI', 'SKILL_PICK', 'LANGUAGE_PICK', 'AVAILABILITY_PICK')
	union all
	select coalesce(answer ->> 'number', answer ->> 'date', answer ->> 'consent') where kind in ('SCALE', 'NUMBER', 'DATE', 'CONSENT')
$$;

create function has_value(answer jsonb) returns boolean language sql immutable as $$
	select coalesce(nullif(answer ->> 'text', ''), nullif(answer ->> 'choices', '[]'), answer ->> 'number', answer ->> 'date',
		answer ->> 'consent') is not null
$$;

-- QuestionResults, together ('' as part) or by part. P-R13, k = fewest:
-- * a question is told when at least k answered it, and by part when at least k did in every part where anybody did:
--   so no part is the difference between what is told of the others and of all;
-- * counts are told when each, and what is left when it is taken away, is 0 or at least k, in every part. One that is
--   smaller withholds all counts of the question: no single gap can be computed from the sum.
create function question_results(wave uuid, by_part boolean, fewest int) returns table (part text, n bigint, result jsonb) language sql stable as $$
	with asked as (
		select row_number() over (order by st.n, q.n) as n, q.question, q.question ->> 'key' as key, q.question ->> 'kind' as kind
		from survey_wave w cross join lateral jsonb_array_elements(w.steps) with ordinality st (step, n)
			cross join lateral jsonb_array_elements(st.step -> 'questions') with ordinality q (question, n)
		where w.id = wave
	), given as (
		select case when by_part then r.part else '' end as part, k.n, k.kind, a.answer
		from wave_responses(wave) r cross join lateral jsonb_array_elements(r.answers) a (answer) join asked k on k.key = a.answer ->> 'key'
		where has_value(a.answer)
	), tally as (
		select g.part, g.n, count(*) as answered, round(avg((g.answer ->> 'number')::numeric), 1) as mean,
			count(*) filter (where g.answer ->> 'text' <> '') as texts
		from given g group by g.part, g.n
	), cell as (
		select g.part, g.n, v.value, count(*) as count from given g cross join lateral values_of(g.kind, g.answer) v (value)
		group by g.part, g.n, v.value
	), small as (
		select c.n from cell c join tally t on t.part = c.part and t.n = c.n
		where c.count < fewest or t.answered - c.count between 1 and fewest - 1
	), judged as (
		select t.*, min(t.answered) over (partition by t.n) >= fewest as told, t.n not in (select n from small) as counted from tally t
	)
	select coalesce(j.part, ''), k.n, jsonb_build_object('key', k.key, 'title', k.question ->> 'title', 'kind', k.kind,
		'answered', case when j.told then j.answered end, 'mean', case when j.told then j.mean end,
		'cells', coalesce((
			select jsonb_agg(jsonb_build_object('value', c.value, 'count', c.count) order by c.value) from cell c
			where j.told and j.counted and c.part = j.part and c.n = j.n), '[]'),
		'texts', coalesce(case when j.told and not by_part then j.texts end, 0),
		'withheld', coalesce(not (j.told and j.counted), false))
	from asked k left join judged j on j.n = k.n
$$;

-- SurveyParts; none at all when a part has responses and fewer than k.
create function part_results(wave uuid, fewest int) returns jsonb language sql stable as $$
	with size as (
		select r.part, count(*) as responses from wave_responses(wave) r where r.part <> '' group by r.part
	)
	select coalesce(jsonb_agg(jsonb_build_object('part', s.part, 'responses', s.responses, 'questions', coalesce(q.results, '[]'))
		order by s.part), '[]')
	from size s left join (
		select part, jsonb_agg(result order by n) as results from question_results(wave, true, fewest) group by part) q on q.part = s.part
	where (select min(responses) from size) >= fewest
$$;

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update on survey, survey_seat, survey_response to %I', svc);
	execute format('grant select, insert, update, delete on survey_wave to %I', svc);
	execute format('grant select, insert on spent_token to %I', svc);
	execute format('grant select, insert, delete on anonymous_response to %I', svc);
end $$;

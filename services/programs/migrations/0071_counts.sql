-- Reports count along narrow indexes, and what can change no more is counted once. No person ids.

create index membership_counted on membership (program_id, role, state) include (cohort_id, created_at, submitted_at, updated_at, user_id);
create index mentorship_counted on mentorship (program_id, state)
	include (cohort_id, closed_at, updated_at, close_reason, closed_incomplete);
create index training_completion_counted on training_completion (program_id, user_id) include (completed_at);
create index survey_seat_counted on survey_seat (wave_id, user_id) include (role, cohort_id, blinded);

-- From the memberships once, instead of each choice of each form.
create or replace function equity_counts(program uuid)
returns table (role text, question text, choice text, registered bigint, approved bigint, completed bigint) language sql stable as $$
	with asked as (
		select f.role, f.form_version, q.question ->> 'key' as key, q.question ->> 'title' as question, c.choice ->> 'key' as chosen,
			c.choice ->> 'title' as choice
		from form f
			cross join lateral jsonb_array_elements(f.steps) st (step)
			cross join lateral jsonb_array_elements(st.step -> 'questions') q (question)
			cross join lateral jsonb_array_elements(q.question -> 'choices') c (choice)
		where f.program_id = program and (q.question ->> 'sensitive')::boolean and q.question ->> 'kind' = 'SINGLE'
	), given as (
		select m.role, m.form_version, a.key, a.answer -> 'choices' ->> 0 as chosen, m.state, count(*) as people
		from (select distinct k.role, k.form_version, k.key from asked k) k
			join membership m on m.program_id = program and m.role = k.role and m.form_version = k.form_version and m.submitted_at is not null
			join answer a on a.membership_id = m.id and a.key = k.key
		group by 1, 2, 3, 4, 5
	)
	select k.role, k.question, k.choice, sum(g.people)::bigint,
		coalesce(sum(g.people) filter (where holds_place(g.state) or g.state in ('COMPLETED', 'REMOVED')), 0)::bigint,
		coalesce(sum(g.people) filter (where g.state = 'COMPLETED'), 0)::bigint
	from asked k join given g on g.role = k.role and g.form_version = k.form_version and g.key = k.key and g.chosen = k.chosen
	group by k.role, k.question, k.choice
$$;

-- How many were asked by a wave and have answered, by their part.
create function turnout_of(wave uuid) returns table (role text, cohort_id uuid, asked int, answered int) language sql stable as $$
	select t.role, t.cohort_id, count(*)::int, count(*) filter (where t.blinded is not null or r.wave_id is not null)::int
	from survey_seat t left join survey_response r on r.wave_id = t.wave_id and r.user_id = t.user_id
	where t.wave_id = wave
	group by t.role, t.cohort_id
$$;

-- What is told of a wave that takes no more answers, when at least so many have to stand behind each figure: 5, or 1 to those who
-- run a program and ask by name.
create table wave_result (
	wave_id uuid not null references survey_wave on delete cascade,
	fewest int not null,
	responses int not null,
	questions jsonb not null, -- QuestionResults
	parts jsonb not null,     -- SurveyParts
	primary key (wave_id, fewest)
);
create table wave_turnout (
	wave_id uuid not null references survey_wave on delete cascade,
	role text not null,
	cohort_id uuid,
	asked int not null,
	answered int not null,
	unique nulls not distinct (wave_id, role, cohort_id)
);

create function settle_wave(wave uuid) returns void language sql as $$
	insert into wave_result (wave_id, fewest, responses, questions, parts)
	select w.id, f.fewest, n.responses,
		(select coalesce(jsonb_agg(q.result order by q.n), '[]') from question_results(w.id, false, f.fewest) q),
		case when n.responses >= f.fewest then part_results(w.id, f.fewest) else '[]' end
	from survey_wave w join survey s on s.id = w.survey_id
		cross join lateral (select count(*)::int as responses from wave_responses(w.id)) n
		join (values (1), (5)) f (fewest) on f.fewest = 5 or s.anonymity = 'NAMED'
	where w.id = wave;
	insert into wave_turnout (wave_id, role, cohort_id, asked, answered)
	select wave, t.role, t.cohort_id, t.asked, t.answered from turnout_of(wave) t;
$$;

create function settle_closed_wave() returns trigger language plpgsql as $$
begin
	perform settle_wave(new.id);
	return null;
end $$;
create trigger settled after update of state on survey_wave for each row
	when (new.state = 'CLOSED' and old.state <> 'CLOSED') execute function settle_closed_wave();
set local enable_seqscan = off;
set local jit = off;
select settle_wave(id) from survey_wave where state in ('CLOSED', 'PUBLISHED');

-- What is late where today is known: counted over many.
create function is_overdue(t task, today date) returns boolean language sql immutable as $$
	select coalesce(t.state in ('ASSIGNED', 'IN_PROGRESS', 'RETURNED') and t.due_on < today, false)
$$;
create function is_late(m milestone, today date) returns boolean language sql immutable as $$
	select m.state in ('UPCOMING', 'DUE') and m.due_on < today
$$;

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert on wave_result, wave_turnout to %I', svc);
end $$;

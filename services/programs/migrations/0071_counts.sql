-- Reports count along narrow indexes, and what can change no more is counted once. No person ids.

create index membership_counted on membership (program_id, role, state) include (cohort_id, created_at, submitted_at, updated_at, user_id);
create index mentorship_counted on mentorship (program_id, state)
	include (cohort_id, closed_at, updated_at, close_reason, closed_incomplete);
create index training_completion_counted on training_completion (program_id, user_id) include (completed_at);
create index survey_seat_counted on survey_seat (wave_id, user_id) include (role, cohort_id, blinded);

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
-- What was written, in alphabetical order: the order tells nothing of who or when.
create table wave_text (
	wave_id uuid not null references survey_wave on delete cascade,
	key text not null,
	n int not null,
	text text not null,
	primary key (wave_id, key, n)
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
	insert into wave_text (wave_id, key, n, text)
	select wave, a.answer ->> 'key', row_number() over (partition by a.answer ->> 'key' order by a.answer ->> 'text'), a.answer ->> 'text'
	from wave_responses(wave) r cross join lateral jsonb_array_elements(r.answers) a (answer)
	where a.answer ->> 'text' <> '' and a.answer ->> 'key' = any(array(
		select q.result ->> 'key'
		from wave_result w cross join lateral jsonb_array_elements(w.questions) q (result)
		where w.wave_id = wave and (q.result -> 'texts')::int > 0));
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

-- True, or 404 for who does not run the program, 409 while the wave takes answers.
create function must_run_closed_wave(wave uuid, person uuid, roles text[]) returns boolean language plpgsql stable as $$
declare
	w survey_wave;
begin
	select * into w from survey_wave t where t.id = wave;
	return (w.id is not null and coordinates(w.program_id, person, roles) or refuse(404, 'NOT_FOUND', 'There is no such survey.'))
		and (w.state in ('CLOSED', 'PUBLISHED') or refuse(409, 'STILL_OPEN', 'Results are told when the survey has closed.'));
end $$;

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
	execute format('grant select, insert on wave_result, wave_text, wave_turnout to %I', svc);
end $$;

-- Surveys, their waves, and what is told of the answers.

-- add_survey(CreateSurveyRequest) one Survey
insert into survey (id, program_id, title, about, audience, trigger, first_at, every_days, day, open_days, anonymity, breakdown, steps)
select :new.id, p.id, :title, coalesce(:about, ''), :audience, :trigger, :first_at, :every_days, :day, :open_days, :anonymity,
	:breakdown, :steps::jsonb
from program p
where p.id = :program_id and must_coordinate(:program_id, :caller.id, :caller.roles::text[])
	and (p.state <> 'ARCHIVED' or refuse(409, 'ARCHIVED', 'An archived program asks nobody any more.'))
returning *;

-- list_surveys(ListSurveysRequest) page ListSurveysResponse by created_at desc, id desc
select * from survey where program_id = :program_id and must_see_members(:program_id, :caller.id, :caller.roles::text[]);

-- get_survey(SurveyId) one Survey
select * from survey
where id = :id and program_id = :program_id and must_see_members(:program_id, :caller.id, :caller.roles::text[]);

-- set_survey(UpdateSurveyRequest) one Survey
update survey s set
	title = case when :set.title then :title else title end,
	about = case when :set.about then coalesce(:about, '') else about end,
	open_days = case when :set.open_days then :open_days else open_days end,
	steps = case when :set.steps then :steps::jsonb else steps end
where s.id = :id and s.program_id = :program_id and must_see_members(:program_id, :caller.id, :caller.roles::text[])
	and at_version(s.version, :if_match)
returning *;

-- end_survey(SurveyId) one Survey
with ended as (
	update survey set ended_at = coalesce(ended_at, now())
	where id = :id and program_id = :program_id and must_see_members(:program_id, :caller.id, :caller.roles::text[])
	returning *
), dropped as (
	delete from survey_wave w using ended e where w.survey_id = e.id and w.state = 'SCHEDULED'
)
select e.*, e.updated_at <> now() as unchanged from ended e;

-- list_survey_waves(ListSurveyWavesRequest) page ListSurveyWavesResponse by opens_at desc, id desc
select id, survey_id, program_id, cohort_id, state, opens_at, closes_at, seats, created_at, updated_at, version from survey_wave
where survey_id = :id and program_id = :program_id and must_see_members(:program_id, :caller.id, :caller.roles::text[]);

-- list_my_surveys(Page) page ListMySurveysResponse by opens_at desc, id desc
select w.id, w.program_id, p.title as program_title, w.title, w.about, w.state, s.anonymity, w.opens_at, w.closes_at, w.steps,
	coalesce(r.answers, '[]') as answers, t.blinded is not null as token_drawn, w.public_key
from survey_seat t join survey_wave w on w.id = t.wave_id join survey s on s.id = w.survey_id join program p on p.id = w.program_id
	left join survey_response r on r.wave_id = t.wave_id and r.user_id = t.user_id
where t.user_id = :caller.id and w.state <> 'SCHEDULED';

-- The wave is held, so that it does not close meanwhile.
-- read_survey_seat(Id) one SurveySeat
select w.id, w.state, s.anonymity, w.steps
from survey_wave w join survey s on s.id = w.survey_id
where w.id = :id and exists (select from survey_seat t where t.wave_id = w.id and t.user_id = :caller.id)
for share of w;

-- set_survey_response(RespondToSurveyRequest) one SurveyResponse
insert into survey_response (wave_id, user_id, role, cohort_id, answers)
select t.wave_id, t.user_id, t.role, t.cohort_id, :answers::jsonb
from survey_seat t where t.wave_id = :id and t.user_id = :caller.id
on conflict (wave_id, user_id) do update set answers = excluded.answers
returning wave_id as id, (select program_id from survey_wave w where w.id = :id) as program_id, answers, xmax <> 0 as replaced;

-- set_token_drawn(DrawSurveyTokenRequest) one SurveyToken
update survey_seat set blinded = :blinded
where wave_id = :id and user_id = :caller.id
	and (coalesce(blinded, :blinded) = :blinded or refuse(409, 'TOKEN_DRAWN', 'You have drawn your token for this survey.'))
returning wave_id as id;

-- read_anonymous_wave(RespondAnonymouslyRequest) one SurveySeat
select w.id, w.state, s.anonymity, w.steps
from survey_wave w join survey s on s.id = w.survey_id
where w.id = :id and s.anonymity = 'ANONYMOUS'
for share of w;

-- add_anonymous_response(AnonymousResponse) exec
select answer_anonymously(:wave_id, :token_hash, :answers::jsonb);

-- get_survey_key(Id) one SurveyKey
select id, public_key from survey_wave where id = :id and public_key <> '';

-- Those who were asked are told what could be told to anybody.
-- get_survey_results(Id) one SurveyResults
select w.id, w.survey_id, w.title, s.anonymity, w.state, w.seats, r.responses,
	case when r.responses < r.fewest then '[]' when c.runs then r.questions else (
		select coalesce(jsonb_agg(q.result - 'texts' order by q.n), '[]') from jsonb_array_elements(r.questions) with ordinality q (result, n))
		end as questions,
	r.parts, r.responses < r.fewest as withheld
from survey_wave w join survey s on s.id = w.survey_id
	cross join lateral (select coordinates(w.program_id, :caller.id, :caller.roles::text[]) as runs) c
	left join wave_result r on r.wave_id = w.id and r.fewest = case when c.runs and s.anonymity = 'NAMED' then 1 else 5 end
where w.id = :id and case
	when not c.runs and not exists (select from survey_seat t where t.wave_id = w.id and t.user_id = :caller.id) then false
	when w.state in ('SCHEDULED', 'OPEN') then refuse(409, 'STILL_OPEN', 'Results are told when the survey has closed.')
	when not c.runs and w.state <> 'PUBLISHED' then refuse(409, 'NOT_PUBLISHED', 'The results of this survey are not published.')
	else true end;

-- list_survey_texts(ListSurveyTextsRequest) page ListSurveyTextsResponse by n
select t.n, t.text from wave_text t
where t.wave_id = :id and t.key = :key and must_run_closed_wave(:id, :caller.id, :caller.roles::text[]);

-- list_survey_responses(ListSurveyResponsesRequest) page ListSurveyResponsesResponse by user_id
select r.user_id, r.role, r.answers from survey_response r
where r.wave_id = :id and must_run_closed_wave(:id, :caller.id, :caller.roles::text[])
	and exists (select from survey_wave w join survey s on s.id = w.survey_id where w.id = :id and s.anonymity = 'NAMED');

-- publish_survey_results(Id) one SurveyWave
update survey_wave w set state = 'PUBLISHED'
where w.id = :id and coordinates(w.program_id, :caller.id, :caller.roles::text[])
returning id, survey_id, program_id, cohort_id, state, opens_at, closes_at, seats, created_at, updated_at, version,
	updated_at <> now() as unchanged;

-- set_wave_ended(Id) one SurveyWave
update survey_wave w set state = 'CLOSED', closes_at = now()
where w.id = :id and coordinates(w.program_id, :caller.id, :caller.roles::text[])
returning id, survey_id, program_id, cohort_id, state, opens_at, closes_at, seats, created_at, updated_at, version,
	updated_at <> now() as unchanged;

-- set_wave_open(SurveyOpening) maybe SurveyWave
with due as (
	select w.id, s.title, s.about, s.steps, s.open_days, s.anonymity, plan_next_wave(w, s)
	from survey_wave w join survey s on s.id = w.survey_id join program p on p.id = w.program_id
	where w.id = :id and w.state = 'SCHEDULED' and w.opens_at <= now() and p.state <> 'ARCHIVED'
)
update survey_wave w set state = 'OPEN', title = due.title, about = due.about, steps = due.steps,
	closes_at = now() + make_interval(days => due.open_days), seats = take_seats(w.id),
	public_key = case due.anonymity when 'ANONYMOUS' then :public_key else '' end
from due where w.id = due.id
returning w.id, w.survey_id, w.program_id, w.cohort_id, w.state, w.opens_at, w.closes_at, w.seats, w.created_at, w.updated_at, w.version;

-- set_wave_closed(Id) maybe SurveyWave
update survey_wave w set state = 'CLOSED' where w.id = :id and w.state = 'OPEN' and w.closes_at <= now()
returning id, survey_id, program_id, cohort_id, state, opens_at, closes_at, seats, created_at, updated_at, version;

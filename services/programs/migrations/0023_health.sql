-- Health. Person ids: health_flag.user_id.

create table health_flag (
	id uuid primary key default uuid_v7(),
	program_id uuid not null references program on delete cascade,
	rule text not null check (rule in ('AGREEMENT_UNSIGNED', 'EXIT_INTENT', 'NO_GOAL', 'MILESTONE_LATE')),
	-- What the rule is about: the mentorship, the milestone, or the member.
	subject_id uuid not null,
	mentorship_id uuid,
	user_id uuid,
	"values" jsonb not null,
	since timestamptz not null,
	snoozed_until timestamptz,
	cleared_at timestamptz,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1
);
create unique index health_flag_up on health_flag (program_id, rule, subject_id) where cleared_at is null;
create index health_flag_latest on health_flag (program_id, created_at desc, id desc) where cleared_at is null;

create trigger touch before update on health_flag for each row when (new.* is distinct from old.*) execute function touch();

create function next_step(rule text) returns text language sql immutable as $$
	select case rule
		when 'AGREEMENT_UNSIGNED' then 'Ask both what keeps them from signing the agreement.'
		when 'EXIT_INTENT' then 'Talk to the person before they leave, and offer another mentorship.'
		when 'NO_GOAL' then 'Ask the mentee what they want to get to, and the mentor to set a goal with them.'
		when 'MILESTONE_LATE' then 'Ask both what keeps them, and leave the milestone out if it is none of theirs.' end
$$;

-- P-R19: the rules, each with the values that it was decided by. The last answer to "exit-intent" counts.
create function health_findings(program uuid)
returns table (rule text, subject_id uuid, mentorship_id uuid, user_id uuid, since timestamptz, "values" jsonb) language sql stable as $$
	select 'AGREEMENT_UNSIGNED', m.id, m.id, null::uuid, m.kickoff_at + interval '10 days', jsonb_build_array(
		jsonb_build_object('name', 'kickoff_at', 'value', rfc3339(m.kickoff_at)))
	from mentorship m
	where m.program_id = program and m.state = 'KICKOFF' and m.kickoff_at < now() - interval '10 days'
		and not exists (select from agreement a where a.mentorship_id = m.id and a.state = 'IN_FORCE')
	union all
	select 'NO_GOAL', m.id, m.id, null, m.started_at + interval '30 days', jsonb_build_array(
		jsonb_build_object('name', 'started_at', 'value', rfc3339(m.started_at)))
	from mentorship m
	where m.program_id = program and m.state = 'ACTIVE' and m.started_at < now() - interval '30 days'
		and not exists (select from goal g where g.mentorship_id = m.id and g.state <> 'DRAFT')
	union all
	select 'MILESTONE_LATE', s.id, m.id, null, day_begins(m.id, s.due_on + 22), jsonb_build_array(
		jsonb_build_object('name', 'milestone_id', 'value', s.id), jsonb_build_object('name', 'due_on', 'value', s.due_on))
	from mentorship m join milestone s on s.mentorship_id = m.id
	where m.program_id = program and m.state in ('ACTIVE', 'CLOSING') and s.required and s.state in ('UPCOMING', 'DUE')
		and s.due_on < today_in(m.id) - 21
	union all
	select 'EXIT_INTENT', l.user_id, null, l.user_id, l.opens_at, jsonb_build_array(jsonb_build_object('name', 'wave_id', 'value', l.id))
	from (
		select distinct on (r.user_id) r.user_id, w.id, w.opens_at, a.answer
		from survey s join survey_wave w on w.survey_id = s.id join survey_response r on r.wave_id = w.id
			cross join lateral jsonb_array_elements(r.answers) a (answer)
		where s.program_id = program and s.anonymity = 'NAMED' and a.answer ->> 'key' = 'exit-intent' and a.answer ->> 'consent' is not null
		order by r.user_id, w.opens_at desc
	) l
	where (l.answer ->> 'consent')::boolean and exists (
		select from membership m where m.program_id = program and m.user_id = l.user_id and m.state in ('ACTIVE', 'PAUSED'))
$$;

create function sweep_health_soon() returns trigger language plpgsql as $$
begin
	perform schedule('SweepHealth', new.id, now());
	return null;
end $$;
create trigger sweep after update of state on program for each row
	when (new.state = 'PUBLISHED' and old.state <> 'PUBLISHED') execute function sweep_health_soon();
select schedule('SweepHealth', id, now()) from program where state in ('PUBLISHED', 'HIDDEN', 'PAUSED');

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update on health_flag to %I', svc);
end $$;

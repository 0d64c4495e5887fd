-- Simulations: variants of a run side by side. Person ids: match_simulation.created_by.

insert into transition (thing, from_state, to_state) values
	('match_simulation', 'QUEUED', 'DONE'), ('match_simulation', 'QUEUED', 'FAILED'),
	('match_simulation', 'DONE', 'EXPIRED'), ('match_simulation', 'FAILED', 'EXPIRED'), ('match_simulation', 'QUEUED', 'EXPIRED');

create table match_simulation (
	id uuid primary key,
	program_id uuid not null,
	cohort_id uuid,
	state text not null default 'QUEUED' check (state in ('QUEUED', 'DONE', 'FAILED', 'EXPIRED')),
	mentees int not null,
	mentors int not null,
	-- SimulationVariant and SimulationFigures messages.
	variants jsonb not null,
	figures jsonb not null default '[]',
	failure text,
	worked_until timestamptz,
	attempts int not null default 0,
	expires_at timestamptz not null default now() + interval '30 days',
	created_by uuid not null,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1
);
create index match_simulation_program on match_simulation (program_id, id desc);
create trigger guard before update of state on match_simulation for each row when (new.state <> old.state) execute function guard_transition();
create trigger touch before update on match_simulation for each row when (new.state <> old.state) execute function touch();

create view match_simulation_view as
select id, created_at, updated_at, version, program_id, cohort_id, state, mentees, mentors, variants, figures, expires_at, created_by, failure
from match_simulation;

-- True, or 422: every variant is of criteria that were published, and weighs criteria that they have.
create function must_know_variants(program uuid, variants jsonb) returns boolean language plpgsql stable as $$
declare
	wrong text;
begin
	select v ->> 'label' into wrong from jsonb_array_elements(variants) v
	where not exists (
		select from criteria_set c where c.program_id = program and c.state in ('PUBLISHED', 'RETIRED')
			and case when v ->> 'criteria_version' is not null then c.criteria_version = (v ->> 'criteria_version')::int else c.state = 'PUBLISHED' end
			and not exists (
				select from jsonb_array_elements(case jsonb_typeof(v -> 'weights') when 'array' then v -> 'weights' else '[]' end) w
				where not exists (select from jsonb_array_elements(c.criteria) k where k ->> 'key' = w ->> 'criterion')))
	limit 1;
	return wrong is null or refuse(422, 'UNKNOWN_CRITERIA', format('“%s” is about criteria that there are not.', wrong));
end $$;

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update on match_simulation to %I', svc);
	execute format('grant select on match_simulation_view to %I', svc);
end $$;

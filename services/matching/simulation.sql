-- Simulations.

-- read_simulated_pool(SimulateMatchesRequest) one RunPool
select :program_id::uuid as program_id, count(*) filter (where p.role = 'MENTEE')::int as mentees,
	count(*) filter (where p.role = 'MENTOR')::int as mentors, coalesce(sum(p.room) filter (where p.role = 'MENTOR'), 0)::int as places,
	1 as criteria_version, (rules_of(:program_id)).mentors_per_mentee as mentors_per_mentee
from (values (true)) one (row) left join run_pool(:program_id, :cohort_id) p on true
where case when must_coordinate(:program_id, :caller.id, :caller.roles::text[]) then must_know_variants(:program_id, :variants::jsonb) end;

-- add_simulation(SimulateMatchesRequest) exec
with simulation as (
	insert into match_simulation (id, program_id, cohort_id, mentees, mentors, variants, created_by)
	select :new.simulation, :program_id, :cohort_id, count(*) filter (where p.role = 'MENTEE'), count(*) filter (where p.role = 'MENTOR'),
		:variants::jsonb, :caller.id
	from run_pool(:program_id, :cohort_id) p
	returning id, expires_at
)
select schedule('WorkMatchSimulation', id, now()), schedule('ExpireMatchSimulation', id, expires_at) from simulation;

-- read_simulation(SimulateMatchesRequest) one MatchSimulation
select v.* from match_simulation_view v where v.id = :new.simulation;

-- list_match_simulations(ListMatchSimulationsRequest) page ListMatchSimulationsResponse by id desc
select v.* from match_simulation_view v
where v.program_id = :program_id and must_coordinate(:program_id, :caller.id, :caller.roles::text[]);

-- get_match_simulation(Id) one MatchSimulation
select v.* from match_simulation_view v where v.id = :id and must_coordinate(v.program_id, :caller.id, :caller.roles::text[]);

-- claim_simulation(Id) maybe SimulationWork
update match_simulation s set worked_until = now() + interval '5 minutes', attempts = s.attempts + 1
where s.id = :id and s.state = 'QUEUED' and coalesce(s.worked_until <= now(), true)
returning s.id, s.program_id, s.cohort_id, s.variants, s.attempts, s.mentees, s.mentors,
	(rules_of(s.program_id)).mentors_per_mentee as mentors_per_mentee;

-- watch_simulation(Id) exec
select schedule('WorkMatchSimulation', s.id, greatest(s.worked_until, now()) + interval '1 second') from match_simulation s
where s.id = :id and s.state = 'QUEUED';

-- set_simulation_result(SimulationResult) exec
update match_simulation set state = :state, figures = :figures::jsonb, failure = nullif(:failure, '') where id = :id and state = 'QUEUED';

-- expire_match_simulation(Id) exec
update match_simulation set state = 'EXPIRED', figures = '[]' where id = :id and state <> 'EXPIRED';

-- What there is news about, for notify: everything in one shape, and who hears of it by what part they have in it.

create view matter (source, id, state, program_id) as
select 'MATCH_PROPOSAL', p.id, p.state, p.program_id from match_proposal p where p.announced
union all select 'MATCH_RUN', id, state, program_id from match_run;

create view matter_reader (source, id, user_id, part) as
select 'MATCH_PROPOSAL', id, mentor_id, 'MENTOR' from match_proposal
union all select 'MATCH_PROPOSAL', id, mentee_id, 'MENTEE' from match_proposal
union all select 'MATCH_RUN', id, created_by, 'OWNER' from match_run;

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select on matter, matter_reader to %I', svc);
end $$;

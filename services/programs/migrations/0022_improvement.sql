-- Improvement actions. Person ids: improvement_action.owner_id.

insert into transition (thing, from_state, to_state) values
	('improvement_action', 'OPEN', 'IN_PROGRESS'), ('improvement_action', 'OPEN', 'DONE'), ('improvement_action', 'OPEN', 'DROPPED'),
	('improvement_action', 'IN_PROGRESS', 'DONE'), ('improvement_action', 'IN_PROGRESS', 'DROPPED');

create table improvement_action (
	id uuid primary key,
	program_id uuid not null references program on delete cascade,
	source text not null check (source in ('SURVEY_WAVE', 'RETROSPECTIVE')),
	wave_id uuid references survey_wave on delete set null,
	title text not null,
	body text not null,
	owner_id uuid not null,
	due_on date not null,
	state text not null default 'OPEN' check (state in ('OPEN', 'IN_PROGRESS', 'DONE', 'DROPPED')),
	outcome text not null default '',
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1
);
create index improvement_action_newest on improvement_action (program_id, created_at desc, id desc);

-- Trigger: what goes back to a wave goes back to one of the program.
create function guard_improvement() returns trigger language plpgsql as $$
begin
	if (new.source = 'SURVEY_WAVE') <> exists (
		select from survey_wave w where w.id = new.wave_id and w.program_id = new.program_id) then
		perform refuse(422, 'UNKNOWN_WAVE', 'Name the wave of this program that it goes back to, if it goes back to one.');
	end if;
	return new;
end $$;
create trigger source before insert on improvement_action for each row execute function guard_improvement();
create trigger again before update of state on improvement_action for each row when (new.state = old.state) execute function stay_as_it_is();
create trigger guard before update of state on improvement_action for each row when (new.state <> old.state) execute function guard_transition();
create trigger touch before update on improvement_action for each row when (new.* is distinct from old.*) execute function touch();

-- True, or 422: somebody who runs the program, or the caller.
create function may_own(program uuid, owner uuid, person uuid) returns boolean language plpgsql stable cost 20 as $$
begin
	return owner = person or coordinates(program, owner, '{}')
		or refuse(422, 'NOT_A_COORDINATOR', 'An action is owned by somebody who runs the program.');
end $$;

create function is_overdue(a improvement_action) returns boolean language sql stable as $$
	select a.due_on < current_date and a.state in ('OPEN', 'IN_PROGRESS')
$$;

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update on improvement_action to %I', svc);
end $$;

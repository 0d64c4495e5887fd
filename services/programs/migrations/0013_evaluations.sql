-- Evaluations of mentees. Person ids: evaluation.subject_id, evaluation.evaluator_id.

-- RubricCriterion messages.
create table rubric (
	program_id uuid primary key references program on delete cascade,
	criteria jsonb not null,
	version bigint not null default 1
);

create table evaluation (
	id uuid primary key,
	mentorship_id uuid not null references mentorship on delete cascade,
	subject_id uuid not null,
	moment text not null check (moment in ('START', 'MID', 'END')),
	by text not null check (by in ('MENTOR', 'SELF', 'PANEL')),
	evaluator_id uuid not null,
	scores jsonb not null,
	mean int not null,
	note text not null default '',
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	constraint evaluated_once unique (mentorship_id, subject_id, moment, evaluator_id)
);

create function rubric_holds(criteria jsonb) returns boolean language plpgsql stable as $$
begin
	return (select count(distinct c ->> 'key') = count(*) from jsonb_array_elements(criteria) c)
		and not exists (select from jsonb_array_elements(criteria) c
			where (select count(distinct coalesce(l ->> 'value', '0')) <> count(*) from jsonb_array_elements(c -> 'levels') l))
		or refuse(422, 'DUPLICATE_CRITERION', 'Each criterion has a key of its own, and each of its levels a number.');
end $$;

-- True, or 422: every criterion of the program's rubric has one score, of one of its levels.
create function scores_fit(program uuid, scores jsonb) returns boolean language plpgsql stable as $$
declare
	r rubric;
begin
	select * into r from rubric where program_id = program;
	if r.program_id is null then
		return refuse(409, 'NO_RUBRIC', 'The program does not say what its mentees are evaluated by.');
	end if;
	return (select count(*) = jsonb_array_length(scores) and bool_and(exists (
			select from jsonb_array_elements(scores) s
			where s ->> 'key' = c ->> 'key' and exists (select from jsonb_array_elements(c -> 'levels') l
				where coalesce((l ->> 'value')::int, 0) = coalesce((s ->> 'value')::int, 0))))
			from jsonb_array_elements(r.criteria) c)
		or refuse(422, 'SCORES_DO_NOT_FIT', 'Give every criterion of the rubric one score, of one of its levels.');
end $$;

-- Whose eyes a person's are in a mentorship, or 404.
create function evaluates_as(m mentorship, person uuid, roles text[]) returns text language plpgsql stable as $$
declare
	of_role text := party_role(m.id, person);
begin
	if of_role is null and not coordinates(m.program_id, person, roles) then
		perform refuse(404, 'NOT_FOUND', 'There is no such mentorship.');
	end if;
	return case of_role when 'MENTOR' then 'MENTOR' when 'MENTEE' then 'SELF' else 'PANEL' end;
end $$;

-- The mentee who is meant: the one named, oneself, or the only one; 422 when nobody can be meant.
create function evaluated(m mentorship, wanted uuid, as_role text, person uuid) returns uuid language plpgsql stable as $$
declare
	subject uuid := coalesce(wanted, case when as_role = 'SELF' then person when cardinality(m.mentee_ids) = 1 then m.mentee_ids[1] end);
begin
	if subject is null or not subject = any(m.mentee_ids) then
		perform refuse(422, 'NOT_A_MENTEE', 'Say which mentee of the mentorship is evaluated.');
	elsif as_role = 'SELF' and subject <> person then
		perform refuse(403, 'OTHER_MENTEE', 'Mentees evaluate themselves.');
	end if;
	return subject;
end $$;

create function tell_evaluation() returns trigger language plpgsql as $$
begin
	perform tell_timeline(new.mentorship_id, 'EVALUATION', new.moment, new.id, new.evaluator_id);
	return null;
end $$;

create trigger tell after insert on evaluation for each row execute function tell_evaluation();
create trigger touch before update on evaluation for each row when (new.* is distinct from old.*) execute function touch();

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update on rubric, evaluation to %I', svc);
end $$;

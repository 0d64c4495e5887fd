-- Agreements of mentorships, version by version, with the plan that is part of them. Person ids: agreement.offered_by,
-- agreement_signature.user_id.

insert into transition (thing, from_state, to_state) values
	('agreement', 'DRAFT', 'SUPERSEDED'),
	('agreement', 'OFFERED', 'SIGNED'), ('agreement', 'OFFERED', 'IN_FORCE'), ('agreement', 'OFFERED', 'DECLINED'),
	('agreement', 'OFFERED', 'SUPERSEDED'), ('agreement', 'OFFERED', 'ENDED'),
	('agreement', 'SIGNED', 'IN_FORCE'), ('agreement', 'SIGNED', 'DECLINED'), ('agreement', 'SIGNED', 'SUPERSEDED'),
	('agreement', 'SIGNED', 'ENDED'),
	('agreement', 'IN_FORCE', 'SUPERSEDED'), ('agreement', 'IN_FORCE', 'ENDED');

create table agreement (
	id uuid primary key,
	mentorship_id uuid not null references mentorship on delete cascade,
	agreement_version int not null,
	-- The agreement that this changes; null for a first one.
	amends uuid references agreement,
	state text not null check (state in ('DRAFT', 'OFFERED', 'SIGNED', 'IN_FORCE', 'SUPERSEDED', 'DECLINED', 'ENDED')),
	objectives text[] not null,
	scope text not null,
	duration_days int not null,
	clauses jsonb not null,
	expected_results text not null,
	out_of_scope text not null,
	sessions_planned int,
	length_min int,
	every_days int,
	outline jsonb not null,
	plan_changed boolean not null default false,
	-- What is signed, word by word, and its SHA-256.
	text text not null,
	text_hash text not null,
	offered_by uuid not null,
	offered_at timestamptz,
	-- From when to when it holds: never before everybody has signed (P-R8).
	in_force_at timestamptz,
	ended_at timestamptz,
	-- AgreementSignature messages, kept by a trigger.
	signatures jsonb not null default '[]',
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	constraint agreement_version_taken unique (mentorship_id, agreement_version)
);
create unique index one_agreement_in_force on agreement (mentorship_id) where state = 'IN_FORCE';
create unique index agreement_waits on agreement (mentorship_id) where state in ('DRAFT', 'OFFERED', 'SIGNED');

create table agreement_signature (
	agreement_id uuid not null references agreement on delete cascade,
	user_id uuid not null,
	text_hash text not null,
	signed_at timestamptz not null default now(),
	primary key (agreement_id, user_id)
);

create function show_signatures() returns trigger language plpgsql as $$
begin
	update agreement set signatures = (
		select jsonb_agg(jsonb_build_object('user_id', s.user_id, 'text_hash', s.text_hash, 'signed_at', rfc3339(s.signed_at)) order by s.signed_at)
		from agreement_signature s where s.agreement_id = new.agreement_id)
	where id = new.agreement_id;
	return null;
end $$;

-- A step in the timeline; the word for a change of the agreement is AMENDED.
create function follow_agreement() returns trigger language plpgsql as $$
begin
	if new.state = 'IN_FORCE' then
		new.in_force_at := now();
	elsif old.state = 'IN_FORCE' then
		new.ended_at := now();
	end if;
	perform tell_timeline(new.mentorship_id, 'AGREEMENT', case when new.state = 'IN_FORCE' and new.amends is not null then 'AMENDED' else new.state end, new.id)
	where new.state <> 'SUPERSEDED';
	return new;
end $$;

-- With a mentorship ends what was agreed.
create function end_agreements() returns trigger language plpgsql as $$
begin
	update agreement set state = case state when 'DRAFT' then 'SUPERSEDED' else 'ENDED' end
	where mentorship_id = new.id and state in ('DRAFT', 'OFFERED', 'SIGNED', 'IN_FORCE');
	return null;
end $$;

create trigger signed after insert on agreement_signature for each row execute function show_signatures();
create trigger guard before update of state on agreement for each row when (new.state <> old.state) execute function guard_transition();
create trigger step before update of state on agreement for each row when (new.state <> old.state) execute function follow_agreement();
create trigger touch before update on agreement for each row when (new.* is distinct from old.*) execute function touch();
create trigger agreements after update of state on mentorship for each row
	when (new.state = 'CLOSED' and old.state <> 'CLOSED') execute function end_agreements();

-- A list of the document, a line each.
create function bullets(items text[]) returns text language plpgsql immutable as $$
begin
	return (
		select coalesce(string_agg('- ' || i, e'\n' order by n), '') from unnest(items) with ordinality u (i, n)
	);
end $$;

-- The document as it is signed: CommonMark, the same for the same content.
create function agreement_text(a agreement) returns text language plpgsql stable as $$
begin
	return concat_ws(e'\n\n',
		format(e'# Mentorship agreement, version %s', a.agreement_version),
		e'## Objectives\n\n' || bullets(a.objectives),
		e'## Scope\n\n' || nullif(a.scope, ''),
		format(e'## Duration\n\n%s days', a.duration_days),
		(select string_agg(format(e'## %s\n\n%s', initcap(c.value ->> 'kind'), c.value ->> 'text'), e'\n\n' order by c.n)
			from jsonb_array_elements(a.clauses) with ordinality c (value, n)),
		e'## What can be expected\n\n' || nullif(a.expected_results, ''),
		e'## What cannot\n\n' || nullif(a.out_of_scope, ''),
		format(e'## Plan\n\n%s sessions of %s minutes, every %s days', a.sessions_planned, a.length_min, a.every_days),
		nullif(bullets(array(select o.value ->> 'title' from jsonb_array_elements(a.outline) with ordinality o (value, n) order by o.n)), ''));
end $$;

-- True, or 422 (P-R7): both kinds of clause, and a duration that the program allows.
create function must_be_agreement(program_id uuid, a agreement) returns boolean language plpgsql stable as $$
declare
	p program;
	missing jsonb;
begin
	select * into p from program t where t.id = must_be_agreement.program_id;
	select jsonb_agg(k) into missing from unnest(array['CONFIDENTIALITY', 'COMMITMENT']) k
	where not exists (select from jsonb_array_elements(a.clauses) c where c ->> 'kind' = k and btrim(c ->> 'text') <> '');
	if missing is not null then
		perform refuse(422, 'CLAUSE_MISSING', 'An agreement needs a clause on confidentiality and one on commitment.',
			jsonb_build_object('missing', missing));
	end if;
	return a.duration_days between p.duration_min_days and p.duration_max_days
		or refuse(422, 'DURATION_OUTSIDE_PROGRAM', format('In this program a mentorship lasts %s to %s days.',
			p.duration_min_days, p.duration_max_days), jsonb_build_object('min', p.duration_min_days, 'max', p.duration_max_days));
end $$;

-- The agreement that is in force, else the one that waits, else the last; a draft only for who writes it.
create function current_agreement(in_mentorship uuid, person uuid) returns agreement language sql stable as $$
	select a.* from agreement a
	where a.mentorship_id = in_mentorship and (a.state <> 'DRAFT' or a.offered_by = person) and a.state <> 'SUPERSEDED'
	order by array_position(array['IN_FORCE', 'OFFERED', 'SIGNED', 'DRAFT'], a.state) nulls last, a.agreement_version desc
	limit 1
$$;

-- Everybody who is in the mentorship has signed: it holds from now on, and what it changes held until now.
create function put_in_force(a agreement) returns agreement language plpgsql as $$
declare
	former agreement;
begin
	if exists (select from mentorship_party p where p.mentorship_id = a.mentorship_id and p.left_at is null
			and not exists (select from agreement_signature s where s.agreement_id = a.id and s.user_id = p.user_id)) then
		update agreement set state = 'SIGNED' where id = a.id and state = 'OFFERED';
		select * into a from agreement t where t.id = a.id;
		return a;
	end if;
	update agreement set state = 'SUPERSEDED' where id = a.amends and state = 'IN_FORCE' returning * into former;
	update agreement t set state = 'IN_FORCE', plan_changed = sessions_planned is not null
		and (sessions_planned, length_min, every_days) is distinct from (former.sessions_planned, former.length_min, former.every_days)
	where t.id = a.id returning * into a;
	update mentorship m set agreed_at = coalesce(m.agreed_at, now()),
		planned_end_on = (coalesce(m.started_at, now()) at time zone zone_of(m.cohort_id))::date + a.duration_days
	where m.id = a.mentorship_id and (former.id is null or former.duration_days <> a.duration_days);
	perform begin_mentorship(a.mentorship_id);
	return a;
end $$;

create function sign_agreement(a agreement, person uuid) returns agreement language plpgsql as $$
begin
	insert into agreement_signature (agreement_id, user_id, text_hash) values (a.id, person, a.text_hash);
	return put_in_force(a);
end $$;

-- A version that is not kept yet, of what a request says.
create function agreement_of(id uuid, mentorship_id uuid, person uuid, objectives text[], scope text, duration_days int, clauses jsonb,
	expected_results text, out_of_scope text, sessions_planned int, length_min int, every_days int, outline jsonb) returns agreement
language plpgsql stable as $$
declare
	a agreement;
begin
	if num_nulls(sessions_planned, length_min, every_days) not in (0, 3) then
		perform refuse(422, 'PLAN_INCOMPLETE', 'Say how many sessions there are, how long and how often, or none of it.');
	elsif jsonb_array_length(coalesce(outline, '[]')) > coalesce(sessions_planned, 0) then
		perform refuse(422, 'OUTLINE_TOO_LONG', 'The outline has more sessions than are planned.');
	end if;
	a.id := id;
	a.mentorship_id := mentorship_id;
	a.offered_by := person;
	a.objectives := objectives;
	a.scope := coalesce(scope, '');
	a.duration_days := duration_days;
	a.clauses := clauses;
	a.expected_results := coalesce(expected_results, '');
	a.out_of_scope := coalesce(out_of_scope, '');
	a.sessions_planned := sessions_planned;
	a.length_min := length_min;
	a.every_days := every_days;
	a.outline := coalesce(outline, '[]');
	return a;
end $$;

-- A text for the parties to sign. A change is signed by who asks for it, a first text is only offered.
create function offer_agreement(a agreement, amend boolean, draft boolean) returns agreement language plpgsql as $$
declare
	m mentorship;
	base agreement;
	waiting uuid;
begin
	perform must_work_in(a.mentorship_id, a.offered_by);
	select * into m from mentorship where id = a.mentorship_id for update;
	perform must_be_agreement(m.program_id, a);
	select * into base from agreement where mentorship_id = m.id and state = 'IN_FORCE';
	if amend and base.id is null then
		perform refuse(409, 'NO_AGREEMENT', 'There is no agreement in force that could be changed.');
	elsif not amend and base.id is not null then
		perform refuse(409, 'AGREEMENT_IN_FORCE', 'What is in force is changed by an amendment.');
	end if;
	select id into waiting from agreement where mentorship_id = m.id and state in ('DRAFT', 'OFFERED', 'SIGNED');
	if amend and waiting is not null then
		perform refuse(409, 'AMENDMENT_OPEN', 'Another change waits for an answer.', jsonb_build_object('amendment_id', waiting));
	end if;
	update agreement set state = 'SUPERSEDED' where id = waiting;
	a.amends := base.id;
	a.agreement_version := 1 + coalesce((select max(agreement_version) from agreement where mentorship_id = m.id), 0);
	a.text := agreement_text(a);
	a.text_hash := encode(sha256(convert_to(a.text, 'UTF8')), 'hex');
	a.state := case when draft then 'DRAFT' else 'OFFERED' end;
	a.offered_at := case when not draft then now() end;
	a.signatures := '[]';
	a.plan_changed := false;
	a.created_at := now();
	a.updated_at := now();
	a.version := 1 + coalesce((select max(version) from agreement where mentorship_id = m.id), 0);
	insert into agreement select a.*;
	perform tell_timeline(m.id, 'AGREEMENT', 'OFFERED', a.id, a.offered_by) where not draft;
	return case when amend then sign_agreement(a, a.offered_by) else a end;
end $$;

-- Signs the text whose hash is given: 412 when another one stands there now.
create function sign_text(in_mentorship uuid, amendment uuid, hash text, person uuid) returns agreement language plpgsql as $$
declare
	a agreement;
begin
	perform must_work_in(in_mentorship, person);
	perform from mentorship where id = in_mentorship for update;
	select * into a from agreement t
	where t.mentorship_id = in_mentorship and case when amendment is null
		then t.amends is null and t.state in ('OFFERED', 'SIGNED', 'IN_FORCE') else t.id = amendment and t.amends is not null end;
	if a.id is null then
		perform refuse(404, 'NOT_FOUND', 'There is nothing to sign.');
	elsif a.text_hash <> hash then
		perform refuse(412, 'STALE_TEXT', 'The text is another one now. Read it again before you sign.');
	elsif exists (select from agreement_signature s where s.agreement_id = a.id and s.user_id = person) then
		return a;
	end if;
	perform only_from('agreement', a.state, '{OFFERED,SIGNED}');
	return sign_agreement(a, person);
end $$;

-- Says no to a text that waits.
create function decline_text(in_mentorship uuid, amendment uuid, person uuid) returns agreement language plpgsql as $$
declare
	a agreement;
begin
	perform must_work_in(in_mentorship, person);
	perform from mentorship where id = in_mentorship for update;
	select * into a from agreement t
	where t.mentorship_id = in_mentorship and t.state not in ('DRAFT', 'SUPERSEDED')
		and case when amendment is null then t.amends is null else t.id = amendment and t.amends is not null end
	order by t.agreement_version desc limit 1;
	if a.id is null then
		perform refuse(404, 'NOT_FOUND', 'There is nothing to decline.');
	elsif a.state = 'DECLINED' then
		return a;
	end if;
	update agreement set state = 'DECLINED' where id = a.id returning * into a;
	return a;
end $$;

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update on agreement, agreement_signature to %I', svc);
end $$;

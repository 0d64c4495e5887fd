-- Certificates and the keys that sign them. Person ids: certificate.holder_id.

insert into transition (thing, from_state, to_state) values ('certificate', 'ISSUED', 'REVOKED');

-- The secret is sealed (lib/seal.h). The youngest signs; all stay public.
create table certificate_key (
	id uuid primary key,
	public_key text not null,
	secret text not null,
	created_at timestamptz not null default now(),
	retired_at timestamptz
);

create table certificate (
	id uuid primary key,
	kind text not null check (kind in ('MENTEE_COMPLETION', 'MENTOR_SERVICE', 'TRAINING')),
	holder_id uuid not null,
	holder_name text not null,
	program_id uuid not null references program,
	program_title text not null,
	mentorship_id uuid references mentorship,
	facts jsonb not null,
	state text not null default 'ISSUED' check (state in ('ISSUED', 'REVOKED')),
	issued_at timestamptz not null,
	revoked_at timestamptz,
	reason text check (reason in ('MISTAKE', 'FRAUD', 'SUPERSEDED', 'HOLDER_REQUEST', 'OTHER')),
	replaces_id uuid references certificate,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1
);
create index certificate_holder on certificate (holder_id, id desc);
create index certificate_revoked on certificate (revoked_at) where state = 'REVOKED';
create unique index already_issued on certificate (holder_id, kind, coalesce(mentorship_id, program_id)) where state = 'ISSUED';

-- What was signed, byte for byte, the same as an Open Badge, and the language in which it is put on paper.
create table certificate_document (
	id uuid primary key references certificate on delete cascade,
	key_id uuid not null references certificate_key,
	payload text not null,
	signature text not null,
	badge text not null,
	locale text not null
);

create function follow_certificate() returns trigger language plpgsql as $$
begin
	new.revoked_at := now();
	return new;
end $$;

create trigger again before update of state on certificate for each row when (new.state = old.state) execute function stay_as_it_is();
create trigger guard before update of state on certificate for each row when (new.state <> old.state) execute function guard_transition();
create trigger step before update of state on certificate for each row when (new.state <> old.state) execute function follow_certificate();
create trigger touch before update on certificate for each row when (new.* is distinct from old.*) execute function touch();

-- What is counted of a mentorship for one of its people. Sessions are told by nobody yet, and count as none.
create function certificate_facts(m mentorship, person uuid) returns jsonb language plpgsql stable as $$
begin
	return jsonb_build_object(
		'goals_achieved', (select count(*) from goal g where g.mentorship_id = m.id and g.state = 'ACHIEVED'),
		'tasks_approved', (select count(*) from task t where t.mentorship_id = m.id and t.state = 'APPROVED' and t.assignee_id = person),
		'milestones_done', (select count(*) from milestone s where s.mentorship_id = m.id and s.state = 'DONE'),
		'days', greatest(coalesce(m.closed_at, now())::date - m.started_at::date, 0));
end $$;

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update on certificate, certificate_key to %I', svc);
	execute format('grant select, insert on certificate_document to %I', svc);
end $$;

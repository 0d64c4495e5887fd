-- Training. Person ids: training_item_done.user_id, training_attempt.user_id, training_completion.user_id.

create table training (
	program_id uuid primary key references program on delete cascade,
	updated_at timestamptz not null default now(),
	version bigint not null default 1
);

-- Items are jsonb as TrainingItemDesign: they are put, read and judged as a whole.
create table training_module (
	id uuid primary key,
	program_id uuid not null references program on delete cascade,
	key text not null,
	position int not null,
	title text not null,
	about text not null,
	audience text not null check (audience in ('MENTOR', 'MENTEE', 'BOTH')),
	required_before text check (required_before in ('MATCHING', 'FIRST_SESSION')),
	valid_days int,
	items jsonb not null,
	retired boolean not null default false,
	unique (program_id, key)
);

create table training_item_done (
	module_id uuid not null references training_module on delete cascade,
	user_id uuid not null,
	item_key text not null,
	done_at timestamptz not null default now(),
	primary key (module_id, user_id, item_key)
);

create table training_attempt (
	id uuid primary key,
	module_id uuid not null references training_module on delete cascade,
	item_key text not null,
	user_id uuid not null,
	answers jsonb not null,
	score int not null,
	passed boolean not null,
	created_at timestamptz not null default now()
);
create index training_attempt_person on training_attempt (module_id, user_id);

create table training_completion (
	id uuid primary key,
	program_id uuid not null references program on delete cascade,
	module_id uuid not null references training_module on delete cascade,
	user_id uuid not null,
	completed_at timestamptz not null default now(),
	expires_at timestamptz,
	expired_at timestamptz
);
create unique index training_completed on training_completion (module_id, user_id) where expired_at is null;
create index training_completion_latest on training_completion (program_id, completed_at desc, id desc);

-- Whether something that a role has to complete before matching is not complete.
create function misses_training(program uuid, person uuid, as_role text) returns boolean language plpgsql stable as $$
begin
	return exists (
		select from training_module t
		where t.program_id = program and not t.retired and t.required_before = 'MATCHING' and t.audience in (as_role, 'BOTH')
			and not exists (
				select from training_completion c where c.module_id = t.id and c.user_id = person and c.expired_at is null));
end $$;

-- What a role has to pass in a program, but for what was cleared.
create function gates_before(m membership) returns text[] language plpgsql stable as $$
begin
	return (
		select coalesce(array_agg(needed.gate), '{}')
		from program p, lateral (values
			('VETTING', m.role = 'MENTOR' and (p.external_mentors or p.vetting_profile_id is not null)),
			('TRAINING', misses_training(p.id, m.user_id, m.role))
		) needed (gate, stands)
		where p.id = m.program_id and needed.stands
			and not exists (select from cleared_gate c where c.membership_id = m.id and c.gate = needed.gate)
	);
end $$;

-- Whether a person goes through a module: for those who hold a place.
create function takes_training(t training_module, person uuid) returns boolean language plpgsql stable as $$
begin
	return not t.retired and exists (
		select from membership m
		where m.program_id = t.program_id and m.user_id = person and m.open and holds_place(m.state) and t.audience in (m.role, 'BOTH'));
end $$;

-- A module as TrainingModule, as far as a person is with it. Right answers are no members of that message.
create function module_of(t training_module, person uuid) returns jsonb language plpgsql stable as $$
begin
	return (
		select jsonb_build_object('id', t.id, 'key', t.key, 'title', t.title, 'about', t.about, 'audience', t.audience,
			'required_before', t.required_before, 'valid_days', t.valid_days,
			'completed_at', rfc3339(c.completed_at), 'expires_at', rfc3339(c.expires_at),
			'items', (
				select jsonb_agg(i.item || jsonb_build_object(
					'done_at', (select rfc3339(d.done_at) from training_item_done d
						where d.module_id = t.id and d.user_id = person and d.item_key = i.item ->> 'key'),
					'attempts', (select count(*) from training_attempt a
						where a.module_id = t.id and a.user_id = person and a.item_key = i.item ->> 'key')) order by i.n)
				from jsonb_array_elements(t.items) with ordinality i (item, n)))
		from (values (1)) one left join training_completion c on c.module_id = t.id and c.user_id = person and c.expired_at is null
	);
end $$;

create function schedule_expiry() returns trigger language plpgsql as $$
begin
	perform schedule('ExpireTraining', new.id, new.expires_at);
	return null;
end $$;
create trigger expiry after insert or update of expires_at on training_completion for each row execute function schedule_expiry();

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update on training, training_module, training_completion to %I', svc);
	execute format('grant select, insert, delete on training_item_done to %I', svc);
	execute format('grant select, insert on training_attempt to %I', svc);
end $$;

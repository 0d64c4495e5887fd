-- What every service's schema holds for the runtime. Applied first, with the search_path set to that schema.

-- UUIDv7 (RFC 9562): milliseconds, then random bits. Ids sort by the time they were made.
create function uuid_v7() returns uuid language sql volatile parallel safe as $$
	select encode(
		set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
			placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
			from 1 for 6), 52, 1), 53, 1), 'hex')::uuid
$$;

-- Refuses the call from within a statement: status (404, 409, …), code and a sentence; further members as a JSON object.
create function refuse(status int, code text, sentence text, members jsonb default null) returns boolean language plpgsql as $$
begin
	raise exception using errcode = 'IT' || status, constraint = lower(code), message = sentence, detail = coalesce(members::text, '');
end $$;

-- For `where … and at_version(version, :if_match)`: a stale If-Match is 412. Costly, so that it is asked last.
create function at_version(version bigint, wanted bigint) returns boolean language plpgsql cost 100000 as $$
begin
	if wanted is null or wanted = version then
		return true;
	end if;
	return refuse(412, 'STALE', 'Somebody has changed this in the meantime. Read it again and repeat your change.');
end $$;

-- Trigger `before update`: a new version and time for every change.
create function touch() returns trigger language plpgsql as $$
begin
	new.version := old.version + 1;
	new.updated_at := now();
	return new;
end $$;

-- The state machines as rows: what is not listed is refused.
create table transition (
	thing text not null,
	from_state text not null,
	to_state text not null,
	primary key (thing, from_state, to_state)
);

-- Trigger `before update of state`: guards the column "state" of a table by its rows of transition.
create function guard_transition() returns trigger language plpgsql as $$
begin
	if new.state = old.state or exists (
		select from transition where thing = tg_table_name and from_state = old.state and to_state = new.state
	) then
		return new;
	end if;
	perform refuse(409, 'ILLEGAL_TRANSITION',
		format('This is %s and cannot become %s.', lower(replace(old.state, '_', ' ')), lower(replace(new.state, '_', ' '))),
		jsonb_build_object('from', old.state, 'allowed', coalesce((
			select jsonb_agg(to_state order by to_state) from transition
			where thing = tg_table_name and from_state = old.state), '[]')));
	return null;
end $$;

-- For a step that is possible from these states only, where another step leads to the same state.
create function only_from(thing text, state text, allowed text[]) returns boolean language plpgsql stable as $$
begin
	if state = any(allowed) then
		return true;
	end if;
	return refuse(409, 'ILLEGAL_TRANSITION', format('This cannot be done while it is %s.', lower(replace(state, '_', ' '))),
		jsonb_build_object('from', state, 'allowed', coalesce((
			select jsonb_agg(to_state order by to_state) from transition t
			where t.thing = only_from.thing and from_state = state), '[]')));
end $$;

-- Events, kept for 30 days and until they are published. source_seq is given by the relay: contiguous for each kind of event.
create table outbox (
	id uuid not null,
	name text not null,
	source_seq bigint,
	aggregate_id text not null,
	actor_id uuid,
	correlation_id text not null,
	causation_id uuid,
	traceparent text not null default '',
	payload bytea not null,
	occurred_at timestamptz not null default now()
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
-- It fills and empties all the time. Vacuum comes after so many events; where that is little of a large table it leaves the indexes
-- alone, and the scans of number_events pass over what they have marked as dead.
create index outbox_unnumbered on outbox (id) where source_seq is null;
create index outbox_seq on outbox (name, source_seq) where source_seq is not null;

-- How far each kind of event is numbered, and published.
create table outbox_head (
	name text primary key,
	source_seq bigint not null default 0,
	published_seq bigint not null default 0
);

-- Numbers what has committed, at most so many and none below `since`, and answers those. Numbering is one at a time (the lock),
-- and rows that commit later get later numbers: so the numbers have no holes, whatever rolls back or commits late. The settings
-- leave only plans that read a range of outbox_unnumbered, whatever the planner believes of a table that fills and empties all
-- the time: by the index without its condition, row by row, it costs the square of what there is.
create function number_events(most int, since uuid) returns setof outbox language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
set enable_nestloop = off set enable_mergejoin = off as $$
begin
	perform pg_advisory_xact_lock(hashtext(current_schema() || '.number_events'));
	return query
	with batch as materialized (
		select b.id, b.name, row_number() over (partition by b.name order by b.id) as nth
		from (select o.id, o.name from outbox o where o.source_seq is null and o.id >= since order by o.id limit most) b
	), total as materialized (
		select b.name, max(b.nth) as events from batch b group by b.name
	), head as (
		insert into outbox_head as h (name, source_seq) select t.name, t.events from total t
		on conflict (name) do update set source_seq = h.source_seq + excluded.source_seq
		returning h.name, h.source_seq
	)
	update outbox o set source_seq = h.source_seq - t.events + b.nth
	from batch b join total t on t.name = b.name join head h on h.name = b.name
	where o.source_seq is null and o.id between since and (select b.id from batch b order by b.id desc limit 1) and o.id = b.id
	returning o.*;
end $$;

-- Who does what only one process of a service should do. Expires by itself when its holder is gone.
create table lease (
	name text primary key,
	holder text not null,
	until timestamptz not null
);

-- What each consumer has done. All numbers up to low are done; those above it one by one.
create table inbox_head (
	producer text not null,
	name text not null,
	low bigint not null default 0,
	primary key (producer, name)
);
create table inbox (
	producer text not null,
	name text not null,
	source_seq bigint not null,
	primary key (producer, name, source_seq)
);

-- Events whose effect failed: tried again when due, set aside as DEAD after the last try.
create table deferred_event (
	id uuid primary key,
	producer text not null,
	name text not null,
	source_seq bigint not null,
	envelope bytea not null,
	attempts int not null default 1,
	state text not null default 'RETRYING' check (state in ('RETRYING', 'DEAD', 'REPLAYED', 'DROPPED')),
	error text not null,
	due_at timestamptz not null,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now()
);
create index deferred_event_due on deferred_event (due_at) where state = 'RETRYING';
create index deferred_event_dead on deferred_event (created_at) where state = 'DEAD';

-- Records the event as done in the transaction of its effect; false when it was done before, and the effect must
-- not stand. `again`: the event had been set aside, so that its inbox row exists and deferred_event tells.
-- The row goes in before the head is looked at: if a row of that number was removed by then, the head that rose over it
-- is seen. So no event locks the head, which all of its kind share.
create function settle_event(producer text, name text, source_seq bigint, id uuid, again boolean) returns boolean
language plpgsql as $$
begin
	if again then
		update deferred_event d set state = 'REPLAYED', updated_at = now()
		where d.id = settle_event.id and d.state in ('RETRYING', 'DEAD');
		return found;
	end if;
	insert into inbox values (producer, name, source_seq) on conflict do nothing;
	if not found then
		return false;
	end if;
	delete from inbox i using inbox_head h
	where h.producer = settle_event.producer and h.name = settle_event.name and settle_event.source_seq <= h.low
		and i.producer = h.producer and i.name = h.name and i.source_seq = settle_event.source_seq;
	return not found;
end $$;

-- Sets an event aside whose effect failed, unless it was done after all.
create function set_aside(producer text, name text, source_seq bigint, id uuid, envelope bytea, error text) returns void
language plpgsql as $$
begin
	if settle_event(producer, name, source_seq, id, false) then
		insert into deferred_event (id, producer, name, source_seq, envelope, error, due_at)
		values (id, producer, name, source_seq, envelope, error, now() + interval '1 s');
	end if;
end $$;

-- An event failed again: when to try next, or DEAD after the fifth retry.
create function fail_again(failed uuid, reason text) returns text language sql as $$
	update deferred_event set attempts = attempts + 1, error = reason, updated_at = now(),
		state = case when attempts >= 5 then 'DEAD' else 'RETRYING' end,
		due_at = now() + (array['5 s', '30 s', '2 min', '10 min', '0 s'])[least(attempts, 5)]::interval
	where id = failed and state = 'RETRYING'
	returning state
$$;

-- What the event needs is away: no try, and asked for more rarely the longer that lasts (1 s … 30 s).
create function put_off_event(waiting uuid, reason text) returns void language sql as $$
	update deferred_event set error = reason, updated_at = now(),
		due_at = now() + least(interval '30 s', greatest(interval '1 s', (now() - created_at) / 4))
	where id = waiting and state = 'RETRYING'
$$;

-- Raises the head over the numbers that are done one by one; answers where it stands. After 100 000 the rest waits for
-- the next time.
create function raise_low(of_producer text, of_name text) returns bigint language plpgsql as $$
declare
	done bigint;
	reached bigint;
	rose bigint;
begin
	select low into done from inbox_head where producer = of_producer and name = of_name for update;
	for round in 1 .. 10 loop
		select max(source_seq) into reached from (
			select source_seq, row_number() over (order by source_seq) as nth from inbox
			where producer = of_producer and name = of_name and source_seq > done order by source_seq limit 10000
		) above where source_seq = done + nth;
		exit when reached is null;
		update inbox_head set low = reached where producer = of_producer and name = of_name;
		delete from inbox where producer = of_producer and name = of_name and source_seq <= reached;
		rose := reached - done;
		done := reached;
		exit when rose < 10000;
	end loop;
	return done;
end $$;

-- The producer keeps nothing below `oldest` any more: what is missing there will never come.
create function skip_events(of_producer text, of_name text, oldest bigint) returns void language plpgsql as $$
begin
	update inbox_head set low = oldest - 1 where producer = of_producer and name = of_name and low < oldest - 1;
	delete from inbox where producer = of_producer and name = of_name and source_seq < oldest;
end $$;

-- For operators: what is dead, and what to do with it. Replayed events run again within a second.
create function dead_letters(most int) returns setof deferred_event language sql stable as $$
	select * from deferred_event where state = 'DEAD' order by created_at limit most
$$;
create function replay_dead_letter(dead uuid) returns boolean language sql as $$
	update deferred_event set state = 'RETRYING', attempts = 5, due_at = now(), updated_at = now()
	where id = dead and state = 'DEAD' returning true
$$;
create function drop_dead_letter(dead uuid) returns boolean language sql as $$
	update deferred_event set state = 'DROPPED', updated_at = now() where id = dead and state = 'DEAD' returning true
$$;

-- One answer per person and key, committed with the change that it answers for. Kept for 24 hours, sealed (lib/seal.h).
create table idempotency (
	person_id uuid not null,
	key text not null,
	request_hash bytea not null,
	status int not null,
	answer text not null,
	created_at timestamptz not null default now(),
	constraint idempotency_key_used primary key (person_id, key)
);
create index idempotency_age on idempotency (created_at);

-- Who did what to which, why, and how it ended; one row for each mutating call.
create table audit (
	at timestamptz not null default now(),
	person_id uuid,
	session_id uuid,
	rpc text not null,
	target_id text not null default '',
	outcome text not null default 'DONE',
	reason text not null default '',
	request_id text not null
);
create index audit_person on audit (person_id, at);
create index audit_target on audit (target_id, at) where target_id <> '';
create index audit_age on audit (at);

-- Removes the audit rows older than so many days (30 at least), the events that are 30 days old, and those that were replayed or
-- dropped 30 days ago: ten thousand of each at most, and of one kind of event a thousand, from its first on without a gap.
-- Answers how many; from a thousand on there may be more. The services themselves may not delete these.
create function sweep_records(audit_days int) returns bigint language sql security definer as $$
	with done as (delete from deferred_event where id in (
		select id from deferred_event
		where state in ('REPLAYED', 'DROPPED') and updated_at < now() - interval '30 days' limit 10000) returning 1),
	old as (delete from audit where ctid = any (array(
		select ctid from audit where at < now() - make_interval(days => greatest(audit_days, 30)) limit 10000)) returning 1),
	gone as (delete from outbox where ctid = any (array(
		select o.ctid from outbox_head h cross join lateral (
			select occurred_at from outbox where name = h.name and source_seq <= h.published_seq order by source_seq limit 1
		) oldest cross join lateral (
			select ctid, bool_and(occurred_at < now() - interval '30 days') over (order by source_seq) as old
			from (
				select ctid, source_seq, occurred_at from outbox
				where name = h.name and source_seq <= h.published_seq order by source_seq limit 1000
			) first
		) o
		where oldest.occurred_at < now() - interval '30 days' and o.old limit 10000)) returning 1)
	select (select count(*) from done) + (select count(*) from old) + (select count(*) from gone)
$$;

-- What is due: the rpc of that name is run with the subject's id, in a transaction that also removes the row.
create table timer (
	rpc text not null,
	subject_id uuid not null,
	due_at timestamptz not null,
	attempts int not null default 0,
	error text not null default '',
	primary key (rpc, subject_id)
);
create index timer_due on timer (due_at);

-- Sets (or moves) the timer of a thing; null as a time removes it. For statements and triggers.
create function schedule(rpc text, subject_id uuid, due_at timestamptz) returns void language plpgsql as $$
begin
	if due_at is null then
		delete from timer t where t.rpc = schedule.rpc and t.subject_id = schedule.subject_id;
		return;
	end if;
	insert into timer (rpc, subject_id, due_at) values (schedule.rpc, schedule.subject_id, schedule.due_at)
	on conflict on constraint timer_pkey do update set due_at = excluded.due_at, attempts = 0, error = '';
end $$;

-- Files on their way in, in parts. Removed with the call that uses them, or after an hour.
create table upload_part (
	upload_id uuid not null,
	part int not null,
	bytes bytea not null,
	created_at timestamptz not null default now(),
	primary key (upload_id, part)
);

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant usage on schema %I to %I', current_schema(), svc);
	execute format('grant select on transition to %I', svc);
	execute format('grant select, insert, update on outbox, outbox_head, inbox_head, deferred_event to %I', svc);
	execute format('grant select, insert, delete on inbox, idempotency, upload_part to %I', svc);
	execute format('grant select, insert on audit to %I', svc);
	execute format('grant select, insert, update, delete on timer, lease to %I', svc);
end $$;

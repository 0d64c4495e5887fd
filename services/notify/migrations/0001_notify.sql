-- What people can be told. channels: by what it comes unless they choose otherwise.
create table kind (
	key text primary key,
	class text not null check (class in ('SECURITY', 'TRANSACTIONAL', 'ACTIVITY')),
	mandatory boolean not null default false,
	channels text[] not null check (channels <@ '{EMAIL,IN_APP}'),
	-- The one-time link that the mail carries: a purpose of identity's IssueMailToken.
	token_purpose text,
	-- Where the names in it come from: programs' DescribeMembership or NameProgram.
	source text check (source in ('MEMBERSHIP', 'PROGRAM')),
	-- The states of the membership in which it is true: it is not told any more in others. Empty: in all.
	states text[] not null default '{}',
	-- Where it leads: a path of the site with {variables}.
	path text not null,
	-- What its texts may name, beside name and site.
	variables text[] not null default '{}'
);

-- The words of a kind in a language: paragraphs parted by empty lines, {variables}, and forms by {n, plural, …} and {x, select, …}.
create table template (
	kind text not null references kind,
	locale text not null,
	title text not null,
	body text not null,
	-- What the link says.
	action text not null,
	primary key (kind, locale)
);

-- Refuses words that name what their kind does not have. The braces of a variant (MENTOR {…}) name nothing.
create function check_words(wanted_kind text, title text, body text, action text) returns boolean language plpgsql stable as $$
declare
	line text;
	number int;
	found_name text;
	known text[];
begin
	select variables || '{name,site}' into known from kind where key = wanted_kind;
	for line, number in select * from regexp_split_to_table(title || E'\n' || body || E'\n' || action, E'\n') with ordinality loop
		for found_name in
			select (regexp_matches(regexp_replace(line, '(^|[\s{}])(=\d+|one|other|none|[A-Z_]{2,}) \{', '\1\2 ', 'g'),
				'\{([a-z_]+)[,}]', 'g'))[1]
		loop
			if not found_name = any (known) then
				perform refuse(422, 'UNKNOWN_VARIABLE', format('There is no {%s} in %s (line %s, column %s).', found_name, wanted_kind,
					number, strpos(line, '{' || found_name)));
			end if;
		end loop;
	end loop;
	return true;
end $$;
create function check_template() returns trigger language plpgsql as $$
begin
	perform check_words(new.kind, new.title, new.body, new.action);
	return new;
end $$;
create trigger check_template before insert or update on template for each row execute function check_template();

-- What the site says instead of what Ithaca brings along.
create table template_version (
	id uuid primary key default uuid_v7(),
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	kind text not null references kind,
	locale text not null,
	number int not null,
	title text not null,
	body text not null,
	action text not null,
	state text not null default 'DRAFT' check (state in ('DRAFT', 'PUBLISHED', 'SUPERSEDED')),
	edited_by uuid not null,
	published_at timestamptz,
	constraint template_numbered unique (kind, locale, number),
	constraint markup_in_template check (title || ' ' || body || ' ' || action !~ '<[A-Za-z/!]'),
	constraint line_break_in_title check (title || action !~ E'[\\r\\n]')
);
comment on constraint markup_in_template on template_version is 'Words are plain: there are no tags in them.';
comment on constraint line_break_in_title on template_version is 'A title is one line.';
comment on column template_version.edited_by is 'person';
create unique index template_draft on template_version (kind, locale) where state = 'DRAFT';
create unique index template_published on template_version (kind, locale) where state = 'PUBLISHED';
create trigger touch before update on template_version for each row execute function touch();
create trigger check_template before insert or update of title, body, action on template_version
	for each row execute function check_template();
create trigger guard_transition before update of state on template_version for each row execute function guard_transition();
insert into transition (thing, from_state, to_state) values
	('template_version', 'DRAFT', 'PUBLISHED'), ('template_version', 'PUBLISHED', 'SUPERSEDED');

create function rfc3339(at timestamptz) returns text language sql stable as $$
	select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

create view wording_in_force as
select kind, locale, title, body, action, true as edited from template_version where state = 'PUBLISHED'
union all
select kind, locale, title, body, action, false from template t
where not exists (select from template_version v where v.kind = t.kind and v.locale = t.locale and v.state = 'PUBLISHED');

create view template_view as
select md5(k.key || ' ' || coalesce(f.locale, d.locale))::uuid as id, k.key as kind, coalesce(f.locale, d.locale) as locale, k.variables || '{name,site}' as variables, coalesce(f.title, '') as title,
	coalesce(f.body, '') as body, coalesce(f.action, '') as action, coalesce(f.edited, false) as edited, coalesce(d.version, 0) as version,
	case when d.id is not null then jsonb_build_object('id', d.id, 'created_at', rfc3339(d.created_at), 'updated_at', rfc3339(d.updated_at),
		'version', d.version, 'kind', d.kind, 'locale', d.locale, 'number', d.number, 'title', d.title, 'body', d.body, 'action', d.action,
		'state', d.state, 'edited_by', d.edited_by) end as draft
from wording_in_force f full join (select * from template_version where state = 'DRAFT') d on d.kind = f.kind and d.locale = f.locale
	join kind k on k.key = coalesce(f.kind, d.kind);

-- Who holds a role of the whole site (program_id null) or of a program: learnt from identity and programs.
-- What ended stays as a row, since the end may be heard of before the beginning.
create table holder (
	id uuid primary key,
	user_id uuid not null,
	role text not null,
	program_id uuid,
	ended boolean not null default false
);
create index holder_role on holder (role, program_id) where not ended;
comment on column holder.user_id is 'person';

-- What was chosen for a kind; no row = the kind's own channels.
create table preference (
	user_id uuid not null,
	kind text not null,
	channels text[] not null,
	primary key (user_id, kind)
);
comment on column preference.user_id is 'person';

create function check_preference() returns trigger language plpgsql as $$
declare
	mandatory boolean;
	usual text[];
begin
	select k.mandatory, k.channels into mandatory, usual from kind k where key = new.kind;
	if not found then
		perform refuse(404, 'UNKNOWN_KIND', format('There is no kind of news named %s.', new.kind));
	end if;
	if mandatory and not new.channels @> usual then
		perform refuse(422, 'MANDATORY', format('News of the kind %s cannot be turned off.', new.kind));
	end if;
	return new;
end $$;
create trigger check_preference before insert or update on preference for each row execute function check_preference();

-- When no mail should come, in local time. No row = 21:00 to 08:00; a row of nulls = never.
create table quiet_hours (
	user_id uuid primary key,
	quiet_from time,
	quiet_to time,
	constraint quiet_hours_empty check (quiet_from <> quiet_to),
	constraint quiet_hours_half check ((quiet_from is null) = (quiet_to is null))
);
comment on column quiet_hours.user_id is 'person';
comment on constraint quiet_hours_empty on quiet_hours is 'Quiet hours begin and end at different times.';

-- One message to one person by one channel because of one event. user_id null: somebody without an account (an invitation).
create table delivery (
	id uuid primary key default uuid_v7(),
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	event_id uuid not null,
	kind text not null references kind,
	user_id uuid,
	channel text not null check (channel in ('EMAIL', 'IN_APP')),
	-- What it is about: a membership, a program, a change, an invitation.
	subject_id uuid not null,
	variables jsonb not null default '[]',
	state text not null default 'PLANNED'
		check (state in ('PLANNED', 'DEFERRED', 'RETRYING', 'SENT', 'BOUNCED', 'FAILED', 'SKIPPED')),
	reason text check (reason in ('PREFERENCE', 'SUPPRESSED', 'STALE', 'DAILY_CAP', 'NO_ADDRESS', 'SERVER_AWAY', 'REFUSED_FOR_NOW',
		'REFUSED', 'NO_TEMPLATE', 'DIGEST')),
	attempts int not null default 0,
	answer text not null default '',
	due_at timestamptz default now(),
	sent_at timestamptz,
	constraint delivery_once unique nulls not distinct (event_id, kind, user_id, channel)
);
create index delivery_listed on delivery (created_at desc, id desc);
create index delivery_user on delivery (user_id, created_at desc);
create index delivery_state on delivery (state, created_at desc) where state <> 'SENT';
comment on column delivery.user_id is 'person';

insert into transition (thing, from_state, to_state) values
	('delivery', 'PLANNED', 'DEFERRED'), ('delivery', 'PLANNED', 'RETRYING'), ('delivery', 'PLANNED', 'SENT'),
	('delivery', 'PLANNED', 'BOUNCED'), ('delivery', 'PLANNED', 'FAILED'), ('delivery', 'PLANNED', 'SKIPPED'),
	('delivery', 'DEFERRED', 'RETRYING'), ('delivery', 'DEFERRED', 'SENT'), ('delivery', 'DEFERRED', 'BOUNCED'),
	('delivery', 'DEFERRED', 'FAILED'), ('delivery', 'DEFERRED', 'SKIPPED'), ('delivery', 'RETRYING', 'DEFERRED'),
	('delivery', 'RETRYING', 'SENT'), ('delivery', 'RETRYING', 'BOUNCED'), ('delivery', 'RETRYING', 'FAILED'),
	('delivery', 'RETRYING', 'SKIPPED'), ('delivery', 'BOUNCED', 'PLANNED'), ('delivery', 'FAILED', 'PLANNED'),
	('delivery', 'SKIPPED', 'PLANNED');

-- A delivery that waits has a timer, and no other has. What is due at once is taken in the order of its timers: security
-- goes ahead of what has waited for less than a day.
create function schedule_delivery() returns trigger language plpgsql as $$
declare
	ahead boolean := new.due_at <= now() and exists (select from kind where key = new.kind and class = 'SECURITY');
begin
	perform schedule('SendDelivery', new.id, case when new.state in ('PLANNED', 'DEFERRED', 'RETRYING')
		then new.due_at - case when ahead then interval '1 day' else interval '0' end end);
	return null;
end $$;
create trigger guard_transition before update of state on delivery for each row execute function guard_transition();
create trigger touch before update on delivery for each row execute function touch();
create trigger schedule_delivery after insert or update on delivery for each row execute function schedule_delivery();

-- Plans the messages of one kind to one person, once for each event, by the channels that the person chose.
create function plan(kind text, event_id uuid, user_id uuid, subject_id uuid, variables jsonb default '{}') returns void
language plpgsql as $$
begin
	if not exists (select from kind k where k.key = plan.kind) then
		raise exception 'there is no kind %', plan.kind;
	end if;
	insert into delivery (event_id, kind, user_id, subject_id, channel, variables)
	select plan.event_id, k.key, plan.user_id, plan.subject_id, c.channel, coalesce((
		select jsonb_agg(jsonb_build_object('name', v.key, 'value', v.value))
		from jsonb_each_text(plan.variables) v where v.value is not null), '[]')
	from kind k
	left join preference p on p.kind = k.key and p.user_id = plan.user_id
	cross join unnest(coalesce(p.channels, k.channels)) c (channel)
	where k.key = plan.kind and (c.channel = 'EMAIL' or plan.user_id is not null)
	on conflict on constraint delivery_once do nothing;
end $$;

-- The same for everybody who holds a role, but for the person who acted.
create function plan_for_holders(kind text, event_id uuid, role text, program_id uuid, actor_id uuid, subject_id uuid, variables jsonb default '{}')
returns void language plpgsql as $$
declare
	person uuid;
begin
	for person in
		select distinct h.user_id from holder h
		where h.role = plan_for_holders.role and h.program_id is not distinct from plan_for_holders.program_id
			and not h.ended and h.user_id is distinct from plan_for_holders.actor_id
	loop
		perform plan(plan_for_holders.kind, plan_for_holders.event_id, person, plan_for_holders.subject_id, plan_for_holders.variables);
	end loop;
end $$;

-- The seconds until somebody's night is over, and at least one; 0 by day. Nights are told by the clocks of the zone, whatever these do.
create function night_left(at timestamptz, zone text, quiet_from time, quiet_to time) returns int language plpgsql stable as $$
begin
	return coalesce((
		select greatest(1, ceil(extract(epoch from (here::date + quiet_to
			+ case when here::time >= quiet_to then interval '1 day' else interval '0' end) at time zone zone - at)))
		from (select at at time zone zone as here) reader
		where case when quiet_from < quiet_to then here::time >= quiet_from and here::time < quiet_to
			else here::time >= quiet_from or here::time < quiet_to end
	), 0)::int;
end $$;

-- Who wants what others do in one mail a day or a week. No row = each by itself.
create table digest_choice (
	user_id uuid primary key,
	cadence text not null check (cadence in ('OFF', 'DAILY', 'WEEKLY'))
);
comment on column digest_choice.user_id is 'person';

-- What waits for somebody's next digest; digest_id: the one that takes it along.
create table digest_line (
	delivery_id uuid primary key references delivery,
	user_id uuid not null,
	line text not null,
	digest_id uuid,
	created_at timestamptz not null default now()
);
create index digest_line_user on digest_line (user_id);
comment on column digest_line.user_id is 'person';

-- The next digest of somebody: when their quiet hours end tomorrow, or on Monday. What came to too many for a day waits a day.
create function plan_digest(person uuid, zone text) returns void language plpgsql as $$
declare
	today date := (now() at time zone zone)::date;
	weekly boolean := exists (select from digest_choice where user_id = person and cadence = 'WEEKLY');
	day date := today + case when weekly then 8 - extract(isodow from today)::int else 1 end;
	morning time := coalesce((select quiet_to from quiet_hours where user_id = person), '08:00');
begin
	insert into delivery (event_id, kind, user_id, subject_id, channel, due_at)
	values (md5(person || ' ' || day)::uuid, 'digest', person, person, 'EMAIL', (day + morning) at time zone zone)
	on conflict on constraint delivery_once do nothing;
end $$;

-- What a digest took along ends as it did.
create function settle_digest() returns trigger language plpgsql as $$
begin
	with told as (
		delete from digest_line where digest_id = new.id returning delivery_id
	)
	update delivery d set state = new.state, reason = new.reason, sent_at = new.sent_at from told where d.id = told.delivery_id;
	return null;
end $$;
create trigger settle_digest after update of state on delivery for each row
	when (new.kind = 'digest' and new.state in ('SENT', 'BOUNCED', 'FAILED', 'SKIPPED')) execute function settle_digest();

-- News inside the platform, in the words that the person was told.
create table inbox_item (
	id uuid primary key default uuid_v7(),
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	delivery_id uuid not null unique references delivery,
	user_id uuid not null,
	kind text not null references kind,
	title text not null,
	text text not null,
	link text not null,
	read_at timestamptz,
	archived_at timestamptz
);
create index inbox_item_listed on inbox_item (user_id, created_at desc, id desc);
create index inbox_item_unread on inbox_item (user_id) where read_at is null and archived_at is null;
comment on column inbox_item.user_id is 'person';
create trigger touch before update on inbox_item for each row when (old.* is distinct from new.*) execute function touch();

-- Addresses that are not written to. address: a keyed hash.
create table suppression (
	id uuid primary key default uuid_v7(),
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	user_id uuid,
	address text not null unique,
	answer text not null,
	-- Null: for good.
	until timestamptz
);
create index suppression_listed on suppression (created_at desc, id desc);
comment on column suppression.user_id is 'person';

create function suppression_timer() returns trigger language plpgsql as $$
begin
	perform schedule('EndSuppression', new.id, new.until);
	return null;
end $$;
create trigger suppression_timer after insert or update of until on suppression for each row execute function suppression_timer();

-- Mails that an address put off and has not taken since. address: a keyed hash.
create table soft_bounce (
	address text not null,
	delivery_id uuid not null references delivery,
	at timestamptz not null default now(),
	primary key (address, delivery_id)
);

-- The links at the end of mails. token: the hash of what the link holds.
create table unsubscribe_link (
	token text primary key,
	user_id uuid not null,
	kind text not null references kind
);
comment on column unsubscribe_link.user_id is 'person';

grant select on kind, template, wording_in_force, template_view to notify_svc;
grant select, insert, update on template_version to notify_svc;
grant select, insert, update, delete on suppression, soft_bounce, digest_line to notify_svc;
grant select, insert, update on holder, preference, quiet_hours, digest_choice, delivery, inbox_item, unsubscribe_link to notify_svc;

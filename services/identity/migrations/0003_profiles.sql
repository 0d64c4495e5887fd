-- The site, its taxonomies and people's profiles.
-- Person ids stand in: profile.id, mentor_facet.user_id, mentee_facet.user_id, profile_skill.user_id, profile_topic.user_id,
-- photo.user_id, term_move.user_id.

create table site (
	id uuid primary key default uuid_v7(),
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	name text not null default 'Ithaca' check (name <> ''),
	default_locale text not null default 'en',
	default_zone text not null default 'UTC',
	locales text[] not null default '{en}',
	registration_mode text not null default 'OPEN' check (registration_mode in ('OPEN', 'DOMAIN', 'INVITE')),
	allowed_email_domains text[] not null default '{}',
	terminology jsonb not null default '[]',
	accent_color text not null default '#1f6f78',
	logo_url text,
	features text[] not null default '{}',
	retention jsonb not null default '[]',
	only_one boolean not null default true unique check (only_one),
	constraint default_locale_not_offered check (default_locale = any (locales)),
	constraint not_a_color check (accent_color ~ '^#[0-9a-f]{6}$')
);
comment on constraint default_locale_not_offered on site is 'The default language must be one of those offered.';
comment on constraint not_a_color on site is 'A colour is written #rrggbb, in lower case.';
create trigger touch before update on site for each row execute function touch();
insert into site default values;

-- What a change of the password has to know.
create view account_secret as
select a.id, a.email, a.email_key, a.state, a.password_hash, s.name as site_name,
	exists (select from totp t where t.user_id = a.id and t.confirmed_at is not null) as second_factor
from account a, site s;

create table term (
	id uuid primary key default uuid_v7(),
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	kind text not null,
	key text not null,
	labels jsonb not null,
	parent_id uuid,
	aliases text[] not null default '{}',
	merged_into uuid,
	merged_at timestamptz,
	-- What the merge added to the aliases of the other.
	lent_aliases text[] not null default '{}',
	state text not null default 'ACTIVE' check (state in ('ACTIVE', 'MERGED', 'RETIRED')),
	-- The label by which lists are sorted: the English one, else the first.
	sort_label text generated always as (
		fold(coalesce(jsonb_path_query_first(labels, '$[*] ? (@.locale == "en").text') #>> '{}', labels #>> '{0,text}', key))) stored,
	constraint term_exists unique (kind, key),
	constraint term_of_kind unique (id, kind),
	constraint unknown_parent foreign key (parent_id, kind) references term (id, kind),
	constraint unknown_merge_target foreign key (merged_into, kind) references term (id, kind),
	constraint own_parent check (parent_id <> id),
	constraint merged_with_itself check (merged_into <> id),
	constraint label_needed check (jsonb_array_length(labels) > 0)
);
comment on constraint term_exists on term is 'There is a term with this key already.';
comment on constraint unknown_parent on term is 'There is no such term to be a part of.';
comment on constraint unknown_merge_target on term is 'There is no such term to merge into.';
comment on constraint own_parent on term is 'A term is no part of itself.';
comment on constraint merged_with_itself on term is 'A term cannot be merged with itself.';
comment on constraint label_needed on term is 'A term needs a label.';
create trigger touch before update on term for each row execute function touch();
create trigger guard_transition before update of state on term for each row execute function guard_transition();
create index term_sorted on term (kind, sort_label, id) where state = 'ACTIVE';
insert into transition (thing, from_state, to_state) values
	('term', 'ACTIVE', 'MERGED'),
	('term', 'MERGED', 'ACTIVE'),
	('term', 'ACTIVE', 'RETIRED'),
	('term', 'RETIRED', 'ACTIVE');

-- Every name by which a term is found, folded.
create table term_name (
	term_id uuid not null references term on delete cascade,
	kind text not null,
	name text not null,
	primary key (term_id, name)
);
create index term_name_prefix on term_name (kind, name text_pattern_ops);

create function name_term() returns trigger language plpgsql as $$
begin
	delete from term_name where term_id = new.id;
	insert into term_name (term_id, kind, name)
	select distinct new.id, new.kind, fold(n) from (
		select l ->> 'text' from jsonb_array_elements(new.labels) l
		union all select unnest(new.aliases)
		union all select replace(new.key, '-', ' ')
	) names (n)
	where new.state = 'ACTIVE';
	return null;
end $$;
create trigger name_term after insert or update of labels, aliases, key, state on term for each row execute function name_term();

-- The label of a term for a reader: exact locale, its language, English, the first.
create function label_of(labels jsonb, locale text) returns text language plpgsql immutable parallel safe as $$
begin
	return (
		select l ->> 'text' from jsonb_array_elements(labels) with ordinality as e (l, n)
		order by lower(l ->> 'locale') <> lower(locale), split_part(lower(l ->> 'locale'), '-', 1) <> split_part(lower(locale), '-', 1),
			l ->> 'locale' <> 'en', n
		limit 1
	);
end $$;

create table profile (
	id uuid primary key references account on delete cascade,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	pronouns text not null default '',
	headline text not null default '',
	bio text not null default '',
	links jsonb not null default '[]',
	country text,
	languages jsonb not null default '[]',
	visibility jsonb not null default '{"name": "PROGRAM", "pronouns": "PROGRAM", "bio": "PROGRAM", "photo": "PROGRAM",
		"links": "MATCHED", "country": "PROGRAM", "languages": "PROGRAM", "skills": "PROGRAM", "interests": "PROGRAM",
		"mentor": "PROGRAM", "mentee": "MATCHED"}'
);
create trigger touch before update on profile for each row execute function touch();

create table mentor_facet (
	user_id uuid primary key references profile on delete cascade,
	open_to_mentor boolean not null default false,
	paused_until date,
	capacity_total int not null default 0 check (capacity_total between 0 and 20),
	experience jsonb not null default '[]',
	qualifications text[] not null default '{}',
	style text not null default '',
	statement text not null default ''
);
create function mentor_pause_timer() returns trigger language plpgsql as $$
begin
	perform schedule('EndMentorPause', new.user_id, case when new.paused_until < '9999-12-31' then
		(new.paused_until + 1)::timestamp at time zone (select zone from account where id = new.user_id) end);
	return null;
end $$;
create trigger mentor_pause_timer after insert or update of paused_until on mentor_facet
	for each row execute function mentor_pause_timer();

-- A pause ends at midnight where the person is.
create function move_pause() returns trigger language plpgsql as $$
begin
	update mentor_facet set paused_until = paused_until where user_id = new.id and paused_until is not null;
	return null;
end $$;
create trigger move_pause after update of zone on account for each row when (old.zone is distinct from new.zone)
	execute function move_pause();

create table mentee_facet (
	user_id uuid primary key references profile on delete cascade,
	goals_text text not null default '',
	level text check (level in ('ASPIRING', 'STUDENT', 'EARLY', 'MID', 'SENIOR')),
	first_time boolean not null default false,
	challenges text not null default '',
	-- Sealed (place mentee_facet/<user id>/accessibility_needs): it may tell of somebody's health.
	accessibility_needs text not null default ''
);

create table profile_skill (
	user_id uuid not null references profile on delete cascade,
	skill_id uuid not null,
	kind text not null default 'skill' check (kind = 'skill'),
	level int not null check (level between 1 and 5),
	years int not null check (years between 0 and 70),
	place int not null,
	constraint skill_twice primary key (user_id, skill_id),
	constraint unknown_skill foreign key (skill_id, kind) references term (id, kind)
);
comment on constraint skill_twice on profile_skill is 'Each skill once.';
comment on constraint unknown_skill on profile_skill is 'There is no such skill.';
create index profile_skill_term on profile_skill (skill_id);

create table profile_topic (
	user_id uuid not null references profile on delete cascade,
	part text not null check (part in ('INTEREST', 'MENTOR', 'MENTEE')),
	term_id uuid not null,
	place int not null,
	constraint topic_twice primary key (user_id, part, term_id),
	constraint unknown_topic foreign key (term_id) references term (id)
);
comment on constraint topic_twice on profile_topic is 'Each topic once.';
comment on constraint unknown_topic on profile_topic is 'There is no such topic.';
create index profile_topic_term on profile_topic (term_id);

-- Writes somebody's topics and skills anew. True, so that a statement's where can call them.
create function set_topics(person uuid, wanted_part text, terms uuid[]) returns boolean language plpgsql as $$
begin
	delete from profile_topic where user_id = person and part = wanted_part;
	insert into profile_topic (user_id, part, term_id, place)
	select person, wanted_part, coalesce(t.merged_into, e.id), e.n
	from unnest(terms) with ordinality as e (id, n) left join term t on t.id = e.id;
	return true;
end $$;
create function set_skills(person uuid, skills jsonb) returns boolean language plpgsql as $$
begin
	delete from profile_skill where user_id = person;
	insert into profile_skill (user_id, skill_id, level, years, place)
	select person, coalesce(t.merged_into, (e.skill ->> 'skill_id')::uuid), (e.skill ->> 'level')::int,
		coalesce((e.skill ->> 'years')::int, 0), e.n
	from jsonb_array_elements(skills) with ordinality as e (skill, n) left join term t on t.id = (e.skill ->> 'skill_id')::uuid;
	return true;
end $$;

create table photo (
	user_id uuid primary key references profile on delete cascade,
	content_type text not null default 'image/jpeg',
	content bytea not null,
	updated_at timestamptz not null default now()
);

-- A profile whole, as its owner sees it.
create view profile_view as
select p.id, p.created_at, p.updated_at, p.version, a.state, a.display_name, p.pronouns, p.headline, p.bio,
	case when exists (select from photo f where f.user_id = p.id) then '/v1/profiles/' || p.id || '/photo' end as photo_path,
	p.links, p.country, p.languages,
	coalesce((select jsonb_agg(jsonb_build_object('skill_id', s.skill_id, 'level', s.level, 'years', s.years) order by s.place)
		from profile_skill s where s.user_id = p.id), '[]') as skills,
	array(select t.term_id from profile_topic t where t.user_id = p.id and t.part = 'INTEREST' order by t.place) as interests,
	case when m.user_id is not null then jsonb_build_object('open_to_mentor', m.open_to_mentor, 'paused_until', m.paused_until,
		'capacity_total', m.capacity_total, 'experience', m.experience, 'qualifications', m.qualifications,
		'topics', array(select t.term_id from profile_topic t where t.user_id = p.id and t.part = 'MENTOR' order by t.place),
		'style', m.style, 'statement', m.statement, 'mentorships', load.running, 'over_capacity', load.running > m.capacity_total) end as mentor,
	case when n.user_id is not null then jsonb_build_object('goals_text', n.goals_text,
		'topics_wanted', array(select t.term_id from profile_topic t where t.user_id = p.id and t.part = 'MENTEE' order by t.place),
		'level', n.level, 'first_time', n.first_time, 'challenges', n.challenges,
		'accessibility_needs', n.accessibility_needs) end as mentee,
	p.visibility
from profile p join account a on a.id = p.id left join mentor_facet m on m.user_id = p.id left join mentee_facet n on n.user_id = p.id
	cross join lateral load_of(m.user_id) load (running);

-- What a merge re-pointed, to undo it; part null: a skill.
create table term_move (
	term_id uuid not null references term,
	user_id uuid not null references profile on delete cascade,
	part text,
	level int,
	years int,
	place int not null,
	-- The person had both terms before.
	had_both boolean not null
);
create index term_move_term on term_move (term_id);

-- Makes `gone` a part of `stays`: what pointed to it points to the other, its names become aliases.
create function merge_terms(gone term, stays term) returns boolean language plpgsql as $$
declare
	names text[];
begin
	if stays.state <> 'ACTIVE' then
		perform refuse(409, 'MERGE_TARGET_NOT_ACTIVE', 'The term to merge into is not in use.');
	end if;
	insert into term_move (term_id, user_id, part, level, years, place, had_both)
	select gone.id, s.user_id, null, s.level, s.years, s.place,
		exists (select from profile_skill o where o.user_id = s.user_id and o.skill_id = stays.id)
	from profile_skill s where s.skill_id = gone.id
	union all
	select gone.id, s.user_id, s.part, null, null, s.place,
		exists (select from profile_topic o where o.user_id = s.user_id and o.part = s.part and o.term_id = stays.id)
	from profile_topic s where s.term_id = gone.id;

	delete from profile_skill s where s.skill_id = gone.id
		and exists (select from profile_skill o where o.user_id = s.user_id and o.skill_id = stays.id);
	update profile_skill set skill_id = stays.id where skill_id = gone.id;
	delete from profile_topic s where s.term_id = gone.id
		and exists (select from profile_topic o where o.user_id = s.user_id and o.part = s.part and o.term_id = stays.id);
	update profile_topic set term_id = stays.id where term_id = gone.id;

	select array_agg(distinct n) into names from (
		select l ->> 'text' from jsonb_array_elements(gone.labels) l union all select unnest(gone.aliases)) all_names (n)
	where n <> all (stays.aliases) and not exists (select from jsonb_array_elements(stays.labels) l where l ->> 'text' = n);
	update term set aliases = aliases || coalesce(names, '{}') where id = stays.id;
	update term set parent_id = null where parent_id = gone.id and id = stays.id;
	update term set parent_id = stays.id where parent_id = gone.id;
	update term set state = 'MERGED', merged_into = stays.id, merged_at = now(), lent_aliases = coalesce(names, '{}') where id = gone.id;
	return true;
end $$;

-- Undoes that, for those who have not chosen anew since.
create function unmerge_term(back term) returns boolean language plpgsql as $$
begin
	if back.state <> 'MERGED' then
		perform refuse(409, 'NOT_MERGED', 'This term is not merged with another.');
	elsif back.merged_at < now() - interval '30 days' then
		perform refuse(410, 'MERGE_TOO_OLD', 'A merge can be undone for 30 days only.');
	end if;
	update term set aliases = (select coalesce(array_agg(a), '{}') from unnest(aliases) a where a <> all (back.lent_aliases))
	where id = back.merged_into;
	update term set state = 'ACTIVE', merged_into = null, merged_at = null, lent_aliases = '{}' where id = back.id;

	insert into profile_skill (user_id, skill_id, level, years, place)
	select m.user_id, back.id, m.level, m.years, m.place from term_move m
	where m.term_id = back.id and m.part is null
		and exists (select from profile_skill s where s.user_id = m.user_id and s.skill_id = back.merged_into)
	on conflict do nothing;
	insert into profile_topic (user_id, part, term_id, place)
	select m.user_id, m.part, back.id, m.place from term_move m
	where m.term_id = back.id and m.part is not null
		and exists (select from profile_topic t where t.user_id = m.user_id and t.part = m.part and t.term_id = back.merged_into)
	on conflict do nothing;
	delete from profile_skill s using term_move m
	where m.term_id = back.id and m.part is null and not m.had_both and s.user_id = m.user_id and s.skill_id = back.merged_into;
	delete from profile_topic t using term_move m
	where m.term_id = back.id and m.part = t.part and not m.had_both and t.user_id = m.user_id and t.term_id = back.merged_into;
	delete from term_move where term_id = back.id;
	return true;
end $$;

-- Adds and changes terms by their keys; parents may come in the same list.
create function take_terms(wanted_kind text, entries jsonb, out added int, out changed int, out kept int) language plpgsql as $$
begin
	with entry as (
		select distinct on (e.key) e.key, e.labels, e.aliases from jsonb_to_recordset(entries) as e (key text, labels jsonb, aliases text[])
	), written as (
		insert into term as t (kind, key, labels, aliases)
		select wanted_kind, key, labels, coalesce(aliases, '{}') from entry
		on conflict on constraint term_exists do update set labels = excluded.labels, aliases = excluded.aliases
		where (t.labels, t.aliases) is distinct from (excluded.labels, excluded.aliases)
		returning xmax = 0 as is_new
	)
	select count(*) filter (where is_new), count(*) filter (where not is_new) into added, changed from written;
	update term t set parent_id = p.id
	from jsonb_to_recordset(entries) as e (key text, parent_key text) left join term p on p.kind = wanted_kind and p.key = e.parent_key
	where t.kind = wanted_kind and t.key = e.key and t.parent_id is distinct from p.id and (p.id is not null or e.parent_key is null);
	kept := jsonb_array_length(entries) - added - changed;
end $$;

-- How close a viewer is: 4 oneself, 3 partners, 2 a program in common or an administrator, 1 signed in.
create function relation(viewer uuid, roles text[], owner uuid) returns int language plpgsql stable as $$
begin
	return case
		when viewer = owner then 4
		when mentors(viewer, owner) or mentors(owner, viewer) then 3
		when 'ADMIN' = any (roles) then 2
		when exists (
			select from program_member theirs
			where theirs.user_id = owner and theirs.active and (
				exists (select from program_member mine where mine.user_id = viewer and mine.active and mine.program_id = theirs.program_id)
				or coordinates(viewer, theirs.program_id)))
		then 2
		when exists (
			select from role_grant theirs
			where theirs.user_id = owner and theirs.state = 'IN_FORCE' and theirs.program_id is not null and (
				exists (select from program_member mine where mine.user_id = viewer and mine.active and mine.program_id = theirs.program_id)
				or coordinates(viewer, theirs.program_id)))
		then 2
		else 1 end;
end $$;
create function shown(audience text, relation int) returns boolean language sql immutable parallel safe as $$
	select relation >= case audience when 'SITE' then 1 when 'PROGRAM' then 2 when 'MATCHED' then 3 else 4 end
$$;

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, update on site to %I', svc);
	execute format('grant select on account_secret, profile_view to %I', svc);
	execute format('grant select, insert, update on term, profile, mentor_facet, mentee_facet, photo to %I', svc);
	execute format('grant select, insert, delete on term_name to %I', svc);
	execute format('grant select, insert, update, delete on profile_skill, profile_topic, photo, term_move to %I', svc);
end $$;

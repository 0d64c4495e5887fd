-- Resources, their versions and comments. Person ids: resource.author_id, resource_comment.author_id.

insert into transition (thing, from_state, to_state) values
	('resource', 'DRAFT', 'IN_REVIEW'), ('resource', 'IN_REVIEW', 'PUBLISHED'), ('resource', 'IN_REVIEW', 'REJECTED'),
	('resource', 'PUBLISHED', 'ARCHIVED');

-- Whether anything is left of a text without spaces and what nobody sees.
create function has_words(text text) returns boolean language sql immutable as $$
	select regexp_replace(text, '[\s\u00a0\u00ad\u115f\u1160\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ufeff]', '', 'g') <> ''
$$;

-- Whether a person is within a program, as a member who has a place (of that role) or running it.
create function takes_part(program uuid, person uuid, roles text[], as_role text default null) returns boolean
language plpgsql stable cost 20 as $$
begin
	return coordinates(program, person, roles) or exists (
		select from membership m
		where m.user_id = person and m.program_id = program and holds_place(m.state) and (as_role is null or m.role = as_role));
end $$;

-- True, or 404: what is inside a program is not known outside (P-R1).
create function must_take_part(program uuid, person uuid, roles text[]) returns boolean language plpgsql stable cost 20 as $$
begin
	return takes_part(program, person, roles) or refuse(404, 'NOT_FOUND', 'There is no such thing.');
end $$;

-- By what words of a language are made the same; those without a dictionary stay as they are.
create function dictionary_of(locale text) returns regconfig language sql immutable as $$
	select case split_part(lower(locale), '-', 1)
		when 'en' then 'english' when 'de' then 'german' when 'es' then 'spanish' when 'fr' then 'french'
		when 'it' then 'italian' when 'pt' then 'portuguese' when 'nl' then 'dutch' when 'sv' then 'swedish'
		when 'da' then 'danish' when 'fi' then 'finnish' when 'ru' then 'russian' when 'tr' then 'turkish'
		when 'el' then 'greek' when 'ar' then 'arabic' else 'simple' end::regconfig
$$;

-- What a search looks through: the words as they stand, and as their language makes them the same.
create function searched_words(locale text, title text, tags text[], body text) returns tsvector language plpgsql immutable as $$
declare
	labels text := array_to_string(tags, ' ');
begin
	return setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', labels), 'B')
		|| setweight(to_tsvector('simple', body), 'D') || setweight(to_tsvector(dictionary_of(locale), title), 'A')
		|| setweight(to_tsvector(dictionary_of(locale), labels), 'B') || setweight(to_tsvector(dictionary_of(locale), body), 'C');
end $$;

-- A search in the words as they stand and in those of a language; English when none is told.
create function asked_words(q text, locale text) returns tsquery language sql immutable as $$
	select websearch_to_tsquery('simple', q) || websearch_to_tsquery(dictionary_of(coalesce(nullif(locale, ''), 'en')), q)
$$;

-- How well words fit, as a number that a cursor can hold; of a query that was made once.
create function fitness(words tsvector, asked tsquery) returns int language sql immutable as $$
	select (ts_rank_cd(words, asked, 32) * 1000000)::int
$$;

create table resource (
	id uuid primary key,
	scope text not null check (scope in ('SITE', 'PROGRAM', 'MENTORSHIP')),
	program_id uuid references program on delete cascade,
	mentorship_id uuid references mentorship on delete cascade,
	kind text not null check (kind in ('ARTICLE', 'VIDEO', 'TEMPLATE', 'LINK', 'FILE', 'HELP')),
	audience text not null default 'ALL' check (audience in ('ALL', 'MENTOR', 'MENTEE', 'STAFF')),
	locale text not null default 'en',
	title text not null,
	body text not null default '',
	url text not null default '',
	tags text[] not null default '{}',
	file_id uuid,
	author_id uuid not null,
	state text not null default 'DRAFT' check (state in ('DRAFT', 'IN_REVIEW', 'PUBLISHED', 'REJECTED', 'ARCHIVED')),
	rejection text not null default '',
	comments int not null default 0,
	published_at timestamptz,
	deleted_at timestamptz,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	constraint scope_needs_its_id check ((scope = 'PROGRAM') = (program_id is not null) and (scope = 'MENTORSHIP') = (mentorship_id is not null)),
	constraint empty_title check (has_words(title)),
	constraint incomplete check (state = 'DRAFT' or case kind
		when 'VIDEO' then url <> '' when 'LINK' then url <> '' when 'FILE' then url <> '' or file_id is not null
		when 'TEMPLATE' then url <> '' or file_id is not null or has_words(body)
		else has_words(body) end)
);
comment on constraint scope_needs_its_id on resource is 'Say which program or mentorship it belongs to, and only for those scopes.';
comment on constraint empty_title on resource is 'The title is empty.';
comment on constraint incomplete on resource is 'It lacks what its kind needs: a text, an address or a file.';
create index resource_newest on resource (created_at desc, id desc) where deleted_at is null;
create index resource_program on resource (program_id);
create index resource_mentorship on resource (mentorship_id) where mentorship_id is not null;
create index resource_author on resource (author_id);

create table resource_version (
	resource_id uuid not null references resource on delete cascade,
	version bigint not null,
	audience text not null,
	locale text not null,
	title text not null,
	body text not null,
	url text not null,
	tags text[] not null,
	file_id uuid,
	replaced_at timestamptz not null default now(),
	primary key (resource_id, version)
);

-- What stands in the object store under its id. The present file of a resource and those of its versions.
create table resource_file (
	id uuid primary key,
	resource_id uuid not null references resource on delete cascade,
	name text not null,
	content_type text not null,
	size bigint not null,
	hash bytea not null,
	hashes bytea not null, -- of each 256 KiB
	created_at timestamptz not null default now(),
	constraint empty_file check (size > 0),
	constraint empty_file_name check (has_words(name))
);
comment on constraint empty_file on resource_file is 'The file is empty.';
comment on constraint empty_file_name on resource_file is 'The name of the file is empty.';
create index resource_file_resource on resource_file (resource_id);
alter table resource add foreign key (file_id) references resource_file on delete set null;

create function file_of(file uuid) returns jsonb language plpgsql stable cost 20 as $$
begin
	return (
		select jsonb_build_object('id', f.id, 'name', f.name, 'content_type', f.content_type, 'size', f.size,
			'hash', encode(f.hash, 'hex'), 'created_at', f.created_at)
		from resource_file f where f.id = file
	);
end $$;

create trigger sweep after delete on resource_file for each row execute function sweep_file();

create table resource_comment (
	id uuid primary key,
	resource_id uuid not null references resource on delete cascade,
	author_id uuid not null,
	body text not null,
	created_at timestamptz not null default now(),
	constraint empty_comment check (has_words(body))
);
comment on constraint empty_comment on resource_comment is 'The comment is empty.';
create index resource_comment_resource on resource_comment (resource_id, created_at, id);
create index resource_comment_author on resource_comment (author_id);

-- Whether a person is where the resource is, in a part that it is for.
create function is_for(r resource, person uuid, roles text[]) returns boolean language plpgsql stable cost 30 as $$
begin
	if r.scope = 'MENTORSHIP' then
		return is_party(r.mentorship_id, person);
	elsif r.scope = 'PROGRAM' then
		return case r.audience when 'STAFF' then coordinates(r.program_id, person, roles)
			when 'ALL' then takes_part(r.program_id, person, roles) else takes_part(r.program_id, person, roles, r.audience) end;
	end if;
	return 'ADMIN' = any(roles) or case r.audience when 'ALL' then person is not null
		when 'STAFF' then exists (select from program_role o where o.user_id = person and o.role = 'COORDINATOR' and not o.revoked)
		else exists (select from membership m where m.user_id = person and m.role = r.audience and holds_place(m.state)) end;
end $$;

-- Who decides what is published: of a site its admins, of a program its coordinators, of a mentorship its parties.
create function moderates(r resource, person uuid, roles text[]) returns boolean language plpgsql stable cost 20 as $$
begin
	return case r.scope when 'MENTORSHIP' then is_party(r.mentorship_id, person)
		when 'PROGRAM' then coordinates(r.program_id, person, roles) else 'ADMIN' = any(roles) end;
end $$;

-- Its author sees it as long as he is where it is.
create function sees_resource(r resource, person uuid, roles text[]) returns boolean language plpgsql stable cost 40 as $$
begin
	return r.deleted_at is null and (
		r.state = 'PUBLISHED' and is_for(r, person, roles)
		or r.author_id = person and (r.scope <> 'PROGRAM' or takes_part(r.program_id, person, roles))
			and (r.scope <> 'MENTORSHIP' or is_party(r.mentorship_id, person))
		or moderates(r, person, roles));
end $$;

-- True, or 404: for the lists that belong to a resource, as they may be empty.
create function must_see_resource(resource uuid, person uuid, roles text[]) returns boolean language plpgsql stable cost 50 as $$
begin
	return exists (select from resource r where r.id = must_see_resource.resource and sees_resource(r, person, roles))
		or refuse(404, 'NOT_FOUND', 'There is no such resource.');
end $$;

-- True, or 403 for who sees it, 404 for who does not; also for 30 days after it was deleted.
create function must_see_versions(resource uuid, person uuid, roles text[]) returns boolean language plpgsql stable cost 50 as $$
begin
	return exists (
			select from resource r
			where r.id = must_see_versions.resource and (moderates(r, person, roles)
				or r.author_id = person and (r.deleted_at is not null or sees_resource(r, person, roles))))
		or must_see_resource(resource, person, roles) and refuse(403, 'NOT_MODERATOR', 'Its author and those who run this place see that.');
end $$;

-- True, or 403 for who sees it, 404 for who does not.
create function must_moderate(r resource, person uuid, roles text[]) returns boolean language plpgsql stable cost 50 as $$
begin
	if not sees_resource(r, person, roles) then
		return refuse(404, 'NOT_FOUND', 'There is no such resource.');
	end if;
	return moderates(r, person, roles) or refuse(403, 'NOT_MODERATOR', 'Those who run this place decide about it.');
end $$;

-- True, or 403 or 404: authors change their drafts, moderators also what was handed in.
create function must_edit(r resource, person uuid, roles text[]) returns boolean language plpgsql stable cost 50 as $$
begin
	if r.author_id <> person then
		perform must_moderate(r, person, roles);
	elsif not sees_resource(r, person, roles) then
		return refuse(404, 'NOT_FOUND', 'There is no such resource.');
	end if;
	return r.state = 'DRAFT' or r.state in ('IN_REVIEW', 'PUBLISHED') and moderates(r, person, roles)
		or refuse(409, 'NOT_EDITABLE', format('It cannot be changed while it is %s.', lower(replace(r.state, '_', ' '))));
end $$;

create function must_begin_resource(scope text, program uuid, mentorship uuid, person uuid, roles text[]) returns boolean
language plpgsql stable cost 50 as $$
begin
	return case scope when 'MENTORSHIP' then mentorship is null or is_party(mentorship, person)
			when 'PROGRAM' then program is null or takes_part(program, person, roles) else true end
		or refuse(404, 'NOT_FOUND', 'There is no such place.');
end $$;

create function keep_resource_version() returns trigger language plpgsql as $$
begin
	insert into resource_version (resource_id, version, audience, locale, title, body, url, tags, file_id)
	values (old.id, old.version, old.audience, old.locale, old.title, old.body, old.url, old.tags, old.file_id);
	return null;
end $$;

create function count_resource_comments() returns trigger language plpgsql as $$
begin
	update resource set comments = comments + case tg_op when 'INSERT' then 1 else -1 end
	where id = coalesce(new.resource_id, old.resource_id);
	return null;
end $$;

create trigger again before update of state on resource for each row when (new.state = old.state) execute function stay_as_it_is();
create trigger guard before update of state on resource for each row when (new.state <> old.state) execute function guard_transition();
create trigger touch before update on resource for each row
	when ((new.audience, new.locale, new.title, new.body, new.url, new.tags, new.file_id, new.state, new.deleted_at)
		is distinct from (old.audience, old.locale, old.title, old.body, old.url, old.tags, old.file_id, old.state, old.deleted_at))
	execute function touch();
create trigger keep after update on resource for each row
	when ((new.audience, new.locale, new.title, new.body, new.url, new.tags, new.file_id)
		is distinct from (old.audience, old.locale, old.title, old.body, old.url, old.tags, old.file_id))
	execute function keep_resource_version();
create trigger count after insert or delete on resource_comment for each row execute function count_resource_comments();

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update, delete on resource to %I', svc);
	execute format('grant select, insert, delete on resource_version, resource_comment, resource_file to %I', svc);
end $$;

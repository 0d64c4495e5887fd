-- Lists over many places (the site, programs, mentorships) read each place by its index; searches know the words of what is there.
-- No person ids.

-- Where something is: in a mentorship, a program, or (all zeros) the site.
create function place_of(program uuid, mentorship uuid default null) returns uuid language sql immutable parallel safe as $$
	select coalesce(mentorship, program, '00000000-0000-0000-0000-000000000000')
$$;

-- The places that a person is within (takes_part, is_party), and what they are there: whether they run it, coordinate something
-- there, are a mentor or a mentee. Narrowed to a scope, a program or a mentorship. Admins run everything but mentorships: for them
-- it has the site, and a program that is named.
create function places_of(person uuid, roles text[], only_scope text, only_program uuid, only_mentorship uuid)
returns table (place uuid, runs boolean, staff boolean, mentor boolean, mentee boolean) language plpgsql stable rows 4 as $$
begin
	if coalesce(only_scope, 'SITE') = 'SITE' and only_program is null and only_mentorship is null then
		return query select place_of(null), 'ADMIN' = any(roles),
			exists (select from program_role r where r.user_id = person and r.role = 'COORDINATOR' and not r.revoked),
			exists (select from membership m where m.user_id = person and m.role = 'MENTOR' and holds_place(m.state)),
			exists (select from membership m where m.user_id = person and m.role = 'MENTEE' and holds_place(m.state));
	end if;
	if coalesce(only_scope, 'PROGRAM') = 'PROGRAM' and only_mentorship is null then
		return query select part.id, bool_or(part.runs), bool_or(part.runs), bool_or(part.role = 'MENTOR'), bool_or(part.role = 'MENTEE')
			from (
				select m.program_id as id, false as runs, m.role from membership m where m.user_id = person and holds_place(m.state)
				union all
				select r.program_id, true, '' from program_role r where r.user_id = person and r.role = 'COORDINATOR' and not r.revoked
				union all
				select only_program, true, '' where 'ADMIN' = any(roles) and only_program is not null
			) part
			where only_program is null or part.id = only_program
			group by part.id;
	end if;
	if coalesce(only_scope, 'MENTORSHIP') = 'MENTORSHIP' and only_program is null then
		return query select p.mentorship_id, true, true, p.role = 'MENTOR', p.role = 'MENTEE'
			from mentorship_party p join mentorship m on m.id = p.mentorship_id
			where p.user_id = person and p.left_at is null and p.suspended_at is null and m.state <> 'PROPOSED'
				and (only_mentorship is null or p.mentorship_id = only_mentorship);
	end if;
end $$;

create index thread_place on thread (place_of(program_id), pinned desc, created_at desc, id desc);
create index thread_place_votes on thread (place_of(program_id), pinned desc, votes desc, id desc);
create index resource_place on resource (place_of(program_id, mentorship_id), created_at desc, id desc) where deleted_at is null;

-- What a list shows of a place to who is there. Of a case a plan believes half: so a page is read in its order, not all of a place.
create function shows(t thread, runs boolean, tag text, unanswered boolean, flagged boolean) returns boolean language sql immutable as $$
	select case when (runs or t.state not in ('HIDDEN', 'REMOVED')) and (nullif(tag, '') is null or tag = any(t.tags))
		and (not unanswered or t.answers = 0) and (not flagged or runs and t.flags > 0) then true else false end
$$;

create function shows(r resource, person uuid, runs boolean, staff boolean, mentor boolean, mentee boolean) returns boolean
language sql immutable as $$
	select case when r.deleted_at is not null then false when runs or r.author_id = person then true when r.state <> 'PUBLISHED' then false
		when r.audience = 'ALL' then true when r.audience = 'STAFF' then staff when r.audience = 'MENTOR' then mentor else mentee end
$$;

create function is_like(r resource, kind text, audience text, state text, tag text, locale text) returns boolean
language sql immutable as $$
	select case when (kind is null or r.kind = kind) and (audience is null or r.audience = audience) and (state is null or r.state = state)
		and (nullif(tag, '') is null or tag = any(r.tags)) and (nullif(locale, '') is null or r.locale = locale) then true else false end
$$;

-- What searches look through, with the place as a word: looked up together, so that other places' matches are not read.
create function place_word(place uuid) returns tsvector language sql immutable parallel safe as $$
	select array_to_tsvector(array['place:' || place])
$$;

create function within_places(places uuid[]) returns tsquery language plpgsql immutable as $$
begin
	return (
		select coalesce(string_agg('''place:' || place || '''', '|'), '''nowhere''')::tsquery from unnest(places) place
	);
end $$;

create table thread_words (
	id uuid primary key references thread on delete cascade,
	words tsvector not null
);
create table resource_words (
	id uuid primary key references resource on delete cascade,
	words tsvector not null
);

create function keep_thread_words() returns trigger language plpgsql as $$
begin
	insert into thread_words (id, words)
	values (new.id, searched_words('en', new.title, new.tags, new.body) || place_word(place_of(new.program_id)))
	on conflict (id) do update set words = excluded.words;
	return null;
end $$;

create function keep_resource_words() returns trigger language plpgsql as $$
begin
	insert into resource_words (id, words)
	values (new.id, searched_words(new.locale, new.title, new.tags, new.body) || place_word(place_of(new.program_id, new.mentorship_id)))
	on conflict (id) do update set words = excluded.words;
	return null;
end $$;

create trigger words after insert or update of title, tags, body, program_id on thread for each row execute function keep_thread_words();
create trigger words after insert or update of locale, title, tags, body, program_id, mentorship_id on resource
	for each row execute function keep_resource_words();
insert into thread_words select id, searched_words('en', title, tags, body) || place_word(place_of(program_id)) from thread;
insert into resource_words
select id, searched_words(locale, title, tags, body) || place_word(place_of(program_id, mentorship_id)) from resource;
create index thread_words_found on thread_words using gin (words);
create index resource_words_found on resource_words using gin (words);

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update on thread_words, resource_words to %I', svc);
end $$;

-- Discussions. Person ids: thread.author_id, thread_answer.author_id, post_vote.user_id, thread_follow.user_id, post_flag.user_id.
-- An anonymous post has no author and no time but the day, and its id is random. What proves it to be somebody's is with
-- that person alone; here is a hash of it. Who it was is in pseudonym.sealed_author, to be opened with a key that is not here.

insert into transition (thing, from_state, to_state) values
	('thread', 'OPEN', 'ANSWERED'), ('thread', 'ANSWERED', 'OPEN'), ('thread', 'OPEN', 'LOCKED'), ('thread', 'ANSWERED', 'LOCKED'),
	('thread', 'OPEN', 'HIDDEN'), ('thread', 'ANSWERED', 'HIDDEN'), ('thread', 'LOCKED', 'HIDDEN'),
	('thread', 'HIDDEN', 'OPEN'), ('thread', 'HIDDEN', 'ANSWERED'), ('thread', 'HIDDEN', 'LOCKED'), ('thread', 'HIDDEN', 'REMOVED'),
	('thread_answer', 'SHOWN', 'HIDDEN'), ('thread_answer', 'HIDDEN', 'SHOWN'), ('thread_answer', 'HIDDEN', 'REMOVED');

create table thread (
	id uuid constraint already_posted primary key,
	scope text not null check (scope in ('SITE', 'PROGRAM')),
	program_id uuid references program on delete cascade,
	title text not null,
	body text not null,
	tags text[] not null default '{}',
	anonymous boolean not null default false,
	author_id uuid,
	handle text not null default '',
	state text not null default 'OPEN' check (state in ('OPEN', 'ANSWERED', 'LOCKED', 'HIDDEN', 'REMOVED')),
	-- Where it goes back to from HIDDEN.
	hidden_from text,
	pinned boolean not null default false,
	answers int not null default 0,
	accepted_answer_id uuid,
	votes int not null default 0,
	flags int not null default 0,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	constraint thread_scope_needs_its_id check ((scope = 'PROGRAM') = (program_id is not null)),
	constraint anonymous_has_no_author check (anonymous = (author_id is null) and anonymous = (handle <> '')),
	constraint empty_title check (has_words(title)),
	constraint empty_body check (has_words(body))
);
comment on constraint already_posted on thread is 'This was posted already.';
comment on constraint thread_scope_needs_its_id on thread is 'Say which program it belongs to, and only for that scope.';
comment on constraint empty_title on thread is 'The title is empty.';
comment on constraint empty_body on thread is 'The text is empty.';
create index thread_newest on thread (pinned desc, created_at desc, id desc);
create index thread_votes on thread (pinned desc, votes desc, id desc);
create index thread_program on thread (program_id);
create index thread_author on thread (author_id);

create table thread_answer (
	id uuid constraint answer_already_posted primary key,
	thread_id uuid not null references thread on delete cascade,
	body text not null,
	anonymous boolean not null default false,
	author_id uuid,
	handle text not null default '',
	state text not null default 'SHOWN' check (state in ('SHOWN', 'HIDDEN', 'REMOVED')),
	accepted boolean not null default false,
	votes int not null default 0,
	flags int not null default 0,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	constraint anonymous_has_no_author check (anonymous = (author_id is null) and anonymous = (handle <> '')),
	constraint empty_body check (has_words(body))
);
comment on constraint answer_already_posted on thread_answer is 'This was posted already.';
comment on constraint empty_body on thread_answer is 'The text is empty.';
create index thread_answer_thread on thread_answer (thread_id, accepted desc, votes desc, id desc);
create index thread_answer_author on thread_answer (author_id);

-- Anonymous authors of a thread. The hash covers the thread, so that two threads share nothing.
create table pseudonym (
	thread_id uuid not null references thread on delete cascade,
	handle text not null,
	proof_hash text not null,
	sealed_author bytea not null,
	primary key (thread_id, proof_hash),
	unique (thread_id, handle)
);

-- Without times: who votes for and follows what they wrote themselves must not be told by when.
create table post_vote (
	post_id uuid not null,
	user_id uuid not null,
	thread_id uuid not null references thread on delete cascade,
	primary key (post_id, user_id)
);
create index post_vote_thread on post_vote (thread_id);
create index post_vote_person on post_vote (user_id);
create table thread_follow (
	thread_id uuid not null references thread on delete cascade,
	user_id uuid not null,
	primary key (thread_id, user_id)
);
create index thread_follow_person on thread_follow (user_id);
create table post_flag (
	post_id uuid not null,
	user_id uuid not null,
	thread_id uuid not null references thread on delete cascade,
	reason text not null,
	created_at timestamptz not null default now(),
	primary key (post_id, user_id)
);
create index post_flag_thread on post_flag (thread_id);
create index post_flag_person on post_flag (user_id);

-- The time to keep of a post.
create function post_time(anonymous boolean) returns timestamptz language sql stable as $$
	select case when anonymous then date_trunc('day', now()) else now() end
$$;

-- A random id (version 4), without a time in it; the one given, if any.
create function post_id(given text) returns uuid language sql volatile as $$
	select coalesce(nullif(given, '')::uuid, gen_random_uuid())
$$;

-- What an anonymous author of a thread is called; known by the hash, or new.
create function take_pseudonym(thread uuid, hash text, sealed bytea) returns text language plpgsql as $$
declare
	known text;
begin
	insert into pseudonym (thread_id, handle, proof_hash, sealed_author)
	values (thread, 'anon-' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 10), hash, sealed)
	on conflict (thread_id, proof_hash) do nothing;
	select p.handle into known from pseudonym p where p.thread_id = thread and p.proof_hash = hash;
	return known;
end $$;

-- True, or 422: anonymity is the program's to allow (P-R14).
create function must_allow_anonymity(program uuid, wanted boolean) returns boolean language plpgsql stable as $$
begin
	return not coalesce(wanted, false) or exists (select from program p where p.id = program and p.anonymity)
		or refuse(422, 'ANONYMITY_OFF', 'Nobody is anonymous here.');
end $$;

create function moderates(t thread, person uuid, roles text[]) returns boolean language plpgsql stable cost 20 as $$
begin
	return case t.scope when 'PROGRAM' then coordinates(t.program_id, person, roles) else 'ADMIN' = any(roles) end;
end $$;

create function sees_thread(t thread, person uuid, roles text[]) returns boolean language plpgsql stable cost 30 as $$
begin
	return case t.scope when 'PROGRAM' then takes_part(t.program_id, person, roles) else person is not null end
		and (t.state not in ('HIDDEN', 'REMOVED') or moderates(t, person, roles));
end $$;

create function must_see_thread(thread uuid, person uuid, roles text[]) returns boolean language plpgsql stable cost 30 as $$
begin
	return exists (select from thread t where t.id = must_see_thread.thread and sees_thread(t, person, roles))
		or refuse(404, 'NOT_FOUND', 'There is no such thread.');
end $$;

-- True, or 403 for who sees it, 404 for who does not.
create function must_moderate(t thread, person uuid, roles text[]) returns boolean language plpgsql stable cost 50 as $$
begin
	if not sees_thread(t, person, roles) then
		return refuse(404, 'NOT_FOUND', 'There is no such thread.');
	end if;
	return moderates(t, person, roles) or refuse(403, 'NOT_MODERATOR', 'Those who run this place decide about it.');
end $$;

-- True, or 423 in a thread that has ended.
create function must_be_unlocked(state text) returns boolean language plpgsql stable as $$
begin
	return state in ('OPEN', 'ANSWERED') or refuse(423, 'LOCKED', 'This thread has ended.');
end $$;

-- Whether a post is the caller's: by the person, or where it is anonymous by the proof.
create function is_own_post(thread uuid, author uuid, handle text, person uuid, hash text) returns boolean language plpgsql stable cost 60 as $$
begin
	return case when author is not null then author = person
		else exists (select from pseudonym p where p.thread_id = thread and p.proof_hash = hash and p.handle = is_own_post.handle) end
		or refuse(403, 'NOT_AUTHOR', 'Only its author may do that.');
end $$;

-- After a while that nobody can foresee, so that the news do not tell when it was posted.
create function announce(rpc text, subject uuid) returns void language sql as $$
	select schedule(rpc, subject, now() + interval '1 min' + random() * interval '9 min')
$$;

-- A new version for what is said or decided; anonymous words are of the day.
create function touch_post() returns trigger language plpgsql as $$
begin
	new.version := old.version + 1;
	new.updated_at := post_time(new.anonymous);
	return new;
end $$;

create function count_answers() returns trigger language plpgsql as $$
begin
	if tg_op = 'DELETE' and old.accepted then
		update thread set state = 'OPEN', accepted_answer_id = null where id = old.thread_id and state = 'ANSWERED';
	end if;
	update thread set answers = answers + case tg_op when 'INSERT' then 1 else -1 end where id = coalesce(new.thread_id, old.thread_id);
	return null;
end $$;

create function count_marks() returns trigger language plpgsql as $$
declare
	post uuid := coalesce(new.post_id, old.post_id);
	more int := case tg_op when 'INSERT' then 1 else -1 end;
	vote int := (tg_table_name = 'post_vote')::int;
begin
	update thread set votes = votes + more * vote, flags = flags + more * (1 - vote) where id = post;
	update thread_answer set votes = votes + more * vote, flags = flags + more * (1 - vote) where id = post;
	return null;
end $$;

create trigger again before update of state on thread for each row
	when (new.state = old.state and new.accepted_answer_id is not distinct from old.accepted_answer_id) execute function stay_as_it_is();
create trigger guard before update of state on thread for each row when (new.state <> old.state) execute function guard_transition();
create trigger touch before update on thread for each row
	when ((new.title, new.body, new.tags, new.state, new.pinned, new.scope, new.program_id, new.accepted_answer_id)
		is distinct from (old.title, old.body, old.tags, old.state, old.pinned, old.scope, old.program_id, old.accepted_answer_id))
	execute function touch_post();
create trigger again before update of state on thread_answer for each row when (new.state = old.state) execute function stay_as_it_is();
create trigger guard before update of state on thread_answer for each row when (new.state <> old.state) execute function guard_transition();
create trigger touch before update on thread_answer for each row
	when ((new.body, new.state) is distinct from (old.body, old.state)) execute function touch_post();
create trigger count after insert or delete on thread_answer for each row execute function count_answers();
create trigger count after insert or delete on post_vote for each row execute function count_marks();
create trigger count after insert or delete on post_flag for each row execute function count_marks();

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update, delete on thread, thread_answer to %I', svc);
	execute format('grant select, insert, delete on pseudonym, post_vote, thread_follow, post_flag to %I', svc);
end $$;

-- Discussions. What is anonymous has no author here; whose it is, its proof tells (is_own_post).

-- Each of the caller's places is read along its index as far as the page goes; for admins everything along one.
-- newest_threads(ListDiscussionsRequest) page ListDiscussionsResponse by pinned desc, created_at desc, id desc
select t.id, t.scope, t.program_id, t.title, t.tags, t.anonymous, t.author_id, t.handle, t.state, t.pinned, t.answers, t.accepted_answer_id,
	t.votes, case when t.runs then t.flags else 0 end as flags, t.created_at, t.updated_at, t.version
from (
	select t.*, p.runs
	from places_of(:caller.id, :caller.roles::text[], :scope::text, :program_id, null) p cross join lateral (
		select t.* from thread t
		where place_of(t.program_id) = p.place and shows(t, p.runs, :tag, :unanswered, :flagged)
			and (p.place <> place_of(null) or 'ADMIN' <> all(:caller.roles::text[])) and :page) t
	union all
	(select t.*, true as runs from thread t
	where 'ADMIN' = any(:caller.roles::text[]) and :program_id::uuid is null and case when :scope::text is null then true else t.scope = :scope end
		and shows(t, true, :tag, :unanswered, :flagged) and :page)
) t;

-- best_threads(ListDiscussionsRequest) page ListDiscussionsResponse by pinned desc, votes desc, id desc
select t.id, t.scope, t.program_id, t.title, t.tags, t.anonymous, t.author_id, t.handle, t.state, t.pinned, t.answers, t.accepted_answer_id,
	t.votes, case when t.runs then t.flags else 0 end as flags, t.created_at, t.updated_at, t.version
from (
	select t.*, p.runs
	from places_of(:caller.id, :caller.roles::text[], :scope::text, :program_id, null) p cross join lateral (
		select t.* from thread t
		where place_of(t.program_id) = p.place and shows(t, p.runs, :tag, :unanswered, :flagged)
			and (p.place <> place_of(null) or 'ADMIN' <> all(:caller.roles::text[])) and :page) t
	union all
	(select t.*, true as runs from thread t
	where 'ADMIN' = any(:caller.roles::text[]) and :program_id::uuid is null and case when :scope::text is null then true else t.scope = :scope end
		and shows(t, true, :tag, :unanswered, :flagged) and :page)
) t;

-- All that fit are compared when they are five hundred at most, else the two hundred that are newest; those at once when half of the
-- thirty that are newest in each place fit. (select 200): a plan that does not know how few are wanted reads a place along its index,
-- not all of it.
-- search_threads(ListDiscussionsRequest) page ListDiscussionsResponse by rank desc, id desc
with place as materialized (
	select p.place, p.runs from places_of(:caller.id, :caller.roles::text[], :scope::text, :program_id, null) p
), asked as materialized (
	select 'ADMIN' = any(:caller.roles::text[]) and :program_id::uuid is null as everywhere, asked_words(:q, 'en') as words,
		asked_words(:q, 'en') && within_places(array(select p.place from place p)) as here
	where numnode(asked_words(:q, 'en')) > 0
), common as materialized (
	select count(*) >= 30 and count(*) filter (where s.fits) * 2 >= count(*) as so
	from place p, asked a cross join lateral (
		select w.words @@ a.words as fits from thread t join thread_words w on w.id = t.id
		where place_of(t.program_id) = p.place and not a.everywhere order by t.pinned desc, t.created_at desc, t.id desc limit (select 30)) s
), fit as materialized (
	select t.id, a.everywhere or p.runs as runs
	from asked a cross join lateral (
		select w.id from thread_words w where w.words @@ case when a.everywhere then a.words else a.here end
	) w join thread t on t.id = w.id left join place p on p.place = place_of(t.program_id)
	where not (select c.so from common c) and shows(t, a.everywhere or p.runs, :tag, :unanswered, :flagged)
		and case when :scope::text is null then true else t.scope = :scope end
	limit 501
), newest as (
	select t.id, t.runs
	from (
		select t.*, p.runs
		from place p, asked a cross join lateral (
			select t.id, t.created_at from thread t join thread_words w on w.id = t.id
			where place_of(t.program_id) = p.place and not a.everywhere and shows(t, p.runs, :tag, :unanswered, :flagged)
				and case when w.words @@ a.words then true end
			order by t.pinned desc, t.created_at desc, t.id desc limit (select 200)) t
		union all
		select t.*, true
		from asked a cross join lateral (
			select t.id, t.created_at from thread t join thread_words w on w.id = t.id
			where a.everywhere and case when w.words @@ a.words then true end and shows(t, true, :tag, :unanswered, :flagged)
				and case when :scope::text is null then true else t.scope = :scope end
			order by t.pinned desc, t.created_at desc, t.id desc limit 200) t
	) t order by t.created_at desc, t.id desc limit 200
), compared as (
	select f.* from fit f where (select count(*) from fit) <= 500
	union all select n.* from newest n where (select c.so from common c) or (select count(*) from fit) > 500
)
select t.id, t.scope, t.program_id, t.title, t.tags, t.anonymous, t.author_id, t.handle, t.state, t.pinned, t.answers, t.accepted_answer_id,
	t.votes, case when c.runs then t.flags else 0 end as flags, t.created_at, t.updated_at, t.version,
	fitness(w.words, a.words) as rank
from asked a, compared c join thread t on t.id = c.id join thread_words w on w.id = c.id;

-- get_thread(Id) one Thread
select t.id, t.scope, t.program_id, t.title, t.body, t.tags, t.anonymous, t.author_id, t.handle, t.state, t.pinned, t.answers, t.accepted_answer_id,
	t.votes, case when moderates(t, :caller.id, :caller.roles::text[]) then t.flags else 0 end as flags, t.created_at, t.updated_at, t.version
from thread t where t.id = :id and sees_thread(t, :caller.id, :caller.roles::text[]);

-- Where a thread would be: whether the caller may write there, and without a name.
-- check_place(CreateThreadRequest) exec
select must_take_part(:program_id, :caller.id, :caller.roles::text[])
where :scope = 'PROGRAM' and :program_id::uuid is not null;

-- check_anonymity(CreateThreadRequest) exec
select must_allow_anonymity(:program_id, :anonymous);

-- add_thread(CreateThreadRequest) one Thread
insert into thread as t (id, scope, program_id, title, body, tags, author_id)
values (:new.id, :scope, :program_id, :title, coalesce(:body, ''), coalesce(:tags::text[], '{}'), :caller.id)
returning t.*;

-- add_anonymous_thread(CreateThreadRequest) one Thread
insert into thread as t (id, scope, program_id, title, body, tags, anonymous, handle, created_at, updated_at)
values (post_id(:id), :scope, :program_id, :title, coalesce(:body, ''), coalesce(:tags::text[], '{}'), true, 'new', post_time(true), post_time(true))
returning t.*;

-- name_author(CreateThreadRequest) one Thread
update thread t set handle = take_pseudonym(t.id, :proof_hash, :sealed_author) where t.id = (select post_id(:id))
returning t.*;

-- follow_thread(Id) exec
insert into thread_follow (thread_id, user_id) select :id, :caller.id where must_see_thread(:id, :caller.id, :caller.roles::text[])
on conflict do nothing;

-- unfollow_thread(Id) exec
delete from thread_follow where thread_id = :id and user_id = :caller.id;

-- set_thread(UpdateThreadRequest) one Thread
update thread t set
	title = case when :set.title then :title else title end,
	body = case when :set.body then :body else body end,
	tags = case when :set.tags then coalesce(:tags::text[], '{}') else tags end
where t.id = :id and sees_thread(t, :caller.id, :caller.roles::text[])
	and is_own_post(t.id, t.author_id, t.handle, :caller.id, :proof_hash) and must_be_unlocked(t.state)
	and at_version(t.version, :if_match)
returning t.id, t.scope, t.program_id, t.title, t.body, t.tags, t.anonymous, t.author_id, t.handle, t.state, t.pinned, t.answers, t.accepted_answer_id,
	t.votes, 0 as flags, t.created_at, t.updated_at, t.version;

-- remove_thread(OwnThreadRequest) one Thread
delete from thread t
where t.id = :id and sees_thread(t, :caller.id, :caller.roles::text[])
	and is_own_post(t.id, t.author_id, t.handle, :caller.id, :proof_hash)
	and (t.answers = 0 or refuse(409, 'HAS_ANSWERS', 'Others have answered: it cannot be deleted any more.'))
returning t.*;

-- list_answers(ListAnswersRequest) page ListAnswersResponse by accepted desc, votes desc, id desc
select a.id, a.thread_id, a.body, a.anonymous, a.author_id, a.handle, a.state, a.accepted, a.votes,
	case when moderates(t, :caller.id, :caller.roles::text[]) then a.flags else 0 end as flags, a.created_at, a.updated_at, a.version
from thread_answer a join thread t on t.id = a.thread_id
where a.thread_id = :id and must_see_thread(:id, :caller.id, :caller.roles::text[])
	and (a.state = 'SHOWN' or moderates(t, :caller.id, :caller.roles::text[]));

-- Nobody writes in what has ended, and in what is not seen; the row is locked so that it does not end meanwhile.
-- check_thread(AnswerThreadRequest) one Thread
select t.* from thread t
where t.id = :id and sees_thread(t, :caller.id, :caller.roles::text[]) and must_be_unlocked(t.state)
	and must_allow_anonymity(t.program_id, :anonymous)
for share of t;

-- add_answer(AnswerThreadRequest) one ThreadAnswer
insert into thread_answer (id, thread_id, body, author_id) values (:new.id, :id, coalesce(:body, ''), :caller.id)
returning *;

-- add_anonymous_answer(AnswerThreadRequest) one ThreadAnswer
insert into thread_answer (id, thread_id, body, anonymous, handle, created_at, updated_at)
values (post_id(:answer_id), :id, coalesce(:body, ''), true, take_pseudonym(:id, :proof_hash, :sealed_author), post_time(true), post_time(true))
returning *;

-- In a join the costs do not order the conditions: case does.
-- update_own_answer(UpdateAnswerRequest) one ThreadAnswer
update thread_answer a set body = :body from thread t
where a.id = :answer_id and t.id = a.thread_id and t.id = :id and a.state = 'SHOWN'
	and case when sees_thread(t, :caller.id, :caller.roles::text[])
			and is_own_post(t.id, a.author_id, a.handle, :caller.id, :proof_hash) and must_be_unlocked(t.state)
		then at_version(a.version, :if_match) end
returning a.id, a.thread_id, a.body, a.anonymous, a.author_id, a.handle, a.state, a.accepted, a.votes,
	0 as flags, a.created_at, a.updated_at, a.version;

-- remove_answer(OwnAnswerRequest) one ThreadAnswer
delete from thread_answer a using thread t
where a.id = :answer_id and t.id = a.thread_id and t.id = :id and sees_thread(t, :caller.id, :caller.roles::text[])
	and is_own_post(t.id, a.author_id, a.handle, :caller.id, :proof_hash) and must_be_unlocked(t.state)
returning a.*;

-- set_accepted(OwnAnswerRequest) one Thread
with was as (
	select t.id, t.accepted_answer_id from thread t
	where t.id = :id and sees_thread(t, :caller.id, :caller.roles::text[])
		and is_own_post(t.id, t.author_id, t.handle, :caller.id, :proof_hash) and must_be_unlocked(t.state)
	for no key update
), marked as (
	update thread_answer a set accepted = a.id = :answer_id::uuid from was
	where a.thread_id = was.id and (a.accepted or a.id = :answer_id)
)
update thread t set state = 'ANSWERED', accepted_answer_id = a.id from was, thread_answer a
where t.id = was.id and a.thread_id = was.id and a.id = :answer_id and a.state = 'SHOWN'
returning t.id, t.scope, t.program_id, t.title, t.body, t.tags, t.anonymous, t.author_id, t.handle, t.state, t.pinned, t.answers, t.accepted_answer_id,
	t.votes, 0 as flags, t.created_at, t.updated_at, t.version, was.accepted_answer_id is not distinct from a.id as unchanged;

-- For the thread itself or one of its answers; not for what is one's own.
-- vote_post(VoteRequest) exec
with post as (
	select t.id as thread_id, coalesce(a.id, t.id) as id
	from thread t left join thread_answer a on a.thread_id = t.id and a.id = :answer_id
	where t.id = :id and must_see_thread(:id, :caller.id, :caller.roles::text[])
		and (:answer_id::uuid is null or a.state = 'SHOWN' or refuse(404, 'NOT_FOUND', 'There is no such answer.'))
		and (case when a.id is null then t.author_id else a.author_id end is distinct from :caller.id::uuid
			or refuse(403, 'OWN_POST', 'Others vote for what you write.'))
), withdrawn as (
	delete from post_vote v using post where v.post_id = post.id and v.user_id = :caller.id and :withdraw
)
insert into post_vote (post_id, user_id, thread_id) select id, :caller.id, thread_id from post where not :withdraw
on conflict do nothing;

-- add_flag(FlagRequest) one Thread
with post as (
	select t.id as thread_id, coalesce(a.id, t.id) as id
	from thread t left join thread_answer a on a.thread_id = t.id and a.id = :answer_id
	where t.id = :id and must_see_thread(:id, :caller.id, :caller.roles::text[])
		and (:answer_id::uuid is null or a.state = 'SHOWN' or refuse(404, 'NOT_FOUND', 'There is no such answer.'))
), flagged as (
	insert into post_flag (post_id, user_id, thread_id, reason) select id, :caller.id, thread_id, :reason from post
	on conflict do nothing returning thread_id
)
select t.id, t.scope, t.program_id, t.title, t.body, t.tags, t.anonymous, t.author_id, t.handle, t.state, t.pinned, t.answers, t.accepted_answer_id,
	t.votes, 0 as flags, t.created_at, t.updated_at, t.version, not exists (select from flagged) as unchanged from thread t, post where t.id = post.thread_id;

-- set_thread_hidden(ModerateRequest) one Thread
with was as (select t.id, t.state from thread t where t.id = :id and must_moderate(t, :caller.id, :caller.roles::text[]) for no key update)
update thread t set state = 'HIDDEN', hidden_from = t.state from was where t.id = was.id
returning t.*, was.state = 'HIDDEN' as unchanged;

-- set_thread_restored(ModerateRequest) one Thread
update thread t set state = coalesce(t.hidden_from, t.state), hidden_from = null
where t.id = :id and must_moderate(t, :caller.id, :caller.roles::text[]) and (t.state <> 'REMOVED' or only_from('thread', t.state, '{HIDDEN}'))
returning t.*;

-- set_thread_removed(ModerateRequest) one Thread
update thread t set state = 'REMOVED' where t.id = :id and must_moderate(t, :caller.id, :caller.roles::text[])
returning t.*;

-- set_answer_hidden(ModerateRequest) one Thread
update thread_answer a set state = 'HIDDEN' from thread t
where a.id = :answer_id and t.id = a.thread_id and t.id = :id and must_moderate(t, :caller.id, :caller.roles::text[])
returning t.*;

-- set_answer_restored(ModerateRequest) one Thread
update thread_answer a set state = 'SHOWN' from thread t
where a.id = :answer_id and t.id = a.thread_id and t.id = :id and must_moderate(t, :caller.id, :caller.roles::text[])
returning t.*;

-- set_answer_removed(ModerateRequest) one Thread
update thread_answer a set state = 'REMOVED' from thread t
where a.id = :answer_id and t.id = a.thread_id and t.id = :id and must_moderate(t, :caller.id, :caller.roles::text[])
returning t.*;

-- lock_thread(Id) one Thread
update thread t set state = 'LOCKED' where t.id = :id and must_moderate(t, :caller.id, :caller.roles::text[])
returning t.*;

-- pin_thread(PinRequest) one Thread
update thread t set pinned = :pinned where t.id = :id and must_moderate(t, :caller.id, :caller.roles::text[])
returning t.*;

-- move_thread(MoveThreadRequest) one Thread
update thread t set scope = :scope, program_id = :program_id
where t.id = :id and must_moderate(t, :caller.id, :caller.roles::text[])
	and case :scope::text when 'PROGRAM' then :program_id::uuid is null or must_coordinate(:program_id, :caller.id, :caller.roles::text[])
		else 'ADMIN' = any(:caller.roles::text[]) or refuse(403, 'NOT_ADMIN', 'Admins move threads to the whole site.') end
returning t.*;

-- read_seal(ReadSealRequest) one SealedAuthor
select p.thread_id, p.handle, p.sealed_author from pseudonym p where p.thread_id = :id and p.handle = :handle;

-- announce_later(Thread) exec
select announce('AnnounceThread', :id);

-- announce_answer_later(ThreadAnswer) exec
select announce('AnnounceAnswer', :id);

-- announce_accepted_later(Thread) exec
select announce('AnnounceAccepted', :id);

-- read_announced_thread(Id) maybe Thread
select t.* from thread t where t.id = :id;

-- read_announced_answer(Id) maybe ThreadAnswer
select * from thread_answer where id = :id;

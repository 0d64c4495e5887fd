-- Requests of one side to the other, the ranked cascade that makes them, and what silence does. Person ids: match_request.mentor_id,
-- match_request.mentee_id, match_request.from_id, match_request.to_id, rematch.mentor_id, rematch.mentee_id, rematch.asked_by.

insert into transition (thing, from_state, to_state) values
	('match_request', 'SENT', 'ACCEPTED'), ('match_request', 'SENT', 'DECLINED'), ('match_request', 'SENT', 'WITHDRAWN'),
	('match_request', 'SENT', 'EXPIRED'), ('match_request', 'SENT', 'SUPERSEDED'),
	('rematch', 'ASKED', 'COOLING_OFF'), ('rematch', 'ASKED', 'WITHDRAWN'), ('rematch', 'COOLING_OFF', 'ELIGIBLE'),
	('rematch', 'COOLING_OFF', 'WITHDRAWN'), ('rematch', 'ELIGIBLE', 'IN_POOL'), ('rematch', 'ELIGIBLE', 'MATCHED'),
	('rematch', 'ELIGIBLE', 'WITHDRAWN'), ('rematch', 'IN_POOL', 'MATCHED'), ('rematch', 'IN_POOL', 'WITHDRAWN');

create table match_request (
	id uuid primary key,
	program_id uuid not null,
	mentor_id uuid not null,
	mentee_id uuid not null,
	from_id uuid not null,
	to_id uuid not null,
	message text not null default '',
	-- Of a ranked list: which one, and which of its choices this is.
	list_id uuid,
	place int,
	state text not null default 'SENT' check (state in ('SENT', 'ACCEPTED', 'DECLINED', 'WITHDRAWN', 'EXPIRED', 'SUPERSEDED')),
	-- M-R15: the two must not meet. Whoever asked sees a request that is not answered; the other sees nothing.
	blocked boolean not null default false,
	reason_code text check (reason_code in ('NO_TIME', 'NOT_MY_FIELD', 'FULL', 'OTHER')),
	-- For coordinators.
	reason_text text not null default '',
	expires_at timestamptz not null,
	-- How many thirds of the clock have been reminded of, and when the asker did.
	reminded int not null default 0,
	reminded_at timestamptz,
	answered_at timestamptz,
	-- Chosen when it is sent, so that accepting it twice begins one mentorship.
	mentorship_id uuid not null default uuid_v7(),
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	constraint request_to_oneself check (from_id <> to_id)
);
comment on constraint request_to_oneself on match_request is 'You cannot ask yourself.';
create unique index request_already_open on match_request (program_id, mentor_id, mentee_id) where state = 'SENT';
create index match_request_out on match_request (from_id, id desc);
create index match_request_in on match_request (to_id, id desc) where not blocked;
create index match_request_program on match_request (program_id, id desc);
create index match_request_list on match_request (list_id) where list_id is not null;
-- For replies_in: the last answers of a person.
create index match_request_answered on match_request (to_id, answered_at desc) where answered_at is not null;

-- How many requests in a row a mentor has left unanswered, and the median hours of their last ten answers, from five on.
alter table person add column missed int not null default 0;
alter table person add column replies_in_hours int;

-- When a request is next looked after: at a third and two thirds of its clock, and at its end.
create function next_watch(r match_request) returns timestamptz language sql stable as $$
	select case when r.state <> 'SENT' then null when r.reminded >= 2 then r.expires_at
		else r.created_at + (r.expires_at - r.created_at) * (r.reminded + 1) / 3 end
$$;

create function follow_request() returns trigger language plpgsql as $$
begin
	if new.state in ('ACCEPTED', 'DECLINED') then
		new.answered_at := now();
	end if;
	return new;
end $$;

-- Trigger `after`: the clock, the next choice of a list, how fast somebody answers.
create function schedule_request() returns trigger language plpgsql as $$
begin
	perform schedule('WatchRequest', new.id, next_watch(new));
	if new.state = 'SENT' then
		return null;
	end if;
	if new.list_id is not null and new.state in ('DECLINED', 'EXPIRED', 'SUPERSEDED') then
		perform schedule('ContinueCascade', new.list_id, now());
	end if;
	if new.answered_at is not null then
		update person set missed = 0, replies_in_hours = (
			select case when count(*) >= 5 then ceil(percentile_cont(0.5) within group (order by a.hours)) end from (
				select extract(epoch from r.answered_at - r.created_at) / 3600 as hours from match_request r
				where r.to_id = new.to_id and r.answered_at is not null order by r.answered_at desc limit 10) a)
		where user_id = new.to_id;
	end if;
	return null;
end $$;
create trigger again before update of state on match_request for each row
	when (new.state = old.state and (new.reminded, new.blocked) is not distinct from (old.reminded, old.blocked)) execute function stay_as_it_is();
create trigger guard before update of state on match_request for each row when (new.state <> old.state) execute function guard_transition();
create trigger step before update of state on match_request for each row when (new.state <> old.state) execute function follow_request();
create trigger touch before update on match_request for each row when (new.* is distinct from old.*) execute function touch();
create trigger due after insert or update of state, reminded on match_request for each row execute function schedule_request();

-- What somebody asked for after a mentorship: another partner.
create table rematch (
	id uuid primary key,
	mentorship_id uuid not null constraint rematch_asked unique,
	program_id uuid not null,
	mentor_id uuid not null,
	mentee_id uuid not null,
	asked_by uuid not null,
	side text not null check (side in ('MENTOR', 'MENTEE')),
	reason_code text not null check (reason_code in ('NOT_A_FIT', 'NO_CONTACT', 'NO_TIME', 'CONFLICT', 'GOAL_REACHED', 'OTHER')),
	-- Whether what was set out and reached goes along (programs hands it over when the mentee says so).
	keep_history boolean not null default false,
	state text not null default 'ASKED' check (state in ('ASKED', 'COOLING_OFF', 'ELIGIBLE', 'IN_POOL', 'MATCHED', 'WITHDRAWN')),
	eligible_at timestamptz,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1
);
comment on constraint rematch_asked on rematch is 'Another partner has been asked for already.';
create index rematch_person on rematch (mentee_id, program_id) where state in ('ASKED', 'COOLING_OFF');
create trigger again before update of state on rematch for each row when (new.state = old.state) execute function stay_as_it_is();
create trigger guard before update of state on rematch for each row when (new.state <> old.state) execute function guard_transition();
create trigger touch before update on rematch for each row when (new.* is distinct from old.*) execute function touch();

-- Until when a mentee waits before the next match; null when not at all.
create function cools_off_until(in_program uuid, who uuid) returns timestamptz language plpgsql stable as $$
begin
	return (
		select max(coalesce(r.eligible_at, 'infinity')) from rematch r
		where r.mentee_id = who and r.program_id = in_program and r.side = 'MENTEE' and r.state in ('ASKED', 'COOLING_OFF')
	);
end $$;

-- Somebody's profile as a member of a program on one side; nothing when they are no such member.
create function member_as(in_program uuid, who uuid, as_role text) returns match_profile language plpgsql stable as $$
declare
	p match_profile;
begin
	select t.* into p from match_profile t join member m using (membership_id)
	where t.program_id = in_program and t.user_id = who and t.role = as_role and m.state in ('ACTIVE', 'PAUSED')
	order by m.state limit 1;
	return p;
end $$;

-- True, or 404 for whoever is no member.
create function must_be_member(in_program uuid, who uuid) returns boolean language plpgsql stable as $$
begin
	return is_member(in_program, who) or refuse(404, 'NOT_FOUND', 'There is no such program.');
end $$;

-- Whoever decides about a request locks its two people first.
create function lock_pair(request uuid) returns void language sql as $$
	select from person x where x.user_id in (select unnest(array[q.mentor_id, q.mentee_id]) from match_request q where q.id = request)
	order by x.user_id for update
$$;

-- Which side asks in a pair of these two: MENTEE or MENTOR; null when they are not on two sides of the program.
create function asking_side(in_program uuid, who uuid, whom uuid) returns text language sql stable as $$
	select case
		when (member_as(in_program, who, 'MENTEE')).user_id is not null and (member_as(in_program, whom, 'MENTOR')).user_id is not null then 'MENTEE'
		when (member_as(in_program, who, 'MENTOR')).user_id is not null and (member_as(in_program, whom, 'MENTEE')).user_id is not null then 'MENTOR'
	end
$$;

-- Whether this side may choose in this program.
create function chooses(mode text, side text) returns boolean language sql immutable as $$
	select coalesce(mode in ('BOTH_CHOICE', 'OPEN_CHOICE') or mode = side || '_CHOICE', false)
$$;

-- 409 for what somebody whom nothing hides cannot take on; suspended people and those who left do not exist.
create function must_have_room(p match_profile) returns boolean language plpgsql stable as $$
declare
	x person;
begin
	select * into x from person t where t.user_id = p.user_id;
	if p.user_id is null or x.away then
		return refuse(404, 'NOT_FOUND', 'There is nobody like that in this program.');
	elsif p.role = 'MENTOR' and (not p.eligible or p.room = 0 and p.capacity_total = 0) then
		return refuse(409, 'MENTOR_PAUSED', 'The mentor takes on nobody for now.');
	elsif p.room = 0 then
		perform no_place(p.user_id, p.role);
	elsif not p.eligible then
		return refuse(409, 'PARTY_NOT_ACTIVE', 'Somebody of the two does not take part in the program now.');
	end if;
	return true;
end $$;

-- True, or 409 while two are together already, or have just been asked to be.
create function must_be_apart(in_program uuid, mentor uuid, mentee uuid) returns boolean language plpgsql stable as $$
begin
	return not exists (
		select from mentorship m where m.mentor_ids @> array[mentor] and m.mentee_ids @> array[mentee] and m.program_id = in_program
			and takes_places(m.state))
		or refuse(409, 'ALREADY_PARTNERS', 'These two have a mentorship already.');
end $$;

-- True, or 409 for a mentee who is to wait after the last mentorship.
create function must_have_cooled(in_program uuid, mentee uuid) returns boolean language plpgsql stable as $$
declare
	cool timestamptz := cools_off_until(in_program, mentee);
begin
	return cool is null or cool < now() or refuse(409, 'COOLING_OFF', 'There is some time between two mentorships.',
		jsonb_build_object('until', case when cool < 'infinity' then rfc3339(cool) end));
end $$;

-- Two of a program who do not ask each other twice at once: their requests are decided on one after another.
create function lock_asker(in_program uuid, who uuid) returns void language sql as $$
	select pg_advisory_xact_lock(hashtextextended(in_program::text || who::text, 0))
$$;

-- M-R11, M-R16: whether one may ask the other; everything but whether they are excluded, which the asker must not learn.
create function must_may_ask(p program, r matching_rules, asker match_profile, target match_profile, mentor uuid, mentee uuid) returns boolean
language plpgsql stable as $$
declare
	last timestamptz;
begin
	if not chooses(p.matching_mode, asker.role) then
		return refuse(403, 'MODE_NOT_ALLOWED', 'In this program that side does not choose.');
	elsif p.state <> 'PUBLISHED' and p.state <> 'HIDDEN' then
		return refuse(409, 'NOT_PUBLISHED', 'Nobody is brought together in this program at the moment.');
	elsif exists (select from match_request q where q.program_id = p.id and q.mentor_id = mentor and q.mentee_id = mentee and q.state = 'SENT') then
		return refuse(409, 'REQUEST_ALREADY_OPEN', 'One of you has asked the other already.');
	elsif (select count(*) from match_request q where q.from_id = asker.user_id and q.program_id = p.id and q.state = 'SENT') >= r.open_requests then
		return refuse(409, 'TOO_MANY_OPEN', format('At most %s requests wait for an answer at once.', r.open_requests));
	end if;
	select max(q.answered_at) into last from match_request q
	where q.program_id = p.id and q.mentor_id = mentor and q.mentee_id = mentee and q.state = 'DECLINED';
	if last > now() - make_interval(days => r.again_days) then
		return refuse(409, 'DECLINED_RECENTLY', 'The answer was no. You can ask again later.',
			jsonb_build_object('again_at', rfc3339(last + make_interval(days => r.again_days))));
	end if;
	return must_have_room(asker) and must_have_room(target) and must_be_apart(p.id, mentor, mentee) and must_have_cooled(p.id, mentee);
end $$;

create function send_request(new_id uuid, in_program uuid, who uuid, whom uuid, words text) returns match_request language plpgsql as $$
declare
	p program;
	r matching_rules := rules_of(in_program);
	q match_request;
	side text;
	asker match_profile;
	target match_profile;
begin
	select * into p from program t where t.id = in_program;
	if p.id is null or not is_member(in_program, who) then
		perform refuse(404, 'NOT_FOUND', 'There is no such program.');
	elsif who = whom then
		perform refuse(422, 'REQUEST_TO_ONESELF', 'You cannot ask yourself.');
	end if;
	side := asking_side(in_program, who, whom);
	if side is null and not chooses(p.matching_mode, 'MENTOR') and not chooses(p.matching_mode, 'MENTEE') then
		perform refuse(403, 'MODE_NOT_ALLOWED', 'In this program that side does not choose.');
	elsif side is null then
		perform refuse(404, 'NOT_FOUND', 'There is nobody like that in this program.');
	end if;
	perform lock_asker(in_program, who);
	asker := member_as(in_program, who, side);
	target := member_as(in_program, whom, case side when 'MENTEE' then 'MENTOR' else 'MENTEE' end);
	q.mentor_id := case side when 'MENTEE' then whom else who end;
	q.mentee_id := case side when 'MENTEE' then who else whom end;
	perform must_may_ask(p, r, asker, target, q.mentor_id, q.mentee_id);
	insert into match_request (id, program_id, mentor_id, mentee_id, from_id, to_id, message, blocked, expires_at)
	values (new_id, in_program, q.mentor_id, q.mentee_id, who, whom, words, not may_meet(who, whom), now() + make_interval(days => r.request_days))
	returning * into q;
	return q;
end $$;

-- The next choice of a list that can be asked: an offer, or nothing when the list is done.
create function offer_next(list uuid) returns setof match_request language plpgsql as $$
declare
	l rank_list;
	r matching_rules;
	target match_profile;
begin
	select * into l from rank_list t where t.id = list for update;
	if l.state not in ('OPEN', 'OFFERING') or exists (select from match_request q where q.list_id = list and q.state = 'SENT') then
		return;
	end if;
	r := rules_of(l.program_id);
	if not coalesce((member_as(l.program_id, l.owner_id, 'MENTEE')).eligible, false) or (member_as(l.program_id, l.owner_id, 'MENTEE')).room = 0 then
		update rank_list set state = case when exists (
			select from place p where p.user_id = l.owner_id and p.program_id = l.program_id and p.role = 'MENTEE') then 'MATCHED' else 'EXHAUSTED' end
		where id = list;
		return;
	end if;
	for n in l.place + 1 .. cardinality(l.target_ids) loop
		target := member_as(l.program_id, l.target_ids[n], 'MENTOR');
		continue when target.user_id is null or not target.eligible or target.room = 0 or not may_meet(l.owner_id, target.user_id)
			or exists (select from match_request q where q.program_id = l.program_id and q.mentor_id = target.user_id
				and q.mentee_id = l.owner_id and q.state = 'SENT');
		update rank_list set state = 'OFFERING', place = n where id = list;
		return query insert into match_request (id, program_id, mentor_id, mentee_id, from_id, to_id, list_id, place, expires_at)
			values (uuid_v7(), l.program_id, target.user_id, l.owner_id, l.owner_id, target.user_id, list, n, now() + make_interval(days => r.offer_days))
			returning *;
		return;
	end loop;
	update rank_list set state = 'EXHAUSTED', place = cardinality(l.target_ids) where id = list;
end $$;

-- M-R10, M-R12: both sides are looked at again, and the places taken, in the transaction that accepts.
create function accept_request(wanted uuid, who uuid) returns match_request language plpgsql as $$
declare
	q match_request;
begin
	select * into q from match_request t where t.id = wanted and t.to_id = who and not t.blocked;
	if q.id is null then
		perform refuse(404, 'NOT_FOUND', 'There is no such request.');
	end if;
	-- In one order, before the request: whoever gives or takes places of these two does the same.
	perform from person x where x.user_id in (q.mentor_id, q.mentee_id) order by x.user_id for update;
	select * into q from match_request t where t.id = wanted for update;
	if q.state = 'ACCEPTED' then
		return q;
	elsif q.state = 'EXPIRED' or q.state = 'SENT' and q.expires_at <= now() then
		perform refuse(410, 'REQUEST_EXPIRED', 'The time to answer is over.');
	elsif q.state = 'SUPERSEDED' and (member_as(q.program_id, q.mentor_id, 'MENTOR')).room = 0 then
		perform no_place(q.mentor_id, 'MENTOR');
	elsif q.state = 'SUPERSEDED' and (member_as(q.program_id, q.mentee_id, 'MENTEE')).room = 0 then
		perform no_place(q.mentee_id, 'MENTEE');
	end if;
	perform only_from('match_request', q.state, '{SENT}');
	if not exists (select from program p where p.id = q.program_id and p.state in ('PUBLISHED', 'HIDDEN')) then
		perform refuse(409, 'NOT_PUBLISHED', 'Nobody is brought together in this program at the moment.');
	elsif not may_meet(q.mentor_id, q.mentee_id) then
		perform refuse(404, 'NOT_FOUND', 'There is no such request.');
	end if;
	perform must_have_room(member_as(q.program_id, q.mentor_id, 'MENTOR')), must_have_room(member_as(q.program_id, q.mentee_id, 'MENTEE')),
		must_be_apart(q.program_id, q.mentor_id, q.mentee_id);
	perform take_place(q.mentorship_id, q.program_id, q.mentor_id, 'MENTOR', false),
		take_place(q.mentorship_id, q.program_id, q.mentee_id, 'MENTEE', false);
	update match_request set state = 'ACCEPTED' where id = wanted returning * into q;
	update rank_list set state = 'MATCHED' where program_id = q.program_id and owner_id = q.mentee_id and state in ('OPEN', 'OFFERING')
		and (member_as(q.program_id, q.mentee_id, 'MENTEE')).room = 0;
	return q;
end $$;

-- Requests of those who have no place left or are gone: nobody answers them any more.
create function supersede_requests(in_program uuid, who uuid) returns setof match_request language sql as $$
	update match_request q set state = 'SUPERSEDED'
	where q.program_id = in_program and q.state = 'SENT' and (
		q.mentor_id = who and coalesce((member_as(in_program, who, 'MENTOR')).room, 0) = 0
		or q.mentee_id = who and coalesce((member_as(in_program, who, 'MENTEE')).room, 0) = 0)
	returning q.*
$$;

-- Trigger on match_profile: the last place is taken, or one is free again.
create function follow_room() returns trigger language plpgsql as $$
begin
	perform schedule('FollowRoom', new.membership_id, now());
	return null;
end $$;
create trigger room after update of room on match_profile for each row when ((new.room = 0) <> (old.room = 0)) execute function follow_room();
create trigger gone after update of state on member for each row when (old.state in ('ACTIVE', 'PAUSED') and new.state not in ('ACTIVE', 'PAUSED'))
	execute function follow_room();

-- Trigger on exclusion: what the two have asked each other is answered by nobody.
create function follow_exclusion() returns trigger language plpgsql as $$
begin
	perform schedule('LapseExclusion', new.id, case when new.state = 'ACTIVE' then new.until end);
	update match_request set blocked = true
	where state = 'SENT' and not blocked and new.state = 'ACTIVE' and not may_meet(new.a, new.b)
		and (from_id, to_id) in ((new.a, new.b), (new.b, new.a));
	return null;
end $$;
create trigger requests after insert or update of state, until on exclusion for each row execute function follow_exclusion();

-- Whether the asker sees a request: an offer of their ranked list only where the program shows it, or once it is accepted.
create function shows_offer(q match_request, who uuid) returns boolean language plpgsql stable as $$
begin
	return q.list_id is null or q.state = 'ACCEPTED' or (rules_of(q.program_id)).cascade_shown;
end $$;

-- A request as one of its two people sees it: what is blocked looks to the asker like any other that waits. In a `from` it becomes part
-- of the query.
create function my_request(q match_request, who uuid) returns table (id uuid, program_id uuid, mentor_id uuid, mentee_id uuid, from_id uuid,
	to_id uuid, message text, place int, state text, reason_code text, expires_at timestamptz, reminded int, reminded_at timestamptz,
	answered_at timestamptz, mentorship_id uuid, created_at timestamptz, updated_at timestamptz, version bigint)
language sql stable rows 1 as $$
	select q.id, q.program_id, q.mentor_id, q.mentee_id, q.from_id, q.to_id, q.message,
		case when q.from_id = who and (rules_of(q.program_id)).cascade_shown then q.place end, q.state, q.reason_code, q.expires_at, q.reminded,
		q.reminded_at, q.answered_at, case when q.state = 'ACCEPTED' then q.mentorship_id end, q.created_at, q.updated_at, q.version
$$;

-- M-R13: what silence does; how many in a row it is now.
create function count_silence(who uuid) returns int language sql as $$
	update person set missed = missed + 1 where user_id = who returning missed
$$;

-- Trigger on mentorship: whoever asked for another partner cools off from its end on.
create function follow_ending() returns trigger language plpgsql as $$
begin
	update rematch r set state = 'COOLING_OFF', eligible_at = now() + make_interval(days => (rules_of(r.program_id)).cooling_off_days)
	where r.mentorship_id = new.id and r.state = 'ASKED';
	return null;
end $$;
create trigger rematch after insert or update of state on mentorship for each row
	when (new.state in ('CLOSING', 'CLOSED', 'DECLINED', 'EXPIRED')) execute function follow_ending();

create function follow_rematch() returns trigger language plpgsql as $$
begin
	perform schedule('EndCoolingOff', new.id, case when new.state = 'COOLING_OFF' then new.eligible_at end);
	perform settle_person(new.mentee_id);
	return null;
end $$;
create trigger due after insert or update of state on rematch for each row execute function follow_rematch();

-- Trigger on place: whoever waited after a mentorship waits no more.
create function end_rematch() returns trigger language plpgsql as $$
begin
	update rematch set state = 'MATCHED'
	where program_id = new.program_id and side = new.role and new.user_id = case side when 'MENTOR' then mentor_id else mentee_id end
		and state in ('ELIGIBLE', 'IN_POOL');
	return null;
end $$;
create trigger rematch after insert on place for each row execute function end_rematch();

-- Trigger on matching_rules: how many mentors a mentee has, and when the ranking is over.
create function follow_rules() returns trigger language plpgsql as $$
begin
	perform schedule('StartCascade', new.program_id, new.ranking_closes_at);
	perform settle_person(p.user_id) from match_profile p where p.program_id = new.program_id and p.role = 'MENTEE'
		and p.capacity_total <> new.mentors_per_mentee;
	return null;
end $$;
create trigger followed after insert or update on matching_rules for each row execute function follow_rules();

-- True, or 404: only members on the other side of a program are there to be wished for, and nobody whom one must not meet; but after
-- a past conflict wishing for each other is how it is over.
create function must_be_shown(in_program uuid, who uuid, whom uuid) returns boolean language plpgsql stable as $$
begin
	if who = whom then
		return refuse(422, 'ONESELF', 'That is you.');
	end if;
	return asking_side(in_program, who, whom) is not null and not exists (
			select from exclusion e where e.a = least(who, whom) and e.b = greatest(who, whom) and e.state = 'ACTIVE'
				and e.kind <> 'PAST_CONFLICT' and (e.until is null or e.until > now()))
		or refuse(404, 'NOT_FOUND', 'There is nobody like that in this program.');
end $$;

-- True, or why somebody cannot rank these now.
create function must_rank(in_program uuid, who uuid, whom uuid[]) returns boolean language plpgsql stable as $$
declare
	r matching_rules := rules_of(in_program);
	l rank_list;
begin
	perform must_be_member(in_program, who);
	select * into l from rank_list t where t.program_id = in_program and t.owner_id = who;
	if (member_as(in_program, who, 'MENTEE')).user_id is null then
		return refuse(403, 'NOT_MENTEE', 'Mentees rank mentors.');
	elsif (r.ranking_opens_at is null and r.ranking_closes_at is null) or now() < r.ranking_opens_at or now() >= r.ranking_closes_at then
		return refuse(409, 'RANKING_CLOSED', 'Nobody ranks in this program at the moment.',
			jsonb_build_object('opens_at', rfc3339(r.ranking_opens_at), 'closes_at', rfc3339(r.ranking_closes_at)));
	elsif l.state in ('OFFERING', 'MATCHED') then
		return refuse(409, 'RANKING_CLOSED', 'Your choices are being asked already.');
	elsif who = any(whom) then
		return refuse(422, 'ONESELF', 'That is you.');
	elsif (select count(distinct x) <> cardinality(whom) from unnest(whom) x) then
		return refuse(422, 'DUPLICATE', 'Each mentor once.');
	elsif exists (select from unnest(whom) x where asking_side(in_program, who, x) is distinct from 'MENTEE' or not may_meet(who, x)) then
		return refuse(422, 'UNKNOWN_MENTOR', 'One of these is no mentor of this program.');
	end if;
	return true;
end $$;

-- Whether somebody runs a program that both are or were in.
create function runs_program_of(runner uuid, one uuid, other uuid) returns boolean language plpgsql stable as $$
begin
	return exists (
		select from program_role r join member m on m.program_id = r.program_id and m.user_id = one
			join member n on n.program_id = r.program_id and n.user_id = other
		where r.user_id = runner and not r.revoked);
end $$;

-- True, or who may not keep two people apart for that reason.
create function must_exclude(one uuid, other uuid, for_kind text, who uuid, roles text[]) returns boolean language plpgsql stable as $$
begin
	if one = other then
		return refuse(422, 'EXCLUDED_FROM_ONESELF', 'Nobody is excluded from themselves.');
	elsif 'SAFETY_OFFICER' = any(roles) then
		return true;
	elsif not ('ADMIN' = any(roles) or exists (select from program_role r where r.user_id = who and not r.revoked)) then
		return refuse(403, 'NOT_COORDINATOR', 'Coordinators and safety officers keep people apart.');
	elsif for_kind not in ('ADMIN', 'LINE_MANAGER', 'SAME_HOUSEHOLD') then
		return refuse(403, 'NOT_SAFETY_OFFICER', 'That is for safety officers to say.');
	end if;
	return 'ADMIN' = any(roles) or runs_program_of(who, one, other)
		or refuse(404, 'NOT_FOUND', 'These two are in no program that you run.');
end $$;

create function may_list_exclusions(who uuid, roles text[]) returns boolean language plpgsql stable as $$
begin
	return roles && '{ADMIN,SAFETY_OFFICER}' or exists (select from program_role r where r.user_id = who and not r.revoked)
		or refuse(403, 'NOT_COORDINATOR', 'Coordinators and safety officers keep people apart.');
end $$;

-- Safety officers know of all; the others of what is not secret and says a coordinator, of people whom they run a program of.
create function knows_exclusion(e exclusion, who uuid, roles text[]) returns boolean language sql stable cost 30 as $$
	select 'SAFETY_OFFICER' = any(roles) or e.source = 'BY_COORDINATOR' and (e.created_by = who
		or not e.secret and ('ADMIN' = any(roles) or runs_program_of(who, e.a, e.b)))
$$;

create function may_lift(e exclusion, who uuid, roles text[]) returns boolean language plpgsql stable as $$
begin
	return may_list_exclusions(who, roles) and knows_exclusion(e, who, roles);
end $$;

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update on match_request, rematch to %I', svc);
end $$;

-- Match runs and what they propose. Person ids: match_run.created_by, match_proposal.mentor_id, match_proposal.mentee_id,
-- match_proposal.declined_by, match_unmatched.mentee_id, match_unmatched.nearest_id; match_snapshot.bytes hold people too, and go with their run.

insert into transition (thing, from_state, to_state) values
	('match_run', 'QUEUED', 'SNAPSHOTTING'), ('match_run', 'SNAPSHOTTING', 'SOLVING'), ('match_run', 'SOLVING', 'CERTIFIED'),
	('match_run', 'CERTIFIED', 'REVIEW'), ('match_run', 'REVIEW', 'PUBLISHED'), ('match_run', 'REVIEW', 'DISCARDED'),
	('match_run', 'QUEUED', 'FAILED'), ('match_run', 'SNAPSHOTTING', 'FAILED'), ('match_run', 'SOLVING', 'FAILED'), ('match_run', 'CERTIFIED', 'FAILED'),
	('match_run', 'QUEUED', 'CANCELLED'), ('match_run', 'SNAPSHOTTING', 'CANCELLED'), ('match_run', 'SOLVING', 'CANCELLED'),
	('match_run', 'CERTIFIED', 'CANCELLED'),
	('match_run', 'QUEUED', 'TIMED_OUT'), ('match_run', 'SNAPSHOTTING', 'TIMED_OUT'), ('match_run', 'SOLVING', 'TIMED_OUT'),
	('match_run', 'CERTIFIED', 'TIMED_OUT'),
	('match_proposal', 'DRAFT', 'PUBLISHED'), ('match_proposal', 'DRAFT', 'REMOVED'), ('match_proposal', 'DRAFT', 'STALE'),
	('match_proposal', 'PUBLISHED', 'ACCEPTED_BY_ONE'), ('match_proposal', 'PUBLISHED', 'ACCEPTED'),
	('match_proposal', 'PUBLISHED', 'DECLINED'), ('match_proposal', 'PUBLISHED', 'EXPIRED'), ('match_proposal', 'PUBLISHED', 'STALE'),
	('match_proposal', 'ACCEPTED_BY_ONE', 'ACCEPTED'), ('match_proposal', 'ACCEPTED_BY_ONE', 'DECLINED'),
	('match_proposal', 'ACCEPTED_BY_ONE', 'EXPIRED'), ('match_proposal', 'ACCEPTED_BY_ONE', 'STALE');

create table match_run (
	id uuid primary key,
	program_id uuid not null,
	cohort_id uuid,
	state text not null default 'QUEUED' check (state in ('QUEUED', 'SNAPSHOTTING', 'SOLVING', 'CERTIFIED', 'REVIEW', 'PUBLISHED', 'DISCARDED',
		'FAILED', 'CANCELLED', 'TIMED_OUT')),
	objective text not null,
	criteria_version int not null,
	-- MatchPair messages: made already when it began.
	locks jsonb not null default '[]',
	-- 64 hex digits, told to nobody before it is published; and their SHA-256.
	secret_seed text not null,
	seed_commitment text not null,
	progress int not null default 0,
	snapshot_hash text,
	result_hash text,
	mentees int not null,
	mentors int not null,
	places int not null,
	matched int,
	total bigint,
	worst int,
	mentors_used int,
	blocking_pairs int,
	revision int not null default 0,
	-- Which solution stands in the database: whoever keeps another one in memory forgets it.
	solution uuid,
	memory_mb int not null,
	-- Mentees are given all the mentors at once that they may have.
	several boolean not null default false,
	solve_ms int,
	-- MatchRunWarning messages.
	warnings jsonb not null default '[]',
	failure text,
	-- Until when the process that works on it counts as alive, and how many have tried.
	worked_until timestamptz,
	attempts int not null default 0,
	ends_by timestamptz,
	publish_next boolean not null default false,
	created_by uuid not null,
	started_at timestamptz,
	certified_at timestamptz,
	published_at timestamptz,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1
);
create index match_run_program on match_run (program_id, id desc);
create unique index run_in_progress on match_run (program_id) where state in ('QUEUED', 'SNAPSHOTTING', 'SOLVING', 'CERTIFIED');
comment on index run_in_progress is 'A run of this program is at work. Wait for it, or cancel it.';

-- Everything that a run knows, in parts: packed MatchSnapshotPart messages. Never changes.
create table match_snapshot (
	run_id uuid not null references match_run on delete cascade,
	part int not null,
	bytes bytea compression lz4 not null,
	primary key (run_id, part)
);


create table match_proposal (
	id uuid primary key default uuid_v7(),
	run_id uuid not null references match_run on delete cascade,
	program_id uuid not null,
	mentor_id uuid not null,
	mentee_id uuid not null,
	mentor_membership uuid not null,
	mentee_membership uuid not null,
	-- Where the two stand in the run's pool; a mentee has an index for each mentor whom they may have there.
	mentor_index int not null,
	mentee_index int not null,
	state text not null default 'DRAFT' check (state in ('DRAFT', 'PUBLISHED', 'ACCEPTED_BY_ONE', 'ACCEPTED', 'DECLINED', 'EXPIRED', 'REMOVED',
		'STALE')),
	locked boolean not null default false,
	score int not null,
	regret int not null default 0,
	round int not null,
	note text not null default '',
	stale_reason text check (stale_reason in ('NO_CAPACITY', 'NOT_ACTIVE', 'NOT_A_MEMBER', 'NOT_ALLOWED', 'ALREADY_PAIRED')),
	auto_accept boolean not null default false,
	acceptance_days int,
	notify_at timestamptz,
	announced boolean not null default false,
	expires_at timestamptz,
	mentor_accepted_at timestamptz,
	mentee_accepted_at timestamptz,
	declined_by uuid,
	decline_reason text check (decline_reason in ('NO_TIME', 'NOT_MY_FIELD', 'FULL', 'OTHER')),
	decline_text text not null default '',
	mentorship_id uuid,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1
);
create index match_proposal_run on match_proposal (run_id, score desc, id desc);
create index match_proposal_mentor on match_proposal (mentor_id, id desc);
create index match_proposal_mentee on match_proposal (mentee_id, id desc);
-- A run gives each of these one mentor at a time.
create unique index match_proposal_open on match_proposal (run_id, mentee_index)
	where state in ('DRAFT', 'PUBLISHED', 'ACCEPTED_BY_ONE', 'ACCEPTED');

-- Mentees without a mentor in the solution that stands, and why.
create table match_unmatched (
	run_id uuid not null references match_run on delete cascade,
	mentee_index int not null,
	mentee_id uuid not null,
	reason text not null check (reason in ('NO_ADMISSIBLE_PARTNER', 'CAPACITY', 'BELOW_MIN_SCORE', 'LOST_AT_PRICE')),
	-- RefusalCount messages.
	rules jsonb not null default '[]',
	nearest_id uuid,
	missed_by int not null default 0,
	primary key (run_id, mentee_index)
);

create trigger guard before update of state on match_run for each row when (new.state <> old.state) execute function guard_transition();
create trigger touch before update on match_run for each row
	when ((new.state, new.progress, new.revision, new.publish_next) is distinct from (old.state, old.progress, old.revision, old.publish_next))
	execute function touch();
create trigger guard before update of state on match_proposal for each row when (new.state <> old.state) execute function guard_transition();
create trigger touch before update on match_proposal for each row when (new.* is distinct from old.*) execute function touch();

-- As it is told: the seed only once it binds nobody any more.
create view match_run_view as
select id, created_at, updated_at, version, program_id, cohort_id, state, objective, criteria_version, progress, seed_commitment,
	case when state = 'PUBLISHED' then secret_seed end as seed, snapshot_hash, result_hash, mentees, mentors, places, matched, total, worst,
	mentors_used, blocking_pairs, revision, memory_mb, solve_ms, failure, started_at, certified_at, published_at, publish_next, created_by, warnings, several
from match_run;

-- A run as whoever works on it needs it. In a `from` it becomes part of the query.
create function run_work(r match_run) returns table (id uuid, program_id uuid, cohort_id uuid, state text, objective text, criteria_version int,
	locks jsonb, secret_seed text, seed_commitment text, snapshot_hash text, mentees int, mentors int, revision int, solution uuid,
	publish_next boolean, attempts int, late boolean, several boolean)
language sql stable rows 1 as $$
	select r.id, r.program_id, r.cohort_id, r.state, r.objective, r.criteria_version, r.locks, r.secret_seed, r.seed_commitment,
		coalesce(r.snapshot_hash, ''), r.mentees, r.mentors, r.revision, r.solution, r.publish_next, r.attempts, r.ends_by <= now(), r.several
$$;

create view match_proposal_view as
select p.id, p.created_at, p.updated_at, p.version, p.run_id, p.program_id, p.mentor_id, p.mentee_id, p.state, p.locked, p.score, p.regret,
	p.round, p.note, p.stale_reason, p.expires_at, p.notify_at, p.mentor_accepted_at, p.mentee_accepted_at, p.declined_by, p.decline_reason,
	p.decline_text, p.mentorship_id, a.display_name as mentor_name, b.display_name as mentee_name, p.mentor_membership, p.mentee_membership,
	p.mentor_index, p.mentee_index, p.auto_accept
from match_proposal p left join match_profile a on a.membership_id = p.mentor_membership
	left join match_profile b on b.membership_id = p.mentee_membership;

-- A row that a statement has just changed, as the view would show it.
create function show_proposal(p match_proposal) returns setof match_proposal_view language sql stable rows 1 as $$
	select p.id, p.created_at, p.updated_at, p.version, p.run_id, p.program_id, p.mentor_id, p.mentee_id, p.state, p.locked, p.score, p.regret,
		p.round, p.note, p.stale_reason, p.expires_at, p.notify_at, p.mentor_accepted_at, p.mentee_accepted_at, p.declined_by, p.decline_reason,
		p.decline_text, p.mentorship_id, ''::text, ''::text, p.mentor_membership, p.mentee_membership, p.mentor_index, p.mentee_index, p.auto_accept
$$;

create function my_proposal(p match_proposal, person uuid) returns table (id uuid, created_at timestamptz, updated_at timestamptz, version bigint,
	program_id uuid, mentor_id uuid, mentee_id uuid, state text, score int, expires_at timestamptz, accepted_by_me boolean, mentorship_id uuid)
language sql stable as $$
	select p.id, p.created_at, p.updated_at, p.version, p.program_id, p.mentor_id, p.mentee_id, p.state, p.score, p.expires_at,
		case person when p.mentor_id then p.mentor_accepted_at else p.mentee_accepted_at end is not null, p.mentorship_id
$$;

create index match_proposal_mentor_pending on match_proposal (mentor_id) where state in ('PUBLISHED', 'ACCEPTED_BY_ONE');

-- How many proposals of a member wait for an answer; of a mentor in all programs. In a `from` it becomes part of the query.
create function pending_of(membership uuid, person uuid, as_role text) returns table (pending int) language sql stable rows 1 as $$
	select case as_role
		when 'MENTOR' then (select count(*)::int from match_proposal p where p.mentor_id = person and p.state in ('PUBLISHED', 'ACCEPTED_BY_ONE'))
		else (select count(*)::int from match_proposal p where p.mentee_membership = membership and p.state in ('PUBLISHED', 'ACCEPTED_BY_ONE')) end
$$;

-- The pool that a run of the program would have: who takes part, is known in full and has room beyond what was proposed already.
create function run_pool(program uuid, cohort uuid) returns table (membership_id uuid, user_id uuid, role text, room int)
language sql stable rows 10000 as $$
	select p.membership_id, p.user_id, p.role, p.room - o.pending
	from match_profile p, pending_of(p.membership_id, p.user_id, p.role) o
	where p.program_id = program and p.eligible and p.complete and (cohort is null or p.cohort_id = cohort) and p.room > o.pending
$$;

-- Everybody of a program who must not be brought together with somebody of it: by exclusion, since either ignores the other, or since they
-- are together or proposed to each other.
create function excluded_pairs(program uuid) returns table (mentor_id uuid, mentee_id uuid) language sql stable as $$
	with members as materialized (select distinct p.user_id from match_profile p where p.program_id = program)
	select e.a, e.b from exclusion e join members x on x.user_id = e.a join members y on y.user_id = e.b
	where e.state = 'ACTIVE' and not may_meet(e.a, e.b)
	union
	select i.owner_id, i.target_id from ignored i where i.program_id = program
	union
	select s.mentor, s.mentee from (
		select unnest(m.mentor_ids) as mentor, m.mentee_ids from mentorship m where m.program_id = program
			and m.state not in ('CLOSED', 'DECLINED', 'EXPIRED')) o, unnest(o.mentee_ids) s0 (mentee), lateral (select o.mentor, s0.mentee) s
	union
	select p.mentor_id, p.mentee_id from match_profile f join match_proposal p on p.mentor_membership = f.membership_id
	where f.program_id = program and f.role = 'MENTOR' and p.state in ('PUBLISHED', 'ACCEPTED_BY_ONE')
$$;

-- True, or 422 with the pairs that cannot all be made; 403 for two who must not meet.
create function must_be_feasible(program uuid, cohort uuid, locks jsonb, several boolean) returns boolean language plpgsql stable as $$
declare
	conflicts jsonb;
begin
	if exists (
		select from jsonb_to_recordset(locks) l (mentor_id uuid, mentee_id uuid) where not may_meet(l.mentor_id, l.mentee_id)
	) then
		return refuse(403, 'PAIR_NOT_ALLOWED', 'These two cannot be brought together.');
	end if;
	with wanted as (
		select l.mentor_id, l.mentee_id, count(*) over (partition by l.mentee_id) as of_mentee, count(*) over (partition by l.mentor_id) as of_mentor,
			count(*) over (partition by l.mentor_id, l.mentee_id) as of_both
		from jsonb_to_recordset(locks) l (mentor_id uuid, mentee_id uuid)
	), pool as (
		select * from run_pool(program, cohort)
		where jsonb_array_length(locks) > 0
	)
	select jsonb_agg(jsonb_build_object('mentor_id', w.mentor_id, 'mentee_id', w.mentee_id)) into conflicts
	from wanted w
		left join pool a on a.user_id = w.mentor_id and a.role = 'MENTOR'
		left join pool b on b.user_id = w.mentee_id and b.role = 'MENTEE'
	where w.of_mentee > case when several then b.room else 1 end or w.of_mentor > coalesce(a.room, 0) or b.user_id is null or w.of_both > 1;
	return conflicts is null or refuse(422, 'LOCKS_INFEASIBLE', 'These pairs cannot all be made.', jsonb_build_object('conflicts', conflicts));
end $$;

-- What has overtaken a proposal, or null.
create function stale_reason_of(p match_proposal) returns text language plpgsql stable as $$
declare
	mentor match_profile;
	mentee match_profile;
begin
	select * into mentor from match_profile t where t.membership_id = p.mentor_membership;
	select * into mentee from match_profile t where t.membership_id = p.mentee_membership;
	return case
		when not may_meet(p.mentor_id, p.mentee_id) then 'NOT_ALLOWED'
		when exists (select from member m where m.membership_id in (p.mentor_membership, p.mentee_membership) and m.state not in ('ACTIVE', 'PAUSED'))
			then 'NOT_A_MEMBER'
		when mentor.eligible is not true or mentee.eligible is not true then 'NOT_ACTIVE'
		when exists (
			select from mentorship s where p.mentor_id = any(s.mentor_ids) and p.mentee_id = any(s.mentee_ids) and s.program_id = p.program_id
				and s.state not in ('CLOSED', 'DECLINED', 'EXPIRED')) then 'ALREADY_PAIRED'
		when mentor.room < 1 or mentee.room < 1 then 'NO_CAPACITY'
	end;
end $$;

-- Who may see and change it: true, or 404 and 403 as for its program.
create function must_run(run uuid, person uuid, roles text[]) returns boolean language plpgsql stable cost 10 as $$
declare
	program uuid := (select r.program_id from match_run r where r.id = run);
begin
	if program is null or not coordinates(program, person, roles) and not is_member(program, person) then
		return refuse(404, 'NOT_FOUND', 'There is no such run.');
	end if;
	return must_coordinate(program, person, roles);
end $$;

-- Sends drafts out: those of ids, or all. Rows of their people stay locked until the commit, so that of two runs the first takes the place.
create function publish_proposals(run uuid, wanted uuid[], everything boolean, at timestamptz, auto boolean, days int) returns void
language plpgsql as $$
begin
	perform from match_profile f
	where f.membership_id in (
		select unnest(array[p.mentor_membership, p.mentee_membership]) from match_proposal p
		where p.run_id = run and p.state = 'DRAFT' and (everything or p.id = any(wanted)))
	order by f.membership_id for no key update;
	with chosen as (
		select p.id, stale_reason_of(p) as reason, p.mentor_id, p.mentee_id, p.program_id, p.mentor_membership, p.mentee_membership, p.score
		from match_proposal p where p.run_id = run and p.state = 'DRAFT' and (everything or p.id = any(wanted))
	), ranked as (
		select c.*, row_number() over (partition by c.mentor_id order by c.score desc, c.id) as of_mentor,
			row_number() over (partition by c.mentee_membership order by c.score desc, c.id) as of_mentee
		from chosen c where c.reason is null
	), judged as (
		select c.id, c.reason from chosen c where c.reason is not null
		union all
		select r.id, case when r.of_mentor > a.room - of_a.pending or r.of_mentee > b.room - of_b.pending then 'NO_CAPACITY'
			when exists (
				select from match_proposal o where o.mentor_membership = r.mentor_membership and o.mentee_membership = r.mentee_membership
					and o.state in ('PUBLISHED', 'ACCEPTED_BY_ONE')) then 'ALREADY_PAIRED' end
		from ranked r join match_profile a on a.membership_id = r.mentor_membership join match_profile b on b.membership_id = r.mentee_membership,
			pending_of(a.membership_id, a.user_id, 'MENTOR') of_a, pending_of(b.membership_id, b.user_id, 'MENTEE') of_b
	)
	update match_proposal p set
		state = case when j.reason is null then 'PUBLISHED' else 'STALE' end, stale_reason = j.reason,
		notify_at = case when j.reason is null then greatest(coalesce(at, now()), now()) end,
		auto_accept = auto, acceptance_days = days
	from judged j where p.id = j.id;
end $$;

-- Trigger `after update of state`: what is due next, and what a run has to do about it.
create function follow_proposal() returns trigger language plpgsql as $$
begin
	perform schedule('AnnounceMatchProposal', new.id, case when new.state = 'PUBLISHED' and not new.announced then new.notify_at end),
		schedule('ExpireMatchProposal', new.id, case when new.state in ('PUBLISHED', 'ACCEPTED_BY_ONE') then new.expires_at end);
	if new.state in ('DECLINED', 'EXPIRED') or new.state = 'STALE' and old.state <> 'DRAFT' then
		perform schedule('RematchRun', new.run_id, now());
	end if;
	return null;
end $$;
create trigger due after update of state, expires_at on match_proposal for each row
	when ((new.state, new.expires_at) is distinct from (old.state, old.expires_at)) execute function follow_proposal();

-- Trigger on match_profile: who does not take part any more is proposed to nobody.
create function drop_proposals_of_absent() returns trigger language plpgsql as $$
begin
	update match_proposal p set state = 'STALE', stale_reason = stale_reason_of(p)
	where (p.mentor_membership = new.membership_id or p.mentee_membership = new.membership_id) and p.state in ('PUBLISHED', 'ACCEPTED_BY_ONE');
	return null;
end $$;
create trigger absent after update of eligible on match_profile for each row when (old.eligible and not new.eligible)
	execute function drop_proposals_of_absent();
create index match_proposal_mentor_membership on match_proposal (mentor_membership) where state in ('PUBLISHED', 'ACCEPTED_BY_ONE');
create index match_proposal_mentee_membership on match_proposal (mentee_membership) where state in ('PUBLISHED', 'ACCEPTED_BY_ONE');

-- Trigger on exclusion: what was proposed to the two is taken back, told or not.
create function drop_proposals_of_excluded() returns trigger language plpgsql as $$
begin
	update match_proposal p set state = 'STALE', stale_reason = 'NOT_ALLOWED'
	where (p.mentor_id, p.mentee_id) in ((new.a, new.b), (new.b, new.a)) and p.state in ('DRAFT', 'PUBLISHED', 'ACCEPTED_BY_ONE')
		and not may_meet(p.mentor_id, p.mentee_id);
	return null;
end $$;
create trigger proposals after insert or update of state on exclusion for each row when (new.state = 'ACTIVE')
	execute function drop_proposals_of_excluded();

-- The two of a proposal, once they know of it: true, or 404.
create function must_be_proposed(p match_proposal, person uuid) returns boolean language plpgsql stable as $$
begin
	return (person in (p.mentor_id, p.mentee_id) and p.announced) is true or refuse(404, 'NOT_FOUND', 'There is no such proposal.');
end $$;

-- M-R12: one of the two says yes; with the second yes both take their places, in this transaction.
create function accept_proposal(proposal uuid, person uuid) returns match_proposal language plpgsql as $$
declare
	p match_proposal;
	reason text;
begin
	select * into p from match_proposal t where t.id = proposal for update;
	perform must_be_proposed(p, person);
	if p.state = 'ACCEPTED' or person = p.mentor_id and p.mentor_accepted_at is not null and p.state = 'ACCEPTED_BY_ONE'
		or person = p.mentee_id and p.mentee_accepted_at is not null and p.state = 'ACCEPTED_BY_ONE' then
		return p;
	elsif p.state = 'EXPIRED' or p.expires_at <= now() and p.state in ('PUBLISHED', 'ACCEPTED_BY_ONE') then
		perform refuse(410, 'PROPOSAL_EXPIRED', 'The time to say yes is over.');
	end if;
	perform only_from('match_proposal', p.state, '{PUBLISHED,ACCEPTED_BY_ONE}');
	-- Whether there is a place is decided by taking it.
	reason := stale_reason_of(p);
	if reason <> 'NO_CAPACITY' then
		perform refuse(409, 'PROPOSAL_STALE', 'This does not hold any more.',
			jsonb_build_object('reason', case reason when 'NOT_ALLOWED' then 'NOT_ACTIVE' else reason end));
	end if;
	update match_proposal t set
		mentor_accepted_at = case when person = p.mentor_id then now() else p.mentor_accepted_at end,
		mentee_accepted_at = case when person = p.mentee_id then now() else p.mentee_accepted_at end,
		state = case p.state when 'PUBLISHED' then 'ACCEPTED_BY_ONE' else 'ACCEPTED' end,
		mentorship_id = case p.state when 'ACCEPTED_BY_ONE' then p.id end
	where t.id = p.id returning * into p;
	if p.state = 'ACCEPTED' then
		perform take_place(p.id, p.program_id, p.mentor_id, 'MENTOR', false), take_place(p.id, p.program_id, p.mentee_id, 'MENTEE', false);
	end if;
	return p;
end $$;

-- One of the two says no, or a coordinator for them.
create function decline_proposal(proposal uuid, person uuid, reason text, words text) returns match_proposal language plpgsql as $$
declare
	p match_proposal;
begin
	select * into p from match_proposal t where t.id = proposal for update;
	perform must_be_proposed(p, person);
	if p.state = 'DECLINED' and p.declined_by = person then
		return p;
	elsif p.state = 'EXPIRED' then
		perform refuse(410, 'PROPOSAL_EXPIRED', 'The time to say no is over, too.');
	end if;
	perform only_from('match_proposal', p.state, '{PUBLISHED,ACCEPTED_BY_ONE}');
	update match_proposal t set state = 'DECLINED', declined_by = person, decline_reason = reason, decline_text = coalesce(words, '')
	where t.id = p.id returning * into p;
	return p;
end $$;

-- Its time has come: its people know of it from now on, unless it was overtaken; null when there is nothing to do.
create function announce_proposal(proposal uuid) returns match_proposal language plpgsql as $$
declare
	p match_proposal;
	reason text;
begin
	select * into p from match_proposal t where t.id = proposal and t.state = 'PUBLISHED' and not t.announced and t.notify_at <= now() for update;
	if p.id is null then
		return null;
	end if;
	reason := stale_reason_of(p);
	update match_proposal t set announced = reason is null, stale_reason = reason, state = case when reason is null then t.state else 'STALE' end,
		expires_at = case when reason is null then now() + make_interval(days => coalesce(t.acceptance_days, 7)) end
	where t.id = p.id returning * into p;
	return p;
end $$;

-- Nobody is asked: both take their places.
create function settle_proposal(proposal uuid) returns match_proposal language plpgsql as $$
declare
	p match_proposal;
begin
	update match_proposal t set state = 'ACCEPTED', mentor_accepted_at = now(), mentee_accepted_at = now(), mentorship_id = t.id
	where t.id = proposal and t.state = 'PUBLISHED' returning * into p;
	perform take_place(p.id, p.program_id, p.mentor_id, 'MENTOR', false), take_place(p.id, p.program_id, p.mentee_id, 'MENTEE', false);
	return p;
end $$;

create function expire_proposal(proposal uuid) returns match_proposal language plpgsql as $$
declare
	p match_proposal;
begin
	update match_proposal t set state = 'EXPIRED'
	where t.id = proposal and t.state in ('PUBLISHED', 'ACCEPTED_BY_ONE') and t.expires_at <= now() returning * into p;
	return p;
end $$;

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update, delete on match_run, match_snapshot, match_proposal, match_unmatched to %I', svc);
	execute format('grant select on match_run_view, match_proposal_view to %I', svc);
end $$;

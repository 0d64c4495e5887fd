-- Runs. Functions of the schema hold the rules; what works on a run is in working.sql.

-- read_run_pool(StartMatchRunRequest) one RunPool
select :program_id::uuid as program_id, count(*) filter (where p.role = 'MENTEE')::int as mentees,
	count(*) filter (where p.role = 'MENTOR')::int as mentors, coalesce(sum(p.room) filter (where p.role = 'MENTOR'), 0)::int as places,
	max(s.objective) as objective, max(s.criteria_version) as criteria_version,
	(rules_of(:program_id)).mentors_per_mentee as mentors_per_mentee
from (values (true)) one (row) left join (
		select c.objective, c.criteria_version from criteria_set c
		where c.program_id = :program_id and c.state in ('PUBLISHED', 'RETIRED')
			and (c.criteria_version = :criteria_version or :criteria_version::int is null and c.state = 'PUBLISHED')) s on true
	left join run_pool(:program_id, :cohort_id) p on true
where must_coordinate(:program_id, :caller.id, :caller.roles::text[]);

-- must_hold_locks(NewMatchRun) exec
select must_be_feasible(:program_id, :cohort_id, :locks::jsonb, :several) where jsonb_array_length(:locks::jsonb) > 0;

-- add_match_run(NewMatchRun) exec
with run as (
	insert into match_run (id, program_id, cohort_id, objective, criteria_version, locks, secret_seed, seed_commitment, mentees, mentors,
		places, memory_mb, several, created_by, ends_by)
	values (:id, :program_id, :cohort_id, :objective, :criteria_version, :locks::jsonb, :secret_seed, :seed_commitment, :mentees, :mentors,
		:places, :memory_mb, :several, :caller.id, now() + interval '30 minutes')
	returning id
)
select schedule('WorkMatchRun', id, now()) from run;

-- read_match_run(Id) one MatchRun
select v.*, v.updated_at <> now() as unchanged from match_run_view v where v.id = :id;

-- list_match_runs(ListMatchRunsRequest) page ListMatchRunsResponse by id desc
select v.* from match_run_view v
where v.program_id = :program_id and must_coordinate(:program_id, :caller.id, :caller.roles::text[]) and (:state::text is null or v.state = :state);

-- get_match_run(Id) one MatchRun
select v.* from match_run_view v where v.id = :id and must_run(:id, :caller.id, :caller.roles::text[]);

-- watch_match_run(Id) one MatchRun
select v.* from match_run_view v where v.id = :id and must_run(:id, :caller.id, :caller.roles::text[]);

-- may_see_run(Id) exec
select must_run(:id, :caller.id, :caller.roles::text[]);

-- set_run_cancelled(Id) exec
update match_run r set state = 'CANCELLED'
where r.id = :id and must_run(:id, :caller.id, :caller.roles::text[]) and r.state <> 'CANCELLED'
	and only_from('match_run', r.state, '{QUEUED,SNAPSHOTTING,SOLVING,CERTIFIED}');

-- set_run_discarded(Id) exec
update match_run r set state = 'DISCARDED'
where r.id = :id and must_run(:id, :caller.id, :caller.roles::text[]) and r.state <> 'DISCARDED'
	and only_from('match_run', r.state, '{REVIEW}');

-- list_unmatched(ListUnmatchedRequest) page ListUnmatchedResponse by id
select * from (
	select u.mentee_id as id, coalesce(p.display_name, '') as display_name, u.reason, u.rules, u.nearest_id, u.missed_by
	from match_unmatched u join match_run r on r.id = u.run_id
		left join match_profile p on p.user_id = u.mentee_id and p.program_id = r.program_id and p.role = 'MENTEE'
	where u.run_id = :id and must_run(:id, :caller.id, :caller.roles::text[])) x
where true;

-- lock_run(Id) one RunWork
-- Whoever changes a solution holds the run until the commit.
select w.* from match_run r, run_work(r) w
where r.id = :id and must_run(:id, :caller.id, :caller.roles::text[]) and only_from('match_run', r.state, '{REVIEW,PUBLISHED}')
for update of r;

-- lock_run_itself(Id) maybe RunWork
select w.* from match_run r, run_work(r) w where r.id = :id and r.state in ('REVIEW', 'PUBLISHED') for update of r;

-- see_run(Id) one RunWork
select w.* from match_run r, run_work(r) w
where r.id = :id and must_run(:id, :caller.id, :caller.roles::text[])
	and only_from('match_run', r.state, '{REVIEW,PUBLISHED,DISCARDED}');

-- standing_pairs(Id) many StandingPairs
select p.id, p.mentee_index, p.mentor_index, p.state, p.locked from match_proposal p where p.run_id = :id order by p.id;

-- must_be_matching(PublishMatchRunRequest) exec
select must_run(:id, :caller.id, :caller.roles::text[])
	and (c.id is null or c.state = 'MATCHING' or refuse(409, 'COHORT_NOT_MATCHING', 'Proposals are sent out while the cohort is being matched.'))
from match_run r left join cohort c on c.id = r.cohort_id where r.id = :id;

-- send_proposals(PublishOrder) exec
select publish_proposals(:id, :ids::uuid[], :all, :notify_at, :auto_accept, :acceptance_days);

-- set_run_published(PublishOrder) exec
update match_run set state = 'PUBLISHED', publish_next = :publish_next, published_at = coalesce(published_at, now()) where id = :id;

-- count_published(PublishOrder) one PublishCount
select count(*) filter (where p.state = 'PUBLISHED' and p.updated_at = now())::int as published,
	count(*) filter (where p.state = 'STALE' and p.updated_at = now())::int as stale,
	count(*) filter (where p.state not in ('DRAFT', 'REMOVED', 'STALE') and p.updated_at <> now())::int as before
from match_proposal p where p.run_id = :id and (:all or p.id = any(:ids::uuid[]));

-- read_stale(PublishOrder) many PublishMatchRunResponse
select p.id, case p.stale_reason when 'NOT_ALLOWED' then 'NOT_ALLOWED' else p.stale_reason end as reason
from match_proposal p where p.run_id = :id and p.state = 'STALE' and (:all or p.id = any(:ids::uuid[]))
order by p.id limit 1000;

-- may_force_pair(MatchPairRequest) exec
select must_run(:id, :caller.id, :caller.roles::text[])
	and (may_meet(:mentor_id, :mentee_id) or refuse(403, 'PAIR_NOT_ALLOWED', 'These two cannot be brought together.'));

-- must_be_drafts(DraftBatch) exec
select not exists (
		select from match_proposal p
		where p.run_id = :run_id and p.mentee_index = any(:dropped::int[]) and p.state in ('PUBLISHED', 'ACCEPTED_BY_ONE', 'ACCEPTED'))
	or refuse(409, 'PAIR_PUBLISHED', 'What people know of stays as it is.');

-- set_pair_removed(MatchPairRequest) exec
with pair as (
	update match_proposal p set state = 'REMOVED', locked = false, note = case when :note::text <> '' then :note else p.note end
	where p.run_id = :id and p.mentor_id = :mentor_id and p.mentee_id = :mentee_id and p.state not in ('REMOVED', 'STALE', 'DECLINED', 'EXPIRED')
		and (p.state = 'DRAFT' or refuse(409, 'PAIR_PUBLISHED', 'What people know of stays as it is.'))
	returning 1
)
select exists (select from pair) or refuse(404, 'NOT_FOUND', 'The run has no such pair.');

-- set_pair_locked(MatchPairRequest) exec
with pair as (
	update match_proposal p set locked = true, note = case when :note::text <> '' then :note else p.note end
	where p.run_id = :id and p.mentor_id = :mentor_id and p.mentee_id = :mentee_id and p.state = 'DRAFT' returning 1
)
select exists (select from pair) or refuse(404, 'NOT_FOUND', 'The run has no such draft.');

-- set_pair_unlocked(MatchPairRequest) exec
with pair as (
	update match_proposal p set locked = false
	where p.run_id = :id and p.mentor_id = :mentor_id and p.mentee_id = :mentee_id and p.state = 'DRAFT' returning 1
)
select exists (select from pair) or refuse(404, 'NOT_FOUND', 'The run has no such draft.');

-- held_pairs(Id) many StandingPairs
select p.id, p.mentee_index, p.mentor_index, p.state, p.locked from match_proposal p
where p.run_id = :id and p.state in ('PUBLISHED', 'ACCEPTED_BY_ONE', 'ACCEPTED') order by p.id;

-- lost_pairs(Id) many StandingPairs
select p.id, p.mentee_index, p.mentor_index, p.state, p.locked from match_proposal p
where p.run_id = :id and p.state in ('DECLINED', 'EXPIRED', 'STALE', 'REMOVED') order by p.id;

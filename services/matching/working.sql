-- What works on a run: claims, snapshots, solutions. Statements of the process itself, each a transaction of its own, unless a timer runs them.

-- claim_run(Id) maybe RunWork
-- Whoever has it says so every few seconds; who stops doing so is gone, and the timer finds somebody else.
with claimed as (
	update match_run r set worked_until = now() + interval '15 seconds', attempts = r.attempts + 1,
		started_at = coalesce(r.started_at, now()), state = case r.state when 'QUEUED' then 'SNAPSHOTTING' else r.state end
	where r.id = :id and r.state in ('QUEUED', 'SNAPSHOTTING', 'SOLVING', 'CERTIFIED') and coalesce(r.worked_until <= now(), true)
	returning r as run
)
select w.* from claimed c, run_work(c.run) w;

-- watch_work(Id) exec
-- Looks again when the claim would be over.
select schedule('WorkMatchRun', r.id, greatest(r.worked_until, now()) + interval '1 second')
from match_run r where r.id = :id and r.state in ('QUEUED', 'SNAPSHOTTING', 'SOLVING', 'CERTIFIED');

-- keep_claim(RunStep) maybe RunWork
-- No row: it was cancelled, or somebody else has it.
update match_run r set worked_until = now() + interval '15 seconds', progress = :progress
where r.id = :id and r.state in ('SNAPSHOTTING', 'SOLVING', 'CERTIFIED')
returning r.id, r.state, r.ends_by <= now() as late;

-- leave_claim(Id) exec
with left_over as (
	update match_run r set worked_until = now() where r.id = :id and r.state in ('SNAPSHOTTING', 'SOLVING', 'CERTIFIED') returning r.id
)
select schedule('WorkMatchRun', id, now()) from left_over;

-- take_step(RunStep) maybe MatchRun
update match_run r set state = :state, progress = :progress, snapshot_hash = coalesce(nullif(:snapshot_hash, ''), r.snapshot_hash),
	failure = nullif(:failure, ''), certified_at = case :state when 'CERTIFIED' then now() else r.certified_at end
where r.id = :id and r.state not in ('CANCELLED', 'FAILED', 'TIMED_OUT', 'DISCARDED')
returning r.id, r.program_id, r.cohort_id, r.state, r.progress, coalesce(r.matched, 0) as matched, coalesce(r.total, 0) as total, r.revision,
	coalesce(r.failure, '') as failure, r.created_by;

-- set_in_pool(MatchRun) exec
-- Whoever looks for another partner is in the pool from the first run on that takes them in.
update rematch r set state = 'IN_POOL'
from run_pool(:program_id, :cohort_id) p
where r.program_id = :program_id and r.state = 'ELIGIBLE' and p.role = r.side
	and p.user_id = case r.side when 'MENTOR' then r.mentor_id else r.mentee_id end;

-- forget_snapshot(Id) exec
delete from match_snapshot where run_id = :id;

-- criteria_of_run(RunWork) one CriteriaSet
select c.id, c.program_id, c.criteria_version, c.criteria, c.hard_rules, c.min_score, c.objective
from criteria_set c
where c.program_id = :program_id and case when :criteria_version = 0 then c.state = 'PUBLISHED' else c.criteria_version = :criteria_version end;

-- sensitive_questions(RunWork) one Words
select coalesce(array_agg(distinct q ->> 'criterion'), '{}') as items
from program p, jsonb_array_elements(p.questions) q where p.id = :program_id and (q ->> 'sensitive')::boolean;

-- pool_ids(PoolPage) many PoolIds
select p.membership_id as id from run_pool(:program_id, :cohort_id) p where p.role = :role order by p.membership_id;

-- pool_page(PoolPage) many PoolMembers
-- By their keys: where a page begins and ends is no matter of what the planner takes for the size of a pool.
select p.membership_id as "profile.membership_id", p.program_id as "profile.program_id", p.user_id as "profile.user_id",
	p.role as "profile.role", true as "profile.eligible", true as "profile.complete", coalesce(p.country, '') as "profile.country",
	p.zone as "profile.zone", p.skills as "profile.skills", p.languages as "profile.languages", p.topics as "profile.topics",
	p.industries as "profile.industries", p.experience_years as "profile.experience_years", p.level as "profile.level",
	p.first_time as "profile.first_time", p.answers as "profile.answers", p.availability as "profile.availability",
	p.room as "profile.room", array(
		select w.target from wishes_of(p.program_id, p.user_id) w order by w.nth) as "profile.wishes",
	(extract(epoch from (now() at time zone p.zone) - (now() at time zone 'UTC')) / 60)::int as zone_minutes, p.room - o.pending as places
from match_profile p, pending_of(p.membership_id, p.user_id, p.role) o
where p.membership_id = any(:ids::uuid[]) and p.eligible and p.room > o.pending
order by p.membership_id;

-- pool_exclusions(PoolPage) many MatchPairs
select mentor_id, mentee_id from excluded_pairs(:program_id) order by 1, 2;

-- add_snapshot_part(SnapshotRow) exec
insert into match_snapshot (run_id, part, bytes) values (:run_id, :part, :bytes) on conflict do nothing;

-- read_snapshot(RunPart) many SnapshotRows
select s.run_id, s.part, s.bytes from match_snapshot s where s.run_id = :run_id and s.part >= :part order by s.part limit 8;

-- add_drafts(DraftBatch) exec
insert into match_proposal (run_id, program_id, mentor_id, mentee_id, mentor_membership, mentee_membership, mentor_index, mentee_index, locked,
	score, regret, round, note)
select :run_id, r.program_id, d.mentor_id, d.mentee_id, d.mentor_membership, d.mentee_membership, coalesce(d.mentor_index, 0), coalesce(d.mentee_index, 0),
	coalesce(d.locked, false), coalesce(d.score, 0), coalesce(d.regret, 0), :round, coalesce(d.note, '')
from match_run r, jsonb_to_recordset(:added::jsonb) d (mentor_id uuid, mentee_id uuid, mentor_membership uuid, mentee_membership uuid,
	mentor_index int, mentee_index int, locked boolean, score int, regret int, note text)
where r.id = :run_id
on conflict do nothing;

-- drop_drafts(DraftBatch) exec
delete from match_proposal where run_id = :run_id and state = 'DRAFT' and mentee_index = any(:dropped::int[]);

-- clear_unmatched(Id) exec
delete from match_unmatched where run_id = :id;

-- add_unmatched(UnmatchedBatch) exec
insert into match_unmatched (run_id, mentee_index, mentee_id, reason, rules, nearest_id, missed_by)
select :run_id, coalesce(u.mentee_index, 0), u.mentee_id, u.reason, coalesce(u.rules, '[]'), nullif(u.nearest_id, '')::uuid, coalesce(u.missed_by, 0)
from jsonb_to_recordset(:items::jsonb) u (mentee_index int, mentee_id uuid, reason text, rules jsonb, nearest_id text, missed_by int)
on conflict do nothing;

-- set_run_result(RunResult) exec
update match_run set result_hash = :result_hash, matched = :matched, total = :total, worst = :worst, mentors_used = :mentors_used,
	blocking_pairs = :blocking_pairs, solve_ms = :solve_ms, solution = :solution, warnings = :warnings::jsonb, revision = revision + 1
where id = :id;

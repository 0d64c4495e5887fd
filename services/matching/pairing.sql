-- Matches by hand and from files, who waits, and another partner.

-- try_pair(ManualMatchRequest) one ManualMatch
select '' as id, :program_id::uuid as program_id, :mentor_id::uuid as mentor_id, :mentee_id::uuid as mentee_id
where must_coordinate(:program_id, :caller.id, :caller.roles::text[]) and must_pair(:program_id, :mentor_id, :mentee_id);

-- add_pair(ManualMatchRequest) one ManualMatch
with paired as (
	select pair_up(:new.id::uuid, :program_id, :mentor_id, :mentee_id) where must_coordinate(:program_id, :caller.id, :caller.roles::text[])
)
select :new.id::uuid as id, :program_id::uuid as program_id, :mentor_id::uuid as mentor_id, :mentee_id::uuid as mentee_id, now() as created_at
from paired;

-- read_pair(ManualMatch) one OpenMatchRequest
select :id::uuid as id, :program_id::uuid as program_id, 'ADMIN' as origin, true as ask,
	array[(member_as(:program_id, :mentor_id, 'MENTOR')).membership_id] as mentor_memberships,
	array[(member_as(:program_id, :mentee_id, 'MENTEE')).membership_id] as mentee_memberships;

-- read_lines(ImportMatchesRequest) many ImportMatchesResponse
select l.line, '' as mentorship_id, '' as code, '' as detail, lower(coalesce(l.cells[1], '')) as mentor_email,
	lower(coalesce(l.cells[2], '')) as mentee_email
from match_lines(case when must_coordinate(:program_id, :caller.id, :caller.roles::text[]) then :upload_id::uuid end) l
order by l.line;

-- import_line(ImportLine) one ImportedMatch
select coalesce(i.code, '') as code, coalesce(i.detail, '') as detail
from import_match(:mentorship_id::uuid, :program_id, :mentor_id, :mentee_id, :dry_run) i;

-- read_line(ImportLine) one OpenMatchRequest
select :mentorship_id::uuid as id, :program_id::uuid as program_id, 'IMPORT' as origin, true as ask,
	array[(member_as(:program_id, :mentor_id, 'MENTOR')).membership_id] as mentor_memberships,
	array[(member_as(:program_id, :mentee_id, 'MENTEE')).membership_id] as mentee_memberships;

-- undo_line(ImportLine) exec
select give_place(:mentorship_id::uuid, :mentor_id), give_place(:mentorship_id::uuid, :mentee_id);

-- Whoever is beyond the places that are free waits as long as it took others in the last thirty days.
-- list_queue(QueueRequest) page QueuePage by position
select q.id, q.user_id, q.waiting_since, q.days, q.position, q.position <= spare.places as place_free,
	case when q.position <= spare.places then current_date
		when pace.taken > 0 then current_date + ceil((q.position - spare.places) * 30.0 / pace.taken)::int end as forecast_on
from (
	select p.membership_id as id, p.user_id, p.waiting_since, extract(days from now() - p.waiting_since)::int as days,
		row_number() over (order by p.waiting_since, p.membership_id) as position
	from match_profile p
	where p.program_id = :program_id and p.role = 'MENTEE' and p.eligible and p.waiting_since is not null) q
	cross join (select coalesce(sum(m.room), 0) as places from match_profile m
		where m.program_id = :program_id and m.role = 'MENTOR' and m.eligible) spare
	cross join (select count(*) as taken from place t
		where t.program_id = :program_id and t.role = 'MENTEE' and t.created_at > now() - interval '30 days') pace
where must_coordinate(:program_id, :caller.id, :caller.roles::text[]);

-- The next look: in a week while somebody waits for long, else when somebody will.
-- schedule_queue(Id) exec
select schedule('WatchQueue', :id, case when min(p.waiting_since) <= now() - interval '14 days' then now() + interval '7 days'
	else min(p.waiting_since) + interval '14 days' end)
from match_profile p where p.program_id = :id and p.role = 'MENTEE' and p.waiting_since is not null;

-- read_queue_age(Id) maybe QueueAge
select :id::uuid as id, max(extract(days from now() - p.waiting_since))::int as days, count(*)::int as people
from match_profile p
where p.program_id = :id and p.role = 'MENTEE' and p.eligible and p.waiting_since <= now() - interval '14 days'
having count(*) > 0;

-- set_rematch_asked(RematchRequest) one Rematch
select r.*, r.created_at <> now() as unchanged
from ask_rematch(:new.id::uuid, :id, :side, :reason_code, :keep_history, :caller.id, :caller.roles::text[]) r;

-- withdraw_rematch(Id) one Rematch
update rematch r set state = 'WITHDRAWN'
where r.mentorship_id = :id and (r.asked_by = :caller.id
		or case r.side when 'MENTOR' then r.mentor_id else r.mentee_id end = :caller.id
		or coordinates(r.program_id, :caller.id, :caller.roles::text[]))
	and only_from('rematch', r.state, '{ASKED,COOLING_OFF,ELIGIBLE,IN_POOL,WITHDRAWN}')
returning r.*, r.updated_at <> now() as unchanged;

-- set_eligible(Id) maybe Rematch
update rematch r set state = 'ELIGIBLE' where r.id = :id and r.state = 'COOLING_OFF' and r.eligible_at <= now()
returning r.*;

-- Requests. Functions of the schema hold the rules: who may ask whom, the places, the clocks.

-- add_request(SendRequestRequest) one MatchRequest
select q.* from send_request(:new.id::uuid, :program_id, :caller.id, :to, :message) q;

-- requests_in(ListRequestsRequest) page ListRequestsResponse by id desc
select m.* from match_request q, my_request(q, :caller.id) m
where q.to_id = :caller.id and not q.blocked and (:state::text is null or q.state = :state)
	and (:program_id::uuid is null or q.program_id = :program_id);

-- requests_out(ListRequestsRequest) page ListRequestsResponse by id desc
select m.* from match_request q, my_request(q, :caller.id) m
where q.from_id = :caller.id and shows_offer(q, :caller.id) and (:state::text is null or q.state = :state)
	and (:program_id::uuid is null or q.program_id = :program_id);

-- all_requests(ListRequestsRequest) page ListRequestsResponse by id desc
select m.* from match_request q, my_request(q, :caller.id) m
where (q.to_id = :caller.id and not q.blocked or q.from_id = :caller.id and shows_offer(q, :caller.id))
	and (:state::text is null or q.state = :state) and (:program_id::uuid is null or q.program_id = :program_id);

-- get_request(Id) one MatchRequest
select m.* from match_request q, my_request(q, :caller.id) m
where q.id = :id and (q.to_id = :caller.id and not q.blocked or q.from_id = :caller.id and shows_offer(q, :caller.id));

-- set_accepted(Id) one MatchRequest
select q.*, q.updated_at <> now() as unchanged from accept_request(:id, :caller.id) q;

-- The memberships that begin the mentorship.
-- read_match(MatchRequest) one OpenMatchRequest
select q.mentorship_id as id, q.program_id, 'REQUEST' as origin,
	array[(member_as(q.program_id, q.mentor_id, 'MENTOR')).membership_id] as mentor_memberships,
	array[(member_as(q.program_id, q.mentee_id, 'MENTEE')).membership_id] as mentee_memberships
from match_request q where q.id = :id;

-- supersede_others(MatchRequest) many MatchRequests
select q.* from supersede_requests(:program_id, :mentor_id) q
union all select q.* from supersede_requests(:program_id, :mentee_id) q;

-- lock_request(Id) exec
select lock_pair(:id);

-- set_declined(DeclineRequestRequest) one MatchRequest
update match_request q set state = 'DECLINED', reason_code = :reason_code, reason_text = :reason_text
where q.id = :id and q.to_id = :caller.id and not q.blocked and only_from('match_request', q.state, '{SENT,DECLINED}')
returning q.*, q.updated_at <> now() as unchanged;

-- set_withdrawn(Id) one MatchRequest
update match_request q set state = 'WITHDRAWN'
where q.id = :id and q.from_id = :caller.id and shows_offer(q, :caller.id) and only_from('match_request', q.state, '{SENT,WITHDRAWN}')
returning q.*, q.updated_at <> now() as unchanged;

-- set_asked_again(Id) one MatchRequest
update match_request q set reminded_at = now()
where q.id = :id and q.from_id = :caller.id and shows_offer(q, :caller.id) and only_from('match_request', q.state, '{SENT}')
	and (q.reminded_at is null or refuse(409, 'REMINDED_ALREADY', 'You have reminded once already.'))
	and (q.created_at < now() - interval '1 day' or refuse(409, 'TOO_SOON', 'Give them a day before you remind.'))
returning q.*;

-- list_program_requests(ListProgramRequestsRequest) page ListProgramRequestsResponse by id desc
select q.id, q.program_id, q.mentor_id, q.mentee_id, q.from_id, q.to_id, q.place, q.state, q.reason_code, q.reason_text, q.expires_at,
	q.answered_at, q.created_at, q.updated_at, q.version
from match_request q
where q.program_id = :program_id and must_coordinate(:program_id, :caller.id, :caller.roles::text[])
	and (:state::text is null or q.state = :state);

-- set_watched(Id) maybe MatchRequest
update match_request q set reminded = case when q.expires_at <= now() then q.reminded else q.reminded + 1 end,
	state = case when q.expires_at <= now() then 'EXPIRED' else 'SENT' end
where q.id = :id and q.state = 'SENT' and next_watch(q) <= now()
returning q.*;

-- A request to a mentor that was not answered; what they never saw is no silence.
-- count_missed(MatchRequest) maybe Silence
select q.to_id as id, q.program_id, count_silence(q.to_id) as missed
from match_request q where q.id = :id and q.to_id = q.mentor_id and q.state = 'EXPIRED' and not q.blocked;

-- supersede_member(Id) many MatchRequests
select q.* from match_profile p, lateral supersede_requests(p.program_id, p.user_id) q where p.membership_id = :id;

-- read_room(Id) maybe Room
select p.membership_id as id, p.program_id, p.user_id, p.room from match_profile p where p.membership_id = :id and p.eligible;

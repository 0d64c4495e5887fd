-- Pauses, extensions and the end of mentorships. Functions of the schema hold the rules.

-- set_pause_asked(AskMentorshipRequest) one Mentorship
select m.*, m.updated_at <> now() as unchanged
from ask_mentorship(:id, 'PAUSE', :until, :reason, :caller.id, :caller.roles::text[]) m;

-- set_resumption_asked(AskMentorshipRequest) one Mentorship
select m.*, m.updated_at <> now() as unchanged
from ask_mentorship(:id, 'RESUME', null, :reason, :caller.id, :caller.roles::text[]) m;

-- set_extension_asked(AskMentorshipRequest) one Mentorship
select m.*, m.updated_at <> now() as unchanged
from ask_mentorship(:id, 'EXTEND', :until, :reason, :caller.id, :caller.roles::text[]) m;

-- remove_ask(DropAskRequest) exec
delete from mentorship_ask where mentorship_id = :id and kind = :kind and must_be_party(:id, :caller.id);

-- read_own_mentorship(DropAskRequest) one Mentorship
select m.*, m.updated_at <> now() as unchanged from mentorship m where m.id = :id and must_be_party(:id, :caller.id);

-- set_closing(StartClosureRequest) one Mentorship
select m.*, m.updated_at <> now() as unchanged from start_closing(:id, :close_reason, :caller.id, :caller.roles::text[]) m;

-- get_closure(Id) one Closure
select m.id, m.state, m.close_reason, m.closing_by, m.closing_at, m.close_by, closure_steps(m.id) as steps,
	(rules_of(m.program_id)).post_contact_rule, m.closed_at, m.closed_incomplete
from mentorship m where m.id = :id and must_see_mentorship(:id, :caller.id, :caller.roles::text[]);

-- set_closure_step(ClosureStepRequest) one ClosureStepOutcome
select m.id, m.program_id, m.cohort_id, m.mentor_ids, m.mentee_ids, :key::text as key, c.changed
from complete_closure_step(:id, :key, :caller.id) c (changed), mentorship m where m.id = :id;

-- set_closed(Id) one Mentorship
select m.*, m.updated_at <> now() as unchanged from finish_closure(:id, :caller.id, :caller.roles::text[]) m;

-- hand_over(HandOverRequest) one Handover
select h.*, :items::jsonb as items from hand_over(:id, :to_mentorship_id, coalesce(:items::jsonb, '[]'), :caller.id) h;

-- get_handovers(Id) many Handovers
select h.*, handover_items(h) as items from handover h
where must_be_party(:id, :caller.id)
	and (h.mentorship_id = :id and h.mentee_id = :caller.id or h.to_mentorship_id = :id and party_role(:id, :caller.id) = 'MENTOR');

-- set_handover_accepted(Id) one Handover
select h.*, handover_items(h) as items, h.updated_at <> now() as unchanged from accept_handover(:id, :caller.id) h;

-- set_all_closing(CloseAllRequest) many Mentorships
select m.* from close_all(case when must_coordinate(:program_id, :caller.id, :caller.roles::text[]) then :program_id::uuid end, :closes_on) m;

-- set_pause_ended(Id) maybe Mentorship
update mentorship m set state = 'ACTIVE'
where m.id = :id and m.state = 'PAUSED' and (m.paused_until + 1)::timestamp at time zone zone_of(m.cohort_id) <= now()
returning m.*;

-- set_end_reached(Id) maybe Mentorship
update mentorship m set state = 'CLOSING', close_reason = 'END_DATE'
where m.id = :id and m.state in ('KICKOFF', 'ACTIVE', 'PAUSED')
	and (m.planned_end_on + 1)::timestamp at time zone zone_of(m.cohort_id) <= now()
returning m.*;

-- set_end_announced(Id) maybe MentorshipNews
update mentorship m set end_announced = end_notice(m)
where m.id = :id and m.state in ('KICKOFF', 'ACTIVE', 'PAUSED') and end_notice(m) is not null and end_notice(m) < coalesce(m.end_announced, 31)
returning m.id, m.program_id, m.cohort_id, m.mentor_ids, m.mentee_ids, m.planned_end_on, m.end_announced as days;

-- schedule_end(Id) exec
select schedule('WatchEnd', m.id, next_end_notice(m.planned_end_on, zone_of(m.cohort_id)))
from mentorship m where m.id = :id and m.state in ('KICKOFF', 'ACTIVE', 'PAUSED') and m.planned_end_on is not null;

-- set_overdue_closed(Id) maybe Mentorship
update mentorship m set state = 'CLOSED', closed_incomplete = missing_steps(m.id) is not null
where m.id = :id and m.state = 'CLOSING' and m.close_by <= now()
returning m.*;

-- Opportunities.

-- add_opportunity(OfferOpportunityRequest) one Opportunity
insert into opportunity (id, program_id, offered_by, kind, audience, title, body, places, closes_at)
select :new.id, :program_id, :caller.id, :kind, coalesce(:audience, 'MENTEES'), :title, coalesce(:body, ''), :places, :closes_at
where must_be('MENTOR', :program_id, :caller.id, :caller.roles::text[])
returning *;

-- close_when_due(Opportunity) exec
select schedule('CloseDueOpportunity', :id, :closes_at);

-- list_opportunities(ListOpportunitiesRequest) page ListOpportunitiesResponse by created_at desc, id desc
select o.* from opportunity o
where o.program_id = :program_id and must_take_part(:program_id, :caller.id, :caller.roles::text[])
	and (:state::text is null or o.state = :state) and (:kind::text is null or o.kind = :kind)
	and (o.audience = 'MENTEES' or is_for(o, :caller.id, :caller.roles::text[]));

-- get_opportunity(OpportunityRequest) one Opportunity
select o.* from opportunity o
where o.id = :id and o.program_id = :program_id and must_find(o, :caller.id, :caller.roles::text[]);

-- close_opportunity(OpportunityRequest) one Opportunity
update opportunity o set state = 'CLOSED'
where o.id = :id and o.program_id = :program_id and must_find(o, :caller.id, :caller.roles::text[])
	and (o.offered_by = :caller.id or must_coordinate(:program_id, :caller.id, :caller.roles::text[]))
returning o.*, o.updated_at <> now() as unchanged;

-- add_application(ApplyOpportunityRequest) one OpportunityApplication
insert into opportunity_application (id, opportunity_id, program_id, user_id, message)
select :new.id, o.id, o.program_id, :caller.id, coalesce(:message, '') from opportunity o
where o.id = :id and o.program_id = :program_id and must_find(o, :caller.id, :caller.roles::text[])
	and must_be('MENTEE', :program_id, :caller.id, :caller.roles::text[])
	and (o.state <> 'CLOSED' and o.closes_at > now() or refuse(409, 'CLOSED', 'It takes no more applications.'))
returning *;

-- withdraw_application(OpportunityRequest) one OpportunityApplication
update opportunity_application a set state = 'WITHDRAWN'
from opportunity o
where a.id = (select l.id from opportunity_application l where l.opportunity_id = :id and l.user_id = :caller.id order by l.created_at desc limit 1)
	and o.id = a.opportunity_id and o.program_id = :program_id
returning a.*, a.updated_at <> now() as unchanged;

-- The opportunity's row is locked first, so that one decides at a time.
-- set_decided(DecideApplicationRequest) one OpportunityApplication
with o as (
	select o.id from opportunity o
	where o.id = :id and o.program_id = :program_id and must_find(o, :caller.id, :caller.roles::text[])
		and (o.offered_by = :caller.id or refuse(403, 'NOT_OFFERED_BY_YOU', 'Whoever offers it decides.'))
		and (not :accept or o.taken < o.places
			or exists (select from opportunity_application a where a.id = :application_id and a.state = 'ACCEPTED')
			or refuse(409, 'NO_PLACE', 'Every place is taken.'))
	for no key update
)
update opportunity_application a set state = case when :accept then 'ACCEPTED' else 'DECLINED' end
from o where a.opportunity_id = o.id and a.id = :application_id
returning a.*, a.updated_at <> now() as unchanged;

-- list_applications(ListApplicationsRequest) page ListApplicationsResponse by created_at, id
select a.* from opportunity_application a join opportunity o on o.id = a.opportunity_id
where a.opportunity_id = :id and must_find_opportunity(:id, :program_id, :caller.id, :caller.roles::text[])
	and (:state::text is null or a.state = :state)
	and (a.user_id = :caller.id or o.offered_by = :caller.id or coordinates(o.program_id, :caller.id, :caller.roles::text[]));

-- close_due_opportunity(Id) exec
update opportunity set state = 'CLOSED' where id = :id and closes_at <= now() and state <> 'CLOSED';

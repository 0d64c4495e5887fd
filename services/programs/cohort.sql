-- Cohorts. What was changed by this statement has updated_at = now().

-- create_cohort(CreateCohortRequest) one Cohort
insert into cohort (id, program_id, name, registration_opens_at, registration_closes_at, matching_at, starts_on, ends_on, zone,
	mentor_capacity, mentee_capacity)
select :new.id, p.id, :name, :registration_opens_at, :registration_closes_at, :matching_at, :starts_on, :ends_on, :zone,
	:mentor_capacity, :mentee_capacity
from program p
where p.id = :program_id and must_coordinate(:program_id, :caller.id, :caller.roles::text[])
	and (p.state <> 'ARCHIVED' or refuse(409, 'ARCHIVED', 'An archived program takes no more cohorts.'))
returning *;

-- list_cohorts(ListCohortsRequest) page ListCohortsResponse by starts_on desc, id desc
select * from cohort
where program_id = :program_id and must_find(:program_id, :caller.id, :caller.roles::text[])
	and (:state::text is null or state = :state);

-- get_cohort(CohortId) one Cohort
select * from cohort
where id = :id and program_id = :program_id and must_find(:program_id, :caller.id, :caller.roles::text[]);

-- update_cohort(UpdateCohortRequest) one Cohort
update cohort set
	name = case when :set.name then :name else name end,
	registration_opens_at = case when :set.registration_opens_at then :registration_opens_at else registration_opens_at end,
	registration_closes_at = case when :set.registration_closes_at then :registration_closes_at else registration_closes_at end,
	matching_at = case when :set.matching_at then :matching_at else matching_at end,
	starts_on = case when :set.starts_on then :starts_on else starts_on end,
	ends_on = case when :set.ends_on then :ends_on else ends_on end,
	zone = case when :set.zone then :zone else zone end,
	mentor_capacity = case when :set.mentor_capacity then :mentor_capacity else mentor_capacity end,
	mentee_capacity = case when :set.mentee_capacity then :mentee_capacity else mentee_capacity end
where id = :id and program_id = :program_id and must_coordinate(:program_id, :caller.id, :caller.roles::text[])
	and (state not in ('ENDED', 'CANCELLED') or refuse(409, 'COHORT_IS_OVER', 'This cohort is over.'))
	and at_version(version, :if_match)
returning *;

-- set_cohort_open(OpenCohortRequest) one Cohort
update cohort c set state = 'REGISTRATION_OPEN',
	registration_opens_at = least(c.registration_opens_at, now()),
	registration_closes_at = coalesce(:registration_closes_at, c.registration_closes_at)
from program p
where c.id = :id and c.program_id = :program_id and p.id = c.program_id
	and must_coordinate(:program_id, :caller.id, :caller.roles::text[])
	and (p.state = 'PUBLISHED' or refuse(409, 'NOT_PUBLISHED', 'Publish the program before you open registration.'))
	and (coalesce(:registration_closes_at, c.registration_closes_at) > now()
		or refuse(422, 'CLOSES_IN_THE_PAST', 'Say until when registration is open.'))
returning c.*, c.updated_at <> now() as unchanged;

-- set_cohort_closed(CohortId) one Cohort
update cohort set state = 'REGISTRATION_CLOSED', registration_closes_at = least(registration_closes_at, now())
where id = :id and program_id = :program_id and must_coordinate(:program_id, :caller.id, :caller.roles::text[])
returning *, updated_at <> now() as unchanged;

-- set_cohort_matching(CohortId) one Cohort
update cohort set state = 'MATCHING'
where id = :id and program_id = :program_id and must_coordinate(:program_id, :caller.id, :caller.roles::text[])
returning *, updated_at <> now() as unchanged;

-- set_cohort_running(CohortId) one Cohort
update cohort set state = 'RUNNING'
where id = :id and program_id = :program_id and must_coordinate(:program_id, :caller.id, :caller.roles::text[])
returning *, updated_at <> now() as unchanged;

-- set_cohort_ended(CohortId) one Cohort
update cohort set state = 'ENDED'
where id = :id and program_id = :program_id and must_coordinate(:program_id, :caller.id, :caller.roles::text[])
returning *, updated_at <> now() as unchanged;

-- set_cohort_cancelled(CohortId) one Cohort
update cohort set state = 'CANCELLED'
where id = :id and program_id = :program_id and must_coordinate(:program_id, :caller.id, :caller.roles::text[])
returning *, updated_at <> now() as unchanged;

-- set_due_cohort_open(Id) maybe Cohort
update cohort c set state = 'REGISTRATION_OPEN'
from program p
where c.id = :id and p.id = c.program_id and p.state = 'PUBLISHED' and c.state = 'PLANNED'
	and c.registration_opens_at <= now() and c.registration_closes_at > now()
returning c.*;

-- set_due_cohort_closed(Id) maybe Cohort
update cohort set state = 'REGISTRATION_CLOSED'
where id = :id and state = 'REGISTRATION_OPEN' and registration_closes_at <= now()
returning *;

-- set_cohort_closing(Id) maybe Cohort
update cohort set state = 'CLOSING'
where id = :id and state = 'RUNNING' and (ends_on + 1)::timestamp at time zone zone <= now()
returning *;

-- Who began to register cannot go on; who waits for a decision or a place may apply again.
-- set_released(Id) many Memberships
update membership m set
	state = case m.state when 'DRAFT' then 'EXPIRED' else 'REJECTED' end,
	reason_code = case when m.state <> 'DRAFT' then 'NOT_NOW' end
from cohort c
where c.id = :id and c.state = 'CANCELLED' and m.program_id = c.program_id and m.cohort_id = c.id and m.open
	and m.state in ('DRAFT', 'SUBMITTED', 'UNDER_REVIEW', 'INFO_REQUESTED', 'WAITLISTED')
returning m.*;

-- set_completed(Id) many Memberships
update membership m set state = 'COMPLETED'
from cohort c
where c.id = :id and c.state = 'ENDED' and m.cohort_id = c.id and m.state in ('ACTIVE', 'PAUSED') and m.submitted_at is not null
returning m.*;

-- Memberships. Triggers hold the rules: who may join, the places, the gates. What was changed by this statement has updated_at = now().

-- For many at once, each by itself: who cannot join gets no row, and refuse_joining says why. Everything is looked up by
-- index (limit 1), and in one order, so that two processes that do this do not wait for each other in a circle. Who joins twice
-- at once breaks a unique index, and is run again: by then it is seen here.
-- add_membership(StartRegistrationRequest) each Membership
insert into membership (id, program_id, cohort_id, user_id, role, sole, expires_at)
select a.id, a.program_id, p.cohort_id, a.user_id, a.role, not p.both_roles, now() + interval '30 days'
from (
		select unnest(:new.id::uuid[]), unnest(:program_id::uuid[]), unnest(:cohort_id::uuid[]), unnest(:caller.id::uuid[]),
			unnest(:role::text[])
	) a (id, program_id, cohort_id, user_id, role)
	cross join lateral (
		select c.id as cohort_id, p.both_roles
		from program p left join cohort c on c.id = coalesce(a.cohort_id, p.cohort_id) and c.program_id = p.id
		where p.id = a.program_id and (p.listed or finds_program(p.id, a.user_id, '{}')) and (a.cohort_id is null or c.id is not null)
			and is_open(p.state, c.state, c.registration_opens_at, c.registration_closes_at)
			and (case a.role when 'MENTOR' then p.mentor_admission else p.mentee_admission end <> 'INVITE'
				or is_invited(p.id, a.user_id, a.role))
		limit 1
	) p
where (
	select m.id from membership m
	where m.user_id = a.user_id and m.program_id = a.program_id and stands_in_the_way(m, a.role, p.both_roles) limit 1
) is null
order by a.program_id, a.user_id
returning *;

-- refuse_registration(StartRegistrationRequest) exec
select refuse_joining(:program_id, :cohort_id, :caller.id, :role);

-- A plan for any filter takes `x is null or a = x` for nearly nothing, and reads and sorts everything; a case it takes for half.
-- all_memberships(ListMembershipsRequest) page ListMembershipsResponse by created_at, id
select * from membership
where program_id = :program_id and submitted_at is not null
	and must_see_members(:program_id, :caller.id, :caller.roles::text[])
	and case when :role::text is null then true else role = :role end
	and case when :cohort_id::uuid is null then true else cohort_id = :cohort_id end;

-- memberships_in_state(ListMembershipsRequest) page ListMembershipsResponse by created_at, id
select * from membership
where program_id = :program_id and submitted_at is not null and state = :state
	and must_see_members(:program_id, :caller.id, :caller.roles::text[])
	and case when :role::text is null then true else role = :role end
	and case when :cohort_id::uuid is null then true else cohort_id = :cohort_id end;

-- list_my_memberships(Page) page ListMyMembershipsResponse by created_at desc, id desc
select m.id, m.program_id, p.slug as program_slug, p.title as program_title, m.cohort_id, m.role, m.state, m.open,
	m.waiting_for, m.info_question, m.expires_at, m.created_at, m.updated_at, m.version
from membership m join program p on p.id = m.program_id
where m.user_id = :caller.id;

-- read_membership(Id) one Membership
select * from membership m
where m.id = :id and (m.user_id = :caller.id
	or m.submitted_at is not null and coordinates(m.program_id, :caller.id, :caller.roles::text[]));

-- set_registration_submitted(Id) one Membership
update membership m set state = 'SUBMITTED'
where m.id = :id and m.user_id = :caller.id
returning *, updated_at <> now() as unchanged;

-- Where admission is open, nobody decides.
-- set_admitted(Id) one Membership
update membership m set state = 'APPROVED' where m.id = :id and m.user_id = :caller.id
returning *, updated_at <> now() as unchanged;

-- set_membership_approved(Id) one Membership
update membership m set state = 'APPROVED', decided_by = :caller.id, decided_at = now(), reason_code = null
where m.id = :id and decides(m, :caller.id, :caller.roles::text[])
returning *, updated_at <> now() as unchanged;

-- set_membership_rejected(DecideRequest) one Membership
update membership m set state = 'REJECTED', decided_by = :caller.id, decided_at = now(), reason_code = :reason_code
where m.id = :id and decides(m, :caller.id, :caller.roles::text[])
returning *, updated_at <> now() as unchanged;

-- set_waitlisted(Id) one Membership
update membership m set state = 'WAITLISTED', decided_by = :caller.id, decided_at = now()
where m.id = :id and decides(m, :caller.id, :caller.roles::text[])
returning *, updated_at <> now() as unchanged;

-- review_membership(Id) one Membership
update membership m set state = 'UNDER_REVIEW'
where m.id = :id and decides(m, :caller.id, :caller.roles::text[])
	and only_from('membership', m.state, '{SUBMITTED,UNDER_REVIEW}')
returning *, updated_at <> now() as unchanged;

-- set_info_requested(RequestInfoRequest) one Membership
update membership m set state = 'INFO_REQUESTED', info_question = :info_question, info_answer = ''
where m.id = :id and decides(m, :caller.id, :caller.roles::text[])
	and (m.state <> 'INFO_REQUESTED' or m.info_question = :info_question
		or refuse(409, 'ALREADY_ASKED', 'The person has not answered the last question yet.'))
returning *, updated_at <> now() as unchanged;

-- set_info_answered(AnswerInfoRequest) one Membership
update membership m set state = 'UNDER_REVIEW', info_answer = :info_answer
where m.id = :id and m.user_id = :caller.id
	and (m.state = 'UNDER_REVIEW' and m.info_answer <> '' or only_from('membership', m.state, '{INFO_REQUESTED}'))
returning *, updated_at <> now() as unchanged;

-- set_withdrawn(Id) one Membership
update membership m set state = 'WITHDRAWN'
where m.id = :id and m.user_id = :caller.id
returning *, updated_at <> now() as unchanged;

-- set_membership_paused(Id) one Membership
update membership m set state = 'PAUSED'
where m.id = :id and (m.user_id = :caller.id or decides(m, :caller.id, :caller.roles::text[]))
returning *, updated_at <> now() as unchanged;

-- set_membership_resumed(Id) one Membership
update membership m set state = 'ACTIVE'
where m.id = :id and (m.user_id = :caller.id or decides(m, :caller.id, :caller.roles::text[]))
	and only_from('membership', m.state, '{PAUSED,ACTIVE}')
returning *, updated_at <> now() as unchanged;

-- set_removed(DecideRequest) one Membership
update membership m set state = 'REMOVED', decided_by = :caller.id, decided_at = now(), reason_code = :reason_code
where m.id = :id and decides(m, :caller.id, :caller.roles::text[])
returning *, updated_at <> now() as unchanged;

-- allow_reapplying(Id) one Membership
update membership m set may_reapply = true
where m.id = :id and 'ADMIN' = any(:caller.roles::text[]) and is_anothers(m, :caller.id)
	and only_from('membership', m.state, '{REJECTED,REMOVED}')
returning *;

-- decide_each(BulkDecideRequest) many BulkDecideResponse
select (d.value ->> 'membership_id') as membership_id, o.state, o.changed, coalesce(o.code, '') as code, coalesce(o.detail, '') as detail
from jsonb_array_elements(:decisions::jsonb) with ordinality d (value, n),
	lateral decide(:program_id, (d.value ->> 'membership_id')::uuid, d.value ->> 'verdict', d.value ->> 'reason_code', :caller.id) o
where must_coordinate(:program_id, :caller.id, :caller.roles::text[])
order by d.n;

-- read_decided(BulkDecideRequest) many Memberships
select m.* from membership m
where m.program_id = :program_id
	and m.id in (select (d ->> 'membership_id')::uuid from jsonb_array_elements(:decisions::jsonb) d);

-- set_cleared(ClearGateRequest) one Membership
with cleared as (
	insert into cleared_gate (membership_id, gate) select m.id, :gate from membership m where m.id = :id
	on conflict do nothing
)
update membership m set waiting_for = array_remove(m.waiting_for, :gate)
where m.id = :id
returning *, updated_at <> now() as unchanged;

-- describe_membership(Id) one MembershipNotice
select m.id, m.user_id, m.program_id, p.slug as program_slug, p.title as program_title, coalesce(c.name, '') as cohort_name,
	c.starts_on, m.role, m.state, m.reason_code, m.waiting_for, m.info_question, m.info_answer
from membership m join program p on p.id = m.program_id left join cohort c on c.id = m.cohort_id
where m.id = :id;

-- set_expired(Id) many Memberships
update membership set state = 'EXPIRED'
where id in (select id from membership where state = 'DRAFT' and expires_at <= now() order by expires_at limit 100 for update skip locked)
returning *;

-- set_next_expiry(Id) exec
select schedule('ExpireDrafts', :id, coalesce((select min(expires_at) from membership where state = 'DRAFT'), now() + interval '30 days'));

-- set_places_filled(Id) many Memberships
select * from fill_places(:id);

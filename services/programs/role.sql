-- Who runs which program, who was invited to it and who is suspended, as identity tells.

-- on_grant_added(GrantAdded) exec
with own as (
	delete from program_role where program_id = :program_id and user_id = :user_id and role = :role and source_id = program_id
)
insert into program_role (program_id, user_id, role, source_id)
select :program_id, :user_id, :role, :id where :program_id is not null and :role in ('COORDINATOR', 'REPORTER', 'MENTOR', 'MENTEE')
on conflict do nothing;

-- on_grant_revoked(GrantRevoked) exec
with own as (
	delete from program_role where program_id = :program_id and user_id = :user_id and role = :role and source_id = program_id
)
insert into program_role (program_id, user_id, role, source_id, revoked)
select :program_id, :user_id, :role, :id, true where :program_id is not null and :role in ('COORDINATOR', 'REPORTER', 'MENTOR', 'MENTEE')
on conflict (program_id, user_id, role, source_id) do update set revoked = true;

-- on_invitation_accepted(InvitationAccepted) exec
insert into program_role (program_id, user_id, role, source_id)
select :program_id::uuid, :user_id, :role::text, :id where :program_id is not null and :role in ('MENTOR', 'MENTEE')
on conflict do nothing;

-- on_user_suspended(UserSuspended) exec
with suspended as (
	insert into suspension (user_id, suspended, as_of) values (:id, true, :event.occurred_at)
	on conflict (user_id) do update set suspended = true, as_of = excluded.as_of where suspension.as_of < excluded.as_of
	returning user_id
)
select schedule('ReviewMentorships', user_id, now()) from suspended;

-- on_user_reinstated(UserReinstated) exec
with reinstated as (
	insert into suspension (user_id, suspended, as_of) values (:id, false, :event.occurred_at)
	on conflict (user_id) do update set suspended = false, as_of = excluded.as_of where suspension.as_of < excluded.as_of
	returning user_id
)
select schedule('ReviewMentorships', user_id, now()) from reinstated
union all
select schedule('FillPlaces', m.program_id, now())
from membership m join reinstated r on r.user_id = m.user_id
where m.state = 'WAITLISTED';

-- Who runs which program and who was invited to it, as identity tells.

-- on_grant_added(GrantAdded) exec
with own as (
	delete from program_role where program_id = :program_id and user_id = :user_id and role = :role and source_id = program_id
)
insert into program_role (program_id, user_id, role, source_id)
select :program_id, :user_id, :role, :id where :program_id is not null and :role in ('COORDINATOR', 'MENTOR', 'MENTEE')
on conflict do nothing;

-- on_grant_revoked(GrantRevoked) exec
with own as (
	delete from program_role where program_id = :program_id and user_id = :user_id and role = :role and source_id = program_id
)
insert into program_role (program_id, user_id, role, source_id, revoked)
select :program_id, :user_id, :role, :id, true where :program_id is not null and :role in ('COORDINATOR', 'MENTOR', 'MENTEE')
on conflict (program_id, user_id, role, source_id) do update set revoked = true;

-- on_invitation_accepted(InvitationAccepted) exec
insert into program_role (program_id, user_id, role, source_id)
select :program_id::uuid, :user_id, :role::text, :id where :program_id is not null and :role in ('MENTOR', 'MENTEE')
on conflict do nothing;

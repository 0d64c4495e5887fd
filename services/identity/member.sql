-- on_membership_activated(MembershipActivated) exec
insert into program_member as m (membership_id, user_id, program_id, role, active, version)
values (:id, :user_id, :program_id, :role, true, :version)
on conflict (membership_id) do update set active = excluded.active, version = excluded.version where m.version < excluded.version;

-- on_membership_removed(MembershipRemoved) exec
insert into program_member as m (membership_id, user_id, program_id, role, active, version)
values (:id, :user_id, :program_id, :role, false, :version)
on conflict (membership_id) do update set active = excluded.active, version = excluded.version where m.version < excluded.version;

-- on_membership_withdrawn(MembershipWithdrawn) exec
insert into program_member as m (membership_id, user_id, program_id, role, active, version)
values (:id, :user_id, :program_id, :role, false, :version)
on conflict (membership_id) do update set active = excluded.active, version = excluded.version where m.version < excluded.version;

-- on_membership_completed(MembershipCompleted) exec
insert into program_member as m (membership_id, user_id, program_id, role, active, version)
values (:id, :user_id, :program_id, :role, false, :version)
on conflict (membership_id) do update set active = excluded.active, version = excluded.version where m.version < excluded.version;

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

-- on_mentorship_accepted(MentorshipAccepted) exec
select hear_of_mentorship(:id, :mentor_ids::uuid[], :mentee_ids::uuid[], :state, :version);

-- on_mentorship_activated(MentorshipActivated) exec
select hear_of_mentorship(:id, :mentor_ids::uuid[], :mentee_ids::uuid[], :state, :version);

-- on_mentorship_resumed(MentorshipResumed) exec
select hear_of_mentorship(:id, :mentor_ids::uuid[], :mentee_ids::uuid[], :state, :version);

-- on_mentorship_closing(MentorshipClosing) exec
select hear_of_mentorship(:id, :mentor_ids::uuid[], :mentee_ids::uuid[], :state, :version);

-- on_mentorship_suspended(MentorshipSuspended) exec
select hear_of_mentorship(:id, :mentor_ids::uuid[], :mentee_ids::uuid[], :state, :version);

-- on_mentorship_closed(MentorshipClosed) exec
select hear_of_mentorship(:id, :mentor_ids::uuid[], :mentee_ids::uuid[], :state, :version);

-- on_mentorship_reinstated(MentorshipReinstated) exec
select hear_of_mentorship(:id, :mentor_ids::uuid[], :mentee_ids::uuid[], :state, :version);

-- on_mentorship_parties_changed(MentorshipPartiesChanged) exec
select hear_of_mentorship(:id, :mentor_ids::uuid[], :mentee_ids::uuid[], :state, :version);

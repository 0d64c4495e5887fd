-- Members, whatever the order in which their news come.

-- on_membership_approved(MembershipApproved) exec
select keep_member(:id, :program_id, :cohort_id, :user_id, :role, :state, :version);

-- on_membership_activated(MembershipActivated) exec
select keep_member(:id, :program_id, :cohort_id, :user_id, :role, :state, :version);

-- on_membership_paused(MembershipPaused) exec
select keep_member(:id, :program_id, :cohort_id, :user_id, :role, :state, :version);

-- on_membership_resumed(MembershipResumed) exec
select keep_member(:id, :program_id, :cohort_id, :user_id, :role, :state, :version);

-- on_membership_removed(MembershipRemoved) exec
select keep_member(:id, :program_id, :cohort_id, :user_id, :role, :state, :version);

-- on_membership_withdrawn(MembershipWithdrawn) exec
select keep_member(:id, :program_id, :cohort_id, :user_id, :role, :state, :version);

-- on_membership_completed(MembershipCompleted) exec
select keep_member(:id, :program_id, :cohort_id, :user_id, :role, :state, :version);

-- The kinds of news that identity and programs raise, and where each leads.
insert into kind (key, class, mandatory, channels, token_purpose, source, path, variables) values
	('verify_email', 'SECURITY', true, '{EMAIL}', 'VERIFY_EMAIL', null, '/verify-email#token={token}', '{expires_at}'),
	('registration_repeated', 'SECURITY', true, '{EMAIL}', null, null, '/sign-in', '{}'),
	('password_reset', 'SECURITY', true, '{EMAIL}', 'RESET_PASSWORD', null, '/reset-password#token={token}', '{expires_at}'),
	('password_changed', 'SECURITY', true, '{EMAIL,IN_APP}', null, null, '/account/security', '{at}'),
	('account_locked', 'SECURITY', true, '{EMAIL}', 'UNLOCK', null, '/unlock#token={token}', '{locked_until}'),
	('account_suspended', 'SECURITY', true, '{EMAIL}', null, null, '/appeal', '{}'),
	('account_reinstated', 'SECURITY', true, '{EMAIL,IN_APP}', null, null, '/', '{}'),
	('account_deactivated', 'SECURITY', true, '{EMAIL}', null, null, '/sign-in', '{return_until}'),
	('new_device', 'SECURITY', true, '{EMAIL,IN_APP}', null, null, '/account/sessions', '{at}'),
	('refresh_reused', 'SECURITY', true, '{EMAIL,IN_APP}', null, null, '/account/sessions', '{at}'),
	('mfa_changed', 'SECURITY', true, '{EMAIL,IN_APP}', null, null, '/account/security', '{change,codes_left,at}'),
	('email_change_confirm', 'SECURITY', true, '{EMAIL}', 'CONFIRM_EMAIL_CHANGE', null, '/confirm-email#token={token}', '{expires_at}'),
	('email_change_requested', 'SECURITY', true, '{EMAIL,IN_APP}', null, null, '/account/security', '{at,by}'),
	('email_correction', 'SECURITY', true, '{EMAIL}', 'APPROVE_EMAIL_CORRECTION', null, '/approve-email#token={token}', '{expires_at}'),
	('email_changed', 'SECURITY', true, '{EMAIL}', 'REVERT_EMAIL_CHANGE', null, '/revert-email#token={token}', '{revert_until}'),
	('email_change_reverted', 'SECURITY', true, '{EMAIL,IN_APP}', null, null, '/reset-password', '{}'),
	('role_granted', 'TRANSACTIONAL', false, '{EMAIL,IN_APP}', null, null, '/account/roles', '{role}'),
	('invitation', 'TRANSACTIONAL', true, '{EMAIL}', 'INVITATION', null, '/invitations#token={token}', '{program,role,expires_at}'),
	('membership_received', 'TRANSACTIONAL', false, '{EMAIL,IN_APP}', null, 'MEMBERSHIP', '/memberships/{id}', '{program,cohort,role}'),
	('membership_approved', 'TRANSACTIONAL', false, '{EMAIL,IN_APP}', null, 'MEMBERSHIP', '/memberships/{id}', '{program,cohort,role,starts_on}'),
	('membership_rejected', 'TRANSACTIONAL', false, '{EMAIL,IN_APP}', null, 'MEMBERSHIP', '/memberships/{id}', '{program,cohort,role}'),
	('membership_waitlisted', 'TRANSACTIONAL', false, '{EMAIL,IN_APP}', null, 'MEMBERSHIP', '/memberships/{id}', '{program,cohort,role}'),
	('membership_removed', 'TRANSACTIONAL', true, '{EMAIL,IN_APP}', null, 'MEMBERSHIP', '/memberships/{id}', '{program,cohort,role}'),
	('info_requested', 'TRANSACTIONAL', false, '{EMAIL,IN_APP}', null, 'MEMBERSHIP', '/memberships/{id}', '{program,cohort,role}'),
	('mentor_welcome', 'TRANSACTIONAL', false, '{EMAIL,IN_APP}', null, 'MEMBERSHIP', '/programs/{program_id}', '{program,cohort,starts_on}'),
	('mentee_welcome', 'TRANSACTIONAL', false, '{EMAIL,IN_APP}', null, 'MEMBERSHIP', '/programs/{program_id}', '{program,cohort,starts_on}'),
	('match_published', 'TRANSACTIONAL', false, '{EMAIL,IN_APP}', null, 'PROGRAM', '/programs/{id}', '{program,role}'),
	('membership_to_review', 'ACTIVITY', false, '{IN_APP}', null, 'MEMBERSHIP', '/programs/{program_id}/memberships', '{program,cohort,role}'),
	('info_answered', 'ACTIVITY', false, '{IN_APP}', null, 'MEMBERSHIP', '/programs/{program_id}/memberships', '{program,cohort,role}'),
	('program_to_approve', 'ACTIVITY', false, '{EMAIL,IN_APP}', null, 'PROGRAM', '/programs/{id}', '{program}'),
	('digest', 'TRANSACTIONAL', false, '{EMAIL}', null, null, '/', '{count}'),
	('program_published', 'TRANSACTIONAL', false, '{EMAIL,IN_APP}', null, 'PROGRAM', '/programs/{id}', '{program}'),
	('program_rejected', 'TRANSACTIONAL', false, '{EMAIL,IN_APP}', null, 'PROGRAM', '/programs/{id}', '{program}');

-- While what they say is so; of what has moved on nobody is told any more.
update kind set states = case key
	when 'membership_received' then '{SUBMITTED,UNDER_REVIEW,INFO_REQUESTED,WAITLISTED,APPROVED,ONBOARDING,ACTIVE}'
	when 'membership_approved' then '{APPROVED,ONBOARDING,ACTIVE,PAUSED}'
	when 'membership_rejected' then '{REJECTED}'
	when 'membership_waitlisted' then '{WAITLISTED}'
	when 'membership_removed' then '{REMOVED}'
	when 'info_requested' then '{INFO_REQUESTED}'
	when 'mentor_welcome' then '{ACTIVE,PAUSED}'
	when 'mentee_welcome' then '{ACTIVE,PAUSED}'
	when 'membership_to_review' then '{SUBMITTED,UNDER_REVIEW,INFO_REQUESTED,WAITLISTED}'
	when 'info_answered' then '{SUBMITTED,UNDER_REVIEW,WAITLISTED}'
end::text[]
where source = 'MEMBERSHIP';

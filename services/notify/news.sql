-- Which event is news for whom. plan() makes the deliveries, once for each event, kind, person and channel.

-- on_user_registered(UserRegistered) exec
select plan('verify_email', :event.id, :id, :id);

-- on_verification_requested(VerificationRequested) exec
select plan('verify_email', :event.id, :id, :id);

-- on_registration_repeated(RegistrationRepeated) exec
select plan('registration_repeated', :event.id, :id, :id);

-- on_user_locked(UserLocked) exec
select plan('account_locked', :event.id, :id, :id, jsonb_build_object('locked_until', :locked_until::text))
where :lock_cause = 'FAILED_SIGN_INS';

-- on_user_suspended(UserSuspended) exec
select plan('account_suspended', :event.id, :id, :id);

-- on_user_reinstated(UserReinstated) exec
select plan('account_reinstated', :event.id, :id, :id);

-- on_user_deactivated(UserDeactivated) exec
select plan('account_deactivated', :event.id, :id, :id, jsonb_build_object('return_until', :return_until::text));

-- on_password_reset_requested(PasswordResetRequested) exec
select plan('password_reset', :event.id, :id, :id);

-- on_password_changed(PasswordChanged) exec
select plan('password_changed', :event.id, :id, :id, jsonb_build_object('at', :event.occurred_at::text));

-- on_email_change_requested(EmailChangeRequested) exec
select plan('email_change_confirm', :event.id, :user_id, :id),
	plan('email_change_requested', :event.id, :user_id, :id, jsonb_build_object('at', :event.occurred_at::text,
		'by', case when :corrected then 'ADMIN' else 'PERSON' end));

-- on_email_correction_proposed(EmailCorrectionProposed) exec
select plan('email_correction', :event.id, :user_id, :id);

-- on_email_change_confirmed(EmailChangeConfirmed) exec
select plan('email_changed', :event.id, :user_id, :id, jsonb_build_object('revert_until', :revert_until::text));

-- on_email_change_reverted(EmailChangeReverted) exec
select plan('email_change_reverted', :event.id, :user_id, :id);

-- on_new_device_signed_in(NewDeviceSignedIn) exec
select plan('new_device', :event.id, :id, :session_id, jsonb_build_object('at', :signed_in_at::text));

-- on_mfa_changed(MfaChanged) exec
select plan('mfa_changed', :event.id, :id, :id, jsonb_build_object(
	'change', :change::text, 'codes_left', :codes_left::text, 'at', :event.occurred_at::text));

-- on_refresh_reused(RefreshReused) exec
select plan('refresh_reused', :event.id, :id, :session_id, jsonb_build_object('at', :event.occurred_at::text));

-- on_invitation_created(InvitationCreated) exec
select plan('invitation', :event.id, null, :id) where :by_mail;

-- on_invitation_resent(InvitationResent) exec
select plan('invitation', :event.id, null, :id) where :by_mail;

-- on_grant_added(GrantAdded) exec
-- What somebody took themselves (a program of their own, an invitation) is no news to them.
with held as (
	insert into holder (id, user_id, role, program_id) values (:id, :user_id, :role, nullif(:program_id, '')::uuid)
	on conflict (id) do nothing
)
select plan('role_granted', :event.id, :user_id, :id, jsonb_build_object('role', :role::text))
where :event.actor_id::uuid is distinct from :user_id;

-- on_grant_revoked(GrantRevoked) exec
insert into holder (id, user_id, role, program_id, ended) values (:id, :user_id, :role, nullif(:program_id, '')::uuid, true)
on conflict (id) do update set ended = true;

-- on_mentorship_proposed(MentorshipProposed) exec
select plan('match_published', :event.id, person, :program_id, jsonb_build_object('role', role))
from (
	select unnest(:mentor_ids::uuid[]), 'MENTOR' union all select unnest(:mentee_ids::uuid[]), 'MENTEE'
) asked (person, role);

-- on_program_submitted(ProgramSubmitted) exec
select plan_for_holders('program_to_approve', :event.id, 'ADMIN', null, :event.actor_id, :id);

-- on_program_published(ProgramPublished) exec
select plan('program_published', :event.id, :submitted_by, :id) where :submitted_by::uuid is distinct from :event.actor_id;

-- on_program_rejected(ProgramRejected) exec
select plan('program_rejected', :event.id, :submitted_by, :id);

-- on_membership_submitted(MembershipSubmitted) exec
select plan('membership_received', :event.id, :user_id, :id),
	plan_for_holders('membership_to_review', :event.id, 'COORDINATOR', :program_id, :user_id, :id);

-- on_membership_approved(MembershipApproved) exec
select plan('membership_approved', :event.id, :user_id, :id);

-- on_membership_rejected(MembershipRejected) exec
select plan('membership_rejected', :event.id, :user_id, :id);

-- on_membership_waitlisted(MembershipWaitlisted) exec
select plan('membership_waitlisted', :event.id, :user_id, :id);

-- on_membership_info_requested(MembershipInfoRequested) exec
select plan('info_requested', :event.id, :user_id, :id);

-- on_membership_info_answered(MembershipInfoAnswered) exec
select plan_for_holders('info_answered', :event.id, 'COORDINATOR', :program_id, :user_id, :id);

-- on_membership_activated(MembershipActivated) exec
select plan(lower(:role::text) || '_welcome', :event.id, :user_id, :id);

-- on_membership_removed(MembershipRemoved) exec
select plan('membership_removed', :event.id, :user_id, :id);

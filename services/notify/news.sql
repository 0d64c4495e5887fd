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

-- What happens inside of a running program; tell() asks who hears of it.

-- on_mentorship_proposed(MentorshipProposed) exec
select tell('match_published', :event.id, :event.actor_id, :id);

-- on_mentorship_accepted(MentorshipAccepted) exec
select tell('mentorship_begun', :event.id, :event.actor_id, :id);

-- on_mentorship_declined(MentorshipDeclined) exec
select tell('mentorship_declined', :event.id, :event.actor_id, :id);

-- on_mentorship_expired(MentorshipExpired) exec
select tell('mentorship_expired', :event.id, :event.actor_id, :id);

-- on_mentorship_kickoff_completed(MentorshipKickoffCompleted) exec
select tell('kickoff_completed', :event.id, :event.actor_id, :id);

-- on_mentorship_kickoff_reminded(MentorshipKickoffReminded) exec
select tell('kickoff_reminder', :event.id, :event.actor_id, :id, jsonb_build_object('days', :days::text));

-- on_mentorship_kickoff_overdue(MentorshipKickoffOverdue) exec
select tell('kickoff_overdue', :event.id, :event.actor_id, :id);

-- on_mentorship_activated(MentorshipActivated) exec
select tell('mentorship_activated', :event.id, :event.actor_id, :id, jsonb_build_object('planned_end_on', :planned_end_on::text));

-- on_mentorship_asked(MentorshipAsked) exec
-- The newest of what is asked is the news.
select tell('mentorship_asked', :event.id, :event.actor_id, :id, jsonb_build_object('ask', a ->> 'kind', 'until', a ->> 'until'))
from jsonb_array_elements(:asks::jsonb) a
order by a ->> 'asked_at' desc limit 1;

-- on_mentorship_paused(MentorshipPaused) exec
select tell('mentorship_paused', :event.id, :event.actor_id, :id, jsonb_build_object('paused_until', :paused_until::text));

-- on_mentorship_resumed(MentorshipResumed) exec
select tell('mentorship_resumed', :event.id, :event.actor_id, :id);

-- on_mentorship_shortened(MentorshipShortened) exec
select tell('mentorship_shortened', :event.id, :event.actor_id, :id, jsonb_build_object('planned_end_on', :planned_end_on::text));

-- on_mentorship_extended(MentorshipExtended) exec
select tell('mentorship_extended', :event.id, :event.actor_id, :id, jsonb_build_object('planned_end_on', :planned_end_on::text));

-- on_mentorship_end_announced(MentorshipEndAnnounced) exec
select tell('end_announced', :event.id, :event.actor_id, :id, jsonb_build_object('planned_end_on', :planned_end_on::text));

-- on_mentorship_closing(MentorshipClosing) exec
select tell('mentorship_closing', :event.id, :event.actor_id, :id, jsonb_build_object('close_by', :close_by::text));

-- on_mentorship_closed(MentorshipClosed) exec
select tell('mentorship_closed', :event.id, :event.actor_id, :id);

-- on_mentorship_suspended(MentorshipSuspended) exec
select tell('mentorship_suspended', :event.id, :event.actor_id, :id);

-- on_mentorship_reinstated(MentorshipReinstated) exec
select tell('mentorship_reinstated', :event.id, :event.actor_id, :id);

-- on_mentorship_parties_changed(MentorshipPartiesChanged) exec
select tell('parties_changed', :event.id, :event.actor_id, :id);

-- on_handover_accepted(HandoverAccepted) exec
select plan('handover_accepted', :event.id, :mentee_id, :to_mentorship_id);

-- on_agreement_offered(AgreementOffered) exec
select tell('agreement_to_sign', :event.id, :event.actor_id, :id, jsonb_build_object('change', :amends::text));

-- on_agreement_signed(AgreementSigned) exec
select tell('agreement_signed', :event.id, :event.actor_id, :id, jsonb_build_object('change', :amends::text));

-- on_agreement_in_force(AgreementInForce) exec
select tell('agreement_in_force', :event.id, :event.actor_id, :id);

-- on_agreement_amended(AgreementAmended) exec
select tell('agreement_in_force', :event.id, :event.actor_id, :id, jsonb_build_object('change', :amends::text));

-- on_agreement_declined(AgreementDeclined) exec
select tell('agreement_declined', :event.id, :event.actor_id, :id, jsonb_build_object('change', :amends::text)),
	case when :amends::uuid is null then tell('agreement_to_settle', :event.id, :event.actor_id, :id) end;

-- on_goal_created(GoalCreated) exec
select tell('goal_created', :event.id, :event.actor_id, :id);

-- on_goal_checked_in(GoalCheckedIn) exec
select tell('goal_checked_in', :event.id, :event.actor_id, :goal_id);

-- on_goal_achieved(GoalAchieved) exec
select tell('goal_ended', :event.id, :event.actor_id, :id, jsonb_build_object('outcome', :state::text));

-- on_goal_dropped(GoalDropped) exec
select tell('goal_ended', :event.id, :event.actor_id, :id, jsonb_build_object('outcome', :state::text));

-- on_goal_reopened(GoalReopened) exec
select tell('goal_reopened', :event.id, :event.actor_id, :id);

-- on_task_assigned(TaskAssigned) exec
select tell('task_assigned', :event.id, :event.actor_id, :id, jsonb_build_object('due_on', :due_on::text));

-- on_task_submitted(TaskSubmitted) exec
select tell('task_submitted', :event.id, :event.actor_id, :id);

-- on_task_returned(TaskReturned) exec
select tell('task_returned', :event.id, :event.actor_id, :id);

-- on_task_approved(TaskApproved) exec
select tell('task_approved', :event.id, :event.actor_id, :id);

-- on_task_cancelled(TaskCancelled) exec
select tell('task_cancelled', :event.id, :event.actor_id, :id);

-- on_task_overdue(TaskOverdue) exec
select tell('task_overdue', :event.id, :event.actor_id, :id, jsonb_build_object('due_on', :due_on::text));

-- on_milestone_due(MilestoneDue) exec
select tell('milestone_due', :event.id, :event.actor_id, :id);

-- on_milestone_overdue(MilestoneOverdue) exec
select tell('milestone_overdue', :event.id, :event.actor_id, :id, jsonb_build_object('due_on', :due_on::text));

-- on_milestone_done(MilestoneDone) exec
select tell('milestone_done', :event.id, :event.actor_id, :id);

-- on_evaluation_recorded(EvaluationRecorded) exec
select tell('evaluation_recorded', :event.id, :event.actor_id, :id);

-- on_certificate_issued(CertificateIssued) exec
select tell('certificate_issued', :event.id, :event.actor_id, :id);

-- on_certificate_revoked(CertificateRevoked) exec
-- One that was replaced is told of by its successor.
select tell('certificate_revoked', :event.id, :event.actor_id, :id) where :reason <> 'SUPERSEDED';

-- on_training_completed(TrainingCompleted) exec
select plan('training_completed', :event.id, :user_id, :module_id) where :event.actor_id::uuid is distinct from :user_id;

-- on_training_expired(TrainingExpired) exec
select plan('training_expired', :event.id, :user_id, :module_id);

-- on_survey_opened(SurveyOpened) exec
-- And who has not answered hears of it once more, two days before it closes.
select tell('survey_open', :event.id, null, :id, jsonb_build_object('closes_at', :closes_at::text)),
	tell('survey_closing', :event.id, null, :id, jsonb_build_object('closes_at', :closes_at::text), :closes_at::timestamptz - interval '2 days');

-- on_survey_closed(SurveyClosed) exec
select tell('survey_closed', :event.id, :event.actor_id, :id);

-- on_improvement_opened(ImprovementOpened) exec
select tell('improvement_opened', :event.id, :event.actor_id, :id, jsonb_build_object('due_on', :due_on::text));

-- on_improvement_done(ImprovementDone) exec
select tell('improvement_done', :event.id, :event.actor_id, :id);

-- on_health_flag_raised(HealthFlagRaised) exec
select tell('health_flag', :event.id, null, :id);

-- on_resource_submitted(ResourceSubmitted) exec
-- Coordinators see nothing that belongs to a mentorship.
select tell('resource_to_review', :event.id, :event.actor_id, :id) where :scope = 'PROGRAM';

-- on_resource_rejected(ResourceRejected) exec
select tell('resource_rejected', :event.id, :event.actor_id, :id);

-- on_resource_published(ResourcePublished) exec
select tell('resource_published', :event.id, :event.actor_id, :id);

-- on_resource_commented(ResourceCommented) exec
select tell('resource_commented', :event.id, :event.actor_id, :resource_id);

-- on_thread_answered(ThreadAnswered) exec
select tell('thread_answered', :event.id, :event.actor_id, :thread_id);

-- on_thread_accepted(ThreadAccepted) exec
select tell('answer_accepted', :event.id, :event.actor_id, :id);

-- on_thread_flagged(ThreadFlagged) exec
select tell('thread_flagged', :event.id, :event.actor_id, :id);

-- on_thread_hidden(ThreadHidden) exec
select tell('thread_hidden', :event.id, :event.actor_id, :id);

-- on_opportunity_opened(OpportunityOpened) exec
select tell('opportunity_opened', :event.id, :event.actor_id, :id, jsonb_build_object('closes_at', :closes_at::text));

-- on_opportunity_applied(OpportunityApplied) exec
select tell('opportunity_applied', :event.id, :event.actor_id, :opportunity_id);

-- on_opportunity_decided(OpportunityDecided) exec
select tell('opportunity_decided', :event.id, :event.actor_id, :id, jsonb_build_object('outcome', :state::text));

-- on_introduction_proposed(IntroductionProposed) exec
select tell('introduction_proposed', :event.id, :event.actor_id, :id);

-- on_introduction_decided(IntroductionDecided) exec
select tell('introduction_decided', :event.id, :event.actor_id, :id, jsonb_build_object('outcome', :state::text));

-- What one side asks the other. Of a request between two who must not meet nothing is told, for there is no such event.

-- on_request_sent(RequestSent) exec
select plan('request_received', :event.id, :to_id, :program_id, jsonb_build_object('expires_at', :expires_at::text));

-- on_request_reminded(RequestReminded) exec
select plan('request_reminder', :event.id, :to_id, :program_id, jsonb_build_object('expires_at', :expires_at::text));

-- on_request_accepted(RequestAccepted) exec
select plan('request_accepted', :event.id, :from_id, :program_id);

-- on_request_declined(RequestDeclined) exec
select plan('request_declined', :event.id, :from_id, :program_id, jsonb_build_object('reason', :reason_code::text));

-- on_request_expired(RequestExpired) exec
select plan('request_expired', :event.id, :from_id, :program_id);

-- on_request_superseded(RequestSuperseded) exec
select plan('request_superseded', :event.id, :from_id, :program_id);

-- on_request_withdrawn(RequestWithdrawn) exec
select plan('request_withdrawn', :event.id, :to_id, :program_id);

-- on_mentor_silent(MentorSilent) exec
select plan('mentor_silent', :event.id, :id, :program_id, jsonb_build_object('missed', :missed::text));

-- on_queue_aged(QueueAged) exec
select plan_for_holders('queue_aged', :event.id, 'COORDINATOR', :id, null, :id, jsonb_build_object('days', :days::text, 'people', :people::text));

-- on_match_run_certified(MatchRunCertified) exec
select tell('match_run_ready', :event.id, null, :id);

-- on_match_proposal_published(MatchProposalPublished) exec
select tell('match_proposed', :event.id, null, :id, jsonb_build_object('answer_by', :expires_at::text));

-- on_match_proposal_declined(MatchProposalDeclined) exec
select tell('match_lapsed', :event.id, :event.actor_id, :id);

-- on_match_proposal_expired(MatchProposalExpired) exec
select tell('match_lapsed', :event.id, null, :id);

-- Takes a happening in hand for half a minute: if programs is away, its timer brings it back.
-- claim_happening(Id) maybe Happening
update happening h set due_at = now() + interval '30 seconds' from kind k
where h.id = :id and h.due_at <= now() and k.key = h.kind
returning h.id, h.subject_id, k.source, k.audience, extract(epoch from now() - h.created_at)::bigint as age;

-- What has moved on is no news any more.
-- plan_readers(Readers) exec
select plan(h.kind, h.event_id, r.user_id, h.subject_id, h.variables)
from happening h join kind k on k.key = h.kind cross join jsonb_to_recordset(:readers::jsonb) r (user_id uuid)
where h.id = :id and r.user_id is distinct from h.actor_id and :state = any (k.states);

-- remove_happening(Id) exec
delete from happening where id = :id;

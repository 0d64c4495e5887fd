-- Programs, as programs tells: what there is to know is asked for (RefreshProgram).

-- on_program_created(ProgramCreated) exec
select hear_of_program(:id);

-- on_program_updated(ProgramUpdated) exec
select hear_of_program(:id);

-- on_program_published(ProgramPublished) exec
select hear_of_program(:id);

-- on_program_hidden(ProgramHidden) exec
select hear_of_program(:id);

-- on_program_unhidden(ProgramUnhidden) exec
select hear_of_program(:id);

-- on_program_paused(ProgramPaused) exec
select hear_of_program(:id);

-- on_program_resumed(ProgramResumed) exec
select hear_of_program(:id);

-- on_program_archived(ProgramArchived) exec
select hear_of_program(:id);

-- on_form_changed(FormChanged) exec
select hear_of_program(:program_id);

-- The timer's row goes first: news that come while programs is asked set another.
-- begin_refresh(Id) exec
select from program where id = :id for update;

-- keep_program(MatchingDesign) exec
update program set state = :state, matching_mode = :matching_mode, questions = :questions::jsonb where id = :id;

-- on_grant_added(GrantAdded) exec
insert into program_role (program_id, user_id, grant_id)
select :program_id::uuid, :user_id::uuid, :id::uuid where :program_id::uuid is not null and :role = 'COORDINATOR'
on conflict do nothing;

-- on_grant_revoked(GrantRevoked) exec
insert into program_role (program_id, user_id, grant_id, revoked)
select :program_id::uuid, :user_id::uuid, :id::uuid, true where :program_id::uuid is not null and :role = 'COORDINATOR'
on conflict (program_id, user_id, grant_id) do update set revoked = true;

-- on_cohort_registration_opened(CohortRegistrationOpened) exec
select keep_cohort(:id, :program_id, :state, :version);

-- on_cohort_registration_closed(CohortRegistrationClosed) exec
select keep_cohort(:id, :program_id, :state, :version);

-- on_cohort_matching_started(CohortMatchingStarted) exec
select keep_cohort(:id, :program_id, :state, :version);

-- on_cohort_started(CohortStarted) exec
select keep_cohort(:id, :program_id, :state, :version);

-- on_cohort_closing(CohortClosing) exec
select keep_cohort(:id, :program_id, :state, :version);

-- on_cohort_ended(CohortEnded) exec
select keep_cohort(:id, :program_id, :state, :version);

-- on_cohort_cancelled(CohortCancelled) exec
select keep_cohort(:id, :program_id, :state, :version);

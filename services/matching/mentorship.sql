-- Mentorships, as programs tells: they take places and give them back, whatever the order in which the news come.

-- on_mentorship_proposed(MentorshipProposed) exec
select keep_mentorship(:id, :program_id, :state, :mentor_ids::uuid[], :mentee_ids::uuid[], null, null, :version);

-- on_mentorship_accepted(MentorshipAccepted) exec
select keep_mentorship(:id, :program_id, :state, :mentor_ids::uuid[], :mentee_ids::uuid[], null, null, :version);

-- on_mentorship_declined(MentorshipDeclined) exec
select keep_mentorship(:id, :program_id, :state, :mentor_ids::uuid[], :mentee_ids::uuid[], null, null, :version);

-- on_mentorship_expired(MentorshipExpired) exec
select keep_mentorship(:id, :program_id, :state, :mentor_ids::uuid[], :mentee_ids::uuid[], null, null, :version);

-- on_mentorship_activated(MentorshipActivated) exec
select keep_mentorship(:id, :program_id, :state, :mentor_ids::uuid[], :mentee_ids::uuid[], null, null, :version);

-- on_mentorship_paused(MentorshipPaused) exec
select keep_mentorship(:id, :program_id, :state, :mentor_ids::uuid[], :mentee_ids::uuid[], null, null, :version);

-- on_mentorship_resumed(MentorshipResumed) exec
select keep_mentorship(:id, :program_id, :state, :mentor_ids::uuid[], :mentee_ids::uuid[], null, null, :version);

-- on_mentorship_closing(MentorshipClosing) exec
select keep_mentorship(:id, :program_id, :state, :mentor_ids::uuid[], :mentee_ids::uuid[], :close_reason, null, :version);

-- on_mentorship_closed(MentorshipClosed) exec
select keep_mentorship(:id, :program_id, :state, :mentor_ids::uuid[], :mentee_ids::uuid[], :close_reason, :closed_at, :version);

-- on_mentorship_suspended(MentorshipSuspended) exec
select keep_mentorship(:id, :program_id, :state, :mentor_ids::uuid[], :mentee_ids::uuid[], null, null, :version);

-- on_mentorship_parties_changed(MentorshipPartiesChanged) exec
select keep_mentorship(:id, :program_id, :state, :mentor_ids::uuid[], :mentee_ids::uuid[], null, null, :version);

-- on_mentorship_reinstated(MentorshipReinstated) exec
select keep_mentorship(:id, :program_id, :state, :mentor_ids::uuid[], :mentee_ids::uuid[], null, null, :version);

-- What keeps lists fast where a program has ten thousands of members, mentorships or posts. No person ids.

create index membership_state on membership (program_id, state, created_at, id) where submitted_at is not null;
create index membership_form on membership (program_id, role, form_version) where form_version is not null;
create index mentorship_state on mentorship (program_id, state, id desc);
create index training_completion_person on training_completion (user_id, program_id);
create index evaluation_mentorship on evaluation (mentorship_id);
create index survey_wave_program on survey_wave (program_id, opens_at);

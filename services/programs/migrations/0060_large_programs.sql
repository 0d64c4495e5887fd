-- What keeps lists fast where a program has ten thousands of members, mentorships or posts. No person ids.

create index membership_state on membership (program_id, state, created_at, id) where submitted_at is not null;
create index membership_form on membership (program_id, role, form_version) where form_version is not null;
create index mentorship_state on mentorship (program_id, state, id desc);
create index training_completion_person on training_completion (user_id, program_id);
create index evaluation_mentorship on evaluation (mentorship_id);
create index survey_wave_program on survey_wave (program_id, opens_at);

-- The programs that a person is within (takes_part) by their own part in them: looked up once for a list of many.
create function programs_of(person uuid) returns uuid[] language sql stable as $$
	select array(
		select m.program_id from membership m where m.user_id = person and holds_place(m.state)
		union select r.program_id from program_role r where r.user_id = person and r.role = 'COORDINATOR' and not r.revoked)
$$;

create function mentorships_of(person uuid) returns uuid[] language sql stable as $$
	select array(select p.mentorship_id from mentorship_party p where p.user_id = person)
$$;

-- Asked for each of many tasks and milestones: in plpgsql its plan is kept.
create or replace function today_in(mentorship uuid) returns date language plpgsql stable as $$
begin
	return (now() at time zone coalesce(c.zone, 'UTC'))::date
	from mentorship m left join cohort c on c.id = m.cohort_id where m.id = mentorship;
end $$;

-- By the person's own mentorships, of which there are few.
create or replace function is_for(o opportunity, person uuid, roles text[]) returns boolean language plpgsql stable cost 30 as $$
begin
	return o.offered_by = person or case o.audience when 'MENTEES' then takes_part(o.program_id, person, roles)
		else coordinates(o.program_id, person, roles) or exists (
			select from mentorship_party p join mentorship m on m.id = p.mentorship_id
			where p.user_id = person and m.program_id = o.program_id and m.open and o.offered_by = any(m.mentor_ids)
				and person = any(m.mentee_ids)) end;
end $$;

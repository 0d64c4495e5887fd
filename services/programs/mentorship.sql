-- Mentorships. Functions of the schema hold the rules: who may begin one, the mentors' places, the steps.

-- add_mentorship(CreateMentorshipRequest) one Mentorship
select m.*
from open_mentorship(case when must_coordinate(:program_id, :caller.id, :caller.roles::text[]) then :new.id::uuid end, :program_id,
	:cohort_id, 'ADMIN', :mentor_memberships::uuid[], :mentee_memberships::uuid[], :held, :planned_end_on) m;

-- get_mentorship(Id) one Mentorship
select m.* from mentorship m
where m.id = :id and sees_mentorship(m.id, :caller.id, :caller.roles::text[]);

-- list_mentorships(ListMentorshipsRequest) page ListMentorshipsResponse by id desc
select m.* from mentorship m
where m.program_id = :program_id and must_see_members(:program_id, :caller.id, :caller.roles::text[])
	and (:state::text is null or m.state = :state) and (:cohort_id::uuid is null or m.cohort_id = :cohort_id)
	and (:user_id::uuid is null or :user_id = any(m.mentor_ids || m.mentee_ids));

-- list_my_mentorships(ListMyMentorshipsRequest) page ListMyMentorshipsResponse by id desc
select m.id, m.program_id, s.title as program_title, m.cohort_id, p.role, m.state, m.open, m.mentor_ids, m.mentee_ids, m.answer_by,
	m.started_at, m.planned_end_on, m.paused_until, m.created_at, m.updated_at, m.version
from mentorship_party p join mentorship m on m.id = p.mentorship_id join program s on s.id = m.program_id
where p.user_id = :caller.id and p.left_at is null and m.state <> 'PROPOSED' and (:state::text is null or m.state = :state);

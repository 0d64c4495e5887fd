-- Mentorships. Functions of the schema hold the rules: who may begin one, the mentors' places, the steps.

-- add_mentorship(CreateMentorshipRequest) one Mentorship
select m.*
from open_mentorship(case when must_coordinate(:program_id, :caller.id, :caller.roles::text[]) then :new.id::uuid end, :program_id,
	:cohort_id, 'ADMIN', :mentor_memberships::uuid[], :mentee_memberships::uuid[], :held, :planned_end_on) m;

-- get_mentorship(Id) one Mentorship
select m.* from mentorship m
where m.id = :id and sees_mentorship(m.id, :caller.id, :caller.roles::text[]);

-- all_mentorships(ListMentorshipsRequest) page ListMentorshipsResponse by id desc
select m.* from mentorship m
where m.program_id = :program_id and must_see_members(:program_id, :caller.id, :caller.roles::text[])
	and case when :cohort_id::uuid is null then true else m.cohort_id = :cohort_id end;

-- mentorships_in_state(ListMentorshipsRequest) page ListMentorshipsResponse by id desc
select m.* from mentorship m
where m.program_id = :program_id and must_see_members(:program_id, :caller.id, :caller.roles::text[])
	and m.state = :state and case when :cohort_id::uuid is null then true else m.cohort_id = :cohort_id end;

-- mentorships_of_person(ListMentorshipsRequest) page ListMentorshipsResponse by id desc
select m.* from mentorship_party p join mentorship m on m.id = p.mentorship_id
where p.user_id = :user_id and p.left_at is null and m.program_id = :program_id
	and must_see_members(:program_id, :caller.id, :caller.roles::text[])
	and (:state::text is null or m.state = :state) and (:cohort_id::uuid is null or m.cohort_id = :cohort_id);

-- list_my_mentorships(ListMyMentorshipsRequest) page ListMyMentorshipsResponse by id desc
select m.id, m.program_id, s.title as program_title, m.cohort_id, p.role, m.state, m.open, m.mentor_ids, m.mentee_ids, m.answer_by,
	m.started_at, m.planned_end_on, m.paused_until, m.created_at, m.updated_at, m.version
from mentorship_party p join mentorship m on m.id = p.mentorship_id join program s on s.id = m.program_id
where p.user_id = :caller.id and p.left_at is null and m.state <> 'PROPOSED' and (:state::text is null or m.state = :state);

-- set_match_opened(OpenMatchRequest) one Mentorship
select m.*, m.created_at <> now() as unchanged
from open_match(:id, :program_id, :origin, :mentor_memberships::uuid[], :mentee_memberships::uuid[], :ask) m;

-- set_mentorship_sent(Id) one Mentorship
update mentorship m set state = 'PENDING_ACCEPTANCE'
where m.id = :id and must_run_mentorship(m.id, :caller.id, :caller.roles::text[])
	and only_from('mentorship', m.state, '{PROPOSED,PENDING_ACCEPTANCE}')
returning m.*, m.updated_at <> now() as unchanged;

-- set_mentorship_accepted(Id) one Mentorship
select m.*, m.updated_at <> now() as unchanged from accept_mentorship(:id, :caller.id) m;

-- set_mentorship_declined(Id) one Mentorship
select m.*, m.updated_at <> now() as unchanged from decline_mentorship(:id, :caller.id, :caller.roles::text[]) m;

-- set_mentorship_expired(Id) maybe Mentorship
update mentorship m set state = 'EXPIRED' where m.id = :id and m.state = 'PENDING_ACCEPTANCE' and m.answer_by <= now()
returning m.*;

-- import_each(ImportMentorshipsRequest) many ImportMentorshipsResponse
select l.line, i.mentorship_id, coalesce(i.code, '') as code, coalesce(i.detail, '') as detail
from import_lines(case when must_coordinate(:program_id, :caller.id, :caller.roles::text[]) then :upload_id::uuid end) l,
	lateral import_mentorship(:program_id, l.cells[1], l.cells[2], l.cells[3]) i
order by l.line;

-- read_imported(ImportMentorshipsResponse) many Mentorships
select m.* from mentorship m
where m.id in (select (i ->> 'mentorship_id')::uuid from jsonb_array_elements(:items::jsonb) i where i ->> 'mentorship_id' <> '');

-- get_mentorship_rules(Id) one MentorshipRules
select (rules_of(p.id)).* from program p
where p.id = :id and must_find(:id, :caller.id, :caller.roles::text[]);

-- describe_mentorship_rules(Id) one MentorshipRules
select (rules_of(p.id)).* from program p where p.id = :id;

-- put_mentorship_rules(PutMentorshipRulesRequest) one MentorshipRules
insert into mentorship_rules as r (program_id, auto_accept, acceptance_days, agreement_needed, kickoff_items, post_contact_rule)
select p.id, :auto_accept, coalesce(:acceptance_days, 7), coalesce(:agreement_needed, true), :kickoff_items::jsonb,
	coalesce(nullif(:post_contact_rule, ''), (default_rules(p.id)).post_contact_rule)
from program p
where p.id = :program_id and must_coordinate(:program_id, :caller.id, :caller.roles::text[])
	and ((select count(*) = count(distinct i ->> 'key') from jsonb_array_elements(:kickoff_items::jsonb) i)
		or refuse(422, 'DUPLICATE', 'Two items of the list have the same key.'))
	and at_version((rules_of(p.id)).version, :if_match)
on conflict (program_id) do update set auto_accept = excluded.auto_accept, acceptance_days = excluded.acceptance_days,
	agreement_needed = excluded.agreement_needed, kickoff_items = excluded.kickoff_items, post_contact_rule = excluded.post_contact_rule
returning r.*;

-- get_kickoff(Id) one Kickoff
select m.id, kickoff_items(m) as items, m.kickoff_at, m.kickoff_at + interval '14 days' as due_at, m.kickoff_completed_at, m.agreed_at,
	(rules_of(m.program_id)).agreement_needed
from mentorship m where m.id = :id and must_be_party(:id, :caller.id);

-- set_kickoff_item(KickoffItemRequest) exec
select tick_kickoff(:id, :key, :caller.id);

-- set_kickoff_completed(Id) one Mentorship
select m.*, m.updated_at <> now() as unchanged from complete_kickoff(:id, :caller.id) m;

-- set_kickoff_reminded(Id) maybe MentorshipNews
update mentorship m set kickoff_reminded = (select max(d) from unnest(array[3, 7, 12, 14]) d where m.kickoff_at + make_interval(days => d) <= now())
where m.id = :id and m.state = 'KICKOFF' and next_kickoff_notice(m) <= now()
returning m.id, m.program_id, m.cohort_id, m.mentor_ids, m.mentee_ids, m.planned_end_on, m.kickoff_reminded as days;

-- schedule_kickoff(Id) exec
select schedule('RemindKickoff', m.id, next_kickoff_notice(m)) from mentorship m where m.id = :id and m.state = 'KICKOFF';

-- get_timeline(GetTimelineRequest) page Timeline by id desc
select t.id, t.kind, t.what, t.thing_id, t.person_id, t.at
from timeline_entry t
where t.mentorship_id = :id and must_be_party(:id, :caller.id)
	and (nullif(:kinds::text, '') is null or t.kind = any(string_to_array(:kinds::text, ',')));

-- set_mentorship_held(Id) exec
update mentorship set safety_hold = true where id = :id and open;

-- set_mentorship_released(Id) exec
update mentorship set safety_hold = false where id = :id;

-- settle_mentorship(Id) exec
select settle_suspension(:id);

-- read_mentorship(Id) one Mentorship
select m.*, m.updated_at <> now() as unchanged from mentorship m where m.id = :id;

-- review_person(Id) many Mentorships
select m.* from review_mentorships(:id) m;

-- on_capacity_changed(CapacityChanged) exec
insert into mentor_load (user_id, capacity_total, capacity_as_of) values (:id, :capacity_total, :event.occurred_at)
on conflict (user_id) do update set capacity_total = excluded.capacity_total, capacity_as_of = excluded.capacity_as_of
where mentor_load.capacity_as_of < excluded.capacity_as_of;

-- on_mentor_paused(MentorPaused) exec
insert into mentor_load (user_id, paused_until, paused_as_of) values (:id, :paused_until, :event.occurred_at)
on conflict (user_id) do update set paused_until = excluded.paused_until, paused_as_of = excluded.paused_as_of
where mentor_load.paused_as_of < excluded.paused_as_of;

-- on_mentor_resumed(MentorResumed) exec
insert into mentor_load (user_id, paused_as_of) values (:id, :event.occurred_at)
on conflict (user_id) do update set paused_until = null, paused_as_of = excluded.paused_as_of
where mentor_load.paused_as_of < excluded.paused_as_of;

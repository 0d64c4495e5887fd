-- Programs. What was changed by this statement has updated_at = now(): a step that was taken before leaves it as it was.

-- browse_programs(ListProgramsRequest) page ListProgramsResponse by created_at desc, id desc
select p.id, p.slug, p.title, p.summary, p.theme, p.tags, p.state, p.matching_mode,
	p.mentor_capacity, p.mentee_capacity, p.mentors, p.mentees, p."full",
	p.registration_opens_at, p.registration_closes_at, p.ends_at, p.created_at, p.updated_at
from program p
where (:state::text is null or p.state = :state)
	and (nullif(:tag::text, '') is null or :tag = any(p.tags))
	and (p.listed
		or p.visibility = 'MEMBERS' and p.state in ('PUBLISHED', 'PAUSED', 'ARCHIVED') and :caller.id::uuid is not null
		or 'ADMIN' = any(:caller.roles::text[])
		or :caller.id::uuid = any(p.coordinator_ids)
		or was_published(p.state) and p.id in (select program_id from program_role where user_id = :caller.id and not revoked)
		or p.id in (select program_id from membership where user_id = :caller.id and open));

-- search_programs(ListProgramsRequest) page ListProgramsResponse by created_at desc, id desc
select p.id, p.slug, p.title, p.summary, p.theme, p.tags, p.state, p.matching_mode,
	p.mentor_capacity, p.mentee_capacity, p.mentors, p.mentees, p."full",
	p.registration_opens_at, p.registration_closes_at, p.ends_at, p.created_at, p.updated_at
from program p
where program_words(p.title, p.summary, p.tags) @@ websearch_to_tsquery('simple', :q::text)
	and (:state::text is null or p.state = :state)
	and (nullif(:tag::text, '') is null or :tag = any(p.tags))
	and (p.listed
		or p.visibility = 'MEMBERS' and p.state in ('PUBLISHED', 'PAUSED', 'ARCHIVED') and :caller.id::uuid is not null
		or 'ADMIN' = any(:caller.roles::text[])
		or :caller.id::uuid = any(p.coordinator_ids)
		or was_published(p.state) and p.id in (select program_id from program_role where user_id = :caller.id and not revoked)
		or p.id in (select program_id from membership where user_id = :caller.id and open));

-- The hot path: what one index each gives, and for programs that not everybody finds a look at the caller's part in it.
-- read_program(GetProgramRequest) one Program
select p.*, m.id as "my.membership_id", m.role as "my.role", m.state as "my.state", m.open as "my.open"
from program p left join lateral (
	select id, role, state, open from membership where user_id = :caller.id and program_id = p.id
	order by created_at desc limit 1) m on true
where p.id = :id and (p.listed or finds_program(p.id, :caller.id, :caller.roles::text[]));

-- find_slug(GetProgramRequest) one Id
select id from program where slug = :id;

-- The creator runs it.
-- add_program(CreateProgramRequest) one Program
with added as (
	insert into program (id, slug, title, summary, theme, about, objectives, scope, structure, guidelines,
		mentor_responsibilities, mentee_responsibilities, duration_min_days, duration_max_days, duration_default_days,
		sessions, session_minutes, session_every_days, matching_mode, mentor_admission, mentee_admission, both_roles,
		mentor_capacity, mentee_capacity, visibility, tags, external_mentors, vetting_profile_id, required_policies,
		safety_officer_id, recording, anonymity, paid, rate, currency, certificate_rule, coordinator_ids)
	select :new.id, coalesce(nullif(:slug::text, ''), free_slug(:title)), :title, coalesce(:summary, ''), coalesce(:theme, ''),
		coalesce(:about, ''), coalesce(:objectives::text[], '{}'), coalesce(:scope, ''), coalesce(:structure, ''),
		coalesce(:guidelines, ''), coalesce(:mentor_responsibilities, ''), coalesce(:mentee_responsibilities, ''),
		:duration_min_days, :duration_max_days, :duration_default_days,
		:sessions, :session_minutes, :session_every_days, :matching_mode,
		coalesce(:mentor_admission, 'APPROVAL'), coalesce(:mentee_admission, 'APPROVAL'), :both_roles,
		:mentor_capacity, :mentee_capacity, coalesce(:visibility, 'PUBLIC'), coalesce(:tags::text[], '{}'),
		:external_mentors, :vetting_profile_id, coalesce(:required_policies::text[], '{}'),
		:safety_officer_id, coalesce(:recording, 'OFF'), :anonymity, :paid, :rate, coalesce(:currency, ''), coalesce(:certificate_rule, ''),
		array[:caller.id::uuid]
	where 'ADMIN' = any(:caller.roles::text[])
		or exists (select from program_role where user_id = :caller.id and role = 'COORDINATOR' and not revoked)
		or refuse(403, 'NOT_COORDINATOR', 'Programs are begun by admins and by those who coordinate one.')
	returning *
), run as (
	insert into program_role (program_id, user_id, role, source_id) select id, :caller.id, 'COORDINATOR', id from added
)
select p.* from added p;

-- set_design(UpdateProgramRequest) one Program
update program p set
	title = case when :set.title then :title else title end,
	slug = case when :set.slug then :slug else slug end,
	summary = case when :set.summary then coalesce(:summary, '') else summary end,
	theme = case when :set.theme then coalesce(:theme, '') else theme end,
	about = case when :set.about then coalesce(:about, '') else about end,
	objectives = case when :set.objectives then coalesce(:objectives::text[], '{}') else objectives end,
	scope = case when :set.scope then coalesce(:scope, '') else scope end,
	structure = case when :set.structure then coalesce(:structure, '') else structure end,
	guidelines = case when :set.guidelines then coalesce(:guidelines, '') else guidelines end,
	mentor_responsibilities = case when :set.mentor_responsibilities then coalesce(:mentor_responsibilities, '') else mentor_responsibilities end,
	mentee_responsibilities = case when :set.mentee_responsibilities then coalesce(:mentee_responsibilities, '') else mentee_responsibilities end,
	duration_min_days = case when :set.duration_min_days then :duration_min_days else duration_min_days end,
	duration_max_days = case when :set.duration_max_days then :duration_max_days else duration_max_days end,
	duration_default_days = case when :set.duration_default_days then :duration_default_days else duration_default_days end,
	sessions = case when :set.sessions then :sessions else sessions end,
	session_minutes = case when :set.session_minutes then :session_minutes else session_minutes end,
	session_every_days = case when :set.session_every_days then :session_every_days else session_every_days end,
	matching_mode = case when :set.matching_mode then :matching_mode else matching_mode end,
	mentor_admission = case when :set.mentor_admission then :mentor_admission else mentor_admission end,
	mentee_admission = case when :set.mentee_admission then :mentee_admission else mentee_admission end,
	both_roles = case when :set.both_roles then :both_roles else both_roles end,
	mentor_capacity = case when :set.mentor_capacity then :mentor_capacity else mentor_capacity end,
	mentee_capacity = case when :set.mentee_capacity then :mentee_capacity else mentee_capacity end,
	visibility = case when :set.visibility then :visibility else visibility end,
	tags = case when :set.tags then coalesce(:tags::text[], '{}') else tags end,
	external_mentors = case when :set.external_mentors then :external_mentors else external_mentors end,
	vetting_profile_id = case when :set.vetting_profile_id then :vetting_profile_id else vetting_profile_id end,
	required_policies = case when :set.required_policies then coalesce(:required_policies::text[], '{}') else required_policies end,
	safety_officer_id = case when :set.safety_officer_id then :safety_officer_id else safety_officer_id end,
	recording = case when :set.recording then :recording else recording end,
	anonymity = case when :set.anonymity then :anonymity else anonymity end,
	paid = case when :set.paid then :paid else paid end,
	rate = case when :set.rate then :rate else rate end,
	currency = case when :set.currency then coalesce(:currency, '') else currency end,
	certificate_rule = case when :set.certificate_rule then coalesce(:certificate_rule, '') else certificate_rule end,
	design_version = design_version + 1
where p.id = :id and must_coordinate(:id, :caller.id, :caller.roles::text[])
	and (p.state <> 'ARCHIVED' or refuse(409, 'ARCHIVED', 'An archived program cannot be changed.'))
	and (p.state in ('DRAFT', 'REJECTED') or 'ADMIN' = any(:caller.roles::text[])
		or not (:set.external_mentors or :set.vetting_profile_id or :set.safety_officer_id or :set.required_policies or :set.recording)
		or refuse(403, 'NOT_ADMIN', 'Once a program is submitted, only admins change its vetting, safety officer, policies and recording.'))
	and at_version(p.version, :if_match)
returning p.*;

-- remove_program(Id) one Program
delete from program p
where p.id = :id and must_coordinate(:id, :caller.id, :caller.roles::text[])
	and (not exists (select from membership m where m.program_id = p.id)
		or refuse(409, 'HAS_MEMBERSHIPS', 'People have joined this program: it can only be archived.'))
	and at_version(p.version, :if_match)
returning p.*;

-- copy_program(Id) one Program
with added as (
	insert into program (id, slug, title, summary, theme, about, objectives, scope, structure, guidelines,
		mentor_responsibilities, mentee_responsibilities, duration_min_days, duration_max_days, duration_default_days,
		sessions, session_minutes, session_every_days, matching_mode, mentor_admission, mentee_admission, both_roles,
		mentor_capacity, mentee_capacity, visibility, tags, external_mentors, vetting_profile_id, required_policies,
		safety_officer_id, recording, anonymity, paid, rate, currency, certificate_rule, coordinator_ids)
	select :new.id, free_slug(p.title), p.title, p.summary, p.theme, p.about, p.objectives, p.scope, p.structure, p.guidelines,
		p.mentor_responsibilities, p.mentee_responsibilities, p.duration_min_days, p.duration_max_days, p.duration_default_days,
		p.sessions, p.session_minutes, p.session_every_days, p.matching_mode, p.mentor_admission, p.mentee_admission, p.both_roles,
		p.mentor_capacity, p.mentee_capacity, p.visibility, p.tags, p.external_mentors, p.vetting_profile_id, p.required_policies,
		p.safety_officer_id, p.recording, p.anonymity, p.paid, p.rate, p.currency, p.certificate_rule, array[:caller.id::uuid]
	from program p
	where p.id = :id and must_coordinate(:id, :caller.id, :caller.roles::text[])
	returning *
), run as (
	insert into program_role (program_id, user_id, role, source_id) select id, :caller.id, 'COORDINATOR', id from added
), forms as (
	insert into form (id, program_id, role, form_version, steps, created_by)
	select distinct on (f.role) uuid_v7(), added.id, f.role, 1, f.steps, :caller.id::uuid
	from form f, added where f.program_id = :id order by f.role, f.form_version desc
), training as (
	insert into training (program_id)
	select added.id from added where exists (select from training t where t.program_id = :id)
), modules as (
	insert into training_module (id, program_id, key, position, title, about, audience, required_before, valid_days, items)
	select uuid_v7(), added.id, t.key, t.position, t.title, t.about, t.audience, t.required_before, t.valid_days, t.items
	from training_module t, added where t.program_id = :id and not t.retired
), rules as (
	insert into mentorship_rules (program_id, auto_accept, acceptance_days, agreement_needed, kickoff_items, post_contact_rule)
	select added.id, r.auto_accept, r.acceptance_days, r.agreement_needed, r.kickoff_items, r.post_contact_rule
	from mentorship_rules r, added where r.program_id = :id
), tasks as (
	insert into task_template (program_id, items) select added.id, t.items from task_template t, added where t.program_id = :id
), milestones as (
	insert into milestone_template (program_id, items) select added.id, t.items from milestone_template t, added where t.program_id = :id
), rubrics as (
	insert into rubric (program_id, criteria) select added.id, r.criteria from rubric r, added where r.program_id = :id
)
select p.* from added p;

-- set_submitted(Id) one Program
update program p set state = 'SUBMITTED', submitted_by = :caller.id
where p.id = :id and must_coordinate(:id, :caller.id, :caller.roles::text[])
returning p.*, p.updated_at <> now() as unchanged;

-- Another than who submitted it.
-- set_approved(Id) one Program
update program p set state = 'PUBLISHED'
where p.id = :id and ('ADMIN' = any(:caller.roles::text[]) or refuse(403, 'NOT_ADMIN', 'Programs are approved by admins.'))
	and only_from('program', p.state, '{SUBMITTED,PUBLISHED}')
	and (p.submitted_by is distinct from :caller.id::uuid
		or refuse(403, 'FOUR_EYES', 'Somebody else than who submitted the program has to approve it.'))
returning p.*, p.updated_at <> now() as unchanged;

-- set_rejected(RejectProgramRequest) one Program
update program p set state = 'REJECTED', rejection = :rejection
where p.id = :id and ('ADMIN' = any(:caller.roles::text[]) or refuse(403, 'NOT_ADMIN', 'Programs are sent back by admins.'))
returning p.*, p.updated_at <> now() as unchanged;

-- check_coordinator(Id) exec
select must_coordinate(:id, :caller.id, :caller.roles::text[]);

-- set_published(Id) one Program
update program p set state = 'PUBLISHED', submitted_by = :caller.id
where p.id = :id and must_coordinate(:id, :caller.id, :caller.roles::text[])
	and only_from('program', p.state, '{DRAFT,SUBMITTED,PUBLISHED}')
returning p.*, p.updated_at <> now() as unchanged;

-- set_hidden(Id) one Program
update program p set state = 'HIDDEN'
where p.id = :id and must_coordinate(:id, :caller.id, :caller.roles::text[])
returning p.*, p.updated_at <> now() as unchanged;

-- set_unhidden(Id) one Program
update program p set state = 'PUBLISHED'
where p.id = :id and must_coordinate(:id, :caller.id, :caller.roles::text[])
	and only_from('program', p.state, '{HIDDEN,PUBLISHED}')
returning p.*, p.updated_at <> now() as unchanged;

-- set_program_paused(Id) one Program
update program p set state = 'PAUSED'
where p.id = :id and must_coordinate(:id, :caller.id, :caller.roles::text[])
returning p.*, p.updated_at <> now() as unchanged;

-- set_program_resumed(Id) one Program
update program p set state = 'PUBLISHED'
where p.id = :id and must_coordinate(:id, :caller.id, :caller.roles::text[])
	and only_from('program', p.state, '{PAUSED,PUBLISHED}')
returning p.*, p.updated_at <> now() as unchanged;

-- set_archived(Id) one Program
update program p set state = 'ARCHIVED'
where p.id = :id and must_coordinate(:id, :caller.id, :caller.roles::text[])
returning p.*, p.updated_at <> now() as unchanged;

-- program_readiness(Id) many ProgramReadinessResponse
select r.part, r.detail from readiness(:id) r where must_coordinate(:id, :caller.id, :caller.roles::text[]);

-- name_program(Id) one ProgramName
select id, slug, title, state from program where id = :id;

-- list_coordinators(Id) many ListCoordinatorsResponse
select unnest(coordinator_ids) as user_id from program where id = :id;

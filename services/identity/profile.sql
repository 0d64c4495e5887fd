-- read_profile(Nothing) one Profile
select id, created_at, updated_at, version, display_name, pronouns, headline, bio, photo_path, links, country, languages, skills,
	interests, mentor, mentee, visibility
from profile_view where id = :caller.id;

-- see_profile(ViewProfileRequest) one Profile
select p.id, p.created_at, p.updated_at, p.version, p.display_name, p.headline,
	case when shown(p.visibility ->> 'pronouns', r.relation) then p.pronouns end as pronouns,
	case when shown(p.visibility ->> 'bio', r.relation) then p.bio end as bio,
	case when shown(p.visibility ->> 'photo', r.relation) then p.photo_path end as photo_path,
	case when shown(p.visibility ->> 'links', r.relation) then p.links end as links,
	case when shown(p.visibility ->> 'country', r.relation) then p.country end as country,
	case when shown(p.visibility ->> 'languages', r.relation) then p.languages end as languages,
	case when shown(p.visibility ->> 'skills', r.relation) then p.skills end as skills,
	case when shown(p.visibility ->> 'interests', r.relation) then p.interests end as interests,
	case when shown(p.visibility ->> 'mentor', r.relation) then p.mentor - '{mentorships,over_capacity}'::text[] end as mentor,
	case when shown(p.visibility ->> 'mentee', r.relation) then case when p.id = :caller.id or mentors(:caller.id, p.id) then p.mentee
		else p.mentee - 'accessibility_needs' end end as mentee
from profile_view p cross join lateral relation(:caller.id, :caller.roles, p.id) r (relation)
where p.id = :user_id and p.state in ('ACTIVE', 'LOCKED') and shown(p.visibility ->> 'name', r.relation);

-- set_profile(PutProfileRequest) one Profile
with written as (
	update profile set pronouns = :pronouns, headline = :headline, bio = :bio, links = :links::jsonb, country = :country,
		languages = :languages::jsonb
	where id = :caller.id and at_version(version, :if_match)
	returning id
)
select id from written
where set_skills(id, :skills::jsonb) and set_topics(id, 'INTEREST', :interests::uuid[]);

-- set_mentor_facet(PutMentorFacetRequest) one MentorWritten
with written as (
	update profile set updated_at = now() where id = :caller.id and at_version(version, :if_match) returning id
), former as (
	select capacity_total from mentor_facet where user_id = :caller.id
), facet as (
	insert into mentor_facet (user_id, open_to_mentor, capacity_total, experience, qualifications, style, statement)
	select id, :open_to_mentor, :capacity_total, :experience::jsonb, :qualifications, :style, :statement from written
	on conflict (user_id) do update set open_to_mentor = excluded.open_to_mentor, capacity_total = excluded.capacity_total,
		experience = excluded.experience, qualifications = excluded.qualifications, style = excluded.style,
		statement = excluded.statement
	returning user_id, capacity_total
)
select f.user_id as id, f.capacity_total, f.capacity_total is distinct from (select capacity_total from former) as capacity_changed
from facet f
where set_topics(f.user_id, 'MENTOR', :topics::uuid[]);

-- set_mentee_facet(PutMenteeFacetRequest) one Profile
with written as (
	update profile set updated_at = now() where id = :caller.id and at_version(version, :if_match) returning id
), facet as (
	insert into mentee_facet (user_id, goals_text, level, first_time, challenges, accessibility_needs)
	select id, :goals_text, :level, :first_time, :challenges, :accessibility_needs from written
	on conflict (user_id) do update set goals_text = excluded.goals_text, level = excluded.level, first_time = excluded.first_time,
		challenges = excluded.challenges, accessibility_needs = excluded.accessibility_needs
	returning user_id
)
select user_id as id from facet where set_topics(user_id, 'MENTEE', :topics_wanted::uuid[]);

-- set_visibility(ProfileVisibility) one Profile
update profile set visibility = visibility || jsonb_strip_nulls(jsonb_build_object('name', :name::text, 'pronouns', :pronouns::text,
	'bio', :bio::text, 'photo', :photo::text, 'links', :links::text, 'country', :country::text, 'languages', :languages::text,
	'skills', :skills::text, 'interests', :interests::text, 'mentor', :mentor::text, 'mentee', :mentee::text))
where id = :caller.id and at_version(version, :if_match)
returning id;

-- pause_mentor(PauseMentoringRequest) one MentorWritten
with written as (
	update mentor_facet set paused_until = coalesce(:until, '9999-12-31'::date)
	where user_id = :caller.id
		and (coalesce(:until, '9999-12-31'::date) >= (now() at time zone (select zone from account where id = :caller.id))::date
			or refuse(422, 'PAUSE_IN_THE_PAST', 'A pause ends today at the earliest.'))
	returning user_id, paused_until
)
update profile set updated_at = now() from written w where id = w.user_id
returning id, w.paused_until;

-- pause_silent(Id) maybe MentorWritten
update mentor_facet f set paused_until = '9999-12-31'
from profile p
where f.user_id = :id and p.id = f.user_id and f.paused_until is null
returning f.user_id as id, f.paused_until;

-- resume_mentor(Nothing) one MentorWritten
with former as (
	select user_id, paused_until from mentor_facet where user_id = :caller.id for update
), written as (
	update mentor_facet f set paused_until = null from former o where f.user_id = o.user_id and o.paused_until is not null
)
update profile set updated_at = now() from former o where id = o.user_id
returning id, o.paused_until is null as unchanged;

-- end_pause(Id) maybe MentorWritten
update mentor_facet f set paused_until = null
from account a
where a.id = :id and f.user_id = a.id and f.paused_until < (now() at time zone a.zone)::date
returning f.user_id as id;

-- read_upload(PutPhotoRequest) one Photo
select coalesce(string_agg(bytes, '' order by part), '') as content from upload_part where upload_id = :upload_id;

-- set_photo(Photo) one Profile
with written as (
	insert into photo (user_id, content) values (:caller.id, :content)
	on conflict (user_id) do update set content = excluded.content, updated_at = now()
)
update profile set updated_at = now() where id = :caller.id
returning id;

-- remove_photo(Nothing) maybe Account
delete from photo where user_id = :caller.id returning user_id as id;

-- get_photo(ViewProfileRequest) one Photo
select f.content_type, f.content
from photo f join profile p on p.id = f.user_id join account a on a.id = p.id
	cross join lateral relation(:caller.id, :caller.roles, p.id) r (relation)
where p.id = :user_id and shown(p.visibility ->> 'name', r.relation) and shown(p.visibility ->> 'photo', r.relation)
	and (a.state in ('ACTIVE', 'LOCKED') or p.id = :caller.id);

-- describe_match_person(Id) one MatchPerson
select p.id, a.display_name, p.headline, p.country, a.zone, p.languages,
	coalesce((select jsonb_agg(jsonb_build_object('skill_id', s.skill_id, 'level', s.level, 'years', s.years) order by s.place)
		from profile_skill s where s.user_id = p.id), '[]') as skills,
	array(select t.term_id from profile_topic t join term e on e.id = t.term_id
		where t.user_id = p.id and t.part = 'MENTOR' and e.kind <> 'industry' order by t.place) as topics,
	array(select t.term_id from profile_topic t join term e on e.id = t.term_id
		where t.user_id = p.id and t.part = 'MENTEE' and e.kind <> 'industry' order by t.place) as topics_wanted,
	array(select distinct t.term_id from profile_topic t join term e on e.id = t.term_id
		where t.user_id = p.id and e.kind = 'industry' order by t.term_id) as industries,
	coalesce((select (max(coalesce((x ->> 'to')::date, current_date)) - min((x ->> 'from')::date)) / 365
		from jsonb_array_elements(m.experience) x),
		case n.level when 'EARLY' then 2 when 'MID' then 7 when 'SENIOR' then 15 else case when n.level is not null then 0 end end) as experience_years,
	n.level, n.first_time,
	array(select upper(v.key) from jsonb_each_text(p.visibility) v
		where v.key in ('name', 'country', 'languages', 'skills', 'mentor', 'mentee') and shown(v.value, 2) and shown(p.visibility ->> 'name', 2)
		order by v.key) as shown,
	coalesce(m.open_to_mentor, true) as open_to_mentor, m.paused_until, coalesce(m.capacity_total, 1) as capacity_total,
	a.state in ('ACTIVE', 'LOCKED') as here
from profile p join account a on a.id = p.id left join mentor_facet m on m.user_id = p.id left join mentee_facet n on n.user_id = p.id
where p.id = :id;

-- find_addresses(FindPeopleRequest) many FoundPeople
select distinct k.email_key as email, a.id
from unnest(:emails::text[]) k (email_key) join account a on a.email_key = k.email_key and a.state in ('ACTIVE', 'LOCKED');

-- People, as identity tells; their answers, as programs tells. What there is to know is asked for.

-- on_profile_updated(ProfileUpdated) exec
select schedule('RefreshPerson', user_id, now()) from person where user_id = :id;

-- on_mentor_paused(MentorPaused) exec
select schedule('RefreshPerson', user_id, now()) from person where user_id = :id;

-- on_mentor_resumed(MentorResumed) exec
select schedule('RefreshPerson', user_id, now()) from person where user_id = :id;

-- on_capacity_changed(CapacityChanged) exec
select schedule('RefreshPerson', user_id, now()) from person where user_id = :id;

-- on_user_suspended(UserSuspended) exec
select schedule('RefreshPerson', user_id, now()) from person where user_id = :id;

-- on_user_reinstated(UserReinstated) exec
select schedule('RefreshPerson', user_id, now()) from person where user_id = :id;

-- on_user_deactivated(UserDeactivated) exec
select schedule('RefreshPerson', user_id, now()) from person where user_id = :id;

-- on_user_returned(UserReturned) exec
select schedule('RefreshPerson', user_id, now()) from person where user_id = :id;

-- on_term_merged(TermMerged) exec
with kept as (
	insert into term_merge (term_id, merged_into) values (:id, :merged_into)
	on conflict (term_id) do update set merged_into = excluded.merged_into
)
select schedule('RefreshPerson', u.user_id, now()) from (select distinct p.user_id from match_profile p where knows_term(p, :id)) u;

-- on_term_unmerged(TermUnmerged) exec
select schedule('RefreshPerson', u.user_id, now())
from (select distinct p.user_id from term_merge t join match_profile p on knows_term(p, t.merged_into) where t.term_id = :id) u;

-- on_membership_answers_changed(MembershipAnswersChanged) exec
select schedule('RefreshAnswers', membership_id, now()) from match_profile where membership_id = :id;

-- The timer's row goes first: news that come while identity is asked set another.
-- begin_person(Id) exec
select from person where user_id = :id for update;

-- keep_profiles(MatchPerson) exec
update match_profile set display_name = :display_name, headline = :headline, country = :country, zone = coalesce(:zone, 'UTC'), skills = :skills::jsonb,
	languages = :languages::jsonb, topics = case role when 'MENTOR' then :topics::uuid[] else :topics_wanted::uuid[] end,
	industries = :industries::uuid[], experience_years = :experience_years, level = :level, first_time = :first_time, shown = :shown::text[],
	profile_as_of = now()
where user_id = :id;

-- keep_person(MatchPerson) exec
update person set away = not :here, open_to_mentor = :open_to_mentor, paused_until = :paused_until, capacity_total = :capacity_total
where user_id = :id;

-- begin_answers(Id) exec
select from person x join match_profile p using (user_id) where p.membership_id = :id for update of x;

-- keep_answers(MatchAnswers) exec
update match_profile set answers = :answers::jsonb, answers_as_of = now() where membership_id = :id;

-- settle_member(Id) exec
select settle_person(user_id) from match_profile where membership_id = :id;

-- Who must not be brought together, as matching tells.

-- keep_excluded(ExclusionAdded) exec
insert into excluded_pair (exclusion_id, a, b) values (:id, :a, :b) on conflict do nothing;

-- set_pair_declined(ExclusionAdded) many Mentorships
update mentorship m set state = 'DECLINED'
where m.state in ('PROPOSED', 'PENDING_ACCEPTANCE') and m.id in (
	select one.mentorship_id from mentorship_party one join mentorship_party other on other.mentorship_id = one.mentorship_id and other.role <> one.role
	where one.user_id = :a and other.user_id = :b)
returning m.*;

-- on_exclusion_lifted(ExclusionLifted) exec
insert into excluded_pair (exclusion_id, a, b, lifted) values (:id, :a, :b, true)
on conflict (exclusion_id) do update set lifted = true;

-- What pairs are judged by. Functions of the schema hold who may know.

-- read_pair_fit(FitRequest) one FitPool
select criteria_of(:program_id) as "set", sensitive_of(:program_id) as sensitive, m.coordinates, m.mentor_id, m.mentee_id, (
	select jsonb_agg(fit_member(p)) from match_profile p
	where p.membership_id in ((member_as(:program_id, m.mentor_id, 'MENTOR')).membership_id, (member_as(:program_id, m.mentee_id, 'MENTEE')).membership_id)
	) as members
from must_explain(:program_id, :user_id, :mentee_id, :caller.id, :caller.roles::text[]) m;

-- Those who have most in common, then the newest.
-- read_candidates(RecommendRequest) one FitPool
select criteria_of(:program_id) as "set", sensitive_of(:program_id) as sensitive, m.side = 'MENTEE' as looks_for_mentors,
	(select jsonb_agg(fit_member(p)) from match_profile p
		where p.membership_id = (member_as(:program_id, :caller.id, m.side)).membership_id
			or p.membership_id = any (candidates_for(:program_id, :caller.id, m.side))) as members
from must_recommend(:program_id, :caller.id) m (side);

-- note_adverts(Adverts) one Adverts
select :program_id::uuid as program_id, :mentee_id::uuid as mentee_id, note_adverts(:program_id, :mentee_id, :mentor_ids::uuid[]) as mentor_ids;

-- read_sample(CriteriaRequest) one FitPool
select sensitive_of(:program_id) as sensitive, (
	select coalesce(jsonb_agg(fit_member(p)), '[]') from (
		(select * from match_profile where program_id = :program_id and role = 'MENTOR' and eligible and complete order by membership_id limit 300)
		union all
		(select * from match_profile where program_id = :program_id and role = 'MENTEE' and eligible and complete order by membership_id limit 300)) p
	) as members;

-- For a match by hand: nothing while the program weighs nothing.
-- read_hand_fit(ManualMatchRequest) maybe FitPool
select criteria_of(:program_id) as "set", sensitive_of(:program_id) as sensitive, (
	select jsonb_agg(fit_member(p)) from match_profile p
	where p.membership_id in ((member_as(:program_id, :mentor_id, 'MENTOR')).membership_id,
		(member_as(:program_id, :mentee_id, 'MENTEE')).membership_id)) as members
where must_coordinate(:program_id, :caller.id, :caller.roles::text[]) and must_pair(:program_id, :mentor_id, :mentee_id)
	and exists (select from criteria_set c where c.program_id = :program_id and c.state = 'PUBLISHED');

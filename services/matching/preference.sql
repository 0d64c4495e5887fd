-- Wishes of members, and the rules of a program. What is told of a person is told to members only.

-- add_favourite(PutFavouriteRequest) one Favourite
insert into favourite (program_id, owner_id, target_id, note)
select :program_id::uuid, :caller.id::uuid, :user_id::uuid, :note
where must_be_member(:program_id, :caller.id) and must_be_shown(:program_id, :caller.id, :user_id)
	and ((select count(*) from favourite f where f.program_id = :program_id and f.owner_id = :caller.id and f.target_id <> :user_id) < 20
		or refuse(409, 'TOO_MANY_FAVOURITES', 'Twenty favourites at most.'))
on conflict (program_id, owner_id, target_id) do update set note = excluded.note
returning program_id, target_id as user_id, note, created_at, updated_at, version;

-- remove_favourite(ProgramPerson) exec
delete from favourite where program_id = :program_id and owner_id = :caller.id and target_id = :user_id
	and must_be_member(:program_id, :caller.id);

-- count_favourites(ProgramPerson) one FavouriteCount
select :caller.id::uuid as id, :program_id::uuid as program_id, count(*)::int as favourites
from favourite where program_id = :program_id and owner_id = :caller.id and must_be_member(:program_id, :caller.id);

-- check_member(OwnListRequest) exec
select must_be_member(:program_id, :caller.id);

-- read_favourites(OwnListRequest) many Favourites
select program_id, target_id as user_id, note, created_at, updated_at, version from favourite
where program_id = :program_id and owner_id = :caller.id order by created_at desc, target_id;

-- put_ignored(ProgramPerson) exec
insert into ignored (program_id, owner_id, target_id)
select :program_id::uuid, :caller.id::uuid, :user_id::uuid
where must_be_member(:program_id, :caller.id) and must_be_shown(:program_id, :caller.id, :user_id)
on conflict do nothing;

-- remove_ignored(ProgramPerson) exec
delete from ignored where program_id = :program_id and owner_id = :caller.id and target_id = :user_id;

-- read_ignored(OwnListRequest) many IgnoredPeople
select target_id as user_id, created_at from ignored
where program_id = :program_id and owner_id = :caller.id order by created_at desc, target_id;

-- put_ranking_list(PutRankingRequest) one Ranking
insert into rank_list as l (id, program_id, owner_id, target_ids)
select :new.id::uuid, :program_id::uuid, :caller.id::uuid, :user_ids::uuid[]
where must_rank(:program_id, :caller.id, :user_ids::uuid[]) and at_version(coalesce((
	select t.version from rank_list t where t.program_id = :program_id and t.owner_id = :caller.id), 0), :if_match)
on conflict (program_id, owner_id) do update set target_ids = excluded.target_ids, state = 'OPEN', place = 0
returning id, program_id, target_ids as user_ids, state, created_at, updated_at, version;

-- read_ranking(OwnListRequest) one Ranking
select id, program_id, target_ids as user_ids, state,
	case when (rules_of(program_id)).cascade_shown and state = 'OFFERING' then place end as place, created_at, updated_at, version
from rank_list where program_id = :program_id and owner_id = :caller.id;

-- get_matching_rules(OwnListRequest) one MatchingRules
select (rules_of(p.id)).* from program p
where p.id = :program_id and (is_member(p.id, :caller.id) or must_coordinate(p.id, :caller.id, :caller.roles::text[]));

-- put_matching_rules(PutMatchingRulesRequest) one MatchingRules
insert into matching_rules as r (program_id, request_days, offer_days, again_days, open_requests, mentors_per_mentee, cooling_off_days,
	cascade_shown, ranking_opens_at, ranking_closes_at)
select p.id, coalesce(:request_days, 7), coalesce(:offer_days, 3), coalesce(:again_days, 30), coalesce(:open_requests, 3),
	coalesce(:mentors_per_mentee, 1), coalesce(:cooling_off_days, 14), :cascade_shown, :ranking_opens_at, :ranking_closes_at
from program p
where p.id = :program_id and must_coordinate(:program_id, :caller.id, :caller.roles::text[])
	and at_version((rules_of(p.id)).version, :if_match)
on conflict (program_id) do update set request_days = excluded.request_days, offer_days = excluded.offer_days,
	again_days = excluded.again_days, open_requests = excluded.open_requests, mentors_per_mentee = excluded.mentors_per_mentee,
	cooling_off_days = excluded.cooling_off_days, cascade_shown = excluded.cascade_shown, ranking_opens_at = excluded.ranking_opens_at,
	ranking_closes_at = excluded.ranking_closes_at
returning r.*;

-- start_cascade(Id) exec
select schedule('ContinueCascade', l.id, now()) from rank_list l join program p on p.id = l.program_id
where l.program_id = :id and l.state = 'OPEN' and chooses(p.matching_mode, 'MENTEE')
	and (rules_of(p.id)).ranking_closes_at <= now();

-- add_offer(Id) maybe MatchRequest
select q.* from offer_next(:id) q;

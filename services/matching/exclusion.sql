-- Exclusions. Neither of the two is told, and whoever only coordinates does not learn of the secret ones.

-- add_exclusion(PutExclusionRequest) one Exclusion
insert into exclusion as e (id, a, b, kind, source, secret, note, until, created_by)
select :new.id::uuid, least(:a::uuid, :b::uuid), greatest(:a::uuid, :b::uuid), coalesce(:kind, 'ADMIN'),
	case when 'SAFETY_OFFICER' = any(:caller.roles::text[]) then 'BY_OFFICER' else 'BY_COORDINATOR' end, :secret, :note, :until, :caller.id
where must_exclude(:a, :b, coalesce(:kind, 'ADMIN'), :caller.id, :caller.roles::text[])
	and (:until::timestamptz is null or :until::timestamptz > now() or refuse(422, 'UNTIL_IN_THE_PAST', 'It must hold for some time.'))
on conflict (a, b, kind, source) where state = 'ACTIVE' do update set secret = excluded.secret, note = excluded.note, until = excluded.until
returning e.*, e.created_at <> now() as unchanged;

-- list_exclusions(ListExclusionsRequest) page ListExclusionsResponse by id desc
select e.* from exclusion e
where knows_exclusion(e, :caller.id, :caller.roles::text[]) and may_list_exclusions(:caller.id, :caller.roles::text[])
	and (:user_id::uuid is null or :user_id::uuid in (e.a, e.b));

-- set_lifted(Id) one Exclusion
update exclusion e set state = 'LIFTED'
where e.id = :id and may_lift(e, :caller.id, :caller.roles::text[]) and only_from('exclusion', e.state, '{ACTIVE,LIFTED}')
returning e.*, e.updated_at <> now() as unchanged;

-- set_lapsed(Id) maybe Exclusion
update exclusion e set state = 'LAPSED' where e.id = :id and e.state = 'ACTIVE' and e.until <= now()
returning e.*;

-- pair_allowed(PairRequest) one PairAnswer
select may_meet(:a, :b) as allowed;

-- get_open_load(Id) one OpenLoad
select x.user_id as id, x.capacity_used, x.capacity_total,
	(select count(*)::int from match_request q where q.to_id = x.user_id and q.state = 'SENT' and not q.blocked) as requests_in,
	(select count(*)::int from match_request q where q.from_id = x.user_id and q.state = 'SENT') as requests_out
from person x where x.user_id = :id;

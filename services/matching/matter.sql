-- describe_match_matter(MatterRequest) one Matter
select m.id, m.state, m.program_id, '' as program_title, null::uuid as mentorship_id, '' as title, coalesce((
	select jsonb_agg(jsonb_build_object('user_id', named.user_id, 'part', named.part) order by named.user_id)
	from (
		select distinct on (r.user_id) r.user_id, r.part
		from matter_reader r
		where r.source = :source and r.id = :id and r.part = any (:parts::text[])
			and (:user_id::uuid is null or r.user_id = :user_id) and (:after::uuid is null or r.user_id > :after)
		order by r.user_id, array_position(:parts::text[], r.part)
		limit 500
	) named), '[]') as readers
from matter m where m.source = :source and m.id = :id;

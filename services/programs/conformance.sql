-- Conformance: the practices that a program can show.

-- program_conformance(ConformanceRequest) many ConformanceResponse
select c.requirement, c.practice, cardinality(c.ids) > 0 as met, c.thing, cardinality(c.ids) as count, c.ids[1:10] as ids
from conformance(:program_id) c
where must_see_members(:program_id, :caller.id, :caller.roles::text[])
	and (:standard::text is null or c.requirement like :standard || '-%')
order by c.requirement;

-- list_terms(ListTermsRequest) page ListTermsResponse by sort_label, id
select id, created_at, updated_at, version, kind, key, label_of(labels, (select locale from account where id = :caller.id)) as label,
	labels, parent_id, aliases, state, sort_label
from term
where kind = :kind and state = 'ACTIVE' and (:parent_id::uuid is null or parent_id = :parent_id);

-- suggest_terms(SuggestTermsRequest) many SuggestTermsResponse
select t.id, t.created_at, t.updated_at, t.version, t.kind, t.key,
	label_of(t.labels, (select locale from account where id = :caller.id)) as label, t.labels, t.parent_id, t.aliases, t.state
from (
	select term_id, min(case when name = fold(:q) then 0 when starts_with(name, fold(:q)) then 1 else 2 end) as distance
	from term_name
	where kind = :kind and (starts_with(name, fold(:q)) or strpos(' ' || name, ' ' || fold(:q)) > 0)
	group by term_id
) found join term t on t.id = found.term_id
order by found.distance, t.sort_label, t.id
limit 20;

-- get_term(GetTermRequest) one Term
select id, created_at, updated_at, version, kind, key, label_of(labels, 'en') as label, labels, parent_id, aliases, merged_into,
	merged_at + interval '30 days' as unmerge_until, state
from term
where id = :id and kind = :kind and 'ADMIN' = any (:caller.roles::text[]);

-- add_term(AddTermRequest) one Term
insert into term (kind, key, labels, parent_id, aliases)
select :kind, :key, :labels::jsonb, :parent_id, :aliases
where 'ADMIN' = any (:caller.roles::text[])
returning id, created_at, updated_at, version, kind, key, label_of(labels, 'en') as label, labels, parent_id, aliases, state;

-- update_term(UpdateTermRequest) one Term
update term set
	labels = case when :set.labels then :labels else labels end,
	parent_id = case when :set.parent_id then :parent_id else parent_id end,
	aliases = case when :set.aliases then :aliases else aliases end,
	state = kept(:set.state, :state, state)
where id = :id and kind = :kind and 'ADMIN' = any (:caller.roles::text[])
	and (not :set.state or (state <> 'MERGED' and coalesce(:state, '') <> 'MERGED')
		or refuse(409, 'ILLEGAL_TRANSITION', 'Terms are merged and unmerged by themselves.'))
	and at_version(version, :if_match)
returning id, created_at, updated_at, version, kind, key, label_of(labels, 'en') as label, labels, parent_id, aliases, merged_into,
	merged_at + interval '30 days' as unmerge_until, state;

-- join_terms(MergeTermRequest) one Term
with gone as materialized (
	select * from term where id = :id and kind = :kind for update
), stays as materialized (
	select * from term where id = :into_id and kind = :kind for update
)
select gone.id, gone.state = 'MERGED' and gone.merged_into = stays.id as unchanged
from gone, stays
where 'ADMIN' = any (:caller.roles::text[])
	and ((gone.state = 'MERGED' and gone.merged_into = stays.id) or merge_terms(gone, stays));

-- part_terms(UnmergeTermRequest) one Term
with back as materialized (
	select * from term where id = :id and kind = :kind for update
)
select back.id from back where 'ADMIN' = any (:caller.roles::text[]) and unmerge_term(back);

-- read_term(Term) one Term
select id, created_at, updated_at, version, kind, key, label_of(labels, 'en') as label, labels, parent_id, aliases, merged_into,
	merged_at + interval '30 days' as unmerge_until, state
from term where id = :id;

-- import_terms(ImportTermsRequest) one ImportTermsResponse
select t.added, t.changed, t.kept from take_terms(:kind, :terms::jsonb) t where 'ADMIN' = any (:caller.roles::text[]);

-- Resources. What was changed by this statement has updated_at = now(): a step that was taken before leaves it as it was.

-- Each of the caller's places is read along its index as far as the page goes; for admins all but mentorships along one.
-- browse_resources(ListResourcesRequest) page ListResourcesResponse by created_at desc, id desc
select r.id, r.scope, r.program_id, r.mentorship_id, r.kind, r.audience, r.locale, r.title, r.url, r.tags, r.author_id, r.state,
	r.comments, r.published_at, r.created_at, r.updated_at, r.version, file_of(r.file_id) as file
from (
	select r.*
	from places_of(:caller.id, :caller.roles::text[], :scope::text, :program_id, :mentorship_id) p cross join lateral (
		select r.* from resource r
		where place_of(r.program_id, r.mentorship_id) = p.place and r.deleted_at is null
			and ('ADMIN' <> all(:caller.roles::text[]) or :program_id::uuid is not null or r.scope = 'MENTORSHIP')
			and shows(r, :caller.id, p.runs, p.staff, p.mentor, p.mentee)
			and is_like(r, :kind::text, :audience::text, :state::text, :tag, :locale) and :page) r
	union all
	(select r.* from resource r
	where 'ADMIN' = any(:caller.roles::text[]) and :program_id::uuid is null and :mentorship_id::uuid is null and r.scope <> 'MENTORSHIP'
		and r.deleted_at is null and case when :scope::text is null then true else r.scope = :scope end
		and is_like(r, :kind::text, :audience::text, :state::text, :tag, :locale) and :page)
) r;

-- All that fit are compared when they are five hundred at most, else the two hundred that are newest; those at once when half of the
-- thirty that are newest in each place fit. (select 200): a plan that does not know how few are wanted reads a place along its index,
-- not all of it.
-- search_resources(ListResourcesRequest) page ListResourcesResponse by rank desc, id desc
with place as materialized (
	select p.* from places_of(:caller.id, :caller.roles::text[], :scope::text, :program_id, :mentorship_id) p
), asked as materialized (
	select 'ADMIN' = any(:caller.roles::text[]) and :program_id::uuid is null and :mentorship_id::uuid is null as everywhere,
		asked_words(:q, :locale) as words, asked_words(:q, :locale) && within_places(array(select p.place from place p)) as here
	where numnode(asked_words(:q, :locale)) > 0
), common as materialized (
	select count(*) >= 30 and count(*) filter (where s.fits) * 2 >= count(*) as so
	from place p, asked a cross join lateral (
		select w.words @@ a.words as fits from resource r join resource_words w on w.id = r.id
		where place_of(r.program_id, r.mentorship_id) = p.place and r.deleted_at is null and (not a.everywhere or r.scope = 'MENTORSHIP')
		order by r.created_at desc, r.id desc limit (select 30)) s
), fit as materialized (
	select r.id
	from asked a cross join lateral (
		select w.id from resource_words w where w.words @@ case when a.everywhere then a.words else a.here end
	) w join resource r on r.id = w.id left join place p on p.place = place_of(r.program_id, r.mentorship_id)
	where not (select c.so from common c) and (a.everywhere and r.scope <> 'MENTORSHIP' and r.deleted_at is null or shows(r, :caller.id, p.runs, p.staff, p.mentor, p.mentee))
		and is_like(r, :kind::text, :audience::text, :state::text, :tag, :locale) and case when :scope::text is null then true else r.scope = :scope end
	limit 501
), newest as (
	select r.id
	from (
		select r.*
		from place p, asked a cross join lateral (
			select r.id, r.created_at from resource r join resource_words w on w.id = r.id
			where place_of(r.program_id, r.mentorship_id) = p.place and r.deleted_at is null
				and (not a.everywhere or r.scope = 'MENTORSHIP') and shows(r, :caller.id, p.runs, p.staff, p.mentor, p.mentee)
				and is_like(r, :kind::text, :audience::text, :state::text, :tag, :locale) and case when w.words @@ a.words then true end
			order by r.created_at desc, r.id desc limit (select 200)) r
		union all
		select r.*
		from asked a cross join lateral (
			select r.id, r.created_at from resource r join resource_words w on w.id = r.id
			where a.everywhere and r.scope <> 'MENTORSHIP' and r.deleted_at is null and case when w.words @@ a.words then true end
				and is_like(r, :kind::text, :audience::text, :state::text, :tag, :locale)
				and case when :scope::text is null then true else r.scope = :scope end
			order by r.created_at desc, r.id desc limit 200) r
	) r order by r.created_at desc, r.id desc limit 200
), compared as (
	select f.id from fit f where (select count(*) from fit) <= 500
	union all select n.id from newest n where (select c.so from common c) or (select count(*) from fit) > 500
)
select r.id, r.scope, r.program_id, r.mentorship_id, r.kind, r.audience, r.locale, r.title, r.url, r.tags, r.author_id, r.state,
	r.comments, r.published_at, r.created_at, r.updated_at, r.version, file_of(r.file_id) as file,
	fitness(w.words, a.words) as rank
from asked a, compared c join resource r on r.id = c.id join resource_words w on w.id = c.id;

-- add_resource(CreateResourceRequest) one Resource
insert into resource (id, scope, program_id, mentorship_id, kind, audience, locale, title, body, url, tags, author_id)
select :new.id, :scope, :program_id, :mentorship_id, :kind, coalesce(:audience, 'ALL'), coalesce(nullif(:locale::text, ''), 'en'), :title,
	coalesce(:body, ''), coalesce(:url, ''), coalesce(:tags::text[], '{}'), :caller.id
where must_begin_resource(:scope, :program_id, :mentorship_id, :caller.id, :caller.roles::text[])
returning *;

-- get_resource(Id) one Resource
select r.*, file_of(r.file_id) as file from resource r
where r.id = :id and sees_resource(r, :caller.id, :caller.roles::text[]);

-- read_resource_kind(Id) one Resource
select id, kind, url from resource r where r.id = :id and sees_resource(r, :caller.id, :caller.roles::text[]);

-- set_resource(UpdateResourceRequest) one Resource
update resource r set
	audience = case when :set.audience then coalesce(:audience, 'ALL') else audience end,
	locale = case when :set.locale then coalesce(nullif(:locale::text, ''), 'en') else locale end,
	title = case when :set.title then :title else title end,
	body = case when :set.body then coalesce(:body, '') else body end,
	url = case when :set.url then coalesce(:url, '') else url end,
	tags = case when :set.tags then coalesce(:tags::text[], '{}') else tags end
where r.id = :id and must_edit(r, :caller.id, :caller.roles::text[]) and at_version(r.version, :if_match)
returning r.*, file_of(r.file_id) as file;

-- expect_resource_file(PutResourceFileRequest) one StoredFile
select r.id, r.kind, :new.file as file_id, :name::text as name, :content_type::text as content_type, :upload_id::uuid as upload_id,
	(select coalesce(sum(octet_length(u.bytes)), 0)::bigint from upload_part u where u.upload_id = :upload_id::uuid) as size
from resource r
where r.id = :id and must_edit(r, :caller.id, :caller.roles::text[]) and at_version(r.version, :if_match)
	and (r.kind in ('FILE', 'TEMPLATE') or refuse(409, 'TAKES_NO_FILE', 'Only files and templates have a file.'));

-- add_resource_file(StoredFile) exec
with used as (delete from upload_part where upload_id = :upload_id::uuid)
insert into resource_file (id, resource_id, name, content_type, size, hash, hashes)
values (:file_id, :id, :name, :content_type, :size, :hash, :hashes);

-- set_resource_file(StoredFile) one Resource
update resource r set file_id = :file_id
where r.id = :id and must_edit(r, :caller.id, :caller.roles::text[]) and at_version(r.version, :if_match)
returning r.*, file_of(r.file_id) as file;

-- read_resource_file(GetResourceFileRequest) one StoredFile
select f.resource_id as id, f.id as file_id, f.name, f.content_type, f.size, f.hash,
	hash_at(f.hashes, :offset) as hashes
from resource_file f
where f.resource_id = :id and case
	when coalesce(:version::bigint, 0) > 0 then must_see_versions(:id, :caller.id, :caller.roles::text[]) and f.id = (
		select v.file_id from resource_version v where v.resource_id = :id and v.version = :version)
	else must_see_resource(:id, :caller.id, :caller.roles::text[]) and case
		when nullif(:tag::text, '') is not null then encode(f.hash, 'hex') = :tag
		else f.id = (select r.file_id from resource r where r.id = :id) end end
order by f.id limit 1;

-- set_resource_deleted(Id) one Resource
update resource r set deleted_at = now()
where r.id = :id and r.deleted_at is null
	and (r.author_id = :caller.id and sees_resource(r, :caller.id, :caller.roles::text[])
		or must_moderate(r, :caller.id, :caller.roles::text[]))
	and at_version(r.version, :if_match)
returning r.*, file_of(r.file_id) as file;

-- keep_resource_for_now(Id) exec
select schedule('PurgeResource', :id, now() + interval '30 days');

-- set_resource_submitted(Id) one Resource
update resource r set state = 'IN_REVIEW'
where r.id = :id and sees_resource(r, :caller.id, :caller.roles::text[])
	and (r.author_id = :caller.id or refuse(403, 'NOT_AUTHOR', 'Its author hands it in.'))
returning r.*, file_of(r.file_id) as file, r.updated_at <> now() as unchanged;

-- set_resource_published(Id) one Resource
update resource r set state = 'PUBLISHED', published_at = now()
where r.id = :id and must_moderate(r, :caller.id, :caller.roles::text[])
returning r.*, file_of(r.file_id) as file, r.updated_at <> now() as unchanged;

-- set_resource_rejected(RejectResourceRequest) one Resource
update resource r set state = 'REJECTED', rejection = :rejection
where r.id = :id and must_moderate(r, :caller.id, :caller.roles::text[])
returning r.*, file_of(r.file_id) as file, r.updated_at <> now() as unchanged;

-- archive_resource(Id) one Resource
update resource r set state = 'ARCHIVED'
where r.id = :id and must_moderate(r, :caller.id, :caller.roles::text[])
returning r.*, file_of(r.file_id) as file, r.updated_at <> now() as unchanged;

-- list_resource_versions(ListResourceVersionsRequest) page ListResourceVersionsResponse by version desc
select v.version, v.audience, v.locale, v.title, v.body, v.url, v.tags, v.replaced_at, file_of(v.file_id) as file
from resource_version v
where v.resource_id = :id and must_see_versions(:id, :caller.id, :caller.roles::text[]);

-- list_resource_comments(ListResourceCommentsRequest) page ListResourceCommentsResponse by created_at, id
select c.id, c.resource_id, c.author_id, c.body, c.created_at
from resource_comment c
where c.resource_id = :id and must_see_resource(:id, :caller.id, :caller.roles::text[]);

-- add_resource_comment(CommentResourceRequest) one ResourceComment
insert into resource_comment (id, resource_id, author_id, body)
select :new.id, r.id, :caller.id, :body from resource r
where r.id = :id and sees_resource(r, :caller.id, :caller.roles::text[])
	and (r.state = 'PUBLISHED' or refuse(409, 'NOT_PUBLISHED', 'It is not published.'))
returning *;

-- remove_resource_comment(DeleteResourceCommentRequest) one Resource
delete from resource_comment c using resource r
where c.id = :comment_id and r.id = c.resource_id and r.id = :id and sees_resource(r, :caller.id, :caller.roles::text[])
	and (c.author_id = :caller.id or must_moderate(r, :caller.id, :caller.roles::text[]))
returning r.id;

-- purge_resource(Id) exec
delete from resource where id = :id and deleted_at is not null;

-- list_inbox_items(ListInboxItemsRequest) page ListInboxItemsResponse by created_at desc, id desc
select id, created_at, updated_at, version, user_id, kind, title, text, link, read_at, archived_at
from inbox_item
where user_id = :caller.id and (archived_at is not null) = :archived
	and (:unread::boolean is null or (read_at is null) = :unread) and (:kind::text is null or kind = :kind);

-- get_inbox_item(Id) one InboxItem
select id, created_at, updated_at, version, user_id, kind, title, text, link, read_at, archived_at
from inbox_item where id = :id and user_id = :caller.id;

-- count_inbox_items(Nothing) one InboxCount
select count(*) filter (where read_at is null) as unread, count(*) as total
from inbox_item where user_id = :caller.id and archived_at is null;

-- read_inbox_item(Id) one InboxItem
update inbox_item set read_at = coalesce(read_at, now())
where id = :id and user_id = :caller.id
returning id, created_at, updated_at, version, user_id, kind, title, text, link, read_at, archived_at;

-- archive_inbox_item(Id) one InboxItem
update inbox_item set archived_at = coalesce(archived_at, now()), read_at = coalesce(read_at, now())
where id = :id and user_id = :caller.id
returning id, created_at, updated_at, version, user_id, kind, title, text, link, read_at, archived_at;

-- read_all_inbox_items(Nothing) one InboxCount
with done as (
	update inbox_item set read_at = now() where user_id = :caller.id and read_at is null and archived_at is null returning id
)
select 0 as unread, count(*) as total from inbox_item where user_id = :caller.id and archived_at is null;

-- What was added around the last item seen is told again rather than left out: ids are given before commits.
-- list_stream(ListStreamRequest) one ListStreamResponse
with seen as (
	select id, created_at from inbox_item
	where user_id = :caller.id and id::text = :after and created_at > now() - interval '1 day'
)
select :after::text is not null and not exists (select from seen) as reset, coalesce((
	select jsonb_agg(jsonb_build_object('id', id, 'user_id', user_id, 'kind', kind,
		'created_at', to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) order by created_at, id)
	from (
		select item.* from inbox_item item, seen
		where item.user_id = :caller.id and item.id <> seen.id and item.created_at > seen.created_at - interval '5 seconds'
		order by item.created_at, item.id limit 1000
	) missed), '[]') as items;

-- add_inbox_item(NewInboxItem) one InboxItem
insert into inbox_item (delivery_id, user_id, kind, title, text, link)
values (:delivery_id, :user_id, :kind, :title, :text, :link)
on conflict (delivery_id) do update set title = excluded.title, text = excluded.text
returning id, created_at, updated_at, version, user_id, kind, title, text, link, read_at, archived_at;

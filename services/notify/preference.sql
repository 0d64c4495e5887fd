-- get_notification_preferences(Nothing) one NotificationPreferences
select (
	select jsonb_agg(jsonb_build_object('kind', k.key, 'class', k.class, 'mandatory', k.mandatory,
		'channels', coalesce(p.channels, k.channels)) order by k.class, k.key)
	from kind k left join preference p on p.kind = k.key and p.user_id = :caller.id
) as items, (
	select jsonb_build_object('quiet_from', to_char(q.quiet_from, 'HH24:MI'), 'quiet_to', to_char(q.quiet_to, 'HH24:MI'))
	from (
		select coalesce(h.quiet_from, case when h.user_id is null then time '21:00' end) as quiet_from,
			coalesce(h.quiet_to, case when h.user_id is null then time '08:00' end) as quiet_to
		from (select 1) one left join quiet_hours h on h.user_id = :caller.id
	) q
	where q.quiet_from is not null
) as quiet_hours, coalesce((select cadence from digest_choice where user_id = :caller.id), 'OFF') as digest;

-- set_preferences(PutNotificationPreferencesRequest) exec
insert into preference (user_id, kind, channels)
select distinct on (choice.kind) :caller.id::uuid, choice.kind, coalesce(choice.channels, '{}')
from jsonb_to_recordset(:items::jsonb) as choice (kind text, channels text[])
on conflict (user_id, kind) do update set channels = excluded.channels;

-- set_quiet_hours(QuietHours) exec
insert into quiet_hours (user_id, quiet_from, quiet_to) values (:caller.id, :quiet_from, :quiet_to)
on conflict (user_id) do update set quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to;

-- set_digest(DigestChoice) exec
insert into digest_choice (user_id, cadence) values (:caller.id, :cadence)
on conflict (user_id) do update set cadence = excluded.cadence;

-- delete_quiet_hours(Nothing) exec
insert into quiet_hours (user_id) values (:caller.id)
on conflict (user_id) do update set quiet_from = null, quiet_to = null;

-- add_unsubscribe_link(UnsubscribeLink) exec
insert into unsubscribe_link (token, user_id, kind) values (:token, :user_id, :kind)
on conflict (token) do nothing;

-- read_unsubscription(UnsubscribeLink) one Unsubscription
select k.key as kind, 'EMAIL' = any (coalesce(p.channels, k.channels)) as subscribed
from unsubscribe_link l
join kind k on k.key = l.kind
left join preference p on p.user_id = l.user_id and p.kind = l.kind
where l.token = :token;

-- end_mails(UnsubscribeLink) one Unsubscription
insert into preference as p (user_id, kind, channels)
select l.user_id, l.kind, array_remove(k.channels, 'EMAIL')
from unsubscribe_link l join kind k on k.key = l.kind
where l.token = :token
on conflict (user_id, kind) do update set channels = array_remove(p.channels, 'EMAIL')
returning kind, false as subscribed;

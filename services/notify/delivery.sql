-- list_deliveries(ListDeliveriesRequest) page ListDeliveriesResponse by created_at desc, id desc
select id, created_at, updated_at, version, event_id, kind, user_id, channel, state, reason, attempts, answer, due_at, sent_at
from delivery
where (:user_id::uuid is null or user_id = :user_id) and (:kind::text is null or kind = :kind)
	and (:state::text is null or state = :state);

-- What waits is on its way already, and may be with the mail server: it stays as it is.
-- resend_delivery(Id) one Delivery
update delivery set state = 'PLANNED', reason = null, attempts = case state when 'PLANNED' then attempts else 0 end,
	due_at = case state when 'PLANNED' then due_at else now() end
where id = :id
returning id, created_at, updated_at, version, event_id, kind, user_id, channel, state, reason, attempts, answer, due_at, sent_at;

-- Takes a delivery in hand for two minutes: if the process dies meanwhile, its timer brings it back.
-- claim_delivery(Id) maybe Parcel
with mine as (
	update delivery set due_at = now() + interval '2 minutes'
	where id = :id and state in ('PLANNED', 'DEFERRED', 'RETRYING') and due_at <= now()
	returning *
), told as (
	update digest_line l set digest_id = mine.id from mine
	where mine.kind = 'digest' and l.user_id = mine.user_id and coalesce(l.digest_id, mine.id) = mine.id
	returning l.line, l.created_at
)
select d.id, d.user_id, d.kind, d.channel, d.subject_id, d.attempts, case when d.kind <> 'digest' then d.variables
		else jsonb_build_array(jsonb_build_object('name', 'count', 'value', (select count(*)::text from told))) end as variables,
	(select string_agg(line, E'\n\n' order by created_at) from told) as lines,
	exists (select from digest_choice c where c.user_id = d.user_id and c.cadence <> 'OFF') as bundled,
	extract(epoch from now() - d.created_at)::bigint as age, k.class, k.mandatory, k.token_purpose, k.source, k.audience, k.states, k.path,
	k.mandatory or d.channel = any (coalesce(p.channels, k.channels)) as wanted, case when k.class = 'ACTIVITY' then (
		select count(*) from delivery sent join kind on kind.key = sent.kind
		where sent.user_id = d.user_id and sent.channel = 'EMAIL' and sent.state = 'SENT' and kind.class = 'ACTIVITY'
			and sent.sent_at > now() - interval '1 day' and sent.created_at > now() - interval '8 days')
		else 0 end as mails_today
from mine d join kind k on k.key = d.kind
left join preference p on p.user_id = d.user_id and p.kind = d.kind;

-- The first language that has the words; instants in the reader's zone; when the reader's night ends.
-- read_wording(WordingRequest) one Wording
select t.locale, t.title, t.body, t.action, coalesce((
		select jsonb_agg(jsonb_build_object('name', v ->> 'name', 'value', case
			when v ->> 'value' ~ '^\d{4}-\d\d-\d\d[T ]\d\d:'
			then to_char((v ->> 'value')::timestamptz at time zone :zone, 'YYYY-MM-DD"T"HH24:MI') else v ->> 'value' end))
		from jsonb_array_elements(:variables::jsonb) v), '[]') as variables,
	exists (select from suppression where address = :address and coalesce(until, 'infinity') > now()) as suppressed,
	case when h.user_id is null then night_left(now(), :zone, '21:00', '08:00')
		else night_left(now(), :zone, h.quiet_from, h.quiet_to) end as quiet_for
from (select 1) one
left join quiet_hours h on h.user_id = nullif(:user_id, '')::uuid
left join lateral (
	select force.* from wording_in_force force join unnest(:locales::text[]) with ordinality wanted (locale, place) using (locale)
	where force.kind = :kind order by place limit 1
) t on true;

-- settle_delivery(Outcome) one Delivery
update delivery set state = :state, reason = :reason, attempts = attempts + :tries, answer = coalesce(:answer, ''),
	due_at = case when :wait_s > 0 then now() + make_interval(secs => :wait_s) end,
	sent_at = case when :state = 'SENT' then now() end
where id = :id
returning id, created_at, updated_at, version, event_id, kind, user_id, channel, state, reason, attempts, answer, due_at, sent_at;

-- add_digest_line(DigestLine) exec
with line as (
	insert into digest_line (delivery_id, user_id, line) values (:delivery_id, :user_id, :line)
	on conflict (delivery_id) do update set line = excluded.line
)
select plan_digest(:user_id, :zone);

-- What must be told and cannot be mailed is told in the inbox.
-- tell_inside(Id) exec
insert into delivery (event_id, kind, user_id, subject_id, channel, variables)
select event_id, kind, user_id, subject_id, 'IN_APP', variables from delivery where id = :id and user_id is not null
on conflict on constraint delivery_once do nothing;

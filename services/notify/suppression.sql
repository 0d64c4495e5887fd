-- list_suppressions(Page) page ListSuppressionsResponse by created_at desc, id desc
select id, created_at, updated_at, version, user_id, answer, until from suppression where coalesce(until, 'infinity') > now();

-- add_suppression(NewSuppression) one Suppression
insert into suppression (user_id, address, answer) values (:user_id, :address, :answer)
on conflict (address) do update set answer = excluded.answer, until = null
returning id, created_at, updated_at, version, user_id, answer, until;

-- drop_suppression(Id) one Suppression
delete from suppression where id = :id
returning id, created_at, updated_at, version, user_id, answer, until;

-- drop_suppression_in_time(Id) maybe Suppression
delete from suppression where id = :id and until <= now()
returning id, created_at, updated_at, version, user_id, answer, until;

-- add_soft_bounce(NewSuppression) exec
-- Each mail counts once, however often it was tried.
insert into soft_bounce (address, delivery_id) values (:address, :delivery_id) on conflict do nothing;

-- suspend_address(NewSuppression) maybe Suppression
-- Three mails put off within a week, and none taken since: left alone for a week.
insert into suppression (user_id, address, answer, until)
select :user_id, :address, :answer, now() + interval '7 days'
where (select count(*) from soft_bounce where address = :address and at > now() - interval '7 days') >= 3
on conflict (address) do nothing
returning id, created_at, updated_at, version, user_id, answer, until;

-- forget_soft_bounces(NewSuppression) exec
delete from soft_bounce where address = :address;

-- list_suppressions(Page) page ListSuppressionsResponse by created_at desc, id desc
select id, created_at, updated_at, version, user_id, answer from suppression;

-- add_suppression(NewSuppression) one Suppression
insert into suppression (user_id, address, answer) values (:user_id, :address, :answer)
on conflict (address) do update set answer = excluded.answer
returning id, created_at, updated_at, version, user_id, answer;

-- drop_suppression(Id) one Suppression
delete from suppression where id = :id
returning id, created_at, updated_at, version, user_id, answer;

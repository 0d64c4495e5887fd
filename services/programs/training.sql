-- Training: the modules of a program, and how far people are with them.

-- get_training(TrainingRequest) one Training
select p.id, t.updated_at, coalesce(t.version, 0) as version, (
	select coalesce(jsonb_agg(module_of(m, :caller.id) order by m.position), '[]') from training_module m
	where m.program_id = p.id and not m.retired
		and (coordinates(p.id, :caller.id, :caller.roles::text[]) or exists (
			select from membership s where s.program_id = p.id and s.user_id = :caller.id and s.open and m.audience in (s.role, 'BOTH')))) as modules
from program p left join training t on t.program_id = p.id
where p.id = :program_id and (coordinates(p.id, :caller.id, :caller.roles::text[]) or exists (
	select from membership s where s.program_id = p.id and s.user_id = :caller.id and s.open and s.submitted_at is not null));

-- get_training_design(TrainingRequest) one TrainingDesign
select p.id, t.updated_at, coalesce(t.version, 0) as version, (
	select coalesce(jsonb_agg(to_jsonb(m) order by m.position), '[]') from training_module m
	where m.program_id = p.id and not m.retired) as modules
from program p left join training t on t.program_id = p.id
where p.id = :program_id and must_see_members(p.id, :caller.id, :caller.roles::text[]);

-- set_training_version(PutTrainingRequest) one TrainingDesign
insert into training (program_id)
select p.id from program p
where p.id = :program_id and must_coordinate(:program_id, :caller.id, :caller.roles::text[])
	and (p.state <> 'ARCHIVED' or refuse(409, 'ARCHIVED', 'An archived program cannot be changed.'))
	and (exists (select from training t where t.program_id = p.id) or at_version(0, :if_match))
on conflict (program_id) do update set updated_at = now(),
	version = case when at_version(training.version, :if_match) then training.version + 1 end
returning program_id as id, updated_at, version;

-- set_training_modules(PutTrainingRequest) exec
with given as (
	select g.module, g.n from jsonb_array_elements(:modules::jsonb) with ordinality g (module, n)
), retired as (
	update training_module t set retired = true
	where t.program_id = :program_id and not t.retired and t.key not in (select module ->> 'key' from given)
), put as (
	insert into training_module (id, program_id, key, position, title, about, audience, required_before, valid_days, items)
	select uuid_v7(), :program_id, module ->> 'key', n, module ->> 'title', module ->> 'about', module ->> 'audience',
		module ->> 'required_before', (module ->> 'valid_days')::int, module -> 'items'
	from given
	on conflict (program_id, key) do update set position = excluded.position, title = excluded.title, about = excluded.about,
		audience = excluded.audience, required_before = excluded.required_before, valid_days = excluded.valid_days,
		items = excluded.items, retired = false
	returning id, key
)
update training_completion c set expires_at = now()
from put join given on given.module ->> 'key' = put.key
where (given.module ->> 'renew')::boolean and c.module_id = put.id and c.expired_at is null;

-- schedule_training_gates(PutTrainingRequest) exec
select schedule('RefreshTrainingGates', :program_id, now());

-- read_training_modules(PutTrainingRequest) one TrainingDesign
select coalesce(jsonb_agg(to_jsonb(m) order by m.position), '[]') as modules
from training_module m where m.program_id = :program_id and not m.retired;

-- all_completions(ListTrainingCompletionsRequest) page ListTrainingCompletionsResponse by completed_at desc, id desc
select c.id, c.program_id, c.module_id, m.title as module_title, c.user_id, m.required_before, c.completed_at, c.expires_at, c.expired_at
from training_completion c join training_module m on m.id = c.module_id
where c.program_id = :program_id and must_see_members(:program_id, :caller.id, :caller.roles::text[])
	and (:module_id::uuid is null or c.module_id = :module_id);

-- completions_of_person(ListTrainingCompletionsRequest) page ListTrainingCompletionsResponse by completed_at desc, id desc
select c.id, c.program_id, c.module_id, m.title as module_title, c.user_id, m.required_before, c.completed_at, c.expires_at, c.expired_at
from training_completion c join training_module m on m.id = c.module_id
where c.program_id = :program_id and must_see_members(:program_id, :caller.id, :caller.roles::text[])
	and (:module_id::uuid is null or c.module_id = :module_id) and c.user_id = :user_id;

-- The membership is locked, so that the last two items, done at one time, complete the module.
-- read_training_task(TrainingItemRequest) one TrainingTask
select t.id, t.program_id, i.item ->> 'kind' as kind, coalesce(i.item -> 'questions', '[]') as questions, (i.item ->> 'pass_mark')::int as pass_mark
from training_module t cross join lateral jsonb_array_elements(t.items) i (item) cross join lateral (
	select m.id from membership m
	where m.program_id = t.program_id and m.user_id = :caller.id and m.open and holds_place(m.state) and t.audience in (m.role, 'BOTH')
	order by m.id limit 1 for no key update
) s
where t.id = :id and i.item ->> 'key' = :key and not t.retired;

-- read_training_event(RecordTrainingAttendanceRequest) one TrainingTask
select t.id, t.program_id, i.item ->> 'kind' as kind
from training_module t cross join lateral jsonb_array_elements(t.items) i (item)
where t.id = :id and i.item ->> 'key' = :key and not t.retired
	and must_see_members(t.program_id, :caller.id, :caller.roles::text[]);

-- lock_trainees(RecordTrainingAttendanceRequest) exec
select from membership m join training_module t on t.program_id = m.program_id
where t.id = :id and m.user_id = any(:user_ids::uuid[]) and m.open
order by m.id for no key update of m;

-- add_attendance(RecordTrainingAttendanceRequest) exec
insert into training_item_done (module_id, user_id, item_key)
select distinct t.id, u.id, :key::text from training_module t cross join unnest(:user_ids::uuid[]) u (id)
where t.id = :id and takes_training(t, u.id)
on conflict do nothing;

-- add_item_done(Trainee) exec
insert into training_item_done (module_id, user_id, item_key) values (:module_id, :user_id, :key) on conflict do nothing;

-- add_quiz_attempt(QuizAttempt) one QuizResult
insert into training_attempt (id, module_id, item_key, user_id, answers, score, passed)
values (:new.id, :module_id, :key, :caller.id, :answers::jsonb, :score, :passed)
returning id, score, passed;

-- A module is completed when each of its items is done.
-- add_training_completion(Trainee) maybe TrainingCompletion
insert into training_completion (id, program_id, module_id, user_id, expires_at)
select uuid_v7(), t.program_id, t.id, :user_id, now() + make_interval(days => t.valid_days)
from training_module t
where t.id = :module_id and not exists (
	select from jsonb_array_elements(t.items) i (item) where not exists (
		select from training_item_done d
		where d.module_id = t.id and d.user_id = :user_id and d.item_key = i.item ->> 'key'))
on conflict (module_id, user_id) where expired_at is null do nothing
returning id, program_id, module_id, user_id, (select required_before from training_module t where t.id = :module_id) as required_before,
	completed_at, expires_at;

-- Who takes part already goes on doing so; waiting_for tells the matcher.
-- show_training_gates(Trainee) exec
update membership m set waiting_for = gates_before(m)
where m.program_id = :program_id and (:user_id::uuid is null or m.user_id = :user_id) and m.open
	and m.state in ('ACTIVE', 'PAUSED') and m.waiting_for is distinct from gates_before(m);

-- set_training_gates(Trainee) many Memberships
update membership m set waiting_for = gates_before(m)
where m.program_id = :program_id and (:user_id::uuid is null or m.user_id = :user_id) and m.open
	and m.state in ('APPROVED', 'ONBOARDING') and m.waiting_for is distinct from gates_before(m)
returning *;

-- read_my_module(TrainingItemRequest) one TrainingModule
select m.* from training_module t, jsonb_to_record(module_of(t, :caller.id)) m (id uuid, key text, title text, about text,
	audience text, required_before text, valid_days int, items jsonb, completed_at timestamptz, expires_at timestamptz)
where t.id = :id;

-- What was done for the completion that ends is worth nothing any more, either.
-- set_training_expired(Id) maybe TrainingCompletion
with expired as (
	update training_completion set expired_at = now()
	where id = :id and expired_at is null and expires_at <= now()
	returning *
), undone as (
	delete from training_item_done d using expired e where d.module_id = e.module_id and d.user_id = e.user_id
)
select e.id, e.program_id, e.module_id, e.user_id, m.required_before, e.completed_at, e.expires_at, e.expired_at
from expired e join training_module m on m.id = e.module_id;

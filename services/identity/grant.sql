-- list_my_grants(ListMyGrantsRequest) page ListGrantsResponse by created_at desc, id desc
select id, created_at, updated_at, version, user_id, role, program_id, granted_by, starts_at, ends_at, revoked_at, state
from role_grant
where user_id = :caller.id and state in ('PLANNED', 'IN_FORCE');

-- list_grants(ListGrantsRequest) page ListGrantsResponse by created_at desc, id desc
select id, created_at, updated_at, version, user_id, role, program_id, granted_by, starts_at, ends_at, revoked_at, state
from role_grant
where must_run_something(:caller.id, :caller.roles::text[])
	and ('ADMIN' = any (:caller.roles::text[]) or coordinates(:caller.id, program_id))
	and (:user_id::uuid is null or user_id = :user_id)
	and (:program_id::uuid is null or program_id = :program_id)
	and (:role::text is null or role = :role)
	and (:state::text is null or state = :state);

-- give_role(AddGrantRequest) one Grant
insert into role_grant (user_id, role, program_id, granted_by, starts_at, ends_at, state)
select a.id, :role, :program_id, :caller.id, coalesce(:starts_at, now()), :ends_at,
	case when coalesce(:starts_at, now()) > now() then 'PLANNED' else 'IN_FORCE' end
from account a
where a.id = :user_id and a.state in ('ACTIVE', 'LOCKED')
	and ('ADMIN' = any (:caller.roles::text[]) or (:role in ('COORDINATOR', 'REPORTER') and coordinates(:caller.id, :program_id)))
returning id, created_at, updated_at, version, user_id, role, program_id, granted_by, starts_at, ends_at, revoked_at, state,
	state = 'PLANNED' as unchanged;

-- take_role(RevokeGrantRequest) one Grant
-- Nothing is told of a grant that was not in force.
update role_grant g set state = case when old.state = 'ENDED' then 'ENDED' else 'REVOKED' end, revoked_at = coalesce(g.revoked_at, now())
from (select id, state from role_grant where id = :id for update) old
where g.id = old.id and ('ADMIN' = any (:caller.roles::text[]) or coordinates(:caller.id, g.program_id))
returning g.id, g.created_at, g.updated_at, g.version, g.user_id, g.role, g.program_id, g.granted_by, g.starts_at, g.ends_at,
	g.revoked_at, g.state, old.state <> 'IN_FORCE' as unchanged;

-- begin_grant(Id) maybe Grant
update role_grant set state = 'IN_FORCE' where id = :id and state = 'PLANNED' and starts_at <= now()
returning id, user_id, role, program_id, ends_at, state;

-- finish_grant(Id) maybe Grant
-- The last holder keeps the role until there is another: somebody has to hold it.
with due as materialized (
	select id, is_last_holder(role, user_id) as last from role_grant where id = :id and state = 'IN_FORCE' and ends_at <= now()
), later as (
	insert into timer (rpc, subject_id, due_at) select 'EndGrant', id, now() + interval '10 minutes' from due where last
)
update role_grant g set state = 'ENDED' from due where g.id = due.id and not due.last
returning g.id, g.user_id, g.role, g.program_id, g.ends_at, g.state;

-- grant_creator(ProgramCreated) maybe Grant
-- Nobody gave it: granted_by stays empty.
insert into role_grant (user_id, role, program_id, state)
select id, 'COORDINATOR', :id, 'IN_FORCE' from account where id = :event.actor_id
on conflict do nothing
returning id, user_id, role, program_id, ends_at, state;

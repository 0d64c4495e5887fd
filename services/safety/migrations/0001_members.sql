-- Who takes part in which program, as programs tells. Person ids: member.user_id.

create table member (
	membership_id uuid primary key,
	program_id uuid not null,
	cohort_id uuid,
	user_id uuid not null,
	role text not null,
	state text not null,
	-- Of the membership: news that are older than what is known change nothing.
	version bigint not null
);
create index member_program on member (program_id, role, state);
create index member_person on member (user_id);

create function keep_member(id uuid, program uuid, cohort uuid, person uuid, role text, state text, version bigint)
	returns void language sql as $$
	insert into member (membership_id, program_id, cohort_id, user_id, role, state, version)
	values (id, program, cohort, person, role, state, version)
	on conflict (membership_id) do update set cohort_id = excluded.cohort_id, state = excluded.state, version = excluded.version
	where member.version < excluded.version
$$;

do $$
begin
	execute format('grant select, insert, update on member to %I', current_schema() || '_svc');
end $$;

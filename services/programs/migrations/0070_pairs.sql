-- Two people whom matching keeps apart are not brought together here either. Person ids: excluded_pair.a, excluded_pair.b.

create table excluded_pair (
	exclusion_id uuid primary key,
	a uuid not null,
	b uuid not null,
	lifted boolean not null default false
);
create index excluded_pair_people on excluded_pair (a, b) where not lifted;

-- Trigger on mentorship_party: by whatever path they come into one mentorship.
create function must_be_allowed() returns trigger language plpgsql as $$
begin
	if exists (
		select from mentorship_party o join excluded_pair e
			on e.a = least(o.user_id, new.user_id) and e.b = greatest(o.user_id, new.user_id) and not e.lifted
		where o.mentorship_id = new.mentorship_id and o.role <> new.role
	) then
		perform refuse(403, 'PAIR_NOT_ALLOWED', 'These two cannot be brought together.');
	end if;
	return null;
end $$;
create trigger allowed after insert on mentorship_party for each row execute function must_be_allowed();

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update on excluded_pair to %I', svc);
end $$;

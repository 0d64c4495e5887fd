-- Opportunities and introductions. Person ids: opportunity.offered_by, opportunity_application.user_id,
-- introduction.introduced_by, introduction.first_id, introduction.second_id.

insert into transition (thing, from_state, to_state) values
	('opportunity', 'OPEN', 'FULL'), ('opportunity', 'FULL', 'OPEN'), ('opportunity', 'OPEN', 'CLOSED'), ('opportunity', 'FULL', 'CLOSED'),
	('opportunity_application', 'APPLIED', 'ACCEPTED'), ('opportunity_application', 'APPLIED', 'DECLINED'),
	('opportunity_application', 'APPLIED', 'WITHDRAWN'), ('opportunity_application', 'ACCEPTED', 'WITHDRAWN'),
	('introduction', 'PROPOSED', 'ACCEPTED'), ('introduction', 'PROPOSED', 'DECLINED');

create table opportunity (
	id uuid primary key,
	program_id uuid not null references program on delete cascade,
	offered_by uuid not null,
	kind text not null check (kind in ('JOB_SHADOW', 'REFERRAL', 'EVENT_SEAT', 'NETWORK', 'MATERIAL')),
	audience text not null default 'MENTEES' check (audience in ('MENTEES', 'OWN_MENTEES')),
	title text not null,
	body text not null default '',
	places int not null,
	taken int not null default 0,
	closes_at timestamptz not null,
	state text not null default 'OPEN' check (state in ('OPEN', 'FULL', 'CLOSED')),
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	constraint closes_in_the_past check (closes_at > created_at),
	constraint empty_title check (has_words(title)),
	constraint no_place check (taken between 0 and places)
);
comment on constraint closes_in_the_past on opportunity is 'It must close in the future.';
comment on constraint empty_title on opportunity is 'The title is empty.';
comment on constraint no_place on opportunity is 'Every place is taken.';
create index opportunity_program on opportunity (program_id, created_at desc, id desc);
create index opportunity_person on opportunity (offered_by);

create table opportunity_application (
	id uuid primary key,
	opportunity_id uuid not null references opportunity on delete cascade,
	program_id uuid not null,
	user_id uuid not null,
	message text not null default '',
	state text not null default 'APPLIED' check (state in ('APPLIED', 'ACCEPTED', 'DECLINED', 'WITHDRAWN')),
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1
);
create unique index already_applied on opportunity_application (opportunity_id, user_id) where state <> 'WITHDRAWN';
comment on index already_applied is 'You have applied already.';
create index opportunity_application_list on opportunity_application (opportunity_id, created_at, id);
create index opportunity_application_person on opportunity_application (user_id);

create table introduction (
	id uuid primary key,
	program_id uuid not null references program on delete cascade,
	introduced_by uuid not null,
	first_id uuid not null,
	second_id uuid not null,
	first_reply text check (first_reply in ('YES', 'NO')),
	second_reply text check (second_reply in ('YES', 'NO')),
	message text not null,
	state text not null default 'PROPOSED' check (state in ('PROPOSED', 'ACCEPTED', 'DECLINED')),
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1,
	constraint two_people check (first_id <> second_id and introduced_by not in (first_id, second_id))
);
comment on constraint two_people on introduction is 'Introduce two others to each other.';
create index introduction_first on introduction (first_id, created_at desc);
create index introduction_second on introduction (second_id, created_at desc);
create index introduction_by on introduction (introduced_by, created_at desc);

-- Whether it is for a person: those who run the program, whoever offers it, and the mentees that it is meant
-- for, found by their own mentorships, of which there are few.
create function is_for(o opportunity, person uuid, roles text[]) returns boolean language plpgsql stable cost 30 as $$
begin
	return o.offered_by = person or case o.audience when 'MENTEES' then takes_part(o.program_id, person, roles)
		else coordinates(o.program_id, person, roles) or exists (
			select from mentorship_party p join mentorship m on m.id = p.mentorship_id
			where p.user_id = person and m.program_id = o.program_id and m.open and o.offered_by = any(m.mentor_ids)
				and person = any(m.mentee_ids)) end;
end $$;

create function must_find(o opportunity, person uuid, roles text[]) returns boolean language plpgsql stable cost 40 as $$
begin
	return is_for(o, person, roles) or refuse(404, 'NOT_FOUND', 'There is no such opportunity.');
end $$;

create function must_find_opportunity(opportunity uuid, program uuid, person uuid, roles text[]) returns boolean
language plpgsql stable cost 40 as $$
begin
	return exists (
			select from opportunity o
			where o.id = must_find_opportunity.opportunity and o.program_id = program and is_for(o, person, roles))
		or refuse(404, 'NOT_FOUND', 'There is no such opportunity.');
end $$;

-- True, or 403 for who takes part in another role, 404 for who does not.
create function must_be(as_role text, program uuid, person uuid, roles text[]) returns boolean language plpgsql stable cost 50 as $$
begin
	return takes_part(program, person, '{}', as_role) and exists (
			select from membership m where m.user_id = person and m.program_id = program and holds_place(m.state) and m.role = as_role)
		or must_take_part(program, person, roles) and case as_role
			when 'MENTOR' then refuse(403, 'NOT_MENTOR', 'The mentors of this program do that.')
			else refuse(403, 'NOT_MENTEE', 'The mentees of this program do that.') end;
end $$;

-- Places follow the applications; the row of the opportunity is the lock.
create function count_taken() returns trigger language plpgsql as $$
begin
	update opportunity o set taken = taken + (new.state = 'ACCEPTED')::int - (old.state = 'ACCEPTED')::int,
		state = case when o.state = 'CLOSED' then o.state
			when taken + (new.state = 'ACCEPTED')::int - (old.state = 'ACCEPTED')::int >= places then 'FULL' else 'OPEN' end
	where o.id = new.opportunity_id;
	return null;
end $$;

create trigger again before update of state on opportunity for each row when (new.state = old.state and new.taken = old.taken)
	execute function stay_as_it_is();
create trigger guard before update of state on opportunity for each row when (new.state <> old.state) execute function guard_transition();
create trigger touch before update on opportunity for each row when (new.* is distinct from old.*) execute function touch();
create trigger again before update of state on opportunity_application for each row when (new.state = old.state)
	execute function stay_as_it_is();
create trigger guard before update of state on opportunity_application for each row when (new.state <> old.state)
	execute function guard_transition();
create trigger touch before update on opportunity_application for each row when (new.* is distinct from old.*) execute function touch();
create trigger places after update of state on opportunity_application for each row
	when ((new.state = 'ACCEPTED') <> (old.state = 'ACCEPTED')) execute function count_taken();
create trigger guard before update of state on introduction for each row when (new.state <> old.state) execute function guard_transition();
create trigger touch before update on introduction for each row when (new.* is distinct from old.*) execute function touch();

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update on opportunity, opportunity_application, introduction to %I', svc);
end $$;

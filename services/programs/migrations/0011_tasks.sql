-- Tasks and what was handed in. Person ids: task.assignee_id, task.assigner_id, task.reviewed_by, task_submission.created_by,
-- task_file.created_by, task_comment.created_by.

insert into transition (thing, from_state, to_state) values
	('task', 'ASSIGNED', 'IN_PROGRESS'), ('task', 'ASSIGNED', 'CANCELLED'),
	('task', 'IN_PROGRESS', 'SUBMITTED'), ('task', 'IN_PROGRESS', 'CANCELLED'),
	('task', 'SUBMITTED', 'APPROVED'), ('task', 'SUBMITTED', 'RETURNED'), ('task', 'RETURNED', 'IN_PROGRESS');

create table task (
	id uuid primary key,
	mentorship_id uuid not null references mentorship on delete cascade,
	title text not null,
	body text not null default '',
	assignee_id uuid not null,
	assigner_id uuid not null,
	due_on date,
	needs_file boolean not null default false,
	state text not null default 'ASSIGNED' check (state in ('ASSIGNED', 'IN_PROGRESS', 'SUBMITTED', 'APPROVED', 'RETURNED', 'CANCELLED')),
	review text not null default '',
	reviewed_by uuid,
	reviewed_at timestamptz,
	submitted_at timestamptz,
	submissions int not null default 0,
	imported boolean not null default false,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1
);
create index task_mentorship on task (mentorship_id, id desc);

-- For which of its dates the world was told that a task is overdue.
create table task_told (
	task_id uuid primary key references task on delete cascade,
	due_on date not null
);

create table task_submission (
	id uuid primary key,
	task_id uuid not null references task on delete cascade,
	text text not null default '',
	file_ids uuid[] not null default '{}',
	created_by uuid not null,
	verdict text check (verdict in ('APPROVED', 'RETURNED')),
	review text not null default '',
	created_at timestamptz not null default now(),
	constraint empty_submission check (text <> '' or cardinality(file_ids) > 0)
);
comment on constraint empty_submission on task_submission is 'Hand in a text or a file.';
create index task_submission_task on task_submission (task_id, id desc);

create table task_file (
	id uuid primary key,
	task_id uuid not null references task on delete cascade,
	content_type text not null,
	size bigint not null,
	hash bytea not null,
	hashes bytea not null, -- of each 256 KiB
	created_by uuid not null,
	created_at timestamptz not null default now()
);
create index task_file_task on task_file (task_id);
create trigger sweep after delete on task_file for each row execute function sweep_file();

create table task_comment (
	id uuid primary key,
	task_id uuid not null references task on delete cascade,
	body text not null,
	created_by uuid not null,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	version bigint not null default 1
);
create index task_comment_task on task_comment (task_id, id desc);

-- What the mentorships of a program begin with: TaskTemplateItem messages.
create table task_template (
	program_id uuid primary key references program on delete cascade,
	items jsonb not null,
	version bigint not null default 1
);

create function is_overdue(t task) returns boolean language sql stable as $$
	select coalesce(t.state in ('ASSIGNED', 'IN_PROGRESS', 'RETURNED') and t.due_on < today_in(t.mentorship_id), false)
$$;

-- True, or why this person cannot give that one a task.
create function may_give(mentorship uuid, assigner uuid, assignee uuid) returns boolean language plpgsql stable as $$
begin
	if assigner = assignee then
		return refuse(403, 'OWN_TASK', 'Nobody is on both sides of a task.');
	elsif party_role(mentorship, assignee) is null or party_role(mentorship, assigner) is null then
		return refuse(422, 'NOT_A_PARTY', 'This person is not in the mentorship.');
	end if;
	return party_role(mentorship, assignee) <> party_role(mentorship, assigner)
		or refuse(422, 'SAME_SIDE', 'A task is given by one side to the other.');
end $$;

-- True, or 403 for everybody but who does it.
create function must_do(t task, person uuid) returns boolean language plpgsql stable cost 20 as $$
begin
	return t.assignee_id = person or refuse(403, 'NOT_ASSIGNEE', 'This is done by whom the task was given to.');
end $$;

-- True, or 403 for everybody but who gave it. When that person has left, whoever is on that side does it.
create function must_give(t task, person uuid) returns boolean language plpgsql stable cost 20 as $$
begin
	if t.assignee_id = person then
		return refuse(403, 'OWN_TASK', 'Nobody is on both sides of a task.');
	end if;
	return t.assigner_id = person
		or party_role(t.mentorship_id, t.assigner_id) is null
			and party_role(t.mentorship_id, person) is distinct from party_role(t.mentorship_id, t.assignee_id)
		or refuse(403, 'NOT_ASSIGNER', 'This is done by who gave the task.');
end $$;

-- Trigger on the date and the state: when to tell that it is over.
create function plan_overdue() returns trigger language plpgsql as $$
begin
	if not new.imported and new.due_on < today_in(new.mentorship_id) and (tg_op = 'INSERT' or new.due_on is distinct from old.due_on) then
		perform refuse(422, 'DUE_IN_THE_PAST', 'A task is due today or later.');
	end if;
	perform schedule('TellOverdue', new.id, case when not new.imported and new.state in ('ASSIGNED', 'IN_PROGRESS', 'RETURNED')
		and not exists (select from task_told o where o.task_id = new.id and o.due_on = new.due_on)
		then day_begins(new.mentorship_id, new.due_on + 1) end);
	return new;
end $$;

create function follow_task() returns trigger language plpgsql as $$
begin
	if new.state = 'SUBMITTED' then
		new.submitted_at := now();
		new.submissions := old.submissions + 1;
		new.review := '';
		new.reviewed_by := null;
		new.reviewed_at := null;
	elsif new.state in ('APPROVED', 'RETURNED') then
		new.reviewed_at := now();
		update task_submission set verdict = new.state, review = new.review where task_id = new.id and verdict is null;
	end if;
	perform tell_timeline(new.mentorship_id, 'TASK', new.state, new.id,
		case when new.state in ('APPROVED', 'RETURNED', 'CANCELLED') then new.assigner_id else new.assignee_id end);
	return new;
end $$;

create function tell_task() returns trigger language plpgsql as $$
begin
	perform tell_timeline(new.mentorship_id, 'TASK', 'ASSIGNED', new.id, new.assigner_id);
	return null;
end $$;

-- The tasks of a program's template, for a mentorship that begins: each person of a side gets them from the first of the other.
create function begin_tasks(mentorship uuid) returns setof task language sql as $$
	insert into task (id, mentorship_id, title, body, assignee_id, assigner_id, due_on, needs_file)
	select uuid_v7(), m.id, i.value ->> 'title', coalesce(i.value ->> 'body', ''), a.person,
		(case i.value ->> 'assignee' when 'MENTOR' then m.mentee_ids else m.mentor_ids end)[1],
		today_in(m.id) + coalesce((i.value ->> 'due_days')::int, 0), coalesce((i.value ->> 'needs_file')::boolean, false)
	from mentorship m
		join task_template t on t.program_id = m.program_id,
		jsonb_array_elements(t.items) with ordinality i (value, n),
		unnest(case i.value ->> 'assignee' when 'MENTOR' then m.mentor_ids else m.mentee_ids end) a (person)
	where m.id = begin_tasks.mentorship and m.running
	order by i.n desc
	returning *
$$;

-- Once in its life a mentorship becomes active for the first time.
create function plan_tasks() returns trigger language plpgsql as $$
begin
	perform schedule('BeginTasks', new.id, now());
	return null;
end $$;

create trigger plan before insert or update of due_on, state on task for each row execute function plan_overdue();
create trigger tell after insert on task for each row when (not new.imported) execute function tell_task();
create trigger again before update of state on task for each row when (new.state = old.state) execute function stay_as_it_is();
create trigger guard before update of state on task for each row when (new.state <> old.state) execute function guard_transition();
create trigger step before update of state on task for each row when (new.state <> old.state) execute function follow_task();
create trigger touch before update on task for each row when (new.* is distinct from old.*) execute function touch();
create trigger touch before update on task_comment for each row when (new.* is distinct from old.*) execute function touch();
create trigger tasks after update of state on mentorship for each row
	when (old.state = 'KICKOFF' and new.state = 'ACTIVE') execute function plan_tasks();

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update on task, task_told, task_submission, task_template to %I', svc);
	execute format('grant select, insert, update, delete on task_comment to %I', svc);
	execute format('grant select, insert on task_file to %I', svc);
end $$;

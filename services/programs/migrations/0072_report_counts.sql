-- What reports tell of many rows, counted as it happens. No person ids.

-- How many a report tells of a kind, of a cohort (all zeros: of none) and a day ('-infinity': of any). Writers wait for nobody: who
-- finds a row being changed begins another beside it, and readers add them up. So a kind has as many rows as ever wrote at once.
create table report_count (
	program_id uuid not null,
	report text not null,
	cells text[] not null,
	cohort_id uuid not null,
	day date not null,
	n int not null
) with (fillfactor = 80);
create index report_count_kind on report_count (program_id, report, cells, cohort_id, day);

create function count_for(program uuid, in_report text, of_cells text[], of_cohort uuid, on_day date, by int) returns void language plpgsql as $$
declare
	cohort uuid := coalesce(of_cohort, '00000000-0000-0000-0000-000000000000');
begin
	update report_count c set n = c.n + by
	where c.ctid = (
		select k.ctid from report_count k
		where k.program_id = program and k.report = in_report and k.cells = of_cells and k.cohort_id = cohort and k.day = on_day
		limit 1 for update skip locked);
	if not found then
		insert into report_count (program_id, report, cells, cohort_id, day, n) values (program, in_report, of_cells, cohort, on_day, by);
	end if;
end $$;

-- Goals: kind and state, by the day on which they were set. Drafts are none yet.
create function count_goal(g goal, by int) returns void language sql as $$
	select count_for(m.program_id, 'goals', array[g.kind, g.state], m.cohort_id, (g.created_at at time zone 'UTC')::date, by)
	from mentorship m where m.id = g.mentorship_id and g.state <> 'DRAFT'
$$;

create function keep_goal_count() returns trigger language plpgsql as $$
begin
	if tg_op <> 'INSERT' then
		perform count_goal(old, -1);
	end if;
	if tg_op <> 'DELETE' then
		perform count_goal(new, 1);
	end if;
	return null;
end $$;
create trigger counted after insert or delete on goal for each row execute function keep_goal_count();
create trigger counted_anew after update on goal for each row
	when ((new.kind, new.state, new.created_at) is distinct from (old.kind, old.state, old.created_at)) execute function keep_goal_count();

-- Engagement: of those who take or took part, by their role, who has completed a training and who is in a mentorship.
create function took_part(state text) returns boolean language sql immutable as $$
	select state in ('ACTIVE', 'PAUSED', 'COMPLETED')
$$;

create function engagement_of(m membership) returns text[] language plpgsql stable as $$
begin
	return case when took_part(m.state) then array_remove(array['PEOPLE',
		case when exists (select from training_completion c where c.program_id = m.program_id and c.user_id = m.user_id) then 'TRAINED' end,
		case when exists (
			select from mentorship_party p join mentorship t on t.id = p.mentorship_id
			where p.membership_id = m.id and p.left_at is null and t.open) then 'IN_MENTORSHIPS' end], null) else '{}' end;
end $$;

-- What a membership was last counted as. Its row is held while it is counted anew: so that of the member, the training and the
-- mentorship that change at once, the last to count sees them all.
create table engagement_counted (
	membership_id uuid primary key references membership on delete cascade,
	things text[] not null default '{}'
) with (fillfactor = 80);

create function count_engagement(members uuid[]) returns void language plpgsql as $$
declare
	was engagement_counted;
	m membership;
	now_is text[];
begin
	insert into engagement_counted (membership_id) select x from unnest(members) x order by x on conflict do nothing;
	for was in select * from engagement_counted k where k.membership_id = any(members) order by k.membership_id for update loop
		select * into m from membership t where t.id = was.membership_id;
		now_is := engagement_of(m);
		perform count_for(m.program_id, 'engagement', array[m.role, x], m.cohort_id, '-infinity',
			(x = any(now_is))::int - (x = any(was.things))::int)
		from unnest(array['PEOPLE', 'TRAINED', 'IN_MENTORSHIPS']) x where x = any(now_is) <> (x = any(was.things));
		update engagement_counted set things = now_is where membership_id = m.id and things <> now_is;
	end loop;
end $$;

create function keep_member_count() returns trigger language plpgsql as $$
begin
	perform count_engagement(array[new.id]);
	return null;
end $$;
-- Gates that fall change the state, too, without a word of it in the statement.
create trigger counted after update on membership for each row when (took_part(new.state) <> took_part(old.state))
	execute function keep_member_count();

-- The membership is held first, as by who changes it.
create function keep_training_count() returns trigger language plpgsql as $$
declare
	members uuid[];
begin
	select array_agg(held.id) into members from (
		select m.id from membership m where m.user_id = new.user_id and m.program_id = new.program_id order by m.id for no key update) held;
	perform count_engagement(members);
	return null;
end $$;
create trigger counted after insert on training_completion for each row execute function keep_training_count();

create function keep_party_count() returns trigger language plpgsql as $$
begin
	perform count_engagement(array[new.membership_id]);
	return null;
end $$;
create trigger counted after insert or update of left_at on mentorship_party for each row execute function keep_party_count();

create function keep_mentorship_count() returns trigger language plpgsql as $$
begin
	perform count_engagement(array(select p.membership_id from mentorship_party p where p.mentorship_id = new.id and p.left_at is null));
	return null;
end $$;
create trigger counted after update on mentorship for each row when (new.open <> old.open) execute function keep_mentorship_count();

-- Equity: the choices in sensitive questions of one choice, and how far those who made them have come: role, version of the form,
-- question, choice, stage; of one question or all.
create function stages_of(m membership) returns text[] language sql immutable as $$
	select case when m.submitted_at is null then '{}' when m.state = 'COMPLETED' then array['REGISTERED', 'APPROVED', 'COMPLETED']
		when holds_place(m.state) or m.state = 'REMOVED' then array['REGISTERED', 'APPROVED'] else array['REGISTERED'] end
$$;

create function equity_of(m membership, only_key text default null) returns table (cells text[]) language sql stable as $$
	select array[m.role, m.form_version::text, a.key, a.answer -> 'choices' ->> 0, s.stage]
	from form f
		cross join lateral jsonb_array_elements(f.steps) st (step)
		cross join lateral jsonb_array_elements(st.step -> 'questions') q (question)
		join answer a on a.membership_id = m.id and a.key = q.question ->> 'key'
		cross join lateral unnest(stages_of(m)) s (stage)
	where f.program_id = m.program_id and f.role = m.role and f.form_version = m.form_version and (only_key is null or a.key = only_key)
		and (q.question ->> 'sensitive')::boolean and q.question ->> 'kind' = 'SINGLE' and a.answer -> 'choices' ->> 0 is not null
$$;

create function keep_equity_count() returns trigger language plpgsql as $$
begin
	perform count_for(new.program_id, 'equity', e.cells, null, '-infinity', sum(e.by)::int)
	from (select cells, -1 as by from equity_of(old) union all select cells, 1 from equity_of(new)) e
	group by e.cells having sum(e.by) <> 0;
	return null;
end $$;
create trigger equity after update on membership for each row when (stages_of(new) <> stages_of(old)) execute function keep_equity_count();

-- Before what was answered goes, and after what is answered has come.
create function keep_choice_count() returns trigger language plpgsql as $$
declare
	given answer := case when tg_when = 'BEFORE' then old else new end;
begin
	perform count_for(m.program_id, 'equity', e.cells, null, '-infinity', case when tg_when = 'BEFORE' then -1 else 1 end)
	from membership m, equity_of(m, given.key) e where m.id = given.membership_id and m.submitted_at is not null;
	return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger uncounted before update or delete on answer for each row execute function keep_choice_count();
create trigger counted after insert or update on answer for each row execute function keep_choice_count();

-- The same from the rows: what is kept at first, and what has to come out at any time.
create view report_recount as
	select m.program_id, text 'goals' as report, array[g.kind, g.state] as cells,
		coalesce(m.cohort_id, '00000000-0000-0000-0000-000000000000') as cohort_id, (g.created_at at time zone 'UTC')::date as day, count(*)::int as n
	from goal g join mentorship m on m.id = g.mentorship_id where g.state <> 'DRAFT' group by 1, 2, 3, 4, 5
	union all
	select m.program_id, text 'engagement', array[m.role, e.thing], coalesce(m.cohort_id, '00000000-0000-0000-0000-000000000000'), date '-infinity', count(*)::int
	from membership m cross join lateral unnest(engagement_of(m)) e (thing) where took_part(m.state) group by 1, 2, 3, 4, 5
	union all
	select m.program_id, text 'equity', e.cells, uuid '00000000-0000-0000-0000-000000000000', date '-infinity', count(*)::int
	from membership m cross join lateral equity_of(m) e group by 1, 2, 3, 4, 5;

create function recount_reports() returns void language sql as $$
	insert into report_count select * from report_recount;
	insert into engagement_counted select m.id, engagement_of(m) from membership m where took_part(m.state);
$$;
select recount_reports();

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select, insert, update on report_count, engagement_counted to %I', svc);
end $$;

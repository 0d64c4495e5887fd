-- What follows when people leave, look back and hand over, and when zones move. No person ids.

-- An agreement that waited only for who has left the mentorship holds from now on.
create function settle_agreement(in_mentorship uuid) returns setof agreement language sql as $$
	select held.*
	from mentorship m join agreement a on a.mentorship_id = m.id, lateral put_in_force(a) held
	where m.id = in_mentorship and m.state in ('KICKOFF', 'ACTIVE', 'PAUSED') and a.state = 'SIGNED' and held.state = 'IN_FORCE'
$$;

-- Whether mentors have evaluated every mentee of a mentorship at its end.
create function is_evaluated(in_mentorship uuid) returns boolean language plpgsql stable as $$
begin
	return not exists (
		select from mentorship m, unnest(m.mentee_ids) mentee
		where m.id = in_mentorship and not exists (
			select from evaluation e where e.mentorship_id = m.id and e.subject_id = mentee and e.moment = 'END' and e.by = 'MENTOR'));
end $$;

-- Trigger on closure_step: who was evaluated before the closing is not evaluated again for it.
create function know_evaluation() returns trigger language plpgsql as $$
begin
	new.done_at := case when is_evaluated(new.mentorship_id) then now() end;
	return new;
end $$;
create trigger evaluated before insert on closure_step for each row when (new.key = 'CLOSING_EVALUATION') execute function know_evaluation();

-- Trigger on handover_item: of a group's things a mentee hands over their own, and what no other mentee has made.
create function guard_handing_over() returns trigger language plpgsql as $$
begin
	if not (case new.kind
		when 'EVALUATION' then exists (select from evaluation e where e.id = new.thing_id and e.subject_id = new.mentee_id)
		when 'TASK' then exists (select from task t where t.id = new.thing_id and new.mentee_id in (t.assignee_id, t.assigner_id))
		when 'GOAL' then not exists (
			select from goal g join mentorship_party p on p.mentorship_id = g.mentorship_id and p.user_id = g.created_by
			where g.id = new.thing_id and p.role = 'MENTEE' and p.user_id <> new.mentee_id)
		else true end)
	then
		perform refuse(422, 'UNKNOWN_ITEM', 'The mentorship has no such thing of yours.',
			jsonb_build_object('items', jsonb_build_array(jsonb_build_object('kind', new.kind, 'thing_id', new.thing_id))));
	end if;
	return new;
end $$;
create trigger own before insert on handover_item for each row execute function guard_handing_over();

-- Trigger on cohort: what is due on a date is due when the date begins or ends where the cohort now is.
create function follow_zone() returns trigger language plpgsql as $$
begin
	update task t set due_on = t.due_on from mentorship m where m.id = t.mentorship_id and m.cohort_id = new.id and m.open and not t.imported;
	update milestone s set due_on = s.due_on from mentorship m where m.id = s.mentorship_id and m.cohort_id = new.id and m.open;
	perform schedule('WatchEnd', m.id, next_end_notice(m.planned_end_on, new.zone)) from mentorship m
	where m.cohort_id = new.id and m.state in ('KICKOFF', 'ACTIVE', 'PAUSED') and m.planned_end_on is not null;
	perform schedule('EndPause', m.id, (m.paused_until + 1)::timestamp at time zone new.zone) from mentorship m
	where m.cohort_id = new.id and m.state = 'PAUSED';
	return null;
end $$;
create trigger zone after update of zone on cohort for each row when (new.zone <> old.zone) execute function follow_zone();

-- What follows when people leave and zones move. No person ids.

-- An agreement that waited only for who has left the mentorship holds from now on.
create function settle_agreement(in_mentorship uuid) returns setof agreement language sql as $$
	select held.*
	from mentorship m join agreement a on a.mentorship_id = m.id, lateral put_in_force(a) held
	where m.id = in_mentorship and m.state in ('KICKOFF', 'ACTIVE', 'PAUSED') and a.state = 'SIGNED' and held.state = 'IN_FORCE'
$$;

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

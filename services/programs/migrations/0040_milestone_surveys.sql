-- Milestones that answers to surveys complete. Anonymous answers tell of nobody, and complete none.

-- Whether what completes a milestone has happened. Nothing tells of sessions yet.
create function has_happened(m milestone) returns boolean language plpgsql stable as $$
begin
	return case m.completes_when
		when 'GOAL_SET' then exists (select from goal g where g.mentorship_id = m.mentorship_id and g.state <> 'DRAFT')
		when 'AGREEMENT_SIGNED' then exists (select from agreement a where a.mentorship_id = m.mentorship_id and a.state = 'IN_FORCE')
		when 'SURVEY_DONE' then exists (
			select from mentorship t join mentorship_party y on y.mentorship_id = t.id
				join survey_response r on r.user_id = y.user_id join survey_wave w on w.id = r.wave_id
			where t.id = m.mentorship_id and m.owner_role in (y.role, 'EITHER') and w.program_id = t.program_id and w.opens_at >= t.created_at)
		else false end;
end $$;

create function notice_answer() returns trigger language plpgsql as $$
begin
	perform schedule('CompleteByFacts', t.id, now())
	from survey_wave w join mentorship t on t.program_id = w.program_id join mentorship_party y on y.mentorship_id = t.id
	where w.id = new.wave_id and y.user_id = new.user_id and t.running
		and exists (select from milestone m where m.mentorship_id = t.id and m.completes_when = 'SURVEY_DONE' and m.state in ('UPCOMING', 'DUE'));
	return null;
end $$;

create trigger fact after insert on survey_response for each row execute function notice_answer();

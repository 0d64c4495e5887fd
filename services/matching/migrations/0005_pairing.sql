-- Matches by hand and from files, and asking for another partner. No tables of their own.

-- True, or why two cannot be brought together by whoever runs the program.
create function must_pair(in_program uuid, mentor uuid, mentee uuid) returns boolean language plpgsql stable as $$
begin
	if mentor = mentee then
		return refuse(422, 'PAIR_OF_ONE', 'Nobody is in a mentorship with themselves.');
	elsif (member_as(in_program, mentor, 'MENTOR')).user_id is null or (member_as(in_program, mentee, 'MENTEE')).user_id is null then
		return refuse(404, 'NOT_FOUND', 'The program has no such mentor, or no such mentee.');
	elsif not may_meet(mentor, mentee) then
		return refuse(403, 'PAIR_NOT_ALLOWED', 'These two cannot be brought together.');
	end if;
	return must_have_room(member_as(in_program, mentor, 'MENTOR')) and must_have_room(member_as(in_program, mentee, 'MENTEE'))
		and must_be_apart(in_program, mentor, mentee);
end $$;

-- Takes the places of two for a mentorship that begins now.
create function pair_up(of_mentorship uuid, in_program uuid, mentor uuid, mentee uuid) returns void language plpgsql as $$
begin
	perform from person x where x.user_id in (mentor, mentee) order by x.user_id for update;
	perform must_pair(in_program, mentor, mentee);
	perform take_place(of_mentorship, in_program, mentor, 'MENTOR', false), take_place(of_mentorship, in_program, mentee, 'MENTEE', false);
end $$;

-- One line of a file: what cannot be done is answered, not raised.
create function import_match(of_mentorship uuid, in_program uuid, mentor uuid, mentee uuid, only_try boolean, out code text, out detail text)
language plpgsql as $$
begin
	if mentor is null or mentee is null then
		code := 'NOT_A_MEMBER';
		detail := 'One of the two is no active member of this program.';
	elsif only_try then
		perform must_pair(in_program, mentor, mentee);
	else
		perform pair_up(of_mentorship, in_program, mentor, mentee);
	end if;
exception when others then
	if sqlstate not like 'IT%' then
		raise;
	end if;
	get stacked diagnostics code = constraint_name, detail = message_text;
	code := case when code = 'not_found' then 'NOT_A_MEMBER' else upper(code) end;
end $$;

-- The lines of an uploaded file after its heading "mentor_email,mentee_email".
create function match_lines(upload uuid) returns table (line int, cells text[]) language plpgsql as $$
declare
	lines text[];
begin
	select regexp_split_to_array(trim(e'\r\n\ufeff' from convert_from(string_agg(u.bytes, '' order by u.part), 'UTF8')), e'\r?\n')
	into lines from upload_part u where u.upload_id = upload;
	if lines[1] !~ '^"?mentor_email"?,"?mentee_email"?$' then
		perform refuse(422, 'MALFORMED_FILE', 'The first line must be mentor_email,mentee_email.');
	elsif cardinality(lines) > 501 then
		perform refuse(422, 'TOO_MANY', 'A file holds 500 rows at most.');
	end if;
	return query select l.n::int, array(select trim(both ' "' from c) from unnest(string_to_array(l.text, ',')) c)
	from unnest(lines) with ordinality l (text, n) where l.n > 1 and l.text <> '';
exception when character_not_in_repertoire or untranslatable_character then
	perform refuse(400, 'INVALID_UTF8', 'The file must be UTF-8.');
end $$;

-- Another partner: for a party, or for whoever runs the program on behalf of a side. The two are not brought together again.
create function ask_rematch(new_id uuid, in_mentorship uuid, wanted_side text, why text, keep boolean, who uuid, roles text[]) returns rematch
language plpgsql as $$
declare
	m mentorship;
	r rematch;
	own text;
begin
	select * into m from mentorship t where t.id = in_mentorship for update;
	own := case when who = any(m.mentor_ids) then 'MENTOR' when who = any(m.mentee_ids) then 'MENTEE' end;
	if m.id is null or own is null and not coordinates(m.program_id, who, roles) then
		perform refuse(404, 'NOT_FOUND', 'There is no such mentorship.');
	elsif own is null and wanted_side is null then
		perform refuse(422, 'SIDE_NEEDED', 'Say who looks for somebody else.');
	elsif own is not null and coalesce(wanted_side, own) <> own then
		perform refuse(403, 'NOT_YOUR_SIDE', 'Others ask for themselves.');
	elsif m.state in ('PROPOSED', 'PENDING_ACCEPTANCE', 'DECLINED', 'EXPIRED') then
		perform refuse(409, 'MENTORSHIP_NOT_BEGUN', 'This mentorship has not begun.');
	end if;
	select * into r from rematch t where t.mentorship_id = m.id;
	if r.id is not null then
		if r.state = 'WITHDRAWN' then
			perform refuse(409, 'REMATCH_ASKED', 'Another partner has been asked for already.');
		end if;
		if own is not null and r.asked_by <> who then
			r.reason_code := null;
		end if;
		return r;
	end if;
	insert into rematch (id, mentorship_id, program_id, mentor_id, mentee_id, asked_by, side, reason_code, keep_history)
	values (new_id, m.id, m.program_id, m.mentor_ids[1], case when own = 'MENTEE' then who else m.mentee_ids[1] end, who,
		coalesce(own, wanted_side), why, keep);
	if why <> 'GOAL_REACHED' then
		insert into exclusion (id, a, b, kind, source, created_by)
		values (uuid_v7(), least(m.mentor_ids[1], m.mentee_ids[1]), greatest(m.mentor_ids[1], m.mentee_ids[1]), 'PAST_CONFLICT', 'BY_REMATCH', who)
		on conflict do nothing;
	end if;
	if m.state in ('CLOSING', 'CLOSED') then
		update rematch t set state = 'COOLING_OFF', eligible_at = coalesce(m.closed_at, now()) + make_interval(days => (rules_of(m.program_id)).cooling_off_days)
		where t.id = new_id;
	end if;
	select * into r from rematch t where t.id = new_id;
	return r;
end $$;

-- Trigger on match_profile: from the first who waits on, somebody looks how long it takes.
create function follow_waiting() returns trigger language plpgsql as $$
begin
	perform schedule('WatchQueue', new.program_id, new.waiting_since + interval '14 days')
	where not exists (select from timer t where t.rpc = 'WatchQueue' and t.subject_id = new.program_id);
	return null;
end $$;
create trigger waiting after update of waiting_since on match_profile for each row
	when (new.waiting_since is not null and old.waiting_since is null) execute function follow_waiting();

-- What pairs are judged by, in the shapes of messages. No person ids.

create function criteria_of(in_program uuid) returns jsonb language plpgsql stable as $$
begin
	return (select jsonb_build_object('id', c.id, 'program_id', c.program_id, 'criteria_version', c.criteria_version, 'state', c.state,
		'criteria', c.criteria, 'hard_rules', c.hard_rules, 'min_score', c.min_score)
		from criteria_set c where c.program_id = in_program and c.state = 'PUBLISHED');
end $$;

create function sensitive_of(in_program uuid) returns text[] language plpgsql stable as $$
begin
	return (
		select coalesce(array_agg(distinct q ->> 'criterion'), '{}')
		from program p, jsonb_array_elements(p.questions) q where p.id = in_program and (q ->> 'sensitive')::boolean
	);
end $$;

-- Whom somebody of the program wishes for, by nth the dearest first: ranked, then the favourites. In a `from` it becomes part of the query.
create function wishes_of(program uuid, person uuid) returns table (target uuid, nth bigint) language sql stable rows 2 as $$
	select t.target, t.nth from rank_list l, unnest(l.target_ids) with ordinality t (target, nth) where l.program_id = program and l.owner_id = person
	union all
	select f.target_id, 100 + row_number() over (order by f.created_at, f.target_id) from favourite f
	where f.program_id = program and f.owner_id = person and not exists (
		select from rank_list l where l.program_id = program and l.owner_id = person and f.target_id = any(l.target_ids))
$$;

-- A FitMember message.
create function fit_member(p match_profile) returns jsonb language plpgsql stable as $$
begin
	return jsonb_build_object('zone_minutes', (extract(epoch from (now() at time zone p.zone) - (now() at time zone 'UTC')) / 60)::int,
		'profile', jsonb_build_object('membership_id', p.membership_id, 'program_id', p.program_id, 'user_id', p.user_id, 'role', p.role,
			'country', coalesce(p.country, ''), 'zone', p.zone, 'skills', p.skills, 'languages', p.languages, 'topics', p.topics,
			'industries', p.industries, 'experience_years', p.experience_years, 'level', p.level, 'first_time', p.first_time,
			'answers', p.answers, 'availability', coalesce(encode(p.availability, 'base64'), ''), 'room', p.room,
			'wishes', array(select w.target from wishes_of(p.program_id, p.user_id) w order by w.nth)),
		'entry', (select jsonb_build_object('id', d.id, 'program_id', d.program_id, 'role', d.role, 'user_id', d.user_id,
			'display_name', d.display_name, 'headline', d.headline, 'country', d.country, 'languages', d.languages, 'skills', d.skills,
			'topics', d.topics, 'industries', d.industries, 'experience_years', d.experience_years, 'level', d.level,
			'first_time', d.first_time, 'capacity', d.capacity, 'replies_in', replies_in(d.replies_in_hours))
			from directory d where d.id = p.membership_id));
end $$;

-- Whether a program weighs something; 409 when not.
create function must_weigh(in_program uuid) returns boolean language plpgsql stable as $$
begin
	return exists (select from criteria_set c where c.program_id = in_program and c.state = 'PUBLISHED')
		or refuse(409, 'NO_CRITERIA', 'The program has not published what it weighs.');
end $$;

-- Whose fit somebody asks for: a mentee their own with a mentor, whoever runs the program anybody's.
create function must_explain(in_program uuid, mentor uuid, wanted uuid, who uuid, roles text[],
	out mentor_id uuid, out mentee_id uuid, out coordinates boolean) language plpgsql stable as $$
begin
	coordinates := coordinates(in_program, who, roles);
	mentor_id := mentor;
	mentee_id := coalesce(wanted, who);
	if not coordinates then
		perform must_be_member(in_program, who);
		if mentee_id <> who then
			perform refuse(403, 'NOT_COORDINATOR', 'Only the coordinators of this program may do that.');
		elsif (member_as(in_program, who, 'MENTEE')).user_id is null then
			perform refuse(403, 'NOT_MENTEE', 'Mentees see how well a mentor fits them.');
		end if;
	end if;
	if (member_as(in_program, mentor, 'MENTOR')).user_id is null or (member_as(in_program, mentee_id, 'MENTEE')).user_id is null
		or not coordinates and not may_meet(mentor, mentee_id) then
		perform refuse(404, 'NOT_FOUND', 'There is nobody like that in this program.');
	elsif not may_meet(mentor, mentee_id) then
		perform refuse(403, 'PAIR_NOT_ALLOWED', 'These two cannot be brought together.');
	end if;
	perform must_weigh(in_program);
end $$;

-- The side of a member to whom others are recommended.
create function must_recommend(in_program uuid, who uuid, out side text) language plpgsql stable as $$
begin
	perform must_be_member(in_program, who);
	side := case when (member_as(in_program, who, 'MENTEE')).user_id is not null then 'MENTEE' else 'MENTOR' end;
	perform must_weigh(in_program);
end $$;

-- Five hundred of the other side who are listed and have most topics and skills in common; a mentor who is recommended to three
-- times as many as they have places for is left out for the others.
create function candidates_for(in_program uuid, who uuid, side text) returns uuid[] language sql stable as $$
	with own as (select m.* from member_as(in_program, who, side) m)
	select coalesce(array_agg(c.membership_id), '{}') from (
		select p.membership_id
		from match_profile p, own
		where p.program_id = in_program and p.role = case side when 'MENTEE' then 'MENTOR' else 'MENTEE' end and p.listed
			and p.user_id <> all (unseen_by(in_program, who)) and p.user_id <> who
			and (side = 'MENTOR' or (
				select count(*) from advert a where a.program_id = in_program and a.mentor_id = p.user_id and a.mentee_id <> who) < 3 * p.room)
		order by cardinality(array(select unnest(p.topics || skill_ids(p.skills)) intersect select unnest(own.topics || skill_ids(own.skills)))) desc,
			p.membership_id desc
		limit 500) c
$$;

-- Keeps to whom mentors are recommended, for as long as a mentee looks; answers those who were not promised to too many meanwhile.
create function note_adverts(in_program uuid, mentee uuid, mentors uuid[]) returns uuid[] language plpgsql as $$
declare
	kept uuid[] := '{}';
	mentor uuid;
	places int;
begin
	delete from advert a where a.program_id = in_program and a.mentee_id = mentee and a.mentor_id <> all (mentors);
	foreach mentor in array mentors loop
		select p.room into places from match_profile p where p.membership_id = (member_as(in_program, mentor, 'MENTOR')).membership_id for update;
		if (select count(*) from advert a where a.program_id = in_program and a.mentor_id = mentor and a.mentee_id <> mentee) < 3 * coalesce(places, 0) then
			insert into advert (program_id, mentor_id, mentee_id) values (in_program, mentor, mentee)
			on conflict (program_id, mentor_id, mentee_id) do update set created_at = now();
			kept := kept || mentor;
		end if;
	end loop;
	return kept;
end $$;

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant update on advert to %I', svc);
end $$;

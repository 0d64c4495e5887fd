-- Criteria that are written and published, and the directory. Person ids: advert.mentor_id, advert.mentee_id.

create function put_criteria(new_id uuid, in_program uuid, wanted jsonb, rules jsonb, lowest int, goal text, who uuid, if_match bigint)
	returns criteria_set language plpgsql as $$
declare
	c criteria_set;
begin
	select * into c from criteria_set t where t.program_id = in_program order by t.criteria_version desc limit 1 for update;
	perform at_version(coalesce(c.version, 0), if_match);
	if c.state in ('DRAFT', 'VALIDATED') then
		update criteria_set set criteria = wanted, hard_rules = rules, min_score = lowest, objective = coalesce(goal, 'MAX_MATCHED_THEN_TOTAL')
		where id = c.id;
		update criteria_set set state = 'DRAFT' where id = c.id and state = 'VALIDATED';
	else
		insert into criteria_set (id, program_id, criteria_version, criteria, hard_rules, min_score, objective, created_by)
		values (new_id, in_program, coalesce(c.criteria_version, 0) + 1, wanted, rules, lowest, coalesce(goal, 'MAX_MATCHED_THEN_TOTAL'), who);
	end if;
	select * into c from criteria_set t where t.program_id = in_program order by t.criteria_version desc limit 1;
	return c;
end $$;

create function publish_criteria(in_program uuid, who uuid, roles text[]) returns criteria_set language plpgsql as $$
declare
	c criteria_set;
begin
	perform must_coordinate(in_program, who, roles);
	select * into c from criteria_set t where t.program_id = in_program order by t.criteria_version desc limit 1 for update;
	if c.id is null then
		perform refuse(404, 'NOT_FOUND', 'There are no criteria to publish.');
	elsif c.state = 'PUBLISHED' then
		return c;
	end if;
	perform only_from('criteria_set', c.state, '{VALIDATED}');
	update criteria_set set state = 'RETIRED' where program_id = in_program and state = 'PUBLISHED';
	update criteria_set set state = 'PUBLISHED', published_at = now() where id = c.id returning * into c;
	return c;
end $$;

-- Who stands in a directory: there, known, with a place left, and with a name that other members may see.
alter table match_profile add column listed boolean not null
	generated always as (eligible and room > 0 and profile_as_of is not null and 'NAME' = any (shown)) stored;
alter table match_profile add column experience_sort int not null generated always as (coalesce(experience_years, -1)) stored;
-- One for each order: a page is read from where the last one ended, whatever is filtered.
create index match_profile_newest on match_profile (program_id, role, created_at desc, membership_id desc) where listed;
create index match_profile_named on match_profile (program_id, role, display_name, membership_id) where listed;
create index match_profile_experienced on match_profile (program_id, role, experience_sort desc, membership_id desc) where listed;

create function skill_ids(skills jsonb) returns uuid[] language plpgsql immutable parallel safe as $$
begin
	return (
		select coalesce(array_agg((s ->> 'skill_id')::uuid), '{}') from jsonb_array_elements(skills) s
	);
end $$;
create function language_codes(languages jsonb) returns text[] language plpgsql immutable parallel safe as $$
begin
	return (
		select coalesce(array_agg(l ->> 'code'), '{}') from jsonb_array_elements(languages) l
	);
end $$;
-- What a search looks through.
create function member_words(display_name text, headline text) returns tsvector language plpgsql immutable parallel safe as $$
begin
	return to_tsvector('simple', display_name) || to_tsvector('simple', headline);
end $$;
-- Kept, so that a filter costs a comparison for each row that is passed over; the rare ones are found by index.
alter table match_profile add column skill_ids uuid[] not null generated always as (skill_ids(skills)) stored;
alter table match_profile add column language_codes text[] not null generated always as (language_codes(languages)) stored;
alter table match_profile add column words tsvector not null generated always as (member_words(display_name, headline)) stored;
create index match_profile_skill on match_profile using gin (skill_ids) where listed;
create index match_profile_words on match_profile using gin (words) where listed;

-- Everybody who stands in a directory, with what members of the program may see of them.
create view directory as
select p.membership_id as id, p.program_id, p.role, p.user_id, p.display_name, p.headline,
	case when 'COUNTRY' = any (p.shown) then p.country end as country,
	case when 'LANGUAGES' = any (p.shown) then p.languages else '[]' end as languages,
	case when 'SKILLS' = any (p.shown) then p.skills else '[]' end as skills,
	case when p.role = any (p.shown) then p.topics else '{}' end as topics,
	case when p.role = any (p.shown) then p.industries else '{}' end as industries,
	case when p.role = any (p.shown) then p.experience_years end as experience_years,
	case when p.role = any (p.shown) then p.level end as level,
	case when p.role = any (p.shown) then p.first_time end as first_time,
	case when p.room = 1 then 'LAST' else 'SOME' end as capacity,
	x.replies_in_hours, p.created_at, p.availability, p.experience_sort, p.listed, p.words, p.skill_ids, p.language_codes, p.shown
from match_profile p join person x on x.user_id = p.user_id;

-- The hours of a week from a time of day on, where somebody lives, as a mask of quarter hours.
create function hours_from(at time, zone text) returns bit(672) language plpgsql stable as $$
begin
	return ('x' || encode(availability_of(jsonb_build_array(jsonb_build_object('kind', 'AVAILABILITY_PICK', 'choices', (
		select jsonb_agg(d || '-' || lpad(h::text, 2, '0')) from unnest(array['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN']) d,
			generate_series(ceil(extract(epoch from at) / 3600)::int, 23) h))), zone), 'hex'))::bit(672);
end $$;

create function is_free(availability bytea, mask bit(672)) returns boolean language sql immutable as $$
	select mask is null or position(B'1' in (('x' || encode(availability, 'hex'))::bit(672) & mask)) > 0
$$;

create function zone_of(in_program uuid, who uuid) returns text language plpgsql stable as $$
begin
	return coalesce((select p.zone from match_profile p where p.program_id = in_program and p.user_id = who limit 1), 'UTC');
end $$;

-- "~3 h", "~2 d"; nothing when it is not known.
create function replies_in(hours int) returns text language sql stable as $$
	select case when hours is null then '' when hours < 24 then format('~%s h', greatest(hours, 1)) else format('~%s d', round(hours / 24.0)) end
$$;

-- With whom somebody has a request that waits for an answer, as far as they may know.
create function asked_with(in_program uuid, who uuid) returns uuid[] language plpgsql stable as $$
begin
	return array(
		select q.to_id from match_request q where q.from_id = who and q.program_id = in_program and q.state = 'SENT'
		union all
		select q.from_id from match_request q where q.to_id = who and not q.blocked and q.program_id = in_program and q.state = 'SENT');
end $$;

create function favourites_of(in_program uuid, who uuid) returns uuid[] language plpgsql stable as $$
begin
	return array(select f.target_id from favourite f where f.program_id = in_program and f.owner_id = who);
end $$;

-- Whom somebody does not get to see: those they must not meet, and those they do not want to.
create function unseen_by(in_program uuid, who uuid) returns uuid[] language plpgsql stable as $$
begin
	return excluded_from(who) || coalesce((
		select array_agg(i.target_id) from ignored i where i.program_id = in_program and i.owner_id = who), '{}');
end $$;

-- True, or why somebody does not see the directory of that role: members of the other side where they choose or rank, and whoever
-- runs the program.
create function must_see_directory(in_program uuid, as_role text, who uuid, roles text[]) returns boolean language plpgsql stable cost 100 as $$
declare
	side text := case as_role when 'MENTOR' then 'MENTEE' else 'MENTOR' end;
	p program;
	r matching_rules := rules_of(in_program);
begin
	if coordinates(in_program, who, roles) then
		return must_coordinate(in_program, who, roles);
	elsif (member_as(in_program, who, side)).user_id is null then
		perform must_be_member(in_program, who);
		return refuse(403, 'NOT_YOUR_SIDE', 'This directory is for the other side.');
	end if;
	select * into p from program t where t.id = in_program;
	return chooses(p.matching_mode, side) or side = 'MENTEE' and r.ranking_closes_at is not null
		or refuse(403, 'MODE_NOT_ALLOWED', 'In this program that side does not choose.');
end $$;

-- Whom somebody finds in a directory, with what they see of them. In a `from` it becomes part of the query, which gives the order; what is
-- hidden from the reader, or theirs, is looked up once.
create function find_members(in_program uuid, as_role text, with_words text, of_skill uuid, of_language text, free_after time, who uuid, roles text[])
returns table (id uuid, program_id uuid, role text, user_id uuid, display_name text, headline text, country text, languages jsonb, skills jsonb,
	topics uuid[], industries uuid[], experience_years int, level text, first_time boolean, capacity text, replies_in text, favourite boolean,
	asked boolean, created_at timestamptz, experience_sort int)
language sql stable as $$
	select d.id, d.program_id, d.role, d.user_id, d.display_name, d.headline, d.country, d.languages, d.skills, d.topics, d.industries,
		d.experience_years, d.level, d.first_time, d.capacity, replies_in(d.replies_in_hours),
		d.user_id = any ((select favourites_of(in_program, who))::uuid[]), d.user_id = any ((select asked_with(in_program, who))::uuid[]),
		d.created_at, d.experience_sort
	from directory d
	where d.program_id = in_program and d.role = as_role and d.listed and must_see_directory(in_program, as_role, who, roles)
		and d.user_id <> all ((select unseen_by(in_program, who))::uuid[]) and d.user_id <> who
		and case when with_words is null or with_words = '' then true else d.words @@ websearch_to_tsquery('simple', with_words) end
		and case when of_skill is null then true else d.skill_ids @> array[of_skill] and 'SKILLS' = any (d.shown) end
		and case when of_language is null or of_language = '' then true
			else d.language_codes @> array[of_language] and 'LANGUAGES' = any (d.shown) end
		and case when free_after is null then true
			else is_free(d.availability, (select hours_from(free_after, zone_of(in_program, who)))) end
$$;

-- To whom a mentor was recommended: to three times as many as they have places for at most.
create table advert (
	program_id uuid not null,
	mentor_id uuid not null,
	mentee_id uuid not null,
	created_at timestamptz not null default now(),
	primary key (program_id, mentor_id, mentee_id)
);

do $$
declare
	svc text := current_schema() || '_svc';
begin
	execute format('grant select on directory to %I', svc);
	execute format('grant select, insert, delete on advert to %I', svc);
end $$;

-- The directory. Each order has its index; what is hidden from the reader is looked up once.

-- mentors_newest(DirectoryRequest) page DirectoryPage by created_at desc, id desc
select d.id, d.program_id, d.role, d.user_id, d.display_name, d.headline, d.country, d.languages, d.skills, d.topics, d.industries,
	d.experience_years, d.level, d.first_time, d.capacity, replies_in(d.replies_in_hours) as replies_in, d.created_at,
	exists (select from favourite f where f.program_id = d.program_id and f.owner_id = :caller.id and f.target_id = d.user_id) as favourite,
	is_asked(d.program_id, :caller.id, d.user_id) as asked
from directory d
where d.program_id = :program_id and d.role = 'MENTOR' and d.listed
	and must_see_directory(:program_id, 'MENTOR', :caller.id, :caller.roles::text[])
	and d.user_id <> all ((select unseen_by(:program_id, :caller.id))::uuid[]) and d.user_id <> :caller.id
	and case when :q::text is null or :q::text = '' then true
		else d.words @@ websearch_to_tsquery('simple', :q::text) end
	and case when :skill::uuid is null then true else d.skill_ids @> array[:skill::uuid] and 'SKILLS' = any (d.shown) end
	and case when :language::text is null or :language::text = '' then true else d.language_codes @> array[:language::text] and 'LANGUAGES' = any (d.shown) end
	and case when :free_after::time is null then true
		else is_free(d.availability, (select hours_from(:free_after::time, zone_of(:program_id, :caller.id)))) end;

-- mentors_named(DirectoryRequest) page DirectoryPage by display_name, id
select d.id, d.program_id, d.role, d.user_id, d.display_name, d.headline, d.country, d.languages, d.skills, d.topics, d.industries,
	d.experience_years, d.level, d.first_time, d.capacity, replies_in(d.replies_in_hours) as replies_in,
	exists (select from favourite f where f.program_id = d.program_id and f.owner_id = :caller.id and f.target_id = d.user_id) as favourite,
	is_asked(d.program_id, :caller.id, d.user_id) as asked
from directory d
where d.program_id = :program_id and d.role = 'MENTOR' and d.listed
	and must_see_directory(:program_id, 'MENTOR', :caller.id, :caller.roles::text[])
	and d.user_id <> all ((select unseen_by(:program_id, :caller.id))::uuid[]) and d.user_id <> :caller.id
	and case when :q::text is null or :q::text = '' then true
		else d.words @@ websearch_to_tsquery('simple', :q::text) end
	and case when :skill::uuid is null then true else d.skill_ids @> array[:skill::uuid] and 'SKILLS' = any (d.shown) end
	and case when :language::text is null or :language::text = '' then true else d.language_codes @> array[:language::text] and 'LANGUAGES' = any (d.shown) end
	and case when :free_after::time is null then true
		else is_free(d.availability, (select hours_from(:free_after::time, zone_of(:program_id, :caller.id)))) end;

-- mentors_experienced(DirectoryRequest) page DirectoryPage by experience_sort desc, id desc
select d.id, d.program_id, d.role, d.user_id, d.display_name, d.headline, d.country, d.languages, d.skills, d.topics, d.industries,
	d.experience_years, d.level, d.first_time, d.capacity, replies_in(d.replies_in_hours) as replies_in, d.experience_sort,
	exists (select from favourite f where f.program_id = d.program_id and f.owner_id = :caller.id and f.target_id = d.user_id) as favourite,
	is_asked(d.program_id, :caller.id, d.user_id) as asked
from directory d
where d.program_id = :program_id and d.role = 'MENTOR' and d.listed
	and must_see_directory(:program_id, 'MENTOR', :caller.id, :caller.roles::text[])
	and d.user_id <> all ((select unseen_by(:program_id, :caller.id))::uuid[]) and d.user_id <> :caller.id
	and case when :q::text is null or :q::text = '' then true
		else d.words @@ websearch_to_tsquery('simple', :q::text) end
	and case when :skill::uuid is null then true else d.skill_ids @> array[:skill::uuid] and 'SKILLS' = any (d.shown) end
	and case when :language::text is null or :language::text = '' then true else d.language_codes @> array[:language::text] and 'LANGUAGES' = any (d.shown) end
	and case when :free_after::time is null then true
		else is_free(d.availability, (select hours_from(:free_after::time, zone_of(:program_id, :caller.id)))) end;

-- mentees_newest(DirectoryRequest) page DirectoryPage by created_at desc, id desc
select d.id, d.program_id, d.role, d.user_id, d.display_name, d.headline, d.country, d.languages, d.skills, d.topics, d.industries,
	d.experience_years, d.level, d.first_time, d.capacity, replies_in(d.replies_in_hours) as replies_in, d.created_at,
	exists (select from favourite f where f.program_id = d.program_id and f.owner_id = :caller.id and f.target_id = d.user_id) as favourite,
	is_asked(d.program_id, :caller.id, d.user_id) as asked
from directory d
where d.program_id = :program_id and d.role = 'MENTEE' and d.listed
	and must_see_directory(:program_id, 'MENTEE', :caller.id, :caller.roles::text[])
	and d.user_id <> all ((select unseen_by(:program_id, :caller.id))::uuid[]) and d.user_id <> :caller.id
	and case when :q::text is null or :q::text = '' then true
		else d.words @@ websearch_to_tsquery('simple', :q::text) end
	and case when :skill::uuid is null then true else d.skill_ids @> array[:skill::uuid] and 'SKILLS' = any (d.shown) end
	and case when :language::text is null or :language::text = '' then true else d.language_codes @> array[:language::text] and 'LANGUAGES' = any (d.shown) end
	and case when :free_after::time is null then true
		else is_free(d.availability, (select hours_from(:free_after::time, zone_of(:program_id, :caller.id)))) end;

-- mentees_named(DirectoryRequest) page DirectoryPage by display_name, id
select d.id, d.program_id, d.role, d.user_id, d.display_name, d.headline, d.country, d.languages, d.skills, d.topics, d.industries,
	d.experience_years, d.level, d.first_time, d.capacity, replies_in(d.replies_in_hours) as replies_in,
	exists (select from favourite f where f.program_id = d.program_id and f.owner_id = :caller.id and f.target_id = d.user_id) as favourite,
	is_asked(d.program_id, :caller.id, d.user_id) as asked
from directory d
where d.program_id = :program_id and d.role = 'MENTEE' and d.listed
	and must_see_directory(:program_id, 'MENTEE', :caller.id, :caller.roles::text[])
	and d.user_id <> all ((select unseen_by(:program_id, :caller.id))::uuid[]) and d.user_id <> :caller.id
	and case when :q::text is null or :q::text = '' then true
		else d.words @@ websearch_to_tsquery('simple', :q::text) end
	and case when :skill::uuid is null then true else d.skill_ids @> array[:skill::uuid] and 'SKILLS' = any (d.shown) end
	and case when :language::text is null or :language::text = '' then true else d.language_codes @> array[:language::text] and 'LANGUAGES' = any (d.shown) end
	and case when :free_after::time is null then true
		else is_free(d.availability, (select hours_from(:free_after::time, zone_of(:program_id, :caller.id)))) end;

-- mentees_experienced(DirectoryRequest) page DirectoryPage by experience_sort desc, id desc
select d.id, d.program_id, d.role, d.user_id, d.display_name, d.headline, d.country, d.languages, d.skills, d.topics, d.industries,
	d.experience_years, d.level, d.first_time, d.capacity, replies_in(d.replies_in_hours) as replies_in, d.experience_sort,
	exists (select from favourite f where f.program_id = d.program_id and f.owner_id = :caller.id and f.target_id = d.user_id) as favourite,
	is_asked(d.program_id, :caller.id, d.user_id) as asked
from directory d
where d.program_id = :program_id and d.role = 'MENTEE' and d.listed
	and must_see_directory(:program_id, 'MENTEE', :caller.id, :caller.roles::text[])
	and d.user_id <> all ((select unseen_by(:program_id, :caller.id))::uuid[]) and d.user_id <> :caller.id
	and case when :q::text is null or :q::text = '' then true
		else d.words @@ websearch_to_tsquery('simple', :q::text) end
	and case when :skill::uuid is null then true else d.skill_ids @> array[:skill::uuid] and 'SKILLS' = any (d.shown) end
	and case when :language::text is null or :language::text = '' then true else d.language_codes @> array[:language::text] and 'LANGUAGES' = any (d.shown) end
	and case when :free_after::time is null then true
		else is_free(d.availability, (select hours_from(:free_after::time, zone_of(:program_id, :caller.id)))) end;

-- Few have it: those are found and sorted.
-- mentors_skilled(DirectoryRequest) page DirectoryPage by created_at desc, id desc
select d.id, d.program_id, d.role, d.user_id, d.display_name, d.headline, d.country, d.languages, d.skills, d.topics, d.industries,
	d.experience_years, d.level, d.first_time, d.capacity, replies_in(d.replies_in_hours) as replies_in, d.created_at,
	exists (select from favourite f where f.program_id = d.program_id and f.owner_id = :caller.id and f.target_id = d.user_id) as favourite,
	is_asked(d.program_id, :caller.id, d.user_id) as asked
from directory d
where d.program_id = :program_id and d.role = 'MENTOR' and d.listed
	and must_see_directory(:program_id, 'MENTOR', :caller.id, :caller.roles::text[])
	and d.user_id <> all ((select unseen_by(:program_id, :caller.id))::uuid[]) and d.user_id <> :caller.id
	and case when :q::text is null or :q::text = '' then true
		else d.words @@ websearch_to_tsquery('simple', :q::text) end
	and d.skill_ids @> array[:skill::uuid] and 'SKILLS' = any (d.shown)
	and case when :language::text is null or :language::text = '' then true else d.language_codes @> array[:language::text] and 'LANGUAGES' = any (d.shown) end
	and case when :free_after::time is null then true
		else is_free(d.availability, (select hours_from(:free_after::time, zone_of(:program_id, :caller.id)))) end;

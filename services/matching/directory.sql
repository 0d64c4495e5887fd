-- The directory. Each order has its index.

-- members_newest(DirectoryRequest) page DirectoryPage by created_at desc, id desc
select m.* from find_members(:program_id, :role, :q, :skill, :language, :free_after, :caller.id, :caller.roles::text[]) m;

-- members_named(DirectoryRequest) page DirectoryPage by display_name, id
select m.* from find_members(:program_id, :role, :q, :skill, :language, :free_after, :caller.id, :caller.roles::text[]) m;

-- members_experienced(DirectoryRequest) page DirectoryPage by experience_sort desc, id desc
select m.* from find_members(:program_id, :role, :q, :skill, :language, :free_after, :caller.id, :caller.roles::text[]) m;

-- Few have it: those are found and sorted.
-- members_skilled(DirectoryRequest) page DirectoryPage by created_at desc, id desc
select m.* from find_members(:program_id, :role, :q, null, :language, :free_after, :caller.id, :caller.roles::text[]) m
where m.id in (
	select p.membership_id from match_profile p
	where p.listed and p.skill_ids @> array[:skill::uuid] and 'SKILLS' = any (p.shown));

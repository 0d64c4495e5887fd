-- Files in the store. What refers to one is a row of resource_file, answer_file or task_file.

-- sweep_file_later(StoredFile) exec
select schedule('SweepFile', :file_id, now() + interval '1 hour');

-- find_unused_file(Id) maybe StoredFile
select :id::uuid as file_id
where not exists (select from resource_file f where f.id = :id) and not exists (select from answer_file f where f.id = :id)
	and not exists (select from task_file f where f.id = :id);

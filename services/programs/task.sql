-- Tasks. Functions of the schema hold the rules: who may do what (must_do, must_give), the dates, the steps.

-- add_task(CreateTaskRequest) one Task
insert into task (id, mentorship_id, title, body, assignee_id, assigner_id, due_on, needs_file)
select :new.id, :mentorship_id, :title, coalesce(:body, ''), :assignee_id, :caller.id, :due_on, :needs_file
where must_work_in(:mentorship_id, :caller.id) and may_give(:mentorship_id, :caller.id, :assignee_id)
returning *, false as overdue;

-- import_tasks(ImportTasksRequest) many TaskList
insert into task (id, mentorship_id, title, body, assignee_id, assigner_id, due_on, state, imported)
select uuid_v7(), :mentorship_id, i.value ->> 'title', coalesce(i.value ->> 'body', ''), (i.value ->> 'assignee_id')::uuid,
	(i.value ->> 'assigner_id')::uuid, nullif(i.value ->> 'due_on', '')::date,
	case when (i.value ->> 'approved')::boolean then 'APPROVED' else 'ASSIGNED' end, true
from jsonb_array_elements(:tasks::jsonb) with ordinality i (value, n)
where must_run_mentorship(:mentorship_id, :caller.id, :caller.roles::text[])
	and may_give(:mentorship_id, (i.value ->> 'assigner_id')::uuid, (i.value ->> 'assignee_id')::uuid)
order by i.n
returning *, is_overdue(task) as overdue;

-- list_tasks(ListTasksRequest) page ListTasksResponse by id desc
select t.*, is_overdue(t) as overdue from task t
where t.mentorship_id = :mentorship_id and must_see_parts(:mentorship_id, :caller.id)
	and ((select is_party(:mentorship_id, :caller.id)) or is_handed_over('TASK', t.id, :caller.id))
	and (:state::text is null or t.state = :state) and (:assignee_id::uuid is null or t.assignee_id = :assignee_id)
	and (not coalesce(:overdue, false) or is_overdue(t));

-- get_task(PartId) one Task
select t.*, is_overdue(t) as overdue from task t
where t.id = :id and t.mentorship_id = :mentorship_id
	and (is_party(:mentorship_id, :caller.id) or is_handed_over('TASK', t.id, :caller.id));

-- update_task(UpdateTaskRequest) one Task
update task t set
	title = case when :set.title then :title else t.title end,
	body = case when :set.body then coalesce(:body, '') else t.body end,
	due_on = case when :set.due_on then :due_on else t.due_on end,
	needs_file = case when :set.needs_file then :needs_file else t.needs_file end
where t.id = :id and t.mentorship_id = :mentorship_id and must_work_in(:mentorship_id, :caller.id) and must_give(t, :caller.id)
	and (t.state in ('ASSIGNED', 'IN_PROGRESS', 'RETURNED') or refuse(409, 'TASK_HANDED_IN', 'A task that was handed in stays as it is.'))
	and at_version(t.version, :if_match)
returning t.*, is_overdue(t) as overdue;

-- start_task(PartId) one Task
update task t set state = 'IN_PROGRESS'
where t.id = :id and t.mentorship_id = :mentorship_id and must_work_in(:mentorship_id, :caller.id) and must_do(t, :caller.id)
returning t.*, is_overdue(t) as overdue;

-- set_task_submitted(SubmitTaskRequest) one Task
with handed_in as (
	update task t set state = 'SUBMITTED'
	where t.id = :id and t.mentorship_id = :mentorship_id and must_work_in(:mentorship_id, :caller.id) and must_do(t, :caller.id)
		and (not t.needs_file or cardinality(coalesce(:file_ids::uuid[], '{}')) > 0
			or refuse(422, 'FILE_NEEDED', 'This task is handed in with a file.'))
		and (not exists (select from unnest(:file_ids::uuid[]) wanted (file_id)
				where wanted.file_id not in (select f.id from task_file f where f.task_id = :id))
			or refuse(422, 'UNKNOWN_FILE', 'Upload the file first.'))
	returning t.*
), submission as (
	insert into task_submission (id, task_id, text, file_ids, created_by)
	select :new.id, h.id, coalesce(:text, ''), coalesce(:file_ids::uuid[], '{}'), :caller.id from handed_in h where h.updated_at = now()
)
select h.*, false as overdue, h.updated_at <> now() as unchanged from handed_in h;

-- set_task_approved(ApproveTaskRequest) one Task
update task t set state = 'APPROVED', review = coalesce(:review, ''), reviewed_by = :caller.id
where t.id = :id and t.mentorship_id = :mentorship_id and must_work_in(:mentorship_id, :caller.id) and must_give(t, :caller.id)
returning t.*, false as overdue, t.updated_at <> now() as unchanged;

-- set_task_returned(ReturnTaskRequest) one Task
update task t set state = 'RETURNED', review = :review, reviewed_by = :caller.id
where t.id = :id and t.mentorship_id = :mentorship_id and must_work_in(:mentorship_id, :caller.id) and must_give(t, :caller.id)
returning t.*, is_overdue(t) as overdue, t.updated_at <> now() as unchanged;

-- set_task_cancelled(PartId) one Task
update task t set state = 'CANCELLED'
where t.id = :id and t.mentorship_id = :mentorship_id and must_work_in(:mentorship_id, :caller.id) and must_give(t, :caller.id)
returning t.*, false as overdue, t.updated_at <> now() as unchanged;

-- expect_task_file(UploadTaskFileRequest) one StoredFile
select t.id, :new.file as file_id, :content_type::text as content_type, :upload_id::uuid as upload_id
from task t
where t.id = :id and t.mentorship_id = :mentorship_id and must_work_in(:mentorship_id, :caller.id) and must_do(t, :caller.id)
	and (t.state = 'IN_PROGRESS' or refuse(409, 'NOT_IN_PROGRESS', 'Files are added while the task is worked on.'))
	and (:content_type in ('application/pdf', 'image/png', 'image/jpeg')
		or refuse(422, 'UNSUPPORTED_TASK_FILE', 'Send a PDF, a PNG or a JPEG.'));

-- add_task_file(StoredFile) one TaskFile
with used as (delete from upload_part where upload_id = :upload_id::uuid)
insert into task_file (id, task_id, content_type, size, hash, hashes, created_by)
select :file_id::uuid, t.id, :content_type, :size, :hash, :hashes, :caller.id from task t
where t.id = :id and (t.state = 'IN_PROGRESS' or refuse(409, 'NOT_IN_PROGRESS', 'Files are added while the task is worked on.'))
returning id, task_id, content_type, size, created_at;

-- read_task_file(GetTaskFileRequest) one StoredFile
select f.id as file_id, 'task.' || split_part(f.content_type, '/', 2) as name, f.content_type, f.size, f.hash,
	hash_at(f.hashes, :offset) as hashes
from task_file f join task t on t.id = f.task_id
where f.id = :id and t.id = :task_id and t.mentorship_id = :mentorship_id
	and (is_party(:mentorship_id, :caller.id) or is_handed_over('TASK', t.id, :caller.id));

-- list_task_submissions(ListOfTaskRequest) page ListTaskSubmissionsResponse by id desc
select s.* from task_submission s join task t on t.id = s.task_id
where s.task_id = :task_id and t.mentorship_id = :mentorship_id and must_see_part('TASK', :task_id, :mentorship_id, :caller.id);

-- list_task_comments(ListOfTaskRequest) page ListTaskCommentsResponse by id desc
select c.* from task_comment c join task t on t.id = c.task_id
where c.task_id = :task_id and t.mentorship_id = :mentorship_id and must_be_party(:mentorship_id, :caller.id);

-- add_task_comment(AddTaskCommentRequest) one TaskComment
insert into task_comment (id, task_id, body, created_by)
select :new.id, t.id, :body, :caller.id
from task t
where t.id = :task_id and t.mentorship_id = :mentorship_id and must_work_in(:mentorship_id, :caller.id)
returning *;

-- update_task_comment(UpdateTaskCommentRequest) one TaskComment
update task_comment c set body = :body
from task t
where c.id = :id and c.task_id = :task_id and t.id = c.task_id and t.mentorship_id = :mentorship_id
	and must_work_in(:mentorship_id, :caller.id)
	and (c.created_by = :caller.id or refuse(403, 'NOT_AUTHOR', 'Only who wrote a comment changes it.'))
	and at_version(c.version, :if_match)
returning c.*;

-- delete_task_comment(TaskPartId) exec
with gone as (
	delete from task_comment c using task t
	where c.id = :id and c.task_id = :task_id and t.id = c.task_id and t.mentorship_id = :mentorship_id
		and must_work_in(:mentorship_id, :caller.id)
		and (c.created_by = :caller.id or refuse(403, 'NOT_AUTHOR', 'Only who wrote a comment removes it.'))
		and at_version(c.version, :if_match)
	returning 1
)
select exists (select from gone) or refuse(404, 'NOT_FOUND', 'There is no such comment.');

-- put_task_template(PutTaskTemplateRequest) one TaskTemplate
insert into task_template as t (program_id, items)
select p.id, coalesce(:items::jsonb, '[]')
from program p left join task_template old on old.program_id = p.id
where p.id = :program_id and must_coordinate(:program_id, :caller.id, :caller.roles::text[])
	and at_version(coalesce(old.version, 0), :if_match)
on conflict (program_id) do update set items = excluded.items, version = t.version + 1 where at_version(t.version, :if_match)
returning *;

-- get_task_template(GetTemplateRequest) one TaskTemplate
select p.id as program_id, coalesce(t.items, '[]') as items, coalesce(t.version, 0) as version
from program p left join task_template t on t.program_id = p.id
where p.id = :program_id and must_coordinate(:program_id, :caller.id, :caller.roles::text[]);

-- add_template_tasks(Id) many TaskList
select t.*, false as overdue from begin_tasks(:id) t;

-- set_overdue_told(Id) maybe Task
with told as (
	insert into task_told as o (task_id, due_on) select t.id, t.due_on from task t where t.id = :id and is_overdue(t)
	on conflict (task_id) do update set due_on = excluded.due_on where o.due_on <> excluded.due_on
	returning task_id
)
select t.*, true as overdue from task t join told on told.task_id = t.id;

/* Tasks: what the world hears of them. */
#include "file.h"

bool create_task(struct call *call, const CreateTaskRequest *req, Task *task)
{
	return add_task(call, req, task) && publish_task_assigned(call, task);
}

bool submit_task(struct call *call, const SubmitTaskRequest *req, Task *task)
{
	return set_task_submitted(call, req, task) && publish_task_submitted(call, task);
}

bool approve_task(struct call *call, const ApproveTaskRequest *req, Task *task)
{
	return set_task_approved(call, req, task) && publish_task_approved(call, task);
}

bool return_task(struct call *call, const ReturnTaskRequest *req, Task *task)
{
	return set_task_returned(call, req, task) && publish_task_returned(call, task);
}

bool cancel_task(struct call *call, const PartId *req, Task *task)
{
	return set_task_cancelled(call, req, task) && publish_task_cancelled(call, task);
}

bool begin_tasks(struct call *call, const Id *req)
{
	TaskList tasks = TASK_LIST__INIT;

	if (!add_template_tasks(call, req, &tasks))
		return false;
	for (size_t i = 0; i < tasks.n_items; i++)
		if (!publish_task_assigned(call, tasks.items[i]))
			return false;
	return true;
}

bool tell_overdue(struct call *call, const Id *req)
{
	Task task = TASK__INIT;
	bool found;

	return set_overdue_told(call, req, &task, &found) &&
	       (!found || publish_task_overdue(call, &task));
}

bool upload_task_file(struct call *call, const UploadTaskFileRequest *req, TaskFile *file)
{
	StoredFile stored = STORED_FILE__INIT;

	return expect_task_file(call, req, &stored) &&
	       file_store(call, &stored) &&
	       add_task_file(call, &stored, file);
}

bool get_task_file(struct call *call, const GetTaskFileRequest *req, FileContent *content)
{
	StoredFile file = STORED_FILE__INIT;

	return read_task_file(call, req, &file) && file_read(call, &file, req->offset, content);
}

/* Forms and answers: a version never changes, and answers keep the version they were given to. */
#include "file.h"
#include "registration.h"

bool put_form(struct call *call, const PutFormRequest *req, Form *form)
{
	return check_form(call, req->n_steps, req->steps) &&
	       add_form(call, req, form) &&
	       publish_form_changed(call, form);
}

/* Answers can be given until they are handed in, and again when a coordinator asks for more. */
static bool is_editable(Membership__State state)
{
	return state == MEMBERSHIP__STATE__DRAFT || state == MEMBERSHIP__STATE__INFO_REQUESTED;
}

static bool reject_other_version(struct call *call, const Registration *registration)
{
	bool rejected =
		reject(call, CONFLICT, "FORM_CHANGED",
		       "These answers are to another version of the form. Read the form again.");

	problem_member(call, "form_version",
		       arena_printf(call->arena, "%d", registration->form_version));
	return rejected;
}

bool save_answers(struct call *call, const SaveAnswersRequest *req, Answers *answers)
{
	Registration registration = REGISTRATION__INIT;
	Id id = ID__INIT;

	id.id = req->id;
	if (!read_registration(call, &id, &registration))
		return false;
	if (!is_editable(registration.state))
		return reject(call, CONFLICT, "NOT_EDITABLE",
			      "This registration has been handed in.");
	if (req->form_version != registration.form_version)
		return reject_other_version(call, &registration);

	return check_answers(call, &registration, req->n_answers, req->answers) &&
	       set_form_version(call, req) &&
	       add_answers(call, req) &&
	       read_answers(call, req, answers) &&
	       (registration.state == MEMBERSHIP__STATE__DRAFT ||
		publish_membership_answers_changed(call, answers));
}

bool upload_answer_file(struct call *call, const UploadAnswerFileRequest *req, AnswerFile *file)
{
	StoredFile stored = STORED_FILE__INIT;

	return expect_answer_file(call, req, &stored) &&
	       file_store(call, &stored) &&
	       add_answer_file(call, &stored, file);
}

bool get_answer_file(struct call *call, const GetAnswerFileRequest *req, FileContent *content)
{
	StoredFile file = STORED_FILE__INIT;

	return read_answer_file(call, req, &file) && file_read(call, &file, req->offset, content);
}

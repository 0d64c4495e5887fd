/*
 * Training: what a design may be, how a quiz is judged, and the gate that opens with the last item.
 */
#include "programs/programs.h"

static bool has_choice(size_t n_choices, Choice *const *choices, const char *key)
{
	for (size_t i = 0; i < n_choices; i++)
		if (!strcmp(choices[i]->key, key))
			return true;
	return false;
}

static bool has_text(size_t n_texts, char *const *texts, const char *text)
{
	for (size_t i = 0; i < n_texts; i++)
		if (!strcmp(texts[i], text))
			return true;
	return false;
}

static bool check_right(struct call *call, const QuizQuestionDesign *question, const char *pointer)
{
	const char *at = arena_printf(call->arena, "%s/right", pointer);
	bool good = true;

	for (size_t i = 0; i < question->n_right; i++) {
		const char *right = question->right[i];

		if (!has_choice(question->n_choices, question->choices, right) ||
		    has_text(i, question->right, right))
			good = reject_field(
				call, INVALID_ARGUMENT, arena_printf(call->arena, "%s/%zu", at, i),
				"UNKNOWN_CHOICE", "Name each right choice once, by its key.");
	}
	if (!question->multiple && question->n_right != 1)
		good = reject_field(call, INVALID_ARGUMENT, at, "OUT_OF_RANGE",
				    "Where one is chosen, one is right.");
	return good;
}

static bool check_question_keys(struct call *call, const QuizQuestionDesign *question,
				const char *pointer)
{
	for (size_t i = 0; i < question->n_choices; i++)
		if (has_choice(i, question->choices, question->choices[i]->key))
			return reject_field(
				call, INVALID_ARGUMENT,
				arena_printf(call->arena, "%s/choices/%zu/key", pointer, i),
				"DUPLICATE", "Another choice has this key.");
	return true;
}

static const QuizQuestionDesign *
find_quiz_question(size_t n_questions, QuizQuestionDesign *const *questions, const char *key)
{
	for (size_t i = 0; i < n_questions; i++)
		if (!strcmp(questions[i]->key, key))
			return questions[i];
	return NULL;
}

static bool check_quiz(struct call *call, const TrainingItemDesign *item, const char *pointer)
{
	bool quiz = item->kind == TRAINING_TERMS__KIND__QUIZ;
	bool good = true;

	if (quiz != (item->n_questions > 0))
		return reject_field(call, INVALID_ARGUMENT,
				    arena_printf(call->arena, "%s/questions", pointer),
				    quiz ? "REQUIRED" : "WRONG_KIND",
				    quiz ? "A quiz asks something." : "Only a quiz asks.");
	for (size_t i = 0; i < item->n_questions; i++) {
		const QuizQuestionDesign *question = item->questions[i];
		const char *at = arena_printf(call->arena, "%s/questions/%zu", pointer, i);

		if (find_quiz_question(i, item->questions, question->key))
			good = reject_field(call, INVALID_ARGUMENT,
					    arena_printf(call->arena, "%s/key", at), "DUPLICATE",
					    "Another question has this key.");
		good = check_question_keys(call, question, at) && good;
		good = check_right(call, question, at) && good;
	}
	return good;
}

static bool has_item(size_t n_items, TrainingItemDesign *const *items, const char *key)
{
	for (size_t i = 0; i < n_items; i++)
		if (!strcmp(items[i]->key, key))
			return true;
	return false;
}

static bool check_module(struct call *call, const TrainingModuleDesign *module, const char *pointer)
{
	bool good = true;

	for (size_t i = 0; i < module->n_items; i++) {
		const char *at = arena_printf(call->arena, "%s/items/%zu", pointer, i);

		if (has_item(i, module->items, module->items[i]->key))
			good = reject_field(call, INVALID_ARGUMENT,
					    arena_printf(call->arena, "%s/key", at), "DUPLICATE",
					    "Another item has this key.");
		good = check_quiz(call, module->items[i], at) && good;
	}
	return good;
}

static bool has_module(size_t n_modules, TrainingModuleDesign *const *modules, const char *key)
{
	for (size_t i = 0; i < n_modules; i++)
		if (!strcmp(modules[i]->key, key))
			return true;
	return false;
}

static bool check_modules(struct call *call, const PutTrainingRequest *req)
{
	bool good = true;

	for (size_t i = 0; i < req->n_modules; i++) {
		const char *at = arena_printf(call->arena, "/modules/%zu", i);

		if (has_module(i, req->modules, req->modules[i]->key))
			good = reject_field(call, INVALID_ARGUMENT,
					    arena_printf(call->arena, "%s/key", at), "DUPLICATE",
					    "Another module has this key.");
		good = check_module(call, req->modules[i], at) && good;
	}
	return good;
}

bool put_training(struct call *call, const PutTrainingRequest *req, TrainingDesign *design)
{
	return check_modules(call, req) &&
	       set_training_version(call, req, design) &&
	       set_training_modules(call, req) &&
	       schedule_training_gates(call, req) &&
	       read_training_modules(call, req, design);
}

/* Whoever waited for nothing else takes part from now on. */
static bool pass_training(struct call *call, const Trainee *trainee)
{
	Memberships gated = MEMBERSHIPS__INIT;

	if (!show_training_gates(call, trainee) || !set_training_gates(call, trainee, &gated))
		return false;
	for (size_t i = 0; i < gated.n_items; i++)
		if (gated.items[i]->state == MEMBERSHIP__STATE__ACTIVE &&
		    !publish_membership_activated(call, gated.items[i]))
			return false;
	return true;
}

static bool finish_module(struct call *call, const Trainee *trainee, bool *completed)
{
	TrainingCompletion completion = TRAINING_COMPLETION__INIT;

	return add_training_completion(call, trainee, &completion, completed) &&
	       (!*completed ||
		(publish_training_completed(call, &completion) && pass_training(call, trainee)));
}

static Trainee trainee_of(const TrainingTask *task, const char *key, const char *user_id)
{
	Trainee trainee = TRAINEE__INIT;

	trainee.module_id = task->id;
	trainee.program_id = task->program_id;
	trainee.key = (char *)(uintptr_t)key;
	trainee.user_id = (char *)(uintptr_t)user_id;
	return trainee;
}

bool list_training_completions(struct call *call, const ListTrainingCompletionsRequest *req,
			       ListTrainingCompletionsResponse *response)
{
	return *req->user_id ? completions_of_person(call, req, response)
			     : all_completions(call, req, response);
}

bool complete_training_item(struct call *call, const TrainingItemRequest *req,
			    TrainingModule *module)
{
	TrainingTask task = TRAINING_TASK__INIT;
	Trainee trainee;
	bool completed;

	if (!read_training_task(call, req, &task))
		return false;
	if (task.kind == TRAINING_TERMS__KIND__QUIZ)
		return reject(call, CONFLICT, "QUIZ_NEEDED", "This item is done by its quiz.");
	if (task.kind == TRAINING_TERMS__KIND__EVENT)
		return reject(call, CONFLICT, "ATTENDANCE_NEEDED",
			      "A coordinator says who attended.");

	trainee = trainee_of(&task, req->key, call->caller->id);
	return add_item_done(call, &trainee) &&
	       finish_module(call, &trainee, &completed) &&
	       read_my_module(call, req, module);
}

static const QuizAnswer *find_quiz_answer(size_t n_answers, QuizAnswer *const *answers,
					  const char *key)
{
	for (size_t i = 0; i < n_answers; i++)
		if (!strcmp(answers[i]->key, key))
			return answers[i];
	return NULL;
}

static bool check_quiz_answer(struct call *call, const QuizQuestionDesign *question,
			      const QuizAnswer *answer, const char *pointer)
{
	for (size_t i = 0; i < answer->n_choices; i++)
		if (!has_choice(question->n_choices, question->choices, answer->choices[i]) ||
		    has_text(i, answer->choices, answer->choices[i]))
			return reject_field(call, INVALID_ARGUMENT,
					    arena_printf(call->arena, "%s/choices/%zu", pointer, i),
					    "UNKNOWN_CHOICE",
					    "Choose each thing once, from what is offered.");
	return question->multiple ||
	       answer->n_choices == 1 ||
	       reject_field(call, INVALID_ARGUMENT,
			    arena_printf(call->arena, "%s/choices", pointer), "OUT_OF_RANGE",
			    "Choose exactly one.");
}

static bool check_quiz_answers(struct call *call, const TrainingTask *task,
			       const TakeQuizRequest *req)
{
	bool good = true;

	for (size_t i = 0; i < req->n_answers; i++) {
		const char *at = arena_printf(call->arena, "/answers/%zu", i);
		const QuizQuestionDesign *question = find_quiz_question(
			task->n_questions, task->questions, req->answers[i]->key);

		if (!question || find_quiz_answer(i, req->answers, req->answers[i]->key))
			good = reject_field(call, INVALID_ARGUMENT,
					    arena_printf(call->arena, "%s/key", at),
					    question ? "DUPLICATE" : "UNKNOWN_QUESTION",
					    "Answer each question of the quiz once.");
		else
			good = check_quiz_answer(call, question, req->answers[i], at) && good;
	}
	for (size_t i = 0; i < task->n_questions; i++)
		if (!find_quiz_answer(req->n_answers, req->answers, task->questions[i]->key))
			good = reject_field(
				call, INVALID_ARGUMENT,
				arena_printf(call->arena, "/answers/%s", task->questions[i]->key),
				"REQUIRED", "Answer this question.");
	return good;
}

/* All that is right and nothing else: choices are known and differ, so that counting suffices. */
static bool is_right(const QuizQuestionDesign *question, const QuizAnswer *answer)
{
	for (size_t i = 0; i < answer->n_choices; i++)
		if (!has_text(question->n_right, question->right, answer->choices[i]))
			return false;
	return answer->n_choices == question->n_right;
}

/* Per cent, rounded down: a mark of 100 is reached by no fewer than all. */
static int32_t quiz_score(const TrainingTask *task, const TakeQuizRequest *req)
{
	size_t right = 0;

	for (size_t i = 0; i < task->n_questions; i++)
		right += is_right(task->questions[i], find_quiz_answer(req->n_answers, req->answers,
								       task->questions[i]->key));
	return (int32_t)(100 * right / task->n_questions);
}

bool take_quiz(struct call *call, const TakeQuizRequest *req, QuizResult *result)
{
	TrainingItemRequest item = TRAINING_ITEM_REQUEST__INIT;
	TrainingTask task = TRAINING_TASK__INIT;
	QuizAttempt attempt = QUIZ_ATTEMPT__INIT;
	Trainee trainee;
	bool completed = false;

	item.id = req->id;
	item.key = req->key;
	if (!read_training_task(call, &item, &task))
		return false;
	if (task.kind != TRAINING_TERMS__KIND__QUIZ)
		return reject(call, CONFLICT, "NOT_A_QUIZ", "This item is no quiz.");
	if (!check_quiz_answers(call, &task, req))
		return false;

	trainee = trainee_of(&task, req->key, call->caller->id);
	attempt.module_id = task.id;
	attempt.key = req->key;
	attempt.n_answers = req->n_answers;
	attempt.answers = req->answers;
	attempt.score = quiz_score(&task, req);
	attempt.passed = attempt.score >= task.pass_mark;
	if (!add_quiz_attempt(call, &attempt, result) ||
	    (attempt.passed &&
	     !(add_item_done(call, &trainee) && finish_module(call, &trainee, &completed))))
		return false;
	result->pass_mark = task.pass_mark;
	result->completed = completed;
	return true;
}

bool record_training_attendance(struct call *call, const RecordTrainingAttendanceRequest *req)
{
	TrainingTask task = TRAINING_TASK__INIT;
	bool completed;

	if (!read_training_event(call, req, &task))
		return false;
	if (task.kind != TRAINING_TERMS__KIND__EVENT)
		return reject(call, CONFLICT, "NOT_AN_EVENT", "Nobody attends this item.");
	if (!lock_trainees(call, req) || !add_attendance(call, req))
		return false;

	for (size_t i = 0; i < req->n_user_ids; i++) {
		const Trainee trainee = trainee_of(&task, req->key, req->user_ids[i]);

		if (!finish_module(call, &trainee, &completed))
			return false;
	}
	return true;
}

bool expire_training(struct call *call, const Id *req)
{
	TrainingCompletion completion = TRAINING_COMPLETION__INIT;
	Trainee trainee = TRAINEE__INIT;
	bool found;

	if (!set_training_expired(call, req, &completion, &found))
		return false;
	trainee.program_id = completion.program_id;
	trainee.user_id = completion.user_id;
	return !found ||
	       (publish_training_expired(call, &completion) && pass_training(call, &trainee));
}

bool refresh_training_gates(struct call *call, const Id *req)
{
	Trainee everybody = TRAINEE__INIT;

	everybody.program_id = req->id;
	return pass_training(call, &everybody);
}

/* The rules of forms and answers, kind by kind. */
#include "registration.h"

#include <stdlib.h>

#include "text.h"

/* The field of an Answer that holds the value. */
enum value { IN_TEXT = 1, IN_CHOICES, IN_NUMBER, IN_DATE, IN_CONSENT, IN_FILE };

static const struct kind {
	enum value value;
	bool own_choices; /* one of the question's own */
} kinds[] = {
	[QUESTION__KIND__SHORT] = { .value = IN_TEXT },
	[QUESTION__KIND__LONG] = { .value = IN_TEXT },
	[QUESTION__KIND__SINGLE] = { .value = IN_CHOICES, .own_choices = true },
	[QUESTION__KIND__MULTI] = { .value = IN_CHOICES, .own_choices = true },
	[QUESTION__KIND__RANKED] = { .value = IN_CHOICES, .own_choices = true },
	[QUESTION__KIND__SCALE] = { .value = IN_NUMBER },
	[QUESTION__KIND__NUMBER] = { .value = IN_NUMBER },
	[QUESTION__KIND__DATE] = { .value = IN_DATE },
	[QUESTION__KIND__SKILL_PICK] = { .value = IN_CHOICES },
	[QUESTION__KIND__LANGUAGE_PICK] = { .value = IN_CHOICES },
	[QUESTION__KIND__AVAILABILITY_PICK] = { .value = IN_CHOICES },
	[QUESTION__KIND__FILE] = { .value = IN_FILE },
	[QUESTION__KIND__CONSENT] = { .value = IN_CONSENT },
};

static const char *const value_names[] = { "",	   "text",    "choices", "number",
					   "date", "consent", "file_id" };

static bool holds(const Answer *answer, enum value value)
{
	switch (value) {
	case IN_TEXT:
		return *answer->text;
	case IN_CHOICES:
		return answer->n_choices > 0;
	case IN_NUMBER:
		return answer->_number_case == ANSWER___NUMBER_NUMBER;
	case IN_DATE:
		return *answer->date;
	case IN_CONSENT:
		return answer->_consent_case == ANSWER___CONSENT_CONSENT;
	case IN_FILE:
		return *answer->file_id;
	}
	return false;
}

static bool is_within(const Question *question, int64_t number)
{
	return (question->_min_case != QUESTION___MIN_MIN || number >= question->min) &&
	       (question->_max_case != QUESTION___MAX_MAX || number <= question->max);
}

static bool check_range(struct call *call, const Question *question, int64_t number,
			const char *pointer, const char *what)
{
	return is_within(question, number) ||
	       reject_field(call, INVALID_ARGUMENT, pointer, "OUT_OF_RANGE",
			    "%s must lie between %s and %s.", what,
			    question->_min_case ? arena_printf(call->arena, "%d", question->min)
						: "anything",
			    question->_max_case ? arena_printf(call->arena, "%d", question->max)
						: "anything");
}

/* "MON-18" */
static bool is_hour_of_week(const char *choice)
{
	static const char *const days[] = {
		"MON-", "TUE-", "WED-", "THU-", "FRI-", "SAT-", "SUN-"
	};
	bool day = false;

	for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++)
		day = day || !strncmp(choice, days[i], 4);
	return day &&
	       strlen(choice) == 6 &&
	       strspn(choice + 4, "0123456789") == 2 &&
	       atoi(choice + 4) < 24;
}

static bool is_offered(const Question *question, const char *choice)
{
	for (size_t i = 0; i < question->n_choices; i++)
		if (!strcmp(question->choices[i]->key, choice))
			return true;
	return false;
}

static bool has_format(struct call *call, enum pb_format format, const char *text)
{
	const struct pb_rule rule = { .format = (uint8_t)format };
	const char *kept;

	return !text_check(call->arena, &rule, text, strlen(text), &kept);
}

static bool fits(struct call *call, const Question *question, const char *choice)
{
	switch (question->kind) {
	case QUESTION__KIND__SKILL_PICK:
		return has_format(call, PB_UUID, choice);
	case QUESTION__KIND__LANGUAGE_PICK:
		return has_format(call, PB_LOCALE, choice);
	case QUESTION__KIND__AVAILABILITY_PICK:
		return is_hour_of_week(choice);
	default:
		return is_offered(question, choice);
	}
}

static bool is_repeated(const Answer *answer, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (!strcmp(answer->choices[i], answer->choices[at]))
			return true;
	return false;
}

static bool check_choices(struct call *call, const Question *question, const Answer *answer,
			  const char *pointer)
{
	bool good = true;

	for (size_t i = 0; i < answer->n_choices; i++) {
		const char *at = arena_printf(call->arena, "%s/%zu", pointer, i);

		if (!fits(call, question, answer->choices[i]))
			good = reject_field(call, INVALID_ARGUMENT, at, "UNKNOWN_CHOICE",
					    "This cannot be chosen here.");
		else if (is_repeated(answer, i))
			good = reject_field(call, INVALID_ARGUMENT, at, "DUPLICATE",
					    "Choose each thing once.");
	}
	if (question->kind == QUESTION__KIND__SINGLE && answer->n_choices != 1)
		return reject_field(call, INVALID_ARGUMENT, pointer, "OUT_OF_RANGE",
				    "Choose exactly one.");
	return check_range(call, question, (int64_t)answer->n_choices, pointer,
			   "The number of choices") &&
	       good;
}

static bool check_value(struct call *call, const Question *question, const Answer *answer,
			const char *pointer)
{
	enum value value = kinds[question->kind].value;
	const char *at = arena_printf(call->arena, "%s/%s", pointer, value_names[value]);

	switch (value) {
	case IN_TEXT:
		return check_range(call, question,
				   (int64_t)text_code_points(answer->text, strlen(answer->text)),
				   at, "The length");
	case IN_NUMBER:
		return check_range(call, question, answer->number, at, "The number");
	case IN_CHOICES:
		return check_choices(call, question, answer, at);
	default:
		return true;
	}
}

static bool check_answer(struct call *call, const Question *question, const Answer *answer,
			 const char *pointer)
{
	enum value value = kinds[question->kind].value;

	for (enum value other = IN_TEXT; other <= IN_FILE; other++)
		if (other != value && holds(answer, other))
			return reject_field(
				call, INVALID_ARGUMENT,
				arena_printf(call->arena, "%s/%s", pointer, value_names[other]),
				"WRONG_KIND", "This question is answered by \"%s\".",
				value_names[value]);
	return !holds(answer, value) || check_value(call, question, answer, pointer);
}

static const Question *find_question(const Registration *registration, const char *key)
{
	for (size_t i = 0; i < registration->n_steps; i++)
		for (size_t k = 0; k < registration->steps[i]->n_questions; k++)
			if (!strcmp(registration->steps[i]->questions[k]->key, key))
				return registration->steps[i]->questions[k];
	return NULL;
}

static const Answer *find_answer(size_t n_answers, Answer *const *answers, const char *key)
{
	for (size_t i = 0; i < n_answers; i++)
		if (!strcmp(answers[i]->key, key))
			return answers[i];
	return NULL;
}

bool check_answers(struct call *call, const Registration *registration, size_t n_answers,
		   Answer *const *answers)
{
	bool good = true;

	for (size_t i = 0; i < n_answers; i++) {
		const char *pointer = arena_printf(call->arena, "/answers/%zu", i);
		const Question *question = find_question(registration, answers[i]->key);

		if (!question)
			good = reject_field(call, INVALID_ARGUMENT,
					    arena_printf(call->arena, "%s/key", pointer),
					    "UNKNOWN_QUESTION", "The form has no such question.");
		else if (find_answer(i, answers, answers[i]->key))
			good = reject_field(call, INVALID_ARGUMENT,
					    arena_printf(call->arena, "%s/key", pointer),
					    "DUPLICATE", "This question is answered twice.");
		else
			good = check_answer(call, question, answers[i], pointer) && good;
	}
	return good;
}

static bool is_answered(const Registration *registration, const Question *question)
{
	const Answer *answer =
		find_answer(registration->n_answers, registration->answers, question->key);

	return answer &&
	       holds(answer, kinds[question->kind].value) &&
	       (question->kind != QUESTION__KIND__CONSENT || answer->consent);
}

bool check_complete(struct call *call, const Registration *registration)
{
	bool complete = true;

	for (size_t i = 0; i < registration->n_steps; i++) {
		const FormStep *step = registration->steps[i];

		for (size_t k = 0; k < step->n_questions; k++)
			if (step->questions[k]->required &&
			    !is_answered(registration, step->questions[k]))
				complete = reject_field(call, INVALID_ARGUMENT,
							arena_printf(call->arena, "/answers/%s",
								     step->questions[k]->key),
							"REQUIRED", "Answer this question.");
	}
	return complete;
}

static bool check_question(struct call *call, const Question *question, const char *pointer)
{
	bool choosing = kinds[question->kind].own_choices;
	bool scale = question->kind == QUESTION__KIND__SCALE;
	bool ranged = question->_min_case == QUESTION___MIN_MIN &&
		      question->_max_case == QUESTION___MAX_MAX;

	if (choosing != (question->n_choices > 0))
		return reject_field(call, INVALID_ARGUMENT,
				    arena_printf(call->arena, "%s/choices", pointer),
				    choosing ? "REQUIRED" : "WRONG_KIND",
				    choosing ? "Say what can be chosen."
					     : "Nothing is chosen in this kind of question.");
	if (scale && !ranged)
		return reject_field(call, INVALID_ARGUMENT,
				    arena_printf(call->arena, "%s/min", pointer), "REQUIRED",
				    "A scale needs its least and its most.");
	if (ranged && question->min > question->max)
		return reject_field(call, INVALID_ARGUMENT,
				    arena_printf(call->arena, "%s/min", pointer), "MIN_GT_MAX",
				    "The least must not be more than the most.");
	return true;
}

/* The first question of the form with that key. */
static const Question *first_with_key(size_t n_steps, FormStep *const *steps, const char *key)
{
	const Registration form = { .n_steps = n_steps, .steps = (FormStep **)steps };

	return find_question(&form, key);
}

bool check_form(struct call *call, size_t n_steps, FormStep *const *steps)
{
	bool good = true;

	for (size_t i = 0; i < n_steps; i++)
		for (size_t k = 0; k < steps[i]->n_questions; k++) {
			const Question *question = steps[i]->questions[k];
			const char *pointer =
				arena_printf(call->arena, "/steps/%zu/questions/%zu", i, k);

			if (first_with_key(n_steps, steps, question->key) != question)
				good = reject_field(call, INVALID_ARGUMENT,
						    arena_printf(call->arena, "%s/key", pointer),
						    "DUPLICATE", "Another question has this key.");
			else
				good = check_question(call, question, pointer) && good;
		}
	return good;
}

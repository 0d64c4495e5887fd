/* The rule for certificates: read one condition after the other, from left to right. */
#include "certificate_rule.h"

#include <ctype.h>
#include <strings.h>

#include "pb_json.h"
#include "text.h"

enum operator { EQUAL, NOT_EQUAL, LESS, AT_MOST, MORE, AT_LEAST };

static const struct {
	const char *text;
	enum operator operator;
} operators[] = {
	{ ">=", AT_LEAST },  { "<=", AT_MOST }, { "\u2265", AT_LEAST }, { "\u2264", AT_MOST },
	{ "!=", NOT_EQUAL }, { "=", EQUAL },	{ "<", LESS },		{ ">", MORE },
};

/* Numbers count in hundredths. */
struct fact {
	const char *name;
	bool of_facts; /* a member of the facts; else of the ground */
	size_t offset;
	int scale; /* 0: a word */
};

static const struct fact known[] = {
	{ "sessions_attended", true, offsetof(CertificateFacts, sessions_attended), 100 },
	{ "hours", true, offsetof(CertificateFacts, hours), 100 },
	{ "goals_achieved", true, offsetof(CertificateFacts, goals_achieved), 100 },
	{ "tasks_approved", true, offsetof(CertificateFacts, tasks_approved), 100 },
	{ "milestones_done", true, offsetof(CertificateFacts, milestones_done), 100 },
	{ "days", true, offsetof(CertificateFacts, days), 100 },
	{ "closing_evaluation.mean", false, offsetof(CertificateGround, closing_mean), 1 },
	{ "agreement", false, offsetof(CertificateGround, agreement), 0 },
	{ "exit_survey", false, offsetof(CertificateGround, exit_survey), 0 },
	{ "mentorship", false, offsetof(CertificateGround, mentorship), 0 },
};

struct condition {
	const struct fact *fact;
	enum operator operator;
	int64_t number;
	const char *word;
	const char *text; /* as it stands in the rule */
};

struct reader {
	struct arena *arena;
	const char *rule, *at;
	const char *why; /* the first thing that is wrong */
};

static bool wrong(struct reader *reader, const char *why)
{
	reader->why = why;
	return false;
}

static void skip_space(struct reader *reader)
{
	while (isspace((unsigned char)*reader->at))
		reader->at++;
}

static char *take_word(struct reader *reader, const char *also)
{
	const char *start = reader->at;

	while (isalnum((unsigned char)*reader->at) || (*reader->at && strchr(also, *reader->at)))
		reader->at++;
	return arena_strndup(reader->arena, start, (size_t)(reader->at - start));
}

static bool take_fact(struct reader *reader, struct condition *condition)
{
	const char *start = reader->at, *name = take_word(reader, "_.");

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (!strcmp(known[i].name, name))
			condition->fact = &known[i];
	if (condition->fact)
		return true;
	reader->at = start;
	return wrong(reader, *name ? "This is no fact that a rule can ask for."
				   : "A fact is expected here.");
}

static bool take_operator(struct reader *reader, struct condition *condition)
{
	for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
		size_t len = strlen(operators[i].text);

		if (strncmp(reader->at, operators[i].text, len) != 0)
			continue;
		condition->operator = operators[i].operator;
		if (!condition->fact->scale && condition->operator > NOT_EQUAL)
			return wrong(reader, "A word is compared with = or !=.");
		reader->at += len;
		return true;
	}
	return wrong(reader, "One of = != < <= > >= is expected here.");
}

/* Up to nine digits, and up to two decimals. */
static bool take_number(struct reader *reader, struct condition *condition)
{
	int whole = 0, decimals = -1;

	for (; isdigit((unsigned char)*reader->at) || (*reader->at == '.' && decimals < 0);
	     reader->at++) {
		if (*reader->at == '.') {
			decimals = 0;
			continue;
		}
		if (++whole > 9 || (decimals >= 0 && ++decimals > 2))
			return wrong(reader, "This number is too long.");
		condition->number = condition->number * 10 + (*reader->at - '0');
	}
	if (!whole || !decimals)
		return wrong(reader, "A number is expected here.");
	for (int i = decimals < 0 ? 0 : decimals; i < 2; i++)
		condition->number *= 10;
	return true;
}

static bool take_value(struct reader *reader, struct condition *condition)
{
	if (condition->fact->scale)
		return take_number(reader, condition);
	condition->word = take_word(reader, "_");
	return *condition->word || wrong(reader, "A word is expected here.");
}

static bool take_condition(struct reader *reader, struct condition *condition)
{
	const char *start = reader->at;

	*condition = (struct condition) { 0 };
	if (!take_fact(reader, condition))
		return false;
	skip_space(reader);
	if (!take_operator(reader, condition))
		return false;
	skip_space(reader);
	if (!take_value(reader, condition))
		return false;
	condition->text = arena_strndup(reader->arena, start, (size_t)(reader->at - start));
	return true;
}

static bool take_and(struct reader *reader)
{
	const char *start = reader->at;

	if (!strcmp(take_word(reader, "_"), "and"))
		return true;
	reader->at = start;
	return wrong(reader, "Conditions are joined by \"and\".");
}

/* The next condition; false at the end, or when something is wrong. The first is zeroed before. */
static bool next_condition(struct reader *reader, struct condition *condition)
{
	skip_space(reader);
	if (!*reader->at || (condition->fact && !take_and(reader)))
		return false;
	skip_space(reader);
	return take_condition(reader, condition);
}

const char *certificate_rule_check(struct arena *arena, const char *rule, size_t *position)
{
	struct reader reader = { .arena = arena, .rule = rule, .at = rule };
	struct condition condition = { 0 };

	while (next_condition(&reader, &condition))
		;
	*position = text_code_points(rule, (size_t)(reader.at - rule)) + 1;
	return reader.why;
}

static bool compare(enum operator operator, int64_t order)
{
	switch (operator) {
	case EQUAL:
		return order == 0;
	case NOT_EQUAL:
		return order != 0;
	case LESS:
		return order < 0;
	case AT_MOST:
		return order <= 0;
	case MORE:
		return order > 0;
	case AT_LEAST:
		return order >= 0;
	}
	return false;
}

static const void *value_of(const struct fact *fact, const CertificateGround *ground)
{
	return (const char *)(fact->of_facts ? (const void *)ground->facts : ground) + fact->offset;
}

/* Whether a condition holds; *actual is what the fact is. */
static bool holds(struct arena *arena, const struct condition *condition,
		  const CertificateGround *ground, const char **actual)
{
	const void *value = value_of(condition->fact, ground);
	int64_t number;

	if (!condition->fact->scale) {
		*actual = *(char *const *)value;
		return compare(condition->operator, strcasecmp(*actual, condition->word));
	}
	number = (int64_t)*(const int32_t *)value * condition->fact->scale;
	*actual = number % 100 ? arena_printf(arena, "%ld.%02ld", number / 100, number % 100)
			       : arena_printf(arena, "%ld", number / 100);
	return compare(condition->operator, number - condition->number);
}

char *certificate_rule_unmet(struct arena *arena, const char *rule, const CertificateGround *ground)
{
	struct reader reader = { .arena = arena, .rule = rule, .at = rule };
	struct condition condition = { 0 };
	struct buf unmet = { 0 };
	const char *actual;
	char *text;

	while (next_condition(&reader, &condition)) {
		if (holds(arena, &condition, ground, &actual))
			continue;
		buf_puts(&unmet, unmet.len ? ",{\"condition\":" : "[{\"condition\":");
		json_quote(&unmet, condition.text, strlen(condition.text));
		buf_puts(&unmet, ",\"actual\":");
		json_quote(&unmet, actual, strlen(actual));
		buf_putc(&unmet, '}');
	}
	if (!unmet.len)
		return NULL;
	buf_putc(&unmet, ']');
	text = arena_strdup(arena, buf_text(&unmet));
	buf_free(&unmet);
	return text;
}

/* Criteria and hard rules in the terms of the scoring, and the fields that they read. */
#include "services/matching/ground_own.h"

#include <string.h>

static const struct field profile_fields[OF_PROFILE] = {
	[OF_SKILLS] = { "skills", FIELD_TERMS, false },
	[OF_TOPICS] = { "topics", FIELD_TERMS, false },
	[OF_EXPERIENCE] = { "experience", FIELD_NUMBER, false },
	[OF_INDUSTRIES] = { "industries", FIELD_TERMS, false },
	[OF_LANGUAGES] = { "languages", FIELD_TERMS, false },
	[OF_HOURS] = { "availability", FIELD_HOURS, false },
	[OF_ZONE] = { "zone", FIELD_NUMBER, false },
	[OF_COUNTRY] = { "country", FIELD_TERM, false },
};

static bool is_sensitive(const struct ground *ground, const char *question)
{
	for (size_t i = 0; i < ground->n_sensitive; i++)
		if (!strcmp(ground->sensitive[i], question))
			return true;
	return false;
}

/* The field's key of a question read as that kind, which is added when it is new. */
static const char *ask(struct ground *ground, const char *question, enum field_kind kind)
{
	static const char *const shapes[] = { "number", "choice", "choices", "hours", "scales" };
	struct field *field = &ground->fields[ground->n_fields];

	for (size_t i = 0; i < ground->n_asked; i++)
		if (ground->asked[i].kind == kind && !strcmp(ground->asked[i].question, question))
			return ground->fields[ground->asked[i].field].key;
	if (ground->n_fields == MOST_FIELDS)
		return question;
	field->key = arena_printf(ground->arena, "%s (%s)", question, shapes[kind]);
	field->kind = kind;
	field->sensitive = is_sensitive(ground, question);
	ground->asked[ground->n_asked++] = (struct asked) {
		.question = question,
		.field = (int)ground->n_fields++,
		.kind = kind,
	};
	return field->key;
}

static const char *profile_key(enum profile_field field)
{
	return profile_fields[field].key;
}

static const char *or_key(const char *question, const char *fallback)
{
	return *question ? question : fallback;
}

/* The CEFR levels are 1 to 7 in both. */
static int language_level(int level)
{
	return level ? level : PROFILE__LANGUAGE__LEVEL__B1;
}

static const struct criterion_cell *cells_of(struct arena *arena, const Criterion *from)
{
	struct criterion_cell *cells = arena_alloc(arena, (from->n_table + 1) * sizeof *cells);

	for (size_t i = 0; i < from->n_table; i++)
		cells[i] = (struct criterion_cell) {
			from->table[i]->mentee,
			from->table[i]->mentor,
			(int)from->table[i]->points,
		};
	return cells;
}

/* Kinds that read the profile, and which part of it. */
static const struct {
	Criterion__Kind from;
	enum criterion_kind kind;
	enum profile_field field;
} profile_kinds[] = {
	{ CRITERION__KIND__SKILL_COVER, CRITERION_SKILL_COVER, OF_SKILLS },
	{ CRITERION__KIND__GOAL_COVER, CRITERION_GOAL_COVER, OF_TOPICS },
	{ CRITERION__KIND__EXPERIENCE_GAP, CRITERION_EXPERIENCE_GAP, OF_EXPERIENCE },
	{ CRITERION__KIND__INDUSTRY_SAME, CRITERION_INDUSTRY_SAME, OF_INDUSTRIES },
	{ CRITERION__KIND__INDUSTRY_DIFFERENT, CRITERION_INDUSTRY_DIFFERENT, OF_INDUSTRIES },
	{ CRITERION__KIND__LANGUAGE_COMMON, CRITERION_LANGUAGE_COMMON, OF_LANGUAGES },
	{ CRITERION__KIND__AVAILABILITY_OVERLAP, CRITERION_AVAILABILITY_OVERLAP, OF_HOURS },
	{ CRITERION__KIND__ZONE_DISTANCE, CRITERION_ZONE_DISTANCE, OF_ZONE },
	{ CRITERION__KIND__LOCATION_SAME, CRITERION_LOCATION_SAME, OF_COUNTRY },
};

static void read_bounds(const Criterion *from, struct criterion *to)
{
	switch (to->kind) {
	case CRITERION_EXPERIENCE_GAP:
		to->low = from->_gap_min_case ? from->gap_min : 3;
		to->high = from->_gap_max_case ? from->gap_max : 15;
		to->reach = 10;
		return;
	case CRITERION_LANGUAGE_COMMON:
		to->low = language_level((int)from->language_level);
		return;
	case CRITERION_AVAILABILITY_OVERLAP:
		to->low = from->_minutes_case ? from->minutes : 60;
		return;
	case CRITERION_ZONE_DISTANCE:
		to->reach = 60 * (from->_hours_case ? from->hours : 12);
		return;
	default:
		return;
	}
}

static bool read_profile(const Criterion *from, struct criterion *to)
{
	for (size_t i = 0; i < sizeof profile_kinds / sizeof *profile_kinds; i++) {
		if (profile_kinds[i].from != from->kind)
			continue;
		to->kind = profile_kinds[i].kind;
		to->mentee_field = profile_key(profile_kinds[i].field);
		read_bounds(from, to);
		return true;
	}
	return false;
}

/* Kinds that read an answer of the form; the rest is PREFERENCE, which reads none. */
static void read_question(struct ground *ground, const Criterion *from, struct criterion *to)
{
	const char *question = or_key(from->question, from->key);

	switch (from->kind) {
	case CRITERION__KIND__PERSONALITY:
		to->kind = from->complementary ? CRITERION_PERSONALITY_COMPLEMENTARY
					       : CRITERION_PERSONALITY_SIMILAR;
		to->mentee_field = ask(ground, question, FIELD_SCALES);
		return;
	case CRITERION__KIND__ANSWER_EQUAL:
		to->kind = CRITERION_ANSWER_EQUAL;
		to->mentee_field = ask(ground, question, FIELD_TERM);
		return;
	case CRITERION__KIND__ANSWER_OVERLAP:
		to->kind = CRITERION_ANSWER_OVERLAP;
		to->mentee_field = ask(ground, question, FIELD_TERMS);
		return;
	case CRITERION__KIND__ANSWER_DISTANCE:
		to->kind = CRITERION_ANSWER_DISTANCE;
		to->mentee_field = ask(ground, question, FIELD_NUMBER);
		to->reach = 10;
		return;
	case CRITERION__KIND__CUSTOM_TABLE:
		to->kind = CRITERION_CUSTOM_TABLE;
		to->mentee_field = ask(ground, question, FIELD_TERM);
		to->cells = cells_of(ground->arena, from);
		to->n_cells = from->n_table;
		return;
	default:
		to->kind = CRITERION_PREFERENCE;
		return;
	}
}

static struct criterion read_criterion(struct ground *ground, const Criterion *from)
{
	struct criterion to = {
		.key = from->key,
		.weight = (int)from->weight,
		.missing_is_zero = from->missing_is_zero,
	};

	if (!read_profile(from, &to))
		read_question(ground, from, &to);
	return to;
}

static int number_of(const HardRule *from, int fallback)
{
	return from->_number_case ? from->number : fallback;
}

/* A number of a question, or the years of experience. */
static const char *gap_field(struct ground *ground, const HardRule *from)
{
	return *from->question ? ask(ground, from->question, FIELD_NUMBER)
			       : profile_key(OF_EXPERIENCE);
}

/* Rules that compare the answers to one question; what it is called unless told. */
static const struct {
	HardRule__Kind from;
	enum rule_kind kind;
	const char *question;
} question_rules[] = {
	{ HARD_RULE__KIND__MUST_EQUAL, RULE_MUST_EQUAL, "" },
	{ HARD_RULE__KIND__MUST_DIFFER, RULE_MUST_DIFFER, "" },
	{ HARD_RULE__KIND__NOT_SAME_TEAM, RULE_NOT_SAME_TEAM, "team" },
	{ HARD_RULE__KIND__NOT_LINE_MANAGER, RULE_NOT_LINE_MANAGER, "line-manager" },
};

static bool read_question_rule(struct ground *ground, const HardRule *from, struct rule *to)
{
	for (size_t i = 0; i < sizeof question_rules / sizeof *question_rules; i++) {
		if (question_rules[i].from != from->kind)
			continue;
		to->kind = question_rules[i].kind;
		to->mentee_field =
			ask(ground, or_key(from->question, question_rules[i].question), FIELD_TERM);
		return true;
	}
	return false;
}

static void read_only_if(struct ground *ground, const HardRule *from, struct rule *to)
{
	to->kind = RULE_ONLY_IF;
	to->mentee_field = ask(ground, from->question, FIELD_TERM);
	to->mentor_field = ask(ground, or_key(from->mentor_question, from->question), FIELD_TERM);
	to->term = *from->mentee ? from->mentee : NULL;
	to->mentor_term = from->mentor;
}

static void read_other_rule(struct ground *ground, const HardRule *from, struct rule *to)
{
	switch (from->kind) {
	case HARD_RULE__KIND__MIN_GAP:
	case HARD_RULE__KIND__MAX_GAP:
		to->kind = from->kind == HARD_RULE__KIND__MIN_GAP ? RULE_MIN_GAP : RULE_MAX_GAP;
		to->mentee_field = gap_field(ground, from);
		return;
	case HARD_RULE__KIND__MIN_OVERLAP:
		to->kind = RULE_MIN_OVERLAP;
		to->mentee_field = profile_key(OF_HOURS);
		to->value = number_of(from, 60);
		return;
	case HARD_RULE__KIND__LANGUAGE_REQUIRED:
		to->kind = RULE_LANGUAGE_REQUIRED;
		to->mentee_field = profile_key(OF_LANGUAGES);
		to->value = language_level((int)from->language_level);
		to->term = *from->language ? from->language : NULL;
		return;
	default:
		read_only_if(ground, from, to);
	}
}

static struct rule read_rule(struct ground *ground, const HardRule *from)
{
	struct rule to = { .value = number_of(from, 0) };

	if (!read_question_rule(ground, from, &to))
		read_other_rule(ground, from, &to);
	return to;
}

void read_set(struct ground *ground, const CriteriaSet *set)
{
	struct criterion *criteria =
		arena_alloc(ground->arena, (set->n_criteria + 1) * sizeof *criteria);
	struct rule *rules = arena_alloc(ground->arena, (set->n_hard_rules + 1) * sizeof *rules);

	memcpy(ground->fields, profile_fields, sizeof profile_fields);
	ground->n_fields = OF_PROFILE;
	for (size_t i = 0; i < set->n_criteria; i++)
		criteria[i] = read_criterion(ground, set->criteria[i]);
	for (size_t i = 0; i < set->n_hard_rules; i++)
		rules[i] = read_rule(ground, set->hard_rules[i]);
	ground->criteria = (struct criteria) {
		.criteria = criteria,
		.n_criteria = set->n_criteria,
		.rules = rules,
		.n_rules = set->n_hard_rules,
		.min_score = set->min_score,
	};
}

/* Members and criteria in the terms of the scoring. */
#include "services/matching/ground.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_FIELDS = POOL_MOST_FIELDS, SCALES_FROM = 0, SCALES_TO = 100 };

/* What the profile always has. */
enum profile_field { OF_SKILLS, OF_TOPICS, OF_EXPERIENCE, OF_INDUSTRIES, OF_LANGUAGES, OF_HOURS, OF_ZONE, OF_COUNTRY, OF_PROFILE };
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

/* A question in one of the shapes that a criterion may read it in. */
struct asked {
	const char *question;
	int field;
	enum field_kind kind;
};

struct wish {
	enum side by;
	uint32_t person;
	const MatchProfile *profile;
};

struct ground {
	struct arena *arena;
	struct pool *pool;
	struct field fields[MOST_FIELDS];
	size_t n_fields;
	struct asked asked[MOST_FIELDS];
	size_t n_asked;
	char *const *sensitive;
	size_t n_sensitive;
	struct criteria criteria;
	struct wish *wishes;
	size_t n_wishes;
	uint32_t people;
	/* By field: how many people said something out of range, and who was the last of them. */
	uint32_t untaken[MOST_FIELDS], untaken_of[MOST_FIELDS];
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
	return *from->question ? ask(ground, from->question, FIELD_NUMBER) : profile_key(OF_EXPERIENCE);
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
		to->mentee_field = ask(ground, or_key(from->question, question_rules[i].question), FIELD_TERM);
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

static void read_set(struct ground *ground, const CriteriaSet *set)
{
	struct criterion *criteria = arena_alloc(ground->arena, (set->n_criteria + 1) * sizeof *criteria);
	struct rule *rules = arena_alloc(ground->arena, (set->n_hard_rules + 1) * sizeof *rules);

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

struct ground *ground_new(struct arena *arena, const CriteriaSet *set, char *const *sensitive, size_t n_sensitive)
{
	struct ground *ground = arena_alloc(arena, sizeof *ground);

	ground->arena = arena;
	ground->sensitive = sensitive;
	ground->n_sensitive = n_sensitive;
	memcpy(ground->fields, profile_fields, sizeof profile_fields);
	ground->n_fields = OF_PROFILE;
	read_set(ground, set);
	ground->pool = pool_new(arena, ground->fields, ground->n_fields);
	return ground;
}

/* What is out of range counts as not said, and is told to coordinators. */
static void note(struct ground *ground, int field, bool taken)
{
	if (taken || ground->untaken_of[field] == ground->people)
		return;
	ground->untaken_of[field] = ground->people;
	ground->untaken[field]++;
}

static void add_term(struct ground *ground, int field, const char *term, unsigned level)
{
	note(ground, field, pool_term(ground->pool, field, term, level));
}

static void add_ids(struct ground *ground, int field, char *const *ids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_term(ground, field, ids[i], 0);
}

static void add_number(struct ground *ground, int field, int32_t number)
{
	note(ground, field, pool_number(ground->pool, field, number));
}

static void add_hours(struct ground *ground, const ProtobufCBinaryData *availability)
{
	uint32_t quarters[POOL_WEEK] = { 0 };
	bool whole = availability->len == sizeof quarters;

	if (!availability->len)
		return;
	if (whole)
		memcpy(quarters, availability->data, sizeof quarters);
	note(ground, OF_HOURS, whole && pool_hours(ground->pool, OF_HOURS, quarters));
}

static void add_profile(struct ground *ground, const MatchProfile *profile, int zone_minutes)
{
	for (size_t i = 0; i < profile->n_skills; i++)
		add_term(ground, OF_SKILLS, profile->skills[i]->skill_id, profile->skills[i]->level);
	for (size_t i = 0; i < profile->n_languages; i++)
		add_term(ground, OF_LANGUAGES, profile->languages[i]->code, (unsigned)profile->languages[i]->level);
	add_ids(ground, OF_TOPICS, profile->topics, profile->n_topics);
	add_ids(ground, OF_INDUSTRIES, profile->industries, profile->n_industries);
	if (profile->_experience_years_case)
		add_number(ground, OF_EXPERIENCE, profile->experience_years);
	if (*profile->country)
		add_term(ground, OF_COUNTRY, profile->country, 0);
	add_number(ground, OF_ZONE, zone_minutes);
	add_hours(ground, &profile->availability);
}

/* 0 to 100, wherever the question's scale begins and ends. */
static uint8_t scaled(const MatchAnswer *answer)
{
	int from = answer->_min_case ? answer->min : 1, to = answer->_max_case ? answer->max : 5;
	int number = answer->number < from ? from : answer->number > to ? to : answer->number;

	return (uint8_t)(to > from ? (number - from) * SCALES_TO / (to - from) : SCALES_FROM);
}

/* Answers to "<question>-1" … "<question>-5"; all five, or none. */
static void add_scales(struct ground *ground, const struct asked *asked, const MatchProfile *profile)
{
	size_t len = strlen(asked->question);
	uint8_t traits[POOL_SCALES] = { 0 };
	unsigned seen = 0;

	for (size_t i = 0; i < profile->n_answers; i++) {
		const MatchAnswer *answer = profile->answers[i];
		int nth;

		if (strncmp(answer->criterion, asked->question, len) || answer->criterion[len] != '-' ||
		    !answer->_number_case)
			continue;
		nth = atoi(answer->criterion + len + 1);
		if (nth < 1 || nth > POOL_SCALES)
			continue;
		traits[nth - 1] = scaled(answer);
		seen |= 1U << (nth - 1);
	}
	if (seen == (1U << POOL_SCALES) - 1) {
		note(ground, asked->field, pool_scales(ground->pool, asked->field, traits));
		pool_consent(ground->pool, asked->field);
	}
}

static void add_choice(struct ground *ground, int field, const MatchAnswer *answer)
{
	if (answer->n_choices)
		add_term(ground, field, answer->choices[0], 0);
	else if (answer->_number_case)
		add_term(ground, field, arena_printf(ground->arena, "%d", answer->number), 0);
}

/* A sensitive answer is here only because the person consented. */
static void add_answer(struct ground *ground, const struct asked *asked, const MatchAnswer *answer)
{
	pool_consent(ground->pool, asked->field);
	if (asked->kind == FIELD_NUMBER && answer->_number_case)
		add_number(ground, asked->field, answer->number);
	else if (asked->kind == FIELD_TERM)
		add_choice(ground, asked->field, answer);
	else if (asked->kind == FIELD_TERMS && !answer->n_choices)
		note(ground, asked->field, pool_nothing(ground->pool, asked->field));
	else if (asked->kind == FIELD_TERMS)
		add_ids(ground, asked->field, answer->choices, answer->n_choices);
}

static void add_answers(struct ground *ground, const MatchProfile *profile)
{
	for (size_t i = 0; i < ground->n_asked; i++) {
		const struct asked *asked = &ground->asked[i];

		if (asked->kind == FIELD_SCALES) {
			add_scales(ground, asked, profile);
			continue;
		}
		for (size_t k = 0; k < profile->n_answers; k++)
			if (!strcmp(profile->answers[k]->criterion, asked->question))
				add_answer(ground, asked, profile->answers[k]);
	}
}

static enum side side_of(const MatchProfile *profile)
{
	return profile->role == MEMBERSHIP__ROLE__MENTOR ? SIDE_MENTOR : SIDE_MENTEE;
}

void ground_add(struct ground *ground, const MatchProfile *profile, int zone_minutes)
{
	uint32_t person = pool_person(ground->pool, side_of(profile), profile->user_id);

	ground->people++;
	add_profile(ground, profile, zone_minutes);
	add_answers(ground, profile);
	if (profile->n_wishes) {
		ground->wishes = arena_extend(ground->arena, ground->wishes, ground->n_wishes, sizeof *ground->wishes);
		ground->wishes[ground->n_wishes++] = (struct wish) { side_of(profile), person, profile };
	}
}

static void exclude(struct pool *pool, const char *mentee, const char *mentor)
{
	uint32_t i = pool_find(pool, SIDE_MENTEE, mentee), j = pool_find(pool, SIDE_MENTOR, mentor);

	if (i != UINT32_MAX && j != UINT32_MAX)
		pool_exclude(pool, i, j);
}

void ground_exclude(struct ground *ground, const char *one, const char *other)
{
	exclude(ground->pool, one, other);
	exclude(ground->pool, other, one);
}

static void settle_wish(struct ground *ground, const struct wish *wish)
{
	enum side other = wish->by == SIDE_MENTEE ? SIDE_MENTOR : SIDE_MENTEE;

	for (size_t i = 0; i < wish->profile->n_wishes && i < RANKS_MOST; i++) {
		uint32_t wanted = pool_find(ground->pool, other, wish->profile->wishes[i]);

		if (wanted == UINT32_MAX)
			continue;
		pool_prefer(ground->pool, wish->by, wish->by == SIDE_MENTEE ? wish->person : wanted,
			    wish->by == SIDE_MENTEE ? wanted : wish->person, (unsigned)i + 1);
	}
}

void ground_settle(struct ground *ground)
{
	for (size_t i = 0; i < ground->n_wishes; i++)
		settle_wish(ground, &ground->wishes[i]);
}

static const char *question_of(const struct ground *ground, size_t field)
{
	for (size_t i = 0; i < ground->n_asked; i++)
		if ((size_t)ground->asked[i].field == field)
			return ground->asked[i].question;
	return ground->fields[field].key;
}

size_t ground_untaken(const struct ground *ground, struct untaken untaken[POOL_MOST_FIELDS])
{
	size_t n = 0;

	for (size_t field = 0; field < ground->n_fields; field++)
		if (ground->untaken[field])
			untaken[n++] = (struct untaken) { question_of(ground, field), ground->untaken[field] };
	return n;
}

struct pool *ground_pool(const struct ground *ground)
{
	return ground->pool;
}

const struct criteria *ground_criteria(const struct ground *ground)
{
	return &ground->criteria;
}

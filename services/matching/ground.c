/* Members in the terms of the scoring. */
#include "services/matching/ground_own.h"

#include <stdlib.h>
#include <string.h>

enum { SCALES_FROM = 0, SCALES_TO = 100 };

struct ground *ground_new(struct arena *arena, const CriteriaSet *set, char *const *sensitive,
			  size_t n_sensitive)
{
	struct ground *ground = arena_alloc(arena, sizeof *ground);

	ground->arena = arena;
	ground->sensitive = sensitive;
	ground->n_sensitive = n_sensitive;
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
		add_term(ground, OF_SKILLS, profile->skills[i]->skill_id,
			 profile->skills[i]->level);
	for (size_t i = 0; i < profile->n_languages; i++)
		add_term(ground, OF_LANGUAGES, profile->languages[i]->code,
			 (unsigned)profile->languages[i]->level);
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
static void add_scales(struct ground *ground, const struct asked *asked,
		       const MatchProfile *profile)
{
	size_t len = strlen(asked->question);
	uint8_t traits[POOL_SCALES] = { 0 };
	unsigned seen = 0;

	for (size_t i = 0; i < profile->n_answers; i++) {
		const MatchAnswer *answer = profile->answers[i];
		int nth;

		if (strncmp(answer->criterion, asked->question, len) ||
		    answer->criterion[len] != '-' ||
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
		ground->wishes = arena_extend(ground->arena, ground->wishes, ground->n_wishes,
					      sizeof *ground->wishes);
		ground->wishes[ground->n_wishes++] =
			(struct wish) { side_of(profile), person, profile };
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
			untaken[n++] = (struct untaken) { question_of(ground, field),
							  ground->untaken[field] };
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

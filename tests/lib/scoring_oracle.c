/* Scores pairs from what people said, without bit sets, columns or tiles. */
#include "scoring_oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct field oracle_fields[ORACLE_FIELDS] = {
	[YEARS] = { "years", FIELD_NUMBER, false },
	[ZONE] = { "zone", FIELD_NUMBER, false },
	[INDUSTRY] = { "industry", FIELD_TERM, false },
	[TEAM] = { "team", FIELD_TERM, false },
	[MANAGER] = { "manager", FIELD_TERM, false },
	[SKILLS] = { "skills", FIELD_TERMS, false },
	[GOALS] = { "goals", FIELD_TERMS, false },
	[LANGUAGES] = { "languages", FIELD_TERMS, false },
	[HOURS] = { "hours", FIELD_HOURS, false },
	[TRAITS] = { "traits", FIELD_SCALES, false },
	[SECRET] = { "secret", FIELD_TERM, true },
	[HOBBIES] = { "hobbies", FIELD_TERMS, true },
	[STEPS] = { "steps", FIELD_NUMBER, false },
};
static const uint32_t vocabulary[ORACLE_FIELDS] = {
	[INDUSTRY] = 6,	 [TEAM] = 9,   [SKILLS] = 90,  [GOALS] = 12,
	[LANGUAGES] = 5, [SECRET] = 2, [HOBBIES] = 20,
};

uint32_t oracle_draw(struct oracle *oracle, uint32_t below)
{
	uint64_t z = oracle->random += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return (uint32_t)((z ^ z >> 31) % below);
}

static void term_text(char text[32], int field, int term)
{
	if (field == MANAGER)
		snprintf(text, 32, "mentor-%d", term);
	else
		snprintf(text, 32, "%s-%d", oracle_fields[field].key, term);
}

static void draw_number(struct oracle *oracle, struct oracle_person *person, int field)
{
	person->number[field] = field == ZONE ? (int)oracle_draw(oracle, 105) * 15 - 720
					      : (int)oracle_draw(oracle, 40);
	pool_number(oracle->pool, field, person->number[field]);
}

static void draw_term(struct oracle *oracle, struct oracle_person *person, int field)
{
	char text[32];

	person->number[field] = (int)oracle_draw(
		oracle, field == MANAGER ? oracle->counts[SIDE_MENTOR] : vocabulary[field]);
	term_text(text, field, person->number[field]);
	pool_term(oracle->pool, field, text, 0);
}

static bool has(const struct oracle_person *person, int field, int term, int *level)
{
	for (int i = 0; i < person->n_terms[field]; i++)
		if (person->terms[field][i].term == term) {
			*level = person->terms[field][i].level;
			return true;
		}
	return false;
}

static void draw_terms(struct oracle *oracle, struct oracle_person *person, int field)
{
	int n = (int)oracle_draw(oracle, ORACLE_TERMS + 1), level;
	char text[32];

	pool_nothing(oracle->pool, field);
	for (int i = 0; i < n; i++) {
		int term = (int)oracle_draw(oracle, vocabulary[field]);

		if (has(person, field, term, &level))
			continue;
		level = (int)oracle_draw(oracle, 6);
		person->terms[field][person->n_terms[field]++] =
			(struct oracle_term) { term, level };
		term_text(text, field, term);
		pool_term(oracle->pool, field, text, (unsigned)level);
	}
}

static void draw_week(struct oracle *oracle, struct oracle_person *person)
{
	static const int lengths[] = { 4, 2, 1 };
	int length = lengths[oracle_draw(oracle, oracle->lengths)],
	    runs = (int)oracle_draw(oracle, 60);

	for (int i = 0; i < runs; i++) {
		uint32_t start = oracle_draw(oracle, POOL_QUARTERS / 4) * 4;

		for (uint32_t quarter = start; quarter < start + (uint32_t)length; quarter++)
			person->week[quarter / 32] |= 1u << quarter % 32;
	}
	pool_hours(oracle->pool, HOURS, person->week);
}

static void draw_answer(struct oracle *oracle, struct oracle_person *person, int field)
{
	switch (oracle_fields[field].kind) {
	case FIELD_NUMBER:
		draw_number(oracle, person, field);
		return;
	case FIELD_TERM:
		draw_term(oracle, person, field);
		return;
	case FIELD_TERMS:
		draw_terms(oracle, person, field);
		return;
	case FIELD_HOURS:
		draw_week(oracle, person);
		return;
	case FIELD_SCALES:
		for (int i = 0; i < POOL_SCALES; i++)
			person->traits[i] = (uint8_t)oracle_draw(oracle, 101);
		pool_scales(oracle->pool, field, person->traits);
		return;
	}
}

/* Mentee 3 is also mentor 5. */
static void draw_person(struct oracle *oracle, enum side side, uint32_t index, uint32_t silent)
{
	struct oracle_person *person = &oracle->people[side][index];
	char id[32];

	snprintf(id, sizeof id,
		 side == SIDE_MENTOR ? "mentor-%u"
		 : index == 3	     ? "mentor-5"
				     : "mentee-%u",
		 index);
	pool_person(oracle->pool, side, id);
	for (int field = 0; field < ORACLE_FIELDS; field++) {
		bool told = oracle_draw(oracle, 100) >= silent,
		     consents = oracle_draw(oracle, 3) > 0;

		if (told)
			draw_answer(oracle, person, field);
		if (consents)
			pool_consent(oracle->pool, field);
		person->answered[field] = told && (consents || !oracle_fields[field].sensitive);
	}
}

static void draw_pairs(struct oracle *oracle)
{
	for (uint32_t mentee = 0; mentee < oracle->counts[SIDE_MENTEE]; mentee++)
		for (uint32_t mentor = 0; mentor < oracle->counts[SIDE_MENTOR]; mentor++) {
			oracle->pairs[mentee][mentor].rank[0] =
				oracle->pairs[mentee][mentor].rank[1] = -1;
			oracle->pairs[mentee][mentor].excluded = oracle_draw(oracle, 50) == 0;
			if (oracle->pairs[mentee][mentor].excluded)
				pool_exclude(oracle->pool, mentee, mentor);
			for (int by = 0; by < 2; by++) {
				uint32_t person = by == SIDE_MENTEE ? mentee : mentor;

				if (person % 3 == 0 || oracle_draw(oracle, 30))
					continue;
				oracle->pairs[mentee][mentor].rank[by] =
					(int)oracle_draw(oracle, 11);
				oracle->people[by][person].named_anybody = true;
				pool_prefer(oracle->pool, (enum side)by, mentee, mentor,
					    (unsigned)oracle->pairs[mentee][mentor].rank[by]);
			}
		}
}

static const int field_of[CRITERION_KINDS] = {
	[CRITERION_SKILL_COVER] = SKILLS,	   [CRITERION_GOAL_COVER] = GOALS,
	[CRITERION_EXPERIENCE_GAP] = YEARS,	   [CRITERION_INDUSTRY_SAME] = INDUSTRY,
	[CRITERION_INDUSTRY_DIFFERENT] = INDUSTRY, [CRITERION_LANGUAGE_COMMON] = LANGUAGES,
	[CRITERION_AVAILABILITY_OVERLAP] = HOURS,  [CRITERION_ZONE_DISTANCE] = ZONE,
	[CRITERION_PERSONALITY_SIMILAR] = TRAITS,  [CRITERION_PERSONALITY_COMPLEMENTARY] = TRAITS,
	[CRITERION_ANSWER_EQUAL] = SECRET,	   [CRITERION_ANSWER_OVERLAP] = HOBBIES,
	[CRITERION_ANSWER_DISTANCE] = STEPS,	   [CRITERION_LOCATION_SAME] = TEAM,
	[CRITERION_CUSTOM_TABLE] = INDUSTRY,
};

static const struct criterion_cell cells[] = {
	{ "industry-0", "industry-1", 900 },
	{ "industry-0", "industry-0", 50 },
	{ "industry-2", "industry-5", 333 },
	{ "industry-9", "industry-5", 1000 },
};

struct criterion oracle_criterion(struct oracle *oracle, enum criterion_kind kind, const char *key)
{
	struct criterion criterion = {
		.key = key,
		.kind = kind,
		.weight = (int)oracle_draw(oracle, 101),
		.missing_is_zero = oracle_draw(oracle, 4) == 0,
		.low = (int)oracle_draw(oracle, 8),
		.reach = (int)oracle_draw(oracle, 30),
		.cells = cells,
		.n_cells = sizeof cells / sizeof *cells,
	};

	criterion.mentee_field =
		kind == CRITERION_PREFERENCE ? NULL : oracle_fields[field_of[kind]].key;
	criterion.high = criterion.low + (int)oracle_draw(oracle, 9);
	if (kind == CRITERION_AVAILABILITY_OVERLAP)
		criterion.low = 15 * (1 + (int)oracle_draw(oracle, 60));
	if (kind == CRITERION_ZONE_DISTANCE)
		criterion.reach *= 20;
	return criterion;
}

struct rule oracle_rule(struct oracle *oracle, enum rule_kind kind)
{
	static const char *const fields[RULE_KINDS] = {
		[RULE_MUST_EQUAL] = "secret",  [RULE_MUST_DIFFER] = "industry",
		[RULE_MIN_GAP] = "years",      [RULE_MAX_GAP] = "years",
		[RULE_MIN_OVERLAP] = "hours",  [RULE_LANGUAGE_REQUIRED] = "languages",
		[RULE_NOT_SAME_TEAM] = "team", [RULE_NOT_LINE_MANAGER] = "manager",
		[RULE_ONLY_IF] = "industry",   [RULE_ONLY_IF_MENTOR] = "secret",
	};
	struct rule rule = { .kind = kind,
			     .mentee_field = fields[kind],
			     .missing_passes = oracle_draw(oracle, 2) == 0 };

	if (kind == RULE_MIN_GAP || kind == RULE_MAX_GAP)
		rule.value = (int)oracle_draw(oracle, 21) - 10;
	if (kind == RULE_MIN_OVERLAP)
		rule.value = (int)oracle_draw(oracle, 200);
	if (kind == RULE_LANGUAGE_REQUIRED)
		rule.value = (int)oracle_draw(oracle, 5);
	if (kind == RULE_LANGUAGE_REQUIRED && oracle_draw(oracle, 2))
		rule.term = oracle_draw(oracle, 9) ? "languages-1" : "languages-99";
	if (kind == RULE_ONLY_IF) {
		rule.mentor_field = "goals";
		rule.term = oracle_draw(oracle, 4) ? "industry-1" : NULL;
		rule.mentor_term = "goals-3";
	}
	if (kind == RULE_ONLY_IF_MENTOR) {
		rule.mentor_field = "team";
		rule.mentor_term = "team-4";
		rule.term = "secret-1";
	}
	return rule;
}

static void draw_set(struct oracle *oracle)
{
	static const char *const keys[CRITERION_KINDS] = { "a", "b", "c", "d", "e", "f", "g", "h",
							   "i", "j", "k", "l", "m", "n", "o", "p" };

	oracle->set = (struct criteria) { .criteria = oracle->criteria, .rules = oracle->rules };
	for (int kind = 0; kind < CRITERION_KINDS; kind++)
		if (oracle_draw(oracle, 2))
			oracle->criteria[oracle->set.n_criteria++] =
				oracle_criterion(oracle, (enum criterion_kind)kind, keys[kind]);
	for (int kind = 0; kind < RULE_KINDS; kind++)
		if (oracle_draw(oracle, 8) == 0)
			oracle->rules[oracle->set.n_rules++] =
				oracle_rule(oracle, (enum rule_kind)kind);
	oracle->set.min_score = oracle_draw(oracle, 2) ? (int)oracle_draw(oracle, 600) : 0;
}

void oracle_fill(struct oracle *oracle, struct arena *arena, uint64_t seed, uint32_t mentees,
		 uint32_t mentors)
{
	uint32_t silent;

	memset(oracle, 0, sizeof *oracle);
	oracle->random = seed;
	oracle->counts[SIDE_MENTEE] = mentees;
	oracle->counts[SIDE_MENTOR] = mentors;
	oracle->pool = pool_new(arena, oracle_fields, ORACLE_FIELDS);
	silent = oracle_draw(oracle, 3) * 20;
	oracle->lengths = 1 + oracle_draw(oracle, 3);
	for (uint32_t i = 0; i < mentees; i++)
		draw_person(oracle, SIDE_MENTEE, i, silent);
	for (uint32_t i = 0; i < mentors; i++)
		draw_person(oracle, SIDE_MENTOR, i, silent);
	draw_pairs(oracle);
	draw_set(oracle);
}

/* Nothing but 0 to 1000. */
static int band(int value, int low, int high, int reach)
{
	int beyond = value < low ? low - value : value > high ? value - high : 0;

	if (beyond == 0)
		return 1000;
	return beyond >= reach ? 0 : 1000 - 1000 * beyond / reach;
}

static int minutes_common(const struct oracle_person *a, const struct oracle_person *b)
{
	int minutes = 0;

	for (int quarter = 0; quarter < POOL_QUARTERS; quarter++)
		if (a->week[quarter / 32] & b->week[quarter / 32] & 1u << quarter % 32)
			minutes += 15;
	return minutes;
}

static int terms_common(const struct oracle_person *a, const struct oracle_person *b, int field,
			int least)
{
	int n = 0, level;

	for (int i = 0; i < a->n_terms[field]; i++) {
		const struct oracle_term *term = &a->terms[field][i];

		if (has(b, field, term->term, &level) &&
		    (term->level == 0 || term->level >= least) &&
		    (level == 0 || level >= least))
			n++;
	}
	return n;
}

static int cover_skills(const struct oracle_person *a, const struct oracle_person *b)
{
	int wanted = 0, met = 0, level;

	for (int i = 0; i < a->n_terms[SKILLS]; i++) {
		int want = a->terms[SKILLS][i].level ? a->terms[SKILLS][i].level : 1;

		wanted += want;
		if (has(b, SKILLS, a->terms[SKILLS][i].term, &level))
			met += level == 0 || level > want ? want : level;
	}
	return wanted ? 1000 * met / wanted : -1;
}

static int traits_apart(const struct oracle_person *a, const struct oracle_person *b)
{
	int apart = 0;

	for (int i = 0; i < POOL_SCALES; i++)
		apart += abs(a->traits[i] - b->traits[i]);
	return apart;
}

static int table_points(const struct oracle_person *a, const struct oracle_person *b)
{
	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
		int mentee, mentor;

		sscanf(cells[i].mentee, "industry-%d", &mentee);
		sscanf(cells[i].mentor, "industry-%d", &mentor);
		if (mentee == a->number[INDUSTRY] && mentor == b->number[INDUSTRY])
			return cells[i].points;
	}
	return 0;
}

static int preference_of(const struct oracle *oracle, const struct criterion *criterion,
			 uint32_t mentee, uint32_t mentor)
{
	int sides = 0, sum = 0;

	for (int by = 0; by < 2; by++) {
		int rank = oracle->pairs[mentee][mentor].rank[by];

		if (!oracle->people[by][by == SIDE_MENTEE ? mentee : mentor].named_anybody)
			continue;
		sides++;
		if (rank == 0)
			sum += criterion->high ? criterion->high : 1000;
		else if (rank > 0)
			sum += 1100 - 100 * rank;
	}
	return sides ? sum / sides : -1;
}

int oracle_points(const struct oracle *oracle, const struct criterion *criterion, uint32_t mentee,
		  uint32_t mentor)
{
	const struct oracle_person *a = &oracle->people[SIDE_MENTEE][mentee],
				   *b = &oracle->people[SIDE_MENTOR][mentor];
	int field = field_of[criterion->kind], gap = b->number[field] - a->number[field],
	    apart = abs(gap), sizes;

	if (criterion->kind == CRITERION_PREFERENCE)
		return preference_of(oracle, criterion, mentee, mentor);
	if (!a->answered[field] || !b->answered[field])
		return -1;
	switch (criterion->kind) {
	case CRITERION_SKILL_COVER:
		return cover_skills(a, b);
	case CRITERION_GOAL_COVER:
		return a->n_terms[field] ? 1000 * terms_common(a, b, field, 0) / a->n_terms[field]
					 : -1;
	case CRITERION_EXPERIENCE_GAP:
		return band(gap, criterion->low, criterion->high, criterion->reach);
	case CRITERION_LANGUAGE_COMMON:
		return terms_common(a, b, field, criterion->low) ? 1000 : 0;
	case CRITERION_AVAILABILITY_OVERLAP:
		return minutes_common(a, b) >= criterion->low
			       ? 1000
			       : 1000 * minutes_common(a, b) / criterion->low;
	case CRITERION_ZONE_DISTANCE:
		return band(apart > 720 ? 1440 - apart : apart, 0, criterion->low,
			    criterion->reach);
	case CRITERION_PERSONALITY_SIMILAR:
		return 1000 - traits_apart(a, b) * 1000 / 500;
	case CRITERION_PERSONALITY_COMPLEMENTARY:
		return traits_apart(a, b) * 1000 / 500;
	case CRITERION_ANSWER_OVERLAP:
		sizes = a->n_terms[field] + b->n_terms[field];
		return sizes ? 2000 * terms_common(a, b, field, 0) / sizes : 0;
	case CRITERION_ANSWER_DISTANCE:
		return band(apart, 0, criterion->low, criterion->reach);
	case CRITERION_CUSTOM_TABLE:
		return table_points(a, b);
	case CRITERION_INDUSTRY_DIFFERENT:
		return apart ? 1000 : 0;
	default: /* the same industry, answer, place */
		return apart ? 0 : 1000;
	}
}

static bool meets_only_if(const struct rule *rule, const struct oracle_person *a,
			  const struct oracle_person *b)
{
	int level;
	bool asked = a->answered[INDUSTRY] && (!rule->term || a->number[INDUSTRY] == 1);

	if (!asked)
		return true;
	return b->answered[GOALS] ? has(b, GOALS, 3, &level) : rule->missing_passes;
}

static bool meets_only_if_mentor(const struct rule *rule, const struct oracle_person *a,
				 const struct oracle_person *b)
{
	if (!b->answered[TEAM] || b->number[TEAM] != 4)
		return true;
	return a->answered[SECRET] ? a->number[SECRET] == 1 : rule->missing_passes;
}

static bool common_language(const struct rule *rule, const struct oracle_person *a,
			    const struct oracle_person *b)
{
	int mine, theirs;

	if (!rule->term)
		return terms_common(a, b, LANGUAGES, rule->value) > 0;
	return strcmp(rule->term, "languages-1") == 0 &&
	       has(a, LANGUAGES, 1, &mine) &&
	       has(b, LANGUAGES, 1, &theirs) &&
	       (mine == 0 || mine >= rule->value) &&
	       (theirs == 0 || theirs >= rule->value);
}

static bool manages(const struct oracle *oracle, uint32_t mentee, uint32_t mentor)
{
	const struct oracle_person *a = &oracle->people[SIDE_MENTEE][mentee],
				   *b = &oracle->people[SIDE_MENTOR][mentor];

	/* Of the mentees only mentee 3 has an id that can be a manager's. */
	return (a->answered[MANAGER] && a->number[MANAGER] == (int)mentor) ||
	       (b->answered[MANAGER] && b->number[MANAGER] == 5 && mentee == 3);
}

bool oracle_rule_holds(const struct oracle *oracle, const struct rule *rule, uint32_t mentee,
		       uint32_t mentor)
{
	const struct oracle_person *a = &oracle->people[SIDE_MENTEE][mentee],
				   *b = &oracle->people[SIDE_MENTOR][mentor];
	int field = pool_field(oracle->pool, rule->mentee_field);
	bool both = a->answered[field] && b->answered[field];
	int gap = b->number[field] - a->number[field];

	switch (rule->kind) {
	case RULE_ONLY_IF:
		return meets_only_if(rule, a, b);
	case RULE_ONLY_IF_MENTOR:
		return meets_only_if_mentor(rule, a, b);
	case RULE_NOT_LINE_MANAGER:
		return !manages(oracle, mentee, mentor);
	case RULE_NOT_SAME_TEAM:
		return !both || gap != 0;
	default:
		break;
	}
	if (!both)
		return rule->missing_passes;
	switch (rule->kind) {
	case RULE_MUST_EQUAL:
		return gap == 0;
	case RULE_MUST_DIFFER:
		return gap != 0;
	case RULE_MIN_GAP:
		return gap >= rule->value;
	case RULE_MAX_GAP:
		return gap <= rule->value;
	case RULE_MIN_OVERLAP:
		return minutes_common(a, b) >= rule->value;
	default:
		return common_language(rule, a, b);
	}
}

static bool is_allowed(const struct oracle *oracle, uint32_t mentee, uint32_t mentor)
{
	if (oracle->pairs[mentee][mentor].excluded || (mentee == 3 && mentor == 5))
		return false;
	for (size_t i = 0; i < oracle->set.n_rules; i++)
		if (!oracle_rule_holds(oracle, &oracle->rules[i], mentee, mentor))
			return false;
	return true;
}

int oracle_score(const struct oracle *oracle, uint32_t mentee, uint32_t mentor)
{
	int sum = 0, weights = 0, score;

	for (size_t i = 0; i < oracle->set.n_criteria; i++) {
		const struct criterion *criterion = &oracle->criteria[i];
		int points = oracle_points(oracle, criterion, mentee, mentor);

		if (points < 0 && !criterion->missing_is_zero)
			continue;
		sum += criterion->weight * (points > 0 ? points : 0);
		weights += criterion->weight;
	}
	score = weights ? (2 * sum + weights) / (2 * weights) : 0;
	return is_allowed(oracle, mentee, mentor) && score >= oracle->set.min_score ? score : -1;
}

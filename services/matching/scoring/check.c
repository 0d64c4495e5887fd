/* What is wrong with a program's criteria: as they stand, between themselves, and for the people of a pool. */
#include "check.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
	NUMBER = 1 << FIELD_NUMBER,
	TERM = 1 << FIELD_TERM,
	TERMS = 1 << FIELD_TERMS,
	WEEK = 1 << FIELD_HOURS,
	SCALES = 1 << FIELD_SCALES,
	MOST_NUMBER = 1000000,
};

/* Which fields can be read; with `alike` both sides' are of one kind. */
struct reads {
	int kinds;
	bool alike;
};

static const struct reads criterion_reads[CRITERION_KINDS] = {
	[CRITERION_SKILL_COVER] = { TERMS, true },
	[CRITERION_GOAL_COVER] = { TERMS | TERM, false },
	[CRITERION_EXPERIENCE_GAP] = { NUMBER, true },
	[CRITERION_INDUSTRY_SAME] = { TERMS | TERM, false },
	[CRITERION_INDUSTRY_DIFFERENT] = { TERMS | TERM, false },
	[CRITERION_LANGUAGE_COMMON] = { TERMS, true },
	[CRITERION_AVAILABILITY_OVERLAP] = { WEEK, true },
	[CRITERION_ZONE_DISTANCE] = { NUMBER, true },
	[CRITERION_PERSONALITY_SIMILAR] = { SCALES, true },
	[CRITERION_PERSONALITY_COMPLEMENTARY] = { SCALES, true },
	[CRITERION_ANSWER_EQUAL] = { TERM | NUMBER, true },
	[CRITERION_ANSWER_OVERLAP] = { TERMS, true },
	[CRITERION_ANSWER_DISTANCE] = { NUMBER, true },
	[CRITERION_PREFERENCE] = { 0, false },
	[CRITERION_LOCATION_SAME] = { TERMS | TERM, false },
	[CRITERION_CUSTOM_TABLE] = { TERM, true },
};
static const struct reads rule_reads[RULE_KINDS] = {
	[RULE_MUST_EQUAL] = { TERM | NUMBER, true },
	[RULE_MUST_DIFFER] = { TERM | NUMBER, true },
	[RULE_MIN_GAP] = { NUMBER, true },
	[RULE_MAX_GAP] = { NUMBER, true },
	[RULE_MIN_OVERLAP] = { WEEK | TERMS, true },
	[RULE_LANGUAGE_REQUIRED] = { TERMS, true },
	[RULE_NOT_SAME_TEAM] = { TERM, true },
	[RULE_NOT_LINE_MANAGER] = { TERM, true },
	[RULE_ONLY_IF] = { TERM | TERMS, false },
	[RULE_ONLY_IF_MENTOR] = { TERM | TERMS, false },
};

void add_finding(struct check *check, struct finding finding)
{
	check->findings =
		arena_extend(check->arena, check->findings, check->n, sizeof *check->findings);
	check->findings[check->n++] = finding;
}

static void add_error(struct check *check, enum finding_code code, bool rule, int index,
		      const char *detail)
{
	add_finding(check, (struct finding) { code, true, rule, index, -1, detail });
}

static bool known_field(struct check *check, bool rule, int index, const char *key, int kinds)
{
	int field = pool_field(check->pool, key);

	if (field < 0)
		add_error(check, FINDING_UNKNOWN_FIELD, rule, index, key ? key : "");
	else if (!(1 << check->pool->fields[field].kind & kinds))
		add_error(check, FINDING_WRONG_KIND, rule, index, key);
	else
		return true;
	return false;
}

static void check_fields(struct check *check, bool rule, int index, const char *mentee,
			 const char *mentor, const struct reads *reads)
{
	const struct field *fields = check->pool->fields;

	if (!reads->kinds)
		return;
	if (!mentor)
		mentor = mentee;
	if (!known_field(check, rule, index, mentee, reads->kinds))
		return;
	if (mentor != mentee && !known_field(check, rule, index, mentor, reads->kinds))
		return;
	if (reads->alike && fields[pool_field(check->pool, mentee)].kind !=
				    fields[pool_field(check->pool, mentor)].kind)
		add_error(check, FINDING_WRONG_KIND, rule, index, mentor);
}

static bool in(int value, int low, int high)
{
	return low <= value && value <= high;
}

static bool good_cells(const struct criterion *criterion)
{
	for (size_t i = 0; i < criterion->n_cells; i++) {
		const struct criterion_cell *cell = &criterion->cells[i];

		if (!cell->mentee || !cell->mentor || !in(cell->points, 0, SCORE_MOST))
			return false;
		for (size_t k = 0; k < i; k++)
			if (strcmp(cell->mentee, criterion->cells[k].mentee) == 0 &&
			    strcmp(cell->mentor, criterion->cells[k].mentor) == 0)
				return false;
	}
	return criterion->n_cells > 0;
}

static bool good_numbers(const struct criterion *criterion)
{
	switch (criterion->kind) {
	case CRITERION_EXPERIENCE_GAP:
		return in(criterion->low, -MOST_NUMBER, MOST_NUMBER) &&
		       in(criterion->high, criterion->low, MOST_NUMBER) &&
		       in(criterion->reach, 0, MOST_NUMBER);
	case CRITERION_LANGUAGE_COMMON:
		return in(criterion->low, 0, POOL_LEVELS);
	case CRITERION_AVAILABILITY_OVERLAP:
		return in(criterion->low, 1, POOL_QUARTERS * 15);
	case CRITERION_ZONE_DISTANCE:
		return in(criterion->low, 0, 720) && in(criterion->reach, 0, DAY_MINUTES);
	case CRITERION_ANSWER_DISTANCE:
		return in(criterion->low, 0, MOST_NUMBER) && in(criterion->reach, 0, MOST_NUMBER);
	case CRITERION_PREFERENCE:
		return in(criterion->high, 0, SCORE_MOST);
	case CRITERION_CUSTOM_TABLE:
		return good_cells(criterion);
	default:
		return true;
	}
}

static void check_key(struct check *check, int index)
{
	const struct criterion *criteria = check->set->criteria;

	for (int i = 0; i < index; i++)
		if (strcmp(criteria[i].key, criteria[index].key) == 0) {
			add_error(check, FINDING_DUPLICATE_KEY, false, index, criteria[index].key);
			return;
		}
}

static void check_criterion(struct check *check, int index)
{
	const struct criterion *criterion = &check->set->criteria[index];

	if (!in((int)criterion->kind, 0, CRITERION_KINDS - 1)) {
		add_error(check, FINDING_BAD_PARAMETER, false, index, criterion->key);
		return;
	}
	if (!in(criterion->weight, 0, WEIGHT_MOST))
		add_error(check, FINDING_BAD_WEIGHT, false, index, criterion->key);
	if (!good_numbers(criterion))
		add_error(check, FINDING_BAD_PARAMETER, false, index, criterion->key);
	check_key(check, index);
	check_fields(check, false, index, criterion->mentee_field, criterion->mentor_field,
		     &criterion_reads[criterion->kind]);
}

static bool good_value(const struct rule *rule)
{
	switch (rule->kind) {
	case RULE_MIN_GAP:
	case RULE_MAX_GAP:
		return in(rule->value, -MOST_NUMBER, MOST_NUMBER);
	case RULE_MIN_OVERLAP:
		return in(rule->value, 0, POOL_QUARTERS * 15);
	case RULE_LANGUAGE_REQUIRED:
		return in(rule->value, 0, POOL_LEVELS);
	case RULE_ONLY_IF:
		return rule->mentor_term != NULL;
	case RULE_ONLY_IF_MENTOR:
		return rule->term != NULL;
	default:
		return true;
	}
}

static void check_rule(struct check *check, int index)
{
	const struct rule *rule = &check->set->rules[index];

	if (!in((int)rule->kind, 0, RULE_KINDS - 1) || !good_value(rule)) {
		add_error(check, FINDING_BAD_PARAMETER, true, index,
			  rule->mentee_field ? rule->mentee_field : "");
		return;
	}
	check_fields(check, true, index, rule->mentee_field, rule->mentor_field,
		     &rule_reads[rule->kind]);
}

int total_weight(const struct criteria *set)
{
	int sum = 0;

	for (size_t i = 0; i < set->n_criteria; i++)
		sum += set->criteria[i].weight > 0 ? set->criteria[i].weight : 0;
	return sum;
}

static void check_whole(struct check *check)
{
	if (check->set->n_criteria > CRITERIA_MOST || check->set->n_rules > RULES_MOST)
		add_error(check, FINDING_TOO_MANY, check->set->n_criteria <= CRITERIA_MOST, -1, "");
	if (!in(check->set->min_score, 0, SCORE_MOST))
		add_error(check, FINDING_BAD_MIN_SCORE, false, -1, "");
	if (total_weight(check->set) == 0)
		add_error(check, FINDING_NO_WEIGHT, false, -1, "");
}

bool criteria_usable(const struct finding *findings, size_t n_findings)
{
	for (size_t i = 0; i < n_findings; i++)
		if (findings[i].error)
			return false;
	return true;
}

size_t criteria_check(struct arena *arena, const struct criteria *criteria, const struct pool *pool,
		      struct finding **findings)
{
	struct check check = { .arena = arena, .set = criteria, .pool = pool };

	check_whole(&check);
	for (size_t i = 0; i < criteria->n_criteria && i < CRITERIA_MOST; i++)
		check_criterion(&check, (int)i);
	for (size_t i = 0; i < criteria->n_rules && i < RULES_MOST; i++)
		check_rule(&check, (int)i);
	if (criteria_usable(check.findings, check.n)) {
		check_contradictions(&check);
		check_weights(&check);
	}
	if (criteria_usable(check.findings, check.n) &&
	    pool_count(pool, SIDE_MENTEE) &&
	    pool_count(pool, SIDE_MENTOR))
		check_people(&check);
	*findings = check.findings;
	return check.n;
}

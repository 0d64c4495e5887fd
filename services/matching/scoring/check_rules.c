/* Rules that contradict each other, and criteria that rules or other weights make pointless: true of any pool. */
#include "check.h"

#include <string.h>

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static const char *mentor_field(const struct rule *rule)
{
	return rule->mentor_field ? rule->mentor_field : rule->mentee_field;
}

static bool same_fields(const struct rule *a, const struct rule *b)
{
	return same_text(a->mentee_field, b->mentee_field) &&
	       same_text(mentor_field(a), mentor_field(b));
}

static bool different(const struct rule *rule)
{
	return rule->kind == RULE_MUST_DIFFER || rule->kind == RULE_NOT_SAME_TEAM;
}

/* Whom both would let pass without an answer is left; so only rules of which one asks for the answer contradict. */
static bool contradict(const struct rule *a, const struct rule *b)
{
	if (!same_fields(a, b) || (a->missing_passes && b->missing_passes))
		return false;
	if (a->kind == RULE_MUST_EQUAL)
		return different(b) ||
		       (b->kind == RULE_MIN_GAP && b->value > 0) ||
		       (b->kind == RULE_MAX_GAP && b->value < 0);
	if (a->kind == RULE_MIN_GAP)
		return b->kind == RULE_MAX_GAP && a->value > b->value;
	return false;
}

/* If they want opposite things of the one answer that a mentor may give to the same mentees' answer. */
static bool ask_apart(const struct check *check, const struct rule *a, const struct rule *b)
{
	int field = pool_field(check->pool, mentor_field(a));

	return a->kind == RULE_ONLY_IF &&
	       b->kind == RULE_ONLY_IF &&
	       same_fields(a, b) &&
	       same_text(a->term, b->term) &&
	       !same_text(a->mentor_term, b->mentor_term) &&
	       check->pool->fields[field].kind == FIELD_TERM;
}

void check_contradictions(struct check *check)
{
	const struct rule *rules = check->set->rules;

	for (int i = 0; i < (int)check->set->n_rules; i++)
		for (int k = 0; k < (int)check->set->n_rules; k++)
			if (contradict(&rules[i], &rules[k]) ||
			    (i < k && ask_apart(check, &rules[i], &rules[k])))
				add_finding(check,
					    (struct finding) { FINDING_CONTRADICTION, true, true, i,
							       k, rules[i].mentee_field });
}

static bool reads_same(const struct criterion *criterion, const struct rule *rule)
{
	const char *theirs =
		criterion->mentor_field ? criterion->mentor_field : criterion->mentee_field;

	return same_text(criterion->mentee_field, rule->mentee_field) &&
	       same_text(theirs, mentor_field(rule));
}

/* Whether the rule leaves only pairs to which the criterion gives the same points. */
static bool settles(const struct rule *rule, const struct criterion *criterion)
{
	if (!reads_same(criterion, rule) || (rule->missing_passes && criterion->missing_is_zero))
		return false;
	switch (criterion->kind) {
	case CRITERION_ANSWER_EQUAL:
	case CRITERION_INDUSTRY_SAME:
	case CRITERION_INDUSTRY_DIFFERENT:
	case CRITERION_LOCATION_SAME:
		return rule->kind == RULE_MUST_EQUAL || rule->kind == RULE_MUST_DIFFER;
	case CRITERION_ANSWER_DISTANCE:
	case CRITERION_ZONE_DISTANCE:
		return rule->kind == RULE_MUST_EQUAL;
	case CRITERION_LANGUAGE_COMMON:
		return rule->kind == RULE_LANGUAGE_REQUIRED && rule->value >= criterion->low;
	case CRITERION_AVAILABILITY_OVERLAP:
		return rule->kind == RULE_MIN_OVERLAP && rule->value >= criterion->low;
	default:
		return false;
	}
}

static int settling_rule(const struct check *check, const struct criterion *criterion)
{
	for (int i = 0; i < (int)check->set->n_rules; i++)
		if (settles(&check->set->rules[i], criterion))
			return i;
	return -1;
}

/* A criterion that moves a score by less than one point at most is too light; one without weight is meant so or not, but told. */
void check_weights(struct check *check)
{
	int total = total_weight(check->set);

	for (int i = 0; i < (int)check->set->n_criteria; i++) {
		const struct criterion *criterion = &check->set->criteria[i];
		int rule = settling_rule(check, criterion);

		if (rule >= 0 || criterion->weight * SCORE_MOST < total)
			add_finding(check, (struct finding) { FINDING_CANNOT_MATTER, false, false,
							      i, rule, criterion->key });
	}
}

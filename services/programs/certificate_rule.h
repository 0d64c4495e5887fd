/*
 * The rule for a program's certificates: conditions joined by "and", each a fact, an operator and a
 * value.
 *
 *   sessions_attended >= 6 and agreement = in_force and exit_survey = done and closing_evaluation.mean >= 3.5
 *
 * Numbers: sessions_attended, hours, goals_achieved, tasks_approved, milestones_done, days,
 * closing_evaluation.mean, with = != < <= > >= (or ≤ ≥), up to two decimals. Words: agreement,
 * exit_survey, mentorship, with = and !=.
 */
#pragma once

#include "programs/programs.h"

/*
 * What is wrong with a rule, and at which character (from 1). NULL when it is good; the empty rule
 * is.
 */
const char *certificate_rule_check(struct arena *arena, const char *rule, size_t *position);
/*
 * The conditions that are not met, as JSON: [{"condition": …, "actual": …}]; NULL when all are. The
 * rule is good.
 */
char *certificate_rule_unmet(struct arena *arena, const char *rule,
			     const CertificateGround *ground);

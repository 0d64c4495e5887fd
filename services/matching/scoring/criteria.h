/*
 * What a program finds good in a pair (criteria, with weights) and what it forbids (rules).
 *
 * Each criterion gives 0 to 1000 points; the score of a pair is the mean of the points of the criteria that both
 * answered, weighted. Fields are named by their keys; a mentor_field left NULL is the mentee's.
 */
#pragma once

#include "pool.h"

enum {
	CRITERIA_MOST = 32,
	RULES_MOST = 64,
	WEIGHT_MOST = 100,
	SCORE_MOST = 1000,
	RANKS_MOST = 10,
};

enum criterion_kind {
	/* TERMS. How many of the wanted levels the mentor has: a skill wanted at 4 and had at 3 gives 3 of 4.
	 * No level told: the mentee wants level 1, the mentor has them all. */
	CRITERION_SKILL_COVER,
	/* TERMS or TERM. How many of the mentee's goals are among the mentor's topics, whatever the levels. */
	CRITERION_GOAL_COVER,
	/* NUMBER. mentor - mentee is best from `low` to `high`, and worth nothing `reach` beyond. */
	CRITERION_EXPERIENCE_GAP,
	/* TERM or TERMS. 1000 with one in common, else 0; and the other way round. */
	CRITERION_INDUSTRY_SAME,
	CRITERION_INDUSTRY_DIFFERENT,
	/* TERMS. 1000 with a language that both know at level `low` or better (0: any), else 0. */
	CRITERION_LANGUAGE_COMMON,
	/* HOURS. Full from `low` minutes a week in common on, in proportion below. */
	CRITERION_AVAILABILITY_OVERLAP,
	/* NUMBER, minutes east of UTC. Full within `low` minutes, worth nothing `reach` beyond; at most 12 hours apart. */
	CRITERION_ZONE_DISTANCE,
	/* SCALES. By the sum of the differences of the traits: alike is best, or different is. */
	CRITERION_PERSONALITY_SIMILAR,
	CRITERION_PERSONALITY_COMPLEMENTARY,
	/* TERM or NUMBER, both the same kind. */
	CRITERION_ANSWER_EQUAL,
	/* TERMS. Twice what they have in common, of what both have together. */
	CRITERION_ANSWER_OVERLAP,
	/* NUMBER. Full up to `low` apart, worth nothing `reach` beyond. */
	CRITERION_ANSWER_DISTANCE,
	/* No field. Who named the other: rank 1 gives 1000, rank 10 100, a favourite `high` (1000 when 0); the mean of the
	 * sides that named anybody. */
	CRITERION_PREFERENCE,
	/* TERM or TERMS. As INDUSTRY_SAME. */
	CRITERION_LOCATION_SAME,
	/* TERM. What `cells` say of the mentee's and the mentor's answer; 0 for a pair of answers that they do not name. */
	CRITERION_CUSTOM_TABLE,
	CRITERION_KINDS,
};

struct criterion_cell {
	const char *mentee, *mentor;
	int points; /* 0 to 1000 */
};

struct criterion {
	const char *key; /* its name, unique in the set */
	enum criterion_kind kind;
	int weight; /* 0 to 100 */
	const char *mentee_field, *mentor_field;
	bool missing_is_zero; /* else a criterion that one of them did not answer does not count at all */
	int low, high, reach;
	const struct criterion_cell *cells;
	size_t n_cells;
};

enum rule_kind {
	RULE_MUST_EQUAL,  /* TERM or NUMBER */
	RULE_MUST_DIFFER, /* TERM or NUMBER */
	RULE_MIN_GAP,	  /* NUMBER. mentor - mentee >= value */
	RULE_MAX_GAP,	  /* NUMBER. mentor - mentee <= value */
	RULE_MIN_OVERLAP, /* HOURS: minutes in common >= value. TERMS: terms in common >= value */
	RULE_LANGUAGE_REQUIRED, /* TERMS. A common one (or `term`, when told) that both have at level `value` or better */
	RULE_NOT_SAME_TEAM, /* TERM. Holds while one of the teams is unknown */
	RULE_NOT_LINE_MANAGER, /* TERM, a person's id; neither is the other's. Holds while it is unknown */
	RULE_ONLY_IF, /* if the mentee's answer is `term` (NULL: whatever it is), the mentor's must be `mentor_term` */
	RULE_ONLY_IF_MENTOR, /* if the mentor's answer is `mentor_term` (NULL: whatever), the mentee's must be `term` */
	RULE_KINDS,
};

struct rule {
	enum rule_kind kind;
	const char *mentee_field, *mentor_field;
	int value;
	const char *term, *mentor_term;
	bool missing_passes; /* else who did not answer is matched with nobody. NOT_… and the condition of ONLY_IF always pass */
};

struct criteria {
	const struct criterion *criteria;
	size_t n_criteria;
	const struct rule *rules;
	size_t n_rules;
	int min_score; /* pairs below are not allowed: 0 to 1000 */
};

enum finding_code {
	FINDING_BAD_WEIGHT,    /* not 0 to 100 */
	FINDING_NO_WEIGHT,     /* all weights are 0, or there are no criteria */
	FINDING_BAD_MIN_SCORE, /* not 0 to 1000 */
	FINDING_TOO_MANY,      /* criteria or rules */
	FINDING_DUPLICATE_KEY,
	FINDING_UNKNOWN_FIELD, /* a question that nobody is asked */
	FINDING_WRONG_KIND,    /* a field that this kind of criterion or rule cannot read */
	FINDING_BAD_PARAMETER, /* low > high, reach < 0, points out of range, a cell twice … */
	FINDING_CONTRADICTION, /* this rule and `other` refuse every pair between them */
	/* The set works, but not as meant. */
	FINDING_NOBODY_SCORES, /* no pair of this pool can have a point */
	FINDING_CANNOT_MATTER, /* the same points for every allowed pair of any pool (a rule sees to it), or too light to move a score */
	FINDING_RULE_HOLDS_ALL, /* this rule alone refuses every pair of this pool */
	FINDING_CODES,
};

struct finding {
	enum finding_code code;
	bool error;	    /* the set cannot be used; else a warning */
	bool rule;	    /* `index` is a rule's, else a criterion's */
	int index;	    /* -1: the whole set */
	int other;	    /* the rule that it contradicts, or that makes it pointless; -1: none */
	const char *detail; /* the key, the field: what it is about */
};

/*
 * Everything that is wrong with a set, errors first. `pool` may be empty of people: then what depends on them
 * (NOBODY_SCORES, RULE_HOLDS_ALL) is not asked.
 */
size_t criteria_check(struct arena *arena, const struct criteria *criteria, const struct pool *pool,
		      struct finding **findings);
/* Whether a plan can be made of it: no finding is an error. */
bool criteria_usable(const struct finding *findings, size_t n_findings);

/*
 * A pool of random people, and what scoring should say of them, worked out the slow and obvious way: from the answers, pair by pair,
 * with whole divisions.
 */
#pragma once

#include "services/matching/scoring/plan.h"

enum {
	YEARS,
	ZONE,
	INDUSTRY,
	TEAM,
	MANAGER,
	SKILLS,
	GOALS,
	LANGUAGES,
	HOURS,
	TRAITS,
	SECRET,
	HOBBIES,
	STEPS,
	ORACLE_FIELDS,
	ORACLE_TERMS = 8,
	ORACLE_PEOPLE = 1100,
};

struct oracle_term {
	int term, level;
};

struct oracle_person {
	bool answered[ORACLE_FIELDS], consents[ORACLE_FIELDS];
	int number[ORACLE_FIELDS]; /* of a TERM: which, from 0 */
	struct oracle_term terms[ORACLE_FIELDS][ORACLE_TERMS];
	int n_terms[ORACLE_FIELDS];
	uint32_t week[POOL_WEEK];
	uint8_t traits[POOL_SCALES];
	bool named_anybody;
};

struct oracle {
	uint64_t random;
	uint32_t counts[2];
	uint32_t lengths; /* of free time: hours only; half hours too; quarters too */
	struct oracle_person people[2][ORACLE_PEOPLE];
	struct {
		int rank[2]; /* by mentee, by mentor; -1 not named */
		bool excluded;
	} pairs[48][ORACLE_PEOPLE]; /* the first mentees only */
	struct criterion criteria[CRITERIA_MOST];
	struct rule rules[RULES_MOST];
	struct criteria set;
	struct pool *pool;
};

extern const struct field oracle_fields[ORACLE_FIELDS];
/* 0 … below - 1 */
uint32_t oracle_draw(struct oracle *oracle, uint32_t below);
/* A pool and a set of criteria, as random as the seed; at most 48 mentees. */
void oracle_fill(struct oracle *oracle, struct arena *arena, uint64_t seed, uint32_t mentees,
		 uint32_t mentors);
/* A criterion of this kind with random parameters. */
struct criterion oracle_criterion(struct oracle *oracle, enum criterion_kind kind, const char *key);
struct rule oracle_rule(struct oracle *oracle, enum rule_kind kind);
/* 0 to 1000, or -1 when one of them did not answer. */
int oracle_points(const struct oracle *oracle, const struct criterion *criterion, uint32_t mentee,
		  uint32_t mentor);
bool oracle_rule_holds(const struct oracle *oracle, const struct rule *rule, uint32_t mentee,
		       uint32_t mentor);
/* As score_row() should say. */
int oracle_score(const struct oracle *oracle, uint32_t mentee, uint32_t mentor);

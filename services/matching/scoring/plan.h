/*
 * Criteria compiled for one pool: flat columns of bit sets and numbers, from which the scores of a mentee with all
 * mentors come at some hundred million pairs per second.
 *
 * A plan never changes once it is made: any number of threads may score with it. Integers only: the scalar, AVX2 and
 * AVX-512 paths give the same bytes.
 */
#pragma once

#include "criteria.h"

enum score_path {
	SCORE_SCALAR,
	SCORE_AVX2,
	SCORE_AVX512,
};

struct plan;

/* The criteria must have passed criteria_check() for this pool's fields, and outlive the plan, as must the pool. */
struct plan *plan_new(struct arena *arena, const struct pool *pool,
		      const struct criteria *criteria);
uint32_t plan_mentees(const struct plan *plan);
uint32_t plan_mentors(const struct plan *plan);
/* Bytes that the plan takes, without its pool. */
uint64_t plan_memory(const struct plan *plan);

/* The best path of this processor, which a new plan takes. */
enum score_path score_best_path(void);
/* False when this processor lacks it. Before threads score with the plan. */
bool plan_take_path(struct plan *plan, enum score_path path);

/* The scores (0 to 1000) of a mentee with all mentors, -1 where not allowed. `plan` is a struct plan; any thread. */
void score_row(void *plan, uint32_t mentee, int16_t *scores);
/* The same for `count` mentees from `first` on, row after row: in large pools faster than one by one (try 32). */
void score_rows(const struct plan *plan, uint32_t first, uint32_t count, int16_t *scores);

/* Why a pair is not allowed, in the order in which it is asked. */
enum refusal {
	REFUSED_NOT,
	REFUSED_EXCLUDED, /* never to be told to either side */
	REFUSED_SELF,	  /* one person */
	REFUSED_RULE,
	REFUSED_MIN_SCORE,
	REFUSALS,
};

enum missing {
	MISSING_NONE,
	MISSING_MENTEE,
	MISSING_MENTOR,
	MISSING_BOTH,
};

enum fact_kind {
	FACT_NONE,  /* missing, or private */
	FACT_TERMS, /* `terms` are what they have in common, `number` how many; `lacking` what else the mentee would like */
	FACT_MINUTES, /* `number` minutes a week in common */
	FACT_GAP,     /* `number` = mentor - mentee */
	FACT_DISTANCE, /* `number` apart: minutes between zones, steps between answers, the sum over the scales */
	FACT_EQUAL, /* `number` is 1 when they answered the same; `terms` = the mentee's answer, then the mentor's */
	FACT_RANKS, /* `number` = the mentee's rank of the mentor, `other` the mentor's: 0 favourite, -1 not named */
};

struct score_part {
	int criterion; /* index in the criteria; -1: the sum of the private ones, after explanation_for_member() */
	const char *key;
	int weight;
	int points; /* 0 to 1000 on this criterion alone */
	int part;   /* of the score; the parts sum to it exactly */
	enum missing missing;
	bool counts; /* false: missing, and so neither for nor against the pair */
	bool sensitive;
	enum fact_kind fact;
	int number, other;
	const char **terms, **lacking;
	size_t n_terms, n_lacking;
};

struct explanation {
	enum refusal refusal;
	int rule;		  /* which, with REFUSED_RULE; else -1 */
	int score;		  /* as if the pair were allowed */
	struct score_part *parts; /* one for each criterion, in their order */
	size_t n_parts;
};

/* The score with its parts and facts, in whole; for coordinators. */
void score_pair(struct arena *arena, const struct plan *plan, uint32_t mentee, uint32_t mentor,
		struct explanation *explanation);
/*
 * The same for one of the two: sensitive criteria become one part without facts or keys, which only says what they add up
 * to, and a refusal's reason is gone but for REFUSED_MIN_SCORE.
 */
void explanation_for_member(struct explanation *explanation);

/* What would make a pair better, the best first. */
struct raise {
	int criterion;
	int gain; /* points of the score, if this criterion were met in full and nothing else changed */
	enum missing missing; /* whose answer is missing; else what follows tells what is lacking */
	int number;	      /* minutes, years or steps short of full points; terms lacking */
	const char **terms;   /* skills, goals … that the mentor would need */
	size_t n_terms;
};
/* Without the private criteria and the preferences. Returns how many. */
size_t score_raise(struct arena *arena, const struct plan *plan, uint32_t mentee, uint32_t mentor,
		   struct raise **raises);

/* For each pair of the mentee the first reason why it is refused, counted. */
struct refusal_counts {
	uint32_t by[REFUSALS];
	uint32_t by_rule[RULES_MOST];
};
void score_refusals(const struct plan *plan, uint32_t mentee, struct refusal_counts *counts);

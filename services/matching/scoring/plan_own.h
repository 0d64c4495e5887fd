/*
 * What a plan consists of. Mentors are columns, padded to whole tiles; mentees are rows.
 *
 * A measure is what can be told of a pair in one number (how many skills in common, how many years apart); its uses make
 * points of it (criteria) or forbid pairs (rules). What two criteria or rules share is measured once.
 */
#pragma once

#include "formula.h"
#include "plan.h"
#include "pool_own.h"

/* Which atoms a set is made of: see plan_bits.c. */
enum set_kind {
	SET_LEVELS, /* a term and each level up to the one told */
	SET_TERMS,  /* a term that is told at `low` or better; of `term` only, when that is not 0 */
	SET_HOURS,  /* free quarter hours, `fold` of them as one */
};

struct set_key {
	enum set_kind kind;
	int mentee_field, mentor_field;
	int low;
	uint32_t term;
	int fold;
};

/* A set of each person: only what somebody on either side has got a bit. */
struct bits {
	struct set_key key;
	uint32_t n_bits, n_words;
	const uint32_t *atoms; /* bit → atom */
	uint32_t *columns;     /* n_words columns of plan->padded */
	uint32_t *first;       /* mentee → their first word; mentees + 1 */
	struct bit_word *own;
	int32_t *wanted;  /* mentee → how many atoms */
	int32_t *offered; /* mentor → how many atoms; a column */
};

enum measure_kind {
	MEASURE_COUNT, /* atoms in common */
	MEASURE_GAP,   /* mentor - mentee */
	MEASURE_ZONE,
	MEASURE_SCALES,
	MEASURE_EQUAL, /* 1 or 0 */
	MEASURE_TABLE, /* points */
	MEASURE_MARK,  /* the mentor's own mark, 1 or 0 */
	MEASURE_NOTHING,
};

/* Whether a use concerns a mentee. */
enum state {
	STATE_SKIP, /* not answered, or nothing to ask */
	STATE_APPLY,
	STATE_REFUSE, /* no mentor will do */
};

enum form {
	FORM_SHARE,
	FORM_COVER, /* a share of all that this mentee wants */
	FORM_BAND,
	FORM_DICE,
	FORM_PREFERENCE, /* its points come by patches */
	FORM_GATE,
};

struct use {
	enum form form;
	int index; /* of the criterion or rule */
	struct scale scale;
	uint8_t *state; /* by mentee */
	struct use *next;
};

struct measure {
	enum measure_kind kind;
	int mentee_field, mentor_field;
	const struct bits *bits;
	const int32_t *column, *last_column; /* the mentors'; the fifth trait apart */
	const int32_t *own;		     /* the mentees'; two for SCALES */
	const int32_t *table;		     /* rows of `width` */
	uint32_t width;
	struct use *uses;
};

/* What concerns one pair only. */
struct patch {
	uint32_t mentor;
	int32_t bonus;			 /* Σ weight × points of the preference criteria */
	int8_t mentee_rank, mentor_rank; /* -1: not named */
	bool excluded, self;
};

enum { MEASURES_MOST = CRITERIA_MOST + 2 * RULES_MOST };

struct plan {
	const struct pool *pool;
	const struct criteria *criteria;
	struct arena *arena;
	const struct kernels *kernels;
	uint32_t mentees, mentors;
	size_t padded; /* mentors, in whole tiles */
	uint64_t memory;

	struct measure measures[MEASURES_MOST];
	struct use uses[MEASURES_MOST];
	int n_measures, n_uses;
	struct use *use_of[CRITERIA_MOST]; /* criterion → its use */
	struct measure *measure_of[CRITERIA_MOST];
	struct bits *sets[MEASURES_MOST];
	int n_sets;

	uint32_t *absent[1 + RULES_MOST / 32]; /* columns: bits of criteria; of rules */
	int32_t *weights;		       /* mentee → Σ weight of what they answered */
	uint8_t *hopeless;		       /* mentee → whether a rule refuses every mentor */
	uint8_t *named[2];		       /* side, person → whether they named anybody */
	size_t *patched;		       /* mentee → their first patch; mentees + 1 */
	struct patch *patches;		       /* by mentor */
};

/* Of the plan's arena, counted and aligned for vectors. */
void *plan_alloc(struct plan *plan, size_t count, size_t size);
/* A column for all mentors, zeroed. */
int32_t *plan_column(struct plan *plan);

/* The set of a key, made when there is none yet. */
const struct bits *plan_set(struct plan *plan, const struct set_key *key);
/* How far the hours of both fields can be folded without a difference to them or to `minutes`: 4, 2 or 1. */
int plan_fold(const struct plan *plan, int mentee_field, int mentor_field, int minutes);
/* What bit a stands for: a term's number, or a quarter hour. */
uint32_t set_term(const struct bits *bits, uint32_t bit);

/* The measure of this kind, made when there is none yet; a use of it. */
struct measure *plan_measure(struct plan *plan, enum measure_kind kind, int mentee_field,
			     int mentor_field, const struct bits *bits);
struct use *plan_use(struct plan *plan, struct measure *measure, enum form form, int index);
/* Tells of each mentor without an answer; the use notices when there is one. */
void plan_mark_absent(struct plan *plan, struct use *use, int bit, int field);

void plan_add_criteria(struct plan *plan);
void plan_add_rules(struct plan *plan);
void plan_add_patches(struct plan *plan);

int32_t preference_points(const struct plan *plan, const struct criterion *criterion,
			  uint32_t mentee, const struct patch *patch);
const struct patch *plan_patch(const struct plan *plan, uint32_t mentee, uint32_t mentor);
/* Of one pair, as in a tile. */
int32_t pair_measure(const struct plan *plan, const struct measure *measure, uint32_t mentee,
		     uint32_t mentor);
int32_t pair_points(const struct plan *plan, const struct measure *measure, const struct use *use,
		    uint32_t mentee, uint32_t mentor);
bool pair_absent(const struct use *use, uint32_t mentor);
/* For a mentee who wants so much. */
struct scale cover_scale(const struct scale *scale, int32_t wanted);

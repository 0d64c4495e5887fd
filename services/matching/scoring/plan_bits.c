/*
 * Bit sets of what people have, compressed to what matters: an atom (a term, a term at a level, a part of the week) that
 * nobody wants or nobody offers gets no bit, and those that most want stand together in the first words.
 */
#include "plan_own.h"

#include <stdlib.h>
#include <string.h>

struct atom {
	uint32_t atom, wanted, offered;
	uint32_t sought; /* by how many: of a level, its term as a whole */
};

/* While a set is made. */
struct making {
	const struct pool *pool;
	const struct set_key *key;
	uint32_t *atoms; /* room for those of any one person */
	uint32_t *bit;	 /* atom → bit + 1 */
	struct atom *known;
	uint32_t n_known;
};

static int level_told(enum side side, const struct pool_value *value)
{
	if (value->level)
		return value->level;
	return side == SIDE_MENTEE ? 1 : POOL_LEVELS;
}

static uint32_t levels_of(enum side side, const struct pool_value *value, uint32_t *atoms)
{
	int level = level_told(side, value);

	for (int i = 0; i < level; i++)
		atoms[i] = value->value * POOL_LEVELS + (uint32_t)i;
	return (uint32_t)level;
}

static uint32_t term_of(const struct set_key *key, const struct pool_value *value, uint32_t *atoms)
{
	if (value->level && value->level < key->low)
		return 0;
	if (key->term && value->value != key->term)
		return 0;
	*atoms = value->value;
	return 1;
}

static uint32_t hours_of(const struct set_key *key, const struct pool_value *value, uint32_t *atoms)
{
	uint32_t n = 0;

	for (uint32_t bit = 0; bit < 32; bit += (uint32_t)key->fold)
		if (value->value >> bit & 1)
			atoms[n++] = (value->level * 32u + bit) / (uint32_t)key->fold;
	return n;
}

/* What a person has; how many. */
static uint32_t atoms_of(struct making *making, enum side side, uint32_t person)
{
	const struct set_key *key = making->key;
	struct said said = pool_said(making->pool, side, person,
				     side == SIDE_MENTEE ? key->mentee_field : key->mentor_field);
	uint32_t n = 0;

	for (const struct pool_value *value; (value = said_next(&said));) {
		if (value->level == LEVEL_NOTHING)
			continue;
		if (key->kind == SET_LEVELS)
			n += levels_of(side, value, making->atoms + n);
		else if (key->kind == SET_TERMS)
			n += term_of(key, value, making->atoms + n);
		else
			n += hours_of(key, value, making->atoms + n);
	}
	return n;
}

static void count_atoms(struct making *making, enum side side, uint32_t people)
{
	for (uint32_t person = 0; person < people; person++) {
		uint32_t n = atoms_of(making, side, person);

		for (uint32_t i = 0; i < n; i++) {
			struct atom *atom = &making->known[making->atoms[i]];

			if (side == SIDE_MENTEE)
				atom->wanted++;
			else
				atom->offered++;
		}
	}
}

/*
 * The most sought first, and the levels of a term side by side, so that a mentee's atoms lie in few words; those of a week stay in
 * order, for the same reason.
 */
static int by_wish(const void *left, const void *right)
{
	const struct atom *a = left, *b = right;

	if (a->sought != b->sought)
		return a->sought > b->sought ? -1 : 1;
	return a->atom < b->atom ? -1 : a->atom > b->atom;
}

static void weigh_atoms(struct making *making, uint32_t space)
{
	bool levels = making->key->kind == SET_LEVELS;

	for (uint32_t i = 0; i < space; i++)
		making->known[i].sought = making->known[levels ? i - i % POOL_LEVELS : i].wanted;
}

static void keep_common(struct making *making, uint32_t space)
{
	weigh_atoms(making, space);
	for (uint32_t i = 0; i < space; i++)
		if (making->known[i].wanted && making->known[i].offered) {
			making->known[making->n_known] = making->known[i];
			making->known[making->n_known++].atom = i;
		}
	if (making->key->kind != SET_HOURS)
		qsort(making->known, making->n_known, sizeof *making->known, by_wish);
	for (uint32_t i = 0; i < making->n_known; i++)
		making->bit[making->known[i].atom] = i + 1;
}

static uint32_t atom_space(const struct pool *pool, const struct set_key *key)
{
	if (key->kind == SET_HOURS)
		return POOL_QUARTERS;
	return key->kind == SET_LEVELS ? pool->names.count * POOL_LEVELS : pool->names.count;
}

/* 32 atoms are the most that one value makes. */
static size_t most_atoms(const struct pool *pool)
{
	size_t most = 0;

	for (int side = 0; side < 2; side++)
		for (uint32_t i = 0; i < pool->sides[side].count; i++) {
			size_t values = pool->sides[side].first[i + 1] - pool->sides[side].first[i];

			most = values > most ? values : most;
		}
	return most * 32;
}

static void fill_columns(struct plan *plan, struct making *making, struct bits *bits)
{
	bits->columns = plan_alloc(plan, bits->n_words * plan->padded, sizeof *bits->columns);
	bits->offered = plan_column(plan);
	for (uint32_t mentor = 0; mentor < plan->mentors; mentor++) {
		uint32_t n = atoms_of(making, SIDE_MENTOR, mentor);

		bits->offered[mentor] = (int32_t)n;
		for (uint32_t i = 0; i < n; i++) {
			uint32_t bit = making->bit[making->atoms[i]] - 1;

			if (bit < bits->n_bits)
				bits->columns[bit / 32 * plan->padded + mentor] |= 1u << bit % 32;
		}
	}
}

/* The words of a mentee in `masks`, which are empty again afterwards. */
static uint32_t take_words(const struct bits *bits, uint32_t *masks, struct bit_word *own)
{
	uint32_t n = 0;

	for (uint32_t word = 0; word < bits->n_words; word++) {
		if (!masks[word])
			continue;
		if (own)
			own[n] = (struct bit_word) { word, masks[word] };
		n++;
		masks[word] = 0;
	}
	return n;
}

static int32_t mask_wishes(struct making *making, const struct bits *bits, uint32_t mentee,
			   uint32_t *masks)
{
	uint32_t n = atoms_of(making, SIDE_MENTEE, mentee);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t bit = making->bit[making->atoms[i]] - 1;

		if (bit < bits->n_bits)
			masks[bit / 32] |= 1u << bit % 32;
	}
	return (int32_t)n;
}

static void fill_rows(struct plan *plan, struct making *making, struct bits *bits, uint32_t *masks)
{
	bits->first = plan_alloc(plan, (size_t)plan->mentees + 1, sizeof *bits->first);
	bits->wanted = plan_alloc(plan, plan->mentees, sizeof *bits->wanted);
	for (uint32_t mentee = 0; mentee < plan->mentees; mentee++) {
		bits->wanted[mentee] = mask_wishes(making, bits, mentee, masks);
		bits->first[mentee + 1] = bits->first[mentee] + take_words(bits, masks, NULL);
	}
	bits->own = plan_alloc(plan, bits->first[plan->mentees], sizeof *bits->own);
	for (uint32_t mentee = 0; mentee < plan->mentees; mentee++) {
		mask_wishes(making, bits, mentee, masks);
		take_words(bits, masks, bits->own + bits->first[mentee]);
	}
}

static void keep_atoms(struct plan *plan, const struct making *making, struct bits *bits)
{
	uint32_t *atoms = plan_alloc(plan, making->n_known, sizeof *atoms);

	for (uint32_t bit = 0; bit < making->n_known; bit++)
		atoms[bit] = making->known[bit].atom;
	bits->atoms = atoms;
	bits->n_bits = making->n_known;
	bits->n_words = (making->n_known + 31) / 32;
}

static struct bits *make_set(struct plan *plan, const struct set_key *key)
{
	struct bits *bits = arena_alloc(plan->arena, sizeof *bits);
	struct arena *scratch = arena_new(SIZE_MAX);
	uint32_t space = atom_space(plan->pool, key);
	struct making making = {
		.pool = plan->pool,
		.key = key,
		.atoms = arena_alloc(scratch, most_atoms(plan->pool) * sizeof(uint32_t)),
		.bit = arena_alloc(scratch, space * sizeof(uint32_t)),
		.known = arena_alloc(scratch, space * sizeof(struct atom)),
	};

	bits->key = *key;
	count_atoms(&making, SIDE_MENTEE, plan->mentees);
	count_atoms(&making, SIDE_MENTOR, plan->mentors);
	keep_common(&making, space);
	keep_atoms(plan, &making, bits);
	fill_columns(plan, &making, bits);
	fill_rows(plan, &making, bits, arena_alloc(scratch, bits->n_words * sizeof(uint32_t)));
	arena_free(scratch);
	return bits;
}

static bool same_key(const struct set_key *a, const struct set_key *b)
{
	return a->kind == b->kind &&
	       a->mentee_field == b->mentee_field &&
	       a->mentor_field == b->mentor_field &&
	       a->low == b->low &&
	       a->term == b->term &&
	       a->fold == b->fold;
}

const struct bits *plan_set(struct plan *plan, const struct set_key *key)
{
	for (int i = 0; i < plan->n_sets; i++)
		if (same_key(&plan->sets[i]->key, key))
			return plan->sets[i];
	return plan->sets[plan->n_sets++] = make_set(plan, key);
}

uint32_t set_term(const struct bits *bits, uint32_t bit)
{
	uint32_t atom = bits->atoms[bit];

	if (bits->key.kind == SET_LEVELS)
		return atom / POOL_LEVELS;
	return bits->key.kind == SET_HOURS ? atom * (uint32_t)bits->key.fold : atom;
}

/* Whether each run of `fold` quarter hours is free as a whole or not at all. */
static bool folds(uint32_t word, int fold)
{
	if (fold == 4 && (word ^ word >> 2) & 0x33333333u)
		return false;
	return !((word ^ word >> 1) & 0x55555555u);
}

static int fold_of_side(const struct plan *plan, enum side side, int field, int fold)
{
	for (uint32_t person = 0; person < pool_count(plan->pool, side); person++) {
		struct said said = pool_said(plan->pool, side, person, field);

		for (const struct pool_value *value; (value = said_next(&said));)
			while (fold > 1 && !folds(value->value, fold))
				fold /= 2;
	}
	return fold;
}

int plan_fold(const struct plan *plan, int mentee_field, int mentor_field, int minutes)
{
	int fold = 4;

	while (fold > 1 && minutes % (fold * 15))
		fold /= 2;
	fold = fold_of_side(plan, SIDE_MENTEE, mentee_field, fold);
	return fold_of_side(plan, SIDE_MENTOR, mentor_field, fold);
}

/* Keeps who is to be matched, what they said, whom they would like, and whom they must not meet. */
#include "pool_own.h"

#include <string.h>

enum { SMALLEST = 64, NUMBER_MOST = 1000000 };

static uint32_t hash(const char *text)
{
	uint32_t h = 2166136261u;

	for (; *text; text++)
		h = (h ^ (uint8_t)*text) * 16777619u;
	return h ^ h >> 15;
}

static uint32_t *slot_of(const struct names *names, const char *text)
{
	uint32_t at = hash(text) & names->mask;

	while (names->slots[at] && strcmp(names->texts[names->slots[at]], text) != 0)
		at = (at + 1) & names->mask;
	return &names->slots[at];
}

/* A copy in an array of `room` elements; what was is left to the arena. */
static void *grown(struct arena *arena, const void *array, size_t count, size_t room,
		   size_t element)
{
	void *copy = arena_alloc(arena, room * element);

	if (count)
		memcpy(copy, array, count * element);
	return copy;
}

static void grow_names(struct arena *arena, struct names *names)
{
	names->room = names->room ? names->room * 2 : SMALLEST;
	names->texts = grown(arena, names->texts, names->count, names->room, sizeof *names->texts);
	names->mask = names->room * 2 - 1;
	names->slots = arena_alloc(arena, ((size_t)names->mask + 1) * sizeof *names->slots);
	for (uint32_t number = 1; number < names->count; number++)
		*slot_of(names, names->texts[number]) = number;
}

static uint32_t add_name(struct pool *pool, const char *text)
{
	struct names *names = &pool->names;
	uint32_t *slot = slot_of(names, text);

	if (*slot)
		return *slot;
	if (names->count == names->room) {
		grow_names(pool->arena, names);
		slot = slot_of(names, text);
	}
	names->texts[names->count] = arena_strdup(pool->arena, text);
	*slot = names->count;
	return names->count++;
}

uint32_t pool_number_of(const struct pool *pool, const char *text)
{
	return text ? *slot_of(&pool->names, text) : 0;
}

const char *pool_text(const struct pool *pool, uint32_t number)
{
	return pool->names.texts[number];
}

struct pool *pool_new(struct arena *arena, const struct field *fields, size_t n_fields)
{
	struct pool *pool = arena_alloc(arena, sizeof *pool);

	pool->arena = arena;
	pool->n_fields = n_fields < POOL_MOST_FIELDS ? n_fields : POOL_MOST_FIELDS;
	for (size_t i = 0; i < pool->n_fields; i++) {
		pool->fields[i] = fields[i];
		pool->fields[i].key = arena_strdup(arena, fields[i].key);
	}
	grow_names(arena, &pool->names);
	pool->names.count = 1;
	return pool;
}

int pool_field(const struct pool *pool, const char *key)
{
	for (size_t i = 0; key && i < pool->n_fields; i++)
		if (strcmp(pool->fields[i].key, key) == 0)
			return (int)i;
	return -1;
}

/* So that `number` can be looked up. */
static void make_findable(struct arena *arena, struct pool_side *side, uint32_t number)
{
	uint32_t room = side->person_room ? side->person_room : SMALLEST;

	while (room <= number)
		room *= 2;
	if (room == side->person_room)
		return;
	side->person = grown(arena, side->person, side->person_room, room, sizeof *side->person);
	side->person_room = room;
}

static void make_room_for_person(struct arena *arena, struct pool_side *side)
{
	if (side->count < side->room)
		return;

	side->first =
		grown(arena, side->first, side->room ? side->room + 1 : 0,
		      (size_t)(side->room ? side->room * 2 : SMALLEST) + 1, sizeof *side->first);
	side->ids = grown(arena, side->ids, side->room, side->room ? side->room * 2 : SMALLEST,
			  sizeof *side->ids);
	side->room = side->room ? side->room * 2 : SMALLEST;
}

uint32_t pool_person(struct pool *pool, enum side which, const char *id)
{
	struct pool_side *side = &pool->sides[which];
	uint32_t number = add_name(pool, id);

	make_findable(pool->arena, side, number);
	make_room_for_person(pool->arena, side);
	side->ids[side->count] = number;
	side->first[side->count] = side->first[side->count + 1] = side->n_values;
	side->person[number] = ++side->count;
	pool->last = which;
	return side->count - 1;
}

uint32_t pool_count(const struct pool *pool, enum side side)
{
	return pool->sides[side].count;
}

uint32_t pool_find(const struct pool *pool, enum side which, const char *id)
{
	const struct pool_side *side = &pool->sides[which];
	uint32_t number = pool_number_of(pool, id);

	return number && number < side->person_room ? side->person[number] - 1 : UINT32_MAX;
}

const char *pool_id(const struct pool *pool, enum side side, uint32_t person)
{
	return pool_text(pool, pool->sides[side].ids[person]);
}

static void add_value(struct pool *pool, int field, unsigned level, uint32_t value)
{
	struct pool_side *side = &pool->sides[pool->last];

	if (side->n_values == side->values_room) {
		side->values_room = side->values_room ? side->values_room * 2 : SMALLEST;
		side->values = grown(pool->arena, side->values, side->n_values, side->values_room,
				     sizeof *side->values);
	}
	side->values[side->n_values++] = (struct pool_value) { .field = (uint16_t)field,
							       .level = (uint8_t)level,
							       .value = value };
	side->first[side->count] = side->n_values;
}

static bool takes(const struct pool *pool, int field, enum field_kind kind)
{
	return field >= 0 &&
	       (size_t)field < pool->n_fields &&
	       pool->fields[field].kind == kind &&
	       pool->sides[pool->last].count > 0;
}

/* What the last person said already: of one kind of value there is only one, or the one with this value. */
static struct pool_value *find_said(struct pool *pool, int field, unsigned level,
				    const uint32_t *value)
{
	struct pool_side *side = &pool->sides[pool->last];

	for (size_t i = side->first[side->count - 1]; i < side->n_values; i++) {
		struct pool_value *said = &side->values[i];

		if (said->field == field &&
		    said->level < LEVEL_CONSENT &&
		    (value ? said->value == *value : said->level == level))
			return said;
	}
	return NULL;
}

/* Said twice, the last time counts. */
static void set_value(struct pool *pool, int field, unsigned level, uint32_t value)
{
	struct pool_value *said = find_said(pool, field, level, NULL);

	if (said)
		said->value = value;
	else
		add_value(pool, field, level, value);
}

bool pool_number(struct pool *pool, int field, int32_t value)
{
	if (!takes(pool, field, FIELD_NUMBER) || value < -NUMBER_MOST || value > NUMBER_MOST)
		return false;

	set_value(pool, field, 0, (uint32_t)value);
	return true;
}

bool pool_term(struct pool *pool, int field, const char *term, unsigned level)
{
	struct pool_value *said;
	uint32_t number;

	if (level > POOL_LEVELS ||
	    (!takes(pool, field, FIELD_TERM) && !takes(pool, field, FIELD_TERMS)))
		return false;

	number = add_name(pool, term);
	if (pool->fields[field].kind == FIELD_TERM) {
		set_value(pool, field, 0, number);
		return true;
	}
	said = find_said(pool, field, 0, &number);
	if (said)
		said->level = (uint8_t)(level > said->level ? level : said->level);
	else
		add_value(pool, field, level, number);
	return true;
}

bool pool_hours(struct pool *pool, int field, const uint32_t quarters[POOL_WEEK])
{
	if (!takes(pool, field, FIELD_HOURS))
		return false;

	pool_nothing(pool, field);
	for (unsigned word = 0; word < POOL_WEEK; word++)
		if (quarters[word] || find_said(pool, field, word, NULL))
			set_value(pool, field, word, quarters[word]);
	return true;
}

bool pool_scales(struct pool *pool, int field, const uint8_t traits[POOL_SCALES])
{
	if (!takes(pool, field, FIELD_SCALES))
		return false;
	for (unsigned trait = 0; trait < POOL_SCALES; trait++)
		if (traits[trait] > 100)
			return false;

	for (unsigned trait = 0; trait < POOL_SCALES; trait++)
		set_value(pool, field, trait, traits[trait]);
	return true;
}

bool pool_nothing(struct pool *pool, int field)
{
	if (!takes(pool, field, FIELD_TERMS) && !takes(pool, field, FIELD_HOURS))
		return false;

	add_value(pool, field, LEVEL_NOTHING, 0);
	return true;
}

void pool_consent(struct pool *pool, int field)
{
	if (field >= 0 && (size_t)field < pool->n_fields && pool->sides[pool->last].count)
		add_value(pool, field, LEVEL_CONSENT, 0);
}

static bool knows(const struct pool *pool, uint32_t mentee, uint32_t mentor)
{
	return mentee < pool->sides[SIDE_MENTEE].count && mentor < pool->sides[SIDE_MENTOR].count;
}

void pool_prefer(struct pool *pool, enum side by, uint32_t mentee, uint32_t mentor, unsigned rank)
{
	if (!knows(pool, mentee, mentor) || rank > 10)
		return;

	pool->preferences = arena_extend(pool->arena, pool->preferences, pool->n_preferences,
					 sizeof *pool->preferences);
	pool->preferences[pool->n_preferences++] =
		(struct preference) { mentee, mentor, (uint8_t)by, (uint8_t)rank };
}

void pool_exclude(struct pool *pool, uint32_t mentee, uint32_t mentor)
{
	if (!knows(pool, mentee, mentor))
		return;

	pool->exclusions = arena_extend(pool->arena, pool->exclusions, pool->n_exclusions,
					sizeof *pool->exclusions);
	pool->exclusions[pool->n_exclusions++] = (struct pair) { mentee, mentor };
}

static bool consented(const struct said *said)
{
	for (const struct pool_value *value = said->at; value < said->end; value++)
		if (value->field == said->field && value->level == LEVEL_CONSENT)
			return true;
	return false;
}

struct said pool_said(const struct pool *pool, enum side which, uint32_t person, int field)
{
	const struct pool_side *side = &pool->sides[which];
	struct said said = {
		.at = side->values + side->first[person],
		.end = side->values + side->first[person + 1],
		.field = field,
	};

	if (field < 0 || (pool->fields[field].sensitive && !consented(&said)))
		said.at = said.end;
	return said;
}

const struct pool_value *said_next(struct said *said)
{
	while (said->at < said->end) {
		const struct pool_value *value = said->at++;

		if (value->field == said->field && value->level != LEVEL_CONSENT)
			return value;
	}
	return NULL;
}

bool pool_answered(const struct pool *pool, enum side side, uint32_t person, int field)
{
	struct said said = pool_said(pool, side, person, field);

	return said_next(&said) != NULL;
}

uint64_t pool_memory(uint64_t mentees, uint64_t mentors, uint64_t answers)
{
	/* Arrays grow by doubling, and what they outgrew stays: up to four times what they hold. */
	const uint64_t value = 4 * sizeof(struct pool_value),
		       person = 4 * (sizeof(size_t) + 4 * sizeof(uint32_t)) + 64;
	/* In the plan a mentee's value takes a masked word, a mentor's a column for all: 32 words hold what is typical. */
	const uint64_t mentee_plan = 16, mentor_plan = 32 * sizeof(uint32_t);

	return (1 << 20) +
	       (mentees + mentors) * (person + answers * value) +
	       mentees * (64 + answers * mentee_plan) +
	       mentors * (mentor_plan + answers * sizeof(uint32_t));
}

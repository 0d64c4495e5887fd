/* Pools: read part by part, and compiled. */
#include "services/matching/engine_own.h"

#include <stdlib.h>
#include <string.h>

#include "pb.h"

enum { SNAPSHOT_MEMORY_MB = 2, MEMBER_BYTES = 6000, TYPICAL_ANSWERS = 24, SEVERAL_BYTES = 40 };

uint64_t engine_memory(uint64_t mentees, uint64_t mentors)
{
	uint64_t bytes = pool_memory(mentees, mentors, TYPICAL_ANSWERS) +
			 matcher_bytes((int64_t)mentees, (int64_t)mentors,
				       (int64_t)mentees * MATCH_CANDIDATES) +
			 (mentees + mentors) * MEMBER_BYTES;

	return SNAPSHOT_MEMORY_MB + (bytes >> 20);
}

uint64_t engine_memory_of_several(uint64_t mentees, uint64_t mentors)
{
	return mentees * mentors * SEVERAL_BYTES >> 20;
}

struct engine *engine_new(void)
{
	struct engine *engine = calloc(1, sizeof *engine);

	if (!engine)
		abort();
	engine->arena = arena_new(SIZE_MAX);
	crypto_hash_sha256_init(&engine->hashing);
	return engine;
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	matcher_free(engine->matcher);
	several_free(&engine->several);
	free(engine->partner);
	free(engine->locked);
	free(engine->bans);
	buf_free(&engine->certificate);
	arena_free(engine->arena);
	free(engine);
}

void finish_hash(const crypto_hash_sha256_state *state, char hex[HASH_HEX])
{
	crypto_hash_sha256_state copy = *state;
	uint8_t hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256_final(&copy, hash);
	sodium_bin2hex(hex, HASH_HEX, hash, sizeof hash);
}

static enum side side_of(const PoolMember *member)
{
	return member->profile->role == MEMBERSHIP__ROLE__MENTOR ? SIDE_MENTOR : SIDE_MENTEE;
}

static void add_member(struct engine *engine, PoolMember *member)
{
	enum side side = side_of(member);

	engine->members[side] = arena_extend(engine->arena, engine->members[side],
					     engine->count[side], sizeof *engine->members[side]);
	engine->members[side][engine->count[side]++] = member;
}

bool engine_feed(struct engine *engine, const uint8_t *bytes, size_t len)
{
	MatchSnapshotPart *part =
		match_snapshot_part__unpack(arena_allocator(engine->arena), len, bytes);

	if (!part)
		return false;
	crypto_hash_sha256_update(&engine->hashing, bytes, len);
	finish_hash(&engine->hashing, engine->snapshot_hash);
	engine->parts =
		arena_extend(engine->arena, engine->parts, engine->n_parts, sizeof *engine->parts);
	engine->parts[engine->n_parts++] = part;
	if (part->criteria)
		engine->criteria = part->criteria;
	for (size_t i = 0; i < part->n_members; i++)
		add_member(engine, part->members[i]);
	return true;
}

const char *engine_snapshot_hash(const struct engine *engine)
{
	return engine->snapshot_hash;
}

static void add_to_ground(struct engine *engine, enum side side)
{
	for (uint32_t i = 0; i < engine->count[side]; i++)
		ground_add(engine->ground, engine->members[side][i]->profile,
			   engine->members[side][i]->zone_minutes);
}

static void count_places(struct engine *engine)
{
	engine->capacity = arena_alloc(engine->arena,
				       (engine->count[SIDE_MENTOR] + 1) * sizeof *engine->capacity);
	for (uint32_t j = 0; j < engine->count[SIDE_MENTOR]; j++)
		engine->capacity[j] = engine->members[SIDE_MENTOR][j]->places;
}

/* A chair for each mentor whom a mentee may have now, where the pool is of several; else one. */
static void set_chairs(struct engine *engine, bool several)
{
	uint32_t count = engine->count[SIDE_MENTEE];

	engine->chair_of = arena_alloc(engine->arena, (count + 1) * sizeof *engine->chair_of);
	for (uint32_t i = 0; i < count; i++) {
		int32_t places = engine->members[SIDE_MENTEE][i]->places;

		engine->chair_of[i + 1] =
			engine->chair_of[i] + (several && places > 1 ? (uint32_t)places : 1);
	}
	engine->chairs = engine->chair_of[count];
	engine->person_at =
		arena_alloc(engine->arena, (engine->chairs + 1) * sizeof *engine->person_at);
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t chair = engine->chair_of[i]; chair < engine->chair_of[i + 1]; chair++)
			engine->person_at[chair] = i;
}

void engine_compile(struct engine *engine)
{
	const MatchSnapshotPart *first = engine->parts[0];

	engine->ground =
		ground_new(engine->arena, engine->criteria, first->sensitive, first->n_sensitive);
	add_to_ground(engine, SIDE_MENTEE);
	add_to_ground(engine, SIDE_MENTOR);
	for (size_t p = 0; p < engine->n_parts; p++)
		for (size_t i = 0; i < engine->parts[p]->n_exclusions; i++)
			ground_exclude(engine->ground, engine->parts[p]->exclusions[i]->mentor_id,
				       engine->parts[p]->exclusions[i]->mentee_id);
	ground_settle(engine->ground);
	count_places(engine);
	set_chairs(engine, first->several);
	engine->plan = plan_new(engine->arena, ground_pool(engine->ground),
				ground_criteria(engine->ground));
	engine->row =
		arena_alloc(engine->arena, (engine->count[SIDE_MENTOR] + 64) * sizeof *engine->row);
}

struct match_progress *engine_progress(struct engine *engine)
{
	return &engine->progress;
}

uint32_t engine_mentees(const struct engine *engine)
{
	return engine->count[SIDE_MENTEE];
}

uint32_t engine_mentors(const struct engine *engine)
{
	return engine->count[SIDE_MENTOR];
}

uint32_t engine_chairs(const struct engine *engine)
{
	return engine->chairs;
}

const PoolMember *engine_mentee(const struct engine *engine, uint32_t chair)
{
	return engine->members[SIDE_MENTEE][engine->person_at[chair]];
}

const PoolMember *engine_mentor(const struct engine *engine, uint32_t mentor)
{
	return engine->members[SIDE_MENTOR][mentor];
}

int32_t engine_find(const struct engine *engine, enum side side, const char *user_id)
{
	uint32_t person = pool_find(ground_pool(engine->ground), side, user_id);

	if (person == UINT32_MAX)
		return ENGINE_NOBODY;
	return (int32_t)(side == SIDE_MENTEE ? engine->chair_of[person] : person);
}

const struct ground *engine_ground(const struct engine *engine)
{
	return engine->ground;
}

CriteriaSet *engine_criteria(const struct engine *engine)
{
	return engine->criteria;
}

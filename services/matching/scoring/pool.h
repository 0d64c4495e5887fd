/*
 * Who is to be matched and what they said: the snapshot from which a plan is compiled.
 *
 * It is filled person by person: what follows pool_person() is about that person. Terms (skills, goals, languages,
 * industries, people) are texts of the caller's, compared as they are. Knows nothing of forms, profiles or messages.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

enum side {
	SIDE_MENTEE,
	SIDE_MENTOR,
};

enum field_kind {
	FIELD_NUMBER, /* within ±1 000 000: years, a scale's answer, minutes east of UTC, a date's day */
	FIELD_TERM, /* one of many: an industry, a team, a place, a choice, a person's id */
	FIELD_TERMS, /* several of many, each with a level of 1 to 7, or 0 when none is told: skills, goals, languages */
	FIELD_HOURS,  /* when somebody is free in the reference week, in UTC */
	FIELD_SCALES, /* POOL_SCALES traits, 0 to 100 each */
};

enum {
	POOL_QUARTERS = 672, /* quarter hours of a week; bit 0 is Monday, 00:00 */
	POOL_WEEK = (POOL_QUARTERS + 31) / 32,
	POOL_SCALES = 5,
	POOL_LEVELS = 7,
	POOL_MOST_FIELDS = 128,
	POOL_MOST_MENTEES = 200000,
	POOL_MOST_MENTORS = 50000,
};

/* Something that is known of people: a part of the profile, or a question of a form. */
struct field {
	const char *key;
	enum field_kind kind;
	bool sensitive; /* counts only for those who consented to it, and is never shown to another person */
};

struct pool;

/* The fields are copied; more than POOL_MOST_FIELDS are not taken. Everything lives as long as the arena. */
struct pool *pool_new(struct arena *arena, const struct field *fields, size_t n_fields);
/* Which field, or -1. */
int pool_field(const struct pool *pool, const char *key);

/* Adds a person and answers the index on that side. The same id on both sides is one person, never matched with themselves. */
uint32_t pool_person(struct pool *pool, enum side side, const char *id);
uint32_t pool_count(const struct pool *pool, enum side side);
/* Which person, or UINT32_MAX; the last one of several with the same id. */
uint32_t pool_find(const struct pool *pool, enum side side, const char *id);
const char *pool_id(const struct pool *pool, enum side side, uint32_t person);

/* What the person added last said. A value of another kind than the field's, or out of range, is not taken: false. */
bool pool_number(struct pool *pool, int field, int32_t value);
bool pool_term(struct pool *pool, int field, const char *term, unsigned level);
bool pool_hours(struct pool *pool, int field, const uint32_t quarters[POOL_WEEK]);
bool pool_scales(struct pool *pool, int field, const uint8_t traits[POOL_SCALES]);
/* They answered, but with nothing: no skill wanted, no hour free. Else an absent answer is a missing one. */
bool pool_nothing(struct pool *pool, int field);
/* Their sensitive answer to this field may be used. */
void pool_consent(struct pool *pool, int field);

/* `by` (a mentee or a mentor) would like the other: rank 1 to 10, or 0 for a favourite among equals. */
void pool_prefer(struct pool *pool, enum side by, uint32_t mentee, uint32_t mentor, unsigned rank);
/* The pair is never to meet. */
void pool_exclude(struct pool *pool, uint32_t mentee, uint32_t mentor);

/*
 * Bytes that a pool of this size takes, with the plan made of it, when everybody gives `answers` values on average
 * (a term of a list is one, hours are 21): stated before a run begins.
 */
uint64_t pool_memory(uint64_t mentees, uint64_t mentors, uint64_t answers);

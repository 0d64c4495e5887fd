/* The insides of a ground, for its parts: criteria (ground_criteria.c) and people (ground.c). */
#pragma once

#include "services/matching/ground.h"

enum { MOST_FIELDS = POOL_MOST_FIELDS };

/* What the profile always has. */
enum profile_field {
	OF_SKILLS,
	OF_TOPICS,
	OF_EXPERIENCE,
	OF_INDUSTRIES,
	OF_LANGUAGES,
	OF_HOURS,
	OF_ZONE,
	OF_COUNTRY,
	OF_PROFILE
};

/* A question in one of the shapes that a criterion may read it in. */
struct asked {
	const char *question;
	int field;
	enum field_kind kind;
};

struct wish {
	enum side by;
	uint32_t person;
	const MatchProfile *profile;
};

struct ground {
	struct arena *arena;
	struct pool *pool;
	struct field fields[MOST_FIELDS];
	size_t n_fields;
	struct asked asked[MOST_FIELDS];
	size_t n_asked;
	char *const *sensitive;
	size_t n_sensitive;
	struct criteria criteria;
	struct wish *wishes;
	size_t n_wishes;
	uint32_t people;
	/* By field: how many people said something out of range, and who was the last of them. */
	uint32_t untaken[MOST_FIELDS], untaken_of[MOST_FIELDS];
};

/* Reads the set, and which fields the pool needs for it. */
void read_set(struct ground *ground, const CriteriaSet *set);

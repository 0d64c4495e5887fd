/*
 * How fast pairs are scored, on each path of this processor: build/bench/score [mentees [mentors]]
 *
 * A typical program: skills with levels, goals, languages, weekly availability in half hours, years apart, personality; a language
 * in common and an hour of overlap as hard rules. One core, seconds of its time; prints a line for each path.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "services/matching/scoring/plan.h"

enum { SKILLS, GOALS, LANGUAGES, HOURS, YEARS, TRAITS, FIELDS, BLOCK = 32 };

static const struct field fields[FIELDS] = {
	{ "skills", FIELD_TERMS, false },    { "goals", FIELD_TERMS, false },
	{ "languages", FIELD_TERMS, false }, { "hours", FIELD_HOURS, false },
	{ "years", FIELD_NUMBER, false },    { "traits", FIELD_SCALES, false },
};
static const struct criterion criteria[] = {
	{ .key = "skills", .kind = CRITERION_SKILL_COVER, .weight = 40, .mentee_field = "skills" },
	{ .key = "goals", .kind = CRITERION_GOAL_COVER, .weight = 15, .mentee_field = "goals" },
	{ .key = "hours",
	  .kind = CRITERION_AVAILABILITY_OVERLAP,
	  .weight = 15,
	  .mentee_field = "hours",
	  .low = 240 },
	{ .key = "languages",
	  .kind = CRITERION_LANGUAGE_COMMON,
	  .weight = 10,
	  .mentee_field = "languages",
	  .low = 3 },
	{ .key = "years",
	  .kind = CRITERION_EXPERIENCE_GAP,
	  .weight = 10,
	  .mentee_field = "years",
	  .low = 6,
	  .high = 13,
	  .reach = 15 },
	{ .key = "traits",
	  .kind = CRITERION_PERSONALITY_SIMILAR,
	  .weight = 10,
	  .mentee_field = "traits" },
};
static const struct rule rules[] = {
	{ .kind = RULE_LANGUAGE_REQUIRED, .mentee_field = "languages", .value = 3 },
	{ .kind = RULE_MIN_OVERLAP, .mentee_field = "hours", .value = 60 },
};
static const struct criteria set = { criteria, 6, rules, 2, 0 };

static uint32_t draw(uint64_t *random, uint32_t below)
{
	uint64_t z = *random += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	return (uint32_t)((z ^ z >> 31) % below);
}

/* Some are said by many, most by few. */
static uint32_t draw_popular(uint64_t *random, uint32_t below)
{
	uint32_t a = draw(random, below), b = draw(random, below);

	return (uint32_t)((uint64_t)a * b / below);
}

static void draw_terms(struct pool *pool, uint64_t *random, int field, uint32_t n,
		       uint32_t vocabulary)
{
	char term[32];

	for (uint32_t i = 0; i < n; i++) {
		snprintf(term, sizeof term, "%s-%u", fields[field].key,
			 draw_popular(random, vocabulary));
		pool_term(pool, field, term, field == GOALS ? 0 : 3 + draw(random, 3));
	}
}

/* One or two stretches on most days, in local time of one of eight zones. */
static void draw_week(struct pool *pool, uint64_t *random)
{
	uint32_t week[POOL_WEEK] = { 0 }, zone = draw(random, 8) * 12;

	for (uint32_t day = 0; day < 7; day++) {
		uint32_t start = day * 96 + 32 + 2 * draw(random, 24),
			 length = 4 + 2 * draw(random, 10);

		if (draw(random, 3) == 0)
			continue;
		for (uint32_t quarter = start; quarter < start + length; quarter++) {
			uint32_t at = (quarter + POOL_QUARTERS - zone) % POOL_QUARTERS;

			week[at / 32] |= 1u << at % 32;
		}
	}
	pool_hours(pool, HOURS, week);
}

static void draw_people(struct pool *pool, uint64_t *random, enum side side, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		uint8_t traits[POOL_SCALES];
		char id[32];

		snprintf(id, sizeof id, "%d-%u", side, i);
		pool_person(pool, side, id);
		draw_terms(pool, random, SKILLS, side == SIDE_MENTEE ? 4 + draw(random, 6) : 12,
			   200);
		draw_terms(pool, random, GOALS, 1 + draw(random, 5), 24);
		draw_terms(pool, random, LANGUAGES, 1 + draw(random, 3), 12);
		draw_week(pool, random);
		pool_number(pool, YEARS, (int32_t)draw(random, side == SIDE_MENTEE ? 12 : 30));
		for (int trait = 0; trait < POOL_SCALES; trait++)
			traits[trait] = (uint8_t)draw(random, 101);
		pool_scales(pool, TRAITS, traits);
	}
}

/* Of this process alone: what else the machine does counts little. */
static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Whole blocks, for a second at least. */
static void measure(struct plan *plan, const char *path, int16_t *scores)
{
	uint32_t mentees = plan_mentees(plan), mentors = plan_mentors(plan), from = 0;
	double start = now(), seconds = 0, pairs = 0;

	while (seconds < 1) {
		score_rows(plan, from, BLOCK, scores);
		pairs += (double)BLOCK * mentors;
		from = from + 2 * BLOCK <= mentees ? from + BLOCK : 0;
		seconds = now() - start;
	}
	printf("path=%s pairs=%.0f seconds=%.3f millions_per_second=%.1f\n", path, pairs, seconds,
	       pairs / seconds / 1e6);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static const char *const paths[] = { "scalar", "avx2", "avx512" };
	uint32_t mentees = argc > 1 ? (uint32_t)atoi(argv[1]) : 10000,
		 mentors = argc > 2 ? (uint32_t)atoi(argv[2]) : 2500;
	struct arena *arena = arena_new(SIZE_MAX);
	struct pool *pool = pool_new(arena, fields, FIELDS);
	int16_t *scores = malloc((size_t)BLOCK * mentors * sizeof *scores);
	uint64_t random = 1;
	struct rusage used;
	struct plan *plan;
	double start;

	mentees = mentees < BLOCK ? BLOCK : mentees;
	draw_people(pool, &random, SIDE_MENTEE, mentees);
	draw_people(pool, &random, SIDE_MENTOR, mentors);
	start = now();
	plan = plan_new(arena, pool, &set);
	printf("mentees=%u mentors=%u compile=%.3f plan_mb=%.1f estimate_mb=%.1f\n", mentees,
	       mentors, now() - start, (double)plan_memory(plan) / 1e6,
	       (double)pool_memory(mentees, mentors, 45) / 1e6);
	for (int path = SCORE_SCALAR; path <= SCORE_AVX512; path++)
		if (plan_take_path(plan, (enum score_path)path))
			measure(plan, paths[path], scores);
	free(scores);
	arena_free(arena);
	getrusage(RUSAGE_SELF, &used);
	printf("rss_mb=%.1f\n", (double)used.ru_maxrss / 1e3);
	return 0;
}

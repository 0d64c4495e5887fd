/* generate MENTEES MENTORS CAPACITY TAGS SEED BEST FILE: an instance with the best pairs of each mentee (0: all that are allowed). */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "instance.h"
#include "profiles.h"

enum { NUMBER_BITS = 20 };

static uint32_t lot(uint32_t mentee, uint32_t mentor)
{
	uint64_t z = ((uint64_t)mentee << 32 | mentor) * 0x9E3779B97F4A7C15ull;

	z ^= z >> 29;
	z *= 0xBF58476D1CE4E5B9ull;
	return (uint32_t)(z >> 44);
}

static int descending(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

	return one < other ? 1 : one > other ? -1 : 0;
}

/* Of a score and above. */
static int32_t count_from(const int32_t *of_score, int32_t best)
{
	int32_t n = 0, score = 1100;

	while (score > 0 && n < best)
		n += of_score[score--];
	return score;
}

/* The allowed pairs as keys: score, lot, mentor; the best first when only some are wanted. */
static int32_t keys_of(const struct profiles *profiles, int32_t i, int32_t best, int16_t *scores,
		       uint64_t *key)
{
	int32_t mentors = profiles->mentors.n, n = 0, of_score[1102] = { 0 };

	profiles_score(profiles, i, scores);
	for (int32_t j = 0; j < mentors; j++)
		of_score[scores[j] + 1]++;

	int32_t least = best < mentors ? count_from(of_score, best) : 0;

	for (int32_t j = 0; j < mentors; j++)
		if (scores[j] >= least)
			key[n++] = (uint64_t)scores[j] << 40 |
				   (uint64_t)(best < mentors ? lot((uint32_t)i, (uint32_t)j) : 0)
					   << NUMBER_BITS |
				   (uint64_t)j;
	if (best < mentors)
		qsort(key, (size_t)n, sizeof *key, descending);
	return n < best ? n : best;
}

static void add_row(struct instance *instance, int32_t i, const uint64_t *key, int32_t n)
{
	for (int32_t k = 0; k < n; k++) {
		instance->column[instance->pairs] = (int32_t)(key[k] & ((1u << NUMBER_BITS) - 1));
		instance->score[instance->pairs++] = (int16_t)(key[k] >> 40);
	}
	instance->row[i + 1] = instance->pairs;
}

static struct instance instance_of(const struct profiles *profiles, int32_t best)
{
	int32_t mentors = profiles->mentors.n;
	size_t most = (size_t)profiles->mentees * (size_t)(best < mentors ? best : mentors);
	int16_t *scores = malloc((size_t)profiles->mentors.padded * sizeof *scores);
	uint64_t *key = malloc((size_t)mentors * sizeof *key);
	struct instance instance = {
		.mentees = profiles->mentees,
		.mentors = mentors,
		.capacity = profiles->mentors.capacity,
		.row = calloc((size_t)profiles->mentees + 1, sizeof *instance.row),
		.column = malloc(most * sizeof *instance.column),
		.score = malloc(most * sizeof *instance.score),
	};

	for (int32_t i = 0; i < instance.mentees; i++)
		add_row(&instance, i, key, keys_of(profiles, i, best, scores, key));
	free(scores);
	free(key);
	return instance;
}

int main(int argc, char **argv)
{
	if (argc != 8) {
		fprintf(stderr, "generate MENTEES MENTORS CAPACITY TAGS SEED BEST FILE\n");
		return 2;
	}

	int32_t best = atoi(argv[6]);
	struct profiles profiles = profiles_random(atoi(argv[1]), atoi(argv[2]), atoi(argv[3]),
						   atoi(argv[4]), strtoull(argv[5], NULL, 10));
	struct instance instance = instance_of(&profiles, best ? best : INT32_MAX);

	instance_write(argv[7], &instance);
	printf("%s: %d x %d, %ld pairs\n", argv[7], instance.mentees, instance.mentors,
	       (long)instance.pairs);
	return 0;
}

/*
 * rematch INSTANCE [declines]: solves a file, then lets one mentee after another decline their mentor, each time to the new optimum. Prints the
 * times in milliseconds, how many others move, and whether the proof still holds at the end.
 */
#include <stdio.h>
#include <stdlib.h>

#include "matching/instance.h"
#include "services/matching/solver/solver.h"

static int ascending(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;

	return (one > other) - (one < other);
}

/* The next mentee, in an order without a pattern, who has a mentor. */
static int32_t next_matched(const struct matcher *matcher, int32_t mentees, uint64_t *random)
{
	int32_t mentee;

	do {
		*random = *random * 6364136223846793005u + 1442695040888963407u;
		mentee = (int32_t)((*random >> 33) % (uint64_t)mentees);
	} while (matcher_partner(matcher, mentee) < 0);
	return mentee;
}

static int64_t decline(struct matcher *matcher, int32_t mentee, double *took)
{
	size_t moved;
	double start = seconds();

	if (!matcher_forbid(matcher, mentee, matcher_partner(matcher, mentee))) {
		fprintf(stderr, "a decline was refused\n");
		exit(1);
	}
	*took = 1e3 * (seconds() - start);
	(void)matcher_moves(matcher, &moved);
	return (int64_t)moved;
}

int main(int argc, char **argv)
{
	struct instance instance;
	struct match_failure failure;
	int32_t n = argc > 2 ? atoi(argv[2]) : 10000;
	uint64_t random = 1;
	int64_t moves = 0;

	if (argc < 2)
		return fprintf(stderr, "rematch INSTANCE [declines]\n"), 2;
	instance_read(argv[1], &instance);

	struct match_problem problem = {
		.mentees = instance.mentees,
		.mentors = instance.mentors,
		.capacity = instance.capacity,
		.row = instance.row,
		.column = instance.column,
		.score = instance.score,
		.objective = MATCH_TOTAL,
		.threads = 2,
	};
	struct matcher *matcher = matcher_new(&problem, &failure);
	double *took = calloc((size_t)n, sizeof *took);

	if (!matcher || !matcher_solve(matcher, &failure))
		return fprintf(stderr, "failed: code %d\n", failure.code), 1;
	for (int32_t k = 0; k < n; k++)
		moves += decline(matcher, next_matched(matcher, instance.mentees, &random),
				 &took[k]);
	qsort(took, (size_t)n, sizeof *took, ascending);
	printf("declines=%d p50=%.4f p99=%.4f max=%.4f moves=%.1f proven=%d\n", n, took[n / 2],
	       took[(int64_t)n * 99 / 100], took[n - 1], (double)moves / n,
	       matcher_check(matcher, false, NULL));
	matcher_free(matcher);
	return 0;
}

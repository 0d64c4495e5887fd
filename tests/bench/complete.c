/*
 * complete MENTEES MENTORS CAPACITY TAGS SEED [objective]: the optimum over every pair of random people, scored on demand on two
 * threads, scoring and proof included: solve=<seconds> obj=… matched=… rounds=… gap=… rss=<MB>.
 */
#include <stdio.h>
#include <stdlib.h>

#include "matching/instance.h"
#include "matching/profiles.h"
#include "services/matching/solver/solver.h"

enum { THREADS = 2 };

static void score_row(void *context, uint32_t mentee, int16_t *scores)
{
	profiles_score(context, (int32_t)mentee, scores);
}

int main(int argc, char **argv)
{
	struct match_failure failure;
	struct match_solution solution;

	if (argc < 6)
		return fprintf(stderr, "complete MENTEES MENTORS CAPACITY TAGS SEED [0-3]\n"), 2;

	struct profiles profiles = profiles_random(atoi(argv[1]), atoi(argv[2]), atoi(argv[3]),
						   atoi(argv[4]), strtoull(argv[5], NULL, 10));
	struct match_problem problem = {
		.mentees = profiles.mentees,
		.mentors = profiles.mentors.n,
		.capacity = profiles.mentors.capacity,
		.score_row = score_row,
		.context = &profiles,
		.objective = argc > 6 ? (enum match_objective)atoi(argv[6]) : MATCH_TOTAL,
		.threads = THREADS,
	};
	double start = seconds();
	struct matcher *matcher = matcher_new(&problem, &failure);
	double chosen = seconds();
	bool proven = matcher && matcher_solve(matcher, &failure);
	double solved = seconds();

	if (!proven)
		return fprintf(stderr, "failed: code %d\n", failure.code), 1;
	matcher_solution(matcher, &solution);
	printf("solve=%.3f candidates=%.3f obj=%lld matched=%d rounds=%d gap=%d rss=%.0f\n",
	       solved - start, chosen - start, (long long)solution.total, solution.matched,
	       solution.rounds, matcher_check(matcher, true, NULL) ? 0 : 1, peak_megabytes());
	matcher_free(matcher);
	return 0;
}

/*
 * solve INSTANCE [objective]: solves a file (see matching/instance.h) and prints one line:
 *
 *	solve=<seconds> obj=<sum> matched=<n> gap=<0> viol=<0> rss=<MB>
 *
 * Objectives: total (the default, which the peers maximise), most, one, worst.
 *
 * What is timed is matcher_solve(), proof included; not matcher_new(), which brings the pairs into the solver's own form (rows in
 * order of worth and the lines of mentors), as the peers are not timed for building their graph. That time goes to stderr.
 * gap and viol are measured by solution_check() and by the sums over the file, not taken from the solver.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "matching/instance.h"
#include "services/matching/solver/solver.h"

static enum match_objective objective_of(const char *name)
{
	static const char *const names[] = { "most", "total", "one", "worst" };

	for (size_t k = 0; k < sizeof names / sizeof *names; k++)
		if (strcmp(name, names[k]) == 0)
			return (enum match_objective)k;
	fprintf(stderr, "an objective is most, total, one or worst\n");
	exit(2);
}

/* How many mentors have too many mentees, or mentees a mentor who is not in their row. */
static int64_t violations(const struct instance *instance, const struct match_solution *solution,
			  int64_t *sum)
{
	int32_t *load = calloc((size_t)instance->mentors + 1, sizeof *load);
	int64_t wrong = 0;

	*sum = 0;
	for (int32_t i = 0; i < instance->mentees; i++) {
		int64_t k = instance->row[i];

		if (solution->partner[i] < 0)
			continue;
		while (k < instance->row[i + 1] && instance->column[k] != solution->partner[i])
			k++;
		if (k == instance->row[i + 1] ||
		    ++load[solution->partner[i]] > instance->capacity[solution->partner[i]])
			wrong++;
		else
			*sum += instance->score[k];
	}
	free(load);
	return wrong;
}

int main(int argc, char **argv)
{
	struct instance instance;
	struct match_failure failure;
	struct match_solution solution;
	int64_t sum, wrong;

	if (argc < 2)
		return fprintf(stderr, "solve INSTANCE [most|total|one|worst]\n"), 2;
	instance_read(argv[1], &instance);

	struct match_problem problem = {
		.mentees = instance.mentees,
		.mentors = instance.mentors,
		.capacity = instance.capacity,
		.row = instance.row,
		.column = instance.column,
		.score = instance.score,
		.objective = objective_of(argc > 2 ? argv[2] : "total"),
		.threads = 2,
	};
	double start = seconds();
	struct matcher *matcher = matcher_new(&problem, &failure);
	double built = seconds();
	bool proven = matcher && matcher_solve(matcher, &failure);
	double solved = seconds();

	if (!proven)
		return fprintf(stderr, "failed: code %d\n", failure.code), 1;
	matcher_solution(matcher, &solution);
	wrong = violations(&instance, &solution, &sum);
	fprintf(stderr, "build=%.4f\n", built - start);
	printf("solve=%.6f obj=%lld matched=%d gap=%d viol=%lld rss=%.0f\n", solved - built,
	       (long long)sum, solution.matched, solution_check(&problem, &solution, NULL) ? 0 : 1,
	       (long long)wrong, peak_megabytes());
	matcher_free(matcher);
	return 0;
}

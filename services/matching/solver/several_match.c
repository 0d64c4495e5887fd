/* Mentees with several mentors: the problem as pairs, its optimum, and the proof of it. */
#include <stdlib.h>

#include "circle.h"
#include "rows.h"
#include "several.h"

/* Pairs kept as they are read. */
struct kept {
	int64_t *row;
	int32_t *column;
	int64_t *worth;
	int64_t n, room;
};

static bool keep_room(struct kept *kept, int64_t more)
{
	int64_t *worth;
	int32_t *column;

	if (kept->column && kept->n + more <= kept->room)
		return true;
	kept->room = (kept->n + more) * 2 + 16;
	column = realloc(kept->column, (size_t)kept->room * sizeof *column);
	if (column)
		kept->column = column;
	worth = realloc(kept->worth, (size_t)kept->room * sizeof *worth);
	if (worth)
		kept->worth = worth;
	return column && worth;
}

static bool keep_pairs(struct kept *kept, struct rows *rows)
{
	kept->row = calloc((size_t)rows->problem->mentees + 1, sizeof *kept->row);
	if (!kept->row)
		return false;
	for (int32_t i = 0; i < rows->problem->mentees; i++) {
		rows_take(rows, i);
		if (!keep_room(kept, (int64_t)rows->n))
			return false;
		for (size_t k = 0; k < rows->n; k++) {
			kept->column[kept->n] = rows->pairs[k].mentor;
			kept->worth[kept->n++] = rows->pairs[k].score;
		}
		kept->row[i + 1] = kept->n;
	}
	return keep_room(kept, 0);
}

static void kept_free(struct kept *kept)
{
	free(kept->row);
	free(kept->column);
	free(kept->worth);
}

/* More than all pairs together can be worth. */
static int64_t bonus_for(const struct several_problem *problem, const struct kept *kept)
{
	int64_t bonus = 1;

	for (int32_t i = 0; i < problem->pairs.mentees; i++) {
		int64_t greatest = 0;

		for (int64_t k = kept->row[i]; k < kept->row[i + 1]; k++)
			greatest = kept->worth[k] > greatest ? kept->worth[k] : greatest;
		bonus += greatest * problem->wanted[i];
	}
	return problem->most_first ? bonus : 0;
}

static bool copy_numbers(const struct several *several, struct several_solution *solution)
{
	for (int32_t i = 0; i < several->mentees; i++)
		solution->surplus[i] = (int32_t)several->surplus[i];
	for (int32_t j = 0; j < several->mentors; j++)
		solution->price[j] = (int32_t)several->price[j];
	return true;
}

static bool tell(const struct several *several, struct several_solution *solution)
{
	int64_t n = 0, pairs = several->row[several->mentees];

	solution->row = calloc((size_t)several->mentees + 1, sizeof *solution->row);
	solution->mentor = calloc((size_t)pairs + 1, sizeof *solution->mentor);
	solution->surplus = calloc((size_t)several->mentees + 1, sizeof *solution->surplus);
	solution->price = calloc((size_t)several->mentors + 1, sizeof *solution->price);
	if (!solution->row || !solution->mentor || !solution->surplus || !solution->price)
		return false;
	for (int32_t i = 0; i < several->mentees; i++) {
		for (int64_t k = several->row[i]; k < several->row[i + 1]; k++) {
			if (!several->taken[k])
				continue;
			solution->mentor[n++] = several->column[k];
			solution->total += several->worth[k];
		}
		solution->row[i + 1] = n;
	}
	return copy_numbers(several, solution);
}

static int64_t *firsts(const struct several_problem *problem, int64_t bonus)
{
	int64_t *first = calloc((size_t)problem->pairs.mentees + 1, sizeof *first);

	for (int32_t i = 0; first && i < problem->pairs.mentees; i++)
		first[i] = problem->served && problem->served[i] ? 0 : bonus;
	return first;
}

static enum match_code solve(const struct several_problem *problem, struct kept *kept,
			     struct several_solution *solution)
{
	int64_t bonus = bonus_for(problem, kept), *first = firsts(problem, bonus);
	struct several several = { .mentees = problem->pairs.mentees,
				   .mentors = problem->pairs.mentors,
				   .row = kept->row,
				   .column = kept->column,
				   .worth = kept->worth,
				   .wanted = problem->wanted,
				   .capacity = problem->pairs.capacity,
				   .first = first };
	int32_t *order = calloc((size_t)problem->pairs.mentees + 1, sizeof *order);
	bool fits = bonus < INT32_MAX / 4, solved = first && order && fits;

	if (order)
		draw_order(problem->pairs.seed, 5, problem->pairs.mentees, order);
	solution->first_bonus = fits ? (int32_t)bonus : 0;
	solved = solved &&
		 several_open(&several) &&
		 several_solve(&several, order) &&
		 tell(&several, solution);
	several_close(&several);
	free(order);
	free(first);
	return solved ? MATCH_OK : fits ? MATCH_NO_MEMORY : MATCH_TOO_LARGE;
}

bool several_match(const struct several_problem *problem, struct several_solution *solution,
		   struct match_failure *failure)
{
	struct match_problem pairs = problem->pairs;
	struct kept kept = { 0 };
	enum match_code code = MATCH_NO_MEMORY;
	struct rows rows;

	*solution = (struct several_solution) { 0 };
	pairs.stay = NULL;
	pairs.n_locks = 0;
	if (!rows_open(&rows, &pairs, failure))
		return false;
	if (keep_pairs(&kept, &rows))
		code = solve(problem, &kept, solution);
	if (code != MATCH_OK) {
		*failure = (struct match_failure) { code, MATCH_NOBODY, MATCH_NOBODY };
		several_free(solution);
	}
	kept_free(&kept);
	rows_close(&rows);
	return code == MATCH_OK;
}

void several_free(struct several_solution *solution)
{
	free(solution->row);
	free(solution->mentor);
	free(solution->surplus);
	free(solution->price);
	*solution = (struct several_solution) { 0 };
}

/* The proof, from its definition: sums over the pairs, nothing of how they were found. */
struct several_sums {
	int64_t bound, worth, total;
};

static bool is_chosen(const struct several_solution *solution, int32_t mentee, int32_t mentor)
{
	for (int64_t k = solution->row[mentee]; k < solution->row[mentee + 1]; k++)
		if (solution->mentor[k] == mentor)
			return true;
	return false;
}

static int64_t at_least(int64_t least, int64_t number)
{
	return number < least ? least : number;
}

/* What the mentee's places bound, and what they have come to. */
static void sum_places(const struct several_problem *problem,
		       const struct several_solution *solution, int32_t mentee,
		       struct several_sums *sums)
{
	int64_t first = problem->served && problem->served[mentee] ? 0 : solution->first_bonus;
	int64_t surplus = solution->surplus[mentee], wanted = problem->wanted[mentee];

	if (wanted > 0)
		sums->bound += at_least(0, surplus + first) + (wanted - 1) * at_least(0, surplus);
	if (solution->row[mentee + 1] > solution->row[mentee])
		sums->worth += first;
}

static bool sum_mentee(const struct several_problem *problem,
		       const struct several_solution *solution, struct rows *rows, int32_t mentee,
		       struct several_sums *sums)
{
	int64_t chosen = 0;

	rows_take(rows, mentee);
	for (size_t k = 0; k < rows->n; k++) {
		const struct row_pair *pair = &rows->pairs[k];

		sums->bound += at_least(0, (int64_t)pair->score -
						   solution->surplus[mentee] -
						   solution->price[pair->mentor]);
		if (!is_chosen(solution, mentee, pair->mentor))
			continue;
		chosen++;
		rows->places[pair->mentor]--;
		sums->worth += pair->score;
		sums->total += pair->score;
	}
	sum_places(problem, solution, mentee, sums);
	return chosen == solution->row[mentee + 1] - solution->row[mentee] &&
	       chosen <= problem->wanted[mentee];
}

static bool check_rows(const struct several_problem *problem,
		       const struct several_solution *solution, struct rows *rows,
		       struct match_pair *at)
{
	struct several_sums sums = { 0 };

	for (int32_t i = 0; i < problem->pairs.mentees; i++)
		if (!sum_mentee(problem, solution, rows, i, &sums)) {
			*at = (struct match_pair) { i, MATCH_NOBODY };
			return false;
		}
	for (int32_t j = 0; j < problem->pairs.mentors; j++) {
		sums.bound += (int64_t)solution->price[j] * problem->pairs.capacity[j];
		if (solution->price[j] < 0 || rows->places[j] < 0) {
			*at = (struct match_pair) { MATCH_NOBODY, j };
			return false;
		}
	}
	return sums.bound == sums.worth && sums.total == solution->total;
}

bool several_check(const struct several_problem *problem, const struct several_solution *solution,
		   struct match_pair *at)
{
	struct match_problem pairs = problem->pairs;
	struct match_pair nowhere = { MATCH_NOBODY, MATCH_NOBODY };
	struct match_failure failure;
	struct rows rows;
	bool holds;

	pairs.stay = NULL;
	pairs.n_locks = 0;
	if (!rows_open(&rows, &pairs, &failure))
		return false;
	holds = check_rows(problem, solution, &rows, &nowhere);
	if (at)
		*at = nowhere;
	rows_close(&rows);
	return holds;
}

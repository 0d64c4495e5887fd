/*
 * Circles: mentors form teams, and each choice of open teams is filled exactly (several.h); which teams are open is tried out,
 * all choices when they are few, else by closing, opening and exchanging one at a time.
 */
#include "circle.h"

#include <stdlib.h>
#include <string.h>

#include "rows.h"
#include "several.h"

enum {
	FEW_TEAMS = 10,
	MOST_TRIALS = 400,
	MOST_WORK = 400000,
	COMPANIONS = 64,
	PAIRS_MOST = 1 << 28
};

struct team {
	int32_t mentors[CIRCLE_MENTORS_MAX];
};

/* What a choice of open teams comes to. */
struct filling {
	int32_t *team_of; /* [mentees] or MATCH_NOBODY */
	int32_t matched;  /* -1: some open team has too few */
	int64_t total;
	int32_t short_team; /* the emptiest of those */
};

struct ring {
	const struct circle_problem *problem;
	int32_t mentees, n_leads, n_teams;
	int16_t *score;	     /* [mentees × leads] -1: not allowed */
	int32_t *leads;	     /* their numbers, the most sought first */
	struct team *teams;  /* of places in leads */
	int32_t *team_score; /* [mentees × teams] */
	int32_t *order;	     /* of the mentees, by the lottery */
	bool *open, *best_open;
	struct filling filling, best;
	int64_t greatest; /* a bonus for being in a circle: more than all scores together */
	int32_t trials;
	bool lacks_memory;
};

static int32_t score_in(const struct ring *ring, int32_t mentee, const struct team *team, int32_t n)
{
	int32_t sum = 0;

	for (int32_t k = 0; k < n; k++) {
		int16_t score = ring->score[(size_t)mentee * (size_t)ring->n_leads +
					    (size_t)team->mentors[k]];

		if (score < 0)
			return -1;
		sum += score;
	}
	return sum / n;
}

/* What a team would be worth to everybody who may be in it. */
static int64_t appeal(const struct ring *ring, const struct team *team, int32_t n)
{
	int64_t sum = 0;

	for (int32_t i = 0; i < ring->mentees; i++) {
		int32_t score = score_in(ring, i, team, n);

		sum += score < 0 ? 0 : score + 1;
	}
	return sum;
}

static void move_to_front(int32_t *at, int32_t from)
{
	int32_t chosen = at[from];

	memmove(at + 1, at, (size_t)from * sizeof *at);
	at[0] = chosen;
}

/* Each team takes the most sought mentor who is left and whoever goes best with them. */
static void form_teams(struct ring *ring, int32_t *free, int32_t n_free)
{
	int32_t each = ring->problem->mentors_each;

	for (; n_free >= each; free += each, n_free -= each) {
		struct team *team = &ring->teams[ring->n_teams++];

		team->mentors[0] = free[0];
		for (int32_t size = 1; size < each; size++) {
			int32_t best = size;
			int64_t most = -1;

			for (int32_t k = size; k < n_free && k < size + COMPANIONS; k++) {
				int64_t worth;

				team->mentors[size] = free[k];
				worth = appeal(ring, team, size + 1);
				if (worth > most) {
					most = worth;
					best = k;
				}
			}
			move_to_front(free + size, best - size);
			team->mentors[size] = free[size];
		}
	}
}

struct sought {
	int64_t appeal;
	int32_t place, rank;
};

static int by_appeal(const void *left, const void *right)
{
	const struct sought *a = left, *b = right;

	if (a->appeal != b->appeal)
		return a->appeal > b->appeal ? -1 : 1;
	return (a->rank > b->rank) - (a->rank < b->rank);
}

static bool make_teams(struct ring *ring, const int32_t *rank)
{
	struct sought *sought = calloc((size_t)ring->n_leads + 1, sizeof *sought);
	int32_t *free_leads = calloc((size_t)ring->n_leads + 1, sizeof *free_leads);

	if (sought && free_leads) {
		for (int32_t k = 0; k < ring->n_leads; k++)
			sought[k] = (struct sought) { appeal(ring, &(struct team) { { k } }, 1), k,
						      rank[ring->leads[k]] };
		qsort(sought, (size_t)ring->n_leads, sizeof *sought, by_appeal);
		for (int32_t k = 0; k < ring->n_leads; k++)
			free_leads[k] = sought[k].place;
		form_teams(ring, free_leads, ring->n_leads);
	}
	free(sought);
	free(free_leads);
	return sought && free_leads;
}

/* Each open team's places as two mentors: those that must be filled, with a bonus beyond everything, and the others. */
struct places {
	int64_t *row, *worth;
	int32_t *column, *capacity, *wanted;
	int32_t n;
};

static bool places_open(struct places *places, const struct ring *ring)
{
	size_t mentees = (size_t)ring->mentees + 1, pairs = mentees * (size_t)ring->n_teams * 2 + 1;

	places->row = calloc(mentees, sizeof *places->row);
	places->wanted = calloc(mentees, sizeof *places->wanted);
	places->capacity = calloc((size_t)ring->n_teams * 2 + 1, sizeof *places->capacity);
	places->column = calloc(pairs, sizeof *places->column);
	places->worth = calloc(pairs, sizeof *places->worth);
	return places->row && places->wanted && places->capacity && places->column && places->worth;
}

static void places_close(struct places *places)
{
	free(places->row);
	free(places->wanted);
	free(places->capacity);
	free(places->column);
	free(places->worth);
}

static void lay_places(struct places *places, const struct ring *ring)
{
	int64_t must = ring->greatest * (ring->mentees + 1), n = 0;

	for (int32_t t = 0; t < ring->n_teams; t++) {
		places->capacity[2 * t] = ring->open[t] ? ring->problem->least : 0;
		places->capacity[2 * t + 1] =
			ring->open[t] ? ring->problem->most - ring->problem->least : 0;
	}
	for (int32_t i = 0; i < ring->mentees; i++) {
		places->wanted[i] = 1;
		for (int32_t t = 0; t < ring->n_teams; t++) {
			int32_t score =
				ring->team_score[(size_t)i * (size_t)ring->n_teams + (size_t)t];

			if (!ring->open[t] || score < 0)
				continue;
			places->column[n] = 2 * t;
			places->worth[n++] = score + ring->greatest + must;
			places->column[n] = 2 * t + 1;
			places->worth[n++] = score + ring->greatest;
		}
		places->row[i + 1] = n;
	}
}

static void read_filling(struct ring *ring, const struct several *several)
{
	struct filling *filling = &ring->filling;
	int32_t fewest = INT32_MAX;

	filling->matched = 0;
	filling->total = 0;
	for (int32_t i = 0; i < ring->mentees; i++) {
		filling->team_of[i] = MATCH_NOBODY;
		for (int64_t k = several->row[i]; k < several->row[i + 1]; k++)
			if (several->taken[k]) {
				filling->team_of[i] = several->column[k] / 2;
				filling->matched++;
				filling->total +=
					ring->team_score[(size_t)i * (size_t)ring->n_teams +
							 (size_t)filling->team_of[i]];
			}
	}
	for (int32_t t = ring->n_teams - 1; t >= 0; t--)
		if (ring->open[t] &&
		    several->load[2 * t] < ring->problem->least &&
		    several->load[2 * t] < fewest) {
			fewest = several->load[2 * t];
			filling->short_team = t;
			filling->matched = -1;
		}
}

/* Fills the open teams as well as can be: exact. */
static void fill_teams(struct ring *ring)
{
	struct places places = { 0 };
	struct several several = { .mentees = ring->mentees, .mentors = 2 * ring->n_teams };

	ring->trials++;
	if (places_open(&places, ring)) {
		lay_places(&places, ring);
		several.row = places.row;
		several.column = places.column;
		several.worth = places.worth;
		several.wanted = places.wanted;
		several.capacity = places.capacity;
	}
	if (places.row &&
	    several.row &&
	    several_open(&several) &&
	    several_solve(&several, ring->order))
		read_filling(ring, &several);
	else
		ring->lacks_memory = true;
	several_close(&several);
	places_close(&places);
}

static bool keep_if_better(struct ring *ring)
{
	const struct filling *now = &ring->filling;
	struct filling *best = &ring->best;

	if (ring->lacks_memory ||
	    now->matched < best->matched ||
	    (now->matched == best->matched && now->total <= best->total))
		return false;
	memcpy(best->team_of, now->team_of, (size_t)ring->mentees * sizeof *best->team_of);
	memcpy(ring->best_open, ring->open, (size_t)ring->n_teams * sizeof *ring->open);
	best->matched = now->matched;
	best->total = now->total;
	return true;
}

static bool try_choice(struct ring *ring)
{
	fill_teams(ring);
	return keep_if_better(ring);
}

static void try_every_choice(struct ring *ring)
{
	for (uint32_t choice = 0; choice < 1u << ring->n_teams; choice++) {
		for (int32_t t = 0; t < ring->n_teams; t++)
			ring->open[t] = choice >> t & 1;
		try_choice(ring);
	}
}

static bool may_try(const struct ring *ring)
{
	return !ring->lacks_memory &&
	       ring->trials < MOST_TRIALS &&
	       (int64_t)ring->trials * (ring->mentees + ring->n_teams) < MOST_WORK;
}

/* As many teams as people allow, the most sought first; then whoever stays too empty is closed. */
static void begin_with_most(struct ring *ring)
{
	int32_t n = ring->mentees / ring->problem->least;

	for (int32_t t = 0; t < ring->n_teams; t++)
		ring->open[t] = t < n;
	do {
		try_choice(ring);
		if (ring->filling.matched < 0)
			ring->open[ring->filling.short_team] = false;
	} while (ring->filling.matched < 0 && !ring->lacks_memory);
}

/* One team more or less, or one for another; from the best choice so far. */
static bool try_change(struct ring *ring, int32_t a, int32_t b)
{
	memcpy(ring->open, ring->best_open, (size_t)ring->n_teams * sizeof *ring->open);
	if (a != b && ring->open[a] == ring->open[b])
		return false;
	ring->open[a] = !ring->open[a];
	if (a != b)
		ring->open[b] = !ring->open[b];
	return try_choice(ring);
}

static void improve(struct ring *ring)
{
	bool better = true;

	while (better && may_try(ring)) {
		better = false;
		for (int32_t a = 0; a < ring->n_teams && may_try(ring); a++)
			better |= try_change(ring, a, a);
		for (int32_t a = 0; a < ring->n_teams && may_try(ring); a++)
			for (int32_t b = a + 1; b < ring->n_teams && may_try(ring); b++)
				better |= try_change(ring, a, b);
	}
}

/* The bound: every mentee with as many mentors as a circle has, no least size, the mean of the scores. */
static bool bound_total(const struct circle_problem *problem, const struct ring *ring,
			struct circle_solution *solution, struct match_failure *failure)
{
	struct several_problem relaxed = { .pairs = problem->pairs };
	struct several_solution most = { 0 }, greatest = { 0 };
	int32_t *wanted = calloc((size_t)ring->mentees + 1, sizeof *wanted);
	int32_t *capacity = calloc((size_t)problem->pairs.mentors + 1, sizeof *capacity);
	bool solved = wanted && capacity;
	bool all = false;

	for (int32_t j = 0; solved && j < problem->pairs.mentors; j++)
		capacity[j] = problem->pairs.capacity[j] > 0 ? problem->most : 0;
	for (int32_t i = 0; solved && i < ring->mentees; i++)
		wanted[i] = 1;
	relaxed.pairs.capacity = capacity;
	relaxed.wanted = wanted;
	relaxed.most_first = true;
	solved = solved && several_match(&relaxed, &most, failure);
	if (solved)
		all = most.row[ring->mentees] == ring->best.matched;
	for (int32_t i = 0; solved && i < ring->mentees; i++)
		wanted[i] = problem->mentors_each;
	relaxed.most_first = false;
	solved = solved && several_match(&relaxed, &greatest, failure);
	if (solved) {
		solution->bound = all && problem->mentors_each == 1
					  ? most.total
					  : greatest.total / problem->mentors_each;
		solution->proven = all && solution->bound == solution->total;
	}
	several_free(&most);
	several_free(&greatest);
	free(wanted);
	free(capacity);
	return solved;
}

static bool tell_circles(const struct ring *ring, struct circle_solution *solution)
{
	int32_t *circle = calloc((size_t)ring->n_teams + 1, sizeof *circle);

	solution->circle_of = malloc(((size_t)ring->mentees + 1) * sizeof *solution->circle_of);
	solution->lead_of =
		malloc(((size_t)ring->problem->pairs.mentors + 1) * sizeof *solution->lead_of);
	if (!circle || !solution->circle_of || !solution->lead_of) {
		free(circle);
		return false;
	}
	for (int32_t j = 0; j < ring->problem->pairs.mentors; j++)
		solution->lead_of[j] = MATCH_NOBODY;
	for (int32_t t = 0; t < ring->n_teams; t++) {
		circle[t] = solution->circles;
		for (int32_t k = 0; ring->best_open[t] && k < ring->problem->mentors_each; k++)
			solution->lead_of[ring->leads[ring->teams[t].mentors[k]]] =
				solution->circles;
		solution->circles += ring->best_open[t];
	}
	for (int32_t i = 0; i < ring->mentees; i++) {
		int32_t team = ring->best.team_of[i];

		solution->circle_of[i] = team == MATCH_NOBODY ? MATCH_NOBODY : circle[team];
	}
	solution->matched = ring->best.matched;
	solution->total = ring->best.total;
	free(circle);
	return true;
}

static bool take_scores(struct ring *ring, struct rows *rows, int32_t *place)
{
	const struct match_problem *pairs = rows->problem;

	for (int32_t j = 0; j < pairs->mentors; j++) {
		place[j] = pairs->capacity[j] > 0 ? ring->n_leads : MATCH_NOBODY;
		if (pairs->capacity[j] > 0)
			ring->leads[ring->n_leads++] = j;
	}
	ring->score =
		malloc(((size_t)ring->mentees * (size_t)ring->n_leads + 1) * sizeof *ring->score);
	if (!ring->score)
		return false;
	memset(ring->score, 0xff,
	       (size_t)ring->mentees * (size_t)ring->n_leads * sizeof *ring->score);
	for (int32_t i = 0; i < ring->mentees; i++) {
		rows_take(rows, i);
		for (size_t k = 0; k < rows->n; k++)
			if (place[rows->pairs[k].mentor] != MATCH_NOBODY)
				ring->score[(size_t)i * (size_t)ring->n_leads +
					    (size_t)place[rows->pairs[k].mentor]] =
					(int16_t)rows->pairs[k].score;
	}
	return true;
}

static bool score_teams(struct ring *ring)
{
	size_t n = (size_t)ring->mentees * (size_t)ring->n_teams;

	ring->team_score = calloc(n + 1, sizeof *ring->team_score);
	for (int32_t i = 0; ring->team_score && i < ring->mentees; i++)
		for (int32_t t = 0; t < ring->n_teams; t++)
			ring->team_score[(size_t)i * (size_t)ring->n_teams + (size_t)t] =
				score_in(ring, i, &ring->teams[t], ring->problem->mentors_each);
	return ring->team_score;
}

static bool ring_open(struct ring *ring, struct rows *rows)
{
	size_t mentees = (size_t)ring->mentees + 1, mentors = (size_t)rows->problem->mentors + 1;
	int32_t *work = calloc(mentors, sizeof *work);
	bool ready;

	ring->leads = calloc(mentors, sizeof *ring->leads);
	ring->teams = calloc(mentors, sizeof *ring->teams);
	ring->order = calloc(mentees, sizeof *ring->order);
	ring->open = calloc(mentors, sizeof *ring->open);
	ring->best_open = calloc(mentors, sizeof *ring->best_open);
	ring->filling.team_of = calloc(mentees, sizeof *ring->filling.team_of);
	ring->best.team_of = calloc(mentees, sizeof *ring->best.team_of);
	ready = work &&
		ring->leads &&
		ring->teams &&
		ring->order &&
		ring->open &&
		ring->best_open &&
		ring->filling.team_of &&
		ring->best.team_of &&
		take_scores(ring, rows, work);
	if (ready) {
		draw_order(rows->problem->seed, 6, rows->problem->mentors, work);
		draw_order(rows->problem->seed, 5, ring->mentees, ring->order);
		ready = make_teams(ring, work) && score_teams(ring);
	}
	for (int32_t i = 0; ready && i < ring->mentees; i++)
		ring->best.team_of[i] = MATCH_NOBODY;
	ring->greatest = (int64_t)(MATCH_WORTH_MAX + 1) * ((int64_t)ring->mentees + 1);
	free(work);
	return ready;
}

static void ring_close(struct ring *ring)
{
	free(ring->score);
	free(ring->leads);
	free(ring->teams);
	free(ring->team_score);
	free(ring->order);
	free(ring->open);
	free(ring->best_open);
	free(ring->filling.team_of);
	free(ring->best.team_of);
}

static bool sizes_fit(const struct circle_problem *problem)
{
	return problem->least >= 1 &&
	       problem->most >= problem->least &&
	       problem->most <= MATCH_MENTEES_MAX &&
	       problem->mentors_each >= 1 &&
	       problem->mentors_each <= CIRCLE_MENTORS_MAX;
}

static bool choose(struct ring *ring, struct circle_solution *solution,
		   struct match_failure *failure)
{
	bool few = ring->n_teams <= FEW_TEAMS;

	if (few) {
		try_every_choice(ring);
	} else {
		begin_with_most(ring);
		improve(ring);
	}
	if (ring->lacks_memory || !tell_circles(ring, solution))
		return false;
	if (!bound_total(ring->problem, ring, solution, failure))
		return false;
	if (few && ring->problem->mentors_each == 1) {
		solution->bound = solution->total;
		solution->proven = true;
	}
	return true;
}

bool circle_match(const struct circle_problem *problem, struct circle_solution *solution,
		  struct match_failure *failure)
{
	struct match_problem pairs = problem->pairs;
	struct ring ring = { .problem = problem, .mentees = problem->pairs.mentees };
	struct rows rows;
	bool found;

	*solution = (struct circle_solution) { 0 };
	pairs.stay = NULL;
	pairs.n_locks = 0;
	*failure = (struct match_failure) { MATCH_BAD_PAIR, MATCH_NOBODY, MATCH_NOBODY };
	if (!sizes_fit(problem) || !rows_open(&rows, &pairs, failure))
		return false;
	*failure = (struct match_failure) { MATCH_TOO_LARGE, MATCH_NOBODY, MATCH_NOBODY };
	found = (int64_t)pairs.mentees * pairs.mentors <= PAIRS_MOST;
	if (found) {
		failure->code = MATCH_NO_MEMORY;
		found = ring_open(&ring, &rows) && choose(&ring, solution, failure);
	}
	if (!found)
		circle_free(solution);
	ring_close(&ring);
	rows_close(&rows);
	return found;
}

void circle_free(struct circle_solution *solution)
{
	free(solution->circle_of);
	free(solution->lead_of);
	*solution = (struct circle_solution) { 0 };
}

/* Augments along shortest paths until every mentee has what is worth it. */
#include "several.h"

#include <stdlib.h>

struct several_step {
	int64_t distance;
	int32_t node; /* mentees first, then mentors */
};

#define FAR INT64_MAX

bool several_open(struct several *several)
{
	size_t mentees = (size_t)several->mentees + 1, mentors = (size_t)several->mentors + 1;
	size_t pairs = (size_t)several->row[several->mentees] + 1, nodes = mentees + mentors;

	if (pairs > 1u << 30)
		return false;
	several->taken = calloc(pairs, sizeof *several->taken);
	several->owner = calloc(pairs, sizeof *several->owner);
	several->next = calloc(pairs, sizeof *several->next);
	several->surplus = calloc(mentees, sizeof *several->surplus);
	several->price = calloc(mentors, sizeof *several->price);
	several->has = calloc(mentees, sizeof *several->has);
	several->load = calloc(mentors, sizeof *several->load);
	several->held = calloc(mentors, sizeof *several->held);
	several->distance = calloc(nodes, sizeof *several->distance);
	several->reached_by = calloc(nodes, sizeof *several->reached_by);
	several->touched = calloc(nodes, sizeof *several->touched);
	return several->taken &&
	       several->owner &&
	       several->next &&
	       several->surplus &&
	       several->price &&
	       several->load &&
	       several->has &&
	       several->held &&
	       several->distance &&
	       several->reached_by &&
	       several->touched;
}

void several_close(struct several *several)
{
	free(several->taken);
	free(several->owner);
	free(several->next);
	free(several->surplus);
	free(several->price);
	free(several->load);
	free(several->has);
	free(several->held);
	free(several->distance);
	free(several->reached_by);
	free(several->touched);
	free(several->heap);
}

/* The queue: a heap of steps, stale ones among them. */

static bool push(struct several *several, int64_t distance, int32_t node)
{
	size_t at = several->n_heap;

	if (at == several->heap_room) {
		size_t room = at ? at * 2 : 256;
		struct several_step *heap = realloc(several->heap, room * sizeof *heap);

		if (!heap)
			return false;
		several->heap = heap;
		several->heap_room = room;
	}
	several->n_heap++;
	for (; at > 0 && several->heap[(at - 1) / 2].distance > distance; at = (at - 1) / 2)
		several->heap[at] = several->heap[(at - 1) / 2];
	several->heap[at] = (struct several_step) { distance, node };
	return true;
}

static struct several_step pop(struct several *several)
{
	struct several_step *heap = several->heap, top = heap[0], last = heap[--several->n_heap];
	size_t at = 0;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < several->n_heap && heap[child + 1].distance < heap[child].distance)
			child++;
		if (child >= several->n_heap || heap[child].distance >= last.distance)
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = last;
	return top;
}

static bool reach(struct several *several, int32_t node, int64_t distance, int32_t pair)
{
	if (distance >= several->distance[node])
		return true;
	if (several->distance[node] == FAR)
		several->touched[several->n_touched++] = node;
	several->distance[node] = distance;
	several->reached_by[node] = pair;
	return push(several, distance, node);
}

/* Where the shortest path ends: a mentor with a free place, or a mentee who goes without one. */
struct end {
	int64_t distance;
	int32_t node;
};

static void consider(struct end *end, int64_t distance, int32_t node)
{
	if (distance < end->distance)
		*end = (struct end) { distance, node };
}

static int64_t reduced(const struct several *several, int32_t pair)
{
	return several->surplus[several->owner[pair]] +
	       several->price[several->column[pair]] -
	       several->worth[pair];
}

/* What having the nth partner is worth, beside the pair. */
static int64_t worth_of_place(const struct several *several, int32_t mentee, int32_t n)
{
	return several->first && n == 0 ? several->first[mentee] : 0;
}

/* Going without: of the place that is being filled, or of the last one that is. */
static int64_t cost_of_leaving(const struct several *several, int32_t mentee)
{
	int32_t last = several->serving == mentee ? several->has[mentee] : several->has[mentee] - 1;

	return several->surplus[mentee] + worth_of_place(several, mentee, last);
}

static bool leave_mentee(struct several *several, int32_t mentee, int64_t distance, struct end *end)
{
	consider(end, distance + cost_of_leaving(several, mentee), mentee);
	for (int64_t k = several->row[mentee]; k < several->row[mentee + 1]; k++)
		if (!several->taken[k] &&
		    distance + reduced(several, (int32_t)k) < end->distance &&
		    !reach(several, several->mentees + several->column[k],
			   distance + reduced(several, (int32_t)k), (int32_t)k))
			return false;
	return true;
}

static bool leave_mentor(struct several *several, int32_t mentor, int64_t distance, struct end *end)
{
	if (several->load[mentor] < several->capacity[mentor])
		consider(end, distance, several->mentees + mentor);
	for (int32_t k = several->held[mentor]; k >= 0; k = several->next[k])
		if (!reach(several, several->owner[k], distance - reduced(several, k), k))
			return false;
	return true;
}

static bool search(struct several *several, int32_t mentee, struct end *end)
{
	several->serving = mentee;
	several->n_touched = 0;
	several->n_heap = 0;
	*end = (struct end) { FAR, mentee };
	if (!reach(several, mentee, 0, -1))
		return false;
	while (several->n_heap) {
		struct several_step step = pop(several);
		bool mentor = step.node >= several->mentees;

		if (step.distance > several->distance[step.node])
			continue;
		if (step.distance >= end->distance)
			return true;
		if (!(mentor ? leave_mentor(several, step.node - several->mentees, step.distance,
					    end)
			     : leave_mentee(several, step.node, step.distance, end)))
			return false;
	}
	return true;
}

static void adjust(struct several *several, int64_t distance)
{
	for (int32_t i = 0; i < several->n_touched; i++) {
		int32_t node = several->touched[i];
		int64_t nearer = distance - several->distance[node];

		if (nearer > 0 && node < several->mentees)
			several->surplus[node] -= nearer;
		else if (nearer > 0)
			several->price[node - several->mentees] += nearer;
		several->distance[node] = FAR;
	}
}

static void take(struct several *several, int32_t pair)
{
	int32_t mentor = several->column[pair];

	several->taken[pair] = true;
	several->next[pair] = several->held[mentor];
	several->held[mentor] = pair;
	several->load[mentor]++;
	several->has[several->owner[pair]]++;
}

static void let_go(struct several *several, int32_t pair)
{
	int32_t *at = &several->held[several->column[pair]];

	while (*at != pair)
		at = &several->next[*at];
	*at = several->next[pair];
	several->taken[pair] = false;
	several->load[several->column[pair]]--;
	several->has[several->owner[pair]]--;
}

/* From its end back to the mentee, taking and letting go in turn. */
static void walk_back(struct several *several, int32_t node)
{
	for (int32_t pair; (pair = several->reached_by[node]) >= 0;) {
		if (node >= several->mentees) {
			take(several, pair);
			node = several->owner[pair];
		} else {
			let_go(several, pair);
			node = several->mentees + several->column[pair];
		}
	}
}

static void begin(struct several *several)
{
	for (int32_t j = 0; j < several->mentors; j++)
		several->held[j] = -1;
	for (int32_t node = 0; node < several->mentees + several->mentors; node++)
		several->distance[node] = FAR;
	for (int32_t i = 0; i < several->mentees; i++)
		for (int64_t k = several->row[i]; k < several->row[i + 1]; k++)
			several->owner[k] = i;
}

static bool serve(struct several *several, int32_t mentee)
{
	several->surplus[mentee] = -worth_of_place(several, mentee, 0);
	for (int64_t k = several->row[mentee]; k < several->row[mentee + 1]; k++) {
		int64_t value = several->worth[k] - several->price[several->column[k]];

		if (value > several->surplus[mentee])
			several->surplus[mentee] = value;
	}
	for (int32_t place = 0; place < several->wanted[mentee]; place++) {
		struct end end;

		if (several->surplus[mentee] + worth_of_place(several, mentee, place) <= 0)
			return true;
		if (!search(several, mentee, &end))
			return false;
		walk_back(several, end.node);
		adjust(several, end.distance);
	}
	return true;
}

bool several_solve(struct several *several, const int32_t *order)
{
	begin(several);
	for (int32_t i = 0; i < several->mentees; i++)
		if (!serve(several, order[i]))
			return false;
	return true;
}

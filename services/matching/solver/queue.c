/* A bucket queue over a moving window of distances. */
#include "queue.h"

#include <stdlib.h>
#include <string.h>

enum { WINDOW = 4096, GROUPS = WINDOW / 64, NONE = -1 };

struct entry {
	int32_t number, distance, next;
};

struct queue {
	struct entry *entries;
	int32_t n, size;
	int32_t begin;		       /* the distance of bucket 0 */
	int32_t later;		       /* those beyond the window */
	uint64_t groups, full[GROUPS]; /* which buckets hold something */
	int32_t bucket[WINDOW];
};

struct queue *queue_new(void)
{
	struct queue *queue = calloc(1, sizeof *queue);

	if (queue)
		queue_clear(queue);
	return queue;
}

void queue_free(struct queue *queue)
{
	if (queue)
		free(queue->entries);
	free(queue);
}

void queue_clear(struct queue *queue)
{
	queue->n = queue->begin = 0;
	queue->later = NONE;
	memset(queue->full, 0, sizeof queue->full);
	queue->groups = 0;
}

static bool grow(struct queue *queue)
{
	int32_t size = queue->size ? 2 * queue->size : 1024;
	struct entry *entries = realloc(queue->entries, (size_t)size * sizeof *entries);

	if (!entries)
		return false;
	queue->entries = entries;
	queue->size = size;
	return true;
}

static void link_entry(struct queue *queue, int32_t at)
{
	struct entry *entry = &queue->entries[at];
	int32_t k = entry->distance - queue->begin;

	if (k >= WINDOW) {
		entry->next = queue->later;
		queue->later = at;
		return;
	}
	entry->next = queue->full[k / 64] >> (k % 64) & 1 ? queue->bucket[k] : NONE;
	queue->bucket[k] = at;
	queue->full[k / 64] |= 1ull << (k % 64);
	queue->groups |= 1ull << (k / 64);
}

bool queue_add(struct queue *queue, int32_t number, int32_t distance)
{
	if (queue->n == queue->size && !grow(queue))
		return false;
	queue->entries[queue->n] = (struct entry) { number, distance, NONE };
	link_entry(queue, queue->n++);
	return true;
}

/* The window begins at the nearest of those beyond it. */
static bool move_window(struct queue *queue)
{
	int32_t nearest = INT32_MAX, list = queue->later;

	if (list == NONE)
		return false;
	for (int32_t at = list; at != NONE; at = queue->entries[at].next)
		if (queue->entries[at].distance < nearest)
			nearest = queue->entries[at].distance;
	queue->begin = nearest;
	queue->later = NONE;
	while (list != NONE) {
		int32_t next = queue->entries[list].next;

		link_entry(queue, list);
		list = next;
	}
	return true;
}

bool queue_take(struct queue *queue, int32_t *number, int32_t *distance)
{
	if (!queue->groups && !move_window(queue))
		return false;

	int group = __builtin_ctzll(queue->groups);
	int k = 64 * group + __builtin_ctzll(queue->full[group]);
	const struct entry *entry = &queue->entries[queue->bucket[k]];

	*number = entry->number;
	*distance = entry->distance;
	queue->bucket[k] = entry->next;
	if (entry->next == NONE) {
		queue->full[group] &= queue->full[group] - 1;
		if (!queue->full[group])
			queue->groups &= queue->groups - 1;
	}
	return true;
}

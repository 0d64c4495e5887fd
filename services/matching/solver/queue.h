/*
 * Numbers by distance, the nearest first: a bucket per distance over a window, and a list of those beyond it. For Dijkstra: distances
 * never fall below the one that was taken last. What it took is forgotten by queue_clear().
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct queue;

struct queue *queue_new(void);
void queue_free(struct queue *queue);
void queue_clear(struct queue *queue);
/* False without memory. */
bool queue_add(struct queue *queue, int32_t number, int32_t distance);
/* False when it is empty. A number may come out once for each time that it was added. */
bool queue_take(struct queue *queue, int32_t *number, int32_t *distance);

/*
 * How often somebody may ask: the generic cell rate algorithm in a table of fixed size, so that no number of
 * strangers makes it grow. A full place forgets whoever has been quiet for longest.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "rpc.h"

struct limits;

struct limit {
	const char *name;   /* "read" */
	unsigned burst;	    /* so many at once */
	unsigned seconds;   /* in which the burst comes back */
	const char *policy; /* as the header RateLimit-Policy says it */
};

enum { LIMITS = RATE_HEAVY + 1 };

/* limits: one per enum rate. */
struct limits *limits_new(const struct limit limits[LIMITS]);
void limits_free(struct limits *limits);

/*
 * Counts one request of `who` (a person's id or an address). False = too many; *wait = seconds until the next may come.
 * *left = how many may follow at once.
 */
bool limits_take(struct limits *limits, enum rate rate, const char *who, uint64_t now_ns,
		 unsigned *left, unsigned *wait);
const struct limit *limits_of(const struct limits *limits, enum rate rate);

/*
 * What runs share with whatever else solves a pool: simulations and group plans.
 */
#pragma once

#include "matching/matching.h"

/* Refuses the call when a side is empty or the pool needs more memory than there is; `needed` in MiB. */
bool pool_fits(struct call *call, const RunPool *pool, uint64_t *needed) must_check;
/* Whether a pool of that size can be matched with several mentors for each mentee, and is to be. */
bool gives_several(int32_t mentors_per_mentee, int32_t mentees, int32_t mentors);
/* A seed of 64 hex digits, and its SHA-256. */
void draw_seed(struct call *call, char **seed, char **commitment);

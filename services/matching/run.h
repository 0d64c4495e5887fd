/*
 * What runs share with whatever else solves a pool: simulations and group plans.
 */
#pragma once

#include "matching/matching.h"

/* Refuses the call when a side is empty or the pool needs more memory than there is; `needed` in MiB. */
bool pool_fits(struct call *call, const RunPool *pool, uint64_t *needed) must_check;
/* A seed of 64 hex digits, and its SHA-256. */
void draw_seed(struct call *call, char **seed, char **commitment);

/*
 * Sending proposals out.
 */
#pragma once

#include "matching/matching.h"

/* What a decline has brought: drafts of a run that publishes them at once. */
bool publish_next_round(struct call *call, const Id *run) must_check;

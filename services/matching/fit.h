/*
 * Members and criteria of a FitPool in the terms of the scoring; the reader of a recommendation is the only one of their side.
 */
#pragma once

#include "matching/matching.h"
#include "services/matching/ground.h"

struct ground *fit_ground(struct call *call, const FitPool *fit);
/* Scores a pair that is to be made by hand, and names what it breaks. */
bool fit_by_hand(struct call *call, const ManualMatchRequest *req, ManualMatch *match) must_check;

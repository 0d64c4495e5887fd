/*
 * Members and criteria of a FitPool in the terms of the scoring; the reader of a recommendation is the only one of their side.
 */
#pragma once

#include "matching/matching.h"
#include "services/matching/ground.h"

struct ground *fit_ground(struct call *call, const FitPool *fit);

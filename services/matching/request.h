/*
 * What requests and ranked lists share: a request that somebody must not hear of is not told.
 */
#pragma once

#include "matching/matching.h"

bool publish_sent(struct call *call, const MatchRequest *request) must_check;

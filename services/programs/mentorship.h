/*
 * What the steps of a mentorship share: the world hears of each by the state that it led to.
 */
#pragma once

#include "programs/programs.h"

/* Publishes that the mentorship has come into its state; nothing when that did not change. */
bool publish_step(struct call *call, const Mentorship *mentorship) must_check;
/* Somebody has left: puts the agreement in force that waited for nobody else, if there is one. */
bool settle_agreement(struct call *call, const Mentorship *mentorship) must_check;

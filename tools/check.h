/*
 * What the contract may not say. Everything wrong is told at once, each with its place and how
 * to mend it, in model->complaints.
 */
#pragma once

#include "model.h"

void check_contract(struct model *model);
/* The messages' own rules: names, comments, no recursion, no maps, what an event may tell. */
void check_messages(struct model *model);
/* The rpcs': rights, routes, what a GET may do, events and timers. */
void check_rpcs(struct model *model);
/* No two routes may take the same request. */
void check_routes(struct model *model);

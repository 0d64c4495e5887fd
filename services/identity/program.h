/*
 * Programs as the programs service knows them. Both sleep, and are asked before anything is
 * written.
 */
#pragma once

#include "identity/identity.h"

/* The title, in the arena; 404 when there is no such program. */
bool program_title(struct call *call, const char *program_id, char **title) must_check;
/* Refuses a role of a program that there is not; other roles pass. */
bool program_is_known(struct call *call, Grant__Role role, const char *program_id) must_check;

/*
 * Names of people: every script is welcome, but something has to be seen.
 */
#pragma once

#include "identity/identity.h"

/* Refuses a name without a letter, a digit or a symbol: combining marks and spaces alone are none. */
bool name_judge(struct call *call, const char *name) must_check;

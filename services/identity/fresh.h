/*
 * Decisions about the roles that run the site are taken within five minutes of the sign-in.
 */
#pragma once

#include "identity/identity.h"

/* Refuses ADMIN and SAFETY_OFFICER to whoever signed in longer ago; other roles pass. */
bool fresh_for(struct call *call, Grant__Role role) must_check;

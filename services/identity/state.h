/*
 * What the process of identity holds besides its pools: the keys that open what is sealed, and the
 * places for what is dear.
 */
#pragma once

#include "identity/identity.h"
#include "places.h"
#include "seal.h"

struct service_state {
	struct seal_key *addresses, *profiles, *totp, *signing, *answers;
	struct places hashers, painters; /* Argon2 runs; programs that draw photos */
};

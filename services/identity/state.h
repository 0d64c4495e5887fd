/*
 * What the process of identity holds besides its pools: the keys that open what is sealed, and the places for hashing.
 */
#pragma once

#include "identity/identity.h"
#include "seal.h"
#include "task.h"

struct service_state {
	struct seal_key *addresses, *totp, *signing, *answers;
	unsigned hashing, waiting; /* Argon2 runs; who waits for one */
	unsigned cores;
	struct task_queue hashers;
};

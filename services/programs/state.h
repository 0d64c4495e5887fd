/*
 * What the process of programs holds besides its pools: the key that seals the secrets that
 * certificates are signed with, and where files are kept.
 */
#pragma once

#include "object.h"
#include "programs/programs.h"
#include "seal.h"

struct service_state {
	struct seal_key *certificates;
	struct objects *objects;
};

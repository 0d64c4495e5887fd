/* What the process of programs holds besides its pools: the key that seals the secrets that certificates are signed with. */
#pragma once

#include "programs/programs.h"
#include "seal.h"

struct service_state {
	struct seal_key *certificates;
};

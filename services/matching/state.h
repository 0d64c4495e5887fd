/*
 * What the handlers of matching share: the runs that are kept in memory, and the work that goes on beside calls. Made by start(),
 * gone after stop().
 */
#pragma once

#include "seal.h"
#include "service.h"

struct keeping;

struct service_state {
	struct keeping *keeping;
	struct seal_key *pseudonyms; /* for the people of certificates */
	unsigned jobs;		     /* that work on a run now */
};

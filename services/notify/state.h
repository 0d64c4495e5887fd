/*
 * What the handlers of notify share: the way out for mails, and keys. Made by start(), gone after
 * stop().
 */
#pragma once

#include "seal.h"
#include "service.h"
#include "smtp.h"

struct service_state {
	struct smtp *smtp;
	struct seal_key *addresses, *unsubscribing; /* for keyed hashes */
};

/*
 * Taking an invitation up: it is counted, its role given, and the others told.
 */
#pragma once

#include "identity/identity.h"

/* offer: as found and locked by find_offer() or find_own_offer(). */
bool invitation_take_up(struct call *call, InvitationRow *offer) must_check;

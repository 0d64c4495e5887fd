/*
 * The keys that tokens are signed with. A new one is made in time, is public before it signs, and stays public until
 * everything that it signed is over.
 */
#pragma once

#include "identity/identity.h"

/* Makes the next key when it is due. */
bool keys_renew(struct call *call) must_check;

/*
 * Authenticators (RFC 6238, SHA-1, 30 s, six digits; liboath) and recovery codes of 120 bits.
 */
#pragma once

#include "identity/identity.h"

/*
 * The time step of a right code, one step early or late at most; false when the code is wrong, or refused.
 * sealed: as kept in totp.secret; "" when there is none.
 */
bool totp_step(struct call *call, const char *user_id, const char *sealed, const char *code,
	       int64_t *step) must_check;
/* What is kept of a recovery code, however it was typed. */
char *recovery_code_hash(struct call *call, const char *code);

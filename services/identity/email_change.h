/*
 * Another address for an account: wished by its owner, or proposed by an administrator.
 */
#pragma once

#include "identity/identity.h"

/* Records the wish for the person's account; nothing is told when the address is theirs already, or asked too often. */
bool email_change_begin(struct call *call, const char *user_id, const char *new_email,
			const char *reason,
			bool (*tell)(struct call *call, const EmailChange *change)) must_check;

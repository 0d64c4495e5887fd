/*
 * Sessions: opened after every factor was right, carried on by refresh tokens that rotate, told to the world by access tokens
 * (lib/token.h) that live ten minutes (ITHACA_ACCESS_TOKEN_LIFE).
 */
#pragma once

#include "identity/identity.h"

/* Who signs in, and from which device. */
struct opening {
	const char *user_id, *email_key;
	const char *password_hash; /* of the password that was right */
	const char *device_id;	   /* "" for a new device */
	const char *device_token;  /* of a known device, given back as it is; may be "" */
};

bool session_open(struct call *call, const struct opening *opening, SignIn *sign_in) must_check;
/* Fills in the access token of a session that stands. */
bool session_sign(struct call *call, SessionRow *row, SignIn *sign_in) must_check;
/* What ended sessions are told by; nothing when there are none. */
bool tell_ended(struct call *call, const Account *account) must_check;

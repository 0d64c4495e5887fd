/*
 * Passwords: Argon2id (64 MiB, two passes; libsodium keeps the parameters with the hash) on the worker pool, at most one per
 * core at once; and which ones are too easily guessed.
 */
#pragma once

#include "identity/identity.h"

/* What a password is judged by besides itself. */
struct password_context {
	const char *email; /* as typed */
	const char *site;  /* its name */
	bool second_factor;
};

/* Whether it has fewer code points than one without a second factor needs. */
bool password_is_short(const char *password);
/* Refuses what is too short or too easily guessed. */
bool password_judge(struct call *call, const char *password,
		    const struct password_context *context) must_check;
/* The hash, in the arena. Sleeps. 503 when too many wait. */
bool password_hash(struct call *call, const char *password, char **hash) must_check;
/* Whether the password has that hash. NULL or "": there is none, which takes the same time and is never right. Sleeps. */
bool password_matches(struct call *call, const char *hash, const char *password,
		      bool *matches) must_check;

/*
 * Who asks: the bearer's token, verified once and then known by its keyed hash until it expires, and what the
 * site roles in it allow. Finer rights are the services' own.
 */
#pragma once

#include "request.h"

struct auth;
struct trust;

/* site: the implicit assertion of every token. */
struct auth *auth_new(struct trust *trust, const char *site);
void auth_free(struct auth *auth);

/*
 * Fills request->session from its token. A route for anyone takes no token, but never a bad one. When the token names
 * a key that is not known, request->unknown_key is set, and auth_settle() must be called in the task.
 */
bool auth_identify(struct auth *auth, struct request *request) must_check;
/* Fetches the keys again and identifies. Sleeps. */
bool auth_settle(struct auth *auth, struct request *request) must_check;
/* What the route wants of the person: policies, roles, a fresh sign-in. */
bool auth_permit(struct request *request) must_check;
/* Whether a session that was let in may stay. */
bool auth_still_holds(const struct auth *auth, const struct session *session);

/*
 * E-mail addresses: kept sealed as they were typed, found by a blind index of how they are compared.
 *
 * A place names whose address it is: "person/<id>" or "invitation/<id>". All copies of a person's addresses share it, so that
 * SQL can move them between an account and its changes.
 */
#pragma once

#include "identity/identity.h"

struct address {
	char *index;  /* the blind index */
	char *domain; /* as A-label */
	bool tagged;  /* the local part holds a plus-tag */
};

bool address_read(struct call *call, const char *email, struct address *address) must_check;
/* The blind index of an address, "" for what is none. */
char *address_index(struct call *call, const char *email);
char *address_seal(struct call *call, const char *kind, const char *id, const char *email);
/* Opens a sealed address in its field; nothing when it is empty. */
bool address_open(struct call *call, const char *kind, const char *id, char **email) must_check;

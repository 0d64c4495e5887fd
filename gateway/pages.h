/*
 * What the edge answers by itself: health, version, the API's description and its readable form.
 */
#pragma once

#include "request.h"

struct pages_settings {
	const char *docs; /* the folder of the API reference's files */
	const char *security_contact, *change_password; /* addresses */
};

/* Adds the pages to the gateway's routes. */
void pages_add(struct gateway *gateway, const struct pages_settings *settings);
/* Whether requests can be served, a line per dependency. */
bool pages_ready(void *gateway, struct buf *why);

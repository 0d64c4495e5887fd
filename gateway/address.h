/*
 * Which address asks: the peer's, or what a proxy of ours says about it. IPv6 counts by its /64, for that is
 * what one customer is given.
 */
#pragma once

#include "request.h"

struct proxies;
/* "10.0.0.0/8,fd00::/8"; NULL when the text is no such list. */
struct proxies *proxies_new(const char *list);
void proxies_free(struct proxies *proxies);

/* Fills request->address. X-Forwarded-For is read from the right, as far as the proxies are ours. */
void address_find(struct request *request);

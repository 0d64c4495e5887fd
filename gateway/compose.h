/*
 * Answers made of several services' answers: each field that names an rpc (option `from`) is asked for at the same
 * time, two seconds at most; what did not come is null and named in `partial`.
 */
#pragma once

#include "request.h"

/* Sleeps. */
bool compose(struct request *request) must_check;
/* Whether every `from` of the gateway's own methods names an rpc that answers what the field holds; else a line per fault. */
bool compose_check(const struct gateway *gateway, struct buf *complaints);

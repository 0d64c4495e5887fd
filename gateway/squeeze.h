/*
 * gzip for answers that are worth it: fast rather than small.
 */
#pragma once

#include <stdbool.h>

#include "buf.h"

/* Replaces the bytes by their gzip form (RFC 1952). False, and nothing changed, when that is not smaller. */
bool squeeze(struct buf *body);

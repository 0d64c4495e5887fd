/*
 * Ids: UUID version 7 (RFC 9562), so that rows made together lie together in an index.
 *
 * 48 bits of milliseconds, 12 bits of their fraction, 62 random bits: good names, no secrets.
 */
#pragma once

#include <stdint.h>

/* Lower-case text with its NUL. */
void uuid_v7(char out[37]);

/* No id made so many milliseconds ago, or since, by this machine's clock, is less. */
void uuid_v7_since(uint64_t ms, char out[37]);

/*
 * Ids: UUID version 7 (RFC 9562), so that rows made together lie together in an index.
 *
 * 48 bits of milliseconds, 12 bits of their fraction, 62 random bits: good names, no secrets.
 */
#pragma once

/* Lower-case text with its NUL. */
void uuid_v7(char out[37]);

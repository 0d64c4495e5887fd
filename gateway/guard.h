/*
 * Judges the raw request before anything else reads it: libmicrohttpd's parser takes what it should not
 * (two lengths, unknown transfer codings, %00), and whoever accepts that can be made to see a request
 * that nobody in front of it has seen (RFC 9112, sections 3, 6 and 11.2).
 */
#pragma once

#include "request.h"

enum { MOST_HEADER_BYTES = 16384, MOST_TARGET_BYTES = 8192 };

/* Takes the request's headers in and judges framing, headers and target. False = the connection must not be used again. */
bool guard_request(struct request *request, const char *method, const char *version) must_check;
/* The bytes that Content-Length announces, 0 without one. After guard_request(). */
uint64_t guard_length(const struct request *request);
/* Undoes percent-escapes; NUL-ended in the arena, NULL when the bytes are not UTF-8 or hold NUL. plus: '+' is a space. */
char *guard_unescape(struct arena *arena, const char *text, size_t len, bool plus, size_t *out_len);

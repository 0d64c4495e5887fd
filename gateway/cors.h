/*
 * Which other origins' pages may call: an allow-list, never "*", so that credentials stay with those named.
 */
#pragma once

#include "request.h"

/* Adds what the request's Origin may be told; nothing when it is not on the list. */
void cors_headers(struct request *request);
/* Answers an OPTIONS request: 204 with Allow, and the permission that a preflight asked for. */
void cors_options(struct request *request);

/*
 * Dead letters of all services for administrators: the list asks every service, the others the one that is named.
 */
#pragma once

#include "request.h"

/* What does an rpc of proto/gateway/dead_letter.proto, and sleeps; NULL for any other. */
bool (*letters_of(const char *rpc))(struct request *request);

/*
 * A request that one service answers: sent on the bus, its answer turned into HTTP.
 */
#pragma once

#include "request.h"

/* Sleeps. */
bool forward(struct request *request) must_check;
/* Takes the service's answer: body, status, tag, Location. */
bool forward_take(struct request *request, RpcResponse *response) must_check;

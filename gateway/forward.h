/*
 * A request that one service answers: sent on the bus, its answer turned into HTTP.
 */
#pragma once

#include "request.h"

/* Sleeps. */
bool forward(struct request *request) must_check;
/* Takes the service's answer: body, status, tag, Location. */
bool forward_take(struct request *request, RpcResponse *response) must_check;

/* Of an answer that is a file: a text member ("" when it is not there), and the content as the body. */
char *forward_text(struct request *request, const RpcResponse *response, const char *name);
void forward_content(struct request *request, const RpcResponse *response);

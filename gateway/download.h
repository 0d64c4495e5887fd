/*
 * A file on its way to a client: its service is asked for the next part when the client has taken the one before, so
 * that one part is held for each client, however slow, and nothing is read for one that has gone.
 *
 * Such an rpc's request has the fields offset and tag, its answer size, tag and name: offset says where a part begins,
 * tag which file it is, so that a file that is replaced meanwhile does not continue as another one.
 */
#pragma once

#include "request.h"

/* Whether the route's file comes in parts. */
bool download_comes_in_parts(const struct request *request);
/* Before the service is asked: fills the message's offset by the header Range. */
void download_expect(struct request *request, void *message);
/* The first part has come: the answer's headers and its size. */
bool download_begin(struct request *request, const RpcResponse *response) must_check;
/* The answer as MHD takes it, part by part. */
struct MHD_Response *download_response(struct request *request);

/*
 * A file on its way to the service that owns it: cut into parts that are sent on as they come, so that no file is ever
 * held here as a whole. The call that follows names the upload.
 */
#pragma once

#include "request.h"

/* Takes bytes; false when the request has been refused. May pause the connection until a part is sent. */
bool upload_take(struct request *request, const char *bytes, size_t len) must_check;
/*
 * Sends the last part and fills upload_id and content_type of the message and the file's digest into rpc; nothing when
 * the route takes no file. Sleeps.
 */
bool upload_finish(struct request *request, void *message, RpcRequest *rpc) must_check;

/*
 * From what a request came to (a body, or a problem) to the bytes of its answer: the headers that every answer
 * carries, ETags and 304, gzip, the access log.
 */
#pragma once

#include "request.h"

/* A JSON document: the caller writes it to request->answer.body. */
void answer_json(struct request *request, unsigned status);
/*
 * The tag of what is in the body. version > 0: strong, for If-Match; 0: weak. The client may then keep the answer
 * and asks each time whether it still holds.
 */
void answer_tag(struct request *request, int64_t version);
/* Finishes request->answer. Once, when nothing changes any more. */
void answer_compose(struct request *request);
/* After answer_compose(): for MHD. The body stays in the request. */
struct MHD_Response *answer_response(struct request *request);
/* After answer_compose(): the whole answer, ending its connection, for a socket that MHD has no part in. */
void answer_write_raw(struct buf *out, const struct request *request);
/* One line in the log and the metrics; never a query, a body or a token. */
void answer_log(struct request *request);

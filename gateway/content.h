/*
 * From what a request holds (path, query, JSON) to the rpc's message, with everything that is wrong named at once.
 */
#pragma once

#include "request.h"

/* Size and kind of the body, by its headers alone. */
bool content_judge_length(struct request *request) must_check;
bool content_judge_type(struct request *request) must_check;
/* Fills the message; `set` receives the names of the members that the JSON held. */
bool content_read(struct request *request, void *message, struct name_list *set) must_check;
/* Takes If-Match and Idempotency-Key. */
bool content_conditions(struct request *request, RpcRequest *rpc) must_check;

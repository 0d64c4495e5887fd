/*
 * The order in which a request is judged and done, the cheapest refusal first: framing, route, method, rate,
 * who asks, policies, role, content; then it is forwarded, composed or answered by a page.
 */
#pragma once

#include "refuse.h"
#include "request.h"

/* Judges the head. False = refused; *fatal when the connection cannot be read further. */
bool edge_judge_head(struct request *request, const char *method, const char *version,
		     bool *fatal) must_check;
/* Refuses what could not be read that far. */
void edge_misread(struct request *request, enum error error);
/* More of the body; false when it is too large. */
bool edge_take_body(struct request *request, const char *bytes, size_t len) must_check;
/* Runs in a task: does the request, or composes its refusal. Sleeps. */
void edge_run(struct request *request);

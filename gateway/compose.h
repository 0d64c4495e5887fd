/*
 * Answers made of several services' answers: each field that names an rpc (option `from`) is asked for at the same
 * time, two seconds at most; what did not come is null and named in `partial`.
 */
#pragma once

#include "request.h"

/* One of several questions that are asked at the same time. */
struct part {
	const struct rpc_method *method;
	const void *in;
	const char *name;
	void *answer; /* NULL when it did not come */
	struct request *request;
	unsigned *left;
	struct task *asker;
};
/* Asks all of them; the rest is ours to fill. Two seconds at most. Sleeps. */
void compose_ask(struct request *request, struct part *parts, unsigned count);
/* Names what did not come in the message's field `partial`. */
void compose_name_missing(struct request *request, void *message, const char *name);
/* The message as the answer. */
bool compose_answer(struct request *request, const void *message) must_check;

/* Sleeps. */
bool compose(struct request *request) must_check;
/* A line for every `from` of the gateway's own methods that names no rpc which answers what the field holds. */
void compose_check(const struct gateway *gateway, struct buf *complaints);

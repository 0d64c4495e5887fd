/*
 * GET /v1/stream: what is new for a person, as server-sent events (https://html.spec.whatwg.org/#server-sent-events); and
 * every other rpc with `body: STREAM`, which watches the thing of its id: "state" with what the rpc answers, at first and
 * after each of the thing's events.
 *
 * A stream leaves libmicrohttpd: its socket is ours, so that ten thousand idle listeners cost what their sockets
 * cost. It lives as long as its token holds; the client comes back with Last-Event-ID and is told what it missed.
 */
#pragma once

#include "request.h"

struct streams;

struct streams *streams_new(struct gateway *gateway, unsigned per_person);
void streams_start(struct streams *streams);
/* Tells every client to come back soon, and ends. The loop must turn until its handles are closed. */
void streams_close(struct streams *streams);
/* After the loop: until the bus is closed, events still come. */
void streams_free(struct streams *streams);
unsigned streams_open_count(const struct streams *streams);

/* Opens a stream for the request's person. Sleeps. */
bool stream_open(struct request *request) must_check;

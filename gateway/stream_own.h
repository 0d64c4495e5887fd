/*
 * What the live streams share: those of a person's news (stream.c) and those that watch a thing (watch.c).
 */
#pragma once

#include <uv.h>

#include "stream.h"

enum { STREAM_BUCKETS = 4096 };

struct stream {
	uv_tcp_t socket;
	struct stream *next, **at; /* in the bucket of what it is about */
	struct streams *streams;
	const struct rpc_method *method;
	struct session session;
	char about[37]; /* the person, or the thing that is watched */
	uint64_t beat;	/* uv_now milliseconds of the last bytes */
	bool open;
	struct buf waiting; /* what happens while the missed events are still being asked for */

	struct buf question; /* of a thing that is watched: the packed request */
	bool asking, moved;  /* its state is on its way; something has happened to it since */
	bool gone;	     /* closed while asking */
};

struct streams {
	struct gateway *gateway;
	uv_timer_t timer;
	unsigned per_person, count;
	struct metric *gauge;
	struct stream *buckets[STREAM_BUCKETS];
};

struct stream **stream_bucket(struct streams *streams, const char *about);
void stream_write(struct stream *stream, const struct buf *bytes);
void stream_close(struct stream *stream);
void stream_free(struct stream *stream);

/* Whether the rpc's stream watches one thing, that of the request's id. */
bool watches(const struct rpc_method *method);
const char *watch_thing(const struct rpc_method *method, const void *message);
void watch_listen(struct streams *streams);
/* Asks what the thing is now, as the request's person may see it. Sleeps. */
bool watch_first(struct stream *stream, struct request *request, const void *message,
		 struct buf *out) must_check;
/* Asks again if something has happened meanwhile. */
void watch_again(struct stream *stream);

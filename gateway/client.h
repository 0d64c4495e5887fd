/*
 * A connection as we watch it: what it is waiting for, since when, and whether it is too slow for that.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http;
struct request;

enum client_wait {
	CLIENT_FIRST,	/* for the first request on a new connection */
	CLIENT_IDLE,	/* for the next request */
	CLIENT_HEADER,	/* for the rest of a header */
	CLIENT_BODY,	/* for a body */
	CLIENT_SERVICE, /* for us: not the client's fault */
	CLIENT_READING, /* for the client to take its answer */
};

struct client {
	struct client *next, **at;
	int fd;
	char address[48]; /* of the peer, as text */
	char counted[48]; /* what stands for it in limits and logs; "" until asked */
	enum client_wait wait;
	uint64_t since; /* uv_now milliseconds */
	size_t bytes;	/* of the body so far */
	struct http *http;
	struct request *request; /* begun, and not ended by MHD's notification yet */
};

struct client *client_new(struct client **list, int fd, const char *address, uint64_t now);
void client_free(struct client *client);
void client_waits(struct client *client, enum client_wait wait, uint64_t now);
/* A header within 10 s, a body not slower than 1 KiB/s, the next request within 75 s, an answer taken within 120 s. */
bool client_is_too_slow(const struct client *client, uint64_t now);

/* Connections and their patience. */
#include "client.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	HEADER_MS = 10000,
	IDLE_MS = 75000,
	READING_MS = 120000,
	BODY_GRACE_MS = 5000,
	BODY_BYTES_PER_MS = 1
};

struct client *client_new(struct client **list, int fd, const char *address, uint64_t now)
{
	struct client *client = calloc(1, sizeof *client);

	client->fd = fd;
	snprintf(client->address, sizeof client->address, "%s", address);
	client->since = now;
	client->next = *list;
	client->at = list;
	if (client->next)
		client->next->at = &client->next;
	*list = client;
	return client;
}

void client_free(struct client *client)
{
	*client->at = client->next;
	if (client->next)
		client->next->at = client->at;
	free(client);
}

void client_waits(struct client *client, enum client_wait wait, uint64_t now)
{
	client->wait = wait;
	client->since = now;
	client->bytes = 0;
}

bool client_is_too_slow(const struct client *client, uint64_t now)
{
	uint64_t waited = now - client->since;

	switch (client->wait) {
	case CLIENT_FIRST:
	case CLIENT_HEADER:
		return waited > HEADER_MS;
	case CLIENT_IDLE:
		return waited > IDLE_MS;
	case CLIENT_BODY:
		return waited > BODY_GRACE_MS && client->bytes < waited * BODY_BYTES_PER_MS;
	case CLIENT_READING:
		return waited > READING_MS;
	default:
		return false;
	}
}

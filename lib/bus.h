/*
 * The connection to NATS, driven by our loop: what a turn of the loop sends leaves in one write at
 * its end.
 *
 * It connects in the background and for good. While it is down nothing is kept for later: sending
 * answers false at once and whoever waits for an answer is told. Everything here belongs to the
 * loop's thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

struct bus;
struct process;

/* nats://user:password@host:port, several separated by commas. */
struct bus *bus_open(struct process *process, const char *url);
/*
 * Nothing may wait for an answer any more. What was sent leaves first; the loop must turn until its
 * handles are closed.
 */
void bus_close(struct bus *bus);
bool bus_ready(const struct bus *bus);
/* The most bytes a message may hold, as the server said at the last connect. */
size_t bus_max_payload(const struct bus *bus);
/*
 * Called after every connect, from the loop. For what must then be asked again
 * (pulls, streams).
 */
struct bus_watch {
	void (*connected)(void *arg);
	void *arg;
	struct bus_watch *next;
};
void bus_watch(struct bus *bus, struct bus_watch *watch);
void bus_unwatch(struct bus *bus, struct bus_watch *watch);

/* A message; valid until the listener returns. */
struct bus_message {
	const char *subject, *reply; /* reply NULL when no answer is wanted */
	const uint8_t *data;
	size_t len;
	/* 0, or what the server itself says: 503 nobody listens, 404, 408, 409 of a pull. */
	unsigned status;
};
typedef void bus_listener(void *arg, const struct bus_message *message);

/*
 * A subscription that survives reconnects. queue NULL: every subscriber gets each message; else one
 * of the queue.
 */
struct bus_subscription *bus_subscribe(struct bus *bus, const char *subject, const char *queue,
				       bus_listener *listener, void *arg);
/*
 * A subject of our own, in the arena, for what keeps the subject it was published under when it is
 * delivered.
 */
char *bus_inbox(struct bus *bus, struct arena *arena);
void bus_unsubscribe(struct bus_subscription *subscription);
/* The same without loss: what is on its way already is handed over first. Sleeps. */
void bus_leave(struct bus_subscription *subscription);

/*
 * headers: name, value, …, NULL; or NULL. False when there is no connection, too much waits to
 * leave or len is too much.
 */
bool bus_publish(struct bus *bus, const char *subject, const char *reply,
		 const char *const *headers, const void *data, size_t len);

/*
 * A place for answers: messages sent to its subject come to the listener, until it is closed. A
 * lost connection comes as NULL (answers on their way are lost with it); the slot stays open. Late
 * answers are dropped and counted.
 */
struct bus_slot;
struct bus_slot *bus_slot_open(struct bus *bus, bus_listener *listener, void *arg);
void bus_slot_close(struct bus_slot *slot);
const char *bus_slot_subject(const struct bus_slot *slot);
/* For a listener that was given an answer for which nobody waits any more. */
void bus_count_late(struct bus *bus);

/* Sends and waits for one answer, copied to the arena. deadline: uv_now milliseconds. Sleeps. */
enum bus_outcome { BUS_ANSWERED, BUS_DOWN, BUS_LATE };
enum bus_outcome bus_request(struct bus *bus, struct arena *arena, const char *subject,
			     const void *data, size_t len, uint64_t deadline,
			     struct bus_message *answer);

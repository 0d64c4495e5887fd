/* What inbox.c (events as they come) and inbox_keep.c (what was missed, what failed) share. */
#pragma once

#include "bus.h"
#include "inbox.h"
#include "rpc.h"
#include "task.h"

struct metric;

struct consumer {
	struct inbox *inbox;
	const struct rpc_method *method;
	rpc_handler *handler;
	const char *producer, *name;
	const char *subject; /* where pulled events come to */
	struct bus_subscription *subscription;
	struct metric *lag;
	struct task *task;
	unsigned in_flight, pulled;
	bool resting, has_head;
	bool pull_over;	    /* the server has ended it */
	bool gone;	    /* and the consumer may not exist any more */
	uint64_t low, head; /* at the last look for holes */
};

struct inbox {
	struct process *process;
	struct arena *arena; /* holds all of it */
	size_t count;
	struct consumer *consumers;
	struct metric *replayed, *dead;
	struct bus_watch watch;
	struct task *keeper;
	bool stopping, keeper_rests;
	unsigned held; /* by whom: it dies with the last */
};

void inbox_hold(struct inbox *inbox);
void inbox_release(struct inbox *inbox);
void consumer_wake(struct consumer *consumer);

/* Waits for a number of events that it has fed. */
struct fed {
	struct task *task;
	unsigned waiting;
};
void fed_done(struct fed *fed);

/*
 * The one way in: runs the packed EventEnvelope as a call. delivery: the message it came in, or NULL. again: it had been set aside. False when the bytes are no event for this consumer.
 */
struct delivery;
bool inbox_feed(struct consumer *consumer, const uint8_t *bytes, size_t len,
		struct delivery *delivery, bool again, struct fed *fed);

/* The task that looks for holes, raises heads and tries again. */
void inbox_keep(struct inbox *inbox);
void inbox_keep_wake(struct inbox *inbox);

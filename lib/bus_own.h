/* What bus.c and bus_slot.c share of the connection. */
#pragma once

#include <nats/nats.h>
#include <uv.h>

#include "bus.h"
#include "task.h"

struct metric;

struct bus_subscription {
	struct bus *bus;
	struct bus_subscription *next;
	natsSubscription *handle; /* NULL while there is no connection */
	bus_listener *listener;
	void *arg;
	void *owned; /* freed with it */
	char *queue; /* NULL: none */
	bool ended;
	bool leaving; /* the server has been told, but some may be on their way */
	char subject[];
};

struct slots {
	struct bus_slot **all;
	struct bus_slot *free;
	size_t count;
	struct bus_subscription *subscription;
	struct metric *late;
	char prefix[128]; /* inbox.<process>.<random>. */
};

struct bus {
	struct process *process;
	uv_loop_t *loop;
	natsOptions *options;

	/* Of the attempt to connect; the worker thread's until it is done. */
	uv_work_t attempt;
	natsConnection *attempted;
	natsStatus attempt_status;
	natsSock socket;

	natsConnection *connection; /* NULL while there is none */
	uv_poll_t *poll;
	struct task_hook turn;
	bool unsent;  /* nats.c holds bytes to write */
	bool blocked; /* the socket took no more: wait until it is writable */
	bool gone;    /* nats.c has given the connection up */
	bool silent;  /* the failure to connect has been logged */
	bool attempting, closing;
	size_t max_payload;

	uv_timer_t retry, pulse;
	struct bus_slot *pulse_slot;
	bool pulse_answered;

	uv_async_t complained;
	uv_mutex_t complaint_lock;
	char complaint[256]; /* under the lock */

	struct bus_subscription *subscriptions;
	bool listening; /* subscriptions are walked: the ended ones stay until that is done */
	struct bus_watch *watches;
	struct slots slots;
	unsigned handles; /* open, of libuv */
};

/* Of bus_slot.c. */
void slots_begin(struct bus *bus);
void slots_end(struct bus *bus);
/* A message to one of the inbox's subjects. */
void slots_on_message(void *arg, const struct bus_message *message);
/* The connection is lost: nobody who waits will be answered. */
void slots_lost(struct bus *bus);

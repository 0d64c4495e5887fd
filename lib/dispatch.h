/*
 * Where a request, an event or a due timer becomes a call: a task that runs the handler in its transaction,
 * commits what it owes, writes the log line and gives the answer.
 *
 * bus.c (requests), inbox.c (events) and timer.c (timers) come in here; nothing else runs handlers.
 */
#pragma once

#include "call.h"
#include "rpc.h"

struct work {
	struct process *process;
	struct arena *arena; /* holds everything below; freed by dispatch when done */
	const struct rpc_method *method;
	rpc_handler *handler;
	RpcRequest *request; /* made up for events and timers */
	EventEnvelope *
		event; /* NULL unless an event: settle_event() commits with the effect; done before = success */
	bool again;		   /* an event that had been set aside, for settle_event() */
	const char *timer_subject; /* NULL unless a timer: its row goes with the effect */
	uint64_t deadline;	   /* uv_now milliseconds */
	/* Called once, in the task, after the commit or the refusal; on the loop's own stack when it was refused at once: must not sleep. */
	void (*done)(struct work *work, const RpcResponse *response);
	void *arg;
};

/* Starts the work; refuses it at once (503 OVERLOADED) when too much runs or the deadline cannot be met. */
void dispatch(struct work *work);
/* How many are running: a stop waits for zero. */
unsigned dispatch_running(const struct process *process);

/* Set up by service_main() before the first work, and given back after the last. */
void dispatch_open(struct process *process);
void dispatch_close(struct process *process);

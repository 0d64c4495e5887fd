/*
 * A service is a table: what it is called, what it answers, what it knows of SQL. main() is service_main(this).
 *
 *   <service>            serve
 *   <service> migrate    bring the schema up to date (as its owner), then exit
 *   <service> check      prepare every statement and compare it with the messages, then exit
 *   <service> help       the settings it reads
 */
#pragma once

#include <uv.h>

#include "conf.h"
#include "event.h"
#include "rpc.h"
#include "sql.h"

struct migration {
	const char *name; /* "0001_programs" */
	const char *text;
};

struct service {
	const char *name;
	const struct rpc_method *methods;	       /* ended by one without a name */
	rpc_handler *const *handlers;		       /* parallel to methods */
	const struct sql_statement *const *statements; /* NULL-ended */
	const struct migration *migrations;	       /* ended by one without a name */
	const struct setting *settings; /* of its own; ended by one without a name; may be NULL */
	/* Run once in a task after the pools are open and before requests are served; may be NULL. */
	bool (*start)(struct process *process);
	/* Run once in a task when start() has succeeded and no call runs any more; may be NULL. */
	void (*stop)(struct process *process);
};

int service_main(int argc, char **argv, const struct service *service);

/* What a process holds. The gateway has no sql. */
struct process {
	const char *name;
	uv_loop_t *loop;
	const struct service *service; /* NULL in the gateway */
	struct conf *conf;
	struct bus *bus;
	struct sql_pool *sql;
	struct metrics *metrics;
	struct rpc_keys *keys; /* our own root key, and the keys for the services we call */
	struct rpc_client *client;
	struct rpc_server *rpc;
	struct relay *relay;
	struct inbox *inbox;
	struct timers *timers;
	struct dispatcher *dispatcher; /* what runs, counted (dispatch.c) */
	/* Set by event.c: called after a commit that added to the outbox, so that the relay of this process need not poll. */
	void (*on_outbox)(struct process *process);
	/* What start() made for the handlers; each service defines the struct for itself. */
	struct service_state *state;
	bool draining;
};

/* A call made by the process itself, for start(): no caller; ends with call_end(). */
struct call *call_begin(struct process *process, const char *name);
/*
 * The same for work that goes on after its call: what it writes and publishes belongs to transactions that sql_checkpoint() commits;
 * what was not committed at call_end() has not happened. method: of the call that began it.
 */
struct call *call_begin_work(struct process *process, const struct rpc_method *method);
void call_end(struct call *call);

/* What dispatch.c leaves to others: the counting and the log line of each call. */
#pragma once

#include "dispatch.h"
#include "service.h"

enum { CODES = 32 };

/* The metrics of one rpc: how long, and how often with which code. */
struct rpc_stats {
	struct rpc_stats *next;
	const struct rpc_method *method;
	struct metric *seconds;
	struct {
		char code[48];
		struct metric *count;
	} codes[CODES];
};

struct dispatcher {
	unsigned running;
	double pace_ms;		/* from one completion to the next while busy, a moving average */
	uint64_t last_ended_ns; /* or when work began after a rest */
	struct rpc_stats *stats;
};

/* After the call: counts it and writes its line. */
void call_log(const struct call *call, const struct work *work, double ms);
void stats_free(struct dispatcher *dispatcher);

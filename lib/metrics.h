/*
 * Counters, gauges and latency histograms, in Prometheus's text format on a port of their own.
 *
 * A metric is found or made by name and one label set once, then kept as a pointer: counting is an addition.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "buf.h"

struct metrics;
struct metric;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);
/* labels: Prometheus text without braces, e.g. rpc="GetProgram",code="OK"; "" for none. */
struct metric *metric_counter(struct metrics *metrics, const char *name, const char *help,
			      const char *labels);
struct metric *metric_gauge(struct metrics *metrics, const char *name, const char *help,
			    const char *labels);
/* Seconds; buckets from 0.1 ms to 10 s. */
struct metric *metric_histogram(struct metrics *metrics, const char *name, const char *help,
				const char *labels);
void metric_add(struct metric *metric, double value);
void metric_set(struct metric *metric, double value);
void metric_observe(struct metric *metric, double seconds);
void metrics_write(const struct metrics *metrics, struct buf *out);

/*
 * Serves /metrics, /livez and /readyz on 127.0.0.1:port (or address:port). ready() writes one line per
 * dependency into why and tells whether all is well. NULL when the address cannot be had. After metrics_close()
 * the loop must run once more for the handles to end.
 */
struct metrics_server;
struct metrics_server *metrics_listen(uv_loop_t *loop, struct metrics *metrics, const char *address,
				      bool (*ready)(void *arg, struct buf *why), void *arg);
void metrics_close(struct metrics_server *server);

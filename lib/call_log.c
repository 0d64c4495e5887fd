/* One line and a few counters for every call. */
#include <stdlib.h>
#include <string.h>

#include "dispatch_own.h"
#include "log.h"
#include "metrics.h"
#include "pb_json.h"

static struct rpc_stats *new_stats(struct process *process, const struct rpc_method *method)
{
	struct rpc_stats *stats = calloc(1, sizeof *stats);
	struct buf labels = { 0 };

	if (!stats)
		abort();
	stats->method = method;
	buf_printf(&labels, "rpc=\"%s\"", method->name);
	stats->seconds =
		metric_histogram(process->metrics, "ithaca_rpc_seconds",
				 "From the start of a call to its answer.", buf_text(&labels));
	buf_free(&labels);
	stats->next = process->dispatcher->stats;
	process->dispatcher->stats = stats;
	return stats;
}

/* The one asked for last comes first: a busy process calls few rpcs at a time. */
static struct rpc_stats *stats_of(struct process *process, const struct rpc_method *method)
{
	struct dispatcher *dispatcher = process->dispatcher;

	for (struct rpc_stats **at = &dispatcher->stats; *at; at = &(*at)->next)
		if ((*at)->method == method) {
			struct rpc_stats *found = *at;

			*at = found->next;
			found->next = dispatcher->stats;
			dispatcher->stats = found;
			return found;
		}
	return new_stats(process, method);
}

void stats_free(struct dispatcher *dispatcher)
{
	while (dispatcher->stats) {
		struct rpc_stats *stats = dispatcher->stats;

		dispatcher->stats = stats->next;
		free(stats);
	}
}

/* A service has few codes for one rpc; what is beyond the table is counted as OTHER. */
static struct metric *counter_of(struct process *process, struct rpc_stats *stats, const char *code)
{
	struct buf labels = { 0 };
	unsigned at = 0;

	while (at < CODES - 1 && stats->codes[at].count && strcmp(stats->codes[at].code, code))
		at++;
	if (stats->codes[at].count)
		return stats->codes[at].count;
	if (at == CODES - 1 || strlen(code) >= sizeof stats->codes[at].code)
		code = "OTHER";
	strcpy(stats->codes[at].code, code);
	buf_printf(&labels, "rpc=\"%s\",code=\"%s\"", stats->method->name, code);
	stats->codes[at].count = metric_counter(process->metrics, "ithaca_rpc_total",
						"Calls by rpc and code.", buf_text(&labels));
	buf_free(&labels);
	return stats->codes[at].count;
}

static void add_text(struct buf *line, const char *name, const char *text)
{
	if (!text || !*text)
		return;
	buf_add(line, ",\"", 2);
	buf_puts(line, name);
	buf_add(line, "\":", 2);
	json_quote(line, text, strlen(text));
}

/* Milliseconds with three digits behind the point. */
static void add_ms(struct buf *line, const char *name, double ms)
{
	char digits[32], *at = digits + sizeof digits;
	uint64_t us = (uint64_t)(ms * 1000);

	for (int place = 0; us || place < 4; place++) {
		if (place == 3)
			*--at = '.';
		*--at = (char)('0' + us % 10);
		us /= 10;
	}
	buf_add(line, ",\"", 2);
	buf_puts(line, name);
	buf_add(line, "\":", 2);
	buf_add(line, at, (size_t)(digits + sizeof digits - at));
}

static void write_line(const struct call *call, const struct work *work, enum log_level level,
		       double ms)
{
	const Problem *problem = call->problem;
	struct buf line = { 0 };

	add_text(&line, "rpc", work->method->name);
	add_text(&line, "request_id", call->unlinked ? NULL : work->request->request_id);
	add_text(&line, "person", call->unlinked ? NULL : call->caller->id);
	add_text(&line, "event", call->event ? call->event->id : NULL);
	add_text(&line, "timer", work->timer_subject);
	add_text(&line, "code", problem ? problem->code : "OK");
	add_text(&line, "reason", problem ? problem->detail : NULL);
	add_text(&line, "fault", call->fault);
	add_ms(&line, "ms", ms);
	add_ms(&line, "sql_ms", call->sql_ms);
	if (call->notes.len)
		buf_add(&line, call->notes.data, call->notes.len);
	log_line(level, "call", (const char *)line.data, line.len);
	buf_free(&line);
}

void call_log(const struct call *call, const struct work *work, double ms)
{
	struct rpc_stats *stats = stats_of(work->process, work->method);
	enum log_level level = call->fault ? LOG_ERROR : LOG_INFO;

	metric_observe(stats->seconds, ms / 1000);
	metric_add(counter_of(work->process, stats, call->problem ? call->problem->code : "OK"), 1);
	if (log_takes(level))
		write_line(call, work, level, ms);
}

/* Log lines as JSON, gathered in a buffer and written once per loop turn. */
#include "log.h"

#include <stdarg.h>
#include <time.h>
#include <unistd.h>

#include "pb_json.h"

/* The process has one log; it is opened before anything else runs. */
static struct {
	const char *process;
	enum log_level least;
	struct buf lines;
	time_t second; /* what `time` says, worked out once a second */
	char time[40];
} the_log;

static const char *const level_names[] = { "debug", "info", "warn", "error" };

bool log_read_level(const char *name, enum log_level *level, struct buf *complaints)
{
	for (*level = LOG_DEBUG; *level <= LOG_ERROR; ++*level)
		if (!strcmp(name, level_names[*level]))
			return true;
	buf_puts(complaints, "ITHACA_LOG_LEVEL must be debug, info, warn or error.\n");
	return false;
}

void log_open(const char *process, enum log_level least)
{
	the_log.process = process;
	the_log.least = least;
}

bool log_takes(enum log_level level)
{
	return level >= the_log.least;
}

static void tell_time(time_t second)
{
	struct tm utc;

	if (second == the_log.second)
		return;
	gmtime_r(&second, &utc);
	strftime(the_log.time, sizeof the_log.time, "%Y-%m-%dT%H:%M:%S", &utc);
	the_log.second = second;
}

static void begin_line(enum log_level level, const char *message)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	tell_time(now.tv_sec);
	buf_printf(&the_log.lines,
		   "{\"time\":\"%s.%03ldZ\",\"process\":\"%s\",\"level\":\"%s\",\"message\":",
		   the_log.time, now.tv_nsec / 1000000, the_log.process ? the_log.process : "",
		   level_names[level]);
	json_quote(&the_log.lines, message, strlen(message));
}

static void end_line(enum log_level level)
{
	buf_puts(&the_log.lines, "}\n");
	if (level >= LOG_WARN || the_log.lines.len > 32768)
		log_flush();
}

void log_write(enum log_level level, const char *message, ...)
{
	const char *name, *value;
	va_list fields;

	if (!log_takes(level))
		return;

	begin_line(level, message);
	va_start(fields, message);
	while ((name = va_arg(fields, const char *))) {
		value = va_arg(fields, const char *);
		buf_putc(&the_log.lines, ',');
		json_quote(&the_log.lines, name, strlen(name));
		buf_putc(&the_log.lines, ':');
		json_quote(&the_log.lines, value ? value : "", value ? strlen(value) : 0);
	}
	va_end(fields);
	end_line(level);
}

void log_line(enum log_level level, const char *message, const char *json_members, size_t len)
{
	if (!log_takes(level))
		return;

	begin_line(level, message);
	buf_add(&the_log.lines, json_members, len);
	end_line(level);
}

/* A log that cannot be written must not stop the work: what a full pipe refuses is dropped. */
void log_flush(void)
{
	size_t done = 0;

	while (done < the_log.lines.len) {
		ssize_t n =
			write(STDERR_FILENO, the_log.lines.data + done, the_log.lines.len - done);
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	the_log.lines.len = 0;
}

void log_close(void)
{
	log_flush();
	buf_free(&the_log.lines);
}

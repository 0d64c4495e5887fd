/*
 * One JSON object per line on standard error: time, process, level, message and fields. Written in one go
 * per loop turn; never a secret, a body, a token or a query value.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* "debug", "info", "warn" or "error"; else false, and a complaint. */
bool log_read_level(const char *name, enum log_level *level, struct buf *complaints);
void log_open(const char *process, enum log_level least);
/* Whether lines of the level are written: for those who would make them in vain. */
bool log_takes(enum log_level level);
/* fields: name, value, name, value, …, NULL; values are quoted as JSON strings. */
void log_write(enum log_level level, const char *message, ...) __attribute__((sentinel));
/* A line whose further members are JSON already (",\"ms\":1.2"). */
void log_line(enum log_level level, const char *message, const char *json_members, size_t len);
/* Called once per loop turn; warnings and errors are written at once. */
void log_flush(void);
void log_close(void);

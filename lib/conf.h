/*
 * Configuration from the environment, described by tables: each process knows every setting it reads,
 * complains about all that is wrong at once, and prints the table on `help`.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

enum setting_kind {
	SETTING_TEXT,
	SETTING_NUMBER,	 /* min … max */
	SETTING_SECONDS, /* "30s", "10m", "2h", "30d"; min … max seconds */
	SETTING_KEY, /* 32 bytes as 64 hex digits; kept in locked memory, wiped from the environment */
	SETTING_SECRET, /* text that help and logs never show; wiped from the environment */
	SETTING_FLAG,	/* true or false */
};

struct setting {
	const char *name; /* ITHACA_… */
	enum setting_kind kind;
	const char *fallback; /* NULL: must be given */
	const char *meaning;  /* a sentence for operators */
	int64_t min, max;
};

struct conf;
/* Reads the tables (each ended by a setting without a name; NULL-ended list). Complaints, one a line, when NULL. */
struct conf *conf_read(const struct setting *const *tables, struct buf *complaints);
void conf_free(struct conf *conf);
void conf_help(const struct setting *const *tables, struct buf *out);

/* A setting that no table names is a mistake of ours and ends the process. */
const char *conf_text(const struct conf *conf, const char *name);
int64_t conf_number(const struct conf *conf, const char *name);
bool conf_flag(const struct conf *conf, const char *name);
const uint8_t *conf_key(const struct conf *conf, const char *name);

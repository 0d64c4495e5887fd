/* Settings from the environment, checked against their tables. */
#include "conf.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct value {
	const struct setting *setting;
	char *text; /* SETTING_TEXT; SETTING_SECRET in locked memory */
	int64_t number;
	uint8_t *key; /* locked memory */
};

struct conf {
	size_t count;
	struct value *values;
};

/* The same twice stands for any number. */
static bool is_within(const struct setting *setting, int64_t number)
{
	return setting->min == setting->max || (number >= setting->min && number <= setting->max);
}

static bool read_number(const struct setting *setting, const char *text, struct value *value)
{
	char *end;

	errno = 0;
	value->number = strtoll(text, &end, 10);
	if (errno || end == text || *end)
		return false;
	return is_within(setting, value->number);
}

static int64_t unit_seconds(const char *unit)
{
	if (!strcmp(unit, "s"))
		return 1;
	if (!strcmp(unit, "m"))
		return 60;
	if (!strcmp(unit, "h"))
		return 3600;
	return strcmp(unit, "d") ? 0 : 86400;
}

static bool read_seconds(const struct setting *setting, const char *text, struct value *value)
{
	char *unit;
	long long amount = strtoll(text, &unit, 10);

	if (unit == text || amount < 0 || amount > 1000000 || !unit_seconds(unit))
		return false;
	value->number = amount * unit_seconds(unit);
	return is_within(setting, value->number);
}

static bool read_key(const char *text, struct value *value)
{
	size_t len;

	value->key = sodium_malloc(32);
	return value->key &&
	       strlen(text) == 64 &&
	       !sodium_hex2bin(value->key, 32, text, 64, NULL, &len, NULL) &&
	       len == 32;
}

static bool read_text(const struct setting *setting, const char *text, struct value *value)
{
	size_t size = strlen(text) + 1;

	value->text = setting->kind == SETTING_SECRET ? sodium_malloc(size) : malloc(size);
	if (value->text)
		memcpy(value->text, text, size);
	return value->text;
}

static bool read_flag(const char *text, struct value *value)
{
	value->number = !strcmp(text, "true");
	return value->number || !strcmp(text, "false");
}

static bool read_value(const struct setting *setting, const char *text, struct value *value)
{
	switch (setting->kind) {
	case SETTING_NUMBER:
		return read_number(setting, text, value);
	case SETTING_SECONDS:
		return read_seconds(setting, text, value);
	case SETTING_KEY:
		return read_key(text, value);
	case SETTING_FLAG:
		return read_flag(text, value);
	default:
		return read_text(setting, text, value);
	}
}

static void complain(const struct setting *setting, struct buf *complaints)
{
	static const char *const wanted[] = {
		[SETTING_TEXT] = "a text",
		[SETTING_NUMBER] = "a whole number",
		[SETTING_SECONDS] = "a time like 30s, 10m, 2h or 30d",
		[SETTING_KEY] = "32 bytes as 64 hex digits",
		[SETTING_SECRET] = "a text",
		[SETTING_FLAG] = "true or false",
	};

	buf_printf(complaints, "%s must be %s", setting->name, wanted[setting->kind]);
	if (setting->min != setting->max)
		buf_printf(complaints, " from %lld to %lld%s", (long long)setting->min,
			   (long long)setting->max,
			   setting->kind == SETTING_SECONDS ? " seconds" : "");
	buf_printf(complaints, ": %s\n", setting->meaning);
}

static void wipe_environment(const struct setting *setting)
{
	char *text = getenv(setting->name);

	if (text && (setting->kind == SETTING_KEY || setting->kind == SETTING_SECRET)) {
		sodium_memzero(text, strlen(text));
		unsetenv(setting->name);
	}
}

static size_t count_settings(const struct setting *const *tables)
{
	size_t count = 0;

	for (; *tables; tables++)
		for (const struct setting *s = *tables; s->name; s++)
			count++;
	return count;
}

struct conf *conf_read(const struct setting *const *tables, struct buf *complaints)
{
	struct conf *conf = calloc(1, sizeof *conf);
	size_t before = complaints->len;

	conf->values = calloc(count_settings(tables) + 1, sizeof *conf->values);
	for (; *tables; tables++)
		for (const struct setting *s = *tables; s->name; s++) {
			struct value *value = &conf->values[conf->count++];
			const char *text = getenv(s->name);

			value->setting = s;
			if (!text)
				text = s->fallback;
			if (!text || !read_value(s, text, value))
				complain(s, complaints);
			wipe_environment(s);
		}
	if (complaints->len == before)
		return conf;
	conf_free(conf);
	return NULL;
}

void conf_free(struct conf *conf)
{
	for (size_t i = 0; i < conf->count; i++) {
		struct value *value = &conf->values[i];

		if (value->setting->kind == SETTING_SECRET)
			sodium_free(value->text);
		else
			free(value->text);
		sodium_free(value->key);
	}
	free(conf->values);
	free(conf);
}

void conf_help(const struct setting *const *tables, struct buf *out)
{
	for (; *tables; tables++)
		for (const struct setting *s = *tables; s->name; s++) {
			buf_printf(out, "%-32s %s", s->name, s->meaning);
			if (s->fallback && *s->fallback)
				buf_printf(out, " (%s unless told)", s->fallback);
			else if (!s->fallback)
				buf_puts(out, " (needed)");
			buf_putc(out, '\n');
		}
}

static const struct value *find(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->count; i++)
		if (!strcmp(conf->values[i].setting->name, name))
			return &conf->values[i];
	fprintf(stderr, "no table names the setting %s\n", name);
	abort();
}

const char *conf_text(const struct conf *conf, const char *name)
{
	return find(conf, name)->text;
}

int64_t conf_number(const struct conf *conf, const char *name)
{
	return find(conf, name)->number;
}

bool conf_flag(const struct conf *conf, const char *name)
{
	return find(conf, name)->number;
}

const uint8_t *conf_key(const struct conf *conf, const char *name)
{
	return find(conf, name)->key;
}

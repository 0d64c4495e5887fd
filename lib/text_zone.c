/* IANA time zones and ISO countries, from the system's tables. */
#include "text_zone.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One line of words between blanks. */
struct line {
	const char *at;
	size_t len;
};

static bool read_all(int file, char *text, size_t len)
{
	while (len > 0) {
		ssize_t got = read(file, text, len);

		if (got <= 0)
			return false;
		text += got;
		len -= (size_t)got;
	}
	return true;
}

/* NULL when it cannot be read. */
static char *read_file(struct arena *arena, const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	struct stat stat;
	char *text = NULL;

	if (file < 0)
		return NULL;
	if (!fstat(file, &stat)) {
		text = arena_alloc(arena, (size_t)stat.st_size + 1);
		if (!read_all(file, text, (size_t)stat.st_size))
			text = NULL;
	}
	close(file);
	return text;
}

static bool next_line(const char **text, struct line *line)
{
	if (!**text)
		return false;
	*line = (struct line) { *text, strcspn(*text, "\n") };
	*text += line->len + ((*text)[line->len] == '\n');
	return true;
}

/* The n-th word, from 0; empty when there are fewer. */
static struct line word(struct line line, unsigned n)
{
	const char *at = line.at, *end = line.at + line.len;

	for (;; n--) {
		const char *blank = memchr(at, ' ', (size_t)(end - at));

		if (!n)
			return (struct line) { at, (size_t)((blank ? blank : end) - at) };
		if (!blank)
			return (struct line) { end, 0 };
		at = blank + 1;
	}
}

static bool is_word(struct line line, const char *text)
{
	return strlen(text) == line.len && !memcmp(line.at, text, line.len);
}

/*
 * "Z name …" is a zone, "L target name" a link (zic(8)): the name itself, the link's target,
 * or NULL.
 */
static const char *look_up(struct arena *arena, const char *table, const char *name)
{
	struct line line;

	while (next_line(&table, &line)) {
		if (line.at[0] == 'Z' && is_word(word(line, 1), name))
			return name;
		if (line.at[0] == 'L' && is_word(word(line, 2), name)) {
			struct line target = word(line, 1);

			return arena_strndup(arena, target.at, target.len);
		}
	}
	return NULL;
}

/* "IST", "EST5EDT": nobody can say for sure where that is. */
static bool is_abbreviation(const char *zone)
{
	return strspn(zone, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == strlen(zone);
}

const char *text_zone(struct arena *arena, const char *zone)
{
	const char *table, *name = zone, *target;

	if (!strcmp(zone, "UTC"))
		return "UTC";
	if (is_abbreviation(zone) || strpbrk(zone, " \n"))
		return NULL;
	table = read_file(arena, "/usr/share/zoneinfo/tzdata.zi");
	if (!table)
		return NULL;

	target = look_up(arena, table, name);
	while (target && target != name) {
		name = target;
		target = look_up(arena, table, name);
	}
	if (target && !strcmp(target, "Etc/UTC"))
		return "UTC";
	if (!target || !strchr(target, '/') || !strncmp(target, "Etc/", 4))
		return NULL;
	return target;
}

bool text_is_country(struct arena *arena, const char *code)
{
	const char *table = read_file(arena, "/usr/share/zoneinfo/iso3166.tab");
	struct line line;

	while (table && next_line(&table, &line))
		if (line.len > 2 && line.at[2] == '\t' && !memcmp(line.at, code, 2))
			return true;
	return false;
}

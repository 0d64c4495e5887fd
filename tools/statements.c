/* Reads .sql files: a header line, then SQL up to its semicolon. */
#include "statements.h"

#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = { "exec", "one", "maybe", "many", "page", "each" };

const char *statement_kind_name(enum statement_kind kind)
{
	return kinds[kind];
}

bool statement_may_miss(const struct statement *statement)
{
	return statement->kind == STATEMENT_MAYBE || statement->kind == STATEMENT_EACH;
}

char *file_read(struct arena *arena, const char *path)
{
	struct buf text = { 0 };
	FILE *file = fopen(path, "r");
	char *copy = NULL;

	if (!file)
		return NULL;
	for (size_t got = 1; got;) {
		got = fread(buf_room(&text, 65536), 1, 65536, file);
		text.len += got;
	}
	if (!ferror(file))
		copy = arena_strndup(arena, buf_text(&text), text.len);
	fclose(file);
	buf_free(&text);
	return copy;
}

static const char *skip_to(const char *at, const char *end)
{
	const char *found = strstr(at, end);

	return found ? found + strlen(end) : at + strlen(at);
}

/* A quote doubled inside is two quoted runs for us; only E'' knows the backslash. */
static const char *skip_quoted(const char *text, const char *at)
{
	char quote = *at;
	bool escapes = quote == '\'' &&
		       at > text &&
		       (at[-1] == 'e' || at[-1] == 'E') &&
		       (at - 1 == text || !isalnum((unsigned char)at[-2]));

	for (at++; *at && *at != quote; at++)
		if (escapes && *at == '\\' && at[1])
			at++;
	return *at ? at + 1 : at;
}

static const char *skip_dollar_quoted(const char *at)
{
	size_t tag = 1;
	char delimiter[64];

	while (isalnum((unsigned char)at[tag]) || at[tag] == '_')
		tag++;
	if (at[tag] != '$' || isdigit((unsigned char)at[1]) || tag + 2 > sizeof(delimiter))
		return at;
	memcpy(delimiter, at, tag + 1);
	delimiter[tag + 1] = 0;
	return skip_to(at + tag + 1, delimiter);
}

const char *sql_skip(const char *text, const char *at)
{
	if (at[0] == '-' && at[1] == '-')
		return skip_to(at, "\n");
	if (at[0] == '/' && at[1] == '*')
		return skip_to(at + 2, "*/");
	if (*at == '\'' || *at == '"')
		return skip_quoted(text, at);
	if (*at == '$')
		return skip_dollar_quoted(at);
	return at;
}

struct reader {
	struct statements *all;
	const char *path;
	const char *text;
	const char *at;
	unsigned line;
};

static void complain_at(struct reader *reader, unsigned line, const char *what, const char *about)
{
	buf_printf(reader->all->complaints, "%s:%u: ", reader->path, line);
	buf_printf(reader->all->complaints, what, about);
	buf_putc(reader->all->complaints, '\n');
}

static void advance(struct reader *reader, const char *to)
{
	for (; reader->at < to; reader->at++)
		if (*reader->at == '\n')
			reader->line++;
}

static const char *line_end(const char *at)
{
	return at + strcspn(at, "\n");
}

/* A header begins with "-- word(" at the start of a line; other comments are prose. */
static bool is_header(const char *at)
{
	size_t word;

	if (strncmp(at, "-- ", 3))
		return false;
	word = strspn(at + 3, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
	return word && at[3 + word] == '(';
}

static char *trimmed(struct arena *arena, const char *from, const char *to)
{
	while (from < to && isspace((unsigned char)*from))
		from++;
	while (to > from && isspace((unsigned char)to[-1]))
		to--;
	return arena_strndup(arena, from, (size_t)(to - from));
}

/* "created_at desc" or "\"mentor.id\"". */
static bool read_key(struct arena *arena, struct statement *statement, char *text)
{
	struct statement_key key = { 0 };
	char *column = strtok_r(text, " ", &text);
	char *direction = strtok_r(NULL, " ", &text);
	size_t len = column ? strlen(column) : 0;

	if (!len ||
	    (direction && strcmp(direction, "desc") && strcmp(direction, "asc")) ||
	    strtok_r(NULL, " ", &text))
		return false;
	key.descending = direction && !strcmp(direction, "desc");
	key.column =
		column[0] == '"' ? arena_strndup(arena, column + 1, len > 2 ? len - 2 : 0) : column;
	statement->keys = arena_extend(arena, statement->keys, statement->n_keys, sizeof(key));
	statement->keys[statement->n_keys++] = key;
	return true;
}

static bool read_keys(struct arena *arena, struct statement *statement, char *text)
{
	for (char *key = strtok_r(text, ",", &text); key; key = strtok_r(NULL, ",", &text))
		if (!read_key(arena, statement, key))
			return false;
	return statement->n_keys > 0;
}

static bool read_kind(struct statement *statement, const char *word)
{
	for (unsigned kind = 0; kind < sizeof(kinds) / sizeof(*kinds); kind++) {
		if (!strcmp(kinds[kind], word)) {
			statement->kind = (enum statement_kind)kind;
			return true;
		}
	}
	return false;
}

/* What follows the closing parenthesis. NULL when good, else what is wrong. */
static const char *read_result(struct arena *arena, struct statement *statement, char *text)
{
	char *kind = strtok_r(text, " ", &text);
	char *out = strtok_r(NULL, " ", &text);
	char *by = strtok_r(NULL, " ", &text);

	if (!kind || !read_kind(statement, kind))
		return "the kind of %s must be one of: one, maybe, many, exec, page, each";
	if (statement->kind == STATEMENT_EXEC)
		return out ? "%s is exec and answers nothing: remove its response" : NULL;
	if (!out)
		return "%s must name the message that its rows fill";
	statement->out = out;
	if (statement->kind == STATEMENT_PAGE)
		return by && !strcmp(by, "by") && read_keys(arena, statement, text)
			       ? NULL
			       : "a page is read by keys: write `-- %s(Request) page Response by "
				 "created_at desc, id`";
	return by ? "only a page has keys: remove what follows the response of %s" : NULL;
}

static struct statement *read_header(struct reader *reader)
{
	struct arena *arena = reader->all->arena;
	struct statement *statement = arena_alloc(arena, sizeof(*statement));
	const char *end = line_end(reader->at);
	const char *open = strchr(reader->at, '(');
	const char *close = memchr(open, ')', (size_t)(end - open));
	const char *wrong = "%s misses the closing parenthesis after its request";

	*statement = (struct statement) { .file = reader->path, .line = reader->line };
	statement->name = trimmed(arena, reader->at + 3, open);
	if (close) {
		statement->in = trimmed(arena, open + 1, close);
		wrong = *statement->in
				? read_result(arena, statement, trimmed(arena, close + 1, end))
				: "%s must name its request in the parentheses (Nothing when it "
				  "needs none)";
	}
	if (wrong)
		complain_at(reader, reader->line, wrong, statement->name);
	advance(reader, end);
	return statement;
}

/*
 * Where the statement ends: at its semicolon, before the next header, or at the end of the
 * file.
 */
static const char *find_end(struct reader *reader)
{
	const char *at = reader->at;

	while (*at && *at != ';') {
		const char *next;

		if ((at == reader->text || at[-1] == '\n') && is_header(at))
			return at;
		next = sql_skip(reader->text, at);
		at = next > at ? next : at + 1;
	}
	return at;
}

static void pass_statement(struct reader *reader)
{
	const char *end = find_end(reader);

	advance(reader, *end == ';' ? end + 1 : end);
}

static void read_statement(struct reader *reader)
{
	struct statements *all = reader->all;
	struct statement *statement = read_header(reader);
	const char *end = find_end(reader);

	statement->text = trimmed(all->arena, reader->at, end);
	if (*end != ';')
		complain_at(reader, statement->line, "%s must end with a semicolon",
			    statement->name);
	else if (!*statement->text)
		complain_at(reader, statement->line, "%s has no SQL under its header",
			    statement->name);
	advance(reader, *end == ';' ? end + 1 : end);
	all->items = arena_extend(all->arena, all->items, all->count, sizeof(*all->items));
	all->items[all->count++] = statement;
}

void statements_read(struct statements *all, const char *path)
{
	const char *text = file_read(all->arena, path);
	struct reader reader = { all, path, text, text, 1 };

	if (!text) {
		buf_printf(all->complaints, "%s:1: cannot be read\n", path);
		return;
	}
	while (*reader.at) {
		if (is_header(reader.at)) {
			read_statement(&reader);
		} else if (isspace((unsigned char)*reader.at)) {
			advance(&reader, reader.at + 1);
		} else if (!strncmp(reader.at, "--", 2)) {
			advance(&reader, line_end(reader.at));
		} else {
			complain_at(
				&reader, reader.line,
				"SQL without a header: write `-- name(Request) one Response` %s",
				"above it");
			pass_statement(&reader);
		}
	}
}

void statements_read_folder(struct statements *all, const char *folder)
{
	glob_t found = { 0 };

	if (!glob(arena_printf(all->arena, "%s/*.sql", folder), 0, NULL, &found))
		for (size_t i = 0; i < found.gl_pathc; i++)
			statements_read(all, arena_strdup(all->arena, found.gl_pathv[i]));
	globfree(&found);
}

/*
 * Makes the list of codes with which services refuse, of what refuses in their sources:
 *
 *   codes OUT SERVICE_FOLDER…
 *
 * writes OUT/codes.h and OUT/codes.c. A code is the name of a constraint or unique index in a migration, with
 * its comment as the sentence; what refuse(status, 'CODE', 'sentence') says in SQL; and what reject() and
 * reject_field() say in C. A code that is not written there as a text could not be listed: that is an error.
 */
#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "literal.h"

enum kind { END, WORD, TEXT, OTHER };

struct token {
	enum kind kind;
	const char *text; /* a text without its quotes */
};

struct code {
	const char *code, *service, *sentence;
	int status;
};

struct source {
	struct arena *arena;
	const char *path, *service;
	struct token *tokens; /* ended by END */
	size_t count;
};

struct list {
	struct arena *arena;
	struct code *items;
	size_t count;
	struct buf complaints;
};

/* As in lib/call.h. */
static const struct {
	const char *name;
	int status;
} statuses[] = {
	{ "MALFORMED", 400 },
	{ "UNAUTHENTICATED", 401 },
	{ "FORBIDDEN", 403 },
	{ "NOT_FOUND", 404 },
	{ "CONFLICT", 409 },
	{ "GONE", 410 },
	{ "STALE", 412 },
	{ "TOO_LARGE", 413 },
	{ "UNSUPPORTED", 415 },
	{ "INVALID_ARGUMENT", 422 },
	{ "LOCKED", 423 },
	{ "PRECONDITION_NEEDED", 428 },
	{ "TOO_MANY_REQUESTS", 429 },
	{ "POLICIES_PENDING", 451 },
	{ "INTERNAL", 500 },
	{ "UNAVAILABLE", 503 },
	{ "TIMED_OUT", 504 },
};

static int status_named(const char *name)
{
	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
		if (!strcmp(statuses[i].name, name))
			return statuses[i].status;
	return atoi(name);
}

/* Reading. */

static char *read_text(struct arena *arena, const char *path)
{
	FILE *file = fopen(path, "r");
	struct buf text = { 0 };
	size_t n = 0;
	char *kept;

	if (!file) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	do
		text.len += n = fread(buf_room(&text, 65536), 1, 65536, file);
	while (n);
	fclose(file);
	kept = arena_strdup(arena, buf_text(&text));
	buf_free(&text);
	return kept;
}

static const char *skip_blank(const char *at, bool sql)
{
	for (;;) {
		while (isspace((unsigned char)*at))
			at++;
		if (sql && !strncmp(at, "--", 2))
			at += strcspn(at, "\n");
		else if (!sql && !strncmp(at, "/*", 2) && strstr(at, "*/"))
			at = strstr(at, "*/") + 2;
		else
			return at;
	}
}

/* A quoted text: '' stands for a quote in SQL, \ before anything in C. */
static const char *read_quoted(struct buf *text, const char *at, bool sql)
{
	char quote = *at++;

	for (; *at; at++) {
		bool escapes = sql ? *at == quote && at[1] == quote : *at == '\\' && at[1];

		if (!escapes && *at == quote)
			return at + 1;
		at += escapes;
		buf_putc(text, *at);
	}
	return at;
}

static void add_token(struct source *source, enum kind kind, const char *text)
{
	source->tokens =
		arena_extend(source->arena, source->tokens, source->count, sizeof *source->tokens);
	source->tokens[source->count++] = (struct token) { kind, text };
}

static const char *read_token(struct source *source, const char *at, bool sql)
{
	const char *begin = at;
	struct buf text = { 0 };
	enum kind kind = OTHER;

	if (*at == '\'' || *at == '"') {
		kind = TEXT;
		at = read_quoted(&text, at, sql);
		while (!sql && *skip_blank(at, sql) == '"') /* C joins neighbours */
			at = read_quoted(&text, skip_blank(at, sql), sql);
	} else if (isalnum((unsigned char)*at) || *at == '_') {
		kind = WORD;
		while (isalnum((unsigned char)*at) || *at == '_')
			at++;
		buf_add(&text, begin, (size_t)(at - begin));
	} else {
		buf_putc(&text, *at++);
	}
	add_token(source, kind, arena_strdup(source->arena, buf_text(&text)));
	buf_free(&text);
	return at;
}

static struct source read_source(struct arena *arena, const char *path, const char *service,
				 bool sql)
{
	struct source source = { .arena = arena, .path = path, .service = service };
	const char *at = skip_blank(read_text(arena, path), sql);

	while (*at)
		at = skip_blank(read_token(&source, at, sql), sql);
	for (int i = 0; i < 8; i++) /* so that a look ahead stays inside */
		add_token(&source, END, "");
	return source;
}

static bool is(const struct token *token, const char *word)
{
	return token->kind != TEXT && !strcmp(token->text, word);
}

/* Codes. */

static char *upper(struct arena *arena, const char *name)
{
	char *code = arena_strdup(arena, name);

	for (char *at = code; *at; at++)
		*at = (char)toupper((unsigned char)*at);
	return code;
}

static bool is_code(const struct token *token)
{
	return token->kind == TEXT &&
	       isupper((unsigned char)*token->text) &&
	       strspn(token->text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == strlen(token->text);
}

/* What is filled in when it is said is an ellipsis here. */
static const char *without_places(struct arena *arena, const char *format)
{
	struct buf text = { 0 };
	char *kept;

	while (*format) {
		size_t len = *format == '%' ? strspn(format + 1, "0123456789.*zlh") + 2 : 0;

		if (!len)
			buf_putc(&text, *format++);
		else if (format[1] == '%')
			buf_putc(&text, '%');
		else
			buf_puts(&text, "…");
		format += len;
	}
	kept = arena_strdup(arena, buf_text(&text));
	buf_free(&text);
	return kept;
}

static void add(struct list *list, const char *service, const char *code, int status,
		const char *sentence)
{
	for (size_t i = 0; i < list->count; i++) {
		struct code *known = &list->items[i];

		if (!strcmp(known->code, code) &&
		    known->status == status &&
		    !strcmp(known->service, service))
			return;
	}
	list->items = arena_extend(list->arena, list->items, list->count, sizeof *list->items);
	list->items[list->count++] =
		(struct code) { code, service, without_places(list->arena, sentence), status };
}

/* The first text from there to the ")" that ends the call: its sentence. */
static const char *sentence_after(const struct token *at)
{
	int depth = 1;

	for (; at->kind != END && depth; at++) {
		if (at->kind == TEXT)
			return at->text;
		depth += is(at, "(") - is(at, ")");
	}
	return "";
}

/* refuse(409, 'CODE', 'sentence' or format('sentence', …), …) */
static void take_refuse(struct list *list, const struct source *source, const struct token *at)
{
	if (!isdigit((unsigned char)*at[2].text))
		return; /* its definition */
	if (is_code(&at[4]))
		add(list, source->service, at[4].text, atoi(at[2].text), sentence_after(&at[6]));
	else
		buf_printf(&list->complaints, "%s: write the code of a refuse() as a text\n",
			   source->path);
}

/* comment on constraint NAME on TABLE is 'sentence', comment on index NAME is 'sentence' */
static const char *comment_of(const struct source *source, const char *kind, const char *name)
{
	for (const struct token *at = source->tokens; at->kind != END; at++)
		if (is(at, "comment") && is(&at[2], kind) && is(&at[3], name)) {
			while (at->kind != END && !is(at, "is"))
				at++;
			return at[1].text;
		}
	return NULL;
}

/* What lib/sql_error.c says of a constraint of that kind. */
static void take_constraint(struct list *list, const struct source *source, const char *what,
			    const char *name, const char *kind)
{
	static const char *const taken[] = { "unique", "exclude", "primary" };
	static const char *const broken[] = { "check", "foreign", "references" };
	const char *sentence = comment_of(source, what, name);

	for (size_t i = 0; i < 3; i++) {
		if (!strcmp(kind, taken[i]))
			add(list, source->service, upper(list->arena, name), 409,
			    sentence ? sentence : "There is such a thing already.");
		if (!strcmp(kind, broken[i]))
			add(list, source->service, upper(list->arena, name), 422,
			    sentence ? sentence : "This breaks a rule.");
	}
}

static void take_sql(struct list *list, const struct source *source)
{
	for (const struct token *at = source->tokens; at->kind != END; at++) {
		if (is(at, "refuse") && is(&at[1], "("))
			take_refuse(list, source, at);
		if (is(at, "constraint") &&
		    at[1].kind == WORD &&
		    !is(&at[-(at > source->tokens)], "on"))
			take_constraint(list, source, "constraint", at[1].text, at[2].text);
		if (is(at, "unique") && is(&at[1], "index"))
			take_constraint(list, source, "index", at[2].text, "unique");
	}
}

/* The first code among a call's arguments; NULL when there is none. */
static const struct token *code_in(const struct token *at)
{
	int depth = 1;

	for (; at->kind != END && depth; at++) {
		if (is_code(at))
			return at;
		depth += is(at, "(") - is(at, ")");
	}
	return NULL;
}

/* reject(call, STATUS, "CODE", "sentence", …), reject_field(call, STATUS, pointer, "CODE", "sentence", …) */
static void take_c(struct list *list, const struct source *source)
{
	for (const struct token *at = source->tokens; at->kind != END; at++) {
		const struct token *code, *status = at;

		if ((!is(at, "reject") && !is(at, "reject_field")) || !is(&at[1], "("))
			continue;
		code = code_in(&at[2]);
		if (!code) {
			buf_printf(&list->complaints, "%s: write the code of a %s() as a text\n",
				   source->path, at->text);
			continue;
		}
		while (!is(status, ","))
			status++;
		add(list, source->service, code->text, status_named(status[1].text),
		    sentence_after(code + 1));
	}
}

static void take_files(struct list *list, const char *folder, const char *pattern, bool sql)
{
	const char *service = strrchr(folder, '/') ? strrchr(folder, '/') + 1 : folder;
	glob_t found;

	if (!glob(arena_printf(list->arena, "%s/%s", folder, pattern), 0, NULL, &found))
		for (size_t i = 0; i < found.gl_pathc; i++) {
			const char *path = arena_strdup(list->arena, found.gl_pathv[i]);
			struct source source = read_source(list->arena, path, service, sql);

			if (sql)
				take_sql(list, &source);
			else
				take_c(list, &source);
		}
	globfree(&found);
}

/* Writing. */

static int by_code(const void *a, const void *b)
{
	const struct code *one = a, *other = b;
	int order = strcmp(one->code, other->code);

	order = order ? order : one->status - other->status;
	return order ? order : strcmp(one->service, other->service);
}

static bool same(const struct code *one, const struct code *other)
{
	return !strcmp(one->code, other->code) && one->status == other->status;
}

/* One row for a code and status, with everybody who says it as JSON. */
static void put_codes(struct buf *out, const struct list *list)
{
	buf_puts(out, "#include \"codes.h\"\n\nconst struct service_code service_codes[] = {\n");
	for (size_t i = 0; i < list->count;) {
		const struct code *first = &list->items[i];
		struct buf services = { 0 };

		for (; i < list->count && same(&list->items[i], first); i++)
			buf_printf(&services, "%s\"%s\"", services.len ? "," : "",
				   list->items[i].service);
		buf_printf(out, "\t{ \"%s\", %d, ", first->code, first->status);
		put_literal(out, first->sentence);
		buf_puts(out, ", ");
		put_literal(out, buf_text(&services));
		buf_puts(out, " },\n");
		buf_free(&services);
	}
	buf_puts(out, "\t{ 0 },\n};\n");
}

static const char header[] =
	"/* The codes with which services refuse: tools/codes.c. */\n"
	"#pragma once\n\n"
	"struct service_code {\n"
	"\tconst char *code;\n"
	"\tunsigned status;\n"
	"\tconst char *sentence, *services; /* JSON: \"identity\",\"programs\" */\n"
	"};\n\n"
	"/* Ended by one without a code. */\n"
	"extern const struct service_code service_codes[];\n";

static bool write_file(struct arena *arena, const char *folder, const char *name, const void *text,
		       size_t len)
{
	const char *path = arena_printf(arena, "%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	bool good = file && fwrite(text, 1, len, file) == len;

	if (file)
		good &= !fclose(file);
	if (!good)
		perror(path);
	return good;
}

int main(int argc, char **argv)
{
	struct arena *arena = arena_new(SIZE_MAX / 2);
	struct list list = { .arena = arena };
	struct buf out = { 0 };

	if (argc < 2) {
		fputs("usage: codes OUT SERVICE_FOLDER…\n", stderr);
		return EXIT_FAILURE;
	}
	for (int i = 2; i < argc; i++) {
		take_files(&list, argv[i], "*.c", false);
		take_files(&list, argv[i], "*/*.c", false);
		take_files(&list, argv[i], "*.sql", true);
		take_files(&list, argv[i], "migrations/*.sql", true);
	}
	if (list.complaints.len) {
		fputs(buf_text(&list.complaints), stderr);
		return EXIT_FAILURE;
	}
	if (list.count)
		qsort(list.items, list.count, sizeof *list.items, by_code);
	put_codes(&out, &list);
	return write_file(arena, argv[1], "codes.h", header, sizeof header - 1) &&
			       write_file(arena, argv[1], "codes.c", out.data, out.len)
		       ? EXIT_SUCCESS
		       : EXIT_FAILURE;
}

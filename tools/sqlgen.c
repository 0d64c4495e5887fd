/*
 * Makes C of a service's SQL:
 *
 *   sqlgen SERVICE OUT CONTRACT_JSON RUNTIME_MIGRATIONS SERVICE_FOLDER
 *
 * writes OUT/SERVICE.sql.h and .sql.c (a function and a sql_statement for each statement of
 * SERVICE_FOLDER's .sql files) and OUT/SERVICE.migrations.c (the texts of RUNTIME_MIGRATIONS,
 * then those of SERVICE_FOLDER/migrations).
 */
#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract.h"
#include "literal.h"
#include "names.h"
#include "statements.h"

/* A statement's text with $1 … $n for its parameters, in the order of their first use. */
struct numbered {
	struct buf text;
	size_t count;
	const char **names;
};

static bool starts_name(char c)
{
	return islower((unsigned char)c) || c == '_';
}

static size_t name_len(const char *at)
{
	size_t len = 0;

	while (isalnum((unsigned char)at[len]) ||
	       at[len] == '_' ||
	       (at[len] == '.' && starts_name(at[len + 1])))
		len++;
	return len;
}

static size_t parameter_number(struct arena *arena, struct numbered *numbered, const char *name)
{
	for (size_t i = 0; i < numbered->count; i++)
		if (!strcmp(numbered->names[i], name))
			return i + 1;
	numbered->names =
		arena_extend(arena, numbered->names, numbered->count, sizeof(*numbered->names));
	numbered->names[numbered->count++] = name;
	return numbered->count;
}

static bool is_parameter(const char *text, const char *at)
{
	return at[0] == ':' && starts_name(at[1]) && (at == text || at[-1] != ':');
}

static struct numbered number_parameters(struct arena *arena, const char *text)
{
	struct numbered numbered = { 0 };

	for (const char *at = text; *at;) {
		const char *next = sql_skip(text, at);

		if (next > at) {
			buf_add(&numbered.text, at, (size_t)(next - at));
			at = next;
		} else if (is_parameter(text, at)) {
			size_t len = name_len(at + 1);

			buf_printf(&numbered.text, "$%zu",
				   parameter_number(arena, &numbered,
						    arena_strndup(arena, at + 1, len)));
			at += len + 1;
		} else {
			buf_putc(&numbered.text, *at++);
		}
	}
	return numbered;
}

static bool same_directions(const struct statement *page)
{
	for (size_t i = 1; i < page->n_keys; i++)
		if (page->keys[i].descending != page->keys[0].descending)
			return false;
	return true;
}

static void put_key_list(struct buf *out, const struct statement *page, const char *before,
			 const char *after)
{
	for (size_t i = 0; i < page->n_keys; i++)
		buf_printf(out, "%s%s%s%s", i ? ", " : "", before, page->keys[i].column, after);
}

/* (a, b) < (:after.a, :after.b), which an index on (a, b) serves. */
static void put_row_condition(struct buf *out, const struct statement *page)
{
	buf_puts(out, "(");
	put_key_list(out, page, "\"", "\"");
	buf_printf(out, ") %s (", page->keys[0].descending ? "<" : ">");
	put_key_list(out, page, ":after.", "");
	buf_puts(out, ")");
}

/* (a < :after.a or (a = :after.a and (b > :after.b))), for keys of different directions. */
static void put_nested_condition(struct buf *out, const struct statement *page)
{
	for (size_t i = 0; i < page->n_keys; i++) {
		const struct statement_key *key = &page->keys[i];

		buf_printf(out, "(\"%s\" %s :after.%s", key->column, key->descending ? "<" : ">",
			   key->column);
		if (i + 1 < page->n_keys)
			buf_printf(out, " or (\"%s\" = :after.%s and ", key->column, key->column);
	}
	buf_putc(out, ')');
	for (size_t i = 1; i < page->n_keys; i++)
		buf_puts(out, "))");
}

static void put_order(struct buf *out, const struct statement *page)
{
	buf_puts(out, "\norder by ");
	for (size_t i = 0; i < page->n_keys; i++)
		buf_printf(out, "%s\"%s\"%s", i ? ", " : "", page->keys[i].column,
			   page->keys[i].descending ? " desc" : "");
	buf_puts(out, "\nlimit :limit");
}

static void put_condition(struct buf *out, const struct statement *page)
{
	if (same_directions(page))
		put_row_condition(out, page);
	else
		put_nested_condition(out, page);
}

static bool is_page_word(const char *text, const char *at)
{
	return is_parameter(text, at) && name_len(at + 1) == 4 && !strncmp(at + 1, "page", 4);
}

/* `:page` ends a part of the text that is read like the page itself: it becomes condition, order and limit. */
static void put_parts(struct buf *out, const struct statement *page, bool after)
{
	for (const char *at = page->text; *at;) {
		const char *next = sql_skip(page->text, at);

		if (next > at) {
			buf_add(out, at, (size_t)(next - at));
			at = next;
		} else if (is_page_word(page->text, at)) {
			if (after)
				put_condition(out, page);
			else
				buf_puts(out, "true");
			put_order(out, page);
			at += strlen(":page");
		} else {
			buf_putc(out, *at++);
		}
	}
}

/*
 * The page's text: the first when `after` is false, else the one that goes on after the last
 * row of the page before.
 */
static char *page_text(struct arena *arena, const struct statement *page, bool after)
{
	struct buf out = { 0 };
	char *text;

	buf_puts(&out, "select * from (\n");
	put_parts(&out, page, after);
	buf_puts(&out, "\n) page");
	if (after) {
		buf_puts(&out, "\nwhere ");
		put_condition(&out, page);
	}
	put_order(&out, page);
	text = arena_strndup(arena, buf_text(&out), out.len);
	buf_free(&out);
	return text;
}

static void put_names(struct buf *out, const char *member, const struct numbered *numbered)
{
	buf_printf(out, "\t.%s = (const char *const[]){ ", member);
	for (size_t i = 0; i < numbered->count; i++)
		buf_printf(out, "\"%s\", ", numbered->names[i]);
	buf_puts(out, "NULL },\n");
}

static void put_text(struct arena *arena, struct buf *out, const char *member, const char *params,
		     const char *text)
{
	struct numbered numbered = number_parameters(arena, text);

	buf_printf(out, "\t.%s = ", member);
	put_literal(out, buf_text(&numbered.text));
	buf_puts(out, ",\n");
	put_names(out, params, &numbered);
	buf_free(&numbered.text);
}

static void put_texts(struct arena *arena, struct buf *out, const struct statement *statement)
{
	if (statement->kind != STATEMENT_PAGE) {
		put_text(arena, out, "text", "params", statement->text);
		return;
	}
	put_text(arena, out, "text", "params", page_text(arena, statement, false));
	put_text(arena, out, "next_text", "next_params", page_text(arena, statement, true));
	buf_puts(out, "\t.keys = (const struct sql_key[]){ ");
	for (size_t i = 0; i < statement->n_keys; i++)
		buf_printf(out, "{ \"%s\", %s }, ", statement->keys[i].column,
			   statement->keys[i].descending ? "true" : "false");
	buf_puts(out, "{ NULL, false } },\n");
}

static bool answers(const struct statement *statement)
{
	return statement->out && strcmp(statement->out, "Nothing");
}

static void put_prototype(struct buf *out, const struct statement *statement)
{
	buf_printf(out, "bool %s(struct call *call, const %s *req", statement->name, statement->in);
	if (answers(statement))
		buf_printf(out, ", %s *response", statement->out);
	if (statement_may_miss(statement))
		buf_puts(out, ", bool *found");
	buf_puts(out, ")");
}

static void put_function(struct buf *out, const struct statement *statement)
{
	bool nothing = statement->out && !answers(statement);
	const char *response = nothing ? "&response" : answers(statement) ? "response" : "NULL";

	buf_puts(out, "\n");
	put_prototype(out, statement);
	buf_printf(out, "\n{\n%s\treturn sql_run(call, &%s_statement, req, %s, %s);\n}\n",
		   nothing ? "\tNothing response = NOTHING__INIT;\n\n" : "", statement->name,
		   response, statement_may_miss(statement) ? "found" : "NULL");
}

static void put_statement(struct arena *arena, struct buf *out, const struct statement *statement)
{
	buf_printf(out,
		   "\nstatic const struct sql_statement %s_statement = {\n\t.name = "
		   "\"%s\",\n\t.kind = SQL_%s,\n\t.in = &%s_type,\n",
		   statement->name, statement->name,
		   upper_case(arena, statement_kind_name(statement->kind)),
		   snake_case(arena, statement->in));
	if (statement->out)
		buf_printf(out, "\t.out = &%s_type,\n", snake_case(arena, statement->out));
	put_texts(arena, out, statement);
	buf_printf(out, "\t.file = \"%s\",\n\t.line = %u,\n};\n", statement->file, statement->line);
	put_function(out, statement);
}

static void put_header(struct buf *out, const char *service, const struct statements *all)
{
	buf_printf(out,
		   "/* The statements of %s. */\n#pragma once\n\nextern const struct sql_statement "
		   "*const %s_statements[];\n"
		   "extern const struct migration %s_migrations[];\n\n",
		   service, service, service);
	for (size_t i = 0; i < all->count; i++) {
		put_prototype(out, all->items[i]);
		buf_puts(out, " must_check;\n");
	}
}

static void put_source(struct arena *arena, struct buf *out, const char *service,
		       const struct statements *all)
{
	buf_printf(out, "#include \"%s/%s.h\"\n", service, service);
	for (size_t i = 0; i < all->count; i++)
		put_statement(arena, out, all->items[i]);
	buf_printf(out, "\nconst struct sql_statement *const %s_statements[] = {\n", service);
	for (size_t i = 0; i < all->count; i++)
		buf_printf(out, "\t&%s_statement,\n", all->items[i]->name);
	buf_puts(out, "\tNULL,\n};\n");
}

/* "services/programs/migrations/0001_programs.sql" is "0001_programs". */
static char *migration_name(struct arena *arena, const char *path)
{
	const char *name = strrchr(path, '/') + 1;

	return arena_strndup(arena, name, strlen(name) - strlen(".sql"));
}

static void put_migrations_of(struct arena *arena, struct buf *out, const char *folder,
			      struct buf *complaints)
{
	glob_t found = { 0 };

	if (!glob(arena_printf(arena, "%s/*.sql", folder), 0, NULL, &found)) {
		for (size_t i = 0; i < found.gl_pathc; i++) {
			const char *text = file_read(arena, found.gl_pathv[i]);

			if (!text)
				buf_printf(complaints, "%s:1: cannot be read\n", found.gl_pathv[i]);
			buf_printf(out, "\t{ \"%s\",\n\t",
				   migration_name(arena, found.gl_pathv[i]));
			put_literal(out, text ? text : "");
			buf_puts(out, " },\n");
		}
	}
	globfree(&found);
}

static void put_migrations(struct arena *arena, struct buf *out, char **argv,
			   struct buf *complaints)
{
	buf_printf(out, "#include \"%s/%s.h\"\n\nconst struct migration %s_migrations[] = {\n",
		   argv[1], argv[1], argv[1]);
	put_migrations_of(arena, out, argv[4], complaints);
	put_migrations_of(arena, out, arena_printf(arena, "%s/migrations", argv[5]), complaints);
	buf_puts(out, "\t{ NULL, NULL },\n};\n");
}

static void complain_of_twins(struct statements *all)
{
	for (size_t i = 0; i < all->count; i++)
		for (size_t k = 0; k < i; k++)
			if (!strcmp(all->items[i]->name, all->items[k]->name))
				buf_printf(all->complaints,
					   "%s:%u: %s is already a statement at %s:%u: name one of "
					   "them otherwise\n",
					   all->items[i]->file, all->items[i]->line,
					   all->items[i]->name, all->items[k]->file,
					   all->items[k]->line);
}

static bool write_file(struct arena *arena, char **argv, const char *kind, struct buf *text)
{
	const char *path = arena_printf(arena, "%s/%s.%s", argv[2], argv[1], kind);
	FILE *file = fopen(path, "w");
	bool good = file && fwrite(text->data, 1, text->len, file) == text->len;

	if (file)
		good &= !fclose(file);
	if (!good)
		perror(path);
	return good;
}

/* What is read wrongly is not judged: the contract is asked about good statements only. */
static void check_against_contract(const char *service, const char *path, struct statements *all)
{
	json_t *contract;

	if (all->complaints->len)
		return;
	contract = contract_read(path, all->complaints);
	if (contract)
		check_statements(contract, service, all);
	json_decref(contract);
}

int main(int argc, char **argv)
{
	struct arena *arena = arena_new(SIZE_MAX / 2);
	struct buf complaints = { 0 }, header = { 0 }, source = { 0 }, migrations = { 0 };
	struct statements all = { .arena = arena, .complaints = &complaints };

	if (argc != 6) {
		fputs("usage: sqlgen SERVICE OUT CONTRACT_JSON RUNTIME_MIGRATIONS SERVICE_FOLDER\n",
		      stderr);
		return EXIT_FAILURE;
	}
	statements_read_folder(&all, argv[5]);
	complain_of_twins(&all);
	check_against_contract(argv[1], argv[3], &all);
	put_migrations(arena, &migrations, argv, &complaints);
	if (complaints.len) {
		fputs(buf_text(&complaints), stderr);
		return EXIT_FAILURE;
	}
	put_header(&header, argv[1], &all);
	put_source(arena, &source, argv[1], &all);
	return write_file(arena, argv, "sql.h", &header) &&
			       write_file(arena, argv, "sql.c", &source) &&
			       write_file(arena, argv, "migrations.c", &migrations)
		       ? EXIT_SUCCESS
		       : EXIT_FAILURE;
}

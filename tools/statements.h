/*
 * The .sql files of a service, read into named statements with a signature in message types:
 *
 *   -- get_match(GetMatchRequest) one Match
 *   select * from match_view where id = :id;
 *
 *   -- list_matches(ListMatchesRequest) page ListMatchesResponse by created_at desc, id desc
 *   select … without order and limit;
 *
 *   -- add_match(RequestMatchRequest) each Match
 *   insert into match (id, …) select … from unnest(:new.id::uuid[], …) … returning *;
 *
 * In a page, `(select … where … and :page)` is a part that is read only as far as the page goes: of many places, each by
 * its index. exec names no response. Comment lines of other forms are prose. lib/sql.h says what the
 * parameters mean.
 */
#pragma once

#include "arena.h"
#include "buf.h"

enum statement_kind {
	STATEMENT_EXEC,
	STATEMENT_ONE,
	STATEMENT_MAYBE,
	STATEMENT_MANY,
	STATEMENT_PAGE,
	STATEMENT_EACH
};

struct statement_key {
	const char *column;
	bool descending;
};

struct statement {
	const char *name, *in, *out; /* out NULL for exec */
	enum statement_kind kind;
	size_t n_keys;
	struct statement_key *keys;
	const char *text; /* without the semicolon */
	const char *file;
	unsigned line;
};

struct statements {
	struct arena *arena;
	struct buf *complaints; /* a line each: "services/programs/membership.sql:12: …" */
	size_t count;
	struct statement **items;
};

/* A file's text, in the arena; NULL when it cannot be read. */
char *file_read(struct arena *arena, const char *path);
/* Adds the file's statements. */
void statements_read(struct statements *all, const char *path);
/* Adds those of every .sql file of the folder, in the order of their names. */
void statements_read_folder(struct statements *all, const char *folder);
const char *statement_kind_name(enum statement_kind kind);
/* Whether its function tells by a last argument `found` that there was a row. */
bool statement_may_miss(const struct statement *statement);

/*
 * Where a construct of SQL that must be left alone (a quoted text or name, a dollar quote, a
 * comment) that begins at `at` ends; `at` itself when none begins there.
 */
const char *sql_skip(const char *text, const char *at);

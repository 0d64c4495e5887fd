/* The statements and rpcs on the table program, for the tests of sql and dispatch, as the generators would write them. */
#pragma once

#include "common.pb-c.h"
#include "rpc.h"
#include "sql.h"
#include "tests/lib/sample.h"

RULE page_rules[2] = { [1] = { .format = PB_KEY } };
NO_CHILDREN(page_children, 2);
static const struct pb_type page_type = { &page__descriptor, page_rules, page_children };
NO_CHILDREN(nothing_children, 1);
RULE nothing_rules[1] = { { 0 } };
static const struct pb_type nothing_type = { &nothing__descriptor, nothing_rules,
					     nothing_children };

#define WORDS (const char *const[])

static const struct sql_statement add_program = {
	.name = "add_program",
	.kind = SQL_ONE,
	.in = &sample_program_type,
	.out = &sample_program_type,
	.file = __FILE__,
	.text = "insert into program (slug, title, state, capacity, starts_on, owner_id, topics) "
		"values ($1, $2, coalesce($3, 'DRAFT'), $4, $5, $6, $7) returning *",
	.params = WORDS { "slug", "title", "state", "capacity", "starts_on", "caller.id", "topics",
			  NULL },
};

static const struct sql_statement add_each_program = {
	.name = "add_each_program",
	.kind = SQL_EACH,
	.in = &sample_program_type,
	.out = &sample_program_type,
	.file = __FILE__,
	.text = "insert into program (id, slug, title, state) select id, slug, title, coalesce(state, 'DRAFT') "
		"from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) as asked (id, slug, title, state) "
		"on conflict do nothing returning *",
	.params = WORDS { "new.id", "slug", "title", "state", NULL },
};

static const struct sql_statement read_program = {
	.name = "read_program",
	.kind = SQL_ONE,
	.in = &sample_program_type,
	.out = &sample_program_type,
	.file = __FILE__,
	.text = "select * from program where slug = $1",
	.params = WORDS { "slug", NULL },
};

static const struct sql_statement rename_program = {
	.name = "rename_program",
	.kind = SQL_ONE,
	.in = &sample_program_type,
	.out = &sample_program_type,
	.file = __FILE__,
	.text = "update program set title = $2, capacity = $3 where slug = $1 returning *",
	.params = WORDS { "slug", "title", "capacity", NULL },
};

static const struct sql_statement fail_at_once = {
	.name = "fail_at_once",
	.kind = SQL_ONE,
	.in = &sample_program_type,
	.out = &sample_program_type,
	.file = __FILE__,
	.text = "select refuse(409, 'ILLEGAL_TRANSITION', 'It cannot.', '{\"from\": \"DRAFT\", \"allowed\": [\"OPEN\"]}') as open "
		"where $1::text is not null",
	.params = WORDS { "slug", NULL },
};

static const struct sql_statement nap = {
	.name = "nap",
	.kind = SQL_ONE,
	.in = &sample_program_type,
	.out = &sample_program_type,
	.file = __FILE__,
	.text = "select pg_sleep(($1::int)::float / 1000)::text as title",
	.params = WORDS { "capacity", NULL },
};

static const struct sql_key by_title[] = { { "title", false }, { "id", false }, { 0 } };
static const struct sql_statement list_programs = {
	.name = "list_programs",
	.kind = SQL_PAGE,
	.in = &page_type,
	.out = &sample_programs_type,
	.file = __FILE__,
	.text = "select * from (select * from program) page order by title, id limit $1",
	.next_text =
		"select * from (select * from program) page where (title, id) > ($2, $3::uuid) order by title, id limit $1",
	.params = WORDS { "limit", NULL },
	.next_params = WORDS { "limit", "after.title", "after.id", NULL },
	.keys = by_title,
};

static const struct sql_key by_slug[] = { { "slug", false }, { "id", false }, { 0 } };
static const struct sql_statement list_by_slug = {
	.name = "list_by_slug",
	.kind = SQL_PAGE,
	.in = &page_type,
	.out = &sample_programs_type,
	.file = __FILE__,
	.text = "select * from (select * from program) page order by slug, id limit $1",
	.next_text =
		"select * from (select * from program) page where (slug, id) > ($2, $3::uuid) order by slug, id limit $1",
	.params = WORDS { "limit", NULL },
	.next_params = WORDS { "limit", "after.slug", "after.id", NULL },
	.keys = by_slug,
};

static const struct sql_statement *const program_statements[] = {
	&add_program,	&add_each_program, &read_program, &rename_program, &fail_at_once, &nap,
	&list_programs, &list_by_slug,	   NULL,
};

/* Handlers that are their statement. */
#define HANDLER(statement)                                                                         \
	__attribute__((unused)) static bool run_##statement(struct call *call, const void *in,     \
							    void *out)                             \
	{                                                                                          \
		return sql_run(call, &statement, in, out, NULL);                                   \
	}
HANDLER(add_program)
HANDLER(read_program)
HANDLER(rename_program)
HANDLER(fail_at_once)
HANDLER(nap)
HANDLER(list_programs)
HANDLER(list_by_slug)

#define CHANGES(rpc)                                                                               \
	{ .service = "spine_test",                                                                 \
	  .name = rpc,                                                                             \
	  .verb = VERB_POST,                                                                       \
	  .one_statement = true,                                                                   \
	  .in = &sample_program_type,                                                              \
	  .out = &sample_program_type }
#define READS(rpc, from, to)                                                                       \
	{ .service = "spine_test", .name = rpc, .verb = VERB_GET, .in = from, .out = to }
__attribute__((unused)) static const struct rpc_method add_rpc = CHANGES("AddProgram"),
						       rename_rpc = CHANGES("RenameProgram"),
						       nap_rpc = CHANGES("Nap"),
						       refused_rpc = CHANGES("FailAtOnce");
__attribute__((unused)) static const struct rpc_method
	read_rpc = READS("ReadProgram", &sample_program_type, &sample_program_type),
	failing_rpc = READS("FailAtOnce", &sample_program_type, &sample_program_type),
	napping_rpc = READS("Nap", &sample_program_type, &sample_program_type),
	list_rpc = READS("ListPrograms", &page_type, &sample_programs_type),
	list_by_slug_rpc = READS("ListBySlug", &page_type, &sample_programs_type);

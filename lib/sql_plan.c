/* Statements and what was worked out about them, found by the statement's address. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sql_own.h"

bool find_path(const struct pb_type *type, const char *name, struct field_path *path)
{
	for (path->depth = 0; type && path->depth < PATH_DEPTH; path->depth++) {
		size_t len = strcspn(name, ".");
		int found = pb_find(type, name, len);

		if (found < 0)
			return false;
		path->types[path->depth] = type;
		path->fields[path->depth] = &type->descriptor->fields[found];
		if (!name[len]) {
			path->depth++;
			return true;
		}
		if (path->fields[path->depth]->label == PROTOBUF_C_LABEL_REPEATED)
			return false;
		type = type->children[found];
		name += len + 1;
	}
	return false;
}

const struct pb_rule *path_rule(const struct field_path *path)
{
	const struct pb_type *type = path->types[path->depth - 1];

	return &type->rules[path->fields[path->depth - 1] - type->descriptor->fields];
}

static void fail(const struct sql_statement *statement, const char *wrong)
{
	fprintf(stderr, "statement %s: parameter %s fits nothing\n", statement->name, wrong);
	abort();
}

static struct plan *new_plan(const struct sql_statement *statement)
{
	struct plan *plan = calloc(1, sizeof *plan);
	const char *wrong;

	if (!plan)
		abort();
	plan->statement = statement;
	plan->shareable = share_can(statement);
	if (!params_compile(statement, statement->params, &plan->params, &wrong) ||
	    !params_compile(statement, statement->next_params, &plan->next_params, &wrong))
		fail(statement, wrong);
	if (statement->next_text) {
		struct buf name = { 0 };

		buf_printf(&name, "%s/next", statement->name);
		plan->next_name = buf_text(&name);
	}
	return plan;
}

static struct plan **slot_of(const struct sql_pool *pool, const struct sql_statement *statement)
{
	unsigned mask = pool->table_size - 1;
	unsigned at = (unsigned)(((uintptr_t)statement >> 4) * 2654435761u) & mask;

	while (pool->by_statement[at] && pool->by_statement[at]->statement != statement)
		at = (at + 1) & mask;
	return &pool->by_statement[at];
}

static void grow(struct sql_pool *pool)
{
	pool->plan_room = pool->plan_room ? 2 * pool->plan_room : 64;
	pool->plans = realloc(pool->plans, pool->plan_room * sizeof *pool->plans);
	pool->table_size = 4 * pool->plan_room;
	free(pool->by_statement);
	pool->by_statement = calloc(pool->table_size, sizeof(struct plan *));
	if (!pool->plans || !pool->by_statement)
		abort();
	for (unsigned i = 0; i < pool->plan_count; i++)
		*slot_of(pool, pool->plans[i]->statement) = pool->plans[i];
}

struct plan *plan_of(struct sql_pool *pool, const struct sql_statement *statement)
{
	struct plan **slot;

	if (pool->plan_count == pool->plan_room)
		grow(pool);
	slot = slot_of(pool, statement);
	if (!*slot) {
		*slot = new_plan(statement);
		(*slot)->index = pool->plan_count;
		pool->plans[pool->plan_count++] = *slot;
	}
	return *slot;
}

void plans_free(struct sql_pool *pool)
{
	for (unsigned i = 0; i < pool->plan_count; i++) {
		struct plan *plan = pool->plans[i];

		columns_free(&plan->columns);
		free(plan->params.items);
		free(plan->next_params.items);
		free(plan->next_name);
		if (plan->made) {
			free((char *)(uintptr_t)plan->made->name);
			free((char *)(uintptr_t)plan->made->text);
			free(plan->made);
		}
		free(plan);
	}
	free(pool->plans);
	free(pool->by_statement);
}

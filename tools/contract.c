/* Statements against the messages and rpcs that they name. */
#include "contract.h"

#include <string.h>

#include "names.h"

json_t *contract_read(const char *path, struct buf *complaints)
{
	json_error_t error;
	json_t *contract = json_load_file(path, 0, &error);

	if (!contract)
		buf_printf(complaints, "%s:%d: %s\n", path, error.line, error.text);
	return contract;
}

static void complain(struct statements *all, const struct statement *statement, const char *format,
		     const char *what)
{
	buf_printf(all->complaints, "%s:%u: ", statement->file, statement->line);
	buf_printf(all->complaints, format, what);
	buf_putc(all->complaints, '\n');
}

static const char *text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static bool has_field(const json_t *fields, const char *name)
{
	for (size_t i = 0; i < json_array_size(fields); i++)
		if (!strcmp(text_at(json_array_get(fields, i), "name"), name))
			return true;
	return false;
}

static bool is_list(const json_t *fields)
{
	unsigned lists = 0;

	for (size_t i = 0; i < json_array_size(fields); i++) {
		const json_t *field = json_array_get(fields, i);

		lists += json_is_true(json_object_get(field, "repeated")) &&
			 json_object_get(field, "message");
	}
	return lists == 1;
}

static void check_names(const json_t *messages, struct statements *all,
			const struct statement *statement)
{
	const json_t *in = json_object_get(messages, statement->in);
	const json_t *out = statement->out ? json_object_get(messages, statement->out) : NULL;
	bool lists = statement->kind == STATEMENT_MANY || statement->kind == STATEMENT_PAGE;

	if (!in)
		complain(all, statement, "%s is no message of the contract", statement->in);
	if (statement->out && !out)
		complain(all, statement, "%s is no message of the contract", statement->out);
	if (out && lists && !is_list(out))
		complain(all, statement,
			 "%s must have exactly one repeated message field, which the rows fill",
			 statement->out);
	if (out && statement->kind == STATEMENT_PAGE && !has_field(out, "next_cursor"))
		complain(all, statement, "%s needs `string next_cursor`, as every page",
			 statement->out);
}

static void check_handler(const json_t *rpc, struct statements *all,
			  const struct statement *statement)
{
	const char *in = text_at(rpc, "in"), *out = text_at(rpc, "out");
	const char *answered = statement->out ? statement->out : "Nothing";

	if (strcmp(statement->in, in))
		complain(all, statement,
			 "the statement is the handler of an rpc that takes %s: take it, or name "
			 "the statement otherwise",
			 in);
	if (strcmp(answered, out))
		complain(all, statement,
			 "the statement is the handler of an rpc that returns %s: return it, or "
			 "name the statement otherwise",
			 out);
	if (statement_may_miss(statement))
		complain(all, statement,
			 "%s is a handler and must be one (no row is 404), many, page or exec",
			 statement->name);
}

static bool is_handler(struct arena *arena, const json_t *rpc, const char *service,
		       const struct statement *statement)
{
	return !strcmp(text_at(rpc, "service"), service) &&
	       !strcmp(snake_case(arena, text_at(rpc, "name")), statement->name);
}

void check_statements(const json_t *contract, const char *service, struct statements *all)
{
	const json_t *rpcs = json_object_get(contract, "rpcs");

	for (size_t i = 0; i < all->count; i++) {
		check_names(json_object_get(contract, "messages"), all, all->items[i]);
		for (size_t k = 0; k < json_array_size(rpcs); k++)
			if (is_handler(all->arena, json_array_get(rpcs, k), service, all->items[i]))
				check_handler(json_array_get(rpcs, k), all, all->items[i]);
	}
}

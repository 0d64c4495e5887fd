/* Statements against the messages and rpcs that they name: what C would tell less clearly. */
#include <string.h>

#include "check.h"

static void complain_of(struct model *model, const struct statement *statement, const char *format, const char *what)
{
	buf_printf(&model->complaints, "%s:%u: ", statement->file, statement->line);
	buf_printf(&model->complaints, format, what);
	buf_putc(&model->complaints, '\n');
}

/* By its name in C, which is unique in the system. */
static const struct message *find_message(const struct model *model, const char *name)
{
	for (size_t i = 0; name && i < model->n_messages; i++)
		if (file_has_types(model->messages[i]->place.file) && !strcmp(model->messages[i]->name, name))
			return model->messages[i];
	return NULL;
}

static bool is_list(const struct message *message)
{
	unsigned lists = 0;

	for (size_t i = 0; i < message->n_fields; i++)
		lists += message->fields[i].repeated && message->fields[i].message;
	return lists == 1;
}

static void check_names(struct model *model, const struct statement *statement)
{
	const struct message *out = find_message(model, statement->out);

	if (statement->in && !find_message(model, statement->in))
		complain_of(model, statement, "%s is no message", statement->in);
	if (statement->out && !out)
		complain_of(model, statement, "%s is no message", statement->out);
	if (out && (statement->kind == STATEMENT_MANY || statement->kind == STATEMENT_PAGE) && !is_list(out))
		complain_of(model, statement, "%s must have exactly one repeated message field, which the rows fill", out->name);
	if (out && statement->kind == STATEMENT_PAGE && !message_field(out, "next_cursor", strlen("next_cursor")))
		complain_of(model, statement, "%s needs `string next_cursor`, as every page", out->name);
}

static void check_handler(struct model *model, const struct rpc *rpc)
{
	const struct statement *statement = rpc->statement;
	bool nothing = message_is_nothing(rpc->out);

	if (!statement)
		return;
	if (statement->in && strcmp(statement->in, rpc->in->name))
		complain_of(model, statement, "the statement is the handler of an rpc that takes %s: name it so, or name the statement otherwise",
			    rpc->in->name);
	if (statement->out ? strcmp(statement->out, rpc->out->name) : !nothing)
		complain_of(model, statement, "the statement is the handler of an rpc that returns %s: name it so, or name the statement otherwise",
			    rpc->out->name);
	if (statement->kind == STATEMENT_MAYBE)
		complain_of(model, statement, "%s is a handler and must be one (no row is 404), many, page or exec", statement->name);
}

void check_statements(struct model *model)
{
	for (size_t i = 0; i < model->n_folders; i++)
		for (size_t k = 0; k < model->folders[i].n_statements; k++)
			check_names(model, model->folders[i].statements[k]);
	for (size_t i = 0; i < model->n_rpcs; i++)
		check_handler(model, model->rpcs[i]);
}

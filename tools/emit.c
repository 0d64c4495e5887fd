/* What the emitters share. */
#include "emit.h"

#include <stdlib.h>
#include <string.h>

struct buf *output_begin(struct outputs *outputs, const char *format, ...)
{
	struct output *output = arena_alloc(outputs->model->arena, sizeof(*output));
	va_list args;

	va_start(args, format);
	output->name = arena_vprintf(outputs->model->arena, format, args);
	va_end(args);
	*outputs->last = output;
	outputs->last = &output->next;
	return &output->text;
}

void output_json(struct buf *out, json_t *value)
{
	char *text = json_dumps(value, JSON_INDENT(1));

	if (!text)
		abort();
	buf_puts(out, text);
	buf_putc(out, '\n');
	free(text);
	json_decref(value);
}

const char *verb_name(enum route_verb verb)
{
	static const char *const names[] = { "NONE", "GET", "POST", "PUT", "PATCH", "DELETE" };

	return names[verb];
}

const char *format_name(const struct field *field)
{
	return ithaca__format__descriptor.values[field->rule.format].name;
}

bool rpc_reads(const struct rpc *rpc)
{
	return rpc->verb == ROUTE_GET || rpc->options.reads;
}

bool rpc_has_one_statement(const struct rpc *rpc)
{
	return rpc->options.one_statement || rpc->statement;
}

unsigned rpc_status(const struct rpc *rpc)
{
	if (rpc->options.has_status)
		return rpc->options.status;
	return message_is_nothing(rpc->out) ? 204 : 200;
}

bool folder_has_handlers(const struct folder *folder)
{
	return strcmp(folder->name, "gateway");
}

bool message_in_folder(const struct message *message, const struct folder *folder)
{
	return file_has_types(message->place.file) &&
	       !strcmp(message->place.file->folder, folder->name);
}

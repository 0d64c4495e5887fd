/*
 * The pb_type of every message: its descriptor, the rules of its fields, the types of its
 * message fields.
 */
#include <inttypes.h>
#include <string.h>

#include "emit.h"

static void put_number(struct buf *out, const char *name, bool given, int64_t number)
{
	if (given)
		buf_printf(out, " .%s = %" PRId64 ",", name, number);
}

static void put_flag(struct buf *out, const char *name, bool set)
{
	if (set)
		buf_printf(out, " .%s = true,", name);
}

static void put_rule(struct buf *out, const struct field *field)
{
	const Ithaca__Field *rule = &field->rule;

	buf_printf(out, "\t{ .format = PB_%s,", format_name(field));
	put_flag(out, "required", rule->required);
	put_flag(out, "secret", rule->secret);
	put_flag(out, "internal", rule->internal);
	put_flag(out, "unlinks", rule->unlinks);
	put_flag(out, "has_min", rule->has_min);
	put_flag(out, "has_max", rule->has_max);
	put_number(out, "min", rule->has_min, rule->min);
	put_number(out, "max", rule->has_max, rule->max);
	put_number(out, "min_len", rule->has_min_len, rule->min_len);
	put_number(out, "max_len", rule->has_max_len, rule->max_len);
	put_number(out, "max_items", rule->has_max_items, rule->max_items);
	if (rule->from)
		buf_printf(out, " .from = \"%s\",", rule->from);
	buf_printf(out, " }, /* %s */\n", field->name);
}

static void put_arrays(struct buf *out, const struct message *message)
{
	buf_printf(out, "\nstatic const struct pb_rule %s_rules[] = {\n", message->snake);
	for (size_t i = 0; i < message->n_fields; i++)
		put_rule(out, &message->fields[i]);
	buf_printf(out, "};\nstatic const struct pb_type *const %s_children[] = {\n",
		   message->snake);
	for (size_t i = 0; i < message->n_fields; i++) {
		if (message->fields[i].message)
			buf_printf(out, "\t&%s_type,\n", message->fields[i].message->snake);
		else
			buf_puts(out, "\tNULL,\n");
	}
	buf_puts(out, "};\n");
}

static void put_type(struct buf *out, const struct message *message)
{
	const char *name = message->snake;

	if (!message->n_fields) {
		buf_printf(out,
			   "\nconst struct pb_type %s_type = { .descriptor = &%s__descriptor };\n",
			   name, name);
		return;
	}
	put_arrays(out, message);
	buf_printf(out,
		   "const struct pb_type %s_type = {\n\t.descriptor = &%s__descriptor,\n\t.rules = "
		   "%s_rules,\n"
		   "\t.children = %s_children,\n};\n",
		   name, name, name, name);
}

/* Whether a file of the folder imports something of the other. */
static bool folder_needs(const struct model *model, const struct folder *folder,
			 const struct folder *other)
{
	for (size_t i = 0; i < model->n_files; i++) {
		const struct file *file = model->files[i];

		if (strcmp(file->folder, folder->name) || !file_has_types(file))
			continue;
		for (size_t k = 0; k < file->proto->n_dependency; k++)
			if (!strncmp(file->proto->dependency[k], other->name,
				     strlen(other->name)) &&
			    file->proto->dependency[k][strlen(other->name)] == '/')
				return true;
	}
	return false;
}

static void put_includes(struct buf *out, const struct model *model, const struct folder *folder)
{
	if (*folder->name)
		buf_puts(out, "#include \"common.types.h\"\n");
	for (size_t i = 0; i < model->n_folders; i++) {
		const struct folder *other = &model->folders[i];

		if (*other->name && other != folder && folder_needs(model, folder, other))
			buf_printf(out, "#include \"%s/%s.types.h\"\n", other->name, other->name);
	}
	for (size_t i = 0; i < model->n_files; i++)
		if (file_has_types(model->files[i]) &&
		    !strcmp(model->files[i]->folder, folder->name))
			buf_printf(out, "#include \"%s\"\n", model->files[i]->header);
}

static const char *base_name(const struct model *model, const struct folder *folder)
{
	return *folder->name ? arena_printf(model->arena, "%s/%s", folder->name, folder->name)
			     : "common";
}

void emit_types(struct outputs *outputs, const struct folder *folder)
{
	const struct model *model = outputs->model;
	const char *base = base_name(model, folder);
	struct buf *header = output_begin(outputs, "%s.types.h", base);
	struct buf *source = output_begin(outputs, "%s.types.c", base);

	buf_puts(header, "/* The messages of the contract, each with its rules. */\n#pragma "
			 "once\n\n#include \"pb.h\"\n");
	put_includes(header, model, folder);
	buf_puts(header, "\n");
	buf_printf(source, "#include \"%s.types.h\"\n", base);
	for (size_t i = 0; i < model->n_messages; i++) {
		const struct message *message = model->messages[i];

		if (!message_in_folder(message, folder))
			continue;
		buf_printf(header, "extern const struct pb_type %s_type;\n", message->snake);
		put_type(source, message);
	}
}

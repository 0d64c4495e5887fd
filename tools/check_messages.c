/* The messages' own rules. */
#include <string.h>

#include "check.h"
#include "names.h"

static bool has_comment(const struct place *place)
{
	return *place->comment;
}

/* What all services share is described in its files, not message by message. */
static bool is_of_service(const struct place *place)
{
	return *place->file->folder && file_has_types(place->file);
}

static void check_file(struct model *model, const struct file *file)
{
	struct place place = { file, 1, "" };
	const char *package = file->proto->package ? file->proto->package : "";

	if (!is_of_service(&place))
		return;
	if (strcmp(package, file->folder))
		complain(model, &place,
			 "the package must be that of its folder: write `package %s;`",
			 file->folder);
	if (!file->plain_names)
		complain(model, &place,
			 "C names carry no package here: write `option (pb_c_file).c_package = "
			 "\"\";`");
}

static const char *first_place(struct model *model, const struct place *place)
{
	return arena_printf(model->arena, "proto/%s:%u", place->file->name, place->line);
}

static void check_twin(struct model *model, size_t index)
{
	const struct message *message = model->messages[index];

	for (size_t i = 0; i < index; i++) {
		const struct message *other = model->messages[i];

		if (strcmp(other->snake, message->snake) || !file_has_types(other->place.file))
			continue;
		complain(model, &message->place,
			 "message %s is already at %s: names are unique in the system, name one "
			 "otherwise",
			 message->name, first_place(model, &other->place));
		return;
	}
}

static void check_enum_twin(struct model *model, size_t index)
{
	const struct enumeration *enumeration = model->enums[index];

	for (size_t i = 0; i < model->n_messages; i++)
		if (!strcmp(model->messages[i]->snake, enumeration->snake) &&
		    file_has_types(model->messages[i]->place.file))
			complain(model, &enumeration->place,
				 "enum %s is already a message at %s: names are unique in the "
				 "system, name one "
				 "otherwise",
				 enumeration->proto->name,
				 first_place(model, &model->messages[i]->place));
	for (size_t i = 0; i < index; i++)
		if (!strcmp(model->enums[i]->snake, enumeration->snake) &&
		    file_has_types(model->enums[i]->place.file))
			complain(model, &enumeration->place,
				 "enum %s is already at %s: names are unique in the system, put it "
				 "into the "
				 "message that it belongs to",
				 enumeration->proto->name,
				 first_place(model, &model->enums[i]->place));
}

static void check_enum(struct model *model, size_t index)
{
	const struct enumeration *enumeration = model->enums[index];
	const char *name = enumeration->proto->name;
	const char *unset = upper_case(model->arena, arena_printf(model->arena, "%s_UNSET",
								  snake_case(model->arena, name)));
	const Google__Protobuf__EnumValueDescriptorProto *first = enumeration->proto->value[0];

	if (!is_of_service(&enumeration->place))
		return;
	check_enum_twin(model, index);
	if (!has_comment(&enumeration->place))
		complain(model, &enumeration->place,
			 "enum %s has no comment: say above it what it tells", name);
	if (strcmp(first->name, unset) || first->number)
		complain(model, &enumeration->place,
			 "the first label of enum %s must be `%s = 0;`, which means null", name,
			 unset);
}

static void check_no_map(struct model *model, const struct message *message)
{
	for (size_t i = 0; i < message->n_fields; i++)
		if (message->fields[i].message && message->fields[i].message->is_map)
			complain(model, &message->fields[i].place,
				 "field %s is a map, which cannot be told from a list: use a "
				 "repeated message with a key",
				 message->fields[i].name);
}

/* A chain of messages, each with a field of the next; the way that a search has taken. */
struct chain {
	const struct message *message;
	const struct chain *before;
};

static const char *chain_text(struct model *model, const struct chain *chain, const char *end)
{
	for (; chain; chain = chain->before)
		end = arena_printf(model->arena, "%s > %s", chain->message->name, end);
	return end;
}

static bool in_chain(const struct chain *chain, const struct message *message)
{
	for (; chain; chain = chain->before)
		if (chain->message == message)
			return true;
	return false;
}

/* Told once for each message on a circle: at the message where the walk began. */
static bool walk_for_circle(struct model *model, const struct message *start,
			    const struct chain *chain)
{
	for (size_t i = 0; i < chain->message->n_fields; i++) {
		const struct message *next = chain->message->fields[i].message;
		struct chain longer = { next, chain };

		if (!next)
			continue;
		if (next == start) {
			complain(model, &start->place,
				 "message %s contains itself (%s), and unpacking has no bound: "
				 "refer to the inner one by its id",
				 start->name, chain_text(model, chain, next->name));
			return true;
		}
		if (!in_chain(chain, next) && walk_for_circle(model, start, &longer))
			return true;
	}
	return false;
}

static bool is_closed_format(Ithaca__Format format)
{
	switch (format) {
	case ITHACA__FORMAT__UUID:
	case ITHACA__FORMAT__INSTANT:
	case ITHACA__FORMAT__DATE:
	case ITHACA__FORMAT__KEY:
	case ITHACA__FORMAT__SLUG:
	case ITHACA__FORMAT__ZONE:
	case ITHACA__FORMAT__LOCALE:
		return true;
	default:
		return false;
	}
}

/* Events go to everybody and stay for a month: nothing in them may hold words. */
static bool field_tells_no_words(const struct field *field)
{
	Google__Protobuf__FieldDescriptorProto__Type type = field->proto->type;

	if (type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_STRING)
		return is_closed_format(field->rule.format);
	return type != GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_BYTES;
}

static void check_event_words(struct model *model, const struct message *event,
			      const struct message *inner, unsigned depth)
{
	for (size_t i = 0; i < inner->n_fields && depth < 32; i++) {
		const struct field *field = &inner->fields[i];

		if (!field_tells_no_words(field))
			complain(model, &field->place,
				 "field %s of event %s could hold free text: give it a format of "
				 "UUID, INSTANT, DATE, KEY, SLUG, ZONE or "
				 "LOCALE, or leave it out",
				 field->name, event->name);
		if (field->message)
			check_event_words(model, event, field->message, depth + 1);
	}
}

static bool same_type(const struct field *a, const struct field *b)
{
	return a->proto->type == b->proto->type &&
	       a->repeated == b->repeated &&
	       a->message == b->message &&
	       a->enumeration == b->enumeration;
}

static void check_event_source(struct model *model, const struct message *event)
{
	if (!event->of) {
		complain(model, &event->place,
			 "event %s is of %s, which is no message of this service", event->name,
			 event->event_of);
		return;
	}
	for (size_t i = 0; i < event->n_fields; i++) {
		const struct field *field = &event->fields[i];
		const struct field *source =
			message_field(event->of, field->name, strlen(field->name));

		if (!source || !same_type(field, source))
			complain(model, &field->place,
				 "field %s of event %s has no counterpart of its name and type in "
				 "%s",
				 field->name, event->name, event->of->name);
	}
}

static bool is_named(const char *name, const char *rpc, const char *suffix)
{
	size_t len = strlen(rpc);

	return !strncmp(name, rpc, len) && !strcmp(name + len, suffix);
}

/* VerbNounRequest and VerbNounResponse are described by their rpc VerbNoun. */
static bool is_described_by_rpc(const struct model *model, const struct message *message)
{
	for (size_t i = 0; i < model->n_rpcs; i++)
		if (is_named(message->name, model->rpcs[i]->name, "Request") ||
		    is_named(message->name, model->rpcs[i]->name, "Response"))
			return true;
	return false;
}

static void check_comment(struct model *model, const struct message *message)
{
	if (is_of_service(&message->place) &&
	    !has_comment(&message->place) &&
	    !is_described_by_rpc(model, message))
		complain(model, &message->place,
			 "message %s has no comment: say above it what it is", message->name);
}

static void check_message(struct model *model, size_t index)
{
	const struct message *message = model->messages[index];
	struct chain chain = { message, NULL };

	if (!file_has_types(message->place.file) || message->is_map)
		return;
	check_twin(model, index);
	check_no_map(model, message);
	walk_for_circle(model, message, &chain);
	check_comment(model, message);
	if (message->is_event)
		check_event_words(model, message, message, 0);
	if (message->event_of)
		check_event_source(model, message);
}

void check_messages(struct model *model)
{
	for (size_t i = 0; i < model->n_files; i++)
		check_file(model, model->files[i]);
	for (size_t i = 0; i < model->n_enums; i++)
		check_enum(model, i);
	for (size_t i = 0; i < model->n_messages; i++)
		check_message(model, i);
}

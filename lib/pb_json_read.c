/* JSON objects and parameters to messages; all complaints are kept. */
#include "pb_json_value.h"
#include "text.h"

enum { MAX_ITEMS = 10000 };

static bool read_object(struct reader *reader, const struct place *place,
			const struct pb_type *type, json_t *object, void *message,
			struct name_list *set);

static bool take_object(struct reader *reader, const struct place *place,
			const struct target *target, json_t *value)
{
	const struct pb_type *type = target->type->children[target->index];
	void *message = pb_new(reader->arena, type);

	*(void **)target->at = message;
	return read_object(reader, place, type, value, message, NULL);
}

static bool take_value(struct reader *reader, const struct place *place,
		       const struct target *target, json_t *value)
{
	if (field_of(target)->type == PROTOBUF_C_TYPE_MESSAGE)
		return take_object(reader, place, target, value);
	return take_json(reader, place, target, value);
}

static size_t max_items(const struct reader *reader, const struct pb_rule *rule)
{
	if (reader->trusted)
		return SIZE_MAX;
	return rule->max_items ? rule->max_items : MAX_ITEMS;
}

static bool read_array(struct reader *reader, const struct place *place, struct target *target,
		       json_t *array, void *message)
{
	const ProtobufCFieldDescriptor *field = field_of(target);
	bool good = true;
	size_t index;
	json_t *value;

	if (!json_is_array(array))
		return wrong(reader, place, "WRONG_TYPE", "Must be a list.");
	if (json_array_size(array) > max_items(reader, rule_of(target)))
		return breaks_rule(reader, place, target, "TOO_MANY");

	json_array_foreach (array, index, value) {
		struct place element = { .parent = place, .index = index };

		if (is_full(reader->errors))
			return false;
		target->at = pb_append(reader->arena, message, field);
		if (field->type == PROTOBUF_C_TYPE_STRING)
			*(const char **)target->at = protobuf_c_empty_string;
		good &= take_value(reader, &element, target, value);
	}
	return good;
}

static bool read_member(struct reader *reader, const struct place *place, struct target *target,
			json_t *value, void *message)
{
	const ProtobufCFieldDescriptor *field = field_of(target);

	if (json_is_null(value)) {
		if (rule_of(target)->required && !reader->trusted)
			return breaks_rule(reader, place, target, "REQUIRED");
		return true;
	}
	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		return read_array(reader, place, target, value, message);

	target->at = pb_at(message, field);
	if (!take_value(reader, place, target, value))
		return false;
	pb_mark(message, field);
	return true;
}

static bool refuse_unknown(struct reader *reader, const struct place *place,
			   const struct pb_type *type)
{
	const ProtobufCMessageDescriptor *descriptor = type->descriptor;
	const char **names = arena_alloc(reader->arena, (descriptor->n_fields + 1) * sizeof *names);
	size_t count = 0;
	const char *nearest;

	for (unsigned i = 0; i < descriptor->n_fields; i++)
		if (!type->rules[i].internal)
			names[count++] = descriptor->fields[i].name;

	nearest = text_nearest(place->name, names, count);
	if (!nearest)
		return wrong(reader, place, "UNKNOWN_FIELD", "Is not known here.");
	return wrong(reader, place, "UNKNOWN_FIELD",
		     arena_printf(reader->arena, "Is not known here. Did you mean %s?", nearest));
}

static bool read_object(struct reader *reader, const struct place *place,
			const struct pb_type *type, json_t *object, void *message,
			struct name_list *set)
{
	bool good = true;
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return wrong(reader, place, "WRONG_TYPE", "Must be an object.");

	json_object_foreach (object, name, value) {
		struct place member = { .parent = place, .name = name };
		int index = pb_find(type, name, strlen(name));
		struct target target = { .type = type, .index = (unsigned)index };

		if (is_full(reader->errors))
			return false;
		if (index < 0 || (type->rules[index].internal && !reader->trusted)) {
			good &= reader->trusted || refuse_unknown(reader, &member, type);
			continue;
		}
		if (set) {
			set->items = arena_extend(reader->arena, set->items, set->count,
						  sizeof *set->items);
			set->items[set->count++] = field_of(&target)->name;
		}
		good &= read_member(reader, &member, &target, value, message);
	}
	return good;
}

bool pb_json_read(struct arena *arena, const struct pb_type *type, json_t *object, bool trusted,
		  void *message, struct name_list *set, struct field_errors *errors)
{
	struct reader reader = { arena, trusted, errors };
	struct place root = { .pointer = "" };

	return read_object(&reader, &root, type, object, message, set);
}

bool pb_set_text(struct arena *arena, const struct pb_type *type, unsigned index, const char *text,
		 size_t len, void *message, const char *pointer, struct field_errors *errors)
{
	struct reader reader = { .arena = arena, .errors = errors };
	struct place place = { .pointer = pointer };
	struct target target = { .type = type, .index = index };
	const ProtobufCFieldDescriptor *field = field_of(&target);

	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		return wrong(&reader, &place, "WRONG_TYPE", "Cannot be given as a parameter.");

	target.at = pb_at(message, field);
	if (!take_parameter(&reader, &place, &target, text, len))
		return false;
	pb_mark(message, field);
	return true;
}

static bool has_error_at(const struct field_errors *errors, const char *pointer)
{
	for (size_t i = 0; i < errors->count; i++)
		if (!strcmp(errors->items[i].pointer, pointer))
			return true;
	return false;
}

/*
 * A number that is 0 or a bool that is false may have been given: they are missing only where
 * they break the rule.
 */
static bool may_be_zero(const ProtobufCFieldDescriptor *field, const struct pb_rule *rule)
{
	if (field->label == PROTOBUF_C_LABEL_REPEATED || field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
		return false;

	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_BYTES:
	case PROTOBUF_C_TYPE_MESSAGE:
	case PROTOBUF_C_TYPE_ENUM:
		return false;
	default:
		return !(rule->has_min && rule->min > 0) && !(rule->has_max && rule->max < 0);
	}
}

static bool check_object(struct reader *reader, const struct place *place,
			 const struct pb_type *type, const void *message);

static bool check_children(struct reader *reader, const struct place *place,
			   const struct target *target, const void *message)
{
	const ProtobufCFieldDescriptor *field = field_of(target);
	const struct pb_type *child = target->type->children[target->index];
	void *const *items = pb_at(message, field);
	bool good = true;

	if (field->label != PROTOBUF_C_LABEL_REPEATED)
		return !*items || check_object(reader, place, child, *items);

	items = *(void *const *const *)pb_at(message, field);
	for (size_t i = 0; i < pb_count(message, field); i++) {
		struct place element = { .parent = place, .index = i };

		good &= check_object(reader, &element, child, items[i]);
	}
	return good;
}

static bool is_missing(const struct target *target, const void *message)
{
	return rule_of(target)->required &&
	       !pb_has(message, field_of(target)) &&
	       !may_be_zero(field_of(target), rule_of(target));
}

static bool check_field(struct reader *reader, const struct place *place,
			const struct target *target, const void *message)
{
	if (is_missing(target, message)) {
		if (!has_error_at(reader->errors, pointer_to(reader->arena, place)))
			breaks_rule(reader, place, target, "REQUIRED");
		return false;
	}
	return field_of(target)->type != PROTOBUF_C_TYPE_MESSAGE ||
	       check_children(reader, place, target, message);
}

static bool check_object(struct reader *reader, const struct place *place,
			 const struct pb_type *type, const void *message)
{
	bool good = true;

	for (unsigned i = 0; i < type->descriptor->n_fields && !is_full(reader->errors); i++) {
		struct target target = { .type = type, .index = i };
		struct place member = { .parent = place, .name = field_of(&target)->name };

		if (!type->rules[i].internal)
			good &= check_field(reader, &member, &target, message);
	}
	return good;
}

bool pb_check_required(struct arena *arena, const struct pb_type *type, const void *message,
		       struct field_errors *errors)
{
	struct reader reader = { .arena = arena, .errors = errors };
	struct place root = { .pointer = "" };

	return check_object(&reader, &root, type, message);
}

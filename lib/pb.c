/* Access to messages by descriptor. */
#include "pb.h"

#include <string.h>

/* As strcmp, of a name that ends with NUL and one with a length, which may hold NUL. */
static int compare_name(const char *known, const char *name, size_t len)
{
	size_t known_len = strlen(known);
	int order = memcmp(known, name, known_len < len ? known_len : len);

	return order ? order : (known_len > len) - (known_len < len);
}

int pb_find(const struct pb_type *type, const char *name, size_t len)
{
	const ProtobufCMessageDescriptor *descriptor = type->descriptor;
	unsigned from = 0, to = descriptor->n_fields;

	while (from < to) {
		unsigned middle = from + (to - from) / 2;
		unsigned field = descriptor->fields_sorted_by_name[middle];
		int order = compare_name(descriptor->fields[field].name, name, len);

		if (!order)
			return (int)field;
		if (order < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return -1;
}

static bool is_oneof(const ProtobufCFieldDescriptor *field)
{
	return field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF;
}

/* The has_ member of an optional field, or the case member of a oneof. */
static void *presence_at(const void *message, const ProtobufCFieldDescriptor *field)
{
	return (char *)(uintptr_t)message + field->quantifier_offset;
}

static bool is_pointer(const ProtobufCFieldDescriptor *field)
{
	return field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE;
}

static size_t value_size(ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return 8;
	case PROTOBUF_C_TYPE_BOOL:
		return sizeof(protobuf_c_boolean);
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	default:
		return 4;
	}
}

static bool is_not_zero(const void *value, size_t size)
{
	static const char zero[8];

	return memcmp(value, zero, size) != 0;
}

static bool holds_value(const void *message, const ProtobufCFieldDescriptor *field)
{
	const void *value = pb_at(message, field);

	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
		return *(char *const *)value && **(char *const *)value;
	case PROTOBUF_C_TYPE_BYTES:
		return ((const ProtobufCBinaryData *)value)->len > 0;
	default:
		return is_not_zero(value, value_size(field->type));
	}
}

bool pb_has(const void *message, const ProtobufCFieldDescriptor *field)
{
	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		return *(const size_t *)presence_at(message, field) > 0;
	if (is_oneof(field))
		return *(const uint32_t *)presence_at(message, field) == field->id;
	if (field->label == PROTOBUF_C_LABEL_OPTIONAL && !is_pointer(field))
		return *(const protobuf_c_boolean *)presence_at(message, field);
	return holds_value(message, field);
}

bool pb_unlinks(const struct pb_type *type, const void *message)
{
	for (unsigned i = 0; i < type->descriptor->n_fields; i++)
		if (type->rules[i].unlinks && pb_has(message, &type->descriptor->fields[i]))
			return true;
	return false;
}

bool pb_may_unlink(const struct pb_type *type)
{
	for (unsigned i = 0; i < type->descriptor->n_fields; i++)
		if (type->rules[i].unlinks)
			return true;
	return false;
}

void pb_mark(void *message, const ProtobufCFieldDescriptor *field)
{
	if (is_oneof(field))
		*(uint32_t *)presence_at(message, field) = field->id;
	else if (field->label == PROTOBUF_C_LABEL_OPTIONAL && !is_pointer(field))
		*(protobuf_c_boolean *)presence_at(message, field) = 1;
}

void *pb_append(struct arena *arena, void *message, const ProtobufCFieldDescriptor *field)
{
	void **array = pb_at(message, field);
	size_t *count = presence_at(message, field);
	size_t size = value_size(field->type);

	*array = arena_extend(arena, *array, *count, size);
	return (char *)*array + (*count)++ * size;
}

void *pb_new(struct arena *arena, const struct pb_type *type)
{
	void *message = arena_alloc(arena, type->descriptor->sizeof_message);

	protobuf_c_message_init(type->descriptor, message);
	return message;
}

void *pb_unpack(struct arena *arena, const struct pb_type *type, const void *bytes, size_t len)
{
	return protobuf_c_message_unpack(type->descriptor, arena_allocator(arena), len, bytes);
}

uint8_t *pb_pack(struct arena *arena, const void *message, size_t *len)
{
	uint8_t *bytes;

	*len = protobuf_c_message_get_packed_size(message);
	bytes = arena_alloc(arena, *len);
	protobuf_c_message_pack(message, bytes);
	return bytes;
}

enum { WIRE_NUMBER = 0, WIRE_BYTES = 2 };

static void put_varint(struct buf *out, uint64_t value)
{
	for (; value > 127; value >>= 7)
		buf_putc(out, (char)(value | 128));
	buf_putc(out, (char)value);
}

void pb_put_number(struct buf *out, unsigned field, uint64_t value)
{
	put_varint(out, field << 3 | WIRE_NUMBER);
	put_varint(out, value);
}

void pb_put_bytes(struct buf *out, unsigned field, const void *bytes, size_t len)
{
	put_varint(out, field << 3 | WIRE_BYTES);
	put_varint(out, len);
	buf_add(out, bytes, len);
}

void pb_put_message(struct buf *out, unsigned field, const void *message)
{
	size_t len = protobuf_c_message_get_packed_size(message);

	put_varint(out, field << 3 | WIRE_BYTES);
	put_varint(out, len);
	out->len += protobuf_c_message_pack(message, buf_room(out, len));
}

static bool same_kind(const ProtobufCFieldDescriptor *a, const ProtobufCFieldDescriptor *b)
{
	return a->type == b->type &&
	       a->descriptor == b->descriptor &&
	       (a->label == PROTOBUF_C_LABEL_REPEATED) == (b->label == PROTOBUF_C_LABEL_REPEATED);
}

static void copy_field(void *to, const ProtobufCFieldDescriptor *to_field, const void *from,
		       const ProtobufCFieldDescriptor *from_field)
{
	if (to_field->label == PROTOBUF_C_LABEL_REPEATED) {
		*(size_t *)presence_at(to, to_field) = *(size_t *)presence_at(from, from_field);
		*(void **)pb_at(to, to_field) = *(void **)pb_at(from, from_field);
	} else if (pb_has(from, from_field)) {
		memcpy(pb_at(to, to_field), pb_at(from, from_field), value_size(to_field->type));
		pb_mark(to, to_field);
	}
}

void pb_copy_common(void *to, const struct pb_type *to_type, const void *from,
		    const struct pb_type *from_type)
{
	for (unsigned i = 0; i < to_type->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *to_field = &to_type->descriptor->fields[i];
		int found = pb_find(from_type, to_field->name, strlen(to_field->name));

		if (found < 0)
			continue;
		if (same_kind(to_field, &from_type->descriptor->fields[found]))
			copy_field(to, to_field, from, &from_type->descriptor->fields[found]);
	}
}

const char *pb_label(const ProtobufCEnumDescriptor *type, int number)
{
	const ProtobufCEnumValue *value;

	value = number ? protobuf_c_enum_descriptor_get_value(type, number) : NULL;
	return value ? value->name : NULL;
}

int pb_number(const ProtobufCEnumDescriptor *type, const char *label, size_t len)
{
	unsigned from = 0, to = type->n_value_names;

	while (from < to) {
		unsigned middle = from + (to - from) / 2;
		const ProtobufCEnumValueIndex *known = &type->values_by_name[middle];
		int order = compare_name(known->name, label, len);

		if (!order)
			return type->values[known->index].value;
		if (order < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return 0;
}

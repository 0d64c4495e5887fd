/* Packed messages to JSON, straight from the wire: the hot path of every answer. */
#include "pb_json.h"
#include "pb_json_scalar.h"

/*
 * Fields come from protobuf-c in the order of their numbers, each singular one once, and then one
 * pass suffices. Whatever comes otherwise is DISORDERED and is unpacked and packed again first.
 */
enum outcome { WRITTEN, MALFORMED, DISORDERED };

struct wire {
	const uint8_t *at, *end;
};

static bool read_varint(struct wire *wire, uint64_t *value)
{
	uint64_t sum = 0;

	for (unsigned shift = 0; shift < 70 && wire->at < wire->end; shift += 7) {
		uint8_t byte = *wire->at++;

		sum |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			*value = sum;
			return true;
		}
	}
	return false;
}

static bool read_fixed(struct wire *wire, size_t size, uint64_t *value)
{
	*value = 0;
	if ((size_t)(wire->end - wire->at) < size)
		return false;
	for (size_t i = 0; i < size; i++)
		*value |= (uint64_t)wire->at[i] << 8 * i;
	wire->at += size;
	return true;
}

/* The bytes after a length. */
static bool read_run(struct wire *wire, struct wire *run)
{
	uint64_t len;

	if (!read_varint(wire, &len) || len > (size_t)(wire->end - wire->at))
		return false;
	*run = (struct wire) { wire->at, wire->at + len };
	wire->at += len;
	return true;
}

static bool skip_value(struct wire *wire, unsigned wire_type)
{
	uint64_t number;
	struct wire run;

	switch (wire_type) {
	case PROTOBUF_C_WIRE_TYPE_VARINT:
		return read_varint(wire, &number);
	case PROTOBUF_C_WIRE_TYPE_64BIT:
		return read_fixed(wire, 8, &number);
	case PROTOBUF_C_WIRE_TYPE_32BIT:
		return read_fixed(wire, 4, &number);
	case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
		return read_run(wire, &run);
	default:
		return false;
	}
}

static unsigned wire_type_of(ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_BYTES:
	case PROTOBUF_C_TYPE_MESSAGE:
		return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return PROTOBUF_C_WIRE_TYPE_64BIT;
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_FLOAT:
		return PROTOBUF_C_WIRE_TYPE_32BIT;
	default:
		return PROTOBUF_C_WIRE_TYPE_VARINT;
	}
}

static bool read_number(struct wire *wire, unsigned wire_type, uint64_t *value)
{
	if (wire_type == PROTOBUF_C_WIRE_TYPE_VARINT)
		return read_varint(wire, value);
	return read_fixed(wire, wire_type == PROTOBUF_C_WIRE_TYPE_64BIT ? 8 : 4, value);
}

static bool is_optional(const ProtobufCFieldDescriptor *field)
{
	return field->label == PROTOBUF_C_LABEL_OPTIONAL ||
	       field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF;
}

static bool is_text_format(uint8_t format)
{
	return format == PB_LINE || format == PB_TEXT || format == PB_NAME;
}

static const char *absent_value(const ProtobufCFieldDescriptor *field, const struct pb_rule *rule)
{
	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		return "[]";
	if (is_optional(field))
		return "null";

	switch (field->type) {
	case PROTOBUF_C_TYPE_MESSAGE:
	case PROTOBUF_C_TYPE_ENUM:
		return "null";
	case PROTOBUF_C_TYPE_STRING:
		return is_text_format(rule->format) ? "\"\"" : "null";
	case PROTOBUF_C_TYPE_BYTES:
		return "\"\"";
	case PROTOBUF_C_TYPE_BOOL:
		return "false";
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		return "\"0\"";
	default:
		return "0";
	}
}

/* Of a field that is not optional, the empty text is no value. */
static void write_string(struct buf *out, const ProtobufCFieldDescriptor *field,
			 const struct pb_rule *rule, struct wire run)
{
	if (run.at == run.end && field->label != PROTOBUF_C_LABEL_REPEATED && !is_optional(field))
		buf_puts(out, absent_value(field, rule));
	else
		json_quote(out, (const char *)run.at, (size_t)(run.end - run.at));
}

static enum outcome write_object(struct buf *out, const struct pb_type *type, struct wire wire);

static enum outcome write_value(struct buf *out, const struct pb_type *type, unsigned index,
				unsigned wire_type, struct wire *wire)
{
	const ProtobufCFieldDescriptor *field = &type->descriptor->fields[index];
	struct wire run;
	uint64_t number;

	if (wire_type != wire_type_of(field->type))
		return MALFORMED;
	if (wire_type != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED) {
		if (!read_number(wire, wire_type, &number))
			return MALFORMED;
		write_number(out, field, number);
		return WRITTEN;
	}

	if (!read_run(wire, &run))
		return MALFORMED;
	if (field->type == PROTOBUF_C_TYPE_MESSAGE)
		return write_object(out, type->children[index], run);
	if (field->type == PROTOBUF_C_TYPE_STRING)
		write_string(out, field, &type->rules[index], run);
	else
		write_base64(out, run.at, (size_t)(run.end - run.at));
	return WRITTEN;
}

/* Numbers of a repeated field that stand in one run; each ends with a comma. */
static enum outcome write_packed(struct buf *out, const ProtobufCFieldDescriptor *field,
				 struct wire *wire)
{
	unsigned wire_type = wire_type_of(field->type);
	struct wire run;
	uint64_t number;

	if (!read_run(wire, &run))
		return MALFORMED;
	while (run.at < run.end) {
		if (!read_number(&run, wire_type, &number))
			return MALFORMED;
		write_number(out, field, number);
		buf_putc(out, ',');
	}
	return WRITTEN;
}

static bool is_packed(const ProtobufCFieldDescriptor *field, unsigned wire_type)
{
	return wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED &&
	       wire_type_of(field->type) != wire_type;
}

static bool read_tag(struct wire *wire, uint32_t *number, unsigned *wire_type)
{
	uint64_t tag;

	if (!read_varint(wire, &tag) || tag > UINT32_MAX)
		return false;
	*number = (uint32_t)(tag >> 3);
	*wire_type = tag & 7;
	return true;
}

/*
 * All neighbouring elements; the wire stands behind the tag of the first, and then behind the
 * last element.
 */
static enum outcome write_array(struct buf *out, const struct pb_type *type, unsigned index,
				unsigned wire_type, struct wire *wire)
{
	const ProtobufCFieldDescriptor *field = &type->descriptor->fields[index];
	struct wire behind;
	uint32_t number;

	buf_putc(out, '[');
	do {
		enum outcome outcome;

		if (is_packed(field, wire_type)) {
			outcome = write_packed(out, field, wire);
		} else {
			outcome = write_value(out, type, index, wire_type, wire);
			buf_putc(out, ',');
		}
		if (outcome != WRITTEN)
			return outcome;
		behind = *wire;
	} while (read_tag(wire, &number, &wire_type) && number == field->id);

	*wire = behind;
	if (out->data[out->len - 1] == ',')
		out->len--;
	buf_putc(out, ']');
	return WRITTEN;
}

static void write_key(struct buf *out, const char *name)
{
	size_t len = strlen(name);
	uint8_t *at = buf_room(out, len + 4);

	if (out->data[out->len - 1] != '{') {
		*at++ = ',';
		out->len++;
	}
	*at++ = '"';
	memcpy(at, name, len);
	at[len] = '"';
	at[len + 1] = ':';
	out->len += len + 3;
}

static void write_absent(struct buf *out, const struct pb_type *type, unsigned from, unsigned to)
{
	for (; from < to; from++) {
		const ProtobufCFieldDescriptor *field = &type->descriptor->fields[from];

		if (type->rules[from].internal)
			continue;
		write_key(out, field->name);
		buf_puts(out, absent_value(field, &type->rules[from]));
	}
}

static enum outcome write_field(struct buf *out, const struct pb_type *type, unsigned index,
				unsigned wire_type, struct wire *wire)
{
	const ProtobufCFieldDescriptor *field = &type->descriptor->fields[index];

	if (type->rules[index].internal)
		return skip_value(wire, wire_type) ? WRITTEN : MALFORMED;

	write_key(out, field->name);
	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		return write_array(out, type, index, wire_type, wire);
	return write_value(out, type, index, wire_type, wire);
}

static enum outcome write_object(struct buf *out, const struct pb_type *type, struct wire wire)
{
	const ProtobufCMessageDescriptor *descriptor = type->descriptor;
	unsigned next = 0;

	buf_putc(out, '{');
	while (wire.at < wire.end) {
		unsigned wire_type, index = next;
		uint32_t number;
		enum outcome outcome;

		if (!read_tag(&wire, &number, &wire_type))
			return MALFORMED;
		while (index < descriptor->n_fields && descriptor->fields[index].id < number)
			index++;
		if (index == descriptor->n_fields || descriptor->fields[index].id != number) {
			if (protobuf_c_message_descriptor_get_field(descriptor, number))
				return DISORDERED;
			if (!skip_value(&wire, wire_type))
				return MALFORMED;
			continue;
		}
		write_absent(out, type, next, index);
		outcome = write_field(out, type, index, wire_type, &wire);
		if (outcome != WRITTEN)
			return outcome;
		/* What is passed over may come again: the elements of a list. */
		next = type->rules[index].internal ? index : index + 1;
	}
	write_absent(out, type, next, descriptor->n_fields);
	buf_putc(out, '}');
	return WRITTEN;
}

static enum outcome write_document(struct buf *out, const struct pb_type *type,
				   const uint8_t *bytes, size_t len)
{
	size_t start = out->len;
	enum outcome outcome = write_object(out, type, (struct wire) { bytes, bytes + len });

	if (outcome != WRITTEN)
		out->len = start;
	return outcome;
}

bool pb_json_write_message(struct buf *out, const struct pb_type *type, const void *message)
{
	struct buf packed = { 0 };
	bool written;

	buf_room(&packed, protobuf_c_message_get_packed_size(message));
	packed.len = protobuf_c_message_pack(message, packed.data);
	written = write_document(out, type, packed.data, packed.len) == WRITTEN;
	buf_free(&packed);
	return written;
}

static bool write_in_order(struct buf *out, const struct pb_type *type, const void *bytes,
			   size_t len)
{
	ProtobufCMessage *message = protobuf_c_message_unpack(type->descriptor, NULL, len, bytes);
	bool written;

	if (!message)
		return false;
	written = pb_json_write_message(out, type, message);
	protobuf_c_message_free_unpacked(message, NULL);
	return written;
}

bool pb_json_write(struct buf *out, const struct pb_type *type, const void *bytes, size_t len)
{
	enum outcome outcome = write_document(out, type, bytes, len);

	if (outcome == DISORDERED)
		return write_in_order(out, type, bytes, len);
	return outcome == WRITTEN;
}

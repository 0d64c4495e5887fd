/* Walking the protobuf wire format (https://protobuf.dev/programming-guides/encoding/). */
#include "wire.h"

enum { VARINT = 0, FIXED64 = 1, LENGTH = 2, FIXED32 = 5 };

struct field {
	uint32_t number;
	uint64_t value; /* of a varint; of the others the length of what stands at data */
	const uint8_t *data;
};

static const uint8_t *read_varint(const uint8_t *at, const uint8_t *end, uint64_t *value)
{
	*value = 0;
	for (unsigned shift = 0; at < end && shift < 64; shift += 7) {
		*value |= (uint64_t)(*at & 0x7f) << shift;
		if (!(*at++ & 0x80))
			return at;
	}
	return NULL;
}

/* Behind the next field, or NULL when there is none that can be read. */
static const uint8_t *next_field(const uint8_t *at, const uint8_t *end, struct field *field)
{
	uint64_t key;

	at = read_varint(at, end, &key);
	if (!at)
		return NULL;
	field->number = (uint32_t)(key >> 3);
	switch (key & 7) {
	case VARINT:
		return read_varint(at, end, &field->value);
	case LENGTH:
		at = read_varint(at, end, &field->value);
		break;
	case FIXED64:
		field->value = 8;
		break;
	case FIXED32:
		field->value = 4;
		break;
	default:
		return NULL;
	}
	field->data = at;
	return at && field->value <= (uint64_t)(end - at) ? at + field->value : NULL;
}

static struct field find(const uint8_t *bytes, size_t len, uint32_t number)
{
	struct field found = { 0 }, field = { 0 };
	const uint8_t *at = bytes, *end = bytes + len;

	while (at < end && (at = next_field(at, end, &field)))
		if (field.number == number)
			found = field;
	return found;
}

uint64_t wire_number(const uint8_t *bytes, size_t len, uint32_t field)
{
	return find(bytes, len, field).value;
}

const uint8_t *wire_bytes(const uint8_t *bytes, size_t len, uint32_t field, size_t *value_len)
{
	struct field found = find(bytes, len, field);

	*value_len = (size_t)found.value;
	return found.data;
}

/* Texts, numbers and labels, each judged by its field's type and rule. */
#include "pb_json_value.h"

#include <sodium.h>

#include "text.h"

/* RFC 6901: ~ is ~0 and / is ~1. */
static void write_escaped(struct buf *out, const char *name)
{
	for (; *name; name++) {
		if (*name == '~')
			buf_puts(out, "~0");
		else if (*name == '/')
			buf_puts(out, "~1");
		else
			buf_putc(out, *name);
	}
}

static void write_place(struct buf *out, const struct place *place)
{
	if (!place->parent) {
		buf_puts(out, place->pointer);
		return;
	}
	write_place(out, place->parent);
	buf_putc(out, '/');
	if (place->name)
		write_escaped(out, place->name);
	else
		buf_printf(out, "%zu", place->index);
}

char *pointer_to(struct arena *arena, const struct place *place)
{
	struct buf out = { 0 };
	char *pointer;

	write_place(&out, place);
	pointer = arena_strndup(arena, buf_text(&out), out.len);
	buf_free(&out);
	return pointer;
}

bool wrong(struct reader *reader, const struct place *place, const char *code, const char *detail)
{
	if (!is_full(reader->errors))
		field_error(reader->errors, pointer_to(reader->errors->arena, place), code, detail);
	return false;
}

bool breaks_rule(struct reader *reader, const struct place *place, const struct target *target,
		 const char *code)
{
	return wrong(reader, place, code, text_explain(reader->arena, rule_of(target), code));
}

/* Instants of our database come as jsonb writes them, with an offset; answers end in Z. */
static bool take_trusted_text(struct reader *reader, const struct place *place,
			      const struct target *target, const char *text, size_t len)
{
	char instant[28];

	if (rule_of(target)->format != PB_INSTANT || !len) {
		*(char **)target->at = arena_strndup(reader->arena, text, len);
		return true;
	}
	if (!text_instant(text, len, instant))
		return breaks_rule(reader, place, target, "INVALID_INSTANT");
	*(char **)target->at = arena_strdup(reader->arena, instant);
	return true;
}

static bool take_text(struct reader *reader, const struct place *place, const struct target *target,
		      const char *text, size_t len)
{
	const char *code, *kept;

	if (reader->trusted)
		return take_trusted_text(reader, place, target, text, len);

	text = arena_strndup(reader->arena, text, len);
	code = text_check(reader->arena, rule_of(target), text, len, &kept);
	if (code)
		return breaks_rule(reader, place, target, code);
	*(const char **)target->at = kept;
	return true;
}

static bool take_bytes(struct reader *reader, const struct place *place,
		       const struct target *target, const char *text, size_t len)
{
	ProtobufCBinaryData *bytes = target->at;
	size_t room = len / 4 * 3 + 1;
	const char *end;

	bytes->data = arena_alloc(reader->arena, room);
	if (sodium_base642bin(bytes->data, room, text, len, NULL, &bytes->len, &end,
			      sodium_base64_VARIANT_ORIGINAL) ||
	    end != text + len)
		return wrong(reader, place, "INVALID_BYTES", "Must be base64.");
	return true;
}

static const char *list_labels(struct arena *arena, const ProtobufCEnumDescriptor *type)
{
	const char *list = "Must be one of", *comma = "";

	for (unsigned i = 0; i < type->n_values; i++) {
		if (!type->values[i].value)
			continue;
		list = arena_printf(arena, "%s%s %s", list, comma, type->values[i].name);
		comma = ",";
	}
	return arena_printf(arena, "%s.", list);
}

static bool take_label(struct reader *reader, const struct place *place,
		       const struct target *target, const char *text, size_t len)
{
	const ProtobufCEnumDescriptor *type = field_of(target)->descriptor;
	int number = pb_number(type, text, len);

	if (!number)
		return wrong(reader, place, "UNKNOWN_VALUE", list_labels(reader->arena, type));
	*(int *)target->at = number;
	return true;
}

static bool is_unsigned(ProtobufCType type)
{
	return type == PROTOBUF_C_TYPE_UINT32 ||
	       type == PROTOBUF_C_TYPE_FIXED32 ||
	       type == PROTOBUF_C_TYPE_UINT64 ||
	       type == PROTOBUF_C_TYPE_FIXED64;
}

static bool is_long(ProtobufCType type)
{
	return type == PROTOBUF_C_TYPE_INT64 ||
	       type == PROTOBUF_C_TYPE_SINT64 ||
	       type == PROTOBUF_C_TYPE_SFIXED64 ||
	       type == PROTOBUF_C_TYPE_UINT64 ||
	       type == PROTOBUF_C_TYPE_FIXED64;
}

/* An integer of any of protobuf's kinds: its size, whether it is below zero or beyond 64 bits. */
struct integer {
	bool negative, huge;
	uint64_t size;
};

static bool fits_type(ProtobufCType type, struct integer n)
{
	if (n.huge)
		return false;
	if (is_unsigned(type))
		return !n.negative && (is_long(type) || n.size <= UINT32_MAX);
	return n.size <= (uint64_t)(is_long(type) ? INT64_MAX : INT32_MAX) + n.negative;
}

/* Of a number that fits its type: an unsigned one above INT64_MAX counts as INT64_MAX. */
static int64_t as_signed(struct integer n)
{
	if (n.negative)
		return (int64_t)(0 - n.size);
	return n.size > INT64_MAX ? INT64_MAX : (int64_t)n.size;
}

static bool fits_rule(const struct pb_rule *rule, int64_t number)
{
	return !(rule->has_min && number < rule->min) && !(rule->has_max && number > rule->max);
}

static bool take_integer(struct reader *reader, const struct place *place,
			 const struct target *target, struct integer n)
{
	ProtobufCType type = field_of(target)->type;
	uint64_t bits = n.negative ? 0 - n.size : n.size;

	if (!fits_type(type, n))
		return wrong(reader, place, "OUT_OF_RANGE", "Is too large or too small.");
	if (!reader->trusted && !fits_rule(rule_of(target), as_signed(n)))
		return breaks_rule(reader, place, target, "OUT_OF_RANGE");

	if (is_long(type))
		*(uint64_t *)target->at = bits;
	else
		*(uint32_t *)target->at = (uint32_t)bits;
	return true;
}

/* -?(0|[1-9][0-9]*), of any length. */
static bool parse_integer(const char *text, size_t len, struct integer *n)
{
	*n = (struct integer) { .negative = len && text[0] == '-' };
	text += n->negative;
	len -= n->negative;
	if (!len || (text[0] == '0' && len > 1))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		n->huge |= __builtin_mul_overflow(n->size, 10, &n->size);
		n->huge |= __builtin_add_overflow(n->size, (unsigned)(text[i] - '0'), &n->size);
	}
	return true;
}

static bool take_integer_text(struct reader *reader, const struct place *place,
			      const struct target *target, const char *text, size_t len)
{
	struct integer n;

	if (!parse_integer(text, len, &n))
		return wrong(reader, place, "INVALID_NUMBER", "Must be a whole number.");
	return take_integer(reader, place, target, n);
}

static bool take_real(struct reader *reader, const struct place *place, const struct target *target,
		      double number)
{
	const struct pb_rule *rule = rule_of(target);

	if (!reader->trusted && ((rule->has_min && number < (double)rule->min) ||
				 (rule->has_max && number > (double)rule->max)))
		return breaks_rule(reader, place, target, "OUT_OF_RANGE");

	if (field_of(target)->type == PROTOBUF_C_TYPE_DOUBLE) {
		*(double *)target->at = number;
		return true;
	}
	if (number > (double)__FLT_MAX__ || number < -(double)__FLT_MAX__)
		return wrong(reader, place, "OUT_OF_RANGE", "Is too large or too small.");
	*(float *)target->at = (float)number;
	return true;
}

static bool take_json_integer(struct reader *reader, const struct place *place,
			      const struct target *target, json_t *value)
{
	json_int_t number;

	if (json_is_string(value) && is_long(field_of(target)->type))
		return take_integer_text(reader, place, target, json_string_value(value),
					 json_string_length(value));
	if (json_is_real(value))
		return wrong(reader, place, "INVALID_NUMBER", "Must be a whole number.");
	if (!json_is_integer(value))
		return wrong(reader, place, "WRONG_TYPE", "Must be a number.");

	number = json_integer_value(value);
	return take_integer(
		reader, place, target,
		(struct integer) { .negative = number < 0,
				   .size = number < 0 ? 0 - (uint64_t)number : (uint64_t)number });
}

static bool take_bool(struct reader *reader, const struct place *place, const struct target *target,
		      json_t *value)
{
	if (!json_is_boolean(value))
		return wrong(reader, place, "WRONG_TYPE", "Must be true or false.");
	*(protobuf_c_boolean *)target->at = json_is_true(value);
	return true;
}

typedef bool text_taker(struct reader *reader, const struct place *place,
			const struct target *target, const char *text, size_t len);

static bool take_json_text(struct reader *reader, const struct place *place,
			   const struct target *target, json_t *value, text_taker *take)
{
	if (!json_is_string(value))
		return wrong(reader, place, "WRONG_TYPE", "Must be a text.");
	return take(reader, place, target, json_string_value(value), json_string_length(value));
}

bool take_json(struct reader *reader, const struct place *place, const struct target *target,
	       json_t *value)
{
	switch (field_of(target)->type) {
	case PROTOBUF_C_TYPE_STRING:
		return take_json_text(reader, place, target, value, take_text);
	case PROTOBUF_C_TYPE_BYTES:
		return take_json_text(reader, place, target, value, take_bytes);
	case PROTOBUF_C_TYPE_ENUM:
		return take_json_text(reader, place, target, value, take_label);
	case PROTOBUF_C_TYPE_BOOL:
		return take_bool(reader, place, target, value);
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_DOUBLE:
		if (!json_is_number(value))
			return wrong(reader, place, "WRONG_TYPE", "Must be a number.");
		return take_real(reader, place, target, json_number_value(value));
	default:
		return take_json_integer(reader, place, target, value);
	}
}

/* What JSON writes without quotes looks the same in a parameter. */
static bool take_bare(struct reader *reader, const struct place *place, const struct target *target,
		      const char *text, size_t len)
{
	json_t *value = json_loadb(text, len, JSON_DECODE_ANY, NULL);
	json_t *bare = value && !json_is_string(value) ? value : json_null();
	bool good = take_json(reader, place, target, bare);

	json_decref(value);
	return good;
}

bool take_parameter(struct reader *reader, const struct place *place, const struct target *target,
		    const char *text, size_t len)
{
	switch (field_of(target)->type) {
	case PROTOBUF_C_TYPE_STRING:
		return take_text(reader, place, target, text, len);
	case PROTOBUF_C_TYPE_BYTES:
		return take_bytes(reader, place, target, text, len);
	case PROTOBUF_C_TYPE_ENUM:
		return take_label(reader, place, target, text, len);
	case PROTOBUF_C_TYPE_BOOL:
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_DOUBLE:
		return take_bare(reader, place, target, text, len);
	case PROTOBUF_C_TYPE_MESSAGE:
		return wrong(reader, place, "WRONG_TYPE", "Cannot be given as a parameter.");
	default:
		return take_integer_text(reader, place, target, text, len);
	}
}

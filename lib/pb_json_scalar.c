/* Texts, numbers and bytes as JSON writes them. */
#include "pb_json_scalar.h"

#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "pb_json.h"

static bool needs_escape(uint8_t byte)
{
	return byte < 0x20 || byte == '"' || byte == '\\';
}

/* Whether one of eight bytes needs an escape: the well-known tricks with borrows between bytes. */
static bool eight_need_escape(const char *text)
{
	const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
	uint64_t v, quotes, slashes;

	memcpy(&v, text, sizeof v);
	quotes = v ^ (ones * '"');
	slashes = v ^ (ones * '\\');
	return (((v - ones * 0x20) & ~v) |
		((quotes - ones) & ~quotes) |
		((slashes - ones) & ~slashes)) &
	       tops;
}

#ifdef __SSE2__
static int sixteen_that_need_escape(const char *text)
{
	__m128i v = _mm_loadu_si128((const __m128i *)text);
	__m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
	__m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
	__m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));

	return _mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(quote, slash)));
}
#endif

/* How many bytes from the start can be copied as they are. */
static size_t clean_run(const char *text, size_t len)
{
	size_t at = 0;

#ifdef __SSE2__
	for (; at + 16 <= len; at += 16) {
		int mask = sixteen_that_need_escape(text + at);

		if (mask)
			return at + (size_t)__builtin_ctz((unsigned)mask);
	}
	if (at < len && len >= 16) {
		int mask = sixteen_that_need_escape(text + len - 16);

		return mask ? len - 16 + (size_t)__builtin_ctz((unsigned)mask) : len;
	}
#endif
	while (at + 8 <= len && !eight_need_escape(text + at))
		at += 8;
	while (at < len && !needs_escape((uint8_t)text[at]))
		at++;
	return at;
}

static void escape(struct buf *out, uint8_t byte)
{
	switch (byte) {
	case '"':
		buf_puts(out, "\\\"");
		break;
	case '\\':
		buf_puts(out, "\\\\");
		break;
	case '\n':
		buf_puts(out, "\\n");
		break;
	case '\r':
		buf_puts(out, "\\r");
		break;
	case '\t':
		buf_puts(out, "\\t");
		break;
	default:
		buf_printf(out, "\\u%04x", byte);
	}
}

static void quote_with_escapes(struct buf *out, const char *text, size_t len, size_t clean)
{
	buf_putc(out, '"');
	for (;;) {
		buf_add(out, text, clean);
		if (clean == len)
			break;
		escape(out, (uint8_t)text[clean]);
		text += clean + 1;
		len -= clean + 1;
		clean = clean_run(text, len);
	}
	buf_putc(out, '"');
}

void json_quote(struct buf *out, const char *text, size_t len)
{
	uint8_t *at = buf_room(out, len + 2);
	size_t clean = clean_run(text, len);

	if (clean < len) {
		quote_with_escapes(out, text, len, clean);
		return;
	}
	at[0] = '"';
	if (len)
		memcpy(at + 1, text, len);
	at[len + 1] = '"';
	out->len += len + 2;
}

static void write_unsigned(struct buf *out, uint64_t number)
{
	char digits[20];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	buf_add(out, digits + at, sizeof digits - at);
}

static void write_signed(struct buf *out, int64_t number)
{
	if (number < 0)
		buf_putc(out, '-');
	write_unsigned(out, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

/* The shortest of three precisions that reads back as the same number; JSON has no NaN, and zero no sign. */
static void write_real(struct buf *out, double number, const int precisions[3], bool is_float)
{
	char text[40];

	if (!isfinite(number)) {
		buf_puts(out, "null");
		return;
	}
	for (int i = 0; i < 3; i++) {
		snprintf(text, sizeof text, "%.*g", precisions[i], number == 0 ? 0 : number);
		if (is_float ? strtof(text, NULL) == (float)number : strtod(text, NULL) == number)
			break;
	}
	buf_puts(out, text);
}

static void write_float(struct buf *out, uint64_t raw)
{
	uint32_t bits = (uint32_t)raw;
	float number;

	memcpy(&number, &bits, sizeof number);
	write_real(out, (double)number, (const int[]) { 6, 8, 9 }, true);
}

static void write_double(struct buf *out, uint64_t raw)
{
	double number;

	memcpy(&number, &raw, sizeof number);
	write_real(out, number, (const int[]) { 15, 16, 17 }, false);
}

static void write_label(struct buf *out, const ProtobufCEnumDescriptor *type, int number)
{
	const char *label = pb_label(type, number);

	if (!label) {
		buf_add(out, "null", 4);
		return;
	}
	buf_putc(out, '"');
	buf_puts(out, label);
	buf_putc(out, '"');
}

static int64_t unzigzag(uint64_t raw)
{
	return (int64_t)(raw >> 1 ^ (0 - (raw & 1)));
}

/* 64-bit integers are quoted: JavaScript's numbers end at 2^53. */
static void write_long(struct buf *out, ProtobufCType type, uint64_t raw)
{
	buf_putc(out, '"');
	if (type == PROTOBUF_C_TYPE_UINT64 || type == PROTOBUF_C_TYPE_FIXED64)
		write_unsigned(out, raw);
	else if (type == PROTOBUF_C_TYPE_SINT64)
		write_signed(out, unzigzag(raw));
	else
		write_signed(out, (int64_t)raw);
	buf_putc(out, '"');
}

void write_number(struct buf *out, const ProtobufCFieldDescriptor *field, uint64_t raw)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_BOOL:
		buf_puts(out, raw ? "true" : "false");
		break;
	case PROTOBUF_C_TYPE_ENUM:
		write_label(out, field->descriptor, (int)(uint32_t)raw);
		break;
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		write_unsigned(out, (uint32_t)raw);
		break;
	case PROTOBUF_C_TYPE_SINT32:
		write_signed(out, unzigzag((uint32_t)raw));
		break;
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		write_signed(out, (int32_t)(uint32_t)raw);
		break;
	case PROTOBUF_C_TYPE_FLOAT:
		write_float(out, raw);
		break;
	case PROTOBUF_C_TYPE_DOUBLE:
		write_double(out, raw);
		break;
	default:
		write_long(out, field->type, raw);
	}
}

void write_base64(struct buf *out, const uint8_t *bytes, size_t len)
{
	size_t room = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);

	buf_putc(out, '"');
	sodium_bin2base64((char *)buf_room(out, room), room, bytes, len,
			  sodium_base64_VARIANT_ORIGINAL);
	out->len += room - 1;
	buf_putc(out, '"');
}

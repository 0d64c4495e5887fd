/*
 * Messages seen through their descriptors: the one place that knows protobuf-c's layout.
 *
 * A pb_type is protobuf-c's descriptor with the contract's rules beside it; the arrays
 * run parallel to descriptor->fields. All of them are generated and constant.
 */
#pragma once

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "buf.h"

/* As in proto/options.proto. */
enum pb_format {
	PB_LINE,
	PB_TEXT,
	PB_UUID,
	PB_INSTANT,
	PB_DATE,
	PB_TIME,
	PB_ZONE,
	PB_LOCALE,
	PB_EMAIL,
	PB_URL,
	PB_SLUG,
	PB_COUNTRY,
	PB_NAME,
	PB_KEY,
	PB_PASSWORD,
};

struct pb_rule {
	bool required, secret, internal, unlinks, has_min, has_max;
	uint8_t format;
	uint32_t min_len, max_len; /* code points; max_len 0 = see text.h */
	uint32_t max_items;	   /* 0 = 10000 */
	int64_t min, max;
	const char *from; /* the rpc that fills this field of a composed answer */
};

struct pb_type {
	const ProtobufCMessageDescriptor *descriptor;
	const struct pb_rule *rules;	       /* one per field */
	const struct pb_type *const *children; /* one per field; NULL unless a message */
};

static inline const char *pb_name(const struct pb_type *type)
{
	return type->descriptor->short_name;
}

/* The field's index in descriptor->fields, or -1. */
int pb_find(const struct pb_type *type, const char *name, size_t len);

/* Where the field's value (or, if repeated, its array pointer) stands in the message. */
static inline void *pb_at(const void *message, const ProtobufCFieldDescriptor *field)
{
	return (char *)(uintptr_t)message + field->offset;
}

/* A constant as the text of a message: protobuf-c says char *, and nobody writes to it. */
static inline char *pb_text(const char *constant)
{
	return (char *)(uintptr_t)constant;
}

/*
 * Whether a singular field holds a value: an optional field its presence; else
 * a text that is not empty, a number that is not 0, a message that is not NULL.
 */
bool pb_has(const void *message, const ProtobufCFieldDescriptor *field);
/* How many elements a repeated field has. */
static inline size_t pb_count(const void *message, const ProtobufCFieldDescriptor *field)
{
	return *(const size_t *)((const char *)message + field->quantifier_offset);
}
/* Marks an optional field as present; nothing for the others. */
void pb_mark(void *message, const ProtobufCFieldDescriptor *field);
/* Appends a zeroed element to a repeated field (grown in the arena); returns where it stands. */
void *pb_append(struct arena *arena, void *message, const ProtobufCFieldDescriptor *field);

/* Whether the message holds a field that hides who sends it (Field.unlinks of options.proto), or could hold one. */
bool pb_unlinks(const struct pb_type *type, const void *message);
bool pb_may_unlink(const struct pb_type *type);

/* An initialised, empty message. */
void *pb_new(struct arena *arena, const struct pb_type *type);
/* NULL when the bytes are not such a message. */
void *pb_unpack(struct arena *arena, const struct pb_type *type, const void *bytes, size_t len);
/* Packed into the arena; the length in *len. */
uint8_t *pb_pack(struct arena *arena, const void *message, size_t *len);
/* A message written a field at a time: what is repeated, as it comes. */
void pb_put_number(struct buf *out, unsigned field, uint64_t value);
void pb_put_bytes(struct buf *out, unsigned field, const void *bytes, size_t len);
void pb_put_message(struct buf *out, unsigned field, const void *message);
/* Copies the fields that both types have by the same name and kind; pointers are shared. */
void pb_copy_common(void *to, const struct pb_type *to_type, const void *from,
		    const struct pb_type *from_type);

/* An enum's label for its number, NULL for 0 and unknown ones; and back, 0 for unknown labels. */
const char *pb_label(const ProtobufCEnumDescriptor *type, int number);
int pb_number(const ProtobufCEnumDescriptor *type, const char *label, size_t len);

/*
 * Cursors: the keys of a page's last row, tagged so that an altered one, or one of another list, is refused.
 *
 * base64url of: a 16-byte tag (BLAKE2b keyed for this service, over the statement's name, NUL and the rest), then
 * each key as two bytes of length and its text; a length of 65535 stands for null.
 */
#include <sodium.h>
#include <string.h>

#include "sql_own.h"

enum {
	TAG_BYTES = 16,
	MOST_BYTES = 2048,
	NULL_LEN = 0xffff,
	DEFAULT_LIMIT = 50,
	MOST_LIMIT = 200,
	BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING
};

static void make_tag(uint8_t tag[TAG_BYTES], const struct sql_pool *pool,
		     const struct sql_statement *statement, const uint8_t *bytes, size_t len)
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, pool->cursor_key, sizeof pool->cursor_key, TAG_BYTES);
	crypto_generichash_update(&state, (const uint8_t *)statement->name,
				  strlen(statement->name) + 1);
	crypto_generichash_update(&state, bytes, len);
	crypto_generichash_final(&state, tag, TAG_BYTES);
}

static const ProtobufCFieldDescriptor *find(const struct pb_type *type, const char *name)
{
	int found = type ? pb_find(type, name, strlen(name)) : -1;

	return found < 0 ? NULL : &type->descriptor->fields[found];
}

static unsigned read_limit(const struct pb_type *type, const void *in)
{
	const ProtobufCFieldDescriptor *field = find(type, "limit");
	unsigned limit = field ? *(const uint32_t *)pb_at(in, field) : 0;

	return !limit ? DEFAULT_LIMIT : limit < MOST_LIMIT ? limit : MOST_LIMIT;
}

static bool read_keys(struct call *call, const struct sql_statement *statement, const uint8_t *at,
		      size_t left, struct page *page)
{
	for (unsigned i = 0; i < CURSOR_KEYS && statement->keys[i].column; i++) {
		size_t len;

		if (left < 2)
			return false;
		len = (size_t)at[0] << 8 | at[1];
		at += 2;
		left -= 2;
		if (len == NULL_LEN)
			continue;
		if (len > left)
			return false;
		page->after[i] = arena_strndup(call->arena, (const char *)at, len);
		at += len;
		left -= len;
	}
	return !left;
}

static bool open_cursor(struct call *call, const struct sql_statement *statement,
			const char *cursor, struct page *page)
{
	uint8_t bytes[MOST_BYTES], tag[TAG_BYTES];
	size_t len;

	if (sodium_base642bin(bytes, sizeof bytes, cursor, strlen(cursor), NULL, &len, NULL,
			      BASE64) ||
	    len < TAG_BYTES)
		return false;
	make_tag(tag, call->process->sql, statement, bytes + TAG_BYTES, len - TAG_BYTES);
	return !sodium_memcmp(tag, bytes, TAG_BYTES) &&
	       read_keys(call, statement, bytes + TAG_BYTES, len - TAG_BYTES, page);
}

bool page_read(struct call *call, const struct sql_statement *statement, const void *in,
	       struct page *page)
{
	const ProtobufCFieldDescriptor *field = find(statement->in, "cursor");
	const char *cursor = field ? *(char *const *)pb_at(in, field) : "";

	*page = (struct page) { .limit = read_limit(statement->in, in), .follows = *cursor };
	if (page->follows && !open_cursor(call, statement, cursor, page))
		return reject(call, MALFORMED, "INVALID_CURSOR",
			      "This cursor does not belong to this list.");
	return true;
}

static void add_key(struct buf *out, const char *key)
{
	size_t len = key ? strlen(key) : NULL_LEN;

	buf_putc(out, (char)(len >> 8));
	buf_putc(out, (char)len);
	if (key)
		buf_add(out, key, len);
}

/* Keys too long for a cursor end the list: page keys are times, ids and names. */
void page_write_cursor(struct call *call, const struct sql_statement *statement,
		       const char *const *keys, void *out)
{
	const ProtobufCFieldDescriptor *field = find(statement->out, "next_cursor");
	static const uint8_t room[TAG_BYTES];
	struct buf bytes = { 0 };

	buf_add(&bytes, room, TAG_BYTES);
	for (unsigned i = 0; i < CURSOR_KEYS && statement->keys[i].column; i++)
		add_key(&bytes, keys[i]);
	if (field && bytes.len <= MOST_BYTES) {
		size_t size = sodium_base64_encoded_len(bytes.len, BASE64);
		char *cursor = arena_alloc(call->arena, size);

		make_tag(bytes.data, call->process->sql, statement, bytes.data + TAG_BYTES,
			 bytes.len - TAG_BYTES);
		*(char **)pb_at(out, field) =
			sodium_bin2base64(cursor, size, bytes.data, bytes.len, BASE64);
	}
	buf_free(&bytes);
}

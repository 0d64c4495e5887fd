/* PASETO v4.public on libsodium's Ed25519. */
#include "token.h"

#include <sodium.h>
#include <string.h>

static const char header[] = "v4.public.";
enum {
	HEADER_LEN = sizeof header - 1,
	SIGNATURE = crypto_sign_BYTES,
	VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING
};

struct bytes {
	const void *data;
	size_t len;
};

/* A token cut at its dots, decoded. */
struct parts {
	uint8_t *body;
	size_t body_len;
	char *footer;
	size_t footer_len;
};

static uint8_t *put_length(uint8_t *at, size_t len)
{
	for (int i = 0; i < 8; i++)
		*at++ = (uint8_t)((uint64_t)len >> (8 * i));
	return at;
}

/* Pre-authentication encoding: a count, then each piece behind its length, little-endian, so that no two lists look alike. */
static struct bytes encode_pieces(struct arena *arena, const struct bytes *pieces, size_t count)
{
	size_t len = 8;
	uint8_t *start, *at;

	for (size_t i = 0; i < count; i++)
		len += 8 + pieces[i].len;
	start = arena_alloc(arena, len);
	at = put_length(start, count);
	for (size_t i = 0; i < count; i++) {
		at = put_length(at, pieces[i].len);
		memcpy(at, pieces[i].data, pieces[i].len);
		at += pieces[i].len;
	}
	return (struct bytes) { start, len };
}

static struct bytes signed_bytes(struct arena *arena, const void *payload, size_t len,
				 const char *footer, size_t footer_len, const char *implicit)
{
	const struct bytes pieces[] = {
		{ header, HEADER_LEN },
		{ payload, len },
		{ footer, footer_len },
		{ implicit, strlen(implicit) },
	};

	return encode_pieces(arena, pieces, sizeof pieces / sizeof *pieces);
}

static char *put_base64(char *at, const void *bytes, size_t len)
{
	sodium_bin2base64(at, sodium_base64_encoded_len(len, VARIANT), bytes, len, VARIANT);
	return at + strlen(at);
}

char *token_sign(struct arena *arena, const uint8_t secret[64], const char *payload, size_t len,
		 const char *footer, const char *implicit)
{
	size_t footer_len = strlen(footer);
	struct bytes to_sign = signed_bytes(arena, payload, len, footer, footer_len, implicit);
	uint8_t *body = arena_alloc(arena, len + SIGNATURE);
	char *token =
		arena_alloc(arena, HEADER_LEN +
					   sodium_base64_encoded_len(len + SIGNATURE, VARIANT) +
					   sodium_base64_encoded_len(footer_len, VARIANT) +
					   1);
	char *at = token + HEADER_LEN;

	memcpy(body, payload, len);
	crypto_sign_detached(body + len, NULL, to_sign.data, to_sign.len, secret);
	memcpy(token, header, HEADER_LEN);
	at = put_base64(at, body, len + SIGNATURE);
	if (footer_len) {
		*at++ = '.';
		put_base64(at, footer, footer_len);
	}
	return token;
}

/* libsodium 1.0.18 takes the byte 0xDF for '_': what is not ASCII is refused before it looks. */
static bool is_ascii(const char *text, size_t len)
{
	unsigned char any = 0;

	for (size_t i = 0; i < len; i++)
		any |= (unsigned char)text[i];
	return any < 0x80;
}

/* NUL-ended. NULL unless canonical base64url without padding. */
static void *get_base64(struct arena *arena, const char *text, size_t len, size_t *out_len)
{
	uint8_t *out = arena_alloc(arena, len + 1);

	if (!len ||
	    !is_ascii(text, len) ||
	    sodium_base642bin(out, len, text, len, NULL, out_len, NULL, VARIANT))
		return NULL;
	out[*out_len] = 0;
	return out;
}

static bool cut(struct arena *arena, const char *token, size_t len, struct parts *parts)
{
	const char *body = token + HEADER_LEN, *end = token + len, *dot;

	if (len < HEADER_LEN || memcmp(token, header, HEADER_LEN))
		return false;

	dot = memchr(body, '.', (size_t)(end - body));
	parts->body = get_base64(arena, body, (size_t)((dot ? dot : end) - body), &parts->body_len);
	if (!parts->body || parts->body_len < SIGNATURE)
		return false;

	parts->footer = arena_strdup(arena, "");
	parts->footer_len = 0;
	if (dot)
		parts->footer =
			get_base64(arena, dot + 1, (size_t)(end - dot - 1), &parts->footer_len);
	return parts->footer;
}

char *token_footer(struct arena *arena, const char *token, size_t len)
{
	struct parts parts;

	return cut(arena, token, len, &parts) ? parts.footer : NULL;
}

char *token_verify(struct arena *arena, const uint8_t public_key[32], const char *token, size_t len,
		   const char *implicit, size_t *payload_len)
{
	struct bytes to_sign;
	struct parts parts;

	if (!cut(arena, token, len, &parts))
		return NULL;

	*payload_len = parts.body_len - SIGNATURE;
	to_sign = signed_bytes(arena, parts.body, *payload_len, parts.footer, parts.footer_len,
			       implicit);
	if (crypto_sign_verify_detached(parts.body + *payload_len, to_sign.data, to_sign.len,
					public_key))
		return NULL;

	parts.body[*payload_len] = 0;
	return (char *)parts.body;
}

/* Sealed columns and blind indexes, on libsodium. */
#include "seal.h"

#include <sodium.h>
#include <string.h>

enum {
	VERSION_BYTES = 4,
	NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	HEAD_BYTES = VERSION_BYTES + NONCE_BYTES
};

struct seal_key {
	uint32_t version;
	uint8_t cipher[32], index[32];
};

/* BLAKE2b keyed with the master key: purposes are separated by their names, seal and index by a last letter. */
static void derive(uint8_t out[32], const uint8_t master[32], const char *purpose, uint32_t version,
		   char part)
{
	crypto_generichash_state state;
	uint8_t tail[] = { (uint8_t)(version >> 24), (uint8_t)(version >> 16),
			   (uint8_t)(version >> 8), (uint8_t)version, (uint8_t)part };

	crypto_generichash_init(&state, master, 32, 32);
	crypto_generichash_update(&state, (const uint8_t *)purpose, strlen(purpose) + 1);
	crypto_generichash_update(&state, tail, sizeof tail);
	crypto_generichash_final(&state, out, 32);
}

struct seal_key *seal_key_new(const uint8_t master[32], const char *purpose, uint32_t version)
{
	struct seal_key *key = sodium_malloc(sizeof *key);

	if (!key)
		return NULL;
	key->version = version;
	derive(key->cipher, master, purpose, version, 's');
	derive(key->index, master, purpose, 0, 'i');
	sodium_mprotect_readonly(key);
	return key;
}

void seal_key_free(struct seal_key *key)
{
	sodium_free(key);
}

static char *base64(struct arena *arena, const uint8_t *bytes, size_t len)
{
	size_t size = sodium_base64_encoded_len(len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	char *text = arena_alloc(arena, size);

	return sodium_bin2base64(text, size, bytes, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static void put_version(uint8_t out[VERSION_BYTES], uint32_t version)
{
	for (int i = 0; i < VERSION_BYTES; i++)
		out[i] = (uint8_t)(version >> (24 - 8 * i));
}

char *seal(struct arena *arena, const struct seal_key *key, const char *place, const void *plain,
	   size_t len)
{
	uint8_t *bytes = arena_alloc(arena, HEAD_BYTES + len + TAG_BYTES);
	const char *data = arena_printf(arena, "%u/%s", key->version, place);

	put_version(bytes, key->version);
	randombytes_buf(bytes + VERSION_BYTES, NONCE_BYTES);
	crypto_aead_xchacha20poly1305_ietf_encrypt(bytes + HEAD_BYTES, NULL, plain, len,
						   (const uint8_t *)data, strlen(data), NULL,
						   bytes + VERSION_BYTES, key->cipher);
	return base64(arena, bytes, HEAD_BYTES + len + TAG_BYTES);
}

void *seal_open(struct arena *arena, const struct seal_key *key, const char *place,
		const char *sealed, size_t *len)
{
	size_t size = strlen(sealed), n;
	uint8_t *bytes = arena_alloc(arena, size + 1), version[VERSION_BYTES], *plain;
	const char *data = arena_printf(arena, "%u/%s", key->version, place);

	put_version(version, key->version);
	if (sodium_base642bin(bytes, size + 1, sealed, size, NULL, &n, NULL,
			      sodium_base64_VARIANT_URLSAFE_NO_PADDING) ||
	    n < HEAD_BYTES + TAG_BYTES ||
	    memcmp(bytes, version, VERSION_BYTES))
		return NULL;

	*len = n - HEAD_BYTES - TAG_BYTES;
	plain = arena_alloc(arena, *len + 1);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(
		    plain, NULL, NULL, bytes + HEAD_BYTES, n - HEAD_BYTES, (const uint8_t *)data,
		    strlen(data), bytes + VERSION_BYTES, key->cipher))
		return NULL;
	return plain;
}

char *blind_index(struct arena *arena, const struct seal_key *key, const char *value)
{
	uint8_t hash[32];

	crypto_generichash(hash, sizeof hash, (const uint8_t *)value, strlen(value), key->index,
			   sizeof key->index);
	return base64(arena, hash, sizeof hash);
}

char *secret_new(struct arena *arena)
{
	uint8_t bytes[32];

	randombytes_buf(bytes, sizeof bytes);
	return base64(arena, bytes, sizeof bytes);
}

char *secret_hash(struct arena *arena, const char *secret)
{
	uint8_t hash[32];
	char *hex = arena_alloc(arena, 2 * sizeof hash + 1);

	crypto_generichash(hash, sizeof hash, (const uint8_t *)secret, strlen(secret), NULL, 0);
	return sodium_bin2hex(hex, 2 * sizeof hash + 1, hash, sizeof hash);
}

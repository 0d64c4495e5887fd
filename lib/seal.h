/*
 * Columns that the database must not read: XChaCha20-Poly1305, with the place the value stands in as associated data,
 * so that a value moved to another row, column or table does not open. And blind indexes: keyed hashes to look up by.
 *
 * Keys are derived from the process's master key, one per purpose; they live in sodium_malloc.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

struct seal_key;
/* purpose: "identity.totp" … */
struct seal_key *seal_key_new(const uint8_t master[32], const char *purpose, uint32_t version);
void seal_key_free(struct seal_key *key);

/* place: "table/row/column". Returns base64url text in the arena: version, nonce, ciphertext. */
char *seal(struct arena *arena, const struct seal_key *key, const char *place, const void *plain,
	   size_t len);
/* NULL when it was altered, moved, or sealed with another key. */
void *seal_open(struct arena *arena, const struct seal_key *key, const char *place,
		const char *sealed, size_t *len);
/* 32 bytes of keyed BLAKE2b as base64url text. */
char *blind_index(struct arena *arena, const struct seal_key *key, const char *value);

/* 256 random bits as base64url; and what is stored of it: BLAKE2b-256, hex. */
char *secret_new(struct arena *arena);
char *secret_hash(struct arena *arena, const char *secret);

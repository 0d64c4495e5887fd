/*
 * PASETO v4.public (Ed25519): what says who is signed in. https://github.com/paseto-standard/paseto-spec
 *
 * The footer names the key ({"kid":"…"}); the implicit assertion names the site, so a token of another site
 * is worth nothing here. Byte-exact with the published v4 vectors. footer and implicit are "" for none.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

/* Signs payload (JSON text). secret = 64 bytes (crypto_sign). The token in the arena. */
char *token_sign(struct arena *arena, const uint8_t secret[64], const char *payload, size_t len,
		 const char *footer, const char *implicit);
/* The footer of a token, decoded but not yet trusted, NUL-ended in the arena; NULL when the token is malformed. */
char *token_footer(struct arena *arena, const char *token, size_t len);
/* The payload, NUL-ended in the arena, when the signature holds; else NULL. *payload_len its length. */
char *token_verify(struct arena *arena, const uint8_t public_key[32], const char *token, size_t len,
		   const char *implicit, size_t *payload_len);

/*
 * Tokens that their issuer cannot recognise: VOPRF(ristretto255, SHA-512) of RFC 9497, the issuer's side.
 *
 * A client sends a blinded point, gets it evaluated with a proof that the one public key was used, unblinds it and has
 * 64 bytes that only the key's holder can compute from the client's own input. The blinded point is uniformly random:
 * neither the key nor anything that is kept tells later which evaluation an input belongs to.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VOPRF_ELEMENT = 32, VOPRF_SCALAR = 32, VOPRF_PROOF = 64, VOPRF_OUTPUT = 64 };

struct voprf_key {
	uint8_t secret[VOPRF_SCALAR], public[VOPRF_ELEMENT];
};

/* DeriveKeyPair of 3.2.1; info is at most 64 bytes long. */
void voprf_key_derive(struct voprf_key *key, const uint8_t seed[32], const void *info, size_t len);
/*
 * BlindEvaluate of 3.3.2. random: a fresh crypto_core_ristretto255_scalar_random(). False when `blinded` is no point that
 * can be evaluated.
 */
bool voprf_evaluate(const struct voprf_key *key, const uint8_t blinded[VOPRF_ELEMENT],
		    const uint8_t random[VOPRF_SCALAR], uint8_t evaluated[VOPRF_ELEMENT],
		    uint8_t proof[VOPRF_PROOF]);
/* Evaluate of 3.3.1: what the client must have got for its input, which is at most 64 bytes long. */
bool voprf_output(const struct voprf_key *key, const void *input, size_t len,
		  uint8_t output[VOPRF_OUTPUT]);

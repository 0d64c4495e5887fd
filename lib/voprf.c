/* RFC 9497 in mode 1 over libsodium's ristretto255; hashing to it by expand_message_xmd of RFC 9380. */
#include "voprf.h"

#include <sodium.h>
#include <string.h>

#define CONTEXT "OPRFV1-\x01-ristretto255-SHA512"

enum { HASH = crypto_hash_sha512_BYTES, HASH_BLOCK = 128 };

static void add(crypto_hash_sha512_state *state, const void *bytes, size_t len)
{
	crypto_hash_sha512_update(state, bytes, len);
}

/* With its length before it, in two bytes. */
static void add_sized(crypto_hash_sha512_state *state, const void *bytes, size_t len)
{
	const uint8_t size[2] = { (uint8_t)(len >> 8), (uint8_t)len };

	add(state, size, sizeof size);
	add(state, bytes, len);
}

static void add_domain(crypto_hash_sha512_state *state, const char *domain, size_t len)
{
	const uint8_t size = (uint8_t)(len + sizeof CONTEXT - 1);

	add(state, domain, len);
	add(state, CONTEXT, sizeof CONTEXT - 1);
	add(state, &size, 1);
}

/* expand_message_xmd, begun: what is hashed is added between begin and end. */
static void expand_begin(crypto_hash_sha512_state *state)
{
	static const uint8_t zeros[HASH_BLOCK];

	crypto_hash_sha512_init(state);
	add(state, zeros, sizeof zeros);
}

static void expand_end(crypto_hash_sha512_state *state, const char *domain, uint8_t out[HASH])
{
	static const uint8_t length_and_zero[3] = { 0, HASH, 0 };
	const uint8_t one = 1;
	uint8_t first[HASH];

	add(state, length_and_zero, sizeof length_and_zero);
	add_domain(state, domain, strlen(domain));
	crypto_hash_sha512_final(state, first);
	crypto_hash_sha512_init(state);
	add(state, first, sizeof first);
	add(state, &one, 1);
	add_domain(state, domain, strlen(domain));
	crypto_hash_sha512_final(state, out);
}

static void expand_to_scalar(crypto_hash_sha512_state *state, const char *domain,
			     uint8_t scalar[VOPRF_SCALAR])
{
	uint8_t wide[HASH];

	expand_end(state, domain, wide);
	crypto_core_ristretto255_scalar_reduce(scalar, wide);
	sodium_memzero(wide, sizeof wide);
}

void voprf_key_derive(struct voprf_key *key, const uint8_t seed[32], const void *info, size_t len)
{
	for (uint8_t counter = 0; counter < UINT8_MAX; counter++) {
		crypto_hash_sha512_state state;

		expand_begin(&state);
		add(&state, seed, 32);
		add_sized(&state, info, len);
		add(&state, &counter, 1);
		expand_to_scalar(&state, "DeriveKeyPair", key->secret);
		if (!crypto_scalarmult_ristretto255_base(key->public, key->secret))
			return;
	}
}

/* The one point that the proof is about, for a batch of one: `weight` times the blinded point. */
static bool composite(const struct voprf_key *key, const uint8_t blinded[VOPRF_ELEMENT],
		      const uint8_t evaluated[VOPRF_ELEMENT], uint8_t point[VOPRF_ELEMENT])
{
	static const char domain[] = "Seed-" CONTEXT;
	static const uint8_t index[2];
	uint8_t seed[HASH], weight[VOPRF_SCALAR];
	crypto_hash_sha512_state state;

	crypto_hash_sha512_init(&state);
	add_sized(&state, key->public, sizeof key->public);
	add_sized(&state, domain, sizeof domain - 1);
	crypto_hash_sha512_final(&state, seed);

	expand_begin(&state);
	add_sized(&state, seed, sizeof seed);
	add(&state, index, sizeof index);
	add_sized(&state, blinded, VOPRF_ELEMENT);
	add_sized(&state, evaluated, VOPRF_ELEMENT);
	add(&state, "Composite", strlen("Composite"));
	expand_to_scalar(&state, "HashToScalar-", weight);
	return !crypto_scalarmult_ristretto255(point, weight, blinded);
}

/* GenerateProof of 2.2.1: challenge and response. */
static bool prove(const struct voprf_key *key, const uint8_t point[VOPRF_ELEMENT],
		  const uint8_t random[VOPRF_SCALAR], uint8_t proof[VOPRF_PROOF])
{
	uint8_t image[VOPRF_ELEMENT], base_random[VOPRF_ELEMENT], point_random[VOPRF_ELEMENT],
		product[VOPRF_SCALAR];
	crypto_hash_sha512_state state;

	if (crypto_scalarmult_ristretto255(image, key->secret, point) ||
	    crypto_scalarmult_ristretto255_base(base_random, random) ||
	    crypto_scalarmult_ristretto255(point_random, random, point))
		return false;
	expand_begin(&state);
	add_sized(&state, key->public, sizeof key->public);
	add_sized(&state, point, VOPRF_ELEMENT);
	add_sized(&state, image, sizeof image);
	add_sized(&state, base_random, sizeof base_random);
	add_sized(&state, point_random, sizeof point_random);
	add(&state, "Challenge", strlen("Challenge"));
	expand_to_scalar(&state, "HashToScalar-", proof);
	crypto_core_ristretto255_scalar_mul(product, proof, key->secret);
	crypto_core_ristretto255_scalar_sub(proof + VOPRF_SCALAR, random, product);
	return true;
}

bool voprf_evaluate(const struct voprf_key *key, const uint8_t blinded[VOPRF_ELEMENT],
		    const uint8_t random[VOPRF_SCALAR], uint8_t evaluated[VOPRF_ELEMENT],
		    uint8_t proof[VOPRF_PROOF])
{
	uint8_t point[VOPRF_ELEMENT];

	return crypto_core_ristretto255_is_valid_point(blinded) &&
	       !crypto_scalarmult_ristretto255(evaluated, key->secret, blinded) &&
	       composite(key, blinded, evaluated, point) &&
	       prove(key, point, random, proof);
}

bool voprf_output(const struct voprf_key *key, const void *input, size_t len,
		  uint8_t output[VOPRF_OUTPUT])
{
	uint8_t wide[HASH], point[VOPRF_ELEMENT], evaluated[VOPRF_ELEMENT];
	crypto_hash_sha512_state state;

	expand_begin(&state);
	add(&state, input, len);
	expand_end(&state, "HashToGroup-", wide);
	crypto_core_ristretto255_from_hash(point, wide);
	if (crypto_scalarmult_ristretto255(evaluated, key->secret, point))
		return false;
	crypto_hash_sha512_init(&state);
	add_sized(&state, input, len);
	add_sized(&state, evaluated, sizeof evaluated);
	add(&state, "Finalize", strlen("Finalize"));
	crypto_hash_sha512_final(&state, output);
	return true;
}

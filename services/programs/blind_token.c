/* Keys of waves, and texts around the arithmetic of lib/voprf.h. */
#include "blind_token.h"

#include <sodium.h>

#include "conf.h"
#include "service.h"
#include "voprf.h"

enum { INPUT = 32, HASH = 32 };

static char *to_text(const struct call *call, const uint8_t *bytes, size_t len)
{
	size_t room = sodium_base64_encoded_len(len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	char *text = arena_alloc(call->arena, room);

	return sodium_bin2base64(text, room, bytes, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* Exactly that many bytes. */
static bool from_text(const char *text, uint8_t *bytes, size_t len)
{
	size_t got;

	return !sodium_base642bin(bytes, len, text, strlen(text), NULL, &got, NULL,
				  sodium_base64_VARIANT_URLSAFE_NO_PADDING) &&
	       got == len;
}

static struct voprf_key key_of(const struct call *call, const char *wave_id)
{
	static const char purpose[] = "programs.survey_token";
	const uint8_t *master = conf_key(call->process->conf, "ITHACA_MASTER_KEY");
	struct voprf_key key;
	uint8_t seed[32];

	crypto_generichash(seed, sizeof seed, (const uint8_t *)purpose, sizeof purpose - 1, master,
			   32);
	voprf_key_derive(&key, seed, wave_id, strlen(wave_id));
	sodium_memzero(seed, sizeof seed);
	return key;
}

char *blind_token_key(const struct call *call, const char *wave_id)
{
	struct voprf_key key = key_of(call, wave_id);

	sodium_memzero(key.secret, sizeof key.secret);
	return to_text(call, key.public, sizeof key.public);
}

bool blind_token_sign(struct call *call, const char *wave_id, const char *blinded,
		      SurveyToken *token)
{
	struct voprf_key key = key_of(call, wave_id);
	uint8_t point[VOPRF_ELEMENT], random[VOPRF_SCALAR], evaluated[VOPRF_ELEMENT];
	uint8_t proof[VOPRF_PROOF];
	bool good;

	crypto_core_ristretto255_scalar_random(random);
	good = from_text(blinded, point, sizeof point) &&
	       voprf_evaluate(&key, point, random, evaluated, proof);
	sodium_memzero(key.secret, sizeof key.secret);
	sodium_memzero(random, sizeof random);
	if (!good)
		return reject_field(call, INVALID_ARGUMENT, "/blinded", "INVALID_POINT",
				    "This is no blinded point.");

	token->evaluated = to_text(call, evaluated, sizeof evaluated);
	token->proof = to_text(call, proof, sizeof proof);
	token->public_key = to_text(call, key.public, sizeof key.public);
	return true;
}

char *blind_token_spend(const struct call *call, const char *wave_id, const char *input,
			const char *output)
{
	struct voprf_key key = key_of(call, wave_id);
	uint8_t bytes[INPUT], given[VOPRF_OUTPUT], wanted[VOPRF_OUTPUT], hash[HASH];
	char *hex = arena_alloc(call->arena, 2 * HASH + 1);
	bool good = from_text(input, bytes, sizeof bytes) &&
		    from_text(output, given, sizeof given) &&
		    voprf_output(&key, bytes, sizeof bytes, wanted) &&
		    !sodium_memcmp(given, wanted, sizeof wanted);

	sodium_memzero(key.secret, sizeof key.secret);
	if (!good)
		return NULL;
	crypto_generichash(hash, sizeof hash, bytes, sizeof bytes, NULL, 0);
	return sodium_bin2hex(hex, 2 * HASH + 1, hash, sizeof hash);
}

/* The signing key of receipts, and what is signed with it. */
#include "receipt.h"

#include <sodium.h>

#include "conf.h"
#include "service.h"
#include "token.h"

static const char place[] = "agreement-receipt";

static void make_keys(struct call *call, uint8_t public_key[crypto_sign_PUBLICKEYBYTES],
		      uint8_t secret[crypto_sign_SECRETKEYBYTES])
{
	uint8_t seed[crypto_sign_SEEDBYTES];

	crypto_generichash(seed, sizeof seed, (const uint8_t *)place, sizeof place - 1,
			   conf_key(call->process->conf, "ITHACA_MASTER_KEY"), 32);
	crypto_sign_seed_keypair(public_key, secret, seed);
	sodium_memzero(seed, sizeof seed);
}

bool receipt_sign(struct call *call, SignatureReceipt *receipt)
{
	uint8_t public_key[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
	char *statement =
		arena_printf(call->arena,
			     "{\"mentorship_id\":\"%s\",\"agreement_id\":\"%s\","
			     "\"user_id\":\"%s\",\"text_hash\":\"%s\",\"signed_at\":\"%s\"}",
			     receipt->mentorship_id, receipt->agreement_id, receipt->user_id,
			     receipt->text_hash, receipt->signed_at);

	make_keys(call, public_key, secret);
	receipt->receipt = token_sign(call->arena, secret, statement, strlen(statement), "", place);
	sodium_memzero(secret, sizeof secret);
	return true;
}

char *receipt_key(struct call *call)
{
	enum { BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING };
	uint8_t public_key[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
	size_t len = sodium_base64_ENCODED_LEN(sizeof public_key, BASE64);
	char *out = arena_alloc(call->arena, len);

	make_keys(call, public_key, secret);
	sodium_memzero(secret, sizeof secret);
	return sodium_bin2base64(out, len, public_key, sizeof public_key, BASE64);
}

const char *receipt_read(struct call *call, const char *receipt)
{
	uint8_t public_key[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
	size_t len;

	make_keys(call, public_key, secret);
	sodium_memzero(secret, sizeof secret);
	return token_verify(call->arena, public_key, receipt, strlen(receipt), place, &len);
}

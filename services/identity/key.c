/* Signing keys: a new one each month, the former valid until what they signed is over. */
#include "key.h"

#include <sodium.h>

#include "state.h"

static bool make_key(struct call *call)
{
	SigningKey key = SIGNING_KEY__INIT;
	uint8_t public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
	char text[64];

	crypto_sign_keypair(public, secret);
	key.id = new_id(call);
	key.public_key = sodium_bin2base64(text, sizeof text, public, sizeof public,
					   sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	key.secret = seal(call->arena, call->process->state->signing,
			  arena_printf(call->arena, "signing_key/%s/secret", key.id), secret,
			  sizeof secret);
	sodium_memzero(secret, sizeof secret);
	return add_key(call, &key);
}

bool keys_renew(struct call *call)
{
	SigningKey key = SIGNING_KEY__INIT;
	Nothing nothing = NOTHING__INIT;
	bool due;

	if (!key_is_due(call, &nothing, &key, &due))
		return false;
	return !due || make_key(call);
}

bool rotate_keys(struct call *call, const Id *req)
{
	Nothing nothing = NOTHING__INIT;

	(void)req;
	return keys_renew(call) && forget_keys(call, &nothing) && set_next_rotation(call, &nothing);
}

/* Certificates: keys, canonical JSON, signatures and badges. */
#include "certificate_sign.h"

#include <jansson.h>
#include <sodium.h>

#include "pb_json.h"

enum { BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING, SIGNATURE = crypto_sign_BYTES };

static const char *place_of(struct arena *arena, const char *key_id)
{
	return arena_printf(arena, "certificate_key/%s/secret", key_id);
}

bool certificate_key_make(struct call *call)
{
	CertificateKey key = CERTIFICATE_KEY__INIT;
	uint8_t public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
	char text[64];

	crypto_sign_keypair(public, secret);
	key.id = new_id(call);
	key.public_key = sodium_bin2base64(text, sizeof text, public, sizeof public, BASE64);
	key.secret = seal(call->arena, call->process->state->certificates,
			  place_of(call->arena, key.id), secret, sizeof secret);
	sodium_memzero(secret, sizeof secret);
	return add_certificate_key(call, &key);
}

bool certificate_key_begin(struct call *call)
{
	CertificateKey key = CERTIFICATE_KEY__INIT;
	Nothing nothing = NOTHING__INIT;
	bool due;

	if (!certificate_key_is_due(call, &nothing, &key, &due))
		return false;
	return !due || certificate_key_make(call);
}

/*
 * Sorted keys without spaces are RFC 8785 where keys are ASCII, numbers whole and texts free of
 * control characters.
 */
static char *canonical(struct arena *arena, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
	char *kept = arena_strdup(arena, text ? text : "");

	free(text);
	return kept;
}

char *canonical_json(struct arena *arena, const struct pb_type *type, const void *message)
{
	struct field_errors errors = { 0 };
	struct buf json = { 0 };
	char *text = NULL;

	if (pb_json_write_message(&json, type, message))
		text = canonical(arena, json_read(arena, buf_text(&json), json.len, &errors));
	buf_free(&json);
	return text;
}

static bool sign_bytes(struct call *call, const CertificateKey *key, const void *bytes, size_t len,
		       uint8_t signature[SIGNATURE])
{
	size_t secret_len;
	uint8_t *secret = seal_open(call->arena, call->process->state->certificates,
				    place_of(call->arena, key->id), key->secret, &secret_len);

	if (!secret || secret_len != crypto_sign_SECRETKEYBYTES)
		return false;
	crypto_sign_detached(signature, NULL, bytes, len, secret);
	sodium_memzero(secret, secret_len);
	return true;
}

char *certificate_sign(struct call *call, const CertificateKey *key, const char *text)
{
	uint8_t signature[SIGNATURE];
	char *out = arena_alloc(call->arena, sodium_base64_ENCODED_LEN(SIGNATURE, BASE64));

	if (!sign_bytes(call, key, text, strlen(text), signature))
		return NULL;
	return sodium_bin2base64(out, sodium_base64_ENCODED_LEN(SIGNATURE, BASE64), signature,
				 sizeof signature, BASE64);
}

static bool from_base64(const char *text, uint8_t *bytes, size_t len)
{
	const char *end;
	size_t got;

	return !sodium_base642bin(bytes, len, text, strlen(text), NULL, &got, &end, BASE64) &&
	       got == len &&
	       !*end;
}

bool certificate_verify(const CertificateKey *key, const char *text, const char *signature)
{
	uint8_t public[crypto_sign_PUBLICKEYBYTES], bytes[SIGNATURE];

	return from_base64(key->public_key, public, sizeof public) &&
	       from_base64(signature, bytes, sizeof bytes) &&
	       !crypto_sign_verify_detached(bytes, (const uint8_t *)text, strlen(text), public);
}

/* Multibase base58btc: "z" and the digits (base-x encoding of the Bitcoin alphabet). */
static char *base58(struct arena *arena, const uint8_t *bytes, size_t len)
{
	static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
	size_t most = len * 138 / 100 + 2, count = 0, zeros = 0;
	uint8_t *digits = arena_alloc(arena, most);
	char *out = arena_alloc(arena, most + len + 2);

	while (zeros < len && !bytes[zeros])
		zeros++;
	for (size_t i = zeros; i < len; i++) {
		unsigned carry = bytes[i];

		for (size_t k = 0; k < count || carry; k++) {
			carry += k < count ? 256U * digits[k] : 0;
			digits[k] = (uint8_t)(carry % 58);
			carry /= 58;
			count = k < count ? count : k + 1;
		}
	}
	out[0] = 'z';
	memset(out + 1, '1', zeros);
	for (size_t i = 0; i < count; i++)
		out[1 + zeros + i] = alphabet[digits[count - 1 - i]];
	return out;
}

/* did:key: 0xed 0x01 before the public key. */
static const char *did_of(struct arena *arena, const CertificateKey *key)
{
	uint8_t multikey[2 + crypto_sign_PUBLICKEYBYTES] = { 0xed, 0x01 };

	if (!from_base64(key->public_key, multikey + 2, crypto_sign_PUBLICKEYBYTES))
		return "";
	return arena_printf(arena, "did:key:%s", base58(arena, multikey, sizeof multikey));
}

static json_t *credential(struct arena *arena, const CertificatePayload *payload, const char *did)
{
	return json_pack("{s:[s,s], s:s, s:[s,s], s:{s:s, s:[s], s:s}, s:s, s:s, s:{s:[s], "
			 "s:[{s:s, s:b, s:s, s:s}], s:{s:s, s:[s], s:s, s:s, s:s, s:{s:s}}}}",
			 "@context", "https://www.w3.org/ns/credentials/v2",
			 "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json", "id",
			 arena_printf(arena, "urn:uuid:%s", payload->id), "type",
			 "VerifiableCredential", "OpenBadgeCredential", "issuer", "id", did, "type",
			 "Profile", "name", payload->issuer, "validFrom", payload->issued_at,
			 "name", payload->program_title, "credentialSubject", "type",
			 "AchievementSubject", "identifier", "type", "IdentityObject", "hashed", 0,
			 "identityType", "name", "identityHash", payload->holder_name,
			 "achievement", "id",
			 arena_printf(arena, "urn:uuid:%s", payload->program_id), "type",
			 "Achievement", "achievementType", "CertificateOfCompletion", "name",
			 payload->program_title, "description", payload->kind, "criteria",
			 "narrative", "The conditions of the program, counted by the platform.");
}

/* Where the list of a key's revoked badges is; "" when the site has not told its address. */
static const char *list_address(struct call *call, const CertificateKey *key)
{
	const char *site = setting(call, "ITHACA_PUBLIC_URL");

	return *site ? arena_printf(call->arena, "%s/v1/certificate-keys/%s/badge-revocations.json",
				    site, key->id)
		     : "";
}

/* 1EdTech Revocation List Status Method 1.0; its terms are those of the extensions' context. */
static void add_status(json_t *badge, const char *address)
{
	if (!*address)
		return;
	json_array_append_new(
		json_object_get(badge, "@context"),
		json_string("https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"));
	json_object_set_new(
		badge, "credentialStatus",
		json_pack("{s:s, s:s}", "id", address, "type", "1EdTechRevocationList"));
}

/*
 * Adds the proof: SHA-256 of the proof's options, then SHA-256 of the credential, signed (vc-di-
 * eddsa 3.3).
 */
static bool add_proof(struct call *call, const CertificateKey *key, json_t *badge, const char *did,
		      const char *created)
{
	struct arena *arena = call->arena;
	uint8_t hashes[2 * crypto_hash_sha256_BYTES], signature[SIGNATURE];
	json_t *proof =
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:O}", "type", "DataIntegrityProof",
			  "cryptosuite", "eddsa-jcs-2022", "created", created, "verificationMethod",
			  arena_printf(arena, "%s#%s", did, did + 8), "proofPurpose",
			  "assertionMethod", "@context", json_object_get(badge, "@context"));
	const char *options = canonical(arena, proof), *document = canonical(arena, badge);
	bool good;

	crypto_hash_sha256(hashes, (const uint8_t *)options, strlen(options));
	crypto_hash_sha256(hashes + crypto_hash_sha256_BYTES, (const uint8_t *)document,
			   strlen(document));
	good = sign_bytes(call, key, hashes, sizeof hashes, signature);
	if (good)
		json_object_set_new(proof, "proofValue",
				    json_string(base58(arena, signature, sizeof signature)));
	json_object_set_new(badge, "proof", proof);
	return good;
}

char *certificate_badge(struct call *call, const CertificateKey *key,
			const CertificatePayload *payload)
{
	const char *did = did_of(call->arena, key);
	json_t *badge = credential(call->arena, payload, did);
	bool good;
	char *text;

	add_status(badge, list_address(call, key));
	good = badge && add_proof(call, key, badge, did, payload->issued_at);
	text = good ? canonical(call->arena, badge) : NULL;

	json_decref(badge);
	return text;
}

static json_t *revoked_badge(struct call *call, const RevokedCertificate *certificate)
{
	const ProtobufCEnumValue *reason = protobuf_c_enum_descriptor_get_value(
		&certificate__reason__descriptor, (int)certificate->reason);

	return json_pack("{s:s, s:b, s:s}", "id",
			 arena_printf(call->arena, "urn:uuid:%s", certificate->id), "revoked", 1,
			 "revocationReason", reason ? reason->name : "");
}

char *certificate_badge_list(struct call *call, const CertificateKey *key,
			     const CertificateRevocations *list)
{
	json_t *revoked = json_array();
	json_t *whole = json_pack("{s:s, s:s, s:o}", "id", list_address(call, key), "issuer",
				  did_of(call->arena, key), "revokedCredential", revoked);
	char *text;

	for (size_t i = 0; i < list->n_revoked; i++)
		json_array_append_new(revoked, revoked_badge(call, list->revoked[i]));
	text = canonical(call->arena, whole);
	json_decref(whole);
	return text;
}

/*
 * How certificates are signed: Ed25519 over the canonical JSON (RFC 8785) of a message, and as an
 * Open Badge 3.0, a verifiable credential with a Data Integrity proof of the suite eddsa-jcs-2022
 * (W3C vc-di-eddsa). The secret stands sealed in certificate_key and is open only while it signs.
 */
#pragma once

#include "state.h"

/* Makes the first key, if there is none. */
bool certificate_key_begin(struct call *call) must_check;
/* Makes a key that signs from now on. */
bool certificate_key_make(struct call *call) must_check;

/*
 * The canonical JSON of a message whose numbers are whole and whose texts hold no control
 * characters.
 */
char *canonical_json(struct arena *arena, const struct pb_type *type, const void *message);
/* The signature as base64url, or NULL when the key does not open. */
char *certificate_sign(struct call *call, const CertificateKey *key, const char *text);
bool certificate_verify(const CertificateKey *key, const char *text, const char *signature);
/* The Open Badge of a payload as canonical JSON, or NULL when the key does not open. */
char *certificate_badge(struct call *call, const CertificateKey *key,
			const CertificatePayload *payload);
/*
 * What the badges' credentialStatus leads to: the 1EdTech Revocation List of the key that signed
 * them.
 */
char *certificate_badge_list(struct call *call, const CertificateKey *key,
			     const CertificateRevocations *list);

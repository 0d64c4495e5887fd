/*
 * Checks a certificate offline:
 *
 *   certificate-check <certificate-keys.json> <certificate-revocations.json> <certificate.json>
 *
 * The three files are what /.well-known/certificate-keys.json, /.well-known/certificate-revocations.json and a certificate's
 * document.json answer. Exit 0: the certificate stands; 1: it does not, and why; 2: it could not be checked.
 * Needs libsodium and jansson, and shares nothing with the platform.
 */
#include <jansson.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING, MOST_BYTES = 64 << 20 };

static int answer(int code, const char *what, const char *detail)
{
	printf("%s%s%s\n", what, *detail ? ": " : "", detail);
	return code;
}

/* The whole file, ended with NUL; NULL when it cannot be read. */
static char *read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	char *text = file ? malloc(MOST_BYTES + 1) : NULL;

	*len = text ? fread(text, 1, MOST_BYTES, file) : 0;
	if (text)
		text[*len] = 0;
	if (file)
		fclose(file);
	return text;
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

/* RFC 8785 for what certificates hold: ASCII keys, whole numbers, texts without control characters. */
static char *canonical(const json_t *value)
{
	return json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
}

/* A signed file, which must be canonical to the last byte. NULL when it is not. */
static json_t *read_signed(const char *path)
{
	size_t len;
	char *text = read_file(path, &len), *same;
	json_t *document = text ? json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL) : NULL;

	same = document ? canonical(document) : NULL;
	if (!same ||
	    strlen(same) != len ||
	    memcmp(same, text, len) != 0 ||
	    json_object_size(document) != 2) {
		json_decref(document);
		document = NULL;
	}
	free(same);
	free(text);
	return document;
}

static bool from_base64(const char *text, unsigned char *bytes, size_t len)
{
	const char *end;
	size_t got;

	return !sodium_base642bin(bytes, len, text, strlen(text), NULL, &got, &end, BASE64) &&
	       got == len &&
	       !*end;
}

static bool find_key(const json_t *keys, const char *id,
		     unsigned char key[crypto_sign_PUBLICKEYBYTES])
{
	const json_t *item;
	size_t i;

	json_array_foreach (json_object_get(keys, "items"), i, item)
		if (*id && !strcmp(text_of(item, "id"), id))
			return from_base64(text_of(item, "public_key"), key,
					   crypto_sign_PUBLICKEYBYTES);
	return false;
}

/* NULL when the document is of that type and signed by one of the keys, else what is wrong. */
static const char *check_signature(const json_t *keys, const json_t *document, const char *type)
{
	unsigned char key[crypto_sign_PUBLICKEYBYTES], signature[crypto_sign_BYTES];
	const json_t *payload = json_object_get(document, "payload");
	char *text;
	bool good;

	if (!document || strcmp(text_of(payload, "type"), type) != 0)
		return "malformed";
	if (!find_key(keys, text_of(payload, "key_id"), key))
		return "unknown_key";
	if (!from_base64(text_of(document, "signature"), signature, sizeof signature))
		return "signature";
	text = canonical(payload);
	good = text &&
	       !crypto_sign_verify_detached(signature, (unsigned char *)text, strlen(text), key);
	free(text);
	return good ? NULL : "signature";
}

static bool is_revoked(const json_t *list, const char *id)
{
	const json_t *item;
	size_t i;

	json_array_foreach (json_object_get(json_object_get(list, "payload"), "revoked"), i, item)
		if (!strcmp(text_of(item, "id"), id))
			return true;
	return false;
}

/* Whether the list should have been fetched again by now: instants in UTC compare as texts. */
static bool is_old(const json_t *list)
{
	char now[32];
	time_t seconds = time(NULL);
	struct tm utc;

	gmtime_r(&seconds, &utc);
	strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%S", &utc);
	return strcmp(text_of(json_object_get(list, "payload"), "next_at"), now) < 0;
}

static int check(const json_t *keys, const json_t *list, const json_t *certificate)
{
	const json_t *payload = json_object_get(certificate, "payload");
	const char *why = check_signature(keys, list, "ithaca.revocations/1");

	if (why)
		return answer(2, "the revocation list does not hold", why);
	if (is_old(list))
		return answer(2, "the revocation list is old", "fetch it again");
	why = check_signature(keys, certificate, "ithaca.certificate/1");
	if (why)
		return answer(1, "not valid", why);
	if (is_revoked(list, text_of(payload, "id")))
		return answer(1, "not valid", "revoked");
	return answer(0, "valid", text_of(payload, "holder_name"));
}

int main(int argc, char **argv)
{
	json_t *keys, *list, *certificate;
	int code;

	if (argc != 4 || sodium_init() < 0)
		return answer(2, "usage", "certificate-check <keys> <revocations> <certificate>");
	keys = json_load_file(argv[1], JSON_REJECT_DUPLICATES, NULL);
	list = read_signed(argv[2]);
	certificate = read_signed(argv[3]);
	code = keys ? check(keys, list, certificate) : answer(2, "the keys cannot be read", "");
	json_decref(keys);
	json_decref(list);
	json_decref(certificate);
	return code;
}

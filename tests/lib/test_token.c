/* PASETO v4.public: the published vectors, and tokens altered in any bit. */
#include <jansson.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "token.h"

#ifndef TEST_DATA
#define TEST_DATA "tests/data"
#endif

static const char *text_of(const json_t *vector, const char *name)
{
	const char *text = json_string_value(json_object_get(vector, name));

	return text ? text : "";
}

static void key_of(const json_t *vector, const char *name, uint8_t *key, size_t size)
{
	const char *hex = text_of(vector, name);
	size_t len;

	assert_int_equal(sodium_hex2bin(key, size, hex, strlen(hex), NULL, &len, NULL), 0);
	assert_int_equal(len, size);
}

static void check_signed(struct arena *arena, const json_t *vector)
{
	const char *token = text_of(vector, "token"), *payload = text_of(vector, "payload");
	const char *footer = text_of(vector, "footer"),
		   *implicit = text_of(vector, "implicit-assertion");
	uint8_t public_key[32], secret[64];
	char *opened;
	size_t len;

	key_of(vector, "public-key", public_key, sizeof public_key);
	key_of(vector, "secret-key", secret, sizeof secret);

	assert_string_equal(token_sign(arena, secret, payload, strlen(payload), footer, implicit),
			    token);
	assert_string_equal(token_footer(arena, token, strlen(token)), footer);
	opened = token_verify(arena, public_key, token, strlen(token), implicit, &len);
	assert_non_null(opened);
	assert_int_equal(len, strlen(payload));
	assert_string_equal(opened, payload);
	assert_null(token_verify(arena, public_key, token, strlen(token), "another site", &len));
}

/* A vector that must not open, also one of another purpose or version: it has no public key of its own then. */
static void check_refused(struct arena *arena, const json_t *vector)
{
	const char *token = text_of(vector, "token");
	uint8_t public_key[32] = { 0 };
	size_t len;

	if (json_object_get(vector, "public-key"))
		key_of(vector, "public-key", public_key, sizeof public_key);
	assert_null(token_verify(arena, public_key, token, strlen(token),
				 text_of(vector, "implicit-assertion"), &len));
}

static void test_every_published_vector_opens_or_fails_as_it_is_marked(void **state)
{
	json_t *vectors = json_load_file(TEST_DATA "/paseto-v4.json", 0, NULL), *vector;
	unsigned opened = 0, refused = 0;
	size_t i;

	(void)state;
	assert_non_null(vectors);
	json_array_foreach (json_object_get(vectors, "tests"), i, vector) {
		struct arena *arena = arena_new(1 << 20);

		if (!strncmp(text_of(vector, "name"), "4-S-", 4)) {
			check_signed(arena, vector);
			opened++;
		} else {
			check_refused(arena, vector);
			refused++;
		}
		arena_free(arena);
	}
	assert_int_equal(opened, 3);
	assert_int_equal(refused, 14);
	json_decref(vectors);
}

static char *sample(struct arena *arena, uint8_t public_key[32])
{
	static const char payload[] = "{\"sub\":\"018f7c1e-0000-7000-8000-000000000001\",\"exp\":"
				      "1800000000,\"roles\":[\"ADMIN\"]}";
	uint8_t secret[64];

	crypto_sign_keypair(public_key, secret);
	return token_sign(arena, secret, payload, sizeof payload - 1, "{\"kid\":\"k1\"}", "site");
}

static void test_a_token_altered_in_one_bit_never_opens(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	unsigned accepted = 0, tried = 0;
	uint8_t public_key[32];

	(void)state;
	while (tried < 10000) {
		char *token = sample(arena, public_key);
		size_t len = strlen(token), payload_len;

		for (size_t bit = 0; bit < 8 * len && tried < 10000; bit++, tried++) {
			struct arena *inner = arena_new(1 << 16);

			token[bit / 8] = (char)(token[bit / 8] ^ (1 << bit % 8));
			accepted += token_verify(inner, public_key, token, len, "site",
						 &payload_len) != NULL;
			token[bit / 8] = (char)(token[bit / 8] ^ (1 << bit % 8));
			arena_free(inner);
		}
		arena_reset(arena);
	}
	assert_int_equal(tried, 10000);
	assert_int_equal(accepted, 0);
	arena_free(arena);
}

static void test_a_token_cut_short_or_grown_never_opens(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	uint8_t public_key[32];
	char *token = sample(arena, public_key), *longer;
	size_t len = strlen(token), payload_len;

	(void)state;
	assert_non_null(token_verify(arena, public_key, token, len, "site", &payload_len));
	for (size_t cut = 0; cut < len; cut++)
		assert_null(token_verify(arena, public_key, token, cut, "site", &payload_len));
	for (const char *more = ".A=% \n"; *more; more++) {
		longer = arena_printf(arena, "%s%c", token, *more);
		assert_null(token_verify(arena, public_key, longer, len + 1, "site", &payload_len));
	}
	arena_free(arena);
}

static void test_a_token_without_footer_opens(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	uint8_t public_key[32], secret[64];
	size_t len;
	char *token;

	(void)state;
	crypto_sign_keypair(public_key, secret);
	token = token_sign(arena, secret, "{}", 2, "", "");
	assert_string_equal(token_footer(arena, token, strlen(token)), "");
	assert_string_equal(token_verify(arena, public_key, token, strlen(token), "", &len), "{}");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_published_vector_opens_or_fails_as_it_is_marked),
		cmocka_unit_test(test_a_token_altered_in_one_bit_never_opens),
		cmocka_unit_test(test_a_token_cut_short_or_grown_never_opens),
		cmocka_unit_test(test_a_token_without_footer_opens),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}

/* The issuer's side of RFC 9497: the vectors of appendix A.1.2, byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sodium.h>
#include <string.h>

#include "voprf.h"

static void from_hex(const char *hex, uint8_t *bytes, size_t len)
{
	assert_int_equal(sodium_hex2bin(bytes, len, hex, strlen(hex), NULL, NULL, NULL), 0);
}

static void assert_hex(const uint8_t *bytes, size_t len, const char *hex)
{
	uint8_t wanted[64];

	from_hex(hex, wanted, len);
	assert_memory_equal(bytes, wanted, len);
}

static struct voprf_key vector_key(void)
{
	struct voprf_key key;
	uint8_t seed[32];

	memset(seed, 0xa3, sizeof seed);
	voprf_key_derive(&key, seed, "test key", 8);
	return key;
}

static void test_a_key_is_derived_as_published(void **state)
{
	struct voprf_key key = vector_key();

	(void)state;
	assert_hex(key.secret, 32,
		   "e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909");
	assert_hex(key.public, 32,
		   "c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e");
}

static void test_a_blinded_point_is_evaluated_and_proven_as_published(void **state)
{
	struct voprf_key key = vector_key();
	uint8_t blinded[32], random[32], evaluated[32], proof[64];

	(void)state;
	from_hex("863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945", blinded, 32);
	from_hex("222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e", random, 32);
	assert_true(voprf_evaluate(&key, blinded, random, evaluated, proof));
	assert_hex(evaluated, 32,
		   "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e");
	assert_hex(proof, 64,
		   "ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd06"
		   "6d4346421d17bf5117a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d");
}

static void test_an_input_gives_the_published_output(void **state)
{
	struct voprf_key key = vector_key();
	uint8_t output[64];

	(void)state;
	assert_true(voprf_output(&key, "", 1, output));
	assert_hex(output, 64,
		   "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7d"
		   "a4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c");
}

static void test_what_is_no_point_is_not_evaluated(void **state)
{
	struct voprf_key key = vector_key();
	uint8_t zero[32] = { 0 }, high[32], random[32], evaluated[32], proof[64];

	(void)state;
	memset(high, 0xff, sizeof high);
	crypto_core_ristretto255_scalar_random(random);
	assert_false(voprf_evaluate(&key, zero, random, evaluated, proof));
	assert_false(voprf_evaluate(&key, high, random, evaluated, proof));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_key_is_derived_as_published),
		cmocka_unit_test(test_a_blinded_point_is_evaluated_and_proven_as_published),
		cmocka_unit_test(test_an_input_gives_the_published_output),
		cmocka_unit_test(test_what_is_no_point_is_not_evaluated),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

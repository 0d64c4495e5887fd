/* Whose request it is, behind proxies that may be ours and may lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../gateway/gateway.h" /* the generated one has the shorter name */
#include "gateway/address.h"
#include "gateway/client.h"

/* Which address counts for a request of `peer` that says `forwarded`. */
static const char *address_of(const char *proxies, const char *peer, const char *forwarded)
{
	static char found[48];
	struct gateway gateway = { .proxies = proxies_new(proxies) };
	struct client client = { 0 };
	struct request request = { .gateway = &gateway,
				   .client = &client,
				   .headers.forwarded_for = forwarded };

	assert_non_null(gateway.proxies);
	snprintf(client.address, sizeof client.address, "%s", peer);
	address_find(&request);
	proxies_free(gateway.proxies);
	strcpy(found, request.address);
	return found;
}

static void test_without_a_proxy_of_ours_nobody_speaks_for_another(void **state)
{
	(void)state;
	assert_string_equal(address_of("", "192.0.2.7", NULL), "192.0.2.7");
	assert_string_equal(address_of("", "192.0.2.7", "198.51.100.1"), "192.0.2.7");
	assert_string_equal(address_of("10.0.0.0/8", "192.0.2.7", "198.51.100.1"), "192.0.2.7");
	assert_string_equal(address_of("10.0.0.0/8", "", "198.51.100.1"), "unknown");
}

static void test_the_last_that_is_no_proxy_of_ours_counts(void **state)
{
	const char *ours = "10.0.0.0/8,fd00::/8";

	(void)state;
	assert_string_equal(address_of(ours, "10.1.2.3", "198.51.100.1"), "198.51.100.1");
	assert_string_equal(address_of(ours, "10.1.2.3", "203.0.113.9, 198.51.100.1"),
			    "198.51.100.1");
	assert_string_equal(address_of(ours, "10.1.2.3", "198.51.100.1, 10.9.9.9,fd00::1"),
			    "198.51.100.1");
	assert_string_equal(address_of(ours, "fd00::2", "10.4.4.4"), "10.4.4.4");
	assert_string_equal(address_of("10.1.2.3", "10.1.2.4", "198.51.100.1"), "10.1.2.4");
}

static void test_addresses_are_read_as_proxies_write_them(void **state)
{
	const char *ours = "10.0.0.0/8";

	(void)state;
	assert_string_equal(address_of(ours, "10.1.2.3", "198.51.100.1:4711"), "198.51.100.1");
	assert_string_equal(address_of(ours, "10.1.2.3", "[2001:db8:1:2:3:4:5:6]:4711"),
			    "2001:db8:1:2::");
	assert_string_equal(address_of(ours, "10.1.2.3", "fe80::1:2%eth0"), "fe80::");
	assert_string_equal(address_of(ours, "10.1.2.3", "[fe80::1:2%25eth0]"), "fe80::");
	assert_string_equal(address_of(ours, "10.1.2.3", "::ffff:198.51.100.1"), "198.51.100.1");
	assert_string_equal(address_of(ours, "::ffff:10.1.2.3", "198.51.100.1"), "198.51.100.1");
}

static void test_what_is_no_address_leaves_the_proxy(void **state)
{
	static const char *const texts[] = {
		"",
		",",
		"unknown",
		"1.2.3",
		"1.2.3.4.5",
		"[",
		"%",
		"[]",
		"1.2.3.4 5.6.7.8",
		"0x7f.1.1.1",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_string_equal(address_of("10.0.0.0/8", "10.1.2.3", texts[i]), "10.1.2.3");
	assert_string_equal(address_of("10.0.0.0/8", "10.1.2.3", "garbage, 198.51.100.1"),
			    "198.51.100.1");
	assert_string_equal(address_of("10.0.0.0/8", "10.1.2.3", "198.51.100.1, garbage"),
			    "10.1.2.3");
}

static void test_what_is_no_list_of_networks_trusts_nobody(void **state)
{
	static const char *const lists[] = {
		"10.0.0.0/",   "10.0.0.0/x",  "10.0.0.0/-90",
		"10.0.0.0/33", "10.0.0.0/8x", "10.0.0.0/ 8",
		"fd00::/129",  "fd00::/1234", "10.0.0.0/8,proxy.example",
		"*",	       "10.0.0.0/8/8"
	};

	(void)state;
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		assert_null(proxies_new(lists[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_a_proxy_of_ours_nobody_speaks_for_another),
		cmocka_unit_test(test_the_last_that_is_no_proxy_of_ours_counts),
		cmocka_unit_test(test_addresses_are_read_as_proxies_write_them),
		cmocka_unit_test(test_what_is_no_address_leaves_the_proxy),
		cmocka_unit_test(test_what_is_no_list_of_networks_trusts_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

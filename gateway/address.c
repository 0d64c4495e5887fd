/* Addresses behind proxies. */
#include "address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "client.h"
#include "gateway.h"

enum { MOST_HOPS = 8, MOST_TEXT = 64 };

struct network {
	struct in6_addr base; /* IPv4 as ::ffff:a.b.c.d */
	unsigned bits;
};

struct proxies {
	size_t count;
	struct network *networks;
};

/* Zone ids are of no use elsewhere, and the brackets and ports of some proxies are none of the address. */
static bool parse(const char *text, size_t len, struct in6_addr *address)
{
	char copy[MOST_TEXT], mapped[MOST_TEXT + 8];
	size_t end;

	if (len >= sizeof copy)
		return false;
	if (len && *text == '[') {
		text++;
		len--;
	}
	memcpy(copy, text, len);
	copy[len] = 0;
	end = strcspn(copy, "%]");
	copy[end] = 0;
	if (strchr(copy, '.') && !strchr(copy, ':')) {
		snprintf(mapped, sizeof mapped, "::ffff:%s", copy);
		return inet_pton(AF_INET6, mapped, address) == 1;
	}
	if (strchr(copy, '.') && strchr(copy, ':') == strrchr(copy, ':')) {
		copy[strcspn(copy, ":")] = 0;
		snprintf(mapped, sizeof mapped, "::ffff:%s", copy);
		return inet_pton(AF_INET6, mapped, address) == 1;
	}
	return inet_pton(AF_INET6, copy, address) == 1;
}

/* The digits behind the slash, for an IPv4 network counted from the mapped address's ninety-sixth bit. */
static bool parse_bits(const char *text, size_t len, bool is_v4, unsigned *bits)
{
	unsigned most = is_v4 ? 32 : 128, number = 0;

	if (!len || len > 3)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = number * 10 + (unsigned)(text[i] - '0');
	}
	*bits = number + 128 - most;
	return number <= most;
}

static bool add_network(struct proxies *proxies, const char *text, size_t len)
{
	const char *slash = memchr(text, '/', len);
	struct network network = { .bits = 128 };
	size_t address_len = slash ? (size_t)(slash - text) : len;
	bool is_v4 = memchr(text, '.', address_len);

	if (!parse(text, address_len, &network.base))
		return false;
	if (slash && !parse_bits(slash + 1, len - address_len - 1, is_v4, &network.bits))
		return false;
	proxies->networks = realloc(proxies->networks, (proxies->count + 1) * sizeof network);
	proxies->networks[proxies->count++] = network;
	return true;
}

struct proxies *proxies_new(const char *list)
{
	struct proxies *proxies = calloc(1, sizeof *proxies);

	for (size_t len; *list; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		if (add_network(proxies, list, len))
			continue;
		proxies_free(proxies);
		return NULL;
	}
	return proxies;
}

void proxies_free(struct proxies *proxies)
{
	free(proxies->networks);
	free(proxies);
}

static bool lies_in(const struct network *network, const struct in6_addr *address)
{
	unsigned whole = network->bits / 8, rest = network->bits % 8;

	return !memcmp(network->base.s6_addr, address->s6_addr, whole) &&
	       (!rest || !((network->base.s6_addr[whole] ^ address->s6_addr[whole]) >> (8 - rest)));
}

static bool is_ours(const struct proxies *proxies, const struct in6_addr *address)
{
	for (size_t i = 0; i < proxies->count; i++)
		if (lies_in(&proxies->networks[i], address))
			return true;
	return false;
}

/* The last element of a list that ends at `end`; *start where it begins. */
static bool last_element(const char *list, const char *end, const char **start,
			 struct in6_addr *address)
{
	const char *from = end;

	while (from > list && from[-1] != ',')
		from--;
	*start = from;
	while (from < end && *from == ' ')
		from++;
	while (end > from && end[-1] == ' ')
		end--;
	return parse(from, (size_t)(end - from), address);
}

static void look_behind_proxies(const struct request *request, struct in6_addr *address)
{
	const struct proxies *proxies = request->gateway->proxies;
	const char *list = request->headers.forwarded_for, *end = list ? list + strlen(list) : NULL,
		   *start;
	struct in6_addr behind;

	for (int hop = 0; list && hop < MOST_HOPS && is_ours(proxies, address); hop++) {
		if (!last_element(list, end, &start, &behind))
			return;
		*address = behind;
		if (start == list)
			return;
		end = start - 1;
	}
}

static void write_counted(struct in6_addr *address, char *text, size_t size)
{
	if (IN6_IS_ADDR_V4MAPPED(address)) {
		inet_ntop(AF_INET, address->s6_addr + 12, text, (socklen_t)size);
		return;
	}
	memset(address->s6_addr + 8, 0, 8);
	inet_ntop(AF_INET6, address, text, (socklen_t)size);
}

void address_find(struct request *request)
{
	struct client *client = request->client;
	struct in6_addr address;

	if (request->headers.forwarded_for &&
	    parse(client->address, strlen(client->address), &address)) {
		look_behind_proxies(request, &address);
		write_counted(&address, request->address, sizeof request->address);
		return;
	}
	if (!*client->counted && parse(client->address, strlen(client->address), &address))
		write_counted(&address, client->counted, sizeof client->counted);
	strcpy(request->address, *client->counted ? client->counted : "unknown");
}

/* The keys of the pairs, the MAC that says who asks, and what one service asks another. */
#include "rpc.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bus.h"
#include "log.h"
#include "rpc_own.h"
#include "service.h"

enum { NAME_MOST = 64, TARGETS_MOST = 32 };

struct rpc_keys {
	bool has_root;
	uint8_t root[32];
	size_t count;
	struct {
		char service[NAME_MOST];
		uint8_t key[32];
	} targets[TARGETS_MOST];
	/* The last sender heard, nearly always the gateway. */
	char sender[NAME_MOST];
	uint8_t sender_key[32];
};

int64_t unix_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void rpc_pair_key(uint8_t key[32], const uint8_t root[32], const char *sender)
{
	crypto_generichash(key, 32, (const uint8_t *)sender, strlen(sender), root, 32);
}

/* "programs=64 hex digits" */
static bool add_target(struct rpc_keys *keys, const char *pair, size_t len)
{
	const char *equals = memchr(pair, '=', len);
	size_t name_len = equals ? (size_t)(equals - pair) : 0, key_len;

	if (!name_len ||
	    name_len >= NAME_MOST ||
	    keys->count == TARGETS_MOST ||
	    len - name_len - 1 != 64)
		return false;
	memcpy(keys->targets[keys->count].service, pair, name_len);
	return !sodium_hex2bin(keys->targets[keys->count++].key, 32, equals + 1, 64, NULL, &key_len,
			       NULL) &&
	       key_len == 32;
}

struct rpc_keys *rpc_keys_new(const uint8_t *root, const char *pairs, struct buf *complaints)
{
	struct rpc_keys *keys = sodium_malloc(sizeof *keys);
	unsigned nth = 1;

	memset(keys, 0, sizeof *keys);
	keys->has_root = root != NULL;
	if (root)
		memcpy(keys->root, root, sizeof keys->root);
	for (size_t len; *pairs; pairs += len + (pairs[len] == ','), nth++) {
		len = strcspn(pairs, ",");
		if (add_target(keys, pairs, len))
			continue;
		buf_printf(complaints,
			   "ITHACA_RPC_KEYS: entry %u is not <service>=<64 hex digits>\n", nth);
		rpc_keys_free(keys);
		return NULL;
	}
	return keys;
}

void rpc_keys_free(struct rpc_keys *keys)
{
	sodium_free(keys);
}

static const uint8_t *key_for(const struct rpc_keys *keys, const char *service)
{
	for (size_t i = 0; i < keys->count; i++)
		if (!strcmp(keys->targets[i].service, service))
			return keys->targets[i].key;
	return NULL;
}

static const uint8_t *key_of(struct rpc_keys *keys, const char *sender)
{
	if (!keys->has_root || !*sender || strlen(sender) >= NAME_MOST)
		return NULL;
	if (strcmp(keys->sender, sender)) {
		strcpy(keys->sender, sender);
		rpc_pair_key(keys->sender_key, keys->root, sender);
	}
	return keys->sender_key;
}

bool rpc_seal(const struct rpc_keys *keys, const char *service, struct buf *bytes)
{
	const uint8_t *key = key_for(keys, service);

	if (!key)
		return false;
	crypto_generichash(bytes->data, RPC_MAC, bytes->data + RPC_MAC, bytes->len - RPC_MAC, key,
			   32);
	return true;
}

RpcRequests *rpc_open(struct rpc_keys *keys, struct arena *arena, const uint8_t *data, size_t len)
{
	uint8_t mac[RPC_MAC];
	const uint8_t *key;
	RpcRequests *requests;

	if (len < RPC_MAC)
		return NULL;
	requests = rpc_requests__unpack(arena_allocator(arena), len - RPC_MAC, data + RPC_MAC);
	if (!requests || !(key = key_of(keys, requests->from)))
		return NULL;
	crypto_generichash(mac, RPC_MAC, data + RPC_MAC, len - RPC_MAC, key, 32);
	if (sodium_memcmp(mac, data, RPC_MAC) || requests->n_items > RPC_PARCEL_MOST)
		return NULL;
	return requests;
}

static RpcRequest *request_of(struct call *call, const void *in)
{
	RpcRequest *request = arena_alloc(call->arena, sizeof *request);

	rpc_request__init(request);
	request->caller = (Caller *)(uintptr_t)call->caller;
	request->request_id = call->request->request_id;
	request->traceparent = call->request->traceparent;
	request->body.data = pb_pack(call->arena, in, &request->body.len);
	return request;
}

static bool refuse_unanswered(struct call *call, const struct rpc_method *method,
			      enum rpc_failure why)
{
	if (why == RPC_LATE)
		return reject(call, TIMED_OUT, "TIMED_OUT", "The %s service took too long.",
			      method->service);
	return reject(call, UNAVAILABLE, "SERVICE_DOWN",
		      "The %s service does not answer. Try again shortly.", method->service);
}

static bool fill_answer(struct call *call, const struct rpc_method *method,
			const RpcResponse *response, void *out)
{
	const void *message =
		pb_unpack(call->arena, method->out, response->body.data, response->body.len);

	if (!message)
		return fault(call, "%s.%s gave an answer that is none", method->service,
			     method->name);
	memcpy(out, message, method->out->descriptor->sizeof_message);
	return true;
}

bool rpc_call(struct call *call, const struct rpc_method *method, const void *in, void *out)
{
	enum rpc_failure why;
	RpcResponse *response = rpc_send(call->process, call->arena, method, request_of(call, in),
					 call->deadline, &why);

	if (!response)
		return refuse_unanswered(call, method, why);
	if (!response->problem)
		return fill_answer(call, method, response, out);
	if (!call_failed(call))
		call->problem = response->problem;
	return false;
}

/* Requests as the sender sees them, the keys of the pairs, and the MAC that says who asks. */
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

uint8_t *rpc_seal(const struct rpc_keys *keys, struct arena *arena, const char *service,
		  const RpcRequest *request, size_t *len)
{
	const uint8_t *key = key_for(keys, service);
	size_t packed = rpc_request__get_packed_size(request);
	uint8_t *bytes;

	if (!key)
		return NULL;
	*len = RPC_MAC + packed;
	bytes = arena_alloc(arena, *len);
	rpc_request__pack(request, bytes + RPC_MAC);
	crypto_generichash(bytes, RPC_MAC, bytes + RPC_MAC, packed, key, 32);
	return bytes;
}

RpcRequest *rpc_open(struct rpc_keys *keys, struct arena *arena, const uint8_t *data, size_t len)
{
	uint8_t mac[RPC_MAC];
	const uint8_t *key;
	RpcRequest *request;

	if (len < RPC_MAC)
		return NULL;
	request = rpc_request__unpack(arena_allocator(arena), len - RPC_MAC, data + RPC_MAC);
	if (!request || !(key = key_of(keys, request->from)))
		return NULL;
	crypto_generichash(mac, RPC_MAC, data + RPC_MAC, len - RPC_MAC, key, 32);
	return sodium_memcmp(mac, data, RPC_MAC) ? NULL : request;
}

static RpcResponse *receive(struct arena *arena, const struct bus_message *answer)
{
	return rpc_response__unpack(arena_allocator(arena), answer->len, answer->data);
}

RpcResponse *rpc_send(struct process *process, struct arena *arena, const struct rpc_method *method,
		      RpcRequest *request, uint64_t deadline, enum rpc_failure *why)
{
	const char *subject = arena_printf(arena, "rpc.%s.%s", method->service, method->name);
	RpcResponse *response = NULL;
	struct bus_message answer;
	size_t len;
	uint8_t *bytes;

	*why = RPC_DOWN;
	request->from = (char *)(uintptr_t)process->name;
	request->deadline_ms = unix_ms() + (int64_t)(deadline - uv_now(process->loop));
	bytes = rpc_seal(process->keys, arena, method->service, request, &len);
	if (!bytes) {
		log_write(LOG_ERROR, "no key for a service that is called", "service",
			  method->service, NULL);
		return NULL;
	}

	switch (bus_request(process->bus, arena, subject, bytes, len, deadline, &answer)) {
	case BUS_ANSWERED:
		response = receive(arena, &answer);
		break;
	case BUS_LATE:
		*why = RPC_LATE;
		break;
	case BUS_DOWN:
		break;
	}
	return response;
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

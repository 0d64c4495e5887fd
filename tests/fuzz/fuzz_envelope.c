/*
 * Foreign bytes as they come off the bus: requests behind their MAC, answers, events, JetStream's
 * acknowledgements. Half of the requests get a MAC that holds, so that the fuzzer reaches what lies
 * behind it.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "bus.h"
#include "jetstream.h"
#include "rpc_own.h"

enum { MEMORY = 64 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const uint8_t root[32] = { 7 };

static struct rpc_keys *open_keys(void)
{
	struct buf complaints = { 0 };

	if (sodium_init() < 0)
		abort();
	return rpc_keys_new(root, "", &complaints);
}

/* The bytes behind the MAC that the sender they name would have given them. */
static uint8_t *with_mac(struct arena *arena, const uint8_t *data, size_t len)
{
	RpcRequests *requests = rpc_requests__unpack(arena_allocator(arena), len, data);
	uint8_t *sealed = arena_alloc(arena, RPC_MAC + len), key[32];

	memcpy(sealed + RPC_MAC, data, len);
	rpc_pair_key(key, root, requests ? requests->from : "");
	crypto_generichash(sealed, RPC_MAC, data, len, key, sizeof key);
	return sealed;
}

static void open_request(struct rpc_keys *keys, struct arena *arena, const uint8_t *data,
			 size_t len)
{
	RpcRequests *requests = rpc_open(keys, arena, with_mac(arena, data, len), RPC_MAC + len);

	if (rpc_open(keys, arena, data, len))
		abort(); /* nobody guesses a MAC */
	if (requests && (!*requests->from || strlen(requests->from) >= 64))
		abort();
	for (size_t i = 0; requests && i < requests->n_items; i++)
		rpc_request__unpack(arena_allocator(arena), requests->items[i].len,
				    requests->items[i].data);
}

/* What was understood must be said the same way twice. */
static void repeat_event(struct arena *arena, const uint8_t *data, size_t len)
{
	EventEnvelope *event = event_envelope__unpack(arena_allocator(arena), len, data), *again;
	uint8_t *packed;
	size_t packed_len;

	if (!event)
		return;
	event->base.n_unknown_fields = 0;
	packed = pb_pack(arena, event, &packed_len);
	again = event_envelope__unpack(arena_allocator(arena), packed_len, packed);
	if (!again || again->source_seq != event->source_seq || strcmp(again->id, event->id))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct rpc_keys *keys;
	struct bus_message message = { .data = data, .len = len };
	struct arena *arena = arena_new(MEMORY);

	if (!keys)
		keys = open_keys();
	open_request(keys, arena, data, len);
	repeat_event(arena, data, len);
	events__unpack(arena_allocator(arena), len, data);
	rpc_answers__unpack(arena_allocator(arena), len, data);
	rpc_response__unpack(arena_allocator(arena), len, data);
	event_heads__unpack(arena_allocator(arena), len, data);
	replay_events_response__unpack(arena_allocator(arena), len, data);
	jetstream_taken(&message);
	arena_free(arena);
	return 0;
}

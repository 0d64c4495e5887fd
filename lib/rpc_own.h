/* What rpc.c, rpc_server.c and the runtime's own rpcs share. */
#pragma once

#include "rpc.h"

enum { RPC_MAC = 32, RPC_DEADLINE_MOST_MS = 30000 };

/*
 * Whether data is a MAC and a packed RpcRequest whose sender holds its key; the request in the
 * arena, or NULL. The sender's name is only believed because the MAC holds.
 */
RpcRequest *rpc_open(struct rpc_keys *keys, struct arena *arena, const uint8_t *data, size_t len);
/* The bytes that go on the bus, in the arena; NULL without a key for the service. */
uint8_t *rpc_seal(const struct rpc_keys *keys, struct arena *arena, const char *service,
		  const RpcRequest *request, size_t *len);

/* The rpcs that every service answers; the methods end with one without a name. */
extern const struct rpc_method runtime_methods[];
extern rpc_handler *const runtime_handlers[];

/* A method of another service's runtime, for rpc_send(). */
struct rpc_method runtime_method(const char *service, const char *name);
int64_t unix_ms(void);

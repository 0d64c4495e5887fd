/* What rpc.c, rpc_client.c, rpc_server.c and the runtime's own rpcs share. */
#pragma once

#include "rpc.h"

enum { RPC_MAC = 32, RPC_DEADLINE_MOST_MS = 30000 };

/*
 * The requests behind their MAC, in the arena; NULL unless their sender holds its key. The sender's name is only
 * believed because the MAC holds.
 */
RpcRequests *rpc_open(struct rpc_keys *keys, struct arena *arena, const uint8_t *data, size_t len);
/* Writes the MAC before packed RpcRequests, for which they leave RPC_MAC bytes. False without a key for the service. */
bool rpc_seal(const struct rpc_keys *keys, const char *service, struct buf *bytes);

/* The rpcs that every service answers; the methods end with one without a name. */
extern const struct rpc_method runtime_methods[];
extern rpc_handler *const runtime_handlers[];

/* A method of another service's runtime, for rpc_send(). */
struct rpc_method runtime_method(const char *service, const char *name);
int64_t unix_ms(void);

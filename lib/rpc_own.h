/* What rpc.c, rpc_client.c, rpc_server.c and the runtime's own rpcs share. */
#pragma once

#include "rpc.h"

enum {
	RPC_MAC = 32,
	RPC_DEADLINE_MOST_MS = 30000,
	RPC_PARCEL_MOST = 32, /* requests in a message */
	RPC_ANSWER_HEAD = 32, /* more bytes than are written around a response */
};

/* The fields of proto/rpc.proto that are written one at a time, as they come. */
enum rpc_field {
	RPC_REQUESTS_FROM = 1,
	RPC_REQUESTS_ITEMS = 2,
	RPC_ANSWERS_NUMBERS = 1,
	RPC_ANSWERS_RESPONSES = 2
};

/*
 * The requests behind their MAC, in the arena; NULL unless their sender holds its key and they are
 * no more than a message may hold. The sender's name is only believed because the MAC holds.
 */
RpcRequests *rpc_open(struct rpc_keys *keys, struct arena *arena, const uint8_t *data, size_t len);
/* Writes the MAC into the RPC_MAC bytes left before the message. False without a key for the service. */
bool rpc_seal(const struct rpc_keys *keys, const char *service, struct buf *bytes);

/*
 * The answers to one message of requests. Those of a turn of the loop leave as one at its end; it
 * is gone with the last.
 */
struct answers_queue;
struct answers *answers_new(struct answers_queue *queue, const char *reply, size_t requests);
void answers_put(struct answers *answers, uint32_t number, const RpcResponse *response);

struct answers_queue *answers_queue_new(struct process *process);
/* Sends what waits; what comes later is dropped, and the queue is gone with it. */
void answers_queue_end(struct answers_queue *queue);

/* The rpcs that every service answers; the methods end with one without a name. */
extern const struct rpc_method runtime_methods[];
extern rpc_handler *const runtime_handlers[];

/* A method of another service's runtime, for rpc_send(). */
struct rpc_method runtime_method(const char *service, const char *name);
int64_t unix_ms(void);

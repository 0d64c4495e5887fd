/*
 * Requests as the sender sees them. What the tasks of one turn ask of a service leaves as one
 * message at the turn's end: the server in between, the MAC and both ends work per message.
 */
#include <stdlib.h>
#include <string.h>

#include "bus.h"
#include "log.h"
#include "rpc_own.h"
#include "service.h"
#include "task.h"

enum {
	PARCEL_BYTES = 128 * 1024, /* what is large leaves at once */
	ANSWERS_MEMORY = 64 * 1024 * 1024,
};

/* Lives on the stack of the task that waits. */
struct waiting {
	struct task *task;
	struct arena *arena;
	RpcResponse *response;
	struct parcel *parcel;
	unsigned number; /* in the parcel */
	bool done;
};

/* One message of requests, until the last is answered or not waited for any more. */
struct parcel {
	struct parcel *next, *next_free;
	struct target *target;
	struct bus_slot *slot;
	unsigned count, open;
	bool abandoned; /* an answer may come for which nobody waits */
	struct waiting *waiting[RPC_PARCEL_MOST];
};

/* A service that is asked. */
struct target {
	struct target *next;
	struct rpc_client *client;
	struct parcel *all, *free;
	struct parcel *filling; /* NULL: nothing was asked in this turn */
	struct buf bytes;	/* of what fills */
	char subject[];		/* rpc.<service> */
};

struct rpc_client {
	struct process *process;
	struct target *targets;
	struct task_hook turn;
};

static const char *service_of(const struct target *target)
{
	return target->subject + strlen("rpc.");
}

static struct target *target_of(struct rpc_client *client, const char *service)
{
	struct target *target = client->targets;

	while (target && strcmp(service_of(target), service))
		target = target->next;
	if (target)
		return target;
	target = calloc(1, sizeof *target + strlen("rpc.") + strlen(service) + 1);
	if (!target)
		abort();
	target->client = client;
	strcpy(stpcpy(target->subject, "rpc."), service);
	target->next = client->targets;
	return client->targets = target;
}

/* An answer, or NULL: there will be none. */
static void tell(struct parcel *parcel, unsigned number, const ProtobufCBinaryData *answer)
{
	struct waiting *waiting = parcel->waiting[number];

	if (!waiting) {
		bus_count_late(parcel->target->client->process->bus);
		return;
	}
	if (answer)
		waiting->response = rpc_response__unpack(arena_allocator(waiting->arena),
							 answer->len, answer->data);
	else
		parcel->abandoned = true;
	waiting->done = true;
	task_wake(waiting->task);
	parcel->waiting[number] = NULL;
	parcel->open--;
}

static void tell_all(struct parcel *parcel, const ProtobufCBinaryData *answer)
{
	for (unsigned i = 0; i < parcel->count; i++)
		if (parcel->waiting[i])
			tell(parcel, i, answer);
}

static void take_answers(struct parcel *parcel, const RpcAnswers *answers)
{
	if (!answers->n_numbers && answers->n_responses == 1)
		tell_all(parcel, answers->responses);
	for (size_t i = 0; i < answers->n_numbers && i < answers->n_responses; i++)
		if (answers->numbers[i] < parcel->count)
			tell(parcel, answers->numbers[i], &answers->responses[i]);
}

static void on_answers(void *arg, const struct bus_message *message);

/*
 * When all are answered, nothing more comes to the slot, and the next message to the service takes
 * the same: the server remembers where subjects lead, and would look up a new one every time.
 */
static void put_away_when_over(struct parcel *parcel)
{
	struct target *target = parcel->target;

	if (parcel->open || parcel == target->filling)
		return;
	if (parcel->abandoned) {
		if (parcel->slot)
			bus_slot_close(parcel->slot);
		parcel->slot = bus_slot_open(target->client->process->bus, on_answers, parcel);
	}
	parcel->next_free = target->free;
	target->free = parcel;
}

static void on_answers(void *arg, const struct bus_message *message)
{
	struct parcel *parcel = arg;
	RpcAnswers *answers;
	struct arena *arena;

	if (!parcel->open)
		return;
	if (!message || message->status == 503) {
		tell_all(parcel, NULL);
	} else {
		arena = arena_new(ANSWERS_MEMORY);
		answers = rpc_answers__unpack(arena_allocator(arena), message->len, message->data);
		if (answers)
			take_answers(parcel, answers);
		arena_free(arena);
	}
	put_away_when_over(parcel);
}

static struct parcel *new_parcel(struct target *target)
{
	struct parcel *parcel = calloc(1, sizeof *parcel);

	if (!parcel)
		abort();
	parcel->target = target;
	parcel->slot = bus_slot_open(target->client->process->bus, on_answers, parcel);
	parcel->next = target->all;
	return target->all = parcel;
}

static void begin_parcel(struct target *target)
{
	struct parcel *parcel = target->free;

	if (parcel)
		target->free = parcel->next_free;
	else
		parcel = new_parcel(target);
	parcel->count = 0;
	parcel->abandoned = false;
	target->filling = parcel;
	target->bytes.len = 0;
	buf_room(&target->bytes, RPC_MAC);
	target->bytes.len = RPC_MAC;
	pb_put_bytes(&target->bytes, RPC_REQUESTS_FROM, target->client->process->name,
		     strlen(target->client->process->name));
}

static bool send_parcel(struct target *target, const struct parcel *parcel)
{
	const struct process *process = target->client->process;

	if (!rpc_seal(process->keys, service_of(target), &target->bytes)) {
		log_write(LOG_ERROR, "no key for a service that is called", "service",
			  service_of(target), NULL);
		return false;
	}
	return parcel->slot &&
	       bus_publish(process->bus, target->subject, bus_slot_subject(parcel->slot), NULL,
			   target->bytes.data, target->bytes.len);
}

static void post(struct target *target)
{
	struct parcel *parcel = target->filling;

	target->filling = NULL;
	if (parcel->open && !send_parcel(target, parcel))
		tell_all(parcel, NULL);
	if (target->bytes.size > 2 * PARCEL_BYTES)
		buf_free(&target->bytes);
	put_away_when_over(parcel);
}

static void post_all(void *arg)
{
	struct rpc_client *client = arg;

	for (struct target *target = client->targets; target; target = target->next)
		if (target->filling)
			post(target);
}

static size_t parcel_bytes(const struct target *target)
{
	size_t most = bus_max_payload(target->client->process->bus);

	return most < PARCEL_BYTES ? most : PARCEL_BYTES;
}

static void add_request(struct target *target, const RpcRequest *request, struct waiting *waiting)
{
	size_t most = parcel_bytes(target), more = rpc_request__get_packed_size(request);
	struct parcel *parcel;

	if (target->filling && target->bytes.len + more > most)
		post(target);
	if (!target->filling)
		begin_parcel(target);
	parcel = target->filling;
	pb_put_message(&target->bytes, RPC_REQUESTS_ITEMS, request);
	waiting->parcel = parcel;
	waiting->number = parcel->count++;
	parcel->waiting[waiting->number] = waiting;
	parcel->open++;
	if (parcel->count == RPC_PARCEL_MOST || target->bytes.len > most)
		post(target);
}

static void give_up(const struct waiting *waiting)
{
	struct parcel *parcel = waiting->parcel;

	parcel->waiting[waiting->number] = NULL;
	parcel->abandoned = true;
	parcel->open--;
	put_away_when_over(parcel);
}

RpcResponse *rpc_send(struct process *process, struct arena *arena, const struct rpc_method *method,
		      RpcRequest *request, uint64_t deadline, enum rpc_failure *why)
{
	struct waiting waiting = { .task = task_current(), .arena = arena };

	*why = RPC_DOWN;
	if (!process->client)
		return NULL;
	request->rpc = (char *)(uintptr_t)method->name;
	request->deadline_ms = unix_ms() + (int64_t)(deadline - uv_now(process->loop));
	add_request(target_of(process->client, method->service), request, &waiting);
	while (!waiting.done && task_park_until(deadline))
		;
	if (!waiting.done) {
		give_up(&waiting);
		*why = RPC_LATE;
	}
	return waiting.response;
}

void rpc_client_open(struct process *process)
{
	struct rpc_client *client = calloc(1, sizeof *client);

	if (!client)
		abort();
	client->process = process;
	client->turn = (struct task_hook) { .run = post_all, .arg = client };
	task_at_turn_end(process->loop, &client->turn);
	process->client = client;
}

static void free_target(struct target *target)
{
	struct parcel *parcel = target->all;

	target->filling = NULL;
	while (parcel) {
		struct parcel *next = parcel->next;

		tell_all(parcel, NULL);
		if (parcel->slot)
			bus_slot_close(parcel->slot);
		free(parcel);
		parcel = next;
	}
	buf_free(&target->bytes);
	free(target);
}

void rpc_client_close(struct process *process)
{
	struct rpc_client *client = process->client;

	task_drop_hook(&client->turn);
	while (client->targets) {
		struct target *target = client->targets;

		client->targets = target->next;
		free_target(target);
	}
	free(client);
	process->client = NULL;
}

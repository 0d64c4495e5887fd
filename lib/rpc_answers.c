/* Answers on their way: gathered by the message whose requests they answer, sent at the turn's end. */
#include <stdlib.h>
#include <string.h>

#include "bus.h"
#include "log.h"
#include "rpc_own.h"
#include "service.h"
#include "task.h"

enum { KEPT_BYTES = 64 * 1024 };

struct answers {
	struct answers_queue *queue;
	struct answers *next; /* in the queue */
	struct buf bytes;
	size_t open; /* requests without an answer */
	bool queued;
	char reply[];
};

struct answers_queue {
	struct process *process;
	struct answers *first;
	struct task_hook turn;
	size_t count; /* of those that are not gone */
	bool ended;
};

static void send_bytes(struct answers *answers)
{
	struct bus *bus = answers->queue->process->bus;

	if (answers->bytes.len &&
	    !bus_publish(bus, answers->reply, NULL, NULL, answers->bytes.data, answers->bytes.len))
		log_write(LOG_WARN, "answers could not be sent", "to", answers->reply, NULL);
	answers->bytes.len = 0;
	if (answers->bytes.size > KEPT_BYTES)
		buf_free(&answers->bytes);
}

static void free_when_over(struct answers *answers)
{
	struct answers_queue *queue = answers->queue;

	if (answers->open || answers->queued)
		return;
	buf_free(&answers->bytes);
	free(answers);
	if (!--queue->count && queue->ended)
		free(queue);
}

static void send_all(void *arg)
{
	struct answers_queue *queue = arg;

	while (queue->first) {
		struct answers *answers = queue->first;

		queue->first = answers->next;
		answers->queued = false;
		send_bytes(answers);
		free_when_over(answers);
	}
}

struct answers *answers_new(struct answers_queue *queue, const char *reply, size_t requests)
{
	size_t len = strlen(reply) + 1;
	struct answers *answers = calloc(1, sizeof *answers + len);

	if (!answers)
		abort();
	answers->queue = queue;
	answers->open = requests;
	memcpy(answers->reply, reply, len);
	queue->count++;
	return answers;
}

static void add(struct answers *answers, uint32_t number, const RpcResponse *response)
{
	size_t more = rpc_response__get_packed_size(response) + RPC_ANSWER_HEAD;

	if (answers->bytes.len + more > bus_max_payload(answers->queue->process->bus))
		send_bytes(answers);
	pb_put_number(&answers->bytes, RPC_ANSWERS_NUMBERS, number);
	pb_put_message(&answers->bytes, RPC_ANSWERS_RESPONSES, response);
	if (answers->queued)
		return;
	answers->queued = true;
	answers->next = answers->queue->first;
	answers->queue->first = answers;
}

void answers_put(struct answers *answers, uint32_t number, const RpcResponse *response)
{
	answers->open--;
	if (!answers->queue->ended)
		add(answers, number, response);
	free_when_over(answers);
}

struct answers_queue *answers_queue_new(struct process *process)
{
	struct answers_queue *queue = calloc(1, sizeof *queue);

	if (!queue)
		abort();
	queue->process = process;
	queue->turn = (struct task_hook) { .run = send_all, .arg = queue };
	task_at_turn_end(process->loop, &queue->turn);
	return queue;
}

void answers_queue_end(struct answers_queue *queue)
{
	queue->count++;
	send_all(queue);
	task_drop_hook(&queue->turn);
	queue->ended = true;
	if (!--queue->count)
		free(queue);
}

/* Work becomes a call: the handler, its commit, a second try where that helps, the answer. */
#include "dispatch.h"

#include <stdlib.h>
#include <string.h>

#include "dispatch_own.h"
#include "sql.h"
#include "task.h"

enum { QUIET_BELOW = 64 };

void dispatch_open(struct process *process)
{
	process->dispatcher = calloc(1, sizeof *process->dispatcher);
	if (!process->dispatcher)
		abort();
}

void dispatch_close(struct process *process)
{
	stats_free(process->dispatcher);
	free(process->dispatcher);
	process->dispatcher = NULL;
}

unsigned dispatch_running(const struct process *process)
{
	return process->dispatcher->running;
}

static bool changes(const struct rpc_method *method)
{
	return method->verb != VERB_GET && !method->reads;
}

/* The field of that name when it is a text, "" when there is none. */
static const char *text_of(const struct pb_type *type, const void *message, const char *name)
{
	int found = pb_find(type, name, strlen(name));
	const ProtobufCFieldDescriptor *field = found < 0 ? NULL : &type->descriptor->fields[found];

	if (!field ||
	    field->type != PROTOBUF_C_TYPE_STRING ||
	    field->label == PROTOBUF_C_LABEL_REPEATED ||
	    !pb_has(message, field))
		return "";
	return *(char *const *)pb_at(message, field);
}

/* Who did what to which: one row for each change that a request made. */
static void owe_audit(struct call *call, const void *in, const void *out)
{
	const struct rpc_method *method = call->method;

	if (call->event || call->work->timer_subject || call->unchanged)
		return;
	call->target_id = text_of(method->out, out, "id");
	if (!*call->target_id)
		call->target_id = text_of(method->in, in, "id");
	call->reason = text_of(method->in, in, "reason");
}

static bool commit(struct call *call, const void *in, const void *out, ProtobufCBinaryData *body)
{
	if (!changes(call->method))
		return true;
	owe_audit(call, in, out);
	return sql_commit(call, body->data, body->len);
}

/* One run of the handler in its transaction. */
static bool attempt(struct call *call, const void *in, ProtobufCBinaryData *body)
{
	void *out = pb_new(call->arena, call->method->out);
	bool good = call->work->handler(call, in, out) && !call_failed(call);

	if (!good && !call_failed(call))
		good = fault(call, "the handler failed without a reason");
	if (good) {
		body->data = pb_pack(call->arena, out, &body->len);
		if (arena_overflowed(call->arena))
			good = reject(call, TOO_LARGE, "TOO_LARGE",
				      "This is more than one request may hold.");
	}
	good = good && commit(call, in, out, body);
	sql_rollback(call);
	return good;
}

/* As if it had not been run; the arena keeps what the first run made. */
static void forget_attempt(struct call *call)
{
	call->problem = NULL;
	call->fault = NULL;
	call->retry = call->unchanged = call->unknown = false;
	call->outbox = NULL;
	call->new_ids = NULL;
	call->target_id = call->reason = NULL;
	call->notes.len = 0;
	call->tries++;
	call->alone = true;
}

/* An effect that was there before is as good as one that is there now. */
static bool is_done_already(const struct call *call)
{
	return (call->event || call->work->timer_subject) &&
	       call->problem &&
	       !strcmp(call->problem->code, "ALREADY_DONE");
}

static void take_kept(struct call *call, const struct kept_answer *kept, RpcResponse *response)
{
	call->problem = NULL;
	call->fault = NULL;
	if (!kept->same_request && !reject(call, INVALID_ARGUMENT, "IDEMPOTENCY_KEY_REUSE",
					   "This key was used for another request."))
		return;
	response->replayed = true;
	response->body = (ProtobufCBinaryData) { kept->len, (uint8_t *)(uintptr_t)kept->answer };
}

/* A change with a key that did not succeed now may have succeeded before: then the first answer is given again. */
static void replay(struct call *call, RpcResponse *response)
{
	bool may_be_kept = call->unknown ||
			   call->key_taken ||
			   call->fault ||
			   (call->problem->status < INTERNAL &&
			    strcmp(call->problem->code, "IDEMPOTENCY_IN_PROGRESS"));
	struct kept_answer kept;

	if (changes(call->method) && may_be_kept && sql_kept_answer(call, &kept) && kept.found)
		take_kept(call, &kept, response);
}

static void handle(struct call *call, RpcResponse *response)
{
	const RpcRequest *request = call->request;
	void *in = pb_unpack(call->arena, call->method->in, request->body.data, request->body.len);

	if (!in) {
		response->problem =
			reject(call, MALFORMED, "MALFORMED", "The request cannot be read.")
				? NULL
				: call->problem;
		return;
	}
	call->unlinked = pb_unlinks(call->method->in, in);
	call->alone = call->unlinked;
	while (!attempt(call, in, &response->body) && call->retry)
		forget_attempt(call);
	if (is_done_already(call))
		call->problem = NULL;
	if (call->problem) {
		response->body = (ProtobufCBinaryData) { 0 };
		replay(call, response);
	}
	response->problem = call->problem;
}

/* Whether what runs already will leave time for one more; judged by the pace of late. */
static bool fits(const struct process *process, uint64_t deadline)
{
	const struct dispatcher *dispatcher = process->dispatcher;
	double left = (double)deadline - (double)uv_now(process->loop);

	return left > 0 && (dispatcher->running < QUIET_BELOW ||
			    dispatcher->running * dispatcher->pace_ms < left);
}

static void count_start(struct dispatcher *dispatcher)
{
	if (!dispatcher->running++)
		dispatcher->last_ended_ns = uv_hrtime();
}

static void count_end(struct dispatcher *dispatcher)
{
	uint64_t now = uv_hrtime();

	dispatcher->running--;
	dispatcher->pace_ms +=
		((double)(now - dispatcher->last_ended_ns) / 1e6 - dispatcher->pace_ms) / 64;
	dispatcher->last_ended_ns = now;
}

static const Caller nobody = CALLER__INIT;

static struct call call_of(const struct work *work)
{
	return (struct call) {
		.process = work->process,
		.arena = work->arena,
		.method = work->method,
		.request = work->request,
		.caller = work->request->caller ? work->request->caller : &nobody,
		.event = work->event,
		.deadline = work->deadline,
		.work = work,
	};
}

static void finish(struct work *work, struct call *call, const RpcResponse *response,
		   uint64_t since)
{
	struct arena *arena = work->arena;

	call_log(call, work, (double)(uv_hrtime() - since) / 1e6);
	work->done(work, response);
	buf_free(&call->notes);
	arena_free(arena);
}

static void run(void *arg)
{
	struct work *work = arg;
	struct process *process = work->process;
	struct call call = call_of(work);
	RpcResponse response = RPC_RESPONSE__INIT;
	uint64_t since = uv_hrtime();

	task_set_name(work->method->name);
	count_start(process->dispatcher);
	handle(&call, &response);
	finish(work, &call, &response, since);
	count_end(process->dispatcher);
}

static void refuse(struct work *work)
{
	struct call call = call_of(work);
	RpcResponse response = RPC_RESPONSE__INIT;

	if (!reject(&call, UNAVAILABLE, "OVERLOADED",
		    "Too much is going on. Please try again in a moment."))
		call.problem->retry_after_s = 1;
	response.problem = call.problem;
	finish(work, &call, &response, uv_hrtime());
}

void dispatch(struct work *work)
{
	if (!fits(work->process, work->deadline) || !task_spawn(work->process->loop, run, work))
		refuse(work);
}

/* For start(): an arena, no caller, no deadline worth the name. */
struct call *call_begin(struct process *process, const char *name)
{
	enum { OWN_MEMORY = 8 << 20, OWN_MS = 30000 };
	struct arena *arena = arena_new(OWN_MEMORY);
	struct call *call = arena_alloc(arena, sizeof *call);
	RpcRequest *request = arena_alloc(arena, sizeof *request);

	rpc_request__init(request);
	request->request_id = arena_strdup(arena, name);
	*call = (struct call) {
		.process = process,
		.arena = arena,
		.request = request,
		.caller = &nobody,
		.deadline = uv_now(process->loop) + OWN_MS,
	};
	return call;
}

struct call *call_begin_work(struct process *process, const struct rpc_method *method)
{
	struct call *call = call_begin(process, method->name);

	call->method = method;
	return call;
}

void call_end(struct call *call)
{
	sql_rollback(call);
	buf_free(&call->notes);
	arena_free(call->arena);
}

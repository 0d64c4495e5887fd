/* Streams that watch one thing: told what it is at first, and again whenever an event of its own has passed. */
#include <string.h>

#include "event.h"
#include "gateway.h"
#include "refuse.h"
#include "route.h"
#include "stream_own.h"
#include "task.h"
#include "upstream.h"

enum { ANSWER_MEMORY = 1 << 20 };

/* The stream of a person's own news names no thing. */
bool watches(const struct rpc_method *method)
{
	return method->body == BODY_STREAM && strchr(method->path, '{');
}

const char *watch_thing(const struct rpc_method *method, const void *message)
{
	const ProtobufCFieldDescriptor *id =
		protobuf_c_message_descriptor_get_field_by_name(method->in->descriptor, "id");

	return *(char *const *)pb_at((void *)(uintptr_t)message, id);
}

static bool write_state(const struct stream *stream, const RpcResponse *response, struct buf *out)
{
	bool good;

	buf_puts(out, "event: state\ndata: ");
	good = pb_json_write(out, stream->method->out, response->body.data, response->body.len);
	buf_puts(out, "\n\n");
	return good;
}

bool watch_first(struct stream *stream, struct request *request, const void *message,
		 struct buf *out)
{
	RpcRequest rpc = RPC_REQUEST__INIT;
	enum upstream_failure why;
	RpcResponse *response;

	rpc.body.data = pb_pack(request->arena, message, &rpc.body.len);
	buf_add(&stream->question, rpc.body.data, rpc.body.len);
	response = upstream_ask(request, stream->method, &rpc,
				uv_now(request->gateway->process.loop) + DEADLINE_MS, &why);
	if (!response)
		return upstream_refuse(request, stream->method, why);
	request->problem = response->problem;
	return !response->problem &&
	       (write_state(stream, response, out) || refuse(request, ERROR_INTERNAL, NULL));
}

/* Whoever may not see it any more, or cannot be told, is let go: the client comes back and learns why. */
static void tell_state(struct stream *stream)
{
	struct gateway *gateway = stream->streams->gateway;
	struct arena *arena = arena_new(ANSWER_MEMORY);
	RpcRequest rpc = RPC_REQUEST__INIT;
	struct buf bytes = { 0 };
	RpcResponse *response;

	rpc.body = (ProtobufCBinaryData) { stream->question.len, stream->question.data };
	response = upstream_ask_for(gateway, &stream->session, arena, stream->method, &rpc);
	if (!stream->gone) {
		if (response && !response->problem && write_state(stream, response, &bytes))
			stream_write(stream, &bytes);
		else
			stream_close(stream);
	}
	buf_free(&bytes);
	arena_free(arena);
}

static void keep_telling(void *arg)
{
	struct stream *stream = arg;

	task_set_name("watch");
	while (stream->moved && !stream->gone) {
		stream->moved = false;
		tell_state(stream);
	}
	stream->asking = false;
	if (stream->gone)
		stream_free(stream);
}

void watch_again(struct stream *stream)
{
	if (!stream->moved ||
	    stream->asking ||
	    !stream->open ||
	    uv_is_closing((uv_handle_t *)&stream->socket))
		return;
	stream->asking = true;
	if (!task_spawn(stream->streams->gateway->process.loop, keep_telling, stream)) {
		stream->asking = false;
		stream_close(stream);
	}
}

static void on_moved(void *arg, const EventEnvelope *event)
{
	struct streams *streams = arg;

	for (struct stream *stream = *stream_bucket(streams, event->aggregate_id), *next; stream;
	     stream = next) {
		next = stream->next;
		if (!watches(stream->method) || strcmp(stream->about, event->aggregate_id))
			continue;
		stream->moved = true;
		watch_again(stream);
	}
}

static bool has_watched(const struct rpc_method *methods)
{
	for (; methods->name; methods++)
		if (watches(methods))
			return true;
	return false;
}

void watch_listen(struct streams *streams)
{
	struct gateway *gateway = streams->gateway;
	char subject[80];

	for (const struct rpc_method *const *table = gateway->tables; *table; table++) {
		if (!has_watched(*table))
			continue;
		snprintf(subject, sizeof subject, "evt.%s.>", (*table)->service);
		event_listen(gateway->process.bus, subject, on_moved, streams);
	}
}

/* Live streams. */
#include <stdlib.h>
#include <unistd.h>

#include "auth.h"
#include "content.h"
#include "cors.h"
#include "event.h"
#include "gateway.h"
#include "http.h"
#include "log.h"
#include "metrics.h"
#include "notify/inbox.pb-c.h"
#include "notify/notify.types.h"
#include "refuse.h"
#include "route.h"
#include "stream_own.h"
#include "trust.h"
#include "upstream.h"

enum {
	TICK_MS = 1000,
	BEAT_MS = 15000,
	MOST_STREAMS = 12000,
	MOST_MISSED = 65536,
	RETRY_AFTER_S = 60
};

struct streams *streams_new(struct gateway *gateway, unsigned per_person)
{
	struct streams *streams = calloc(1, sizeof *streams);

	streams->gateway = gateway;
	streams->per_person = per_person;
	streams->gauge = metric_gauge(gateway->process.metrics, "gateway_streams",
				      "Live streams that are open.", "");
	return streams;
}

static uint64_t now_ms(const struct streams *streams)
{
	return uv_now(streams->gateway->process.loop);
}

struct stream **stream_bucket(struct streams *streams, const char *about)
{
	uint32_t hash = 2166136261u;

	for (; *about; about++)
		hash = (hash ^ (uint8_t)*about) * 16777619u;
	return &streams->buckets[hash % STREAM_BUCKETS];
}

static void count(struct streams *streams, int more)
{
	streams->count += (unsigned)more;
	metric_set(streams->gauge, streams->count);
}

void stream_free(struct stream *stream)
{
	buf_free(&stream->waiting);
	buf_free(&stream->question);
	free(stream);
}

/* Whoever is asking for it frees it when the answer is there. */
static void on_closed(uv_handle_t *handle)
{
	struct stream *stream = handle->data;

	stream->gone = true;
	if (!stream->asking)
		stream_free(stream);
}

static void leave_bucket(struct stream *stream)
{
	*stream->at = stream->next;
	if (stream->next)
		stream->next->at = stream->at;
	count(stream->streams, -1);
}

void stream_close(struct stream *stream)
{
	if (uv_is_closing((uv_handle_t *)&stream->socket))
		return;
	leave_bucket(stream);
	uv_close((uv_handle_t *)&stream->socket, on_closed);
}

/* A client that does not take what it is sent is let go: it comes back and asks for what it missed. */
void stream_write(struct stream *stream, const struct buf *bytes)
{
	uv_buf_t out = uv_buf_init((char *)bytes->data, (unsigned)bytes->len);

	if (!bytes->len)
		return;
	stream->beat = now_ms(stream->streams);
	if (uv_try_write((uv_stream_t *)&stream->socket, &out, 1) != (int)bytes->len)
		stream_close(stream);
}

static void room(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
	static char ignored[1024];

	(void)handle;
	(void)hint;
	*buf = uv_buf_init(ignored, sizeof ignored);
}

static void on_bytes(uv_stream_t *socket, ssize_t n, const uv_buf_t *buf)
{
	(void)buf;
	if (n < 0)
		stream_close(socket->data);
}

static void write_item(struct buf *out, const InboxItemAdded *item)
{
	buf_printf(out, "id: %s\nevent: inbox_item\ndata: ", item->id);
	pb_json_write_message(out, &inbox_item_added_type, item);
	buf_puts(out, "\n\n");
}

static void give(struct stream *stream, const struct buf *bytes)
{
	if (stream->open)
		stream_write(stream, bytes);
	else if (stream->waiting.len < MOST_MISSED)
		buf_add(&stream->waiting, bytes->data, bytes->len);
}

static void on_event(void *arg, const EventEnvelope *event)
{
	struct streams *streams = arg;
	struct arena *arena = arena_new(MOST_MISSED);
	const InboxItemAdded *item =
		pb_unpack(arena, &inbox_item_added_type, event->payload.data, event->payload.len);
	struct buf bytes = { 0 };

	if (item)
		write_item(&bytes, item);
	for (struct stream *stream = item ? *stream_bucket(streams, item->user_id) : NULL, *next;
	     stream; stream = next) {
		next = stream->next;
		if (!strcmp(stream->about, item->user_id))
			give(stream, &bytes);
	}
	buf_free(&bytes);
	arena_free(arena);
}

static void visit(struct streams *streams, void (*look)(struct stream *stream))
{
	for (size_t i = 0; i < STREAM_BUCKETS; i++)
		for (struct stream *stream = streams->buckets[i], *next; stream; stream = next) {
			next = stream->next;
			if (stream->open)
				look(stream);
		}
}

static void look_after(struct stream *stream)
{
	static const struct buf beat = { .data = (uint8_t *)(uintptr_t)":\n\n", .len = 3 };

	if (!auth_still_holds(stream->streams->gateway->auth, &stream->session))
		stream_close(stream);
	else if (now_ms(stream->streams) - stream->beat >= BEAT_MS)
		stream_write(stream, &beat);
}

static void on_tick(uv_timer_t *timer)
{
	visit(timer->data, look_after);
}

void streams_start(struct streams *streams)
{
	uv_timer_init(streams->gateway->process.loop, &streams->timer);
	streams->timer.data = streams;
	uv_timer_start(&streams->timer, on_tick, TICK_MS, TICK_MS);
	event_listen(streams->gateway->process.bus, "evt.notify.InboxItemAdded", on_event, streams);
	watch_listen(streams);
}

static void end_stream(struct stream *stream)
{
	static const struct buf soon = { .data = (uint8_t *)(uintptr_t)"retry: 1000\n\n",
					 .len = 13 };

	stream_write(stream, &soon);
	stream_close(stream);
}

void streams_close(struct streams *streams)
{
	visit(streams, end_stream);
	uv_close((uv_handle_t *)&streams->timer, NULL);
}

void streams_free(struct streams *streams)
{
	free(streams);
}

unsigned streams_open_count(const struct streams *streams)
{
	return streams->count;
}

static bool may_open(struct streams *streams, struct request *request, const char *about)
{
	unsigned same = 0;

	if (!request->headers.accept || !strstr(request->headers.accept, "text/event-stream"))
		return refuse(request, ERROR_NOT_ACCEPTABLE, NULL);
	if (streams->count >= MOST_STREAMS)
		return refuse_for(request, ERROR_OVERLOADED, RETRY_AFTER_S);
	for (struct stream *stream = *stream_bucket(streams, about); stream; stream = stream->next)
		same += !strcmp(stream->session.user_id, request->session.user_id);
	return same < streams->per_person ||
	       refuse_for(request, ERROR_TOO_MANY_REQUESTS, RETRY_AFTER_S);
}

static struct stream *add_stream(struct streams *streams, struct request *request,
				 const char *about)
{
	struct stream *stream = calloc(1, sizeof *stream), **bucket = stream_bucket(streams, about);

	stream->streams = streams;
	stream->method = request->route->method;
	stream->session = request->session;
	snprintf(stream->about, sizeof stream->about, "%s", about);
	stream->next = *bucket;
	stream->at = bucket;
	if (stream->next)
		stream->next->at = &stream->next;
	*bucket = stream;
	count(streams, 1);
	return stream;
}

static void drop_stream(struct stream *stream)
{
	leave_bucket(stream);
	stream_free(stream);
}

static bool write_missed(struct request *request, const RpcResponse *response, struct buf *out)
{
	const ListStreamResponse *missed;

	if (response->problem) {
		request->problem = response->problem;
		return false;
	}
	missed = pb_unpack(request->arena, request->route->method->out, response->body.data,
			   response->body.len);
	if (!missed)
		return refuse(request, ERROR_INTERNAL, NULL);
	if (missed->reset)
		buf_puts(out, "event: reset\ndata: {}\n\n");
	for (size_t i = 0; i < missed->n_items; i++)
		write_item(out, missed->items[i]);
	return true;
}

/* What happened since the event that the client has seen last. */
static bool ask_missed(struct request *request, ListStreamRequest *message, struct buf *out)
{
	const struct rpc_method *method = request->route->method;
	RpcRequest rpc = RPC_REQUEST__INIT;
	enum upstream_failure why;
	RpcResponse *response;

	if (request->headers.last_event_id)
		message->after = arena_strdup(request->arena, request->headers.last_event_id);
	if (!*message->after)
		return true;
	rpc.body.data = pb_pack(request->arena, message, &rpc.body.len);
	response = upstream_ask(request, method, &rpc,
				uv_now(request->gateway->process.loop) + DEADLINE_MS, &why);
	return response ? write_missed(request, response, out)
			: upstream_refuse(request, method, why);
}

static void write_head(struct request *request, struct buf *out)
{
	buf_printf(
		out,
		"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: private, "
		"no-store\r\n"
		"X-Accel-Buffering: no\r\nX-Content-Type-Options: nosniff\r\nX-Request-Id: %s\r\n",
		request->id);
	for (unsigned i = 0; i < request->answer.count; i++)
		buf_printf(out, "%s: %s\r\n", request->answer.headers[i].name,
			   request->answer.headers[i].value);
	buf_puts(out, "Connection: close\r\n\r\nretry: 3000\n\n");
}

static bool start(struct request *request, struct stream *stream, const struct buf *first)
{
	int fd = http_take_over(request);

	request->answer.status = 200;
	uv_tcp_init(request->gateway->process.loop, &stream->socket);
	stream->socket.data = stream;
	stream->open = true;
	if (fd < 0 || uv_tcp_open(&stream->socket, fd)) {
		if (fd >= 0)
			close(fd);
		stream_close(stream);
		return true;
	}
	uv_read_start((uv_stream_t *)&stream->socket, room, on_bytes);
	stream_write(stream, first);
	return true;
}

static void append(struct buf *out, const struct buf *more)
{
	if (more->len)
		buf_add(out, more->data, more->len);
}

/* What a stream begins with: the news of a person that were missed, or what a thing is now. */
static bool ask_first(struct stream *stream, struct request *request, void *message,
		      struct buf *out)
{
	return watches(stream->method) ? watch_first(stream, request, message, out)
				       : ask_missed(request, message, out);
}

static bool send_first(struct stream *stream, struct request *request, const struct buf *missed)
{
	struct buf first = { 0 };
	bool started;

	cors_headers(request);
	write_head(request, &first);
	append(&first, missed);
	append(&first, &stream->waiting);
	buf_free(&stream->waiting);
	started = start(request, stream, &first);
	buf_free(&first);
	watch_again(stream);
	return started;
}

static const char *about_what(const struct request *request, const void *message)
{
	return watches(request->route->method) ? watch_thing(request->route->method, message)
					       : request->session.user_id;
}

bool stream_open(struct request *request)
{
	struct streams *streams = request->gateway->streams;
	void *message = pb_new(request->arena, request->route->method->in);
	struct name_list set = { 0 };
	struct buf missed = { 0 };
	struct stream *stream;
	const char *about;
	bool opened;

	if (!content_read(request, message, &set))
		return false;
	about = about_what(request, message);
	if (!may_open(streams, request, about))
		return false;
	stream = add_stream(streams, request, about);
	opened = ask_first(stream, request, message, &missed);
	if (opened)
		opened = send_first(stream, request, &missed);
	else
		drop_stream(stream);
	buf_free(&missed);
	return opened;
}

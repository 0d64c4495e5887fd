/* Live streams. */
#include "stream.h"

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
#include "trust.h"
#include "upstream.h"

enum {
	BUCKETS = 4096,
	TICK_MS = 1000,
	BEAT_MS = 15000,
	MOST_STREAMS = 12000,
	MOST_MISSED = 65536,
	RETRY_AFTER_S = 60
};

struct stream {
	uv_tcp_t socket;
	struct stream *next, **at; /* in its person's bucket */
	struct streams *streams;
	struct session session;
	uint64_t beat; /* uv_now milliseconds of the last bytes */
	bool open;
	struct buf waiting; /* what happens while the missed events are still being asked for */
};

struct streams {
	struct gateway *gateway;
	uv_timer_t timer;
	unsigned per_person, count, generation;
	struct metric *gauge;
	struct stream *buckets[BUCKETS];
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

static struct stream **bucket_of(struct streams *streams, const char *user_id)
{
	uint32_t hash = 2166136261u;

	for (; *user_id; user_id++)
		hash = (hash ^ (uint8_t)*user_id) * 16777619u;
	return &streams->buckets[hash % BUCKETS];
}

static void count(struct streams *streams, int more)
{
	streams->count += (unsigned)more;
	metric_set(streams->gauge, streams->count);
}

static void free_stream(struct stream *stream)
{
	buf_free(&stream->waiting);
	free(stream);
}

static void on_closed(uv_handle_t *handle)
{
	free_stream(handle->data);
}

static void leave_bucket(struct stream *stream)
{
	*stream->at = stream->next;
	if (stream->next)
		stream->next->at = stream->at;
	count(stream->streams, -1);
}

static void close_stream(struct stream *stream)
{
	if (uv_is_closing((uv_handle_t *)&stream->socket))
		return;
	leave_bucket(stream);
	uv_close((uv_handle_t *)&stream->socket, on_closed);
}

/* A client that does not take what it is sent is let go: it comes back and asks for what it missed. */
static void write_to(struct stream *stream, const struct buf *bytes)
{
	uv_buf_t out = uv_buf_init((char *)bytes->data, (unsigned)bytes->len);

	if (!bytes->len)
		return;
	stream->beat = now_ms(stream->streams);
	if (uv_try_write((uv_stream_t *)&stream->socket, &out, 1) != (int)bytes->len)
		close_stream(stream);
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
		close_stream(socket->data);
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
		write_to(stream, bytes);
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
	for (struct stream *stream = item ? *bucket_of(streams, item->user_id) : NULL, *next;
	     stream; stream = next) {
		next = stream->next;
		if (!strcmp(stream->session.user_id, item->user_id))
			give(stream, &bytes);
	}
	buf_free(&bytes);
	arena_free(arena);
}

static void visit(struct streams *streams, void (*look)(struct stream *stream))
{
	for (size_t i = 0; i < BUCKETS; i++)
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
		close_stream(stream);
	else if (now_ms(stream->streams) - stream->beat >= BEAT_MS)
		write_to(stream, &beat);
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
}

static void end_stream(struct stream *stream)
{
	static const struct buf soon = { .data = (uint8_t *)(uintptr_t)"retry: 1000\n\n",
					 .len = 13 };

	write_to(stream, &soon);
	close_stream(stream);
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

static bool may_open(struct streams *streams, struct request *request)
{
	unsigned same = 0;

	if (!request->headers.accept || !strstr(request->headers.accept, "text/event-stream"))
		return refuse(request, ERROR_NOT_ACCEPTABLE, NULL);
	if (streams->count >= MOST_STREAMS)
		return refuse_for(request, ERROR_OVERLOADED, RETRY_AFTER_S);
	for (struct stream *stream = *bucket_of(streams, request->session.user_id); stream;
	     stream = stream->next)
		same += !strcmp(stream->session.user_id, request->session.user_id);
	return same < streams->per_person ||
	       refuse_for(request, ERROR_TOO_MANY_REQUESTS, RETRY_AFTER_S);
}

static struct stream *add_stream(struct streams *streams, struct request *request)
{
	struct stream *stream = calloc(1, sizeof *stream),
		      **bucket = bucket_of(streams, request->session.user_id);

	stream->streams = streams;
	stream->session = request->session;
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
	free_stream(stream);
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
static bool ask_missed(struct request *request, struct buf *out)
{
	const struct rpc_method *method = request->route->method;
	ListStreamRequest *message = pb_new(request->arena, method->in);
	RpcRequest rpc = RPC_REQUEST__INIT;
	struct name_list set = { 0 };
	enum upstream_failure why;
	RpcResponse *response;

	if (!content_read(request, message, &set))
		return false;
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
		close_stream(stream);
		return true;
	}
	uv_read_start((uv_stream_t *)&stream->socket, room, on_bytes);
	write_to(stream, first);
	return true;
}

static void append(struct buf *out, const struct buf *more)
{
	if (more->len)
		buf_add(out, more->data, more->len);
}

bool stream_open(struct request *request)
{
	struct streams *streams = request->gateway->streams;
	struct buf first = { 0 }, missed = { 0 };
	struct stream *stream;
	bool opened;

	if (!may_open(streams, request))
		return false;
	stream = add_stream(streams, request);
	opened = ask_missed(request, &missed);
	if (opened) {
		cors_headers(request);
		write_head(request, &first);
		append(&first, &missed);
		append(&first, &stream->waiting);
		buf_free(&stream->waiting);
		opened = start(request, stream, &first);
	} else {
		drop_stream(stream);
	}
	buf_free(&first);
	buf_free(&missed);
	return opened;
}

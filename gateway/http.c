/* libmicrohttpd on the loop. */
#include "http.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "answer.h"
#include "client.h"
#include "edge.h"
#include "gateway.h"
#include "guard.h"
#include "linger.h"
#include "misread.h"
#include "refuse.h"
#include "task.h"

enum {
	CONNECTION_MEMORY =
		36864, /* of which MHD gives a header half; it clears all of it after every request */
	REQUEST_MEMORY = 64 << 20,
	POOLED_REQUESTS = 256,
	KEPT_BUFFER = 65536, /* a pooled request gives larger buffers back */
	REAP_MS = 1000,
	MOST_HELD = 128,
	LOOK_MS = 5,
	SWALLOWED_BODY =
		65536, /* a refused request's body up to this is read, so that its connection lives on */
};

struct http {
	struct gateway *gateway;
	struct MHD_Daemon *daemon;
	uv_poll_t poll;
	uv_idle_t again; /* active while MHD has something left to do at once */
	uv_timer_t reaper, look;
	struct task_hook hook;
	struct client *clients;
	struct request *pool;
	mhd_queue *queue;
	unsigned pooled, in_flight, held, handles;
	int fd;
	bool due, closing;
};

static uint64_t now_ms(const struct http *http)
{
	return uv_now(http->poll.loop);
}

/* Requests. */

static struct request *take_request(struct http *http)
{
	struct request *request = http->pool;

	if (!request) {
		request = calloc(1, sizeof *request);
		request->arena = arena_new(REQUEST_MEMORY);
	} else {
		http->pool = request->next;
		http->pooled--;
	}
	request->gateway = http->gateway;
	request->started = uv_hrtime();
	http->in_flight++;
	return request;
}

static void free_request(struct request *request)
{
	arena_free(request->arena);
	buf_free(&request->body);
	buf_free(&request->answer.body);
	free(request);
}

static void empty_buffer(struct buf *buf)
{
	if (buf->size > KEPT_BUFFER)
		buf_free(buf);
	buf->len = 0;
}

static void give_back_request(struct http *http, struct request *request)
{
	struct request empty = { .arena = request->arena,
				 .body = request->body,
				 .answer.body = request->answer.body };

	http->in_flight--;
	if (http->pooled >= POOLED_REQUESTS) {
		free_request(request);
		return;
	}
	arena_reset(empty.arena);
	empty_buffer(&empty.body);
	empty_buffer(&empty.answer.body);
	empty.next = http->pool;
	*request = empty;
	http->pool = request;
	http->pooled++;
}

/* A request whose client has gone while its task still runs is ended by the task. */
static void end_request(struct http *http, struct request *request)
{
	if (request->client)
		request->client->request = NULL;
	request->client = NULL;
	request->connection = NULL;
	if (request->stage == STAGE_RUNNING)
		return;
	answer_log(request);
	give_back_request(http, request);
}

/* MHD's notifications. */

static void peer_text(struct MHD_Connection *connection, char *text, size_t size)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *address = info ? info->client_addr : NULL;

	*text = 0;
	if (address && address->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, text,
			  (socklen_t)size);
	if (address && address->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, text,
			  (socklen_t)size);
}

static void on_connection(void *arg, struct MHD_Connection *connection, void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct http *http = arg;
	struct client *client = *context;
	char address[48];

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		peer_text(connection, address, sizeof address);
		client = client_new(
			&http->clients,
			MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)
				->connect_fd,
			address, now_ms(http));
		client->http = http;
		*context = client;
		return;
	}
	if (client->request)
		end_request(http, client->request);
	client_free(client);
}

/* The request line has been read: uri is as it came. What is returned is MHD's context of the request. */
static void *on_uri(void *arg, const char *uri, struct MHD_Connection *connection)
{
	struct http *http = arg;
	struct client *client =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
			->socket_context;
	struct request *request = take_request(http);
	char *target = arena_strdup(request->arena, uri), *query = strchr(target, '?');

	request->target = target;
	request->path_len = query ? (size_t)(query - target) : strlen(target);
	request->query = query ? query + 1 : NULL;
	request->client = client;
	request->connection = connection;
	client->request = request;
	client_waits(client, CLIENT_HEADER, now_ms(http));
	return request;
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **context,
			 enum MHD_RequestTerminationCode code)
{
	struct http *http = arg;
	struct request *request = *context;

	(void)connection;
	(void)code;
	client_waits(request->client, CLIENT_IDLE, now_ms(http));
	end_request(http, request);
	*context = NULL;
}

static size_t leave_escapes(void *arg, struct MHD_Connection *connection, char *text)
{
	(void)arg;
	(void)connection;
	return strlen(text);
}

/* What MHD may have left undone while it was not run again by itself. */
static void on_look(uv_timer_t *timer)
{
	struct http *http = timer->data;

	http->due = true;
	if (!http->held)
		uv_timer_stop(timer);
}

/*
 * How a connection waits for its task. Suspending it costs MHD five system calls, so the first hundred are held
 * instead: MHD asks again for their answer whenever it runs, and is not run again just because of them.
 */
static void hold(struct request *request)
{
	struct http *http = request->gateway->http;

	client_waits(request->client, CLIENT_SERVICE, now_ms(http));
	request->suspended = http->held >= MOST_HELD;
	if (request->suspended) {
		MHD_suspend_connection(request->connection);
		return;
	}
	request->held = true;
	if (!http->held++)
		uv_timer_start(&http->look, on_look, LOOK_MS, LOOK_MS);
}

/* MHD is to look at the connection again. */
static void let_go(struct request *request)
{
	struct http *http = request->gateway->http;

	http->due |= request->held || request->suspended;
	http->held -= request->held;
	if (request->suspended)
		MHD_resume_connection(request->connection);
	request->held = request->suspended = false;
}

void http_pause(struct request *request)
{
	client_waits(request->client, CLIENT_SERVICE, now_ms(request->gateway->http));
	request->suspended = true;
	MHD_suspend_connection(request->connection);
}

void http_go_on(struct request *request)
{
	client_waits(request->client, CLIENT_BODY, now_ms(request->gateway->http));
	let_go(request);
}

bool http_fetch(struct request *request, void (*fetch)(void *request))
{
	request->stage = STAGE_RUNNING;
	if (!task_spawn(request->gateway->process.loop, fetch, request)) {
		request->stage = STAGE_ANSWERED;
		return false;
	}
	if (request->stage == STAGE_RUNNING)
		http_pause(request);
	return true;
}

void http_read_on(struct request *request)
{
	struct http *http = request->gateway->http;

	request->stage = STAGE_ANSWERED;
	if (!request->connection) {
		end_request(http, request);
		return;
	}
	client_waits(request->client, CLIENT_READING, now_ms(http));
	let_go(request);
}

static enum MHD_Result hand_over(struct http *http, struct request *request)
{
	struct MHD_Response *response = answer_response(request);
	enum MHD_Result queued = http->queue(request->connection, request->answer.status, response);

	MHD_destroy_response(response);
	client_waits(request->client, CLIENT_READING, now_ms(http));
	http->due |= http->held > 0;
	return queued;
}

void http_answer(struct request *request)
{
	bool held = request->held;

	answer_compose(request);
	request->stage = STAGE_ANSWERED;
	let_go(request);
	if (held && request->connection)
		hand_over(request->gateway->http, request);
}

int http_take_over(struct request *request)
{
	int fd = request->client ? fcntl(request->client->fd, F_DUPFD_CLOEXEC, 3) : -1;

	request->stage = STAGE_LEFT;
	let_go(request);
	return fd;
}

/* The answer goes out past MHD, which would go on reading: for what must end the connection before its body is read. */
static enum MHD_Result refuse_and_close(struct request *request)
{
	struct buf raw = { 0 };
	int fd = fcntl(request->client->fd, F_DUPFD_CLOEXEC, 3);

	answer_compose(request);
	answer_write_raw(&raw, request);
	if (fd >= 0)
		linger(request->gateway->process.loop, fd, raw.data, raw.len);
	buf_free(&raw);
	request->stage = STAGE_LEFT;
	return MHD_NO;
}

/* A client that waits with its body for our word is told at once; a small body is read, so that the connection lives on. */
static bool worth_swallowing(const struct request *request)
{
	return !request->headers.expect && guard_length(request) <= SWALLOWED_BODY;
}

static enum MHD_Result begin(struct http *http, struct request *request, const char *method,
			     const char *version)
{
	bool fatal = false;

	request->stage = STAGE_BODY;
	if (!edge_judge_head(request, method, version, &fatal) &&
	    (fatal || !worth_swallowing(request)))
		return refuse_and_close(request);
	client_waits(request->client, CLIENT_BODY, now_ms(http));
	return MHD_YES;
}

static enum MHD_Result take_body(struct request *request, const char *bytes, size_t *len)
{
	size_t n = *len;

	*len = 0;
	request->client->bytes += n;
	if (request->problem ? request->client->bytes <= SWALLOWED_BODY
			     : edge_take_body(request, bytes, n))
		return MHD_YES;
	return refuse_and_close(request);
}

static void run(void *arg)
{
	struct request *request = arg;

	edge_run(request);
	if (!request->connection)
		end_request(request->gateway->http, request);
}

static enum MHD_Result start(struct http *http, struct request *request)
{
	request->stage = STAGE_RUNNING;
	client_waits(request->client, CLIENT_SERVICE, now_ms(http));
	if (!task_spawn(http->poll.loop, run, request)) {
		(void)!refuse_for(request, ERROR_OVERLOADED, 1);
		http_answer(request);
	}
	if (request->stage == STAGE_RUNNING)
		hold(request);
	return MHD_YES;
}

static enum MHD_Result on_access(void *arg, struct MHD_Connection *connection, const char *url,
				 const char *method, const char *version, const char *data,
				 size_t *size, void **context)
{
	struct http *http = arg;
	struct request *request = *context;

	(void)connection;
	(void)url;
	if (request->stage == STAGE_HEAD)
		return begin(http, request, method, version);
	if (request->stage == STAGE_BODY && *size)
		return take_body(request, data, size);
	if (request->stage == STAGE_BODY)
		start(http, request);
	if (request->stage == STAGE_ANSWERED)
		return hand_over(http, request);
	return request->stage == STAGE_LEFT ? MHD_NO : MHD_YES;
}

/* A request that MHD cannot read may have no request line yet. */
enum MHD_Result http_refuse_misread(struct MHD_Connection *connection, enum error error)
{
	struct client *client =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
			->socket_context;
	struct request *request = client->request ? client->request : take_request(client->http);

	client->request = request;
	request->client = client;
	request->connection = connection;
	request->problem = NULL;
	edge_misread(request, error);
	return refuse_and_close(request);
}

/* The loop. */

static void on_again(uv_idle_t *idle)
{
	struct http *http = idle->data;

	http->due = true;
}

static void turn(void *arg)
{
	struct http *http = arg;
	MHD_UNSIGNED_LONG_LONG wait = 1;

	if (!http->due)
		return;
	http->due = false;
	MHD_run(http->daemon);
	if (http->due || (!http->held && MHD_get_timeout(http->daemon, &wait) == MHD_YES && !wait))
		uv_idle_start(&http->again, on_again);
	else
		uv_idle_stop(&http->again);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct http *http = poll->data;

	(void)status;
	(void)events;
	http->due = true;
}

static void reap(uv_timer_t *timer)
{
	struct http *http = timer->data;
	uint64_t now = now_ms(http);

	for (struct client *client = http->clients; client; client = client->next)
		if (client_is_too_slow(client, now) ||
		    (http->closing && client->wait == CLIENT_IDLE))
			shutdown(client->fd, SHUT_RDWR);
}

static struct MHD_Daemon *start_daemon(struct http *http, int fd, struct http_limits limits)
{
	return MHD_start_daemon(
		MHD_USE_EPOLL | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_access,
		http, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_CONNECTION_LIMIT, limits.connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		limits.per_address, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
		MHD_OPTION_URI_LOG_CALLBACK, on_uri, http, MHD_OPTION_UNESCAPE_CALLBACK,
		leave_escapes, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, http,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, http, MHD_OPTION_END);
}

struct http *http_open(struct gateway *gateway, int fd, struct http_limits limits)
{
	uv_loop_t *loop = gateway->process.loop;
	struct http *http = calloc(1, sizeof *http);

	http->gateway = gateway;
	http->fd = fd;
	http->queue = misread_queue();
	http->daemon = start_daemon(http, fd, limits);
	if (!http->daemon) {
		free(http);
		return NULL;
	}
	http->handles = 4;
	http->poll.data = http->again.data = http->reaper.data = http->look.data = http;
	uv_poll_init(loop, &http->poll,
		     MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd);
	uv_poll_start(&http->poll, UV_READABLE, on_readable);
	uv_idle_init(loop, &http->again);
	uv_timer_init(loop, &http->look);
	uv_timer_init(loop, &http->reaper);
	uv_timer_start(&http->reaper, reap, REAP_MS, REAP_MS);
	http->hook = (struct task_hook) { .run = turn, .arg = http };
	task_at_turn_end(loop, &http->hook);
	return http;
}

void http_quiesce(struct http *http)
{
	http->closing = true;
	http->due = true;
	MHD_quiesce_daemon(http->daemon);
	shutdown(http->fd, SHUT_RD);
}

bool http_is_closing(const struct http *http)
{
	return http->closing;
}

unsigned http_in_flight(const struct http *http)
{
	return http->in_flight;
}

static void on_closed(uv_handle_t *handle)
{
	struct http *http = handle->data;

	if (!--http->handles)
		free(http);
}

void http_close(struct http *http)
{
	task_drop_hook(&http->hook);
	uv_poll_stop(&http->poll);
	MHD_stop_daemon(http->daemon);
	close(http->fd);
	while (http->pool) {
		struct request *request = http->pool;

		http->pool = request->next;
		free_request(request);
	}
	uv_close((uv_handle_t *)&http->again, on_closed);
	uv_close((uv_handle_t *)&http->reaper, on_closed);
	uv_close((uv_handle_t *)&http->look, on_closed);
	uv_close((uv_handle_t *)&http->poll, on_closed);
}

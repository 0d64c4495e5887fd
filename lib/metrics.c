/* Metrics in Prometheus's text exposition format 0.0.4. */
#include "metrics.h"

#include <stdlib.h>
#include <string.h>

enum kind { COUNTER, GAUGE, HISTOGRAM, KINDS };

static const double bounds[] = { 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
				 0.05,	 0.1,	  0.25,	  0.5,	 1,	 2.5,	5,    10 };
enum { BUCKETS = sizeof bounds / sizeof *bounds };

struct metric {
	struct metric *next;
	char *labels;
	double value; /* of a histogram: the sum */
	uint64_t count;
	uint64_t *buckets;
};

/* All metrics of one name, which the format wants together. */
struct family {
	struct family *next;
	char *name, *help;
	enum kind kind;
	struct metric *first, **last;
};

struct metrics {
	struct family *first, **last;
};

struct metrics *metrics_new(void)
{
	struct metrics *metrics = calloc(1, sizeof *metrics);

	metrics->last = &metrics->first;
	return metrics;
}

static void free_family(struct family *family)
{
	struct metric *next;

	for (struct metric *m = family->first; m; m = next) {
		next = m->next;
		free(m->labels);
		free(m->buckets);
		free(m);
	}
	free(family->name);
	free(family->help);
	free(family);
}

void metrics_free(struct metrics *metrics)
{
	struct family *next;

	for (struct family *f = metrics->first; f; f = next) {
		next = f->next;
		free_family(f);
	}
	free(metrics);
}

static struct family *find_family(struct metrics *metrics, enum kind kind, const char *name,
				  const char *help)
{
	struct family *family;

	for (family = metrics->first; family; family = family->next)
		if (!strcmp(family->name, name))
			return family;

	family = calloc(1, sizeof *family);
	*family = (struct family) { .name = strdup(name), .help = strdup(help), .kind = kind };
	family->last = &family->first;
	*metrics->last = family;
	metrics->last = &family->next;
	return family;
}

static struct metric *find_metric(struct metrics *metrics, enum kind kind, const char *name,
				  const char *help, const char *labels)
{
	struct family *family = find_family(metrics, kind, name, help);
	struct metric *metric;

	for (metric = family->first; metric; metric = metric->next)
		if (!strcmp(metric->labels, labels))
			return metric;

	metric = calloc(1, sizeof *metric);
	metric->labels = strdup(labels);
	if (kind == HISTOGRAM)
		metric->buckets = calloc(BUCKETS, sizeof *metric->buckets);
	*family->last = metric;
	family->last = &metric->next;
	return metric;
}

struct metric *metric_counter(struct metrics *metrics, const char *name, const char *help,
			      const char *labels)
{
	return find_metric(metrics, COUNTER, name, help, labels);
}

struct metric *metric_gauge(struct metrics *metrics, const char *name, const char *help,
			    const char *labels)
{
	return find_metric(metrics, GAUGE, name, help, labels);
}

struct metric *metric_histogram(struct metrics *metrics, const char *name, const char *help,
				const char *labels)
{
	return find_metric(metrics, HISTOGRAM, name, help, labels);
}

void metric_add(struct metric *metric, double value)
{
	metric->value += value;
}

void metric_set(struct metric *metric, double value)
{
	metric->value = value;
}

void metric_observe(struct metric *metric, double seconds)
{
	size_t i = 0;

	while (i < BUCKETS && seconds > bounds[i])
		i++;
	if (i < BUCKETS)
		metric->buckets[i]++;
	metric->count++;
	metric->value += seconds;
}

static void write_histogram(const struct family *family, const struct metric *m, struct buf *out)
{
	const char *comma = *m->labels ? "," : "";
	uint64_t sum = 0;

	for (size_t i = 0; i < BUCKETS; i++) {
		sum += m->buckets[i];
		buf_printf(out, "%s_bucket{%s%sle=\"%g\"} %llu\n", family->name, m->labels, comma,
			   bounds[i], (unsigned long long)sum);
	}
	buf_printf(out, "%s_bucket{%s%sle=\"+Inf\"} %llu\n", family->name, m->labels, comma,
		   (unsigned long long)m->count);
	buf_printf(out, "%s_sum{%s} %.9g\n%s_count{%s} %llu\n", family->name, m->labels, m->value,
		   family->name, m->labels, (unsigned long long)m->count);
}

void metrics_write(const struct metrics *metrics, struct buf *out)
{
	static const char *const kinds[KINDS] = { "counter", "gauge", "histogram" };

	for (const struct family *f = metrics->first; f; f = f->next) {
		buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", f->name, f->help, f->name,
			   kinds[f->kind]);
		for (const struct metric *m = f->first; m; m = m->next)
			if (f->kind == HISTOGRAM)
				write_histogram(f, m, out);
			else
				buf_printf(out, "%s{%s} %.15g\n", f->name, m->labels, m->value);
	}
}

/* The server: one request per connection, its head at most 4 KiB. */

enum { MOST_CLIENTS = 32, HEAD_BYTES = 4096, PATIENCE_MS = 5000 };

struct metrics_server {
	uv_tcp_t socket;
	struct metrics *metrics;
	bool (*ready)(void *arg, struct buf *why);
	void *arg;
	bool closed;
	unsigned clients;
	struct client *first;
};

struct client {
	uv_tcp_t socket;
	uv_timer_t patience;
	uv_write_t write;
	struct metrics_server *server;
	struct client *next;
	unsigned handles;
	size_t len;
	char head[HEAD_BYTES];
	struct buf answer;
};

/* The server's memory outlives its last client. */
static void free_when_done(struct metrics_server *server)
{
	if (server->closed && !server->clients)
		free(server);
}

static void client_closed(uv_handle_t *handle)
{
	struct client *client = handle->data, **at;
	struct metrics_server *server = client->server;

	if (--client->handles)
		return;
	for (at = &server->first; *at != client; at = &(*at)->next)
		;
	*at = client->next;
	server->clients--;
	buf_free(&client->answer);
	free(client);
	free_when_done(server);
}

static void close_client(struct client *client)
{
	if (uv_is_closing((uv_handle_t *)&client->socket))
		return;
	uv_close((uv_handle_t *)&client->socket, client_closed);
	uv_close((uv_handle_t *)&client->patience, client_closed);
}

static void wrote(uv_write_t *write, int status)
{
	(void)status;
	close_client(write->data);
}

static bool asks(const struct client *client, const char *path)
{
	size_t len = strlen(path);

	return !strncmp(client->head, "GET ", 4) &&
	       !strncmp(client->head + 4, path, len) &&
	       client->head[4 + len] == ' ';
}

static const char *compose(struct client *client, struct buf *body)
{
	struct metrics_server *server = client->server;

	if (asks(client, "/metrics")) {
		metrics_write(server->metrics, body);
		return "200 OK";
	}
	if (asks(client, "/livez")) {
		buf_puts(body, "alive\n");
		return "200 OK";
	}
	if (asks(client, "/readyz"))
		return server->ready(server->arg, body) ? "200 OK" : "503 Service Unavailable";
	buf_puts(body, "not found\n");
	return "404 Not Found";
}

static void answer(struct client *client)
{
	struct buf body = { 0 };
	const char *status = compose(client, &body);
	uv_buf_t out;

	uv_read_stop((uv_stream_t *)&client->socket);
	buf_printf(
		&client->answer,
		"HTTP/1.1 %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: %zu\r\n"
		"Connection: close\r\n\r\n",
		status, body.len);
	buf_add(&client->answer, body.data, body.len);
	buf_free(&body);

	client->write.data = client;
	out = uv_buf_init((char *)client->answer.data, (unsigned)client->answer.len);
	if (uv_write(&client->write, (uv_stream_t *)&client->socket, &out, 1, wrote))
		close_client(client);
}

static void room(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
	struct client *client = handle->data;

	(void)hint;
	*buf = uv_buf_init(client->head + client->len, (unsigned)(HEAD_BYTES - 1 - client->len));
}

static void got(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct client *client = stream->data;

	(void)buf;
	if (n < 0) {
		close_client(client);
		return;
	}
	client->len += (size_t)n;
	client->head[client->len] = 0;
	if (strstr(client->head, "\r\n\r\n"))
		answer(client);
	else if (client->len == HEAD_BYTES - 1)
		close_client(client);
}

static void impatient(uv_timer_t *timer)
{
	close_client(timer->data);
}

static void connected(uv_stream_t *listener, int status)
{
	struct metrics_server *server = listener->data;
	struct client *client;

	if (status < 0)
		return;
	client = calloc(1, sizeof *client);
	client->server = server;
	client->handles = 2;
	client->next = server->first;
	server->first = client;
	server->clients++;
	uv_tcp_init(listener->loop, &client->socket);
	uv_timer_init(listener->loop, &client->patience);
	client->socket.data = client->patience.data = client;
	if (uv_accept(listener, (uv_stream_t *)&client->socket) ||
	    server->clients > MOST_CLIENTS ||
	    uv_read_start((uv_stream_t *)&client->socket, room, got)) {
		close_client(client);
		return;
	}
	uv_timer_start(&client->patience, impatient, PATIENCE_MS, 0);
}

static bool listen_at(uv_loop_t *loop, struct metrics_server *server, const char *address)
{
	const char *colon = strrchr(address, ':');
	char host[64] = "127.0.0.1";
	struct sockaddr_in where;
	size_t len = colon ? (size_t)(colon - address) : 0;

	if (len >= sizeof host)
		return false;
	if (len) {
		memcpy(host, address, len);
		host[len] = 0;
	}
	if (uv_ip4_addr(host, atoi(colon ? colon + 1 : address), &where))
		return false;
	uv_tcp_init(loop, &server->socket);
	server->socket.data = server;
	return !uv_tcp_bind(&server->socket, (struct sockaddr *)&where, 0) &&
	       !uv_listen((uv_stream_t *)&server->socket, 16, connected);
}

static void server_closed(uv_handle_t *handle)
{
	struct metrics_server *server = handle->data;

	server->closed = true;
	free_when_done(server);
}

struct metrics_server *metrics_listen(uv_loop_t *loop, struct metrics *metrics, const char *address,
				      bool (*ready)(void *arg, struct buf *why), void *arg)
{
	struct metrics_server *server = calloc(1, sizeof *server);

	*server = (struct metrics_server) { .metrics = metrics, .ready = ready, .arg = arg };
	if (listen_at(loop, server, address))
		return server;
	if (server->socket.loop)
		uv_close((uv_handle_t *)&server->socket, server_closed);
	else
		free(server);
	return NULL;
}

void metrics_close(struct metrics_server *server)
{
	for (struct client *client = server->first; client; client = client->next)
		close_client(client);
	uv_close((uv_handle_t *)&server->socket, server_closed);
}

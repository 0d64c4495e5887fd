/* The gateway's process: settings, what it holds, and how it stops. */
#include <netdb.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "auth.h"
#include "bus.h"
#include "compose.h"
#include "contract.h"
#include "gateway.h"
#include "http.h"
#include "limits.h"
#include "log.h"
#include "metrics.h"
#include "route.h"
#include "stream.h"
#include "task.h"
#include "trust.h"
#include "upstream.h"

enum { BACKLOG = 1024, STOP_LOOK_MS = 20, STOP_MOST_MS = 20000, LIMIT_MOST = 1000000 };

static const struct setting settings[] = {
	{ "ITHACA_LISTEN", SETTING_TEXT, "127.0.0.1:8080", "Where HTTP is served, host:port.", 0,
	  0 },
	{ "ITHACA_SITE", SETTING_TEXT, NULL, "The site's id, which every token names.", 0, 0 },
	{ "ITHACA_NATS_URL", SETTING_SECRET, NULL, "The bus, nats://user:password@host:port.", 0,
	  0 },
	{ "ITHACA_RPC_KEYS", SETTING_SECRET, "",
	  "The keys for the services that are called: service=hex,….", 0, 0 },
	{ "ITHACA_METRICS_LISTEN", SETTING_TEXT, "127.0.0.1:9080",
	  "Where /metrics is served, host:port.", 0, 0 },
	{ "ITHACA_LOG_LEVEL", SETTING_TEXT, "info", "debug, info, warn or error.", 0, 0 },
	{ "ITHACA_TRUSTED_PROXIES", SETTING_TEXT, "",
	  "Networks whose X-Forwarded-For counts: 10.0.0.0/8,….", 0, 0 },
	{ "ITHACA_CORS_ORIGINS", SETTING_TEXT, "",
	  "Origins whose pages may call: https://a.example,….", 0, 0 },
	{ "ITHACA_CONNECTIONS", SETTING_NUMBER, "4096", "Connections at once.", 16, 100000 },
	{ "ITHACA_CONNECTIONS_PER_ADDRESS", SETTING_NUMBER, "1024",
	  "Connections at once from one address; 0 = any number.", 0, 100000 },
	{ "ITHACA_STREAMS_PER_PERSON", SETTING_NUMBER, "16", "Live streams at once of one person.",
	  1, 100000 },
	{ "ITHACA_HSTS", SETTING_SECONDS, "0s",
	  "For how long browsers are to come by TLS only (Strict-Transport-Security), where TLS ends "
	  "in front; 0s = it is not told.",
	  0, INT64_C(732) * 86400 },
	{ "ITHACA_LIMIT_READ", SETTING_TEXT, "400/4",
	  "Reads of one person: at once / seconds in which they come back.", 0, 0 },
	{ "ITHACA_LIMIT_WRITE", SETTING_TEXT, "120/4", "Writes of one person, likewise.", 0, 0 },
	{ "ITHACA_LIMIT_AUTH", SETTING_TEXT, "30/180",
	  "Sign-ins and the like from one address, likewise.", 0, 0 },
	{ "ITHACA_LIMIT_HEAVY", SETTING_TEXT, "20/20",
	  "Searches, exports and runs of one person, likewise.", 0, 0 },
	{ "ITHACA_DOCS", SETTING_TEXT, "build/docs",
	  "The folder of the pages: the API reference, and what links in mails lead to.", 0, 0 },
	{ "ITHACA_SECURITY_CONTACT", SETTING_TEXT, "mailto:security@localhost", "For security.txt.",
	  0, 0 },
	{ "ITHACA_CHANGE_PASSWORD_URL", SETTING_TEXT, "/reset-password",
	  "Where people change their password.", 0, 0 },
	{ "ITHACA_STOP_DELAY", SETTING_SECONDS, "5s",
	  "How long requests are still taken after a stop is asked for.", 0, 0 },
	{ 0 },
};
static const struct setting *const tables[] = { settings, NULL };

struct stop {
	struct gateway *gateway;
	uv_signal_t terminate, interrupt;
	uv_timer_t timer;
	uint64_t quiesced;
	bool asked;
};

static int complain(const char *text)
{
	fprintf(stderr, "gateway: %s\n", text);
	return 1;
}

static const struct {
	const char *setting, *name;
} limit_names[LIMITS] = {
	[RATE_READ] = { "ITHACA_LIMIT_READ", "read" },
	[RATE_WRITE] = { "ITHACA_LIMIT_WRITE", "write" },
	[RATE_AUTH] = { "ITHACA_LIMIT_AUTH", "auth" },
	[RATE_HEAVY] = { "ITHACA_LIMIT_HEAVY", "heavy" },
};

/* From 1 to LIMIT_MOST, up to `end`; *text moves behind that. */
static bool read_count(const char **text, char end, unsigned *count)
{
	size_t digits = strspn(*text, "0123456789");

	*count = digits <= 7 ? (unsigned)strtoul(*text, NULL, 10) : 0;
	if (!*count || *count > LIMIT_MOST || (*text)[digits] != end)
		return false;
	*text += digits + 1;
	return true;
}

static struct limits *read_limits(const struct conf *conf, struct buf *complaints)
{
	static char policies[LIMITS][64];
	struct limit limits[LIMITS] = { 0 };

	for (int i = 0; i < LIMITS; i++) {
		struct limit *limit = &limits[i];
		const char *text = conf_text(conf, limit_names[i].setting);

		limit->name = limit_names[i].name;
		limit->policy = policies[i];
		if (!read_count(&text, '/', &limit->burst) ||
		    !read_count(&text, '\0', &limit->seconds))
			buf_printf(complaints,
				   "%s must be like 400/4: requests at once / seconds in which "
				   "they come back, each up to %d\n",
				   limit_names[i].setting, LIMIT_MOST);
		snprintf(policies[i], sizeof policies[i], "\"%s\";q=%u;w=%u", limit->name,
			 limit->burst, limit->seconds);
	}
	return complaints->len ? NULL : limits_new(limits);
}

/* A listening socket, or -1. */
static int listen_at(const char *address)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_PASSIVE | AI_NUMERICSERV },
			*found;
	const char *colon = strrchr(address, ':');
	char host[256];
	int fd, one = 1;

	if (!colon || (size_t)(colon - address) >= sizeof host)
		return -1;
	snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
	if (*host == '[' && host[strlen(host) - 1] == ']') {
		host[strlen(host) - 1] = 0;
		memmove(host, host + 1, strlen(host));
	}
	if (getaddrinfo(host, colon + 1, &hints, &found))
		return -1;
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, found->ai_addr, found->ai_addrlen) || listen(fd, BACKLOG)) {
		close(fd);
		fd = -1;
	}
	freeaddrinfo(found);
	return fd;
}

static void allow_many_files(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void add_metric(void *arg, struct route *route)
{
	static const char *const verbs[] = { "", "GET", "POST", "PUT", "PATCH", "DELETE" };
	struct metrics *metrics = arg;
	char labels[512];

	snprintf(labels, sizeof labels, "method=\"%s\",route=\"%s\"", verbs[route->verb],
		 route->path);
	route->seconds =
		metric_histogram(metrics, "gateway_request_seconds",
				 "Time from the request line to the end of the answer.", labels);
}

static void make_routes(struct gateway *gateway)
{
	const struct conf *conf = gateway->process.conf;

	gateway->router = router_new();
	for (const struct rpc_method *const *table = gateway->tables; *table; table++)
		router_add_methods(gateway->router, *table);
	pages_add(gateway, &(struct pages_settings) {
				   .docs = conf_text(conf, "ITHACA_DOCS"),
				   .security_contact = conf_text(conf, "ITHACA_SECURITY_CONTACT"),
				   .change_password = conf_text(conf, "ITHACA_CHANGE_PASSWORD_URL"),
			   });
	router_finish(gateway->router);
	router_each(gateway->router, add_metric, gateway->process.metrics);
}

/* Everything that is wrong with the settings; NULL when nothing is. */
static const char *read_settings(struct gateway *gateway, enum log_level *level)
{
	struct process *process = &gateway->process;
	const struct conf *conf = process->conf;
	struct buf complaints = { 0 };

	gateway->tables = contract_methods;
	gateway->cors_origins = conf_text(conf, "ITHACA_CORS_ORIGINS");
	gateway->hsts_seconds = conf_number(conf, "ITHACA_HSTS");
	gateway->proxies = proxies_new(conf_text(conf, "ITHACA_TRUSTED_PROXIES"));
	gateway->limits = read_limits(conf, &complaints);
	log_read_level(conf_text(conf, "ITHACA_LOG_LEVEL"), level, &complaints);
	if (!gateway->proxies)
		buf_puts(&complaints, "ITHACA_TRUSTED_PROXIES must be networks, like "
				      "10.0.0.0/8,fd00::/8\n");
	process->keys = rpc_keys_new(NULL, conf_text(conf, "ITHACA_RPC_KEYS"), &complaints);
	if (process->keys)
		compose_check(gateway, &complaints);
	return complaints.len ? buf_text(&complaints) : NULL;
}

static void make(struct gateway *gateway)
{
	struct process *process = &gateway->process;
	const struct conf *conf = process->conf;

	process->metrics = metrics_new();
	gateway->upstreams = upstreams_new(gateway->tables);
	gateway->trust = trust_new(gateway);
	gateway->auth = auth_new(gateway->trust, conf_text(conf, "ITHACA_SITE"));
	gateway->streams =
		streams_new(gateway, (unsigned)conf_number(conf, "ITHACA_STREAMS_PER_PERSON"));
	make_routes(gateway);
}

static void drop(struct gateway *gateway)
{
	streams_free(gateway->streams);
	auth_free(gateway->auth);
	trust_free(gateway->trust);
	router_free(gateway->router);
	limits_free(gateway->limits);
	proxies_free(gateway->proxies);
	free(gateway->upstreams);
	rpc_keys_free(gateway->process.keys);
	metrics_free(gateway->process.metrics);
}

static void look_whether_done(uv_timer_t *timer)
{
	struct stop *stop = timer->data;
	struct gateway *gateway = stop->gateway;
	uint64_t waited = uv_now(timer->loop) - stop->quiesced;

	if ((http_in_flight(gateway->http) || task_count()) && waited < STOP_MOST_MS)
		return;
	if (http_in_flight(gateway->http)) {
		log_write(LOG_WARN, "stopped with requests in flight", NULL);
		log_close();
		_exit(0);
	}
	http_close(gateway->http);
	metrics_close(gateway->metrics);
	rpc_client_close(&gateway->process);
	bus_close(gateway->process.bus);
	uv_close((uv_handle_t *)&stop->timer, NULL);
	uv_close((uv_handle_t *)&stop->terminate, NULL);
	uv_close((uv_handle_t *)&stop->interrupt, NULL);
	task_end();
}

static void quiesce(uv_timer_t *timer)
{
	struct stop *stop = timer->data;

	stop->quiesced = uv_now(timer->loop);
	http_quiesce(stop->gateway->http);
	streams_close(stop->gateway->streams);
	trust_stop(stop->gateway->trust);
	uv_timer_start(timer, look_whether_done, STOP_LOOK_MS, STOP_LOOK_MS);
}

static void on_signal(uv_signal_t *signal, int number)
{
	struct stop *stop = signal->data;
	int64_t delay = conf_number(stop->gateway->process.conf, "ITHACA_STOP_DELAY");

	(void)number;
	if (stop->asked)
		return;
	stop->asked = true;
	stop->gateway->process.draining = true;
	log_write(LOG_INFO, "stopping", NULL);
	uv_timer_start(&stop->timer, quiesce, (uint64_t)delay * 1000, 0);
}

static void watch_signals(struct stop *stop, uv_loop_t *loop)
{
	stop->timer.data = stop->terminate.data = stop->interrupt.data = stop;
	uv_timer_init(loop, &stop->timer);
	uv_signal_init(loop, &stop->terminate);
	uv_signal_init(loop, &stop->interrupt);
	uv_signal_start(&stop->terminate, on_signal, SIGTERM);
	uv_signal_start(&stop->interrupt, on_signal, SIGINT);
}

static void flush_log(void *arg)
{
	(void)arg;
	log_flush();
}

/* Hooks run last in, first out: HTTP, then requests to services, then the bus, then the log. */
static const char *open_all(struct gateway *gateway, struct task_hook *log_hook)
{
	struct process *process = &gateway->process;
	const struct conf *conf = process->conf;
	struct http_limits limits = { (unsigned)conf_number(conf, "ITHACA_CONNECTIONS"),
				      (unsigned)conf_number(conf,
							    "ITHACA_CONNECTIONS_PER_ADDRESS") };
	int fd = listen_at(conf_text(conf, "ITHACA_LISTEN"));

	if (fd < 0)
		return "ITHACA_LISTEN: the address cannot be had; is something else listening "
		       "there?";
	task_at_turn_end(process->loop, log_hook);
	process->bus = bus_open(process, conf_text(conf, "ITHACA_NATS_URL"));
	rpc_client_open(process);
	gateway->metrics =
		metrics_listen(process->loop, process->metrics,
			       conf_text(conf, "ITHACA_METRICS_LISTEN"), pages_ready, gateway);
	if (!gateway->metrics)
		return "ITHACA_METRICS_LISTEN: the address cannot be had; is something else "
		       "listening there?";
	gateway->http = http_open(gateway, fd, limits);
	if (!gateway->http)
		return "libmicrohttpd does not start";
	trust_start(gateway->trust);
	streams_start(gateway->streams);
	log_write(LOG_INFO, "serving", "address", conf_text(conf, "ITHACA_LISTEN"), NULL);
	return NULL;
}

static int serve(struct conf *conf)
{
	struct gateway gateway = {
		.process = { .name = "gateway", .loop = uv_default_loop(), .conf = conf }
	};
	struct task_hook log_hook = { .run = flush_log };
	struct stop stop = { .gateway = &gateway };
	enum log_level level;
	const char *complaint;

	signal(SIGPIPE, SIG_IGN);
	allow_many_files();
	complaint = read_settings(&gateway, &level);
	if (complaint)
		return complain(complaint);
	log_open("gateway", level);
	make(&gateway);
	complaint = open_all(&gateway, &log_hook);
	if (complaint)
		return complain(complaint);

	watch_signals(&stop, gateway.process.loop);
	uv_run(gateway.process.loop, UV_RUN_DEFAULT);
	uv_loop_close(gateway.process.loop);
	drop(&gateway);
	log_write(LOG_INFO, "stopped", NULL);
	log_close();
	return 0;
}

static int help(void)
{
	struct buf text = { 0 };

	conf_help(tables, &text);
	fputs(buf_text(&text), stdout);
	buf_free(&text);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct buf complaints = { 0 };
	struct conf *conf;
	int status;

	if (argc > 1)
		return help() || strcmp(argv[1], "help") != 0;
	if (sodium_init() < 0)
		return complain("libsodium does not start");
	conf = conf_read(tables, &complaints);
	status = conf ? serve(conf) : complain(buf_text(&complaints));
	if (conf)
		conf_free(conf);
	buf_free(&complaints);
	return status;
}

/* A service's process: its commands, its settings, and its life from the first wait to the last answer. */
#include "service.h"

#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus.h"
#include "dispatch.h"
#include "inbox.h"
#include "log.h"
#include "metrics.h"
#include "migrate.h"
#include "relay.h"
#include "task.h"
#include "timer.h"

enum { RETRY_MS = 500, DRAIN_MS = 20000, SETTLE_MS = 5000, STEP_MS = 10 };

static const struct setting database_settings[] = {
	{
		.name = "ITHACA_DATABASE_URL",
		.kind = SETTING_SECRET,
		.meaning = "Where the service's schema is, as its _svc role: postgresql://…",
	},
	{ 0 },
};

static const struct setting owner_settings[] = {
	{
		.name = "ITHACA_OWNER_DATABASE_URL",
		.kind = SETTING_SECRET,
		.meaning = "The same schema as its owner, who may change it.",
	},
	{ 0 },
};

static const struct setting serve_settings[] = {
	{
		.name = "ITHACA_NATS_URL",
		.kind = SETTING_SECRET,
		.meaning = "The bus: nats://user:password@host:port, several separated by commas.",
	},
	{
		.name = "ITHACA_RPC_ROOT",
		.kind = SETTING_KEY,
		.meaning =
			"The service's root key; the keys of those who may call it come from it.",
	},
	{
		.name = "ITHACA_RPC_KEYS",
		.kind = SETTING_SECRET,
		.fallback = "",
		.meaning = "Keys for the services that this one calls: identity=hex,programs=hex.",
	},
	{
		.name = "ITHACA_MASTER_KEY",
		.kind = SETTING_KEY,
		.meaning = "What columns that the database must not read are sealed with.",
	},
	{
		.name = "ITHACA_METRICS_LISTEN",
		.kind = SETTING_TEXT,
		.meaning = "Where /metrics, /livez and /readyz are served: host:port.",
	},
	{
		.name = "ITHACA_LOG_LEVEL",
		.kind = SETTING_TEXT,
		.fallback = "info",
		.meaning = "The least that is logged: debug, info, warn or error.",
	},
	{
		.name = "ITHACA_READ_CONNECTIONS",
		.kind = SETTING_NUMBER,
		.fallback = "2",
		.min = 1,
		.max = 64,
		.meaning = "Connections to Postgres that all reads share.",
	},
	{
		.name = "ITHACA_WRITE_CONNECTIONS",
		.kind = SETTING_NUMBER,
		.fallback = "4",
		.min = 1,
		.max = 64,
		.meaning =
			"Connections to Postgres for writes, one for each transaction under way.",
	},
	{
		.name = "ITHACA_WRITE_BATCH",
		.kind = SETTING_NUMBER,
		.fallback = "32",
		.min = 1,
		.max = 256,
		.meaning =
			"How many single-statement writes may share a transaction under load; 1 for none.",
	},
	{ 0 },
};

static const struct setting no_settings[] = { { 0 } };

/* A running service: the process, and what only its start and stop need to know. */
struct running {
	struct process process;
	uv_loop_t loop;
	uv_signal_t terminated, interrupted;
	struct task_hook log_hook;
	struct metrics_server *metrics_server;
	const char *url;
	struct task *starting;
	bool started, failed;
};

static bool is_ready(void *arg, struct buf *why)
{
	const struct running *running = arg;
	bool postgres = running->started && sql_ready(running->process.sql);
	bool nats = running->started && bus_ready(running->process.bus);

	buf_printf(why, "postgres and schema: %s\nnats: %s\n%s", postgres ? "ok" : "waiting",
		   nats ? "ok" : "waiting", running->process.draining ? "stopping\n" : "");
	return postgres && nats && !running->process.draining;
}

/* What is found out about the schema on a worker thread, since libpq's plain calls block. */
struct probe {
	const char *url;
	const struct service *service;
	enum migrated state;
	bool fits;
	struct buf complaints;
};

static void probe_schema(void *arg)
{
	struct probe *probe = arg;

	probe->state = migrate_state(probe->url, probe->service->migrations);
	if (probe->state == MIGRATED)
		probe->fits = sql_check(probe->url, probe->service->statements, &probe->complaints);
}

static void say_waiting(enum migrated state)
{
	if (state == MIGRATED_UNKNOWN)
		log_write(LOG_WARN, "waiting for Postgres", NULL);
	else
		log_write(LOG_WARN, "waiting for the schema to be migrated", NULL);
}

/* Sleeps until the schema is as this program was built for; false when it never will be, or the process is to stop. */
static bool await_schema(struct running *running)
{
	struct probe probe = { .url = running->url,
			       .service = running->process.service,
			       .state = MIGRATED };
	enum migrated said = MIGRATED;

	for (;;) {
		task_offload(probe_schema, &probe);
		if (probe.state == MIGRATED || running->process.draining)
			break;
		if (probe.state != said)
			say_waiting(probe.state);
		said = probe.state;
		task_park_until(uv_now(running->process.loop) + RETRY_MS);
	}
	if (probe.state == MIGRATED && !probe.fits) {
		fprintf(stderr, "%s", buf_text(&probe.complaints));
		log_write(LOG_ERROR, "statements do not fit the schema", "complaints",
			  buf_text(&probe.complaints), NULL);
		running->failed = true;
	}
	buf_free(&probe.complaints);
	return probe.fits && !running->process.draining;
}

static bool await_postgres(struct running *running)
{
	while (!sql_ready(running->process.sql) && !running->process.draining)
		task_park_until(uv_now(running->process.loop) + STEP_MS);
	return !running->process.draining;
}

static bool run_own_start(struct running *running)
{
	const struct service *service = running->process.service;

	if (!service->start || service->start(&running->process))
		return true;
	log_write(LOG_ERROR, "the service could not start", NULL);
	running->failed = true;
	return false;
}

static void serve(struct running *running)
{
	struct process *process = &running->process;

	process->rpc = rpc_serve(process);
	relay_start(process);
	process->inbox = inbox_start(process);
	process->timers = timers_start(process);
	running->started = true;
	log_write(LOG_INFO, "serving", NULL);
}

static void start(void *arg)
{
	struct running *running = arg;
	struct process *process = &running->process;

	task_set_name("start");
	running->starting = task_current();
	if (await_schema(running)) {
		process->sql = sql_open(process, running->url, process->service->statements);
		process->bus = bus_open(process, conf_text(process->conf, "ITHACA_NATS_URL"));
		rpc_client_open(process);
		if (await_postgres(running) && run_own_start(running))
			serve(running);
	}
	running->starting = NULL;
	if (running->failed)
		raise(SIGTERM);
}

/* Takes no more work, lets what runs end, then what runs in the background. */
static void quiesce(struct running *running)
{
	struct process *process = &running->process;
	uint64_t deadline = uv_now(process->loop) + DRAIN_MS;

	if (process->rpc)
		rpc_stop_serving(process->rpc);
	if (process->inbox)
		inbox_stop(process->inbox);
	if (process->timers)
		timers_stop(process->timers);
	process->timers = NULL;
	while (dispatch_running(process) && uv_now(process->loop) < deadline)
		task_sleep(STEP_MS);
	if (process->relay)
		relay_stop(process->relay);
	deadline = uv_now(process->loop) + SETTLE_MS;
	while (task_count() > 1 && uv_now(process->loop) < deadline)
		task_sleep(STEP_MS);
	if (task_count() > 1)
		log_write(LOG_WARN, "stopping though not everything has ended", NULL);
}

static void stop(void *arg)
{
	struct running *running = arg;
	struct process *process = &running->process;

	task_set_name("stop");
	while (running->starting) {
		task_wake(running->starting);
		task_sleep(STEP_MS);
	}
	quiesce(running);
	if (running->started && process->service->stop)
		process->service->stop(process);
	if (process->rpc)
		rpc_server_free(process->rpc);
	if (process->bus) {
		rpc_client_close(process);
		bus_close(process->bus);
	}
	if (process->sql)
		sql_close(process->sql);
	metrics_close(running->metrics_server);
	uv_close((uv_handle_t *)&running->terminated, NULL);
	uv_close((uv_handle_t *)&running->interrupted, NULL);
}

static void on_signal(uv_signal_t *signal, int number)
{
	struct running *running = signal->data;

	(void)number;
	if (running->process.draining)
		return;
	running->process.draining = true;
	log_write(LOG_INFO, "stopping", NULL);
	task_spawn(&running->loop, stop, running);
}

static void watch_signals(struct running *running)
{
	signal(SIGPIPE, SIG_IGN);
	running->terminated.data = running->interrupted.data = running;
	uv_signal_init(&running->loop, &running->terminated);
	uv_signal_init(&running->loop, &running->interrupted);
	uv_signal_start(&running->terminated, on_signal, SIGTERM);
	uv_signal_start(&running->interrupted, on_signal, SIGINT);
}

static void flush_log(void *arg)
{
	(void)arg;
	log_flush();
}

static int complain(struct buf *complaints)
{
	fputs(buf_text(complaints), stderr);
	buf_free(complaints);
	return EXIT_FAILURE;
}

/* Turns the loop until everything has ended, handles too. */
static int live(struct running *running)
{
	int status;

	watch_signals(running);
	running->log_hook = (struct task_hook) { .run = flush_log };
	task_at_turn_end(&running->loop, &running->log_hook);
	task_spawn(&running->loop, start, running);
	uv_run(&running->loop, UV_RUN_DEFAULT);
	task_end();
	uv_run(&running->loop, UV_RUN_DEFAULT);
	status = running->failed ? EXIT_FAILURE : EXIT_SUCCESS;
	if (uv_loop_close(&running->loop))
		log_write(LOG_WARN, "something still used the loop", NULL);
	return status;
}

static int serve_service(const struct service *service, struct conf *conf)
{
	struct running running = {
		.process = { .name = service->name, .service = service, .conf = conf }
	};
	const char *listen = conf_text(conf, "ITHACA_METRICS_LISTEN");
	struct buf complaints = { 0 };
	enum log_level level;
	int status;

	running.url = conf_text(conf, "ITHACA_DATABASE_URL");
	running.process.keys = rpc_keys_new(conf_key(conf, "ITHACA_RPC_ROOT"),
					    conf_text(conf, "ITHACA_RPC_KEYS"), &complaints);
	if (!log_read_level(conf_text(conf, "ITHACA_LOG_LEVEL"), &level, &complaints) ||
	    !running.process.keys)
		return complain(&complaints);
	log_open(service->name, level);
	uv_loop_init(&running.loop);
	running.process.loop = &running.loop;
	running.process.metrics = metrics_new();
	dispatch_open(&running.process);
	running.metrics_server =
		metrics_listen(&running.loop, running.process.metrics, listen, is_ready, &running);
	if (running.metrics_server) {
		status = live(&running);
	} else {
		fprintf(stderr, "ITHACA_METRICS_LISTEN: %s cannot be listened on\n", listen);
		status = EXIT_FAILURE;
	}
	dispatch_close(&running.process);
	metrics_free(running.process.metrics);
	rpc_keys_free(running.process.keys);
	log_close();
	return status;
}

static int migrate_service(const struct service *service, struct conf *conf)
{
	struct buf report = { 0 }, complaints = { 0 };
	bool good = migrate(conf_text(conf, "ITHACA_OWNER_DATABASE_URL"), service->migrations,
			    &report, &complaints);

	fputs(buf_text(&report), stdout);
	buf_free(&report);
	if (!good)
		return complain(&complaints);
	buf_free(&complaints);
	return EXIT_SUCCESS;
}

static int check_service(const struct service *service, struct conf *conf)
{
	struct buf complaints = { 0 };

	if (!sql_check(conf_text(conf, "ITHACA_DATABASE_URL"), service->statements, &complaints))
		return complain(&complaints);
	printf("every statement of %s fits\n", service->name);
	buf_free(&complaints);
	return EXIT_SUCCESS;
}

static int help(const struct service *service, const struct setting *const *tables)
{
	struct buf text = { 0 };

	buf_printf(
		&text,
		"%s            serve\n%s migrate    bring the schema up to date\n"
		"%s check      try every statement\n%s help       this\n\nIt reads from the environment:\n",
		service->name, service->name, service->name, service->name);
	conf_help(tables, &text);
	fputs(buf_text(&text), stdout);
	buf_free(&text);
	return EXIT_SUCCESS;
}

static int with_settings(const struct service *service, const struct setting *const *tables,
			 int (*command)(const struct service *service, struct conf *conf))
{
	struct buf complaints = { 0 };
	struct conf *conf = conf_read(tables, &complaints);
	int status;

	if (!conf)
		return complain(&complaints);
	status = command(service, conf);
	conf_free(conf);
	buf_free(&complaints);
	return status;
}

int service_main(int argc, char **argv, const struct service *service)
{
	const struct setting *own = service->settings ? service->settings : no_settings;
	const struct setting *const for_serving[] = {
		database_settings, serve_settings, relay_settings, inbox_settings, own, NULL
	};
	const struct setting *const for_migrating[] = { owner_settings, NULL };
	const struct setting *const for_checking[] = { database_settings, NULL };
	const struct setting *const all[] = { database_settings,
					      owner_settings,
					      serve_settings,
					      relay_settings,
					      inbox_settings,
					      own,
					      NULL };

	if (sodium_init() < 0) {
		fputs("libsodium could not start\n", stderr);
		return EXIT_FAILURE;
	}
	if (argc == 1)
		return with_settings(service, for_serving, serve_service);
	if (argc == 2 && !strcmp(argv[1], "migrate"))
		return with_settings(service, for_migrating, migrate_service);
	if (argc == 2 && !strcmp(argv[1], "check"))
		return with_settings(service, for_checking, check_service);
	help(service, all);
	return argc == 2 && !strcmp(argv[1], "help") ? EXIT_SUCCESS : EXIT_FAILURE;
}

/*
 * What the tests of the bus stand on: a nats-server of their own that can be killed, wiped and
 * started again, and tasks whose ends are waited for. Assertions belong outside of tasks: cmocka
 * leaves a test by longjmp.
 */
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bus.h"
#include "conf.h"
#include "log.h"
#include "metrics.h"
#include "service.h"
#include "task.h"

struct nats {
	pid_t pid;
	int port;
	char store[64], url[64];
};

static int ground_free_port(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(fd, (struct sockaddr *)&address, len) ||
	    getsockname(fd, (struct sockaddr *)&address, &len))
		abort();
	close(fd);
	return ntohs(address.sin_port);
}

static bool ground_connects(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				       .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool connects = !connect(fd, (struct sockaddr *)&address, sizeof address);

	close(fd);
	return connects;
}

/* Starts it (again) on its port and store; returns when it takes connections. */
static inline void nats_start(struct nats *nats)
{
	char port[16];

	snprintf(port, sizeof port, "%d", nats->port);
	nats->pid = fork();
	if (!nats->pid) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, 1);
		dup2(null, 2);
		execlp("nats-server", "nats-server", "-a", "127.0.0.1", "-p", port, "-js", "-sd",
		       nats->store, (char *)NULL);
		_exit(127);
	}
	for (int tries = 0; tries < 1000 && !ground_connects(nats->port); tries++)
		usleep(10000);
}

static inline void nats_kill(struct nats *nats)
{
	kill(nats->pid, SIGKILL);
	waitpid(nats->pid, NULL, 0);
}

/* Everything that JetStream remembers is gone. Between nats_kill() and nats_start(). */
static inline void nats_wipe(struct nats *nats)
{
	char command[128];

	snprintf(command, sizeof command, "rm -rf '%s'", nats->store);
	if (system(command))
		abort();
}

static inline void nats_open(struct nats *nats)
{
	*nats = (struct nats) { .port = ground_free_port() };
	strcpy(nats->store, "/tmp/ithaca-test-XXXXXX");
	if (!mkdtemp(nats->store))
		abort();
	snprintf(nats->url, sizeof nats->url, "nats://127.0.0.1:%d", nats->port);
	nats_start(nats);
}

static inline void nats_close(struct nats *nats)
{
	nats_kill(nats);
	nats_wipe(nats);
}

struct ground_task {
	void (*body)(void *arg);
	void *arg;
	bool done;
};

static inline void ground_run(void *arg)
{
	struct ground_task *task = arg;

	task->body(task->arg);
	task->done = true;
	uv_stop(uv_default_loop()); /* or this turn would wait for something to happen */
}

/* Runs body(arg) as a task and the loop until it has ended. */
static inline void in_task(void (*body)(void *arg), void *arg)
{
	struct ground_task task = { .body = body, .arg = arg };

	if (!task_spawn(uv_default_loop(), ground_run, &task))
		abort();
	while (!task.done)
		uv_run(uv_default_loop(), UV_RUN_ONCE);
}

static void ground_tick(uv_timer_t *timer)
{
	(void)timer;
}

/* Turns the loop until done(arg), at most so long; whether it came to that. */
static inline bool turn_until(bool (*done)(void *arg), void *arg, uint64_t ms)
{
	uv_timer_t timer;
	uint64_t until = uv_hrtime() + ms * 1000000;
	bool is_done;

	uv_timer_init(uv_default_loop(), &timer);
	uv_timer_start(&timer, ground_tick, 10, 10);
	while (!(is_done = done(arg)) && uv_hrtime() < until)
		uv_run(uv_default_loop(), UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(uv_default_loop(), UV_RUN_NOWAIT);
	return is_done;
}

static inline bool bus_is_ready(void *bus)
{
	return bus_ready(bus);
}

static inline double ms_since(uint64_t hrtime)
{
	return (double)(uv_hrtime() - hrtime) / 1e6;
}

/* Talks to clamd over a socket that blocks, on worker threads. */
#include "scan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include "log.h"
#include "task.h"

enum { SECONDS = 20, MOST_ANSWER = 512, MOST_HOST = 256 };

struct scan {
	int fd;
};

struct step {
	struct scan *scan;
	const char *where;
	const void *bytes;
	size_t len;
	bool good;
	char answer[MOST_ANSWER];
};

static bool is_unix(const char *where)
{
	return !strncmp(where, "unix:/", 6) &&
	       strlen(where + 5) < sizeof((struct sockaddr_un *)NULL)->sun_path;
}

/* "tcp:host:port": the host, and where its port begins; NULL when it is something else. */
static const char *split(const char *where, char host[MOST_HOST])
{
	const char *colon = strncmp(where, "tcp:", 4) ? NULL : strrchr(where + 4, ':');

	if (!colon ||
	    colon == where + 4 ||
	    colon - where - 4 >= MOST_HOST ||
	    !colon[1] ||
	    colon[1 + strspn(colon + 1, "0123456789")])
		return NULL;
	snprintf(host, MOST_HOST, "%.*s", (int)(colon - where - 4), where + 4);
	return colon + 1;
}

bool scan_check(const char *where, struct buf *complaints)
{
	char host[MOST_HOST];

	if (is_unix(where) || split(where, host))
		return true;
	buf_printf(complaints, "%s is no scanner: write unix:/path or tcp:host:port.\n", where);
	return false;
}

static int dial(int family, const struct sockaddr *address, socklen_t len)
{
	struct timeval patience = { .tv_sec = SECONDS };
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (!connect(fd, address, len))
		return fd;
	close(fd);
	return -1;
}

static int dial_unix(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	return dial(AF_UNIX, (const struct sockaddr *)&address, sizeof address);
}

static int dial_tcp(const char *where)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found = NULL;
	char host[MOST_HOST];
	const char *port = split(where, host);
	int fd = -1;

	if (!port || getaddrinfo(host, port, &hints, &found))
		return -1;
	for (struct addrinfo *at = found; at && fd < 0; at = at->ai_next)
		fd = dial(at->ai_family, at->ai_addr, at->ai_addrlen);
	freeaddrinfo(found);
	return fd;
}

static bool send_all(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

/* Its length in four bytes, most significant first, then the bytes; none of them ends the stream. */
static bool send_chunk(int fd, const void *bytes, size_t len)
{
	uint32_t size = htonl((uint32_t)len);

	return send_all(fd, &size, sizeof size) && send_all(fd, bytes, len);
}

static void do_begin(void *arg)
{
	static const char command[] = "zINSTREAM";
	struct step *step = arg;
	int fd = is_unix(step->where) ? dial_unix(step->where + 5) : dial_tcp(step->where);

	step->good = fd >= 0 && send_all(fd, command, sizeof command);
	if (step->good)
		step->scan->fd = fd;
	else if (fd >= 0)
		close(fd);
}

static void do_write(void *arg)
{
	struct step *step = arg;

	step->good = send_chunk(step->scan->fd, step->bytes, step->len);
}

/* The answer ends with NUL, or with the connection, or with our patience. */
static void do_end(void *arg)
{
	struct step *step = arg;
	uint64_t end = uv_hrtime() + SECONDS * UINT64_C(1000000000);
	size_t len = 0;
	ssize_t n = 1;

	step->good = send_chunk(step->scan->fd, "", 0);
	while (n > 0 &&
	       uv_hrtime() < end &&
	       len < MOST_ANSWER - 1 &&
	       !memchr(step->answer, 0, len)) {
		n = recv(step->scan->fd, step->answer + len, MOST_ANSWER - 1 - len, 0);
		len += n > 0 ? (size_t)n : 0;
	}
	step->answer[len] = 0;
}

struct scan *scan_begin(const char *where)
{
	struct scan *scan = calloc(1, sizeof *scan);
	struct step step = { .scan = scan, .where = where };

	if (!scan)
		abort();
	task_offload(do_begin, &step);
	if (step.good)
		return scan;
	log_write(LOG_ERROR, "the virus scanner cannot be reached", "where", where, NULL);
	free(scan);
	return NULL;
}

bool scan_write(struct scan *scan, const void *bytes, size_t len)
{
	struct step step = { .scan = scan, .bytes = bytes, .len = len };

	if (len)
		task_offload(do_write, &step);
	return step.good || !len;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && !strcmp(text + len - end_len, end);
}

/* "stream: OK", "stream: Eicar-Signature FOUND", "INSTREAM size limit exceeded. ERROR" */
static enum scan_verdict judge(const char *answer, struct arena *arena, const char **found)
{
	static const char begin[] = "stream: ", found_end[] = " FOUND";
	size_t len = strlen(answer);

	if (!strcmp(answer, "stream: OK"))
		return SCAN_CLEAN;
	if (!strncmp(answer, begin, sizeof begin - 1) && ends_with(answer, found_end)) {
		*found = arena_strndup(arena, answer + sizeof begin - 1,
				       len - (sizeof begin - 1) - (sizeof found_end - 1));
		return SCAN_FOUND;
	}
	log_write(LOG_ERROR, "the virus scanner has not scanned", "answer", answer, NULL);
	return SCAN_FAILED;
}

enum scan_verdict scan_end(struct scan *scan, struct arena *arena, const char **found)
{
	struct step step = { .scan = scan };

	task_offload(do_end, &step);
	scan_drop(scan);
	return judge(step.answer, arena, found);
}

void scan_drop(struct scan *scan)
{
	close(scan->fd);
	free(scan);
}

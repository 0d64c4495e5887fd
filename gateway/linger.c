/* The end of a connection that we do not want to read any more. */
#include "linger.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 2000, MOST_BYTES = 1 << 20, CHUNK = 16384 };

struct lingering {
	uv_poll_t poll;
	uv_timer_t patience;
	int fd, handles;
	size_t read;
};

static void on_closed(uv_handle_t *handle)
{
	struct lingering *l = handle->data;

	if (--l->handles)
		return;
	close(l->fd);
	free(l);
}

static void end(struct lingering *l)
{
	if (uv_is_closing((uv_handle_t *)&l->poll))
		return;
	uv_close((uv_handle_t *)&l->poll, on_closed);
	uv_close((uv_handle_t *)&l->patience, on_closed);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct lingering *l = poll->data;
	char chunk[CHUNK];
	ssize_t n = status < 0 ? 0 : recv(l->fd, chunk, sizeof chunk, MSG_DONTWAIT);

	(void)events;
	if (n > 0)
		l->read += (size_t)n;
	if (n <= 0 || l->read > MOST_BYTES)
		end(l);
}

static void on_patience(uv_timer_t *timer)
{
	end(timer->data);
}

void linger(uv_loop_t *loop, int fd, const void *bytes, size_t len)
{
	struct lingering *l;

	if (send(fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 || shutdown(fd, SHUT_WR)) {
		close(fd);
		return;
	}
	l = calloc(1, sizeof *l);
	l->fd = fd;
	l->handles = 2;
	l->poll.data = l->patience.data = l;
	uv_timer_init(loop, &l->patience);
	uv_timer_start(&l->patience, on_patience, PATIENCE_MS, 0);
	uv_poll_init(loop, &l->poll, fd);
	uv_poll_start(&l->poll, UV_READABLE, on_readable);
}

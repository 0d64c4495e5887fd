/* Runs build/bin/photo: the picture into its stdin, the JPEG out of its stdout. */
#include "photo_program.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

enum { MOST_JPEG = 1 << 20, PATH_SIZE = 4096, PATIENCE_MS = 8000 };

struct drawing {
	struct task *task;
	uv_process_t process;
	uv_pipe_t in, out;
	uv_timer_t patience;
	uv_write_t write;
	struct buf jpeg;
	int64_t exit_status;
	unsigned open; /* handles that are still to be closed */
};

static void on_closed(uv_handle_t *handle)
{
	struct drawing *drawing = handle->data;

	if (!--drawing->open)
		task_wake(drawing->task);
}

static void close_once(void *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, on_closed);
}

static void on_exit_of(uv_process_t *process, int64_t status, int signal)
{
	struct drawing *drawing = process->data;

	drawing->exit_status = signal ? -1 : status;
	close_once(&drawing->process);
	close_once(&drawing->patience);
	close_once(&drawing->in);
}

static void on_impatience(uv_timer_t *timer)
{
	struct drawing *drawing = timer->data;

	uv_process_kill(&drawing->process, SIGKILL);
}

static void on_written(uv_write_t *write, int status)
{
	struct drawing *drawing = write->data;

	(void)status;
	close_once(&drawing->in);
}

static void give_room(uv_handle_t *handle, size_t wanted, uv_buf_t *room)
{
	struct drawing *drawing = handle->data;

	*room = uv_buf_init((char *)buf_room(&drawing->jpeg, wanted), (unsigned)wanted);
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *room)
{
	struct drawing *drawing = stream->data;

	(void)room;
	if (got > 0)
		drawing->jpeg.len += (size_t)got;
	if (drawing->jpeg.len > MOST_JPEG)
		uv_process_kill(&drawing->process, SIGKILL);
	if (got < 0)
		close_once(&drawing->out);
}

static bool find_program(struct call *call, char *path)
{
	const char *told = setting(call, "ITHACA_PHOTO_PROGRAM");
	size_t size = PATH_SIZE;
	char *slash;

	if (*told)
		return snprintf(path, PATH_SIZE, "%s", told) < PATH_SIZE;
	if (uv_exepath(path, &size) ||
	    !(slash = strrchr(path, '/')) ||
	    (size_t)(slash - path) + sizeof "/photo" > PATH_SIZE)
		return false;
	strcpy(slash, "/photo");
	return true;
}

static void open_handles(uv_loop_t *loop, struct drawing *drawing)
{
	uv_pipe_init(loop, &drawing->in, 0);
	uv_pipe_init(loop, &drawing->out, 0);
	uv_timer_init(loop, &drawing->patience);
	drawing->in.data = drawing->out.data = drawing->patience.data = drawing->process.data =
		drawing->write.data = drawing;
	drawing->open = 4;
}

static int start_program(uv_loop_t *loop, struct drawing *drawing, char *path)
{
	char *args[] = { path, NULL }, *environment[] = { NULL };
	uv_stdio_container_t stdio[] = {
		{ .flags = UV_CREATE_PIPE | UV_READABLE_PIPE,
		  .data.stream = (uv_stream_t *)&drawing->in },
		{ .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
		  .data.stream = (uv_stream_t *)&drawing->out },
		{ .flags = UV_IGNORE },
	};
	uv_process_options_t options = {
		.exit_cb = on_exit_of,
		.file = path,
		.args = args,
		.env = environment,
		.stdio = stdio,
		.stdio_count = 3,
		.cwd = "/",
	};

	return uv_spawn(loop, &drawing->process, &options);
}

static void close_all(struct drawing *drawing)
{
	close_once(&drawing->process);
	close_once(&drawing->in);
	close_once(&drawing->out);
	close_once(&drawing->patience);
}

static int draw(struct call *call, struct drawing *drawing, char *path,
		const ProtobufCBinaryData *picture)
{
	uv_loop_t *loop = call->process->loop;
	uv_buf_t bytes = uv_buf_init((char *)picture->data, (unsigned)picture->len);
	int failure;

	open_handles(loop, drawing);
	failure = start_program(loop, drawing, path);
	if (failure) {
		close_all(drawing);
	} else {
		uv_timer_start(&drawing->patience, on_impatience, PATIENCE_MS, 0);
		uv_read_start((uv_stream_t *)&drawing->out, give_room, on_read);
		uv_write(&drawing->write, (uv_stream_t *)&drawing->in, &bytes, 1, on_written);
	}
	while (drawing->open)
		task_park();
	return failure;
}

static void free_drawing(void *object)
{
	struct drawing *drawing = object;

	buf_free(&drawing->jpeg);
	free(drawing);
}

bool photo_redraw(struct call *call, const ProtobufCBinaryData *picture, ProtobufCBinaryData *jpeg)
{
	struct drawing *drawing = calloc(1, sizeof *drawing);
	struct places *painters = &call->process->state->painters;
	char path[PATH_SIZE];
	int failure;

	if (!drawing)
		abort();
	arena_defer(call->arena, free_drawing, drawing);
	drawing->task = task_current();
	if (!find_program(call, path))
		return fault(call, "the program for photos cannot be found");
	if (!place_take(call, painters))
		return false;
	failure = draw(call, drawing, path, picture);
	place_leave(painters);
	if (failure)
		return fault(call, "%s does not start: %s", path, uv_strerror(failure));
	if (drawing->exit_status || !drawing->jpeg.len)
		return reject(call, INVALID_ARGUMENT, "NOT_A_PICTURE",
			      "This picture cannot be drawn.");

	*jpeg = (ProtobufCBinaryData) { drawing->jpeg.len, drawing->jpeg.data };
	return true;
}

/* Metrics: one family per name, label sets side by side, served over HTTP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>
#include <string.h>

#include "metrics.h"

static void test_the_same_name_and_labels_are_one_metric(void **state)
{
	struct metrics *metrics = metrics_new();

	(void)state;
	assert_ptr_equal(metric_counter(metrics, "a", "A.", "x=\"1\""),
			 metric_counter(metrics, "a", "A.", "x=\"1\""));
	assert_ptr_not_equal(metric_counter(metrics, "a", "A.", "x=\"1\""),
			     metric_counter(metrics, "a", "A.", "x=\"2\""));
	metrics_free(metrics);
}

static void test_families_are_written_together(void **state)
{
	struct metrics *metrics = metrics_new();
	struct buf out = { 0 };

	(void)state;
	metric_add(metric_counter(metrics, "calls", "Calls.", "rpc=\"A\""), 2);
	metric_set(metric_gauge(metrics, "depth", "Depth.", ""), 7);
	metric_add(metric_counter(metrics, "calls", "Calls.", "rpc=\"B\""), 3);
	metrics_write(metrics, &out);
	assert_string_equal(
		buf_text(&out),
		"# HELP calls Calls.\n# TYPE calls counter\ncalls{rpc=\"A\"} 2\ncalls{rpc=\"B\"} 3\n"
		"# HELP depth Depth.\n# TYPE depth gauge\ndepth{} 7\n");
	buf_free(&out);
	metrics_free(metrics);
}

static void test_a_histogram_counts_upwards(void **state)
{
	struct metrics *metrics = metrics_new();
	struct metric *took = metric_histogram(metrics, "took", "Took.", "");
	struct buf out = { 0 };

	(void)state;
	metric_observe(took, 0.00005);
	metric_observe(took, 0.3);
	metric_observe(took, 60);
	metrics_write(metrics, &out);
	assert_non_null(strstr(buf_text(&out), "took_bucket{le=\"0.0001\"} 1\n"));
	assert_non_null(strstr(buf_text(&out), "took_bucket{le=\"0.5\"} 2\n"));
	assert_non_null(strstr(buf_text(&out), "took_bucket{le=\"10\"} 2\n"));
	assert_non_null(strstr(buf_text(&out), "took_bucket{le=\"+Inf\"} 3\n"));
	assert_non_null(strstr(buf_text(&out), "took_count{} 3\n"));
	buf_free(&out);
	metrics_free(metrics);
}

struct visit {
	uv_tcp_t socket;
	uv_connect_t connect;
	uv_write_t write;
	const char *request;
	char answer[8192];
	size_t len;
};

static bool not_ready(void *arg, struct buf *why)
{
	(void)arg;
	buf_puts(why, "postgres: down\n");
	return false;
}

static void room(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
	struct visit *visit = handle->data;

	(void)hint;
	*buf = uv_buf_init(visit->answer + visit->len,
			   (unsigned)(sizeof visit->answer - 1 - visit->len));
}

static void got(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct visit *visit = stream->data;

	(void)buf;
	if (n > 0)
		visit->len += (size_t)n;
	else if (n < 0)
		uv_close((uv_handle_t *)stream, NULL);
}

static void connected(uv_connect_t *connect, int status)
{
	struct visit *visit = connect->data;
	uv_buf_t out =
		uv_buf_init((char *)(uintptr_t)visit->request, (unsigned)strlen(visit->request));

	assert_int_equal(status, 0);
	uv_write(&visit->write, connect->handle, &out, 1, NULL);
	uv_read_start(connect->handle, room, got);
}

static void visit_metrics(const char *request, struct visit *visit)
{
	uv_loop_t loop;
	struct metrics *metrics = metrics_new();
	struct metrics_server *server;
	struct sockaddr_in where;

	uv_loop_init(&loop);
	server = metrics_listen(&loop, metrics, "127.0.0.1:18990", not_ready, NULL);
	assert_non_null(server);
	assert_null(metrics_listen(&loop, metrics, "127.0.0.1:18990", not_ready, NULL));
	*visit = (struct visit) { .request = request };
	visit->socket.data = visit->connect.data = visit;
	uv_tcp_init(&loop, &visit->socket);
	uv_ip4_addr("127.0.0.1", 18990, &where);
	uv_tcp_connect(&visit->connect, &visit->socket, (struct sockaddr *)&where, connected);
	while (!uv_is_closing((uv_handle_t *)&visit->socket))
		uv_run(&loop, UV_RUN_ONCE);
	metrics_close(server);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	metrics_free(metrics);
}

static void test_readiness_names_what_is_down(void **state)
{
	struct visit visit;

	(void)state;
	visit_metrics("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n", &visit);
	assert_non_null(strstr(visit.answer, "503"));
	assert_non_null(strstr(visit.answer, "postgres: down"));
}

static void test_what_it_does_not_serve_is_not_found(void **state)
{
	struct visit visit;

	(void)state;
	visit_metrics("GET /metricsandmore HTTP/1.1\r\nHost: a\r\n\r\n", &visit);
	assert_non_null(strstr(visit.answer, "404"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_name_and_labels_are_one_metric),
		cmocka_unit_test(test_families_are_written_together),
		cmocka_unit_test(test_a_histogram_counts_upwards),
		cmocka_unit_test(test_readiness_names_what_is_down),
		cmocka_unit_test(test_what_it_does_not_serve_is_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Stores of objects: where they are told to be, and a store over the network that fails now and then, or for good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>
#include <sodium.h>

#include "ground.h"
#include "object.h"

#define KEY "0192d3c4-0000-7000-8000-000000000001"

static bool can_be_told(const char *where)
{
	struct buf complaints = { 0 };
	struct objects *objects = objects_open(where, &complaints);
	bool told = complaints.len;

	assert_true(!objects == told);
	objects_close(objects);
	buf_free(&complaints);
	return !told;
}

static void test_a_store_is_told_by_its_scheme_with_all_it_needs(void **state)
{
	(void)state;
	assert_true(can_be_told("s3://id:secret@store.example/bucket"));
	assert_true(can_be_told(
		"s3://id:sec%2Fret@store.example:9000/bucket/prefix/?region=eu-west-1"));
	assert_true(can_be_told("s3+http://id:secret@127.0.0.1:9000/bucket"));
	assert_false(can_be_told("http://id:secret@store.example/bucket"));
	assert_false(can_be_told("s4://id:secret@store.example/bucket"));
	assert_false(can_be_told("relative/folder"));
	assert_false(can_be_told(""));
	assert_false(can_be_told("s3://store.example/bucket"));
	assert_false(can_be_told("s3://id@store.example/bucket"));
	assert_false(can_be_told("s3://id:secret@store.example"));
	assert_false(can_be_told("s3://id:secret@store.example/bucket?regoin=eu-west-1"));
	assert_false(can_be_told("s3://id:secret@store.example/bucket?region="));
	assert_false(can_be_told("s3://id:secret@store.example/bucket?region=eu:s3"));
	assert_false(
		can_be_told("s3://id:secret@store.example/bucket?region=eu-west-1&acl=public"));
	assert_false(can_be_told("/proc/nowhere/objects"));
}

/* A store that answers the requests of one connection each: 0 ends the connection without a word. */
struct shop {
	int fd, port;
	const int *statuses;
	unsigned served;
	pthread_t thread;
};

static void read_request(int fd)
{
	char head[4096] = "";
	size_t len = 0, body = 0;
	ssize_t n = 1;
	const char *end = NULL;

	while (n > 0 && len < sizeof head - 1 && (!end || len < (size_t)(end + 4 - head) + body)) {
		n = recv(fd, head + len, sizeof head - 1 - len, 0);
		len += n > 0 ? (size_t)n : 0;
		head[len] = '\0';
		end = strstr(head, "\r\n\r\n");
		body = end && strstr(head, "Content-Length: ")
			       ? strtoul(strstr(head, "Content-Length: ") + 16, NULL, 10)
			       : 0;
	}
}

static void *serve(void *arg)
{
	struct shop *shop = arg;

	for (const int *status = shop->statuses; *status >= 0; status++) {
		int fd = accept(shop->fd, NULL, NULL);
		char text[128];

		read_request(fd);
		snprintf(text, sizeof text,
			 "HTTP/1.1 %d \r\nContent-Length: 0\r\nConnection: close\r\n\r\n", *status);
		if (*status && send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
			abort();
		shop->served++;
		close(fd);
	}
	return NULL;
}

static void open_shop(struct shop *shop, const int *statuses)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof address;

	*shop = (struct shop) { .fd = socket(AF_INET, SOCK_STREAM, 0), .statuses = statuses };
	if (bind(shop->fd, (struct sockaddr *)&address, len) ||
	    listen(shop->fd, 8) ||
	    getsockname(shop->fd, (struct sockaddr *)&address, &len))
		abort();
	shop->port = ntohs(address.sin_port);
	pthread_create(&shop->thread, NULL, serve, shop);
}

struct storing {
	int port;
	bool stored;
};

static void store(void *arg)
{
	struct storing *storing = arg;
	char where[96];
	struct buf complaints = { 0 };
	struct objects *objects;
	struct object_writer *writer;

	snprintf(where, sizeof where, "s3+http://id:secret@127.0.0.1:%d/bucket", storing->port);
	objects = objects_open(where, &complaints);
	writer = objects ? object_begin(objects, KEY) : NULL;
	storing->stored = writer && object_write(writer, "words", 5) && object_end(writer);
	objects_close(objects);
}

static bool is_stored(const int *statuses, unsigned *served)
{
	struct shop shop;
	struct storing storing;

	open_shop(&shop, statuses);
	storing = (struct storing) { .port = shop.port };
	in_task(store, &storing);
	pthread_join(shop.thread, NULL);
	close(shop.fd);
	*served = shop.served;
	return storing.stored;
}

static void test_what_a_store_fails_at_is_tried_three_times(void **state)
{
	unsigned served;

	(void)state;
	assert_true(is_stored((const int[]) { 200, -1 }, &served));
	assert_true(is_stored((const int[]) { 503, 0, 200, -1 }, &served));
	assert_int_equal(served, 3);
	assert_false(is_stored((const int[]) { 503, 503, 503, -1 }, &served));
	assert_false(is_stored((const int[]) { 0, 0, 0, -1 }, &served));
}

static void test_what_a_store_refuses_is_not_tried_again(void **state)
{
	unsigned served;

	(void)state;
	assert_false(is_stored((const int[]) { 403, -1 }, &served));
	assert_int_equal(served, 1);
}

static int set_up(void **state)
{
	(void)state;
	log_open("test", LOG_ERROR + 1);
	return sodium_init() < 0;
}

static int tear_down(void **state)
{
	(void)state;
	task_end();
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
	return uv_loop_close(uv_default_loop());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_store_is_told_by_its_scheme_with_all_it_needs),
		cmocka_unit_test(test_what_a_store_fails_at_is_tried_three_times),
		cmocka_unit_test(test_what_a_store_refuses_is_not_tried_again),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* The bus: answers find who asked, nobody waits for nothing, and a lost server is a pause. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sodium.h>

#include "ground.h"

struct fixture {
	struct nats nats;
	struct process process;
	struct bus_subscription *echo;
};

static void echo(void *arg, const struct bus_message *message)
{
	struct fixture *fixture = arg;

	if (message->reply)
		bus_publish(fixture->process.bus, message->reply, NULL, NULL, message->data,
			    message->len);
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);

	if (sodium_init() < 0)
		return -1;
	log_open("test", LOG_ERROR);
	nats_open(&fixture->nats);
	fixture->process.name = "test";
	fixture->process.loop = uv_default_loop();
	fixture->process.metrics = metrics_new();
	fixture->process.bus = bus_open(&fixture->process, fixture->nats.url);
	fixture->echo = bus_subscribe(fixture->process.bus, "echo.*", "test", echo, fixture);
	*state = fixture;
	return turn_until(bus_is_ready, fixture->process.bus, 5000) ? 0 : -1;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	bus_close(fixture->process.bus);
	task_end();
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
	metrics_free(fixture->process.metrics);
	nats_close(&fixture->nats);
	free(fixture);
	return uv_loop_close(uv_default_loop());
}

/* One request and what became of it. */
struct asking {
	struct fixture *fixture;
	const char *subject;
	char text[32], answer[32];
	uint64_t patience_ms;
	enum bus_outcome outcome;
	double ms;
	unsigned *left;
};

static void ask(void *arg)
{
	struct asking *asking = arg;
	struct process *process = &asking->fixture->process;
	struct arena *arena = arena_new(4096);
	uint64_t since = uv_hrtime();
	struct bus_message answer;

	asking->outcome = bus_request(process->bus, arena, asking->subject, asking->text,
				      strlen(asking->text) + 1,
				      uv_now(process->loop) + asking->patience_ms, &answer);
	asking->ms = ms_since(since);
	if (asking->outcome == BUS_ANSWERED)
		memcpy(asking->answer, answer.data, answer.len);
	if (asking->left)
		--*asking->left;
	arena_free(arena);
}

static bool none_left(void *left)
{
	return !*(unsigned *)left;
}

static void test_the_first_request_is_answered_at_once(void **state)
{
	struct asking asking = {
		.fixture = *state, .subject = "echo.first", .text = "hello", .patience_ms = 5000
	};

	in_task(ask, &asking);
	assert_int_equal(asking.outcome, BUS_ANSWERED);
	assert_string_equal(asking.answer, "hello");
	assert_true(asking.ms < 500);
}

static void test_every_answer_goes_to_who_asked(void **state)
{
	static struct asking askings[500];
	unsigned left = 500;

	for (unsigned i = 0; i < 500; i++) {
		askings[i] = (struct asking) { .fixture = *state,
					       .subject = "echo.many",
					       .patience_ms = 5000,
					       .left = &left };
		snprintf(askings[i].text, sizeof askings[i].text, "number %u", i);
		assert_true(task_spawn(uv_default_loop(), ask, &askings[i]));
	}
	assert_true(turn_until(none_left, &left, 5000));
	for (unsigned i = 0; i < 500; i++)
		assert_string_equal(askings[i].answer, askings[i].text);
}

static void test_where_nobody_listens_one_hears_at_once(void **state)
{
	struct asking asking = { .fixture = *state, .subject = "nobody.here", .patience_ms = 5000 };

	in_task(ask, &asking);
	assert_int_equal(asking.outcome, BUS_DOWN);
	assert_true(asking.ms < 500);
}

struct departure {
	struct fixture *fixture;
	struct bus_subscription *leaver;
	unsigned heard;
};

static void count_heard(void *arg, const struct bus_message *message)
{
	struct departure *departure = arg;

	(void)message;
	departure->heard++;
}

/* What is said and the leaving go out together, so that the server delivers while it is being left. */
static void say_and_leave(void *arg)
{
	struct departure *departure = arg;

	for (int i = 0; i < 1000; i++)
		bus_publish(departure->fixture->process.bus, "left.behind", NULL, NULL, "x", 1);
	bus_leave(departure->leaver);
	bus_publish(departure->fixture->process.bus, "left.behind", NULL, NULL, "x", 1);
}

static void test_who_leaves_hears_what_was_on_its_way(void **state)
{
	struct departure departure = { .fixture = *state };

	departure.leaver = bus_subscribe(departure.fixture->process.bus, "left.*", "test",
					 count_heard, &departure);
	in_task(say_and_leave, &departure);
	assert_int_equal(departure.heard, 1000);
}

static void answer_late(void *arg, const struct bus_message *message)
{
	char **reply = arg;

	*reply = strdup(message->reply);
}

static bool late_is_counted(void *arg)
{
	struct fixture *fixture = arg;
	struct buf text = { 0 };
	bool counted;

	metrics_write(fixture->process.metrics, &text);
	counted = strstr(buf_text(&text), "ithaca_bus_late_answers_total{} 1");
	buf_free(&text);
	return counted;
}

static void test_an_answer_after_the_deadline_is_dropped_and_counted(void **state)
{
	struct fixture *fixture = *state;
	struct asking asking = { .fixture = fixture, .subject = "slow", .patience_ms = 50 };
	char *reply = NULL;
	struct bus_subscription *slow =
		bus_subscribe(fixture->process.bus, "slow", NULL, answer_late, &reply);

	in_task(ask, &asking);
	assert_int_equal(asking.outcome, BUS_LATE);
	assert_non_null(reply);
	assert_true(bus_publish(fixture->process.bus, reply, NULL, NULL, "late", 5));
	assert_true(turn_until(late_is_counted, fixture, 2000));
	bus_unsubscribe(slow);
	free(reply);
}

/* Asked once, a service knows where answers to it go. */
struct curious {
	struct fixture *fixture;
	char *seen;
};

static void answer_and_remember(void *arg, const struct bus_message *message)
{
	struct curious *curious = arg;

	free(curious->seen);
	curious->seen = strdup(message->reply);
	echo(curious->fixture, message);
}

static void answer_for_another(void *arg, const struct bus_message *message)
{
	struct curious *curious = arg;

	(void)message;
	bus_publish(curious->fixture->process.bus, curious->seen, NULL, NULL, "forged", 7);
}

static void test_who_was_asked_once_cannot_answer_in_anothers_place(void **state)
{
	struct fixture *fixture = *state;
	struct curious curious = { .fixture = fixture };
	struct bus *bus = fixture->process.bus;
	struct asking first = { .fixture = fixture, .subject = "curious", .patience_ms = 5000 };
	struct asking other = { .fixture = fixture, .subject = "other", .patience_ms = 200 };
	struct bus_subscription *heard = bus_subscribe(bus, "curious", NULL, answer_and_remember,
						       &curious),
				*forging = bus_subscribe(bus, "other", NULL, answer_for_another,
							 &curious);

	in_task(ask, &first);
	assert_int_equal(first.outcome, BUS_ANSWERED);
	in_task(ask, &other);
	assert_int_equal(other.outcome, BUS_LATE);
	bus_unsubscribe(heard);
	bus_unsubscribe(forging);
	free(curious.seen);
}

static void test_what_is_too_large_is_not_sent(void **state)
{
	struct fixture *fixture = *state;
	size_t most = bus_max_payload(fixture->process.bus);
	char *large = calloc(1, most + 1);

	assert_true(most >= 1024);
	assert_true(bus_publish(fixture->process.bus, "large", NULL, NULL, large, most));
	assert_false(bus_publish(fixture->process.bus, "large", NULL, NULL, large, most + 1));
	free(large);
}

static bool bus_is_lost(void *bus)
{
	return !bus_ready(bus);
}

static void test_a_lost_server_refuses_at_once_and_a_new_one_is_found(void **state)
{
	struct fixture *fixture = *state;
	struct asking down = { .fixture = fixture, .subject = "echo.down", .patience_ms = 5000 };
	struct asking up = {
		.fixture = fixture, .subject = "echo.up", .text = "again", .patience_ms = 5000
	};

	nats_kill(&fixture->nats);
	assert_true(turn_until(bus_is_lost, fixture->process.bus, 2000));
	in_task(ask, &down);
	assert_int_equal(down.outcome, BUS_DOWN);
	assert_true(down.ms < 100);

	nats_start(&fixture->nats);
	assert_true(turn_until(bus_is_ready, fixture->process.bus, 5000));
	in_task(ask, &up);
	assert_string_equal(up.answer, "again");
}

static void kill_server(void *arg)
{
	struct fixture *fixture = arg;

	task_sleep(50);
	nats_kill(&fixture->nats);
}

static void test_who_waits_when_the_server_is_lost_is_told(void **state)
{
	struct fixture *fixture = *state;
	struct asking asking = { .fixture = fixture, .subject = "mute", .patience_ms = 10000 };
	char *reply = NULL;
	struct bus_subscription *mute =
		bus_subscribe(fixture->process.bus, "mute", NULL, answer_late, &reply);

	assert_true(task_spawn(uv_default_loop(), kill_server, fixture));
	in_task(ask, &asking);
	assert_int_equal(asking.outcome, BUS_DOWN);
	assert_true(asking.ms < 2000);
	nats_start(&fixture->nats);
	assert_true(turn_until(bus_is_ready, fixture->process.bus, 5000));
	bus_unsubscribe(mute);
	free(reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_first_request_is_answered_at_once),
		cmocka_unit_test(test_every_answer_goes_to_who_asked),
		cmocka_unit_test(test_where_nobody_listens_one_hears_at_once),
		cmocka_unit_test(test_who_leaves_hears_what_was_on_its_way),
		cmocka_unit_test(test_an_answer_after_the_deadline_is_dropped_and_counted),
		cmocka_unit_test(test_who_was_asked_once_cannot_answer_in_anothers_place),
		cmocka_unit_test(test_what_is_too_large_is_not_sent),
		cmocka_unit_test(test_a_lost_server_refuses_at_once_and_a_new_one_is_found),
		cmocka_unit_test(test_who_waits_when_the_server_is_lost_is_told),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

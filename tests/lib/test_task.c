/* Tasks: they sleep and wake in order, keep the loop alive, and cost next to nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "task.h"

static int open_loop(void **state)
{
	uv_loop_t *loop = uv_default_loop();

	*state = loop;
	return 0;
}

static int close_loop(void **state)
{
	uv_loop_t *loop = *state;

	task_end();
	uv_run(loop, UV_RUN_DEFAULT);
	return uv_loop_close(loop);
}

struct diary {
	char text[64];
	struct task *writer;
	struct task_queue queue;
	bool in_time;
};

static void add(struct diary *diary, const char *word)
{
	strcat(diary->text, word);
}

static void write_park_write(void *arg)
{
	struct diary *diary = arg;

	diary->writer = task_current();
	add(diary, "a");
	task_park();
	add(diary, "c");
}

static void test_a_task_runs_at_once_until_it_sleeps_and_goes_on_when_woken(void **state)
{
	struct diary diary = { 0 };

	assert_true(task_spawn(*state, write_park_write, &diary));
	add(&diary, "b");
	task_wake(diary.writer);
	task_wake(diary.writer);
	uv_run(*state, UV_RUN_DEFAULT);
	assert_string_equal(diary.text, "abc");
	assert_int_equal(task_count(), 0);
}

static void wake_itself_then_park(void *arg)
{
	task_wake(task_current());
	task_park();
	add(arg, "back");
}

static void test_a_wake_before_the_park_is_not_lost(void **state)
{
	struct diary diary = { 0 };

	assert_true(task_spawn(*state, wake_itself_then_park, &diary));
	assert_string_equal(diary.text, "back");
}

static void spawn_another(void *arg)
{
	struct diary *diary = arg;

	add(diary, "<");
	assert_true(task_spawn(uv_default_loop(), write_park_write, diary));
	add(diary, ">");
	task_wake(diary->writer);
}

static void test_a_task_may_spawn_a_task(void **state)
{
	struct diary diary = { 0 };

	assert_true(task_spawn(*state, spawn_another, &diary));
	assert_string_equal(diary.text, "<a>");
	uv_run(*state, UV_RUN_DEFAULT);
	assert_string_equal(diary.text, "<a>c");
}

static void wait_briefly(void *arg)
{
	struct diary *diary = arg;

	uv_update_time(uv_default_loop());
	diary->in_time = task_wait(&diary->queue, uv_now(uv_default_loop()) + 20);
}

static void test_a_wait_ends_at_its_deadline_and_leaves_the_queue(void **state)
{
	struct diary diary = { .in_time = true };

	assert_true(task_spawn(*state, wait_briefly, &diary));
	uv_run(*state, UV_RUN_DEFAULT);
	assert_false(diary.in_time);
	assert_false(task_wake_one(&diary.queue));
}

static void wait_first(void *arg)
{
	struct diary *diary = arg;

	assert_true(task_wait(&diary->queue, 0));
	add(diary, "1");
}

static void wait_second(void *arg)
{
	struct diary *diary = arg;

	assert_true(task_wait(&diary->queue, 0));
	add(diary, "2");
}

static void test_waiters_are_woken_first_in_first_out(void **state)
{
	struct diary diary = { 0 };

	assert_true(task_spawn(*state, wait_first, &diary));
	assert_true(task_spawn(*state, wait_second, &diary));
	task_wake_all(&diary.queue);
	uv_run(*state, UV_RUN_DEFAULT);
	assert_string_equal(diary.text, "12");
}

static void say_worked(void *arg)
{
	add(arg, "worked ");
}

static void offload_then_say(void *arg)
{
	task_offload(say_worked, arg);
	add(arg, "back");
}

static void test_offloaded_work_runs_while_the_task_sleeps(void **state)
{
	struct diary diary = { 0 };

	assert_true(task_spawn(*state, offload_then_say, &diary));
	uv_run(*state, UV_RUN_DEFAULT);
	assert_string_equal(diary.text, "worked back");
}

static void nap(void *arg)
{
	(void)arg;
	task_sleep(5);
}

static void test_more_tasks_than_the_limit_are_refused(void **state)
{
	for (int i = 0; i < 200; i++)
		assert_true(task_spawn(*state, nap, NULL));
	task_set_limit(200);
	assert_false(task_spawn(*state, nap, NULL));
	uv_run(*state, UV_RUN_DEFAULT);
	assert_true(task_spawn(*state, nap, NULL));
	uv_run(*state, UV_RUN_DEFAULT);
	task_set_limit(4096);
}

static void use_the_stack(void *arg)
{
	volatile char bytes[48 * 1024];

	memset((char *)bytes, 1, sizeof bytes);
	*(int *)arg += bytes[100];
}

static void test_a_stack_holds_what_handlers_need(void **state)
{
	int sum = 0;

	assert_true(task_spawn(*state, use_the_stack, &sum));
	assert_int_equal(sum, 1);
}

enum { SWITCHES = 2000000 };

static void park_often(void *arg)
{
	(void)arg;
	for (int i = 0; i < SWITCHES; i++) {
		task_wake(task_current());
		task_park();
	}
}

static void wake_each_other(void *arg)
{
	struct task **pair = arg;
	int me = pair[0] ? 1 : 0;

	pair[me] = task_current();
	if (!me)
		task_park();
	for (int i = 0; i < SWITCHES; i++) {
		task_wake(pair[!me]);
		task_park();
	}
	task_wake(pair[!me]);
}

static void test_a_switch_takes_less_than_a_microsecond(void **state)
{
	struct task *pair[2] = { 0 };
	struct timespec from, to;
	double ns;

	assert_true(task_spawn(*state, park_often, NULL));
	assert_true(task_spawn(*state, wake_each_other, pair));
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_true(task_spawn(*state, wake_each_other, pair));
	uv_run(*state, UV_RUN_DEFAULT);
	clock_gettime(CLOCK_MONOTONIC, &to);
	ns = ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) /
	     (2.0 * SWITCHES);
	print_message("wake, park and resume: %.0f ns\n", ns);
	assert_true(ns < 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_a_task_runs_at_once_until_it_sleeps_and_goes_on_when_woken, open_loop,
			close_loop),
		cmocka_unit_test_setup_teardown(test_a_wake_before_the_park_is_not_lost, open_loop,
						close_loop),
		cmocka_unit_test_setup_teardown(test_a_task_may_spawn_a_task, open_loop,
						close_loop),
		cmocka_unit_test_setup_teardown(
			test_a_wait_ends_at_its_deadline_and_leaves_the_queue, open_loop,
			close_loop),
		cmocka_unit_test_setup_teardown(test_waiters_are_woken_first_in_first_out,
						open_loop, close_loop),
		cmocka_unit_test_setup_teardown(test_offloaded_work_runs_while_the_task_sleeps,
						open_loop, close_loop),
		cmocka_unit_test_setup_teardown(test_more_tasks_than_the_limit_are_refused,
						open_loop, close_loop),
		cmocka_unit_test_setup_teardown(test_a_stack_holds_what_handlers_need, open_loop,
						close_loop),
		cmocka_unit_test_setup_teardown(test_a_switch_takes_less_than_a_microsecond,
						open_loop, close_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

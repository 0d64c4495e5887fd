/*
 * One thread, one event loop, and straight-line code: every call runs as a task, a coroutine with a
 * stack of its own, that sleeps where it must wait and never blocks the loop.
 *
 * Only code inside a task may call the functions marked "sleeps". Everything runs on the loop's thread,
 * but for what task_offload() is given: that runs on a worker thread and may touch nothing shared.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct task;

/*
 * Starts run(arg) as a task; it runs at once until it first sleeps. Stacks are pooled. False when `limit` tasks run already.
 * A thread has one loop for its tasks; the loop lives as long as a task does.
 */
bool task_spawn(uv_loop_t *loop, void (*run)(void *arg), void *arg);
/* The task that runs now, or NULL on the loop's own stack. */
struct task *task_current(void);
/* Sleeps until task_wake(). A wake before the park is not lost: the park returns at once. */
void task_park(void);
/* Sleeps until task_wake() or the deadline (uv_now milliseconds; 0 = never); false at the deadline. */
bool task_park_until(uint64_t deadline);
/* Makes the task ready; it runs before the loop next waits. Callable from the loop's thread only. */
void task_wake(struct task *task);
/* Sleeps. */
void task_sleep(uint64_t ms);
/* Sleeps while work(arg) runs on a worker thread (libuv's pool, as many threads as cores). */
void task_offload(void (*work)(void *arg), void *arg);

/* A name for the log of what held the loop too long (more than 50 ms without sleeping). Not copied. */
void task_set_name(const char *name);
/* How many run now, and the most that may (default 4096). */
unsigned task_count(void);
void task_set_limit(unsigned limit);

/*
 * Something to do once per turn of the loop, after every ready task has run and before the loop waits: sending together
 * what the tasks asked for. The hook belongs to the caller.
 */
struct task_hook {
	void (*run)(void *arg);
	void *arg;
	struct task_hook *next;
};
void task_at_turn_end(uv_loop_t *loop, struct task_hook *hook);
void task_drop_hook(struct task_hook *hook);

/* Gives back the pooled stacks and lets go of the loop, which must then turn until its handles are closed. No task may run. */
void task_end(void);

/* A queue of tasks that wait for one thing (a free connection, a slot); woken first in, first out. Zeroed = empty. */
struct task_queue {
	struct task_waiter *first, **last;
};
/* Sleeps until woken or the deadline (uv_now milliseconds; 0 = never); false at the deadline. */
bool task_wait(struct task_queue *queue, uint64_t deadline);
bool task_wake_one(struct task_queue *queue);
void task_wake_all(struct task_queue *queue);

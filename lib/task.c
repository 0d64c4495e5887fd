/* Tasks: pooled stacks, a ready queue that is run before the loop waits, and the ways to sleep. */
#include "task.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "task_switch.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifdef SANITIZED
#include <sanitizer/common_interface_defs.h>
enum { STACK_SIZE = 512 * 1024 };
#else
enum { STACK_SIZE = 128 * 1024 };
#endif

enum { POOLED = 64, TURN_BUDGET = 10000, HELD_TOO_LONG_MS = 50 };

enum state { RUNNING, READY, PARKED, POOLED_STACK };

struct task {
	task_context context, resumer;
	struct task *next;	/* in the ready queue or the pool */
	struct task *outer;	/* the task that resumed this one by spawning it */
	void (*run)(void *arg); /* NULL: the stack is to end */
	void *arg;
	const char *name;
	void *stack;
	uv_timer_t timer;
	enum state state;
	bool woken, timed_out;
#ifdef SANITIZED
	void *fake_stack, *resumer_fake_stack;
	const void *resumer_stack;
	size_t resumer_size;
#endif
};

/* The thread's scheduler, and with it the task that runs now: the one static of the runtime beside the log. */
static _Thread_local struct {
	uv_loop_t *loop;
	uv_prepare_t prepare;
	uv_idle_t idle;
	struct task *current, *pool;
	struct task *ready, **ready_last;
	struct task_hook *hooks;
	unsigned count, pooled, limit;
} the_tasks = { .limit = 4096 };

#ifdef SANITIZED

/* Into the task: called around the switch, on the resumer's stack. */
static void tell_resuming(struct task *task)
{
	__sanitizer_start_switch_fiber(&task->resumer_fake_stack, task->stack, STACK_SIZE);
}

static void tell_resumed_back(struct task *task)
{
	__sanitizer_finish_switch_fiber(task->resumer_fake_stack, NULL, NULL);
}

/* Out of the task: called around the switch, on the task's stack. */
static void tell_leaving(struct task *task, bool for_good)
{
	__sanitizer_start_switch_fiber(for_good ? NULL : &task->fake_stack, task->resumer_stack,
				       task->resumer_size);
}

static void tell_entered(struct task *task)
{
	__sanitizer_finish_switch_fiber(task->fake_stack, &task->resumer_stack,
					&task->resumer_size);
}

#else

static void tell_resuming(struct task *task)
{
	(void)task;
}

static void tell_resumed_back(struct task *task)
{
	(void)task;
}

static void tell_leaving(struct task *task, bool for_good)
{
	(void)task;
	(void)for_good;
}

static void tell_entered(struct task *task)
{
	(void)task;
}

#endif

struct task *task_current(void)
{
	return the_tasks.current;
}

/* Milliseconds, to the kernel's tick: cheap enough for every switch. */
static uint64_t coarse_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void log_if_held_too_long(const char *name, uint64_t since)
{
	struct buf members = { 0 };
	uint64_t held = coarse_ms() - since;

	if (held <= HELD_TOO_LONG_MS)
		return;
	buf_printf(&members, ",\"task\":\"%s\",\"ms\":%llu", name ? name : "",
		   (unsigned long long)held);
	log_line(LOG_WARN, "a task held the loop", (const char *)members.data, members.len);
	buf_free(&members);
}

/* Runs the task until it sleeps or ends. */
static void resume(struct task *task)
{
	uint64_t since = coarse_ms();

	task->outer = the_tasks.current;
	task->state = RUNNING;
	the_tasks.current = task;
	tell_resuming(task);
	task_switch(&task->resumer, &task->context);
	tell_resumed_back(task);
	the_tasks.current = task->outer;
	log_if_held_too_long(task->name, since);
}

static void leave(struct task *task, bool for_good)
{
	tell_leaving(task, for_good);
	task_switch(&task->context, &task->resumer);
	tell_entered(task);
}

/* What runs on every stack: one task after the other, until the stack is to end. */
static void run_tasks(void)
{
	struct task *task = the_tasks.current;

	tell_entered(task);
	while (task->run) {
		task->run(task->arg);
		task->state = POOLED_STACK;
		leave(task, false);
	}
	leave(task, true);
}

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* A guard page below the stack turns an overflow into a fault instead of a neighbour's damage. */
static void *map_stack(void)
{
	size_t guard = page_size();
	char *base = mmap(NULL, guard + STACK_SIZE, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED)
		return NULL;
	if (mprotect(base + guard, STACK_SIZE, PROT_READ | PROT_WRITE)) {
		munmap(base, guard + STACK_SIZE);
		return NULL;
	}
	return base + guard;
}

static void unmap_stack(void *stack)
{
	munmap((char *)stack - page_size(), page_size() + STACK_SIZE);
}

static struct task *new_task(void)
{
	struct task *task = calloc(1, sizeof *task);

	if (!task)
		return NULL;
	task->stack = map_stack();
	if (!task->stack) {
		free(task);
		return NULL;
	}
	task_switch_prepare(&task->context, task->stack, STACK_SIZE, run_tasks);
	uv_timer_init(the_tasks.loop, &task->timer);
	task->timer.data = task;
	return task;
}

static void on_timer_closed(uv_handle_t *timer)
{
	free(timer->data);
}

/* Lets the stack's own loop end first, so that the sanitizer forgets it. */
static void end_task(struct task *task)
{
	task->run = NULL;
	resume(task);
	unmap_stack(task->stack);
	uv_close((uv_handle_t *)&task->timer, on_timer_closed);
}

static struct task *take_task(void)
{
	struct task *task = the_tasks.pool;

	if (!task)
		return new_task();
	the_tasks.pool = task->next;
	the_tasks.pooled--;
	return task;
}

static void give_back(struct task *task)
{
	if (!--the_tasks.count)
		uv_unref((uv_handle_t *)&the_tasks.prepare);
	if (the_tasks.pooled >= POOLED) {
		end_task(task);
		return;
	}
	task->next = the_tasks.pool;
	the_tasks.pool = task;
	the_tasks.pooled++;
}

static void resume_and_keep(struct task *task)
{
	resume(task);
	if (task->state == POOLED_STACK)
		give_back(task);
}

static void run_ready(void)
{
	for (int budget = TURN_BUDGET; the_tasks.ready && budget; budget--) {
		struct task *task = the_tasks.ready;

		the_tasks.ready = task->next;
		if (!the_tasks.ready)
			the_tasks.ready_last = &the_tasks.ready;
		task->woken = false;
		resume_and_keep(task);
	}
}

static void on_idle(uv_idle_t *idle)
{
	(void)idle;
}

/* An active idle handle keeps the loop from waiting while tasks are still ready. */
static void on_prepare(uv_prepare_t *prepare)
{
	(void)prepare;
	run_ready();
	for (struct task_hook *hook = the_tasks.hooks, *next; hook; hook = next) {
		next = hook->next;
		hook->run(hook->arg);
	}
	if (the_tasks.ready)
		uv_idle_start(&the_tasks.idle, on_idle);
	else
		uv_idle_stop(&the_tasks.idle);
}

static void set_worker_threads(void)
{
	char threads[16];

	snprintf(threads, sizeof threads, "%u", uv_available_parallelism());
	setenv("UV_THREADPOOL_SIZE", threads, 0);
}

static void begin(uv_loop_t *loop)
{
	if (the_tasks.loop)
		return;
	the_tasks.loop = loop;
	the_tasks.ready_last = &the_tasks.ready;
	set_worker_threads();
	uv_idle_init(loop, &the_tasks.idle);
	uv_prepare_init(loop, &the_tasks.prepare);
	uv_prepare_start(&the_tasks.prepare, on_prepare);
	uv_unref((uv_handle_t *)&the_tasks.prepare);
}

void task_end(void)
{
	if (!the_tasks.loop)
		return;
	while (the_tasks.pool) {
		struct task *task = the_tasks.pool;

		the_tasks.pool = task->next;
		end_task(task);
	}
	the_tasks.pooled = 0;
	the_tasks.hooks = NULL;
	uv_close((uv_handle_t *)&the_tasks.idle, NULL);
	uv_close((uv_handle_t *)&the_tasks.prepare, NULL);
	the_tasks.loop = NULL;
}

bool task_spawn(uv_loop_t *loop, void (*run)(void *arg), void *arg)
{
	struct task *task;

	begin(loop);
	if (the_tasks.count >= the_tasks.limit)
		return false;
	task = take_task();
	if (!task)
		return false;

	task->run = run;
	task->arg = arg;
	task->name = NULL;
	task->woken = false;
	if (!the_tasks.count++)
		uv_ref((uv_handle_t *)&the_tasks.prepare);
	resume_and_keep(task);
	return true;
}

void task_park(void)
{
	struct task *task = the_tasks.current;

	if (!task->woken) {
		task->state = PARKED;
		leave(task, false);
	}
	task->woken = false;
}

void task_wake(struct task *task)
{
	if (task->woken)
		return;
	task->woken = true;
	if (task->state != PARKED)
		return;
	task->state = READY;
	task->next = NULL;
	*the_tasks.ready_last = task;
	the_tasks.ready_last = &task->next;
}

static void on_timer(uv_timer_t *timer)
{
	struct task *task = timer->data;

	task->timed_out = true;
	task_wake(task);
}

bool task_park_until(uint64_t deadline)
{
	struct task *task = the_tasks.current;
	uint64_t now = uv_now(the_tasks.loop);

	if (!deadline) {
		task_park();
		return true;
	}
	if (task->woken || deadline <= now) {
		bool woken = task->woken;

		task->woken = false;
		return woken;
	}
	task->timed_out = false;
	uv_timer_start(&task->timer, on_timer, deadline - now, 0);
	task_park();
	uv_timer_stop(&task->timer);
	return !task->timed_out;
}

void task_sleep(uint64_t ms)
{
	uint64_t until;

	uv_update_time(the_tasks.loop);
	until = uv_now(the_tasks.loop) + ms;
	while (task_park_until(until))
		;
}

struct offload {
	uv_work_t request;
	struct task *task;
	void (*work)(void *arg);
	void *arg;
	bool done;
};

static void on_work(uv_work_t *request)
{
	struct offload *offload = request->data;

	offload->work(offload->arg);
}

static void on_worked(uv_work_t *request, int status)
{
	struct offload *offload = request->data;

	(void)status;
	offload->done = true;
	task_wake(offload->task);
}

void task_offload(void (*work)(void *arg), void *arg)
{
	struct offload offload = { .task = the_tasks.current, .work = work, .arg = arg };

	offload.request.data = &offload;
	uv_queue_work(the_tasks.loop, &offload.request, on_work, on_worked);
	while (!offload.done)
		task_park();
}

void task_set_name(const char *name)
{
	the_tasks.current->name = name;
}

unsigned task_count(void)
{
	return the_tasks.count;
}

void task_set_limit(unsigned limit)
{
	the_tasks.limit = limit;
}

void task_at_turn_end(uv_loop_t *loop, struct task_hook *hook)
{
	begin(loop);
	hook->next = the_tasks.hooks;
	the_tasks.hooks = hook;
}

void task_drop_hook(struct task_hook *hook)
{
	for (struct task_hook **at = &the_tasks.hooks; *at; at = &(*at)->next)
		if (*at == hook) {
			*at = hook->next;
			return;
		}
}

struct task_waiter {
	struct task_waiter *next;
	struct task *task;
	bool woken;
};

static void remove_waiter(struct task_queue *queue, struct task_waiter *waiter)
{
	struct task_waiter **at = &queue->first;

	while (*at != waiter)
		at = &(*at)->next;
	*at = waiter->next;
	if (!*at)
		queue->last = at;
}

bool task_wait(struct task_queue *queue, uint64_t deadline)
{
	struct task_waiter waiter = { .task = the_tasks.current };

	if (!queue->first)
		queue->last = &queue->first;
	*queue->last = &waiter;
	queue->last = &waiter.next;
	while (!waiter.woken)
		if (!task_park_until(deadline) && !waiter.woken) {
			remove_waiter(queue, &waiter);
			return false;
		}
	return true;
}

bool task_wake_one(struct task_queue *queue)
{
	struct task_waiter *waiter = queue->first;

	if (!waiter)
		return false;
	queue->first = waiter->next;
	waiter->woken = true;
	task_wake(waiter->task);
	return true;
}

void task_wake_all(struct task_queue *queue)
{
	while (task_wake_one(queue))
		;
}

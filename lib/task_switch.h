/*
 * The switch from one stack to another: what the ABI lets a called function keep is saved on the stack
 * that is left. About 2 ns; swapcontext() needs a system call for the signal mask.
 */
#pragma once

#include <stddef.h>

#if defined(__x86_64__) || defined(__aarch64__)
#define TASK_SWITCH_OWN 1
typedef void *task_context;
#else
#include <ucontext.h>
typedef ucontext_t task_context;
#endif

/* Leaves the running stack, keeping where it was in *from, and goes on where *to was left. */
void task_switch(task_context *from, task_context *to);
/* Makes *context the start of main() on a fresh stack. main never returns. */
void task_switch_prepare(task_context *context, void *stack, size_t size, void (*main)(void));

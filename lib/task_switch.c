/* The switch between stacks: assembly where we have it, ucontext elsewhere. */
#include "task_switch.h"

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)

/* A jump and not `ret`: the return predictor knows only the stack that is left. */
__asm__(".text\n"
	".globl task_switch\n"
	".type task_switch,@function\n"
	"task_switch:\n"
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	movq %rsp, (%rdi)\n"
	"	movq (%rsi), %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	popq %rcx\n"
	"	jmp *%rcx\n"
	".size task_switch,.-task_switch\n");

/* Six saved registers, where to go, and a zero in place of main's return address. */
void task_switch_prepare(task_context *context, void *stack, size_t size, void (*main)(void))
{
	void **top = (void **)((uintptr_t)stack + size);

	top[-1] = NULL;
	memcpy(&top[-2], &main, sizeof main);
	memset(&top[-8], 0, 6 * sizeof *top);
	*context = &top[-8];
}

#elif defined(__aarch64__)

__asm__(".text\n"
	".globl task_switch\n"
	".type task_switch,%function\n"
	"task_switch:\n"
	"	sub sp, sp, #160\n"
	"	stp x19, x20, [sp, #0]\n"
	"	stp x21, x22, [sp, #16]\n"
	"	stp x23, x24, [sp, #32]\n"
	"	stp x25, x26, [sp, #48]\n"
	"	stp x27, x28, [sp, #64]\n"
	"	stp x29, x30, [sp, #80]\n"
	"	stp d8, d9, [sp, #96]\n"
	"	stp d10, d11, [sp, #112]\n"
	"	stp d12, d13, [sp, #128]\n"
	"	stp d14, d15, [sp, #144]\n"
	"	mov x9, sp\n"
	"	str x9, [x0]\n"
	"	ldr x9, [x1]\n"
	"	mov sp, x9\n"
	"	ldp x19, x20, [sp, #0]\n"
	"	ldp x21, x22, [sp, #16]\n"
	"	ldp x23, x24, [sp, #32]\n"
	"	ldp x25, x26, [sp, #48]\n"
	"	ldp x27, x28, [sp, #64]\n"
	"	ldp x29, x30, [sp, #80]\n"
	"	ldp d8, d9, [sp, #96]\n"
	"	ldp d10, d11, [sp, #112]\n"
	"	ldp d12, d13, [sp, #128]\n"
	"	ldp d14, d15, [sp, #144]\n"
	"	add sp, sp, #160\n"
	"	ret\n"
	".size task_switch,.-task_switch\n");

/* Twenty saved registers, x30 (the eleventh's neighbour) holding where to go. */
void task_switch_prepare(task_context *context, void *stack, size_t size, void (*main)(void))
{
	void **frame = (void **)((uintptr_t)stack + size) - 20;

	memset(frame, 0, 20 * sizeof *frame);
	memcpy(&frame[11], &main, sizeof main);
	*context = frame;
}

#else

void task_switch(task_context *from, task_context *to)
{
	swapcontext(from, to);
}

void task_switch_prepare(task_context *context, void *stack, size_t size, void (*main)(void))
{
	getcontext(context);
	context->uc_stack.ss_sp = stack;
	context->uc_stack.ss_size = size;
	context->uc_link = NULL;
	makecontext(context, main, 0);
}

#endif

/*
 * Places for what is dear at once. Who finds none waits in a line, and is turned away when that is
 * full too.
 */
#pragma once

#include "call.h"
#include "task.h"

struct places {
	unsigned most, line; /* at work; waiting */
	unsigned taken, waiting;
	struct task_queue queue;
};

/* Refuses with 503 when there is no place before the call's deadline. Sleeps. */
bool place_take(struct call *call, struct places *places) must_check;
void place_leave(struct places *places);

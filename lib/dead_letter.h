/*
 * Events that failed for the last time, as operators see them: rpcs that every service answers to the gateway,
 * for administrators. Each decision is audited in the statement that makes it.
 */
#pragma once

#include "rpc.h"

extern const struct pb_type dead_letter_list_type, dead_letter_one_type, dead_letters_wanted_type,
	dead_letter_wanted_type;

bool list_dead_letters(struct call *call, const void *in, void *out);
bool get_dead_letter(struct call *call, const void *in, void *out);
/* A letter that is on its way already, or was done, is as good as replayed; one dropped already as good as dropped. */
bool replay_dead_letter(struct call *call, const void *in, void *out);
bool drop_dead_letter(struct call *call, const void *in, void *out);

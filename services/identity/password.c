/* Argon2id on worker threads, one per core at most. */
#include "password.h"

#include <sodium.h>
#include <string.h>

#include "state.h"

enum { PASSES = 2, MEMORY = 64 << 20, WAITING_PER_CORE = 16 };

/* Of random bytes that nobody kept: what a guess at an unknown account is compared with. */
static const char nobodys_hash[] = "$argon2id$v=19$m=65536,t=2,p=1$zhukrTxXRxSMkIDRSAe4bw$"
				   "GkKfAqcy52z5GPF//0xLS+qi+mzl+fFrmMSEsiYwwzY";

struct hashing {
	const char *password, *hash;
	char made[crypto_pwhash_STRBYTES];
	bool good;
};

static bool take_place(struct call *call)
{
	struct service_state *state = call->process->state;

	if (state->hashing >= state->cores && state->waiting >= state->cores * WAITING_PER_CORE)
		return false;

	state->waiting++;
	while (state->hashing >= state->cores && task_wait(&state->hashers, call->deadline))
		;
	state->waiting--;
	if (state->hashing >= state->cores)
		return false;
	state->hashing++;
	return true;
}

static void leave_place(struct call *call)
{
	call->process->state->hashing--;
	task_wake_one(&call->process->state->hashers);
}

static bool run(struct call *call, void (*work)(void *arg), struct hashing *hashing)
{
	bool first = !call_failed(call);

	if (!take_place(call)) {
		if (!reject(call, UNAVAILABLE, "OVERLOADED",
			    "Too many people sign in right now. Please try again in a moment.") &&
		    first)
			call->problem->retry_after_s = 1;
		return false;
	}
	task_offload(work, hashing);
	leave_place(call);
	return true;
}

static void make(void *arg)
{
	struct hashing *hashing = arg;

	hashing->good = !crypto_pwhash_str(hashing->made, hashing->password,
					   strlen(hashing->password), PASSES, MEMORY);
}

static void compare(void *arg)
{
	struct hashing *hashing = arg;

	hashing->good = !crypto_pwhash_str_verify(hashing->hash, hashing->password,
						  strlen(hashing->password));
}

bool password_hash(struct call *call, const char *password, char **hash)
{
	struct hashing hashing = { .password = password };

	if (!run(call, make, &hashing))
		return false;
	if (!hashing.good)
		return fault(call, "no memory to hash a password");

	*hash = arena_strdup(call->arena, hashing.made);
	return true;
}

bool password_matches(struct call *call, const char *hash, const char *password, bool *matches)
{
	bool known = hash && *hash;
	struct hashing hashing = { .password = password, .hash = known ? hash : nobodys_hash };

	if (!run(call, compare, &hashing))
		return false;

	*matches = hashing.good && known;
	return true;
}

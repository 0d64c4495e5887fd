/* Argon2id on worker threads, one per core at most. */
#include "password.h"

#include <sodium.h>
#include <string.h>

#include "state.h"

enum { PASSES = 2, MEMORY = 64 << 20 };

/* Of random bytes that nobody kept: what a guess at an unknown account is compared with. */
static const char nobodys_hash[] = "$argon2id$v=19$m=65536,t=2,p=1$zhukrTxXRxSMkIDRSAe4bw$"
				   "GkKfAqcy52z5GPF//0xLS+qi+mzl+fFrmMSEsiYwwzY";

struct hashing {
	const char *password, *hash;
	char made[crypto_pwhash_STRBYTES];
	bool good;
};

static bool run(struct call *call, void (*work)(void *arg), struct hashing *hashing)
{
	struct places *hashers = &call->process->state->hashers;

	if (!place_take(call, hashers))
		return false;
	task_offload(work, hashing);
	place_leave(hashers);
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

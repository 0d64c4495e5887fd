/* identity: accounts, sign-in, keys, grants, invitations, profiles, taxonomies and the site. */
#include <stdlib.h>
#include <unistd.h>

#include "key.h"
#include "state.h"

enum { WAITING_PER_CORE = 16 };

static const struct setting settings[] = {
	{
		.name = "ITHACA_SITE",
		.kind = SETTING_TEXT,
		.meaning = "The site's id, which every token names; the gateway's.",
	},
	{
		.name = "ITHACA_FIRST_ADMIN",
		.kind = SETTING_TEXT,
		.fallback = "",
		.meaning = "Who verifies this e-mail address while the site has no administrator "
			   "becomes ADMIN and SAFETY_OFFICER.",
	},
	{
		.name = "ITHACA_ACCESS_TOKEN_LIFE",
		.kind = SETTING_SECONDS,
		.fallback = "10m",
		.min = 1,
		.max = 600,
		.meaning = "How long an access token is worth something; ten minutes at most, as "
			   "revocations are remembered longer than that.",
	},
	{
		.name = "ITHACA_ATTEMPTS_PER_ADDRESS",
		.kind = SETTING_NUMBER,
		.fallback = "60",
		.min = 1,
		.max = 100000000,
		.meaning = "Failed sign-ins from one network within an hour before each next one "
			   "has to wait longer.",
	},
	{
		.name = "ITHACA_PHOTO_PROGRAM",
		.kind = SETTING_TEXT,
		.fallback = "",
		.meaning = "The program that re-encodes photos; \"photo\" beside this one unless "
			   "told.",
	},
	{ 0 },
};

static struct service_state *state_new(const struct process *process)
{
	const uint8_t *master = conf_key(process->conf, "ITHACA_MASTER_KEY");
	struct service_state *state = calloc(1, sizeof *state);
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (!state)
		abort();
	state->addresses = seal_key_new(master, "identity.address", 1);
	state->profiles = seal_key_new(master, "identity.profile", 1);
	state->totp = seal_key_new(master, "identity.totp", 1);
	state->signing = seal_key_new(master, "identity.signing", 1);
	state->answers = seal_key_new(master, "identity.refresh", 1);
	state->hashers.most = state->painters.most = cores > 1 ? (unsigned)cores : 1;
	state->hashers.line = state->painters.line = state->hashers.most * WAITING_PER_CORE;
	return state;
}

static void stop(struct process *process)
{
	struct service_state *state = process->state;

	seal_key_free(state->addresses);
	seal_key_free(state->profiles);
	seal_key_free(state->totp);
	seal_key_free(state->signing);
	seal_key_free(state->answers);
	free(state);
}

static bool start(struct process *process)
{
	struct call *call;
	Nothing nothing = NOTHING__INIT;
	bool good;

	process->state = state_new(process);
	call = call_begin(process, "start");
	good = keys_renew(call) && set_timers(call, &nothing);
	call_end(call);
	return good;
}

static const struct service service = {
	.name = "identity",
	.methods = identity_methods,
	.handlers = identity_handlers,
	.statements = identity_statements,
	.migrations = identity_migrations,
	.settings = settings,
	.start = start,
	.stop = stop,
};

int main(int argc, char **argv)
{
	return service_main(argc, argv, &service);
}

/* Matching: whom it may bring together. */
#include "matching/matching.h"

#include <stdlib.h>

#include "services/matching/keeping.h"
#include "services/matching/state.h"
#include "task.h"

enum { STEP_MS = 20 };

static const struct setting settings[] = {
	{
		.name = "ITHACA_MATCH_MEMORY_MB",
		.kind = SETTING_NUMBER,
		.fallback = "4096",
		.meaning = "How much memory a pool may need, and how much is kept of those that "
			   "are looked at; in MiB.",
		.min = 1,
		.max = 1 << 20,
	},
	{ 0 },
};

static bool start(struct process *process)
{
	struct service_state *state = calloc(1, sizeof *state);

	if (!state)
		abort();
	state->keeping =
		keeping_new((uint64_t)conf_number(process->conf, "ITHACA_MATCH_MEMORY_MB"));
	state->pseudonyms = seal_key_new(conf_key(process->conf, "ITHACA_MASTER_KEY"),
					 "matching.pseudonyms", 1);
	process->state = state;
	return true;
}

/* What works on runs notices that the process is to end, and leaves them to others. */
static void stop(struct process *process)
{
	while (process->state->jobs)
		task_sleep(STEP_MS);
	keeping_free(process->state->keeping);
	seal_key_free(process->state->pseudonyms);
	free(process->state);
}

static const struct service matching = {
	.name = "matching",
	.methods = matching_methods,
	.handlers = matching_handlers,
	.statements = matching_statements,
	.migrations = matching_migrations,
	.settings = settings,
	.start = start,
	.stop = stop,
};

int main(int argc, char **argv)
{
	return service_main(argc, argv, &matching);
}

/* Programs: the catalogue, its cohorts and forms, and how people become members. */
#include <stdlib.h>

#include "certificate_pdf.h"
#include "certificate_sign.h"

static const struct setting settings[] = {
	{
		.name = "ITHACA_FOUR_EYES",
		.kind = SETTING_FLAG,
		.fallback = "true",
		.meaning = "A program is published by an admin who has not submitted it; false "
			   "lets its coordinators publish it.",
	},
	{
		.name = "ITHACA_VIDEO_HOSTS",
		.kind = SETTING_TEXT,
		.fallback = "youtube.com, youtube-nocookie.com, youtu.be, vimeo.com",
		.meaning = "Hosts that videos of resources may come from, with what is below them; "
			   "separated by commas.",
	},
	{
		.name = "ITHACA_SAFETY_PUBLIC_KEY",
		.kind = SETTING_TEXT,
		.fallback = "",
		.meaning = "The public key (X25519, 64 hex digits) that anonymous authors are sealed to. "
			   "Its other half is with the safety officers and in no service. Without it "
			   "nobody is anonymous.",
	},
	{ 0 },
};

static bool start(struct process *process)
{
	struct service_state *state = calloc(1, sizeof *state);
	struct call *call;
	bool good;

	if (!state)
		abort();
	state->certificates = seal_key_new(conf_key(process->conf, "ITHACA_MASTER_KEY"),
					   "programs.certificate", 1);
	process->state = state;
	call = call_begin(process, "start");
	good = certificate_key_begin(call);
	call_end(call);
	return good;
}

static void stop(struct process *process)
{
	seal_key_free(process->state->certificates);
	free(process->state);
	certificate_pdf_end();
}

static const struct service programs = {
	.name = "programs",
	.methods = programs_methods,
	.handlers = programs_handlers,
	.statements = programs_statements,
	.migrations = programs_migrations,
	.settings = settings,
	.start = start,
	.stop = stop,
};

int main(int argc, char **argv)
{
	return service_main(argc, argv, &programs);
}

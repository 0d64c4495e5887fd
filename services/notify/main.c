/* notify: tells people what concerns them, by mail and in their inbox. */
#include <stdlib.h>

#include "notify/notify.h"
#include "state.h"

static const struct setting settings[] = {
	{
		.name = "ITHACA_SMTP_URL",
		.kind = SETTING_SECRET,
		.meaning = "The mail server: smtp://user:password@host:port (no mail goes out "
			   "without STARTTLS, but to this machine itself), or smtps:// for TLS "
			   "from the start.",
	},
	{
		.name = "ITHACA_MAIL_FROM",
		.kind = SETTING_TEXT,
		.meaning = "The address that mails come from: no-reply@example.org; the name "
			   "before it is the site's.",
	},
	{
		.name = "ITHACA_PUBLIC_URL",
		.kind = SETTING_TEXT,
		.meaning = "Where people find the site: the beginning of every link in a mail.",
	},
	{ 0 },
};

static bool start(struct process *process)
{
	const uint8_t *master = conf_key(process->conf, "ITHACA_MASTER_KEY");
	struct smtp *smtp = smtp_new(process->loop, conf_text(process->conf, "ITHACA_SMTP_URL"));

	process->state = smtp ? calloc(1, sizeof *process->state) : NULL;
	if (!process->state)
		return false;
	process->state->smtp = smtp;
	process->state->addresses = seal_key_new(master, "notify.address", 1);
	process->state->unsubscribing = seal_key_new(master, "notify.unsubscribe", 1);
	return true;
}

static void stop(struct process *process)
{
	smtp_free(process->state->smtp);
	seal_key_free(process->state->addresses);
	seal_key_free(process->state->unsubscribing);
	free(process->state);
}

static const struct service notify = {
	.name = "notify",
	.methods = notify_methods,
	.handlers = notify_handlers,
	.statements = notify_statements,
	.migrations = notify_migrations,
	.settings = settings,
	.start = start,
	.stop = stop,
};

int main(int argc, char **argv)
{
	return service_main(argc, argv, &notify);
}

/* Programs: the catalogue, its cohorts and forms, and how people become members. */
#include <stdlib.h>

#include "certificate_pdf.h"
#include "certificate_sign.h"
#include "log.h"

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
		.meaning =
			"The public key (X25519, 64 hex digits) that anonymous authors are sealed "
			"to. "
			"Its other half is with the safety officers and in no service. Without it "
			"nobody is anonymous.",
	},
	{
		.name = "ITHACA_PUBLIC_URL",
		.kind = SETTING_TEXT,
		.fallback = "",
		.meaning = "Where the site is found, without a slash at the end: Open Badges name "
			   "it for whoever asks whether "
			   "they were revoked.",
	},
	{
		.name = "ITHACA_OBJECTS",
		.kind = SETTING_SECRET,
		.fallback = NULL,
		.meaning = "Where files are kept: a folder, /path, that every process of programs "
			   "sees, or an S3-compatible "
			   "store, s3://KEY_ID:SECRET@HOST/BUCKET/PREFIX?region=REGION (s3+http: "
			   "without TLS).",
	},
	{
		.name = "ITHACA_SCANNER",
		.kind = SETTING_TEXT,
		.fallback = "",
		.meaning = "A clamd that every file is checked by before it is kept: unix:/path or "
			   "tcp:host:port. Without it "
			   "files are not checked.",
	},
	{
		.name = "ITHACA_FILE_TYPES",
		.kind = SETTING_TEXT,
		.fallback = "application/pdf, application/zip, image/png, image/jpeg, image/gif, "
			    "image/webp",
		.meaning = "What files of resources may be, by what their first bytes tell; "
			   "separated by commas.",
	},
	{
		.name = "ITHACA_MOST_FILE",
		.kind = SETTING_NUMBER,
		.fallback = "26214400",
		.meaning = "How many bytes the file of a FILE has at most.",
		.min = 1,
		.max = 25 << 20,
	},
	{
		.name = "ITHACA_MOST_TEMPLATE",
		.kind = SETTING_NUMBER,
		.fallback = "26214400",
		.meaning = "How many bytes the file of a TEMPLATE has at most.",
		.min = 1,
		.max = 25 << 20,
	},
	{ 0 },
};

static struct objects *open_objects(struct process *process)
{
	struct buf complaints = { 0 };
	struct objects *objects =
		objects_open(conf_text(process->conf, "ITHACA_OBJECTS"), &complaints);
	const char *scanner = conf_text(process->conf, "ITHACA_SCANNER");

	if (objects && *scanner && !objects_scan_at(objects, scanner, &complaints)) {
		objects_close(objects);
		objects = NULL;
	}
	if (!objects)
		log_write(LOG_ERROR, "files cannot be kept", "error", buf_text(&complaints), NULL);
	buf_free(&complaints);
	return objects;
}

static bool start(struct process *process)
{
	struct service_state *state = calloc(1, sizeof *state);
	struct call *call;
	bool good;

	if (!state)
		abort();
	state->certificates = seal_key_new(conf_key(process->conf, "ITHACA_MASTER_KEY"),
					   "programs.certificate", 1);
	state->objects = open_objects(process);
	process->state = state;
	if (!state->objects)
		return false;
	call = call_begin(process, "start");
	good = certificate_key_begin(call);
	call_end(call);
	return good;
}

static void stop(struct process *process)
{
	objects_close(process->state->objects);
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

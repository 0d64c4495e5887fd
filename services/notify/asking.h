/*
 * A delivery that is being sent, and what has to be asked before it can be: the one-time token or
 * the address, the names in it, the site, the words in the reader's language.
 */
#pragma once

#include "notify/notify.h"

enum { SENDING_VARIABLES = 24 };

struct sending {
	struct call *call; /* settles it */
	struct call *ask;  /* asks for what it needs; its refusals are not the delivery's */
	Parcel parcel;
	const char *email, *name, *locale, *zone, *token, *program_id, *mentorship_id;
	const char *address; /* keyed hash of the email */
	PublicSite site;
	size_t n_variables;
	Variable *variables[SENDING_VARIABLES];
	Wording wording;
};

/* What there is news about, asked of who owns it: matching or programs. Sleeps. */
bool describe_matter(struct call *ask, const MatterRequest *request, Matter *matter) must_check;
/* False with sending->ask refused: 410 or 404 when there is nothing (left) to send. Sleeps. */
bool ask_for_everything(struct sending *sending) must_check;

/*
 * One-time tokens that come back from mails.
 */
#pragma once

#include "identity/identity.h"

/* What the token is looked up by. */
void token_read(struct call *call, const char *token, IssueMailTokenRequest__Purpose purpose,
		TokenUse *use);
/* Uses the token up; what it is about is in use->id. 404, 410 as it deserves. */
bool token_use(struct call *call, const char *token, IssueMailTokenRequest__Purpose purpose,
	       TokenUse *use) must_check;

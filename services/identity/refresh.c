/* Refresh tokens: each is exchanged once; used again later, somebody else has it too. */
#include <string.h>

#include "session.h"
#include "state.h"

static char *place(struct call *call, const SessionRow *row)
{
	return arena_printf(call->arena, "refresh_token/%s/answer", row->old_hash);
}

/* Every token of the session is worth nothing from now on, and its owner hears of it. */
static bool refuse_reuse(struct call *call, const SessionRow *row)
{
	Account account = ACCOUNT__INIT;
	bool found;

	if (!end_reused(call, row, &account, &found) ||
	    (found && (!publish_refresh_reused(call, &account) ||
		       !publish_session_revoked(call, &account))) ||
	    !sql_checkpoint(call))
		return false;
	return reject(call, UNAUTHENTICATED, "SESSION_REVOKED",
		      "This session has ended. Please sign in again.");
}

/* The answer in four words, for a second request that was under way with the same token. */
static void seal_answer(struct call *call, SessionRow *row, const SignIn *sign_in)
{
	const char *words = arena_printf(call->arena, "%s %s %s %s", sign_in->access_token,
					 sign_in->access_expires_at, sign_in->refresh_token,
					 sign_in->refresh_expires_at);

	row->answer = seal(call->arena, call->process->state->answers, place(call, row), words,
			   strlen(words));
}

static bool repeat_answer(struct call *call, const SessionRow *row, SignIn *sign_in)
{
	size_t len;
	char *words = seal_open(call->arena, call->process->state->answers, place(call, row),
				row->answer, &len),
	     *rest = words;

	if (!words)
		return fault(call, "the answer of a refresh does not open");

	sign_in->session_id = row->id;
	sign_in->access_token = strsep(&rest, " ");
	sign_in->access_expires_at = strsep(&rest, " ");
	sign_in->refresh_token = strsep(&rest, " ");
	sign_in->refresh_expires_at = rest;
	return true;
}

static bool rotate(struct call *call, SessionRow *row, SignIn *sign_in)
{
	SessionRow extended = SESSION_ROW__INIT;

	sign_in->refresh_token = secret_new(call->arena);
	sign_in->refresh_expires_at = row->next_expires_at;
	row->refresh_hash = secret_hash(call->arena, sign_in->refresh_token);
	if (!session_sign(call, row, sign_in))
		return false;
	seal_answer(call, row, sign_in);
	return exchange_refresh(call, row, &extended);
}

bool refresh_session(struct call *call, const RefreshSessionRequest *req, SignIn *sign_in)
{
	SessionRow row = SESSION_ROW__INIT;
	bool found;

	row.old_hash = secret_hash(call->arena, req->refresh_token);
	if (!find_refresh(call, &row, &row, &found))
		return false;
	if (!found)
		return reject(call, UNAUTHENTICATED, "INVALID_TOKEN",
			      "This is not a refresh token of ours.");
	if (row.revoked)
		return reject(call, UNAUTHENTICATED, "SESSION_REVOKED",
			      "This session has ended. Please sign in again.");
	if (row.expired)
		return reject(call, UNAUTHENTICATED, "SESSION_EXPIRED",
			      "This session is over. Please sign in again.");
	if (row.used)
		return row.in_grace && *row.answer ? repeat_answer(call, &row, sign_in)
						   : refuse_reuse(call, &row);

	return rotate(call, &row, sign_in);
}

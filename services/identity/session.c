/* Opening sessions and signing what speaks for them. */
#include "session.h"

#include <string.h>
#include <time.h>

#include "pb_json.h"
#include "state.h"
#include "token.h"

enum { SECRET_BYTES = 64 };

static int64_t expiry(struct call *call, const SessionRow *row)
{
	return row->now_ms / 1000 + conf_number(call->process->conf, "ITHACA_ACCESS_TOKEN_LIFE");
}

static char *instant(struct call *call, int64_t unix_seconds)
{
	time_t seconds = unix_seconds;
	struct tm utc;
	char text[32];

	gmtime_r(&seconds, &utc);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
	return arena_printf(call->arena, "%s.000000Z", text);
}

static void add_text(struct buf *claims, const char *name, const char *value)
{
	buf_printf(claims, "\"%s\":", name);
	json_quote(claims, value, strlen(value));
	buf_putc(claims, ',');
}

static void add_roles(struct buf *claims, const SessionRow *row)
{
	buf_puts(claims, "\"roles\":[");
	for (size_t i = 0; i < row->n_roles; i++) {
		if (i)
			buf_putc(claims, ',');
		json_quote(claims, row->roles[i], strlen(row->roles[i]));
	}
	buf_puts(claims, "],");
}

static char *access_token(struct call *call, const SessionRow *row, const uint8_t *secret)
{
	const char *site = setting(call, "ITHACA_SITE");
	struct buf claims = { 0 };
	char *token;

	buf_putc(&claims, '{');
	add_text(&claims, "iss", site);
	add_text(&claims, "sub", row->user_id);
	add_text(&claims, "sid", row->id);
	add_roles(&claims, row);
	add_text(&claims, "pol", "");
	add_text(&claims, "jti", new_id(call));
	buf_printf(&claims, "\"iat\":%lld,\"ims\":%lld,\"exp\":%lld,\"sia\":%lld}",
		   (long long)row->now_ms / 1000, (long long)row->now_ms,
		   (long long)expiry(call, row), (long long)row->signed_in_unix);
	token = token_sign(call->arena, secret, buf_text(&claims), claims.len,
			   arena_printf(call->arena, "{\"kid\":\"%s\"}", row->key_id), site);
	buf_free(&claims);
	return token;
}

bool session_sign(struct call *call, SessionRow *row, SignIn *sign_in)
{
	const char *place = arena_printf(call->arena, "signing_key/%s/secret", row->key_id);
	size_t len;
	uint8_t *secret =
		seal_open(call->arena, call->process->state->signing, place, row->key_secret, &len);

	if (!secret || len != SECRET_BYTES)
		return fault(call, "the signing key %s does not open", row->key_id);

	sign_in->session_id = row->id;
	sign_in->access_token = access_token(call, row, secret);
	sign_in->access_expires_at = instant(call, expiry(call, row));
	explicit_bzero(secret, len);
	return true;
}

static bool tell_new_device(struct call *call, const SessionRow *row)
{
	Account account = ACCOUNT__INIT;

	account.id = row->user_id;
	account.session_id = row->id;
	account.signed_in_at = row->signed_in_at;
	return !row->new_device || publish_new_device_signed_in(call, &account);
}

static bool wake(struct call *call, const SessionRow *row)
{
	Account account = ACCOUNT__INIT;
	bool rested;

	if (!come_back(call, row, &account, &rested))
		return false;
	return !rested || publish_user_returned(call, &account);
}

bool session_open(struct call *call, const struct opening *opening, SignIn *sign_in)
{
	SessionRow row = SESSION_ROW__INIT;
	bool known = *opening->device_id;

	row.id = new_id(call);
	row.user_id = (char *)(uintptr_t)opening->user_id;
	row.email_key = (char *)(uintptr_t)opening->email_key;
	row.password_hash = (char *)(uintptr_t)opening->password_hash;
	row.device_id = (char *)(uintptr_t)opening->device_id;
	sign_in->device_token =
		known ? (char *)(uintptr_t)opening->device_token : secret_new(call->arena);
	row.device_hash = secret_hash(call->arena, sign_in->device_token);
	sign_in->refresh_token = secret_new(call->arena);
	row.refresh_hash = secret_hash(call->arena, sign_in->refresh_token);

	if (!wake(call, &row) || !open_session(call, &row, &row))
		return false;

	sign_in->refresh_expires_at = row.expires_at;
	return session_sign(call, &row, sign_in) && tell_new_device(call, &row);
}

bool tell_ended(struct call *call, const Account *account)
{
	return !account->n_session_ids || publish_session_revoked(call, account);
}

/* Setting up, checking and removing second factors. */
#include <ctype.h>
#include <liboath/oath.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "address.h"
#include "session.h"
#include "state.h"
#include "totp.h"

enum {
	SECRET_BYTES = 20,
	CODES = 10,
	CODE_BYTES = 15,
	CODE_LETTERS = 24,
	GROUP = 4,
	STEP_SECONDS = 30,
	DIGITS = 6
};

static char *place(struct call *call, const char *user_id)
{
	return arena_printf(call->arena, "totp/%s/secret", user_id);
}

static char *base32(struct call *call, const void *bytes, size_t len)
{
	char *text = NULL, *kept;
	size_t text_len = 0;

	if (oath_base32_encode(bytes, len, &text, &text_len) != OATH_OK)
		abort();
	kept = arena_strndup(call->arena, text, text_len);
	free(text);
	return kept;
}

static bool is_code(const char *secret, size_t len, int64_t step, const char *code)
{
	char wanted[DIGITS + 1];

	return oath_hotp_generate(secret, len, (uint64_t)step, DIGITS, false,
				  OATH_HOTP_DYNAMIC_TRUNCATION, wanted) == OATH_OK &&
	       strlen(code) == DIGITS &&
	       !sodium_memcmp(wanted, code, DIGITS);
}

bool totp_step(struct call *call, const char *user_id, const char *sealed, const char *code,
	       int64_t *step)
{
	int64_t now = (int64_t)time(NULL) / STEP_SECONDS;
	bool found = false;
	size_t len;
	char *secret;

	if (!*sealed)
		return false;
	secret = seal_open(call->arena, call->process->state->totp, place(call, user_id), sealed,
			   &len);
	if (!secret)
		return fault(call, "the authenticator of %s does not open", user_id);
	for (int64_t at = now - 1; at <= now + 1; at++)
		if (is_code(secret, len, at, code)) {
			*step = at;
			found = true;
		}
	explicit_bzero(secret, len);
	return found;
}

char *recovery_code_hash(struct call *call, const char *code)
{
	char *letters = arena_strdup(call->arena, code), *to = letters;

	for (const char *from = code; *from; from++)
		if (isalnum((unsigned char)*from))
			*to++ = (char)toupper((unsigned char)*from);
	*to = '\0';
	return secret_hash(call->arena, letters);
}

/* "ABCD-EFGH-…": base32 in groups. */
static char *new_code(struct call *call)
{
	uint8_t bytes[CODE_BYTES];
	char *letters, *code = arena_alloc(call->arena, CODE_LETTERS + CODE_LETTERS / GROUP + 1),
		       *to = code;

	randombytes_buf(bytes, sizeof bytes);
	letters = base32(call, bytes, sizeof bytes);
	for (size_t i = 0; i < CODE_LETTERS; i++) {
		if (i && i % GROUP == 0)
			*to++ = '-';
		*to++ = letters[i];
	}
	return code;
}

static bool give_codes(struct call *call, RecoveryCodes *codes)
{
	RecoveryHashes kept = RECOVERY_HASHES__INIT;

	codes->n_codes = kept.n_hashes = CODES;
	codes->codes = arena_alloc(call->arena, CODES * sizeof *codes->codes);
	kept.hashes = arena_alloc(call->arena, CODES * sizeof *kept.hashes);
	for (size_t i = 0; i < CODES; i++) {
		codes->codes[i] = new_code(call);
		kept.hashes[i] = recovery_code_hash(call, codes->codes[i]);
	}
	return set_recovery_codes(call, &kept);
}

/* RFC 3986: what stands in a URI as it is. */
static char *escape(struct call *call, const char *text)
{
	char *out = arena_alloc(call->arena, 3 * strlen(text) + 1), *to = out;

	for (; *text; text++)
		if (isalnum((unsigned char)*text) || strchr("-._~", *text))
			*to++ = *text;
		else
			to += sprintf(to, "%%%02X", (unsigned char)*text);
	return out;
}

bool enrol_totp(struct call *call, const Nothing *req, TotpEnrolment *enrolment)
{
	Enrolment row = ENROLMENT__INIT;
	uint8_t secret[SECRET_BYTES];
	Account me = ACCOUNT__INIT;

	if (!find_me_for_password(call, req, &me) ||
	    !address_open(call, "person", me.id, &me.email))
		return false;

	randombytes_buf(secret, sizeof secret);
	row.secret = seal(call->arena, call->process->state->totp, place(call, me.id), secret,
			  sizeof secret);
	enrolment->secret = base32(call, secret, sizeof secret);
	explicit_bzero(secret, sizeof secret);
	enrolment->uri = arena_printf(call->arena, "otpauth://totp/%s:%s?secret=%s&issuer=%s",
				      escape(call, me.site_name), escape(call, me.email),
				      enrolment->secret, escape(call, me.site_name));
	return enrol(call, &row, &row);
}

static bool read_waiting(struct call *call, Enrolment *row)
{
	Nothing nothing = NOTHING__INIT;
	bool found;

	if (!read_enrolment(call, &nothing, row, &found))
		return false;
	if (!found)
		return reject(call, CONFLICT, "NOT_ENROLLED",
			      "Begin with setting the authenticator up.");
	if (row->confirmed)
		return reject(call, CONFLICT, "TOTP_EXISTS", "There is an authenticator already.");
	return true;
}

bool confirm_totp(struct call *call, const ConfirmTotpRequest *req, RecoveryCodes *codes)
{
	Enrolment row = ENROLMENT__INIT;
	Challenge challenge = CHALLENGE__INIT;
	Account account = ACCOUNT__INIT;
	Attempt attempt = ATTEMPT__INIT;
	Nothing nothing = NOTHING__INIT;

	if (!count_confirmation(call, &nothing, &attempt) || !sql_checkpoint(call))
		return false;
	if (attempt.wait_s)
		return reject(call, TOO_MANY_REQUESTS, "TOO_MANY_ATTEMPTS",
			      "Too many attempts. Please wait a while.");
	if (!read_waiting(call, &row))
		return false;
	if (!totp_step(call, row.id, row.secret, req->code, &challenge.step))
		return reject(call, INVALID_ARGUMENT, "INVALID_CODE",
			      "This code is wrong. Is the clock of the device right?");

	return confirm_enrolment(call, &challenge, &account) &&
	       give_codes(call, codes) &&
	       publish_mfa_changed(call, &account);
}

bool new_recovery_codes(struct call *call, const Nothing *req, RecoveryCodes *codes)
{
	Account account = ACCOUNT__INIT;
	bool found;

	if (!renew_recovery_codes(call, req, &account, &found))
		return false;
	if (!found)
		return reject(call, CONFLICT, "NOT_ENROLLED",
			      "Recovery codes stand in for an authenticator: set one up first.");

	return give_codes(call, codes) && publish_mfa_changed(call, &account);
}

bool remove_totp(struct call *call, const Nothing *req)
{
	Account account = ACCOUNT__INIT;
	bool found;

	if (!remove_enrolment(call, req, &account, &found) || !found)
		return !call_failed(call);

	return publish_mfa_changed(call, &account) && tell_ended(call, &account);
}

/* Tokens, and the coarse rights they carry. */
#include "auth.h"

#include <sodium.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

#include "refuse.h"
#include "route.h"
#include "token.h"
#include "trust.h"

enum { SETS = 1024, WAYS = 4, MOST_TOKEN = 4096, FRESH_S = 300, SKEW_S = 60, RETRY_AFTER_S = 2 };

static const unsigned site_roles = WHO(WHO_SUPPORT) | WHO(WHO_ADMIN) | WHO(WHO_SAFETY_OFFICER);

struct known {
	uint8_t hash[crypto_shorthash_siphashx24_BYTES];
	uint64_t used;	     /* a count of looks, for the least recently used */
	unsigned generation; /* of the revocations it was checked against */
	struct session session;
};

struct auth {
	struct trust *trust;
	char *site;
	uint8_t secret[crypto_shorthash_siphashx24_KEYBYTES];
	uint64_t looks;
	struct known known[SETS][WAYS];
};

struct auth *auth_new(struct trust *trust, const char *site)
{
	struct auth *auth = calloc(1, sizeof *auth);

	auth->trust = trust;
	auth->site = strdup(site);
	randombytes_buf(auth->secret, sizeof auth->secret);
	return auth;
}

void auth_free(struct auth *auth)
{
	free(auth->site);
	free(auth);
}

/* The token of "Bearer …", or NULL. */
static const char *bearer(const char *authorization)
{
	return authorization && !strncasecmp(authorization, "Bearer ", 7)
		       ? authorization + 7 + strspn(authorization + 7, " ")
		       : NULL;
}

/* The place of the token's hash: its own, or the one used longest ago (*found = false). */
static struct known *place_of(struct auth *auth, const uint8_t *hash, bool *found)
{
	struct known *set = auth->known[(hash[0] | hash[1] << 8) % SETS], *oldest = set;

	for (struct known *known = set; known < set + WAYS; known++) {
		*found = known->used && !memcmp(known->hash, hash, sizeof known->hash);
		if (*found)
			return known;
		if (known->used < oldest->used)
			oldest = known;
	}
	return oldest;
}

static bool take_text(const json_t *claims, const char *name, char *out, size_t size)
{
	const char *text = json_string_value(json_object_get(claims, name));

	if (!text || strlen(text) >= size)
		return false;
	strcpy(out, text);
	return true;
}

static unsigned role_of(const char *name)
{
	static const struct {
		const char *name;
		enum who who;
	} names[] = { { "SUPPORT", WHO_SUPPORT },
		      { "ADMIN", WHO_ADMIN },
		      { "SAFETY_OFFICER", WHO_SAFETY_OFFICER } };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (name && !strcmp(name, names[i].name))
			return WHO(names[i].who);
	return 0;
}

static unsigned take_roles(const json_t *claims)
{
	const json_t *list = json_object_get(claims, "roles");
	unsigned roles = 0;

	for (size_t i = 0; i < json_array_size(list); i++)
		roles |= role_of(json_string_value(json_array_get(list, i)));
	return roles;
}

/* With the milliseconds that the token tells, for a change of roles in the second of the sign-in. */
static int64_t issued_ms(const json_t *claims, int64_t issued_at)
{
	int64_t ms = json_integer_value(json_object_get(claims, "ims"));

	return ms / 1000 == issued_at ? ms : issued_at * 1000;
}

static bool take_claims(struct session *session, const json_t *claims)
{
	session->expires_at = json_integer_value(json_object_get(claims, "exp"));
	session->issued_at = json_integer_value(json_object_get(claims, "iat"));
	session->signed_in_at = json_integer_value(json_object_get(claims, "sia"));
	session->issued_ms = issued_ms(claims, session->issued_at);
	session->policies_pending = json_is_true(json_object_get(claims, "pol"));
	session->roles = take_roles(claims);
	return take_text(claims, "sub", session->user_id, sizeof session->user_id) &&
	       *session->user_id &&
	       take_text(claims, "sid", session->session_id, sizeof session->session_id);
}

static const json_t *read_object(struct request *request, const char *text, size_t len)
{
	struct field_errors ignored = { .arena = request->arena };
	const json_t *object = text ? json_read(request->arena, text, len, &ignored) : NULL;

	return json_is_object(object) ? object : NULL;
}

static bool verify(struct auth *auth, struct request *request, const char *token,
		   struct session *session)
{
	size_t len = strlen(token), payload_len = 0;
	const char *footer = len <= MOST_TOKEN ? token_footer(request->arena, token, len) : NULL;
	const char *kid = json_string_value(
		json_object_get(read_object(request, footer, footer ? strlen(footer) : 0), "kid"));
	const uint8_t *key = kid ? trust_key(auth->trust, kid) : NULL;
	const char *payload;

	request->unknown_key = kid && !key;
	if (!key)
		return refuse(request, ERROR_TOKEN_INVALID, NULL);
	payload = token_verify(request->arena, key, token, len, auth->site, &payload_len);
	if (!payload || !take_claims(session, read_object(request, payload, payload_len)))
		return refuse(request, ERROR_TOKEN_INVALID, NULL);
	return true;
}

static bool judge_times(struct request *request, const struct session *session)
{
	int64_t now = time(NULL);

	if (session->expires_at <= now)
		return refuse(request, ERROR_TOKEN_EXPIRED, NULL);
	if (session->issued_at > now + SKEW_S)
		return refuse(request, ERROR_TOKEN_INVALID, NULL);
	return true;
}

static bool judge_revocations(const struct auth *auth, struct request *request,
			      const struct session *session)
{
	if (trust_session_ended(auth->trust, session->session_id))
		return refuse(request, ERROR_TOKEN_REVOKED, NULL);
	if (trust_user_changed(auth->trust, session->user_id, session->issued_ms))
		return refuse(request, ERROR_TOKEN_STALE, NULL);
	return true;
}

static bool admit(struct auth *auth, struct request *request, const char *token)
{
	uint8_t hash[crypto_shorthash_siphashx24_BYTES];
	struct known *known;
	bool found;

	crypto_shorthash_siphashx24(hash, (const uint8_t *)token, strlen(token), auth->secret);
	known = place_of(auth, hash, &found);
	if (!found) {
		struct session session = { 0 };

		if (!verify(auth, request, token, &session))
			return false;
		memcpy(known->hash, hash, sizeof known->hash);
		known->session = session;
		known->generation = trust_generation(auth->trust) - 1;
	}
	known->used = ++auth->looks;
	if (!judge_times(request, &known->session))
		return false;
	if (known->generation != trust_generation(auth->trust) &&
	    !judge_revocations(auth, request, &known->session))
		return false;
	known->generation = trust_generation(auth->trust);
	request->session = known->session;
	return true;
}

static bool is_open(const struct request *request)
{
	return request->route->page ||
	       (request->route->method->access & (WHO(WHO_ANYONE) | WHO(WHO_TOKEN)));
}

bool auth_identify(struct auth *auth, struct request *request)
{
	const char *token = bearer(request->headers.authorization);

	if (!request->headers.authorization)
		return is_open(request) ? true : refuse(request, ERROR_TOKEN_NEEDED, NULL);
	if (!token)
		return refuse(request, ERROR_TOKEN_INVALID,
			      "Authorization must be Bearer and an access token.");
	if (!trust_loaded(auth->trust)) {
		(void)!refuse_for(request, ERROR_SERVICE_UNAVAILABLE, RETRY_AFTER_S);
		refuse_member(request, "service", "\"identity\"");
		return false;
	}
	return admit(auth, request, token);
}

bool auth_settle(struct auth *auth, struct request *request)
{
	trust_refresh_keys(auth->trust);
	request->problem = NULL;
	return auth_identify(auth, request);
}

static bool needs_site_role(const struct rpc_method *method)
{
	return !(method->access & ~site_roles);
}

bool auth_permit(struct request *request)
{
	const struct rpc_method *method = request->route->method;
	const struct session *session = &request->session;

	if (!method || !*session->user_id)
		return true;
	if (session->policies_pending && !method->before_policies && !is_open(request))
		return refuse(request, ERROR_POLICIES_PENDING, NULL);
	if (needs_site_role(method) && !(method->access & session->roles))
		return refuse(request, ERROR_FORBIDDEN, NULL);
	if (method->fresh && time(NULL) - session->signed_in_at > FRESH_S)
		return refuse(request, ERROR_FRESH_LOGIN_NEEDED, NULL);
	return true;
}

bool auth_still_holds(const struct auth *auth, const struct session *session)
{
	return session->expires_at > time(NULL) &&
	       !trust_session_ended(auth->trust, session->session_id) &&
	       !trust_user_changed(auth->trust, session->user_id, session->issued_ms);
}

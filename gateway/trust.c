/* Keys and revocations, fetched from identity. */
#include "trust.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "event.h"
#include "gateway.h"
#include "identity/sign_in.pb-c.h"
#include "log.h"
#include "task.h"
#include "upstream.h"

enum {
	MOST_KEYS = 16,
	KID = 64,
	REVOCATIONS_MS = 2000,
	KEYS_MS = 60000,
	KEYS_AGAIN_MS = 1000,
	FETCH_MEMORY = 16 << 20
};

struct key {
	char kid[KID];
	uint8_t bytes[32];
};

/* A session that ended (since 0), or a person whose tokens from before `since` are stale. Sorted by id. */
struct revocation {
	char id[37];
	int64_t since_ms;
};

struct trust {
	struct gateway *gateway;
	struct key keys[MOST_KEYS];
	unsigned key_count, generation;
	struct revocation *revoked;
	size_t revoked_count;
	bool keys_loaded, revocations_loaded, stopping, told;
	uint64_t keys_fetched; /* uv_now milliseconds */
	struct task_queue asleep;
};

static uint64_t now_ms(const struct trust *trust)
{
	return uv_now(trust->gateway->process.loop);
}

static const void *fetch(struct trust *trust, struct arena *arena, const char *rpc)
{
	const struct rpc_method *method = upstream_method(trust->gateway, "identity", rpc);
	const RpcResponse *response = upstream_ask_alone(trust->gateway, arena, method);

	if (!response || response->problem)
		return NULL;
	return pb_unpack(arena, method->out, response->body.data, response->body.len);
}

static bool take_key(struct key *key, const PublicKey *from)
{
	size_t len;

	if (from->use != PUBLIC_KEY__USE__TOKEN || strlen(from->id) >= KID)
		return false;
	strcpy(key->kid, from->id);
	return !sodium_base642bin(key->bytes, sizeof key->bytes, from->public_key,
				  strlen(from->public_key), NULL, &len, NULL,
				  sodium_base64_VARIANT_URLSAFE_NO_PADDING) &&
	       len == sizeof key->bytes;
}

static void fetch_keys(struct trust *trust)
{
	struct arena *arena = arena_new(FETCH_MEMORY);
	const PublicKeysResponse *keys;

	trust->keys_fetched = now_ms(trust);
	keys = fetch(trust, arena, "PublicKeys");
	if (keys) {
		trust->key_count = 0;
		for (size_t i = 0; i < keys->n_items && trust->key_count < MOST_KEYS; i++)
			trust->key_count +=
				take_key(&trust->keys[trust->key_count], keys->items[i]);
		trust->keys_loaded = true;
	}
	arena_free(arena);
}

/* "2026-11-21T00:41:04.123456Z" to Unix milliseconds; what is no such text lies in the far future, and so revokes. */
static int64_t instant_ms(const char *text)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

	if (!rest)
		return INT64_MAX;
	return (int64_t)timegm(&tm) * 1000 +
	       (*rest == '.' ? (int64_t)(strtod(rest, NULL) * 1000) : 0);
}

static void add(struct trust *trust, const char *id, int64_t since_ms)
{
	struct revocation *revocation = &trust->revoked[trust->revoked_count];

	if (strlen(id) >= sizeof revocation->id)
		return;
	strcpy(revocation->id, id);
	revocation->since_ms = since_ms;
	trust->revoked_count++;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct revocation *)a)->id, ((const struct revocation *)b)->id);
}

static void take_revocations(struct trust *trust, const Revocations *list)
{
	struct revocation *before = trust->revoked;
	size_t count = trust->revoked_count;

	trust->revoked_count = 0;
	trust->revoked = calloc(list->n_sessions + list->n_users + 1, sizeof *trust->revoked);
	for (size_t i = 0; i < list->n_sessions; i++)
		add(trust, list->sessions[i]->id, INT64_MAX);
	for (size_t i = 0; i < list->n_users; i++)
		add(trust, list->users[i]->id, instant_ms(list->users[i]->since));
	qsort(trust->revoked, trust->revoked_count, sizeof *trust->revoked, by_id);
	if (count != trust->revoked_count ||
	    (count && memcmp(before, trust->revoked, count * sizeof *before)))
		trust->generation++;
	free(before);
	trust->revocations_loaded = true;
}

static void fetch_revocations(struct trust *trust)
{
	struct arena *arena = arena_new(FETCH_MEMORY);
	const Revocations *list = fetch(trust, arena, "ListRevocations");

	if (list)
		take_revocations(trust, list);
	arena_free(arena);
}

/* Until identity has answered once it is asked five times a second, so that we serve as soon as it does. */
static uint64_t pause_ms(const struct trust *trust)
{
	return trust_loaded(trust) ? REVOCATIONS_MS : 200;
}

static void keep_fetching(void *arg)
{
	struct trust *trust = arg;
	bool told_loaded = false;

	task_set_name("trust");
	while (!trust->stopping) {
		trust->told = false;
		if (!trust->keys_loaded || now_ms(trust) - trust->keys_fetched > KEYS_MS)
			fetch_keys(trust);
		fetch_revocations(trust);
		if (trust_loaded(trust) && !told_loaded)
			log_write(LOG_INFO, "keys and revocations are loaded", NULL);
		told_loaded = trust_loaded(trust);
		if (!trust->stopping && !trust->told)
			task_wait(&trust->asleep, now_ms(trust) + pause_ms(trust));
	}
}

static void on_event(void *arg, const EventEnvelope *event)
{
	static const char *const names[] = { "SessionRevoked", "GrantAdded", "GrantRevoked",
					     "UserSuspended", "UserReinstated" };
	struct trust *trust = arg;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(event->name, names[i])) {
			trust->told = true;
			task_wake_all(&trust->asleep);
		}
}

struct trust *trust_new(struct gateway *gateway)
{
	struct trust *trust = calloc(1, sizeof *trust);

	trust->gateway = gateway;
	return trust;
}

void trust_start(struct trust *trust)
{
	event_listen(trust->gateway->process.bus, "evt.identity.*", on_event, trust);
	if (!task_spawn(trust->gateway->process.loop, keep_fetching, trust))
		log_write(LOG_ERROR, "keys cannot be fetched: no task", NULL);
}

void trust_stop(struct trust *trust)
{
	trust->stopping = true;
	task_wake_all(&trust->asleep);
}

void trust_free(struct trust *trust)
{
	free(trust->revoked);
	free(trust);
}

bool trust_loaded(const struct trust *trust)
{
	return trust->keys_loaded && trust->revocations_loaded;
}

const uint8_t *trust_key(const struct trust *trust, const char *kid)
{
	for (unsigned i = 0; i < trust->key_count; i++)
		if (!strcmp(trust->keys[i].kid, kid))
			return trust->keys[i].bytes;
	return NULL;
}

void trust_refresh_keys(struct trust *trust)
{
	if (now_ms(trust) - trust->keys_fetched > KEYS_AGAIN_MS)
		fetch_keys(trust);
}

unsigned trust_generation(const struct trust *trust)
{
	return trust->generation;
}

static const struct revocation *find(const struct trust *trust, const char *id)
{
	struct revocation wanted = { 0 };

	if (!trust->revoked_count || strlen(id) >= sizeof wanted.id)
		return NULL;
	strcpy(wanted.id, id);
	return bsearch(&wanted, trust->revoked, trust->revoked_count, sizeof wanted, by_id);
}

bool trust_session_ended(const struct trust *trust, const char *session_id)
{
	return find(trust, session_id);
}

bool trust_user_changed(const struct trust *trust, const char *user_id, int64_t issued_ms)
{
	const struct revocation *revocation = find(trust, user_id);

	return revocation && issued_ms < revocation->since_ms;
}

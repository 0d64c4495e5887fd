/*
 * Discussions. An anonymous author (P-R14) has a proof, a secret of which only a hash is kept, and
 * that covers the thread; who it was is sealed to a key that no service holds.
 */
#include "programs/programs.h"

#include <sodium.h>

#include "seal.h"

bool list_discussions(struct call *call, const ListDiscussionsRequest *req,
		      ListDiscussionsResponse *response)
{
	if (*req->q)
		return search_threads(call, req, response);
	return req->sort == LIST_DISCUSSIONS_REQUEST__SORT__VOTES
		       ? best_threads(call, req, response)
		       : newest_threads(call, req, response);
}

/* What is kept of a proof; "" for none. */
static char *hash_proof(struct call *call, const char *thread, const char *proof)
{
	return *proof ? secret_hash(call->arena, arena_printf(call->arena, "%s/%s", thread, proof))
		      : arena_strdup(call->arena, "");
}

/*
 * An id that whoever has the proof always comes to, and nobody else: to post again is to collide.
 */
static char *id_of_proof(struct call *call, const char *place, const char *proof)
{
	const char *key = call->request->idempotency_key;
	char *hash = secret_hash(call->arena,
				 arena_printf(call->arena, "post/%s/%s/%s", place, key, proof));

	return arena_printf(call->arena, "%.8s-%.4s-8%.3s-8%.3s-%.12s", hash, hash + 8, hash + 12,
			    hash + 15, hash + 18);
}

static char *random_id(struct call *call)
{
	return id_of_proof(call, "", secret_new(call->arena));
}

static bool refuse_anonymity(struct call *call)
{
	return reject(call, INVALID_ARGUMENT, "ANONYMITY_OFF", "Nobody is anonymous here.");
}

/* crypto_box_seal() draws a fresh key each time: there is nothing to compare with. */
static bool seal_author(struct call *call, const char *thread, ProtobufCBinaryData *sealed)
{
	const char *hex = setting(call, "ITHACA_SAFETY_PUBLIC_KEY");
	char *author = arena_printf(call->arena, "%s/%s", thread, call->caller->id);
	uint8_t key[crypto_box_PUBLICKEYBYTES];
	size_t len;

	if (!*hex)
		return refuse_anonymity(call);
	if (sodium_hex2bin(key, sizeof key, hex, strlen(hex), NULL, &len, NULL) ||
	    len != sizeof key)
		return fault(call, "ITHACA_SAFETY_PUBLIC_KEY is no key of 64 hex digits");
	sealed->len = strlen(author) + crypto_box_SEALBYTES;
	sealed->data = arena_alloc(call->arena, sealed->len);
	if (crypto_box_seal(sealed->data, (const uint8_t *)author, strlen(author), key))
		return fault(call, "ITHACA_SAFETY_PUBLIC_KEY is no public key");
	return true;
}

static bool follow_own(struct call *call, const Thread *thread)
{
	Id id = ID__INIT;

	id.id = thread->id;
	return follow_thread(call, &id);
}

static bool create_anonymous(struct call *call, const CreateThreadRequest *req, Thread *thread)
{
	CreateThreadRequest post = *req;
	char *proof = *req->proof ? req->proof : secret_new(call->arena);

	post.id = *req->proof ? id_of_proof(call, "thread", proof) : random_id(call);
	post.proof_hash = hash_proof(call, post.id, proof);
	if (!check_anonymity(call, req) ||
	    !seal_author(call, post.id, &post.sealed_author) ||
	    !add_anonymous_thread(call, &post, thread) ||
	    !name_author(call, &post, thread) ||
	    !announce_later(call, thread))
		return false;
	thread->proof = proof;
	return true;
}

bool create_thread(struct call *call, const CreateThreadRequest *req, Thread *thread)
{
	if (!check_place(call, req))
		return false;
	if (call->unlinked)
		return req->anonymous ? create_anonymous(call, req, thread)
				      : reject(call, INVALID_ARGUMENT, "NOT_ANONYMOUS",
					       "A proof belongs to an anonymous thread.");

	return add_thread(call, req, thread) &&
	       follow_own(call, thread) &&
	       publish_thread_created(call, thread);
}

bool update_thread(struct call *call, const UpdateThreadRequest *req, Thread *thread)
{
	UpdateThreadRequest own = *req;

	own.proof_hash = hash_proof(call, req->id, req->proof);
	return set_thread(call, &own, thread);
}

bool delete_thread(struct call *call, const OwnThreadRequest *req)
{
	OwnThreadRequest own = *req;
	Thread thread = THREAD__INIT;

	own.proof_hash = hash_proof(call, req->id, req->proof);
	return remove_thread(call, &own, &thread);
}

static bool answer_anonymously(struct call *call, const AnswerThreadRequest *req,
			       ThreadAnswer *answer)
{
	AnswerThreadRequest post = *req;
	char *proof = *req->proof ? req->proof : secret_new(call->arena);

	post.answer_id = *req->proof && *call->request->idempotency_key
				 ? id_of_proof(call, req->id, proof)
				 : random_id(call);
	post.proof_hash = hash_proof(call, req->id, proof);
	if (!seal_author(call, req->id, &post.sealed_author) ||
	    !add_anonymous_answer(call, &post, answer) ||
	    !announce_answer_later(call, answer))
		return false;
	if (!*req->proof)
		answer->proof = proof;
	return true;
}

bool answer_thread(struct call *call, const AnswerThreadRequest *req, ThreadAnswer *answer)
{
	Thread thread = THREAD__INIT;

	if (!check_thread(call, req, &thread))
		return false;
	if (call->unlinked)
		return req->anonymous ? answer_anonymously(call, req, answer)
				      : reject(call, INVALID_ARGUMENT, "NOT_ANONYMOUS",
					       "A proof belongs to an anonymous answer.");

	return add_answer(call, req, answer) && publish_thread_answered(call, answer);
}

bool update_answer(struct call *call, const UpdateAnswerRequest *req, ThreadAnswer *answer)
{
	UpdateAnswerRequest own = *req;

	own.proof_hash = hash_proof(call, req->id, req->proof);
	return update_own_answer(call, &own, answer);
}

bool delete_answer(struct call *call, const OwnAnswerRequest *req)
{
	OwnAnswerRequest own = *req;
	ThreadAnswer answer = THREAD_ANSWER__INIT;

	own.proof_hash = hash_proof(call, req->id, req->proof);
	return remove_answer(call, &own, &answer);
}

bool accept_answer(struct call *call, const OwnAnswerRequest *req, Thread *thread)
{
	OwnAnswerRequest own = *req;

	own.proof_hash = hash_proof(call, req->id, req->proof);
	return set_accepted(call, &own, thread) &&
	       (call->unlinked ? announce_accepted_later(call, thread)
			       : publish_thread_accepted(call, thread));
}

bool flag_post(struct call *call, const FlagRequest *req)
{
	Thread thread = THREAD__INIT;

	return add_flag(call, req, &thread) && publish_thread_flagged(call, &thread);
}

bool hide_post(struct call *call, const ModerateRequest *req, Thread *thread)
{
	if (*req->answer_id)
		return set_answer_hidden(call, req, thread);
	return set_thread_hidden(call, req, thread) && publish_thread_hidden(call, thread);
}

bool restore_post(struct call *call, const ModerateRequest *req, Thread *thread)
{
	return *req->answer_id ? set_answer_restored(call, req, thread)
			       : set_thread_restored(call, req, thread);
}

bool remove_post(struct call *call, const ModerateRequest *req, Thread *thread)
{
	return *req->answer_id ? set_answer_removed(call, req, thread)
			       : set_thread_removed(call, req, thread);
}

bool announce_thread(struct call *call, const Id *req)
{
	Thread thread = THREAD__INIT;
	bool found;

	return read_announced_thread(call, req, &thread, &found) &&
	       (!found || publish_thread_created(call, &thread));
}

bool announce_answer(struct call *call, const Id *req)
{
	ThreadAnswer answer = THREAD_ANSWER__INIT;
	bool found;

	return read_announced_answer(call, req, &answer, &found) &&
	       (!found || publish_thread_answered(call, &answer));
}

bool announce_accepted(struct call *call, const Id *req)
{
	Thread thread = THREAD__INIT;
	bool found;

	return read_announced_thread(call, req, &thread, &found) &&
	       (!found || publish_thread_accepted(call, &thread));
}

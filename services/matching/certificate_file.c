/* Certificates of runs: handed out, and verified. */
#include <stdlib.h>
#include <string.h>

#include "matching/matching.h"
#include "seal.h"
#include "services/matching/keeping.h"
#include "services/matching/state.h"
#include "task.h"
#include "tools/match-check/verify.h"

enum { PART = 256 * 1024, MOST_UPLOAD = 25 << 20 };

struct writing {
	struct engine *engine;
	const RunWork *work;
	uint8_t salt[ENGINE_SALT];
	const struct buf *file;
};

static void write_file(void *arg)
{
	struct writing *writing = arg;

	writing->file = engine_certificate(writing->engine, writing->work, writing->salt);
}

/* Only who has our key can tell who is who in the file. */
static void salt_of(struct call *call, const RunWork *work, uint8_t salt[ENGINE_SALT])
{
	const char *secret = blind_index(call->arena, call->process->state->pseudonyms, work->id);

	for (size_t i = 0; i < ENGINE_SALT && secret[i]; i++)
		salt[i] = (uint8_t)secret[i];
}

static void give_part(struct call *call, const struct buf *file, int64_t offset,
		      MatchCertificateFile *told)
{
	size_t begin = (size_t)offset, left;

	told->size = (int64_t)file->len;
	if (begin >= file->len)
		return;
	left = file->len - begin;
	told->content.len = left < PART ? left : PART;
	told->content.data = arena_copy(call->arena, file->data + begin, told->content.len);
}

bool get_match_certificate(struct call *call, const GetMatchCertificateRequest *req,
			   MatchCertificateFile *told)
{
	RunWork work = RUN_WORK__INIT;
	struct writing writing = { .work = &work };
	StandingPairs *standing;
	Id id = ID__INIT;

	id.id = req->id;
	if (!see_run(call, &id, &work))
		return false;
	writing.engine = kept_take(call, &work, &standing);
	if (!writing.engine)
		return false;
	kept_hold(call, work.id, work.solution);
	salt_of(call, &work, writing.salt);
	task_offload(write_file, &writing);
	told->content_type = pb_text("text/plain; charset=utf-8");
	told->name = arena_printf(call->arena, "match-run-%s.txt", work.id);
	told->tag = work.solution;
	give_part(call, writing.file, req->offset, told);
	return true;
}

/* Some parts of the upload. 0: no more; -1: it did not work. */
static int read_some(struct process *process, RunPart *from, struct buf *file)
{
	struct call *ask = call_begin(process, "ReadUpload");
	SnapshotRows rows = SNAPSHOT_ROWS__INIT;
	int count = read_uploaded(ask, from, &rows) ? (int)rows.n_items : -1;

	for (int i = 0; i < count; i++)
		buf_add(file, rows.items[i]->bytes.data, rows.items[i]->bytes.len);
	from->part += count > 0 ? count : 0;
	call_end(ask);
	return count;
}

struct verifying {
	struct buf file;
	struct verdict verdict;
};

static void verify(void *arg)
{
	struct verifying *verifying = arg;

	verifying->verdict =
		verify_certificate((const char *)verifying->file.data, verifying->file.len);
}

static void tell_verdict(struct call *call, const struct verdict *verdict,
			 MatchCertificateVerdict *told)
{
	told->valid = verdict->valid;
	told->reason = pb_text(verdict->reason ? verdict->reason : "");
	told->mentees = verdict->mentees;
	told->mentors = verdict->mentors;
	told->matched = verdict->matched;
	told->total = verdict->total;
	told->everything = verdict->everything;
	if (verdict->mentee < 0 && verdict->mentor < 0)
		return;
	told->at = arena_alloc(call->arena, sizeof *told->at);
	certificate_place__init(told->at);
	told->at->i = verdict->mentee;
	told->at->j = verdict->mentor;
}

bool verify_match_certificate(struct call *call, const VerifyMatchCertificateRequest *req,
			      MatchCertificateVerdict *told)
{
	struct verifying verifying = { 0 };
	RunPart from = RUN_PART__INIT;
	int count;

	from.run_id = req->upload_id;
	while ((count = read_some(call->process, &from, &verifying.file)) > 0 &&
	       verifying.file.len <= MOST_UPLOAD)
		;
	if (!count)
		task_offload(verify, &verifying);
	buf_free(&verifying.file);
	if (count < 0)
		return fault(call, "an upload could not be read");
	tell_verdict(call, &verifying.verdict, told);
	return true;
}

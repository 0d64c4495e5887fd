/*
 * What a transaction owes at its end: its events, its audit rows, its answers by key. One insert for each kind,
 * however many calls share the transaction: the columns travel as arrays. They are unnested in a select list, side by side:
 * for each function in a from clause Postgres makes a store first, which cost a third of the insert.
 */
#include <arpa/inet.h>
#include <sodium.h>
#include <string.h>

#include "seal.h"
#include "sql_own.h"

enum { OID_BYTEA = 17, OID_TEXT = 25, MOST_COLUMNS = 8, ANSWERED_OK = 200 };

const struct sql_statement record_events = {
	.name = "runtime/record_events",
	.file = __FILE__,
	.line = __LINE__,
	.text = "insert into outbox (id, name, aggregate_id, actor_id, correlation_id, causation_id, traceparent, payload) "
		"select id::uuid, name, aggregate_id, actor_id::uuid, correlation_id, causation_id::uuid, traceparent, payload "
		"from (select unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::text[]), "
		"unnest($6::text[]), unnest($7::text[]), unnest($8::bytea[])) "
		"event (id, name, aggregate_id, actor_id, correlation_id, causation_id, traceparent, payload)",
};

const struct sql_statement record_audit = {
	.name = "runtime/record_audit",
	.file = __FILE__,
	.line = __LINE__,
	.text = "insert into audit (at, person_id, session_id, rpc, target_id, reason, request_id) "
		"select case request_id when '' then date_trunc('day', now()) else now() end, "
		"person_id::uuid, session_id::uuid, rpc, target_id, reason, request_id "
		"from (select unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::text[]), "
		"unnest($6::text[])) done (person_id, session_id, rpc, target_id, reason, request_id)",
};

const struct sql_statement record_answers = {
	.name = "runtime/record_answers",
	.file = __FILE__,
	.line = __LINE__,
	.text = "insert into idempotency (person_id, key, status, answer, request_hash) "
		"select person_id::uuid, key, status::int, answer, request_hash "
		"from (select unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::bytea[])) "
		"answered (person_id, key, status, answer, request_hash)",
};

const struct sql_statement settle_event = {
	.name = "runtime/settle_event",
	.file = __FILE__,
	.line = __LINE__,
	.text = "select case when settle_event($1::text, $2::text, $3::bigint, $4::uuid, $5::boolean) then true "
		"else refuse(409, 'ALREADY_DONE', 'This event has been done.') end",
};

const struct sql_statement claim_timer = {
	.name = "runtime/claim_timer",
	.file = __FILE__,
	.line = __LINE__,
	.text = "with due as (select rpc, subject_id from timer where rpc = $1::text and subject_id = $2::uuid and due_at <= now() "
		"for update skip locked), "
		"claimed as (delete from timer using due where timer.rpc = due.rpc and timer.subject_id = due.subject_id returning 1) "
		"select case when exists (select from claimed) then true "
		"else refuse(409, 'ALREADY_DONE', 'This timer is not due any more.') end",
};

const struct sql_statement find_answer = {
	.name = "runtime/find_answer",
	.file = __FILE__,
	.line = __LINE__,
	.text = "select encode(request_hash, 'hex'), answer from idempotency where person_id = $1::uuid and key = $2::text",
};

/* One column of the rows to come: a Postgres array in binary. */
struct column_array {
	struct buf bytes;
	uint32_t type, count;
};

/* The rows of one insert; `columns` text arrays, the last `blobs` of them bytea arrays. */
struct rows {
	struct column_array arrays[MOST_COLUMNS];
	unsigned columns;
};

static void add_number(struct buf *out, uint32_t number)
{
	uint32_t network = htonl(number);

	buf_add(out, &network, sizeof network);
}

static void rows_begin(struct rows *rows, unsigned columns, unsigned blobs)
{
	*rows = (struct rows) { .columns = columns };
	for (unsigned i = 0; i < columns; i++) {
		struct column_array *array = &rows->arrays[i];

		array->type = i + blobs >= columns ? OID_BYTEA : OID_TEXT;
		add_number(&array->bytes, 1); /* dimensions */
		add_number(&array->bytes, 1); /* may hold nulls */
		add_number(&array->bytes, array->type);
		add_number(&array->bytes, 0); /* how many: written at the end */
		add_number(&array->bytes, 1); /* first index */
	}
}

static void add_bytes(struct rows *rows, unsigned column, const void *bytes, size_t len)
{
	struct column_array *array = &rows->arrays[column];

	add_number(&array->bytes, (uint32_t)len);
	if (len)
		buf_add(&array->bytes, bytes, len);
	array->count++;
}

static void add_text(struct rows *rows, unsigned column, const char *text)
{
	add_bytes(rows, column, text ? text : "", text ? strlen(text) : 0);
}

/* "" as null. */
static void add_text_or_null(struct rows *rows, unsigned column, const char *text)
{
	struct column_array *array = &rows->arrays[column];

	if (text && *text) {
		add_text(rows, column, text);
		return;
	}
	add_number(&array->bytes, UINT32_MAX);
	array->count++;
}

static void rows_free(struct rows *rows)
{
	for (unsigned i = 0; i < rows->columns; i++)
		buf_free(&rows->arrays[i].bytes);
}

/* Nothing to send is good, too. */
static bool rows_send(struct conn *conn, const struct sql_statement *statement, struct rows *rows,
		      struct request **request)
{
	const char *texts[MOST_COLUMNS];
	int lengths[MOST_COLUMNS], formats[MOST_COLUMNS];
	struct values values = { (int)rows->columns, texts, lengths, formats };

	if (!rows->arrays[0].count)
		return true;
	for (unsigned i = 0; i < rows->columns; i++) {
		struct column_array *array = &rows->arrays[i];
		uint32_t count = htonl(array->count);

		memcpy(array->bytes.data + 3 * sizeof count, &count, sizeof count);
		texts[i] = (const char *)array->bytes.data;
		lengths[i] = (int)array->bytes.len;
		formats[i] = 1;
	}
	*request = conn_send(conn, plan_of(conn->pool, statement), false, &values);
	return *request;
}

static void add_events(struct rows *rows, const struct call *call)
{
	for (const struct outbox_row *event = call->outbox; event; event = event->next) {
		add_text(rows, 0, event->id);
		add_text(rows, 1, event->name);
		add_text(rows, 2, event->aggregate_id);
		add_text_or_null(rows, 3, event->actor_id);
		add_text(rows, 4, event->correlation_id);
		add_text_or_null(rows, 5, event->causation_id);
		add_text(rows, 6, event->traceparent);
		add_bytes(rows, 7, event->payload, event->payload_len);
	}
}

static void add_audit(struct rows *rows, const struct call *call)
{
	if (!call->target_id)
		return;
	add_text_or_null(rows, 0, call->unlinked ? NULL : call->caller->id);
	add_text_or_null(rows, 1, call->unlinked ? NULL : call->caller->session_id);
	add_text(rows, 2, call->method->name);
	add_text(rows, 3, call->target_id);
	add_text(rows, 4, call->reason);
	add_text(rows, 5, call->unlinked ? NULL : call->request->request_id);
}

/* A file is sent under another id every time that it is sent: what it holds is the same, by its digest. */
static ProtobufCBinaryData body_without_upload_id(const struct call *call)
{
	const struct pb_type *type = call->method->in;
	ProtobufCBinaryData body = call->request->body;
	void *in = pb_unpack(call->arena, type, body.data, body.len);
	int field = pb_find(type, "upload_id", strlen("upload_id"));

	if (!in || field < 0)
		return body;
	*(const char **)pb_at(in, &type->descriptor->fields[field]) = "";
	body.data = pb_pack(call->arena, in, &body.len);
	return body;
}

/* The name of the rpc and the packed request: the same key with anything else is a mistake of the caller. */
void request_hash(const struct call *call, uint8_t hash[32])
{
	ProtobufCBinaryData digest = call->request->upload_digest, body = call->request->body;
	crypto_generichash_state state;

	if (call->method->body == BODY_UPLOAD)
		body = body_without_upload_id(call);
	crypto_generichash_init(&state, NULL, 0, 32);
	crypto_generichash_update(&state, (const uint8_t *)call->method->name,
				  strlen(call->method->name) + 1);
	crypto_generichash_update(&state, digest.data, digest.len);
	crypto_generichash_update(&state, body.data, body.len);
	crypto_generichash_final(&state, hash, 32);
}

const char *answer_place(const struct call *call)
{
	return arena_printf(call->arena, "idempotency/%s/%s", call->caller->id,
			    call->request->idempotency_key);
}

bool keeps_answer(const struct call *call)
{
	return call->method &&
	       call->method->idempotency != IDEMPOTENCY_UNKEPT &&
	       *call->request->idempotency_key &&
	       *call->caller->id &&
	       !call->unlinked;
}

/* Not with a commit half-way: that has no answer yet, and the key would be taken when there is one. */
static void add_answer(struct rows *rows, const struct call *call)
{
	uint8_t hash[32];

	if (!call->answer || !keeps_answer(call))
		return;
	request_hash(call, hash);
	add_text(rows, 0, call->caller->id);
	add_text(rows, 1, call->request->idempotency_key);
	add_text(rows, 2, "200");
	add_text(rows, 3,
		 seal(call->arena, call->process->sql->answer_key, answer_place(call), call->answer,
		      call->answer_len));
	add_bytes(rows, 4, hash, sizeof hash);
}

bool records_send(struct conn *conn, struct call *const *calls, unsigned count,
		  struct records *records)
{
	static const struct sql_statement *const statements[RECORDS] = { &record_events,
									 &record_audit,
									 &record_answers };
	static const unsigned columns[RECORDS] = { 8, 6, 5 }, blobs[RECORDS] = { 1, 0, 1 };
	static void (*const add[RECORDS])(
		struct rows *, const struct call *) = { add_events, add_audit, add_answer };
	bool good = true;

	*records = (struct records) { 0 };
	for (int kind = 0; kind < RECORDS && good; kind++) {
		struct rows rows;

		rows_begin(&rows, columns[kind], blobs[kind]);
		for (unsigned i = 0; i < count; i++)
			add[kind](&rows, calls[i]);
		good = rows_send(conn, statements[kind], &rows, &records->requests[kind]);
		rows_free(&rows);
	}
	return good;
}

/* A key that is there already has its answer; a lock not given means that the first is still at it. */
static bool refuse_record(struct call *call, int kind, const PGresult *result)
{
	const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);

	if (kind == RECORDS - 1 && constraint && !strcmp(constraint, "idempotency_key_used")) {
		call->key_taken = true;
		return reject(call, CONFLICT, "IDEMPOTENCY_IN_PROGRESS",
			      "The first request with this key is still being done.");
	}
	if (kind == RECORDS - 1 && has_state(result, "55P03"))
		return reject(call, CONFLICT, "IDEMPOTENCY_IN_PROGRESS",
			      "The first request with this key is still being done.");
	return sql_refuse(call, "record", result);
}

bool records_check(struct sql_pool *pool, struct call *call, struct records *records)
{
	bool good = true;

	for (int kind = 0; kind < RECORDS; kind++) {
		struct request *request = records->requests[kind];

		if (!request)
			continue;
		if (good && PQresultStatus(request->result) != PGRES_COMMAND_OK)
			good = call ? refuse_record(call, kind, request->result) : false;
		request_free(pool, request);
	}
	return good && !(call && call_failed(call));
}

void records_forget(struct sql_pool *pool, struct records *records)
{
	for (int kind = 0; kind < RECORDS; kind++)
		if (records->requests[kind])
			request_abandon(pool, records->requests[kind]);
}

/* From the parts of an upload to an object, and back in parts that are compared with their hashes. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "event_own.h"
#include "object_own.h"
#include "scan.h"
#include "service.h"

static const struct sql_statement read_upload_part = {
	.name = "runtime/read_upload_part",
	.file = __FILE__,
	.line = __LINE__,
	.text = "select bytes from upload_part where upload_id = $1::uuid and part = $2::int",
};

/* The whole's hash wants an alignment of 64 bytes, which a task's stack gives. */
struct taking {
	struct object_writer *writer;
	struct scan *scan; /* NULL: nothing is scanned, or it is over */
	struct object *object;
	struct arena *arena;
	struct buf part; /* gathered up to OBJECT_PART */
	crypto_generichash_state whole;
};

static bool write_part(struct taking *taking)
{
	ProtobufCBinaryData *hashes = &taking->object->hashes;
	size_t len = taking->part.len;

	hashes->data =
		arena_extend(taking->arena, hashes->data, hashes->len / OBJECT_HASH, OBJECT_HASH);
	crypto_generichash(hashes->data + hashes->len, OBJECT_HASH, taking->part.data, len, NULL,
			   0);
	hashes->len += OBJECT_HASH;
	crypto_generichash_update(&taking->whole, taking->part.data, len);
	taking->object->size += len;
	taking->part.len = 0;
	return (!taking->scan || scan_write(taking->scan, taking->part.data, len)) &&
	       object_write(taking->writer, taking->part.data, len);
}

static bool gather(struct taking *taking, const uint8_t *bytes, size_t len)
{
	while (len) {
		size_t room = OBJECT_PART - taking->part.len, n = len < room ? len : room;

		buf_add(&taking->part, bytes, n);
		if (taking->part.len == OBJECT_PART && !write_part(taking))
			return false;
		bytes += n;
		len -= n;
	}
	return true;
}

/* One row is in memory at a time. 0: there is no such part; -1: it did not work. */
static int take_part(struct call *call, struct taking *taking, const char *upload_id, unsigned part)
{
	struct sql_value values[] = { text_value(upload_id), number_value(call->arena, part) };
	PGresult *rows = sql_exec(call->process->sql, &read_upload_part, values, 2, call->deadline);
	int taken = PQresultStatus(rows) == PGRES_TUPLES_OK ? PQntuples(rows) : -1;
	unsigned char *bytes;
	size_t len;

	if (taken == 1) {
		bytes = PQunescapeBytea((const unsigned char *)PQgetvalue(rows, 0, 0), &len);
		taken = bytes && gather(taking, bytes, len) ? 1 : -1;
		PQfreemem(bytes);
	}
	PQclear(rows);
	return taken;
}

static bool take_parts(struct call *call, struct taking *taking, const char *upload_id)
{
	int taken;

	for (unsigned part = 0; (taken = take_part(call, taking, upload_id, part)) > 0;)
		part++;
	return !taken && (!taking->part.len || write_part(taking));
}

static bool refuse_store(struct call *call)
{
	return reject(call, UNAVAILABLE, "FILES_UNAVAILABLE",
		      "Files cannot be kept at the moment. Try again shortly.");
}

static bool refuse_unscanned(struct call *call)
{
	return reject(call, UNAVAILABLE, "SCANNER_UNAVAILABLE",
		      "The file could not be checked for viruses. Try again shortly.");
}

static bool begin_taking(struct call *call, struct taking *taking, struct objects *objects,
			 const char *key)
{
	const char *scanner = objects_scanner(objects);

	crypto_generichash_init(&taking->whole, NULL, 0, OBJECT_HASH);
	if (*scanner && !(taking->scan = scan_begin(scanner)))
		return refuse_unscanned(call);
	taking->writer = object_begin(objects, key);
	return taking->writer || refuse_store(call);
}

/* What the scanner says; also when it would not take all of it. */
static bool hear_verdict(struct call *call, struct taking *taking)
{
	const char *found = "";
	struct scan *scan = taking->scan;

	if (!scan)
		return true;
	taking->scan = NULL;
	switch (scan_end(scan, call->arena, &found)) {
	case SCAN_CLEAN:
		return true;
	case SCAN_FOUND:
		note(call, "found", found);
		return reject(call, INVALID_ARGUMENT, "INFECTED",
			      "A virus scanner found something harmful in this file.");
	default:
		return refuse_unscanned(call);
	}
}

static bool is_as_told(struct call *call, struct taking *taking)
{
	ProtobufCBinaryData told = call->request->upload_digest;

	crypto_generichash_final(&taking->whole, taking->object->hash, OBJECT_HASH);
	return told.len == OBJECT_HASH && !memcmp(told.data, taking->object->hash, OBJECT_HASH);
}

static bool end_taking(struct call *call, struct taking *taking)
{
	struct object_writer *writer = taking->writer;

	taking->writer = NULL;
	return object_end(writer) || refuse_store(call);
}

bool object_take_upload(struct call *call, struct objects *objects, const char *key,
			const char *upload_id, struct object *object)
{
	struct taking taking = { .object = object, .arena = call->arena };
	bool taken, good;

	*object = (struct object) { 0 };
	good = begin_taking(call, &taking, objects, key);
	taken = good && take_parts(call, &taking, upload_id);
	good = good &&
	       hear_verdict(call, &taking) &&
	       (taken || refuse_store(call)) &&
	       (is_as_told(call, &taking) || refuse_store(call)) &&
	       end_taking(call, &taking);
	buf_free(&taking.part);
	if (taking.scan)
		scan_drop(taking.scan);
	if (taking.writer)
		object_abandon(taking.writer);
	return good;
}

bool object_read_part(struct call *call, struct objects *objects, const char *key, uint32_t part,
		      size_t len, const uint8_t hash[OBJECT_HASH], ProtobufCBinaryData *bytes)
{
	uint8_t found[OBJECT_HASH];

	*bytes = (ProtobufCBinaryData) { len, arena_alloc(call->arena, len + 1) };
	if (!object_read(objects, key, (uint64_t)part * OBJECT_PART, bytes->data, len))
		return reject(call, UNAVAILABLE, "FILES_UNAVAILABLE",
			      "The file cannot be read at the moment. Try again shortly.");
	crypto_generichash(found, OBJECT_HASH, bytes->data, len, NULL, 0);
	return !memcmp(found, hash, OBJECT_HASH) ||
	       fault(call, "object %s is not what was stored in it (part %u)", key, part);
}

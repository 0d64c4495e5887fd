/*
 * Files kept outside of the database, by key (a UUID), written and read in parts: no file is ever in memory as a whole.
 *
 * An object is there as a whole or not at all, and never changes. Who refers to it commits that after object_end(): a
 * reference always leads somewhere, and what is referred to by nobody is to be deleted by a timer that was set before.
 * Everything but opening and closing sleeps while a worker thread does it. false: it did not work, the log says why.
 */
#pragma once

#include "call.h"

struct objects;
struct object_writer;

enum { OBJECT_PART = 256 * 1024, OBJECT_HASH = 32 };

/*
 * "/path": a folder; "s3://KEY_ID:SECRET@HOST:PORT/BUCKET/PREFIX?region=REGION": an S3-compatible store, over TLS, but for
 * s3+http. What stands between the colons and slashes is percent-encoded. NULL and a complaint when that cannot be.
 */
struct objects *objects_open(const char *where, struct buf *complaints);
/* Uploads are from now on asked about at this virus scanner (see scan.h). */
bool objects_scan_at(struct objects *objects, const char *scanner,
		     struct buf *complaints) must_check;
void objects_close(struct objects *objects);

/* NULL when it cannot be begun. Ends with object_end() or object_abandon(). */
struct object_writer *object_begin(struct objects *objects, const char *key) must_check;
bool object_write(struct object_writer *writer, const void *bytes, size_t len) must_check;
/* When this is true the object outlives a power cut. */
bool object_end(struct object_writer *writer) must_check;
void object_abandon(struct object_writer *writer);
/* Exactly these bytes. */
bool object_read(struct objects *objects, const char *key, uint64_t offset, void *bytes,
		 size_t len) must_check;
/* Also what was begun and never ended; true when there is nothing. */
bool object_delete(struct objects *objects, const char *key) must_check;

/* What was stored; `hashes` are BLAKE2b-256, one for each OBJECT_PART bytes, in the call's arena. */
struct object {
	uint64_t size;
	uint8_t hash[OBJECT_HASH]; /* of the whole, the same */
	ProtobufCBinaryData hashes;
};
/* Stores the upload that the call's request came with, unless a scanner finds something in it; it must be what the gateway saw. */
bool object_take_upload(struct call *call, struct objects *objects, const char *key,
			const char *upload_id, struct object *object) must_check;
/* Part number `part` of such an object, `len` bytes, compared with its hash; in the call's arena. */
bool object_read_part(struct call *call, struct objects *objects, const char *key, uint32_t part,
		      size_t len, const uint8_t hash[OBJECT_HASH],
		      ProtobufCBinaryData *bytes) must_check;

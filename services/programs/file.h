/*
 * Files in the object store. The object is there before anything refers to it; what stays without a
 * row that refers to it, a timer finds.
 */
#pragma once

#include "state.h"

/*
 * Stores the upload that the request came with under file_id; fills size, hash and hashes. Refuses
 * the call.
 */
bool file_store(struct call *call, StoredFile *file) must_check;
/* The part of the file that `offset` is in, from there on; `hashes` has the hash of that part. */
bool file_read(struct call *call, const StoredFile *file, int64_t offset,
	       FileContent *content) must_check;

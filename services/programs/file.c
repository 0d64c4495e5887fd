/*
 * Files: into the store before their row, out of it in parts, and swept when no row refers to them.
 */
#include "file.h"

#include <sodium.h>

/* P-R20. */
bool file_store(struct call *call, StoredFile *file)
{
	struct object object;

	if (!sweep_file_later(call, file) ||
	    !sql_checkpoint(call) ||
	    !object_take_upload(call, call->process->state->objects, file->file_id, file->upload_id,
				&object))
		return false;
	file->size = (int64_t)object.size;
	file->hash = (ProtobufCBinaryData) { OBJECT_HASH,
					     arena_copy(call->arena, object.hash, OBJECT_HASH) };
	file->hashes = object.hashes;
	return true;
}

static char *hex(struct call *call, ProtobufCBinaryData bytes)
{
	char *text = arena_alloc(call->arena, bytes.len * 2 + 1);

	return sodium_bin2hex(text, bytes.len * 2 + 1, bytes.data, bytes.len);
}

bool file_read(struct call *call, const StoredFile *file, int64_t offset, FileContent *content)
{
	int64_t part = offset / OBJECT_PART, begin = part * OBJECT_PART, len;
	size_t skipped = (size_t)(offset - begin);

	content->name = file->name;
	content->content_type = file->content_type;
	content->size = file->size;
	content->tag = hex(call, file->hash);
	if (offset >= file->size)
		return true;
	len = file->size - begin < OBJECT_PART ? file->size - begin : OBJECT_PART;
	if (!object_read_part(call, call->process->state->objects, file->file_id, (uint32_t)part,
			      (size_t)len, file->hashes.data, &content->content))
		return false;
	content->content.data += skipped;
	content->content.len -= skipped;
	return true;
}

bool sweep_file(struct call *call, const Id *req)
{
	StoredFile file = STORED_FILE__INIT;
	bool unused;

	if (!find_unused_file(call, req, &file, &unused))
		return false;
	return !unused ||
	       object_delete(call->process->state->objects, req->id) ||
	       reject(call, UNAVAILABLE, "FILES_UNAVAILABLE",
		      "The file cannot be removed at the moment.");
}

/* What a store of objects is: functions that run on worker threads, block, and say in `error` what did not work. */
#pragma once

#include "object.h"

enum { OBJECT_ERROR = 256 };

/* "" when nothing is scanned. */
const char *objects_scanner(const struct objects *objects);

struct object_store {
	void *(*open)(const char *where, struct buf *complaints);
	void (*close)(void *store);
	void *(*begin)(void *store, const char *key, char *error);
	bool (*write)(void *writer, const void *bytes, size_t len, char *error);
	bool (*end)(void *writer, char *error); /* ends the writer in any case */
	void (*abandon)(void *writer);
	bool (*read)(void *store, const char *key, uint64_t offset, void *bytes, size_t len,
		     char *error);
	bool (*remove)(void *store, const char *key, char *error);
};

extern const struct object_store object_folder, object_s3;

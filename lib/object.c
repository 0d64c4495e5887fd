/* Objects: each step of a store is taken on a worker thread while the task sleeps. */
#include "object.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "object_own.h"
#include "scan.h"
#include "task.h"

struct objects {
	const struct object_store *kind;
	void *store;
	char *scanner; /* NULL for none */
};

struct object_writer {
	struct objects *objects;
	void *writer;
};

struct step {
	struct objects *objects;
	void *writer;
	const char *key;
	void *to;
	const void *from;
	uint64_t offset;
	size_t len;
	bool good;
	char error[OBJECT_ERROR];
};

static bool take(struct step *step, void (*work)(void *arg))
{
	task_offload(work, step);
	if (!step->good)
		log_write(LOG_ERROR, "the object store failed", "error", step->error, NULL);
	return step->good;
}

struct objects *objects_open(const char *where, struct buf *complaints)
{
	struct objects *objects = calloc(1, sizeof *objects);

	if (!objects)
		abort();
	objects->kind = *where == '/' ? &object_folder : &object_s3;
	objects->store = objects->kind->open(where, complaints);
	if (objects->store)
		return objects;
	free(objects);
	return NULL;
}

void objects_close(struct objects *objects)
{
	if (!objects)
		return;
	objects->kind->close(objects->store);
	free(objects->scanner);
	free(objects);
}

bool objects_scan_at(struct objects *objects, const char *scanner, struct buf *complaints)
{
	if (!scan_check(scanner, complaints))
		return false;
	objects->scanner = strdup(scanner);
	return true;
}

const char *objects_scanner(const struct objects *objects)
{
	return objects->scanner ? objects->scanner : "";
}

static void do_begin(void *arg)
{
	struct step *step = arg;

	step->writer = step->objects->kind->begin(step->objects->store, step->key, step->error);
	step->good = step->writer;
}

struct object_writer *object_begin(struct objects *objects, const char *key)
{
	struct step step = { .objects = objects, .key = key };
	struct object_writer *writer;

	if (!take(&step, do_begin))
		return NULL;
	writer = calloc(1, sizeof *writer);
	if (!writer)
		abort();
	*writer = (struct object_writer) { objects, step.writer };
	return writer;
}

static void do_write(void *arg)
{
	struct step *step = arg;

	step->good = step->objects->kind->write(step->writer, step->from, step->len, step->error);
}

bool object_write(struct object_writer *writer, const void *bytes, size_t len)
{
	struct step step = {
		.objects = writer->objects, .writer = writer->writer, .from = bytes, .len = len
	};

	return take(&step, do_write);
}

static void do_end(void *arg)
{
	struct step *step = arg;

	step->good = step->objects->kind->end(step->writer, step->error);
}

bool object_end(struct object_writer *writer)
{
	struct step step = { .objects = writer->objects, .writer = writer->writer };

	free(writer);
	return take(&step, do_end);
}

static void do_abandon(void *arg)
{
	struct step *step = arg;

	step->objects->kind->abandon(step->writer);
}

void object_abandon(struct object_writer *writer)
{
	struct step step = { .objects = writer->objects, .writer = writer->writer };

	free(writer);
	task_offload(do_abandon, &step);
}

static void do_read(void *arg)
{
	struct step *step = arg;

	step->good = step->objects->kind->read(step->objects->store, step->key, step->offset,
					       step->to, step->len, step->error);
}

bool object_read(struct objects *objects, const char *key, uint64_t offset, void *bytes, size_t len)
{
	struct step step = {
		.objects = objects, .key = key, .offset = offset, .to = bytes, .len = len
	};

	return take(&step, do_read);
}

static void do_delete(void *arg)
{
	struct step *step = arg;

	step->good = step->objects->kind->remove(step->objects->store, step->key, step->error);
}

bool object_delete(struct objects *objects, const char *key)
{
	struct step step = { .objects = objects, .key = key };

	return take(&step, do_delete);
}

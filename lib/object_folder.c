/* Objects in a folder: written below tmp/, then renamed to where the last four digits of their key say. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "object_own.h"

enum { KEY = 36 };

struct folder {
	int fd;
};

struct file {
	struct folder *folder;
	int fd;
	char key[KEY + 1];
};

struct place {
	char outer[3], inner[6], path[6 + KEY + 1], temporary[4 + KEY + 1];
};

static bool fail(char *error, const char *what)
{
	snprintf(error, OBJECT_ERROR, "%s: %s", what, strerror(errno));
	return false;
}

static void find_place(const char *key, struct place *place)
{
	const char *tail = key + KEY - 4;

	snprintf(place->outer, sizeof place->outer, "%.2s", tail);
	snprintf(place->inner, sizeof place->inner, "%.2s/%.2s", tail, tail + 2);
	snprintf(place->path, sizeof place->path, "%s/%.36s", place->inner, key);
	snprintf(place->temporary, sizeof place->temporary, "tmp/%.36s", key);
}

static void *open_folder(const char *where, struct buf *complaints)
{
	struct folder *folder = calloc(1, sizeof *folder);

	if (!folder)
		abort();
	if (mkdir(where, 0700) && errno != EEXIST)
		buf_printf(complaints, "The folder %s cannot be made: %s.\n", where,
			   strerror(errno));
	folder->fd = open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->fd >= 0 && (!mkdirat(folder->fd, "tmp", 0700) || errno == EEXIST))
		return folder;
	buf_printf(complaints, "The folder %s cannot be used: %s.\n", where, strerror(errno));
	if (folder->fd >= 0)
		close(folder->fd);
	free(folder);
	return NULL;
}

static void close_folder(void *store)
{
	struct folder *folder = store;

	close(folder->fd);
	free(folder);
}

static void *begin(void *store, const char *key, char *error)
{
	struct file *file = calloc(1, sizeof *file);
	struct place place;

	if (!file)
		abort();
	find_place(key, &place);
	file->folder = store;
	snprintf(file->key, sizeof file->key, "%.36s", key);
	file->fd = openat(file->folder->fd, place.temporary,
			  O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file->fd >= 0)
		return file;
	(void)fail(error, "begin");
	free(file);
	return NULL;
}

static bool write_file(void *writer, const void *bytes, size_t len, char *error)
{
	struct file *file = writer;
	const char *at = bytes;

	while (len) {
		ssize_t n = write(file->fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(error, "write");
		at += n;
		len -= (size_t)n;
	}
	return true;
}

static void abandon(void *writer)
{
	struct file *file = writer;
	struct place place;

	find_place(file->key, &place);
	close(file->fd);
	unlinkat(file->folder->fd, place.temporary, 0);
	free(file);
}

/* What a folder holds is on the disk. */
static bool sync_folder(int root, const char *path)
{
	int fd = openat(root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && !fsync(fd);

	if (fd >= 0)
		close(fd);
	return good;
}

static bool make_folder(int root, const char *path)
{
	return !mkdirat(root, path, 0700) || errno == EEXIST;
}

static bool put_in_place(int root, const struct place *place)
{
	return make_folder(root, place->outer) &&
	       make_folder(root, place->inner) &&
	       !renameat(root, place->temporary, root, place->path) &&
	       sync_folder(root, place->inner) &&
	       sync_folder(root, place->outer) &&
	       !fsync(root);
}

static bool end(void *writer, char *error)
{
	struct file *file = writer;
	struct place place;

	find_place(file->key, &place);
	if (fsync(file->fd) || !put_in_place(file->folder->fd, &place)) {
		(void)fail(error, "end");
		abandon(writer);
		return false;
	}
	close(file->fd);
	free(file);
	return true;
}

static bool read_file(int fd, uint64_t offset, char *to, size_t len)
{
	while (len) {
		ssize_t n = pread(fd, to, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = ENODATA;
		if (n <= 0)
			return false;
		to += n;
		offset += (uint64_t)n;
		len -= (size_t)n;
	}
	return true;
}

static bool read_object(void *store, const char *key, uint64_t offset, void *bytes, size_t len,
			char *error)
{
	struct folder *folder = store;
	struct place place;
	int fd;
	bool good;

	find_place(key, &place);
	fd = openat(folder->fd, place.path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail(error, "read");
	good = read_file(fd, offset, bytes, len) || fail(error, "read");
	close(fd);
	return good;
}

static bool remove_object(void *store, const char *key, char *error)
{
	struct folder *folder = store;
	struct place place;

	find_place(key, &place);
	if (unlinkat(folder->fd, place.temporary, 0) && errno != ENOENT)
		return fail(error, "delete");
	return !unlinkat(folder->fd, place.path, 0) || errno == ENOENT || fail(error, "delete");
}

const struct object_store object_folder = {
	.open = open_folder,
	.close = close_folder,
	.begin = begin,
	.write = write_file,
	.end = end,
	.abandon = abandon,
	.read = read_object,
	.remove = remove_object,
};

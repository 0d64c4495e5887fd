#include "instance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static const char magic[4] = "MIN1";

static _Noreturn void give_up(const char *path, const char *why)
{
	fprintf(stderr, "%s: %s\n", path, why);
	exit(1);
}

static void *read_array(FILE *file, const char *path, size_t n, size_t size)
{
	void *array = malloc(n * size + 1);

	if (!array)
		give_up(path, "not enough memory");
	if (fread(array, size, n, file) != n)
		give_up(path, "ends too early");
	return array;
}

static void read_sizes(FILE *file, const char *path, struct instance *instance)
{
	char found[sizeof magic];

	if (fread(found, sizeof found, 1, file) != 1 || memcmp(found, magic, sizeof magic) != 0)
		give_up(path, "not an instance");
	if (fread(&instance->mentees, sizeof instance->mentees, 1, file) != 1 ||
	    fread(&instance->mentors, sizeof instance->mentors, 1, file) != 1 ||
	    fread(&instance->pairs, sizeof instance->pairs, 1, file) != 1)
		give_up(path, "ends too early");
	if (instance->mentees < 0 ||
	    instance->mentors < 0 ||
	    instance->pairs < 0 ||
	    instance->pairs > (int64_t)instance->mentees * instance->mentors)
		give_up(path, "sizes that cannot be");
}

void instance_read(const char *path, struct instance *instance)
{
	FILE *file = fopen(path, "rb");

	if (!file)
		give_up(path, "cannot be read");
	read_sizes(file, path, instance);

	size_t mentees = (size_t)instance->mentees, pairs = (size_t)instance->pairs;

	instance->capacity =
		read_array(file, path, (size_t)instance->mentors, sizeof *instance->capacity);
	instance->row = read_array(file, path, mentees + 1, sizeof *instance->row);
	if (instance->row[mentees] != instance->pairs)
		give_up(path, "rows that do not add up");
	instance->column = read_array(file, path, pairs, sizeof *instance->column);
	instance->score = read_array(file, path, pairs, sizeof *instance->score);
	fclose(file);
}

void instance_write(const char *path, const struct instance *instance)
{
	FILE *file = fopen(path, "wb");
	size_t mentees = (size_t)instance->mentees, mentors = (size_t)instance->mentors;
	size_t pairs = (size_t)instance->pairs;

	if (!file)
		give_up(path, "cannot be written");
	if (fwrite(magic, sizeof magic, 1, file) != 1 ||
	    fwrite(&instance->mentees, sizeof instance->mentees, 1, file) != 1 ||
	    fwrite(&instance->mentors, sizeof instance->mentors, 1, file) != 1 ||
	    fwrite(&instance->pairs, sizeof instance->pairs, 1, file) != 1 ||
	    fwrite(instance->capacity, sizeof *instance->capacity, mentors, file) != mentors ||
	    fwrite(instance->row, sizeof *instance->row, mentees + 1, file) != mentees + 1 ||
	    fwrite(instance->column, sizeof *instance->column, pairs, file) != pairs ||
	    fwrite(instance->score, sizeof *instance->score, pairs, file) != pairs ||
	    fclose(file) != 0)
		give_up(path, "cannot be written");
}

double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double peak_megabytes(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_maxrss / 1024;
}

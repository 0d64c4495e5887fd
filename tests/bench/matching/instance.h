/*
 * A matching instance in a file, for the solver and its peers, in the machine's byte order:
 *
 *	"MIN1" · mentees, mentors (int32) · pairs (int64) · capacity[mentors] (int32) · row[mentees + 1] (int64) ·
 *	column[pairs] (int32) · score[pairs] (int16)
 *
 * The pairs of mentee i are row[i] … row[i + 1] - 1: a mentor and a score each. Programs end with a message when a file is not one.
 */
#pragma once

#include <stdint.h>

struct instance {
	int32_t mentees, mentors;
	int64_t pairs;
	int32_t *capacity;
	int64_t *row;
	int32_t *column;
	int16_t *score;
};

void instance_read(const char *path, struct instance *instance);
void instance_write(const char *path, const struct instance *instance);

/* Monotonic. */
double seconds(void);
/* The most memory that the process had so far. */
double peak_megabytes(void);

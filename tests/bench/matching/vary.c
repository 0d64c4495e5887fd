/* vary FROM TO GRID SKEW CAPACITY%: an instance with scores on a grid (ties), with popular mentors, with other capacities. */
#include <stdio.h>
#include <stdlib.h>

#include "instance.h"

static int16_t varied(int32_t score, int32_t mentor, int grid, int skew)
{
	if (skew) {
		double at = (double)((uint32_t)mentor * 2654435761u >> 8) / 16777216.0;

		score = (int32_t)(score * 0.6 + 400 * at * at * at);
	}
	if (grid > 1)
		score = (score + grid / 2) / grid * grid;
	return (int16_t)(score < 1 ? 1 : score > 1000 ? 1000 : score);
}

int main(int argc, char **argv)
{
	struct instance instance;

	if (argc != 6) {
		fprintf(stderr, "vary FROM TO GRID SKEW CAPACITY%%\n");
		return 2;
	}

	int grid = atoi(argv[3]), skew = atoi(argv[4]), percent = atoi(argv[5]);

	instance_read(argv[1], &instance);
	for (int64_t k = 0; k < instance.pairs; k++)
		instance.score[k] = varied(instance.score[k], instance.column[k], grid, skew);
	for (int32_t j = 0; j < instance.mentors; j++)
		instance.capacity[j] = (instance.capacity[j] * percent + 99) / 100;
	instance_write(argv[2], &instance);
	return 0;
}

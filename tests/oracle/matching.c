/* matching [instances [first seed]]: random tiny problems against every choice there is; prints differences. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/match_oracle.h"

int main(int argc, char **argv)
{
	uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
	uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	uint64_t differences = 0;

	for (uint64_t seed = first; seed < first + n; seed++) {
		const char *wrong = match_oracle(seed);

		if (wrong && differences++ < 10)
			printf("seed %llu: %s\n", (unsigned long long)seed, wrong);
	}
	printf("instances=%llu differences=%llu\n", (unsigned long long)n,
	       (unsigned long long)differences);
	return differences > 0;
}

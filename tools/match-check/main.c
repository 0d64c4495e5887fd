/*
 * match-check <certificate.txt>: does the certificate of a matching hold?
 *
 * Exit 0: it does; 1: it does not, and where; 2: it could not be read.
 */
#include <stdio.h>
#include <stdlib.h>

#include "verify.h"

/* The whole file; NULL when it cannot be read. */
static char *read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	char *bytes = NULL;
	long size = -1;

	if (file && fseek(file, 0, SEEK_END) == 0)
		size = ftell(file);
	if (size >= 0 && fseek(file, 0, SEEK_SET) == 0)
		bytes = malloc((size_t)size + 1);
	*len = bytes ? fread(bytes, 1, (size_t)size, file) : 0;
	if (file)
		fclose(file);
	return bytes;
}

static int tell_failure(const struct verdict *verdict)
{
	printf("does not hold: %s (line %ld", verdict->reason, verdict->line);
	if (verdict->mentee >= 0)
		printf(", mentee %d", verdict->mentee);
	if (verdict->mentor >= 0)
		printf(", mentor %d", verdict->mentor);
	printf(")\n");
	return 1;
}

int main(int argc, char **argv)
{
	struct verdict verdict;
	char *bytes;
	size_t len;

	if (argc != 2) {
		fprintf(stderr, "match-check <certificate.txt>\n");
		return 2;
	}
	bytes = read_file(argv[1], &len);
	if (!bytes) {
		fprintf(stderr, "%s cannot be read\n", argv[1]);
		return 2;
	}
	verdict = verify_certificate(bytes, len);
	free(bytes);
	if (!verdict.valid)
		return tell_failure(&verdict);
	printf("holds: %s\n%d mentees, %d mentors, %d matched, total %lld\n%lld pairs%s\nsha256 "
	       "%s\n",
	       verdict.reason, verdict.mentees, verdict.mentors, verdict.matched,
	       (long long)verdict.total, (long long)verdict.pairs,
	       verdict.everything ? ": all that are allowed"
				  : " listed; that no other contradicts is said, not shown",
	       verdict.digest);
	return 0;
}

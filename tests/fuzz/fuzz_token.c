/* Any bytes as a token: refused, whatever they are, and never read beyond their end. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t public_key[32] = { 1 };
	struct arena *arena = arena_new(1 << 20);
	char *token = malloc(size + 1);
	size_t len;

	memcpy(token, data, size);
	token_footer(arena, token, size);
	if (token_verify(arena, public_key, token, size, "site", &len))
		abort();
	free(token);
	arena_free(arena);
	return 0;
}

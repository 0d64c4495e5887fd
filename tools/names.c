/* Names as C writes them. */
#include "names.h"

#include <ctype.h>
#include <string.h>

char *snake_case(struct arena *arena, const char *name)
{
	char *snake = arena_alloc(arena, 2 * strlen(name) + 1);
	char *out = snake;
	bool was_upper = true;

	for (; *name; name++) {
		bool is_upper = isupper((unsigned char)*name);

		if (is_upper && !was_upper)
			*out++ = '_';
		*out++ = (char)tolower((unsigned char)*name);
		was_upper = is_upper;
	}
	return snake;
}

char *upper_case(struct arena *arena, const char *name)
{
	char *upper = arena_strdup(arena, name);

	for (char *at = upper; *at; at++)
		*at = (char)toupper((unsigned char)*at);
	return upper;
}

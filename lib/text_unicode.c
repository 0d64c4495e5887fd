/* UTF-8 and Unicode's normal forms, by libutf8proc. */
#include <string.h>
#include <utf8proc.h>

#include "text_format.h"

static size_t ascii_run(const char *text, size_t len)
{
	size_t at = 0;
	uint64_t eight;

	while (at + 8 <= len) {
		memcpy(&eight, text + at, sizeof eight);
		if (eight & 0x8080808080808080u)
			break;
		at += 8;
	}
	while (at < len && !((uint8_t)text[at] & 0x80))
		at++;
	return at;
}

bool text_is_ascii(const char *text, size_t len)
{
	return ascii_run(text, len) == len;
}

/* The length of the sequence at `at` by table 3-7 of the Unicode standard, or 0. */
static size_t sequence(const uint8_t *at, size_t left)
{
	uint8_t low = 0x80, high = 0xbf;
	size_t len = *at >= 0xf0 ? 4 : *at >= 0xe0 ? 3 : 2;

	if (*at < 0xc2 || *at > 0xf4 || left < len)
		return 0;
	if (*at == 0xe0)
		low = 0xa0;
	else if (*at == 0xed)
		high = 0x9f;
	else if (*at == 0xf0)
		low = 0x90;
	else if (*at == 0xf4)
		high = 0x8f;

	if (at[1] < low || at[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

bool text_is_utf8(const char *text, size_t len)
{
	size_t at = ascii_run(text, len);

	while (at < len) {
		size_t step = sequence((const uint8_t *)text + at, len - at);

		if (!step)
			return false;
		at += step;
		at += ascii_run(text + at, len - at);
	}
	return true;
}

size_t text_code_points(const char *text, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += ((uint8_t)text[i] & 0xc0) != 0x80;
	return count;
}

static char *normal_form(struct arena *arena, const char *text, size_t len,
			 utf8proc_option_t options)
{
	const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)text;
	utf8proc_ssize_t count, kept;
	utf8proc_int32_t *points;

	if (!text_is_utf8(text, len))
		return NULL;
	count = utf8proc_decompose(bytes, (utf8proc_ssize_t)len, NULL, 0, options);
	if (count < 0)
		return NULL;
	/* One more for the NUL that utf8proc_reencode writes. */
	points = arena_alloc(arena, ((size_t)count + 1) * sizeof *points);
	kept = utf8proc_decompose(bytes, (utf8proc_ssize_t)len, points, count, options);
	if (kept != count || utf8proc_reencode(points, count, options) < 0)
		return NULL;
	return (char *)points;
}

char *text_nfc(struct arena *arena, const char *text, size_t len)
{
	return normal_form(arena, text, len, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

char *text_nfkc(struct arena *arena, const char *text, size_t len)
{
	return normal_form(arena, text, len, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT);
}

char *text_casefold(struct arena *arena, const char *text, size_t len)
{
	char *folded = text_nfkc(arena, text, len);

	if (!folded)
		return NULL;
	return normal_form(
		arena, folded, strlen(folded),
		UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD);
}

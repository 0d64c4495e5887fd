/* The check of a text against its rule, step by step, and the sentences for what is refused. */
#include "text.h"

#include <inttypes.h>
#include <string.h>
#include <utf8proc.h>

#include "text_format.h"

enum {
	MAX_MARKS = 30, /* in a row, as in UAX 15's Stream-Safe Text: sorting them is quadratic */
	MAX_ITEMS = 10000,
	MAX_NAME = 64, /* of text_nearest */
};

static uint32_t max_len(const struct pb_rule *rule)
{
	static const uint32_t defaults[] = {
		[PB_LINE] = 200, [PB_TEXT] = 20000, [PB_NAME] = 200, [PB_EMAIL] = 254,
		[PB_URL] = 2048, [PB_SLUG] = 64,    [PB_KEY] = 512,  [PB_PASSWORD] = 128,
	};

	return rule->max_len ? rule->max_len : defaults[rule->format];
}

/* Formats that hold more than ASCII. */
static bool is_unicode_format(enum pb_format format)
{
	switch (format) {
	case PB_LINE:
	case PB_TEXT:
	case PB_NAME:
	case PB_EMAIL:
	case PB_URL:
	case PB_PASSWORD:
		return true;
	default:
		return false;
	}
}

static bool is_trimmed_format(enum pb_format format)
{
	return format == PB_LINE || format == PB_NAME || format == PB_EMAIL;
}

static bool is_refused_point(enum pb_format format, utf8proc_int32_t point)
{
	if (point == '\n' || point == '\t')
		return format != PB_TEXT;
	if (point == 0x2028 || point == 0x2029)
		return format != PB_TEXT;
	return point < 0x20 || (point >= 0x7f && point <= 0x9f);
}

static bool has_refused_characters(enum pb_format format, const char *text, size_t len)
{
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text, *end = at + len;
	utf8proc_int32_t point;
	unsigned marks = 0;

	while (at < end) {
		at += utf8proc_iterate(at, end - at, &point);
		if (is_refused_point(format, point))
			return true;
		marks = utf8proc_get_property(point)->combining_class ? marks + 1 : 0;
		if (marks > MAX_MARKS)
			return true;
	}
	return false;
}

/* U+202A to U+202E and U+2066 to U+2069: they turn what stands after them around. */
static bool is_bidi_override(const char *at)
{
	const uint8_t *bytes = (const uint8_t *)at;

	return bytes[0] == 0xe2 && ((bytes[1] == 0x80 && bytes[2] >= 0xaa && bytes[2] <= 0xae) ||
				    (bytes[1] == 0x81 && bytes[2] >= 0xa6 && bytes[2] <= 0xa9));
}

static const char *strip_bidi(struct arena *arena, const char *text)
{
	char *stripped = arena_alloc(arena, strlen(text) + 1), *out = stripped;

	while (*text) {
		if (is_bidi_override(text))
			text += 3;
		else
			*out++ = *text++;
	}
	return stripped;
}

static bool is_space(const char *at, size_t len)
{
	utf8proc_int32_t point;

	return utf8proc_iterate((const utf8proc_uint8_t *)at, (utf8proc_ssize_t)len, &point) > 0 &&
	       utf8proc_category(point) == UTF8PROC_CATEGORY_ZS;
}

/* The length of the code point that ends before `end`. */
static size_t last_point(const char *text, size_t end)
{
	size_t len = 1;

	while (len < end && ((uint8_t)text[end - len] & 0xc0) == 0x80)
		len++;
	return len;
}

static size_t first_point(const char *text, size_t len)
{
	size_t end = 1;

	while (end < len && ((uint8_t)text[end] & 0xc0) == 0x80)
		end++;
	return end;
}

static const char *trim(struct arena *arena, const char *text)
{
	size_t start = 0, end = strlen(text), all = end;

	while (end > 0 && is_space(text + end - last_point(text, end), last_point(text, end)))
		end -= last_point(text, end);
	while (start < end && is_space(text + start, end - start))
		start += first_point(text + start, end - start);
	return end == all ? text + start : arena_strndup(arena, text + start, end - start);
}

/* Letters and symbols that leave no ink: Hangul fillers, the empty Braille cell. */
static bool is_blank_letter(utf8proc_int32_t point)
{
	return point == 0x115f ||
	       point == 0x1160 ||
	       point == 0x3164 ||
	       point == 0xffa0 ||
	       point == 0x2800;
}

static bool is_visible(utf8proc_int32_t point)
{
	switch (utf8proc_category(point)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL:
	case UTF8PROC_CATEGORY_NO:
	case UTF8PROC_CATEGORY_PC:
	case UTF8PROC_CATEGORY_PD:
	case UTF8PROC_CATEGORY_PS:
	case UTF8PROC_CATEGORY_PE:
	case UTF8PROC_CATEGORY_PI:
	case UTF8PROC_CATEGORY_PF:
	case UTF8PROC_CATEGORY_PO:
	case UTF8PROC_CATEGORY_SM:
	case UTF8PROC_CATEGORY_SC:
	case UTF8PROC_CATEGORY_SK:
	case UTF8PROC_CATEGORY_SO:
		return !is_blank_letter(point);
	default:
		return false;
	}
}

/* A name of combining marks or invisible characters alone is nobody's. */
static bool shows_something(const char *text)
{
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text;
	utf8proc_int32_t point;

	while (*at) {
		at += utf8proc_iterate(at, -1, &point);
		if (is_visible(point))
			return true;
	}
	return false;
}

static const char *normalise(struct arena *arena, enum pb_format format, const char *text,
			     size_t len)
{
	if (text_is_ascii(text, len) || !is_unicode_format(format))
		return text;
	return format == PB_PASSWORD ? text_nfkc(arena, text, len) : text_nfc(arena, text, len);
}

static const char *check_length(const struct pb_rule *rule, const char *text)
{
	size_t count = text_code_points(text, strlen(text));

	if (!count && rule->required)
		return "REQUIRED";
	if (max_len(rule) && count > max_len(rule))
		return "TOO_LONG";
	return count < rule->min_len ? "TOO_SHORT" : NULL;
}

const char *text_check(struct arena *arena, const struct pb_rule *rule, const char *text,
		       size_t len, const char **out)
{
	enum pb_format format = rule->format;
	const char *code;

	if (!text_is_utf8(text, len))
		return "INVALID_UTF8";
	if (has_refused_characters(format, text, len))
		return "INVALID_CHARACTER";
	/* Composing shortens by less than this: nothing long is normalised in vain. */
	if (is_unicode_format(format) &&
	    text_code_points(text, len) > 4 * (size_t)max_len(rule) + MAX_MARKS)
		return "TOO_LONG";

	text = normalise(arena, format, text, len);
	if (!text)
		return "INVALID_UTF8";
	if (format == PB_NAME && !text_is_ascii(text, strlen(text)))
		text = strip_bidi(arena, text);
	if (is_trimmed_format(format))
		text = trim(arena, text);

	code = check_length(rule, text);
	if (code)
		return code;
	if (format == PB_NAME && *text && !shows_something(text))
		return "INVALID_CHARACTER";
	return text_check_format(arena, format, text, strlen(text), out);
}

static const char *explain_range(struct arena *arena, const struct pb_rule *rule)
{
	if (rule->has_min && rule->has_max)
		return arena_printf(arena, "Must be from %" PRId64 " to %" PRId64 ".", rule->min,
				    rule->max);
	if (rule->has_min)
		return arena_printf(arena, "Must be at least %" PRId64 ".", rule->min);
	return arena_printf(arena, "Must be at most %" PRId64 ".", rule->max);
}

static const char *explain_code(const char *code)
{
	static const struct {
		const char *code, *sentence;
	} known[] = {
		{ "REQUIRED", "Is required." },
		{ "INVALID_UTF8", "Is not UTF-8." },
		{ "INVALID_CHARACTER",
		  "Holds characters that are not allowed here, or none that can be seen." },
		{ "INVALID_ID", "Must be an id: a UUID in lower case." },
		{ "INVALID_INSTANT",
		  "Must be an instant as RFC 3339 writes it: 2026-11-20T18:30:00Z." },
		{ "INVALID_DATE", "Must be a date that exists: 2026-11-20." },
		{ "INVALID_TIME", "Must be a time of day: 18:30." },
		{ "INVALID_ZONE",
		  "Must be an IANA time zone such as Asia/Kolkata; no abbreviation or offset." },
		{ "INVALID_LOCALE", "Must be a language tag such as en or pt-BR." },
		{ "INVALID_EMAIL", "Must be an e-mail address." },
		{ "INVALID_URL", "Must be a web address: https://example.org/page." },
		{ "BAD_URL_SCHEME", "Must begin with https:// or http://." },
		{ "INVALID_SLUG", "May hold a to z, 0 to 9 and single hyphens between them." },
		{ "INVALID_COUNTRY", "Must be a country's two letters as in ISO 3166-1." },
		{ "INVALID_KEY", "May hold printable ASCII characters without spaces." },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (!strcmp(known[i].code, code))
			return known[i].sentence;
	return "Is not allowed.";
}

const char *text_explain(struct arena *arena, const struct pb_rule *rule, const char *code)
{
	if (!strcmp(code, "OUT_OF_RANGE"))
		return explain_range(arena, rule);
	if (!strcmp(code, "TOO_LONG"))
		return arena_printf(arena, "May have at most %u characters.", max_len(rule));
	if (!strcmp(code, "TOO_SHORT"))
		return arena_printf(arena, "Must have at least %u characters.", rule->min_len);
	if (!strcmp(code, "TOO_MANY"))
		return arena_printf(arena, "May have at most %u entries.",
				    rule->max_items ? rule->max_items : MAX_ITEMS);
	return explain_code(code);
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Optimal string alignment (insert, delete, replace, swap neighbours); both at most MAX_NAME. */
static unsigned distance(const char *a, const char *b)
{
	unsigned rows[3][MAX_NAME + 1];
	size_t len = strlen(b);

	for (unsigned j = 0; j <= len; j++)
		rows[0][j] = j;
	for (unsigned i = 1; a[i - 1]; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3];
		unsigned *second = rows[(i + 1) % 3];

		row[0] = i;
		for (unsigned j = 1; j <= len; j++) {
			row[j] = least(least(row[j - 1], above[j]) + 1,
				       above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], second[j - 2] + 1);
		}
	}
	return rows[strlen(a) % 3][len];
}

const char *text_nearest(const char *name, const char *const *known, size_t count)
{
	const char *nearest = NULL;
	unsigned nearest_distance = 0;

	if (strlen(name) > MAX_NAME)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		unsigned away;

		if (strlen(known[i]) > MAX_NAME)
			continue;
		away = distance(name, known[i]);
		if ((size_t)3 * away <= strlen(known[i]) + 2 &&
		    (!nearest || away < nearest_distance)) {
			nearest = known[i];
			nearest_distance = away;
		}
	}
	return nearest;
}

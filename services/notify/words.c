/* Templates: a recursive walk over braces, at most a few levels deep. */
#include "words.h"

#include <stdlib.h>
#include <string.h>

#include "tongue.h"

enum { DEEPEST = 4, NAME_MAX_LEN = 40 };

struct filling {
	const struct words *words;
	bool encode; /* percent-encode the values */
	struct buf out;
};

static bool fill(struct filling *filling, const char *text, const char *end, const char *number,
		 int depth) must_check;

const char *words_value(const struct words *words, const char *name)
{
	for (size_t i = 0; i < words->n_variables; i++)
		if (!strcmp(words->variables[i]->name, name))
			return words->variables[i]->value;
	return "";
}

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\n' || *at == '\t'))
		at++;
	return at;
}

/* The brace that closes the one at `open`, or NULL. */
static const char *closing_brace(const char *open, const char *end)
{
	int depth = 0;

	for (const char *at = open; at < end; at++) {
		depth += (*at == '{') - (*at == '}');
		if (!depth)
			return at;
	}
	return NULL;
}

/* The next word up to a comma, brace or blank; empty when it is too long. */
static const char *take_word(const char *at, const char *end, char word[NAME_MAX_LEN])
{
	size_t len = 0;

	at = skip_blanks(at, end);
	while (at + len < end && !strchr(", {}\n\t", at[len]))
		len++;
	word[0] = '\0';
	if (len < NAME_MAX_LEN) {
		memcpy(word, at, len);
		word[len] = '\0';
	}
	return skip_blanks(at + len, end);
}

static bool is_unreserved(unsigned char byte)
{
	return (byte >= 'a' && byte <= 'z') ||
	       (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') ||
	       (byte && strchr("-._~", byte));
}

static void put_value(struct filling *filling, const char *value)
{
	for (const unsigned char *at = (const unsigned char *)value; *at; at++) {
		if (filling->encode && !is_unreserved(*at))
			buf_printf(&filling->out, "%%%02X", *at);
		else
			buf_putc(&filling->out, (char)(*at < ' ' || *at == 0x7f ? ' ' : *at));
	}
}

struct variant {
	const char *text, *end;
};

/* The variant of that key in "one {…} other {…}". */
static bool find_variant(const char *at, const char *end, const char *key, struct variant *variant)
{
	char name[NAME_MAX_LEN];

	while ((at = skip_blanks(at, end)) < end) {
		const char *open = take_word(at, end, name);
		const char *close = open < end && *open == '{' ? closing_brace(open, end) : NULL;

		if (!close)
			return false;
		if (!strcmp(name, key)) {
			*variant = (struct variant) { open + 1, close };
			return true;
		}
		at = close + 1;
	}
	return false;
}

static bool fill_plural(struct filling *filling, const char *value, const char *at, const char *end,
			int depth)
{
	char exact[NAME_MAX_LEN];
	struct variant variant;

	snprintf(exact, sizeof exact, "=%.30s", value);
	if (!find_variant(at, end, exact, &variant) &&
	    !find_variant(at, end, tongue_plural(filling->words->locale, strtol(value, NULL, 10)),
			  &variant) &&
	    !find_variant(at, end, "other", &variant))
		return false;
	return fill(filling, variant.text, variant.end, value, depth + 1);
}

static bool fill_select(struct filling *filling, const char *value, const char *at, const char *end,
			int depth)
{
	struct variant variant;

	if (!find_variant(at, end, *value ? value : "none", &variant) &&
	    !find_variant(at, end, "other", &variant))
		return false;
	return fill(filling, variant.text, variant.end, NULL, depth + 1);
}

/* What stands between a brace and its closing one. */
static bool fill_place(struct filling *filling, const char *at, const char *end, int depth)
{
	const struct words *words = filling->words;
	char name[NAME_MAX_LEN], form[NAME_MAX_LEN] = "";
	const char *value;

	at = take_word(at, end, name);
	value = words_value(words, name);
	if (at < end && *at == ',')
		at = take_word(at + 1, end, form);
	if (at < end && *at == ',')
		at++;
	if (!strcmp(form, "plural"))
		return fill_plural(filling, value, at, end, depth);
	if (!strcmp(form, "select"))
		return fill_select(filling, value, at, end, depth);
	if (!strcmp(form, "date"))
		value = tongue_instant(words->arena, words->locale, value, words->zone);
	else if (!strcmp(form, "day"))
		value = tongue_day(words->arena, words->locale, value);
	put_value(filling, value);
	return *name;
}

static bool fill(struct filling *filling, const char *text, const char *end, const char *number,
		 int depth)
{
	for (const char *at = text; at < end; at++) {
		if (*at == '}' || depth > DEEPEST)
			return false;
		if (*at == '{') {
			const char *close = closing_brace(at, end);

			if (!close || !fill_place(filling, at + 1, close, depth))
				return false;
			at = close;
		} else if (*at == '#' && number) {
			put_value(filling, number);
		} else {
			buf_putc(&filling->out, *at);
		}
	}
	return true;
}

static char *fill_whole(const struct words *words, const char *template, bool encode)
{
	struct filling filling = { .words = words, .encode = encode };
	char *text = NULL;

	if (fill(&filling, template, template + strlen(template), NULL, 0))
		text = arena_strdup(words->arena, buf_text(&filling.out));
	buf_free(&filling.out);
	return text;
}

char *words_fill(const struct words *words, const char *template)
{
	return fill_whole(words, template, false);
}

char *words_fill_path(const struct words *words, const char *template)
{
	return fill_whole(words, template, true);
}

void html_escape(struct buf *out, const char *text)
{
	static const char special[] = "&<>\"'";
	static const char *const entities[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" };

	for (; *text; text++) {
		const char *found = strchr(special, *text);

		if (found)
			buf_puts(out, entities[found - special]);
		else
			buf_putc(out, *text);
	}
}

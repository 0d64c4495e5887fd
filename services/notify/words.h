/*
 * The words of a template with what they name filled in. The language is a subset of ICU's
 * MessageFormat:
 *
 *   {program}                                    the value; an empty text when there is none
 *   {at, date}   {starts_on, day}                an instant (as local time) with the zone named; a day
 *   {n, plural, =0 {…} one {…} other {… # …}}    by the rules of the language
 *   {role, select, MENTOR {…} none {…} other {…}}   none: there is no value
 *
 * Values never bring line breaks or other control characters with them.
 */
#pragma once

#include "notify/notify.h"

struct words {
	struct arena *arena;
	const char *locale, *zone;
	size_t n_variables;
	Variable **variables;
};

/* The value of a variable, "" when there is none. */
const char *words_value(const struct words *words, const char *name);
/* The template's text, filled; NULL when its braces do not match. */
char *words_fill(const struct words *words, const char *template);
/* A path with its values percent-encoded (RFC 3986, unreserved characters only). */
char *words_fill_path(const struct words *words, const char *template);
/* Text as HTML: escaped for content and quoted attributes alike. */
void html_escape(struct buf *out, const char *text);

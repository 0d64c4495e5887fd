/*
 * What a language does with dates and numbers. Languages that are not known here read dates as
 * English does, and count as English does.
 */
#pragma once

#include "arena.h"

/* What every mail says around its own words; templates in the language of words.h. */
enum phrase {
	PHRASE_HELLO, /* {name} */
	PHRASE_WHY,   /* {site} */
	PHRASE_UNSUBSCRIBE,
	PHRASES,
};
const char *tongue_phrase(const char *locale, enum phrase phrase);

/*
 * A local time "2026-11-21T18:30" with its zone named: "21 November 2026, 18:30 (Europe/Athens)".
 * As it is when it is none.
 */
const char *tongue_instant(struct arena *arena, const char *locale, const char *local,
			   const char *zone);
/* A day "2026-11-21": "21 November 2026". As it is when it is none. */
const char *tongue_day(struct arena *arena, const char *locale, const char *day);
/* The plural category of Unicode CLDR: "one" or "other". */
const char *tongue_plural(const char *locale, long number);

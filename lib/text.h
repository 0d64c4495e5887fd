/*
 * What a text may be: UTF-8, NFC, without control characters, of a length in code points, of a
 * format.
 *
 * Every check returns NULL when the text is good, else the stable code of the refusal
 * (REQUIRED when nothing is left of it, INVALID_UTF8, INVALID_CHARACTER, TOO_LONG, TOO_SHORT,
 * INVALID_ID, INVALID_INSTANT, INVALID_DATE, INVALID_TIME, INVALID_ZONE, INVALID_LOCALE,
 * INVALID_EMAIL, INVALID_URL, BAD_URL_SCHEME, INVALID_SLUG, INVALID_COUNTRY, INVALID_KEY).
 */
#pragma once

#include "arena.h"
#include "pb.h"

/*
 * Checks and normalises by the rule: *out is the text to keep, in the arena (or within `text`
 * itself when nothing changed). text[len] must be NUL. Where a rule has no max_len: LINE and NAME
 * 200, TEXT 20000, EMAIL 254, URL 2048, SLUG 64, KEY 512, PASSWORD 128; the other formats know
 * their lengths.
 */
const char *text_check(struct arena *arena, const struct pb_rule *rule, const char *text,
		       size_t len, const char **out);
/* The sentence for people that belongs to a code; with the rule's numbers where it has some. */
const char *text_explain(struct arena *arena, const struct pb_rule *rule, const char *code);

bool text_is_utf8(const char *text, size_t len);
size_t text_code_points(const char *text, size_t len);
/* Unicode NFC / NFKC / full case folding after NFKC. NULL when the text is not UTF-8. */
char *text_nfc(struct arena *arena, const char *text, size_t len);
char *text_nfkc(struct arena *arena, const char *text, size_t len);
char *text_casefold(struct arena *arena, const char *text, size_t len);
/*
 * The address as it is compared: domain as lower-case A-label, local part case-folded. NULL
 * when it is none.
 */
char *text_email_key(struct arena *arena, const char *email);
/* The canonical name of an IANA zone (links resolved), or NULL. Reads the system's tzdata. */
const char *text_zone(struct arena *arena, const char *zone);
/*
 * The name of `known` that is nearest to `name` (Damerau-Levenshtein, at most a third of it
 * away), or NULL.
 */
const char *text_nearest(const char *name, const char *const *known, size_t count);
/*
 * RFC 3339 to UTC with microseconds and Z; and Postgres's text of a timestamptz in UTC to the
 * same. out holds 28 bytes.
 */
bool text_instant(const char *text, size_t len, char out[28]);
bool text_instant_from_sql(const char *text, size_t len, char out[28]);

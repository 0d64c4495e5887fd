/* Formats of one token: ids, slugs, languages, addresses. */
#include "text_format.h"

#include <idn2.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

#include "text_zone.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

enum { MAX_EMAIL = 254, MAX_LOCAL = 64, MAX_DOMAIN = 253, MAX_LABEL = 63, MAX_LOCALE = 35 };

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
	return is_lower((char)(c | 0x20));
}

static bool all(const char *text, size_t len, bool (*is)(char c))
{
	for (size_t i = 0; i < len; i++)
		if (!is(text[i]))
			return false;
	return true;
}

static bool is_alnum(char c)
{
	return is_alpha(c) || is_digit(c);
}

static void fold(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] >= 'A' && text[i] <= 'Z')
			text[i] = (char)(text[i] | 0x20);
}

static void raise_case(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (is_lower(text[i]))
			text[i] = (char)(text[i] & ~0x20);
}

static bool is_uuid(const char *text, size_t len)
{
	static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (len != sizeof shape - 1)
		return false;
	for (size_t i = 0; i < len; i++)
		if (shape[i] == '-' ? text[i] != '-' : !strchr(DIGITS "abcdef", text[i]))
			return false;
	return true;
}

static bool is_slug(const char *text, size_t len)
{
	if (!len || strspn(text, LOWER DIGITS "-") != len)
		return false;
	return text[0] != '-' && text[len - 1] != '-' && !strstr(text, "--");
}

static bool is_key(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	return len > 0;
}

/* BCP 47 (RFC 5646), 2.1: language ["-" script] ["-" region] *("-" variant); case as in 2.1.1. */
static bool is_variant(const char *part, size_t len)
{
	return (len >= 5 && len <= 8) || (len == 4 && is_digit(part[0]));
}

enum locale_part { LANGUAGE, SCRIPT, REGION, VARIANT, NO_PART };

static enum locale_part locale_part(char *part, size_t len, enum locale_part after)
{
	if (after < SCRIPT && len == 4 && all(part, len, is_alpha)) {
		raise_case(part, 1);
		return SCRIPT;
	}
	if (after < REGION &&
	    ((len == 2 && all(part, len, is_alpha)) || (len == 3 && all(part, len, is_digit)))) {
		raise_case(part, len);
		return REGION;
	}
	return is_variant(part, len) && all(part, len, is_alnum) ? VARIANT : NO_PART;
}

static const char *check_locale(struct arena *arena, const char *text, size_t len, const char **out)
{
	char *locale = arena_strndup(arena, text, len), *part = locale;
	enum locale_part kind = LANGUAGE;
	size_t part_len = strcspn(part, "-");

	if (len > MAX_LOCALE || part_len < 2 || part_len > 3 || !all(part, part_len, is_alpha))
		return "INVALID_LOCALE";
	fold(locale, len);
	while (part[part_len]) {
		part += part_len + 1;
		part_len = strcspn(part, "-");
		kind = locale_part(part, part_len, kind);
		if (kind == NO_PART)
			return "INVALID_LOCALE";
	}
	*out = locale;
	return NULL;
}

/* Labels of letters, digits and inner hyphens (RFC 1123, 2.1). */
static bool is_host_name(const char *domain)
{
	for (;;) {
		size_t len = strspn(domain, LOWER DIGITS "-");

		if (!len || len > MAX_LABEL || domain[0] == '-' || domain[len - 1] == '-')
			return false;
		if (!domain[len])
			return true;
		if (domain[len] != '.')
			return false;
		domain += len + 1;
	}
}

/*
 * The domain as lower-case A-labels (RFC 5891), in the arena; NULL when it is none.
 * libidn2 judges what is not ASCII, but lets anything pass that is.
 */
static char *ascii_domain(struct arena *arena, const char *domain)
{
	uint8_t *found;
	char *copy;

	if (idn2_lookup_u8((const uint8_t *)domain, &found,
			   IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
		return NULL;
	copy = arena_strdup(arena, (char *)found);
	idn2_free(found);
	fold(copy, strlen(copy));
	return strlen(copy) <= MAX_DOMAIN && is_host_name(copy) ? copy : NULL;
}

static bool has_top_level(const char *domain)
{
	const char *dot = strrchr(domain, '.');

	return dot && dot > domain && is_alpha(dot[1]);
}

/* RFC 5321 atext; beyond ASCII (RFC 6531) whatever is neither a space nor invisible. */
static bool is_local_point(utf8proc_int32_t point)
{
	if (point < 0x80)
		return is_alnum((char)point) || strchr("!#$%&'*+-/=?^_`{|}~.", point);
	switch (utf8proc_category(point)) {
	case UTF8PROC_CATEGORY_ZS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_CO:
	case UTF8PROC_CATEGORY_CN:
		return false;
	default:
		return true;
	}
}

static bool has_empty_atom(const char *local, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (local[i] == '.' && (i == 0 || i == len - 1 || local[i + 1] == '.'))
			return true;
	return false;
}

/* A dot-atom: no dot at either end nor two together. */
static bool is_local_part(const char *local, size_t len)
{
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)local;
	utf8proc_ssize_t left = (utf8proc_ssize_t)len;
	utf8proc_int32_t point;

	if (!len || len > MAX_LOCAL || has_empty_atom(local, len))
		return false;
	while (left > 0) {
		utf8proc_ssize_t step = utf8proc_iterate(at, left, &point);

		if (step <= 0 || !is_local_point(point))
			return false;
		at += step;
		left -= step;
	}
	return true;
}

char *text_email_key(struct arena *arena, const char *email)
{
	const char *at = strrchr(email, '@');
	char *domain, *local;

	if (!at || strlen(email) > MAX_EMAIL || !is_local_part(email, (size_t)(at - email)))
		return NULL;
	domain = ascii_domain(arena, at + 1);
	if (!domain || !has_top_level(domain))
		return NULL;
	local = text_casefold(arena, email, (size_t)(at - email));
	return local ? arena_printf(arena, "%s@%s", local, domain) : NULL;
}

/* [":" port], to the end. */
static bool is_port(const char *text, size_t len)
{
	unsigned port = 0;

	if (!len)
		return true;
	if (text[0] != ':' || len < 2 || len > 6 || !all(text + 1, len - 1, is_digit))
		return false;
	for (size_t i = 1; i < len; i++)
		port = port * 10 + (unsigned)(text[i] - '0');
	return port > 0 && port <= 65535;
}

static bool is_bracketed_host(const char *host, size_t len)
{
	const char *end = memchr(host, ']', len);

	if (!end || end == host + 1)
		return false;
	return strspn(host + 1, DIGITS "abcdefABCDEF:.") == (size_t)(end - host - 1) &&
	       is_port(end + 1, (size_t)(host + len - end - 1));
}

/* Host and port (RFC 3986, 3.2); a user name is refused, for it only serves to deceive. */
static bool is_authority(struct arena *arena, const char *text, size_t len)
{
	size_t host;

	if (len && text[0] == '[')
		return is_bracketed_host(text, len);
	host = strcspn(text, ":/?#");
	return host > 0 &&
	       host <= len &&
	       is_port(text + host, len - host) &&
	       ascii_domain(arena, arena_strndup(arena, text, host));
}

static bool is_hex(char c)
{
	return is_digit(c) || (c && strchr("abcdefABCDEF", c));
}

static bool has_bad_url_characters(const char *text)
{
	for (; *text; text++) {
		if (strchr(" \"<>\\^`{|}", *text))
			return true;
		if (*text == '%' && !(is_hex(text[1]) && is_hex(text[2])))
			return true;
	}
	return false;
}

static const char *check_url(struct arena *arena, const char *text)
{
	const char *authority;

	if (!is_alpha(text[0]) ||
	    strspn(text, LOWER UPPER DIGITS "+-.") != strcspn(text, ":") ||
	    !strchr(text, ':'))
		return "INVALID_URL";
	if (!strncasecmp(text, "http:", 5))
		authority = text + 5;
	else if (!strncasecmp(text, "https:", 6))
		authority = text + 6;
	else
		return "BAD_URL_SCHEME";

	if (strncmp(authority, "//", 2) ||
	    has_bad_url_characters(authority) ||
	    !is_authority(arena, authority + 2, strcspn(authority + 2, "/?#")))
		return "INVALID_URL";
	return NULL;
}

static const char *check_country(struct arena *arena, const char *text, size_t len,
				 const char **out)
{
	char *code = arena_strndup(arena, text, len);

	raise_case(code, len);
	if (len != 2 || !all(code, len, is_alpha) || !text_is_country(arena, code))
		return "INVALID_COUNTRY";
	*out = code;
	return NULL;
}

static const char *check_instant(struct arena *arena, const char *text, size_t len,
				 const char **out)
{
	char instant[28];

	if (!text_instant(text, len, instant))
		return "INVALID_INSTANT";
	*out = arena_strdup(arena, instant);
	return NULL;
}

static const char *check_zone(struct arena *arena, const char *text, const char **out)
{
	*out = text_zone(arena, text);
	return *out ? NULL : "INVALID_ZONE";
}

const char *text_check_format(struct arena *arena, enum pb_format format, const char *text,
			      size_t len, const char **out)
{
	*out = text;
	switch (format) {
	case PB_UUID:
		return is_uuid(text, len) ? NULL : "INVALID_ID";
	case PB_INSTANT:
		return check_instant(arena, text, len, out);
	case PB_DATE:
		return text_is_date(text, len) ? NULL : "INVALID_DATE";
	case PB_TIME:
		return text_is_time(text, len) ? NULL : "INVALID_TIME";
	case PB_ZONE:
		return check_zone(arena, text, out);
	case PB_LOCALE:
		return check_locale(arena, text, len, out);
	case PB_EMAIL:
		return text_email_key(arena, text) ? NULL : "INVALID_EMAIL";
	case PB_URL:
		return check_url(arena, text);
	case PB_SLUG:
		return is_slug(text, len) ? NULL : "INVALID_SLUG";
	case PB_COUNTRY:
		return check_country(arena, text, len, out);
	case PB_KEY:
		return is_key(text, len) ? NULL : "INVALID_KEY";
	default:
		return NULL;
	}
}

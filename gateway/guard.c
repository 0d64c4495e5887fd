/* What a request must be like to be read at all. */
#include "guard.h"

#include <stdlib.h>
#include <strings.h>

#include "refuse.h"
#include "text.h"

struct known_header {
	const char *name;
	uint8_t len;
	uint16_t offset;
};

#define HEADER(name, field) { name, sizeof name - 1, offsetof(struct headers, field) }
static const struct known_header known_headers[] = {
	HEADER("Host", host),
	HEADER("Authorization", authorization),
	HEADER("Accept", accept),
	HEADER("Accept-Encoding", accept_encoding),
	HEADER("User-Agent", user_agent),
	HEADER("Content-Length", content_length),
	HEADER("Content-Type", content_type),
	HEADER("If-None-Match", if_none_match),
	HEADER("Range", range),
	HEADER("If-Range", if_range),
	HEADER("Idempotency-Key", idempotency_key),
	HEADER("If-Match", if_match),
	HEADER("X-Request-Id", request_id),
	HEADER("traceparent", traceparent),
	HEADER("X-Forwarded-For", forwarded_for),
	HEADER("Origin", origin),
	HEADER("Transfer-Encoding", transfer_encoding),
	HEADER("Content-Encoding", content_encoding),
	HEADER("Expect", expect),
	HEADER("Last-Event-ID", last_event_id),
	HEADER("Access-Control-Request-Method", request_method),
};

/* Bits: what a byte may be part of. */
enum { TOKEN = 1, VALUE = 2, TARGET = 4, HEX = 8 };

static const uint8_t byte_kinds[256] = {
	['\t'] = VALUE,
	[' '] = VALUE,
	['!'] = TOKEN | VALUE | TARGET,
	['"'] = VALUE,
	['#'] = TOKEN | VALUE,
	['$' ... '\''] = TOKEN | VALUE | TARGET,
	['(' ... ')'] = VALUE | TARGET,
	['*' ... '+'] = TOKEN | VALUE | TARGET,
	[','] = VALUE | TARGET,
	['-' ... '.'] = TOKEN | VALUE | TARGET,
	['/'] = VALUE | TARGET,
	['0' ... '9'] = TOKEN | VALUE | TARGET | HEX,
	[':' ... ';'] = VALUE | TARGET,
	['<'] = VALUE,
	['='] = VALUE | TARGET,
	['>'] = VALUE,
	['?' ... '@'] = VALUE | TARGET,
	['A' ... 'F'] = TOKEN | VALUE | TARGET | HEX,
	['G' ... 'Z'] = TOKEN | VALUE | TARGET,
	['['] = VALUE | TARGET,
	['\\'] = VALUE,
	[']'] = VALUE | TARGET,
	['^'] = TOKEN | VALUE,
	['_'] = TOKEN | VALUE | TARGET,
	['`'] = TOKEN | VALUE,
	['a' ... 'f'] = TOKEN | VALUE | TARGET | HEX,
	['g' ... 'z'] = TOKEN | VALUE | TARGET,
	['{'] = VALUE,
	['|'] = TOKEN | VALUE,
	['}'] = VALUE,
	['~'] = TOKEN | VALUE | TARGET,
	[128 ... 255] = VALUE,
};

static bool all_are(uint8_t kind, const char *text, size_t len)
{
	uint8_t kinds = kind;

	for (size_t i = 0; i < len; i++)
		kinds &= byte_kinds[(uint8_t)text[i]];
	return kinds;
}

static const char **place_of(struct headers *headers, const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof known_headers / sizeof *known_headers; i++)
		if (known_headers[i].len == len && !strcasecmp(known_headers[i].name, name))
			return (const char **)((char *)headers + known_headers[i].offset);
	return NULL;
}

static void count(struct headers *headers, const char *const *place)
{
	headers->hosts += place == &headers->host;
	headers->lengths += place == &headers->content_length;
	headers->encodings += place == &headers->transfer_encoding;
}

/* Returns MHD_NO to end the walk at the first header that is none. */
static enum MHD_Result take_header(void *arg, enum MHD_ValueKind kind, const char *name,
				   size_t name_len, const char *value, size_t value_len)
{
	struct request *request = arg;
	struct headers *headers = &request->headers;
	const char **place;

	(void)kind;
	headers->bytes += name_len + value_len + 4;
	if (!name_len ||
	    !all_are(TOKEN, name, name_len) ||
	    !value ||
	    strlen(value) != value_len ||
	    !all_are(VALUE, value, value_len)) {
		(void)!refuse(request, ERROR_MALFORMED_REQUEST,
			      "A header's name or value holds a character that is not allowed.");
		return MHD_NO;
	}
	place = place_of(headers, name, name_len);
	if (place) {
		*place = value;
		count(headers, place);
	}
	return MHD_YES;
}

static bool is_number(const char *text)
{
	size_t len = strspn(text, "0123456789");

	return len && len < 19 && !text[len];
}

static bool judge_framing(struct request *request, const char *version)
{
	const struct headers *headers = &request->headers;
	bool is_1_1 = !strcmp(version, "HTTP/1.1");

	if (headers->bytes > MOST_HEADER_BYTES)
		return refuse(request, ERROR_HEADERS_TOO_LARGE, NULL);
	if (headers->hosts > 1 || (is_1_1 && !headers->hosts))
		return refuse(request, ERROR_MALFORMED_REQUEST,
			      "The request needs exactly one Host.");
	if (headers->lengths + headers->encodings > 1)
		return refuse(request, ERROR_MALFORMED_REQUEST,
			      "The request says more than once how long its body is.");
	if (headers->content_length && !is_number(headers->content_length))
		return refuse(request, ERROR_MALFORMED_REQUEST, "Content-Length is not a number.");
	if (headers->transfer_encoding &&
	    (!is_1_1 || strcasecmp(headers->transfer_encoding, "chunked")))
		return refuse(request, ERROR_MALFORMED_REQUEST,
			      "Only chunked is understood as Transfer-Encoding, in HTTP/1.1.");
	if (headers->expect && strcasecmp(headers->expect, "100-continue"))
		return refuse(request, ERROR_EXPECTATION_FAILED, NULL);
	return true;
}

static int hex_value(char digit)
{
	return digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10;
}

/* The byte behind a '%', or -1. */
static int escaped_byte(const char *text, size_t left)
{
	if (left < 3 ||
	    !(byte_kinds[(uint8_t)text[1]] & HEX) ||
	    !(byte_kinds[(uint8_t)text[2]] & HEX))
		return -1;
	return hex_value(text[1]) << 4 | hex_value(text[2]);
}

static bool escapes_hold(const char *text, size_t len, const char *forbidden)
{
	for (const char *at = memchr(text, '%', len); at;
	     at = memchr(at + 1, '%', len - (size_t)(at + 1 - text))) {
		int byte = escaped_byte(at, len - (size_t)(at - text));

		if (byte <= 0 || strchr(forbidden, byte))
			return false;
	}
	return true;
}

static bool has_dot_segment(const char *path, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (path[i] == '/') {
			size_t dots = 0;

			while (i + 1 + dots < len && path[i + 1 + dots] == '.')
				dots++;
			if ((dots == 1 || dots == 2) &&
			    (i + 1 + dots == len || path[i + 1 + dots] == '/'))
				return true;
		}
	return false;
}

static bool judge_target(struct request *request)
{
	const char *path = request->target;
	size_t len = strlen(path), path_len = request->path_len, ignored;

	if (len > MOST_TARGET_BYTES)
		return refuse(request, ERROR_URI_TOO_LONG, NULL);
	if (*path != '/' || !all_are(TARGET, path, len))
		return refuse(request, ERROR_MALFORMED_REQUEST,
			      "The target is not a path of allowed characters.");
	if (memmem(path, path_len, "//", 2) || has_dot_segment(path, path_len))
		return refuse(request, ERROR_MALFORMED_REQUEST,
			      "The path holds an empty segment, /./ or /../.");
	if (!escapes_hold(path, path_len, "/\\.%") ||
	    !escapes_hold(path + path_len, len - path_len, ""))
		return refuse(request, ERROR_MALFORMED_REQUEST,
			      "The target holds a percent-escape that is not allowed.");
	if (memchr(path, '%', path_len) &&
	    !guard_unescape(request->arena, path, path_len, false, &ignored))
		return refuse(request, ERROR_INVALID_UTF8, "The path is not UTF-8.");
	return true;
}

static const struct {
	const char *name;
	enum verb verb;
} methods[] = {
	{ "GET", VERB_GET },	  { "POST", VERB_POST },     { "PUT", VERB_PUT },
	{ "PATCH", VERB_PATCH },  { "DELETE", VERB_DELETE }, { "HEAD", VERB_GET },
	{ "OPTIONS", VERB_NONE },
};

static bool judge_method(struct request *request, const char *method)
{
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (!strcmp(methods[i].name, method)) {
			request->method = methods[i].name;
			request->verb = methods[i].verb;
			request->head = *method == 'H';
			request->options = *method == 'O';
			return true;
		}
	request->method = "?";
	return refuse(request, ERROR_METHOD_UNKNOWN, NULL);
}

static bool judge_body(struct request *request)
{
	if (request->verb == VERB_GET &&
	    (request->headers.transfer_encoding || guard_length(request)))
		return refuse(request, ERROR_BODY_NOT_ALLOWED, NULL);
	return true;
}

bool guard_request(struct request *request, const char *method, const char *version)
{
	MHD_get_connection_values_n(request->connection, MHD_HEADER_KIND, take_header, request);
	return !request->problem &&
	       judge_framing(request, version) &&
	       judge_target(request) &&
	       judge_method(request, method) &&
	       judge_body(request);
}

uint64_t guard_length(const struct request *request)
{
	return request->headers.content_length ? strtoull(request->headers.content_length, NULL, 10)
					       : 0;
}

char *guard_unescape(struct arena *arena, const char *text, size_t len, bool plus, size_t *out_len)
{
	char *out = arena_alloc(arena, len + 1), *end = out;

	for (size_t i = 0; i < len; i++) {
		int byte = text[i] == '%'	    ? escaped_byte(text + i, len - i)
			   : plus && text[i] == '+' ? ' '
						    : (uint8_t)text[i];

		if (byte <= 0)
			return NULL;
		if (text[i] == '%')
			i += 2;
		*end++ = (char)byte;
	}
	*end = 0;
	*out_len = (size_t)(end - out);
	return text_is_utf8(out, *out_len) ? out : NULL;
}

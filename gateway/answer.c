/* Answers: headers, tags, compression and their traces in the log. */
#include "answer.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cors.h"
#include "download.h"
#include "format.h"
#include "gateway.h"
#include "http.h"
#include "log.h"
#include "metrics.h"
#include "refuse.h"
#include "route.h"
#include "squeeze.h"

enum { SQUEEZED_FROM = 1024, MOST_TAG = 40, MOST_NUMBER = 24 };

static const char json_media_type[] = "application/json; charset=utf-8";

void answer_header(struct request *request, const char *name, const char *value)
{
	struct answer *answer = &request->answer;

	if (answer->count < MOST_ANSWER_HEADERS)
		answer->headers[answer->count++] = (struct header) { name, value };
}

void answer_json(struct request *request, unsigned status)
{
	request->answer.status = status;
	request->answer.content_type = json_media_type;
}

/* Fixed key: the tag must be the same from every process. */
static uint64_t hash_body(const struct buf *body)
{
	static const uint8_t key[crypto_shorthash_KEYBYTES] = "ithaca: an etag";
	uint64_t hash;

	crypto_shorthash((uint8_t *)&hash, body->data, body->len, key);
	return hash;
}

void answer_tag(struct request *request, int64_t version)
{
	uint64_t hash = hash_body(&request->answer.body);
	char *tag = arena_alloc(request->arena, MOST_TAG), *at = tag;

	request->answer.tagged = true;
	if (version <= 0) {
		*at++ = 'W';
		*at++ = '/';
	}
	*at++ = '"';
	if (version > 0) {
		at = format_number(at, (uint64_t)version);
		*at++ = '-';
	}
	at = format_hex(at, hash, version > 0 ? 8 : 16);
	*at = '"';
	answer_header(request, "ETag", tag);
}

static const char *header_of(const struct answer *answer, const char *name)
{
	for (unsigned i = 0; i < answer->count; i++)
		if (!strcmp(answer->headers[i].name, name))
			return answer->headers[i].value;
	return NULL;
}

/* If-None-Match compares weakly (RFC 9110, 13.1.2): the opaque parts are looked for in the list. */
static bool client_has_it(const struct request *request)
{
	const char *tag = request->answer.tagged ? header_of(&request->answer, "ETag") : NULL;
	const char *known = request->headers.if_none_match;

	if (!tag || !known || request->verb != VERB_GET || request->answer.status != 200)
		return false;
	return !strcmp(known, "*") || strstr(known, *tag == 'W' ? tag + 2 : tag);
}

static void drop_body(struct answer *answer)
{
	answer->body.len = 0;
	answer->size = 0;
	answer->content_type = NULL;
}

/* Whoever is told to come back is told when, also where the service could not say. */
static unsigned retry_after(const Problem *problem)
{
	if (problem->retry_after_s)
		return problem->retry_after_s;
	return problem->status == 503 ? 2 : problem->status == 429 ? 60 : 0;
}

static void compose_problem(struct request *request)
{
	struct answer *answer = &request->answer;
	const Problem *problem = request->problem;
	unsigned seconds = retry_after(problem);

	answer->status = problem->status;
	answer->content_type = "application/problem+json";
	answer->tagged = false;
	answer->size = 0;
	answer->body.len = 0;
	problem_write(&answer->body, request, problem);
	if (seconds)
		answer_header(request, "Retry-After", arena_printf(request->arena, "%u", seconds));
	if (problem->status == 401)
		answer_header(request, "WWW-Authenticate", "Bearer");
}

static bool may_squeeze(const struct request *request)
{
	const char *accepted = request->headers.accept_encoding;
	const struct route *route = request->route;

	return request->answer.content_type &&
	       !request->answer.size &&
	       request->answer.body.len > SQUEEZED_FROM &&
	       accepted &&
	       strstr(accepted, "gzip") &&
	       !strstr(accepted, "gzip;q=0") &&
	       !(route && route->method && route->method->rate == RATE_AUTH) &&
	       (!strncmp(request->answer.content_type, "application/", 12) ||
		!strncmp(request->answer.content_type, "text/", 5));
}

static void add_common_headers(struct request *request)
{
	struct answer *answer = &request->answer;

	if (answer->content_type)
		answer_header(request, "Content-Type", answer->content_type);
	if (!header_of(answer, "Cache-Control"))
		answer_header(request, "Cache-Control",
			      answer->tagged ? "private, no-cache" : "private, no-store");
	answer_header(request, "X-Content-Type-Options", "nosniff");
	answer_header(request, "X-Request-Id", request->id);
	if (request->gateway->hsts_seconds)
		answer_header(request, "Strict-Transport-Security",
			      arena_printf(request->arena, "max-age=%lld",
					   (long long)request->gateway->hsts_seconds));
	cors_headers(request);
	if (http_is_closing(request->gateway->http))
		answer_header(request, "Connection", "close");
}

void answer_compose(struct request *request)
{
	struct answer *answer = &request->answer;

	if (request->problem)
		compose_problem(request);
	if (client_has_it(request)) {
		answer->status = 304;
		drop_body(answer);
	}
	if (may_squeeze(request) && squeeze(&answer->body)) {
		answer_header(request, "Content-Encoding", "gzip");
		answer_header(request, "Vary", "Accept-Encoding");
	}
	add_common_headers(request);
}

struct MHD_Response *answer_response(struct request *request)
{
	const struct answer *answer = &request->answer;
	struct MHD_Response *response =
		answer->size ? download_response(request)
			     : MHD_create_response_from_buffer(answer->body.len, answer->body.data,
							       MHD_RESPMEM_PERSISTENT);

	for (unsigned i = 0; i < answer->count; i++)
		MHD_add_response_header(response, answer->headers[i].name,
					answer->headers[i].value);
	return response;
}

void answer_write_raw(struct buf *out, const struct request *request)
{
	const struct answer *answer = &request->answer;
	const char *reason = MHD_get_reason_phrase_for(answer->status);

	buf_printf(out, "HTTP/1.1 %u %s\r\n", answer->status, reason ? reason : "");
	for (unsigned i = 0; i < answer->count; i++)
		if (strcmp(answer->headers[i].name, "Connection"))
			buf_printf(out, "%s: %s\r\n", answer->headers[i].name,
				   answer->headers[i].value);
	buf_printf(out, "Content-Length: %zu\r\nConnection: close\r\n\r\n", answer->body.len);
	if (!request->head)
		buf_add(out, answer->body.data, answer->body.len);
}

static void count_refusal(struct request *request)
{
	const char *code = request->problem->code;
	char labels[128];

	snprintf(labels, sizeof labels, "code=\"%s\"", code);
	metric_add(metric_counter(request->gateway->process.metrics, "gateway_refusals_total",
				  "Requests that were not done, by the code of their problem.",
				  labels),
		   1);
}

static void log_text(struct buf *line, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	buf_puts(line, ",\"");
	buf_puts(line, name);
	buf_puts(line, "\":");
	json_quote(line, value, strlen(value));
}

static void log_number(struct buf *line, const char *name, uint64_t number)
{
	char text[MOST_NUMBER];

	buf_puts(line, ",\"");
	buf_puts(line, name);
	buf_puts(line, "\":");
	buf_add(line, text, (size_t)(format_number(text, number) - text));
}

/*
 * Whether the line must not tell who it was. A request that could be anonymous is taken for it until
 * it has been read: a refused try tells as much as the one that follows it.
 */
static bool hides_sender(const struct request *request)
{
	const struct route *route = request->route;

	return route && route->method && !request->linked && pb_may_unlink(route->method->in);
}

static void write_line(struct request *request, uint64_t ns)
{
	const struct route *route = request->route;
	struct buf *line = &request->body;

	line->len = 0;
	log_text(line, "method", request->method);
	log_text(line, "route", route ? route->path : NULL);
	log_number(line, "status", request->answer.status);
	log_number(line, "us", ns / 1000);
	log_number(line, "bytes",
		   request->answer.size ? request->answer.size : request->answer.body.len);
	log_text(line, "code", request->problem ? request->problem->code : NULL);
	if (!hides_sender(request)) {
		log_text(line, "request_id", request->id);
		log_text(line, "user_id", request->session.user_id);
		if (!route || !route->method || !route->method->anonymous)
			log_text(line, "address", request->address);
	}
	log_line(LOG_INFO, "request", (const char *)line->data, line->len);
}

void answer_log(struct request *request)
{
	uint64_t ns = uv_hrtime() - request->started;
	const struct route *route = request->route;

	if (route && route->seconds)
		metric_observe(route->seconds, (double)ns / 1e9);
	if (request->problem)
		count_refusal(request);
	if (log_takes(LOG_INFO))
		write_line(request, ns);
}

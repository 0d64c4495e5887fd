/* Cross-origin requests (https://fetch.spec.whatwg.org/#http-cors-protocol). */
#include "cors.h"

#include <string.h>

#include "gateway.h"

static bool is_listed(const char *list, const char *origin)
{
	size_t len = strlen(origin);

	for (const char *at = list; *at; at += strcspn(at, ","), at += *at == ',')
		if (strcspn(at, ",") == len && !strncmp(at, origin, len))
			return true;
	return false;
}

static bool is_allowed(const struct request *request)
{
	return request->headers.origin &&
	       is_listed(request->gateway->cors_origins, request->headers.origin);
}

void cors_headers(struct request *request)
{
	if (!*request->gateway->cors_origins)
		return;
	answer_header(request, "Vary", "Origin");
	if (!is_allowed(request))
		return;
	answer_header(request, "Access-Control-Allow-Origin", request->headers.origin);
	answer_header(request, "Access-Control-Allow-Credentials", "true");
	answer_header(request, "Access-Control-Expose-Headers",
		      "ETag, Location, X-Request-Id, Retry-After, Idempotent-Replay, RateLimit, "
		      "RateLimit-Policy");
}

void cors_options(struct request *request)
{
	request->answer.status = 204;
	if (!is_allowed(request) || !request->headers.request_method)
		return;
	answer_header(request, "Access-Control-Allow-Methods",
		      "GET, HEAD, POST, PUT, PATCH, DELETE");
	answer_header(request, "Access-Control-Allow-Headers",
		      "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, "
		      "X-Request-Id, traceparent, Last-Event-ID");
	answer_header(request, "Access-Control-Max-Age", "600");
}

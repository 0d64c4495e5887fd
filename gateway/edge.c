/* The order of checks. */
#include "edge.h"

#include "address.h"
#include "auth.h"
#include "compose.h"
#include "content.h"
#include "cors.h"
#include "format.h"
#include "forward.h"
#include "gateway.h"
#include "guard.h"
#include "http.h"
#include "letters.h"
#include "limits.h"
#include "refuse.h"
#include "route.h"
#include "stream.h"
#include "upload.h"
#include "uuid.h"

enum { LEAST_ID = 8, MOST_RATE = 32 };

/* An id from outside is kept when it can do no harm in a log or a header. */
static bool is_good_id(const char *id)
{
	size_t len = strlen(id);

	return len >= LEAST_ID &&
	       len < sizeof((struct request *)0)->id &&
	       strspn(id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.:") ==
		       len;
}

static void name_request(struct request *request)
{
	const char *given = request->headers.request_id;

	if (given && is_good_id(given))
		strcpy(request->id, given);
	else
		uuid_v7(request->id);
}

/* "read";r=399;t=4 */
static void tell_rate(struct request *request, const struct limit *limit, unsigned left,
		      unsigned seconds)
{
	size_t len = strlen(limit->name);
	char *text = arena_alloc(request->arena, len + MOST_RATE), *at = text;

	*at++ = '"';
	at = mempcpy(at, limit->name, len);
	at = format_number(mempcpy(at, "\";r=", 4), left);
	format_number(mempcpy(at, ";t=", 3), seconds);
	answer_header(request, "RateLimit-Policy", limit->policy);
	answer_header(request, "RateLimit", text);
}

static bool judge_rate(struct request *request)
{
	const struct rpc_method *method = request->route->method;
	enum rate rate = method ? method->rate : RATE_READ;
	const char *who = rate == RATE_AUTH || !*request->session.user_id
				  ? request->address
				  : request->session.user_id;
	const struct limit *limit = limits_of(request->gateway->limits, rate);
	unsigned left, wait;
	bool good =
		limits_take(request->gateway->limits, rate, who, request->started, &left, &wait);

	tell_rate(request, limit, left, good ? limit->seconds : wait);
	if (good)
		return true;
	request->problem = NULL;
	return refuse_for(request, ERROR_TOO_MANY_REQUESTS, wait);
}

/* Whoever is unknown is counted by address: also who sends bad tokens. */
static bool judge_person(struct request *request)
{
	bool known = auth_identify(request->gateway->auth, request);

	if (!judge_rate(request))
		return false;
	if (request->unknown_key)
		request->problem = NULL;
	return known ? auth_permit(request) : request->unknown_key;
}

bool edge_judge_head(struct request *request, const char *method, const char *version, bool *fatal)
{
	bool readable = guard_request(request, method, version);

	name_request(request);
	address_find(request);
	*fatal = !readable;
	return readable &&
	       router_find(request->gateway->router, request) &&
	       (request->options || (content_judge_length(request) &&
				     judge_person(request) &&
				     content_judge_type(request)));
}

void edge_misread(struct request *request, enum error error)
{
	if (!*request->id) {
		name_request(request);
		address_find(request);
	}
	(void)!refuse(request, error, NULL);
}

bool edge_take_body(struct request *request, const char *bytes, size_t len)
{
	const struct rpc_method *method = request->route->method;

	if (method && method->body == BODY_UPLOAD)
		return upload_take(request, bytes, len);
	if (request->body.len + len > request->body_limit)
		return refuse(request, ERROR_BODY_TOO_LARGE, NULL);
	buf_add(&request->body, bytes, len);
	return true;
}

/* An rpc of the gateway's own. */
static bool run_own(struct request *request)
{
	bool (*letters)(struct request *request) = letters_of(request->route->method->name);

	return letters ? letters(request) : compose(request);
}

static bool run(struct request *request)
{
	const struct route *route = request->route;

	if (request->problem)
		return false;
	if (request->options) {
		cors_options(request);
		return true;
	}
	if (request->unknown_key &&
	    (!auth_settle(request->gateway->auth, request) || !auth_permit(request)))
		return false;
	if (route->page)
		return route->page(request);
	if (route->method->body == BODY_STREAM)
		return stream_open(request);
	if (!strcmp(route->method->service, "gateway"))
		return run_own(request);
	return forward(request);
}

void edge_run(struct request *request)
{
	(void)run(request);
	if (request->stage == STAGE_RUNNING)
		http_answer(request);
}

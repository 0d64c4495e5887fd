/*
 * One HTTP request on its way: from its first line to the last byte of its answer. Everything in it stands in its
 * arena; http.c makes it, judges it through guard.c and route.c, and ends it.
 *
 * A step that returns false has refused the request: `problem` says why, and the first refusal wins.
 */
#pragma once

#include <microhttpd.h>

#include "arena.h"
#include "buf.h"
#include "pb_json.h"
#include "rpc.h"

struct gateway;
struct client;
struct route;

/* The headers that mean something here; NULL when not sent. */
struct headers {
	const char *host, *content_length, *transfer_encoding, *content_type, *content_encoding,
		*expect;
	const char *authorization, *accept, *accept_encoding, *if_match, *if_none_match,
		*idempotency_key;
	const char *request_id, *traceparent, *origin, *forwarded_for, *user_agent, *last_event_id,
		*request_method, *range, *if_range;
	unsigned hosts, lengths, encodings; /* how often those stood there */
	size_t bytes;
};

/* What a verified token says. Fixed size: it is kept in a table. */
struct session {
	char user_id[37], session_id[37];
	unsigned roles; /* bits WHO(WHO_ADMIN) … */
	bool policies_pending;
	int64_t issued_at, issued_ms, expires_at, signed_in_at;
};

enum { MOST_PARAMS = 6, MOST_ANSWER_HEADERS = 24 };

struct slice {
	const char *text;
	size_t len;
};

struct header {
	const char *name, *value;
};

struct answer {
	unsigned status;
	const char *content_type; /* NULL: no body */
	bool tagged;   /* an ETag is given: may be kept by the client, asked for again each time */
	uint64_t size; /* of a file that comes in parts, of which body is one; 0 for all others */
	unsigned count;
	struct header headers[MOST_ANSWER_HEADERS];
	struct buf body;
};

enum stage {
	STAGE_HEAD,	/* its headers have not been seen */
	STAGE_BODY,	/* its body is on its way */
	STAGE_RUNNING,	/* its task runs or sleeps */
	STAGE_ANSWERED, /* the answer is there, to be handed to the client */
	STAGE_LEFT,	/* its connection was taken over by a stream */
};

struct request {
	struct gateway *gateway;
	struct client *client;		   /* NULL when it has gone */
	struct MHD_Connection *connection; /* likewise */
	struct arena *arena;
	struct request *next; /* in the pool */
	enum stage stage;
	bool suspended, held; /* how its connection waits */

	const char *method, *target; /* as they came */
	enum verb verb;
	bool head, options;
	size_t path_len;
	const char *query; /* behind the '?', or NULL */
	struct headers headers;
	char id[64], address[48];
	uint64_t started; /* uv_hrtime nanoseconds */

	const struct route *route;
	struct slice params[MOST_PARAMS];
	struct session session; /* user_id "" when nobody is signed in */
	bool unknown_key;	/* its token names a key that we have not fetched yet */
	size_t body_limit;
	struct buf body;
	struct upload *upload;
	struct download *download;

	bool linked; /* its message has been read, and may be told of with its sender */
	struct field_errors errors;
	const Problem *problem;
	struct answer answer;
};

/* The request's own header; value is kept, not copied. */
void answer_header(struct request *request, const char *name, const char *value);

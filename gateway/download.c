/* Downloads, part by part. */
#include "download.h"

#include <ctype.h>
#include <stdlib.h>

#include "answer.h"
#include "forward.h"
#include "gateway.h"
#include "http.h"
#include "refuse.h"
#include "route.h"
#include "task.h"
#include "upstream.h"
#include "wire.h"

enum { BLOCK = 64 * 1024 };

struct download {
	void *message; /* what the service was asked with, and is again */
	int64_t first, last;
	uint64_t left; /* to hand to MHD */
	size_t taken;  /* of the part in the answer's body */
	bool failed;
};

static int field_of(const struct pb_type *type, const char *name)
{
	return pb_find(type, name, strlen(name));
}

bool download_comes_in_parts(const struct request *request)
{
	const struct rpc_method *method = request->route->method;

	return method->body == BODY_FILE &&
	       field_of(method->out, "size") >= 0 &&
	       field_of(method->in, "offset") >= 0;
}

static void *member(struct request *request, void *message, const char *name)
{
	const struct pb_type *type = request->route->method->in;

	return pb_at(message, &type->descriptor->fields[field_of(type, name)]);
}

static bool read_number(const char **text, int64_t *number)
{
	char *end;

	if (!isdigit((unsigned char)**text) || strspn(*text, "0123456789") > 18)
		return false;
	*number = strtoll(*text, &end, 10);
	*text = end;
	return true;
}

/* "bytes=5-" and "bytes=5-9"; several ranges and those from the end are answered by the whole (RFC 9110, 14.2). */
static bool read_range(const char *text, int64_t *first, int64_t *last)
{
	*last = INT64_MAX;
	if (!text || strncmp(text, "bytes=", 6))
		return false;
	text += 6;
	if (!read_number(&text, first) || *text++ != '-')
		return false;
	return !*text || (read_number(&text, last) && !*text && *last >= *first);
}

void download_expect(struct request *request, void *message)
{
	struct download *download = arena_alloc(request->arena, sizeof *download);

	request->download = download;
	download->message = message;
	if (request->headers.if_range ||
	    !read_range(request->headers.range, &download->first, &download->last)) {
		download->first = 0;
		download->last = INT64_MAX;
	}
	*(int64_t *)member(request, message, "offset") = download->first;
}

/* RFC 6266: in ASCII for the old, in UTF-8 for all others. */
static const char *disposition(struct request *request, const char *name)
{
	static const char plain[] = "!#$&+-.^_`|~";
	char *out = arena_alloc(request->arena, strlen(name) * 4 + 64), *at = out;

	at = stpcpy(at, "attachment; filename=\"");
	for (const unsigned char *c = (const unsigned char *)name; *c; c++)
		if (*c < 0x80)
			*at++ = isalnum(*c) || strchr(" ._-", *c) ? (char)*c : '_';
		else if (*c >= 0xc0)
			*at++ = '_';
	at = stpcpy(at, "\"; filename*=UTF-8''");
	for (const unsigned char *c = (const unsigned char *)name; *c; c++)
		if (*c < 0x80 && (isalnum(*c) || strchr(plain, *c)))
			*at++ = (char)*c;
		else
			at += sprintf(at, "%%%02X", *c);
	*at = 0;
	return out;
}

static void tell_range(struct request *request, uint64_t size)
{
	struct download *download = request->download;

	if (!download->first && download->last == INT64_MAX)
		return;
	request->answer.status = 206;
	answer_header(request, "Content-Range",
		      arena_printf(request->arena, "bytes %lld-%lld/%llu",
				   (long long)download->first,
				   (long long)(download->first + (int64_t)download->left - 1),
				   (unsigned long long)size));
}

bool download_begin(struct request *request, const RpcResponse *response)
{
	const struct pb_type *type = request->route->method->out;
	struct download *download = request->download;
	int64_t size = (int64_t)wire_number(response->body.data, response->body.len,
					    type->descriptor->fields[field_of(type, "size")].id);
	char *tag = forward_text(request, response, "tag");

	if (download->first >= size)
		return refuse(request, ERROR_RANGE_NOT_SATISFIABLE, NULL);
	*(char **)member(request, download->message, "tag") = tag;
	download->left =
		(uint64_t)((download->last < size ? download->last + 1 : size) - download->first);
	forward_content(request, response);
	request->answer.status = 200;
	request->answer.content_type = forward_text(request, response, "content_type");
	request->answer.size = download->left;
	request->answer.tagged = true;
	answer_header(request, "ETag", arena_printf(request->arena, "\"%.32s\"", tag));
	answer_header(request, "Accept-Ranges", "bytes");
	answer_header(request, "Content-Disposition",
		      disposition(request, forward_text(request, response, "name")));
	answer_header(request, "Content-Security-Policy", "default-src 'none'; sandbox");
	tell_range(request, (uint64_t)size);
	return true;
}

/* The next part, in an arena of its own: what travelled is given back with it. */
static bool ask_next(struct request *request)
{
	struct download *download = request->download;
	const struct rpc_method *method = request->route->method;
	struct arena *arena = arena_new(4 << 20);
	RpcRequest rpc = RPC_REQUEST__INIT;
	enum upstream_failure why;
	RpcResponse *response;

	*(int64_t *)member(request, download->message, "offset") =
		download->first + (int64_t)(request->answer.size - download->left);
	rpc.body.data = pb_pack(arena, download->message, &rpc.body.len);
	response = upstream_ask_in(arena, request, method, &rpc,
				   uv_now(request->gateway->process.loop) + DEADLINE_MS, &why);
	request->answer.body.len = download->taken = 0;
	if (response && !response->problem)
		forward_content(request, response);
	arena_free(arena);
	return request->answer.body.len;
}

static void go_on(void *arg)
{
	struct request *request = arg;

	request->download->failed = !ask_next(request);
	http_read_on(request);
}

static ssize_t next_bytes(void *arg, uint64_t position, char *to, size_t most)
{
	struct request *request = arg;
	struct download *download = request->download;
	size_t len;

	(void)position;
	if (download->taken == request->answer.body.len && !http_fetch(request, go_on))
		download->failed = true;
	if (request->suspended)
		return 0;
	if (download->failed)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	len = request->answer.body.len - download->taken;
	len = len < most ? len : most;
	len = len < download->left ? len : (size_t)download->left;
	memcpy(to, request->answer.body.data + download->taken, len);
	download->taken += len;
	download->left -= len;
	return (ssize_t)len;
}

struct MHD_Response *download_response(struct request *request)
{
	return MHD_create_response_from_callback(request->answer.size, BLOCK, next_bytes, request,
						 NULL);
}

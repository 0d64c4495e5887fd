/* Forwarding. */
#include "forward.h"

#include "answer.h"
#include "content.h"
#include "download.h"
#include "gateway.h"
#include "log.h"
#include "refuse.h"
#include "route.h"
#include "upload.h"
#include "upstream.h"
#include "wire.h"

static uint32_t number_of(const struct pb_type *type, int field)
{
	return type->descriptor->fields[field].id;
}

static int64_t version_of(const struct route *route, const RpcResponse *response)
{
	if (route->version_field < 0)
		return 0;
	return (int64_t)wire_number(response->body.data, response->body.len,
				    number_of(route->method->out, route->version_field));
}

static void add_location(struct request *request, const RpcResponse *response)
{
	const struct route *route = request->route;
	size_t len;
	const uint8_t *id = wire_bytes(response->body.data, response->body.len,
				       number_of(route->method->out, route->id_field), &len);

	if (id)
		answer_header(request, "Location",
			      arena_printf(request->arena, "%.*s/%.*s", (int)request->path_len,
					   request->target, (int)len, id));
}

static const uint8_t *member_of(const struct request *request, const RpcResponse *response,
				const char *name, size_t *len)
{
	const struct pb_type *type = request->route->method->out;

	return wire_bytes(response->body.data, response->body.len,
			  number_of(type, pb_find(type, name, strlen(name))), len);
}

char *forward_text(struct request *request, const RpcResponse *response, const char *name)
{
	size_t len;
	const uint8_t *text = member_of(request, response, name, &len);

	return text ? arena_strndup(request->arena, (const char *)text, len)
		    : arena_strdup(request->arena, "");
}

void forward_content(struct request *request, const RpcResponse *response)
{
	size_t len;
	const uint8_t *content = member_of(request, response, "content", &len);

	request->answer.body.len = 0;
	if (content)
		buf_add(&request->answer.body, content, len);
}

static bool take_file(struct request *request, const RpcResponse *response)
{
	const char *content_type = forward_text(request, response, "content_type");

	request->answer.status = 200;
	request->answer.content_type = *content_type ? content_type : "application/octet-stream";
	forward_content(request, response);
	answer_header(request, "Content-Security-Policy", "default-src 'none'; sandbox");
	answer_tag(request, 0);
	return true;
}

static bool take_json(struct request *request, const RpcResponse *response)
{
	const struct route *route = request->route;
	int64_t version = version_of(route, response);

	if (!pb_json_write(&request->answer.body, route->method->out, response->body.data,
			   response->body.len)) {
		log_write(LOG_ERROR, "an answer that is no message", "service",
			  route->method->service, "rpc", route->method->name, NULL);
		return refuse(request, ERROR_INTERNAL, NULL);
	}
	answer_json(request, route->method->status ? route->method->status : 200);
	if (version || route->verb == VERB_GET)
		answer_tag(request, version);
	if (request->answer.status == 201 && route->located)
		add_location(request, response);
	return true;
}

bool forward_take(struct request *request, RpcResponse *response)
{
	const struct rpc_method *method = request->route->method;

	if (response->problem) {
		request->problem = response->problem;
		return false;
	}
	if (response->replayed)
		answer_header(request, "Idempotent-Replay", "true");
	if (request->download)
		return download_begin(request, response);
	if (method->body == BODY_FILE)
		return take_file(request, response);
	if (!method->out->descriptor->n_fields) {
		request->answer.status = method->status;
		return true;
	}
	return take_json(request, response);
}

bool forward(struct request *request)
{
	const struct rpc_method *method = request->route->method;
	void *message = pb_new(request->arena, method->in);
	RpcRequest rpc = RPC_REQUEST__INIT;
	struct name_list set = { 0 };
	enum upstream_failure why;
	RpcResponse *response;

	if (!content_read(request, message, &set))
		return false;
	request->linked = !pb_unlinks(method->in, message);
	if (!content_conditions(request, &rpc) || !upload_finish(request, message, &rpc))
		return false;

	if (download_comes_in_parts(request))
		download_expect(request, message);
	rpc.set = (char **)(uintptr_t)set.items;
	rpc.n_set = method->verb == VERB_PATCH || method->verb == VERB_PUT ? set.count : 0;
	rpc.body.data = pb_pack(request->arena, message, &rpc.body.len);
	response = upstream_ask(request, method, &rpc,
				uv_now(request->gateway->process.loop) + DEADLINE_MS, &why);
	return response ? forward_take(request, response) : upstream_refuse(request, method, why);
}

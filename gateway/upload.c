/* Uploads, part by part. */
#include "upload.h"

#include <sodium.h>

#include "gateway.h"
#include "http.h"
#include "refuse.h"
#include "route.h"
#include "rpc_own.h"
#include "task.h"
#include "upstream.h"
#include "uuid.h"

enum { PART_BYTES = 192 * 1024, SNIFFED = 16, DIGEST = 32 };

struct upload {
	char id[37];
	uint32_t parts;
	size_t total;
	struct rpc_method append;
	uint8_t head[SNIFFED];
	size_t head_len;
	crypto_generichash_state digest;
	bool sending;
};

/* What the first bytes say; what the client says is not believed. */
static const char *sniff(const uint8_t *head, size_t len)
{
	static const struct {
		const char *magic;
		uint8_t at, len;
		const char *type;
	} kinds[] = {
		{ "\xff\xd8\xff", 0, 3, "image/jpeg" },
		{ "\x89PNG\r\n\x1a\n", 0, 8, "image/png" },
		{ "GIF87a", 0, 6, "image/gif" },
		{ "GIF89a", 0, 6, "image/gif" },
		{ "WEBP", 8, 4, "image/webp" },
		{ "%PDF-", 0, 5, "application/pdf" },
		{ "PK\x03\x04", 0, 4, "application/zip" },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (len >= (size_t)kinds[i].at + kinds[i].len &&
		    !memcmp(head + kinds[i].at, kinds[i].magic, kinds[i].len))
			return kinds[i].type;
	return "application/octet-stream";
}

/* The digest wants an alignment of 64 bytes, more than the arena gives. */
static struct upload *begin(struct request *request)
{
	enum { ALIGNMENT = _Alignof(struct upload) };
	uintptr_t place = (uintptr_t)arena_alloc(request->arena, sizeof(struct upload) + ALIGNMENT);
	struct upload *upload = (struct upload *)((place + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);

	uuid_v7(upload->id);
	crypto_generichash_init(&upload->digest, NULL, 0, DIGEST);
	upload->append = runtime_method(request->route->method->service, "AppendUpload");
	return upload;
}

static void remember_head(struct upload *upload, const char *bytes, size_t len)
{
	size_t n = len < SNIFFED - upload->head_len ? len : SNIFFED - upload->head_len;

	memcpy(upload->head + upload->head_len, bytes, n);
	upload->head_len += n;
}

static bool send_part(struct request *request)
{
	struct upload *upload = request->upload;
	AppendUploadRequest part = APPEND_UPLOAD_REQUEST__INIT;
	struct arena *arena = arena_new((size_t)4 * PART_BYTES);
	RpcRequest rpc = RPC_REQUEST__INIT;
	enum upstream_failure why;
	RpcResponse *response;

	part.upload_id = upload->id;
	part.part = upload->parts++;
	part.bytes = (ProtobufCBinaryData) { request->body.len, request->body.data };
	rpc.body.data = pb_pack(arena, &part, &rpc.body.len);
	response = upstream_ask_in(arena, request, &upload->append, &rpc,
				   uv_now(request->gateway->process.loop) + DEADLINE_MS, &why);
	request->body.len = 0;
	if (response && response->problem)
		(void)!refuse(request, ERROR_INTERNAL, "The file could not be taken: %s",
			      response->problem->detail);
	else if (!response)
		(void)!upstream_refuse(request, &upload->append, why);
	arena_free(arena);
	return !request->problem;
}

static void send_and_go_on(void *arg)
{
	struct request *request = arg;

	(void)send_part(request);
	request->upload->sending = false;
	http_go_on(request);
}

bool upload_take(struct request *request, const char *bytes, size_t len)
{
	struct upload *upload = request->upload;

	if (!upload)
		upload = request->upload = begin(request);
	upload->total += len;
	if (upload->total > request->body_limit)
		return refuse(request, ERROR_BODY_TOO_LARGE, NULL);
	remember_head(upload, bytes, len);
	crypto_generichash_update(&upload->digest, (const uint8_t *)bytes, len);
	buf_add(&request->body, bytes, len);
	if (request->body.len < PART_BYTES)
		return true;

	upload->sending = true;
	if (!task_spawn(request->gateway->process.loop, send_and_go_on, request))
		return refuse_for(request, ERROR_OVERLOADED, 1);
	if (upload->sending)
		http_pause(request);
	return !request->problem;
}

static void fill(struct request *request, void *message, const char *name, const char *text)
{
	const struct pb_type *type = request->route->method->in;
	int field = pb_find(type, name, strlen(name));

	if (field >= 0)
		*(char **)pb_at(message, &type->descriptor->fields[field]) =
			arena_strdup(request->arena, text);
}

static ProtobufCBinaryData digest_of(struct request *request)
{
	uint8_t *digest = arena_alloc(request->arena, DIGEST);

	crypto_generichash_final(&request->upload->digest, digest, DIGEST);
	return (ProtobufCBinaryData) { DIGEST, digest };
}

bool upload_finish(struct request *request, void *message, RpcRequest *rpc)
{
	const struct rpc_method *method = request->route->method;

	if (method->body != BODY_UPLOAD)
		return true;
	if (!request->upload) {
		request->errors.arena = request->arena;
		field_error(&request->errors, "", "REQUIRED",
			    "The request needs the file as its body.");
		return refuse_fields(request, 400);
	}
	if (request->body.len && !send_part(request))
		return false;
	fill(request, message, "upload_id", request->upload->id);
	fill(request, message, "content_type",
	     sniff(request->upload->head, request->upload->head_len));
	rpc->upload_digest = digest_of(request);
	return true;
}

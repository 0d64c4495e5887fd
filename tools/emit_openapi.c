/* The OpenAPI 3.1 document of all rpcs with a route. The contract's comments are its texts. */
#include <string.h>

#include "emit.h"
#include "openapi.h"

static const char *lower_verb(enum route_verb verb)
{
	static const char *const names[] = { "", "get", "post", "put", "patch", "delete" };

	return names[verb];
}

static json_t *paths(const struct model *model)
{
	json_t *paths = json_object();

	for (size_t i = 0; i < model->n_rpcs; i++) {
		const struct rpc *rpc = model->rpcs[i];

		if (!rpc->path)
			continue;
		if (!json_object_get(paths, rpc->path))
			json_object_set_new(paths, rpc->path, json_object());
		json_object_set_new(json_object_get(paths, rpc->path), lower_verb(rpc->verb),
				    operation(rpc));
	}
	return paths;
}

static bool has_routes(const struct model *model, const char *service, const char *resource)
{
	for (size_t i = 0; i < model->n_rpcs; i++)
		if (model->rpcs[i]->path &&
		    !strcmp(model->rpcs[i]->service, service) &&
		    !strcmp(model->rpcs[i]->resource, resource))
			return true;
	return false;
}

/* A tag for each proto service that has routes: its name, its comment. */
static json_t *tags(const struct model *model)
{
	json_t *tags = json_array();

	for (size_t i = 0; i < model->n_resources; i++) {
		const struct resource *resource = &model->resources[i];

		if (has_routes(model, resource->place.file->folder, resource->name))
			json_array_append_new(tags,
					      json_pack("{s:s s:s}", "name", resource->name,
							"description", resource->place.comment));
	}
	return tags;
}

static const char introduction[] =
	"The API of a mentoring platform.\n\n"
	"`POST /v1/auth/login` answers an access token for the header `Authorization: Bearer …`, and "
	"a refresh token for `POST /v1/auth/refresh`.\n\n"
	"What is refused is answered by a problem document (RFC 9457) with a stable `code`, which "
	"`GET /v1/errors` explains. A POST with an `Idempotency-Key` can be repeated and is done "
	"once. What several people may change needs `If-Match`, with the `ETag` that was read. Lists "
	"come in pages: `limit` says how long, `cursor` takes the `next_cursor` of the page "
	"before.\n\n"
	"64-bit integers are texts; instants are RFC 3339 in UTC; what is absent is null. "
	"`x-access` names who may call an operation.";

static json_t *document(const struct model *model)
{
	json_t *bearer = json_pack("{s:s s:s s:s s:s}", "type", "http", "scheme", "bearer",
				   "bearerFormat", "PASETO v4.public", "description",
				   "The access token of a sign-in; it lasts ten minutes.");

	return json_pack("{s:s s:{s:s s:s s:s} s:o s:o s:{s:{s:o} s:o s:o}}", "openapi", "3.1.0",
			 "info", "title", "Ithaca", "version", "1", "description", introduction,
			 "tags", tags(model), "paths", paths(model), "components",
			 "securitySchemes", "bearer", bearer, "schemas", schemas(model),
			 "responses", problem_responses());
}

void emit_openapi(struct outputs *outputs)
{
	struct buf *json = output_begin(outputs, "openapi.json");
	struct buf *source = output_begin(outputs, "openapi.c");

	output_json(json, document(outputs->model));
	buf_puts(source, "#include \"contract.h\"\n\nconst char contract_openapi[] =\n\t");
	put_literal(source, buf_text(json));
	buf_puts(source, ";\n");
}

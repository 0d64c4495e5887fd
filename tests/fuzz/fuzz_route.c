/* Any target against every route of the contract: method byte, path, query; found or refused, and its query read. */
#include <stdlib.h>
#include <string.h>

#include "contract.h"
#include "gateway/content.h"
#include "gateway/guard.h"
#include "gateway/refuse.h"
#include "gateway/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct router *make_router(void)
{
	struct router *router = router_new();

	for (const struct rpc_method *const *table = contract_methods; *table; table++)
		router_add_methods(router, *table);
	router_finish(router);
	return router;
}

static void read_target(const struct router *router, struct request *request)
{
	struct name_list set = { 0 };

	if (!router_find(router, request) || request->options)
		return;
	if (!content_read(request, pb_new(request->arena, request->route->method->in), &set) &&
	    !request->problem)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct router *router;
	struct request request = { 0 };
	struct buf document = { 0 };
	char *target, *query;

	if (!router)
		router = make_router();
	if (size < 2 || memchr(data, 0, size))
		return 0;

	request.arena = arena_new(1 << 24);
	request.verb = data[0] % (VERB_DELETE + 1);
	request.options = request.verb == VERB_NONE;
	target = arena_strndup(request.arena, (const char *)data + 1, size - 1);
	*target = '/';
	query = strchr(target, '?');
	request.target = target;
	request.path_len = query ? (size_t)(query - target) : strlen(target);
	request.query = query ? query + 1 : NULL;
	read_target(router, &request);
	if (request.problem)
		problem_write(&document, &request, request.problem);
	buf_free(&document);
	arena_free(request.arena);
	return 0;
}

/*
 * Which rpc a path and a method mean: a tree of path segments, built once from the services' tables.
 *
 * Literals win over parameters; what the tables hold does not overlap (the contract's generator sees to it).
 */
#pragma once

#include "request.h"

struct route {
	const char *path; /* "/v1/memberships/{id}" */
	enum verb verb;
	const struct rpc_method *method;       /* NULL for a page of our own */
	bool (*page)(struct request *request); /* composes the answer itself */
	int params[MOST_PARAMS]; /* the request message's fields that the path's parameters fill */
	unsigned param_count;
	int id_field, version_field; /* of the answer, or -1 */
	bool located;		     /* a POST whose answer can be read at path + "/" + id */
	struct metric *seconds;
};

struct router;
struct router *router_new(void);
void router_free(struct router *router);
/* Adds every method that has a path; the table is ended by a method without a name. */
void router_add_methods(struct router *router, const struct rpc_method *methods);
/* A page of our own. */
void router_add_page(struct router *router, const char *path,
		     bool (*page)(struct request *request));
/* Once all is added: works out where the answer of a POST can be read. */
void router_finish(struct router *router);
void router_each(struct router *router, void (*visit)(void *arg, struct route *route), void *arg);

/*
 * Finds request->route and params. Refuses with NOT_FOUND (naming the nearest route) or METHOD_NOT_ALLOWED (with Allow).
 * An OPTIONS request finds the route that its Access-Control-Request-Method names, or any, and always gets Allow.
 */
bool router_find(const struct router *router, struct request *request) must_check;

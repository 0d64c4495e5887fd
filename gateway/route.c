/* The tree of path segments. */
#include "route.h"

#include <stdlib.h>

#include "refuse.h"
#include "text.h"

enum { VERBS = VERB_DELETE + 1 };

static const char *const verb_names[VERBS] = { "", "GET", "POST", "PUT", "PATCH", "DELETE" };

struct node {
	char *segment; /* NULL for a parameter */
	size_t len;
	size_t count;
	struct node **literals; /* in the order of their segments */
	struct node *parameter;
	struct route *routes[VERBS];
};

struct router {
	struct node root;
};

struct router *router_new(void)
{
	return calloc(1, sizeof(struct router));
}

static void empty_node(struct node *node)
{
	for (size_t i = 0; i < node->count; i++) {
		empty_node(node->literals[i]);
		free(node->literals[i]);
	}
	if (node->parameter)
		empty_node(node->parameter);
	free(node->parameter);
	free(node->literals);
	free(node->segment);
	for (int verb = 0; verb < VERBS; verb++)
		free(node->routes[verb]);
}

void router_free(struct router *router)
{
	empty_node(&router->root);
	free(router);
}

/* Where the segment stands among the literals, or should: *found tells. */
static size_t place_of(const struct node *node, const char *segment, size_t len, bool *found)
{
	size_t low = 0, high = node->count;

	*found = false;
	while (low < high && !*found) {
		size_t middle = (low + high) / 2;
		const struct node *child = node->literals[middle];
		int order = memcmp(segment, child->segment, len < child->len ? len : child->len);

		if (!order)
			order = (len > child->len) - (len < child->len);
		if (!order)
			low = middle;
		else if (order < 0)
			high = middle;
		else
			low = middle + 1;
		*found = !order;
	}
	return low;
}

static struct node *literal_of(const struct node *node, const char *segment, size_t len)
{
	bool found;
	size_t place = place_of(node, segment, len, &found);

	return found ? node->literals[place] : NULL;
}

static struct node *add_literal(struct node *node, const char *segment, size_t len)
{
	bool found;
	size_t place = place_of(node, segment, len, &found);
	struct node *child;

	if (node->literals && found)
		return node->literals[place];
	child = calloc(1, sizeof *child);
	if (!child)
		abort();
	child->segment = strndup(segment, len);
	child->len = len;
	node->literals = realloc(node->literals, (node->count + 1) * sizeof(struct node *));
	if (!node->literals)
		abort();
	memmove(node->literals + place + 1, node->literals + place,
		(node->count - place) * sizeof(struct node *));
	node->literals[place] = child;
	node->count++;
	return child;
}

static struct node *add_parameter(struct node *node, struct route *route, const char *name,
				  size_t len)
{
	if (route->method && route->param_count < MOST_PARAMS)
		route->params[route->param_count++] = pb_find(route->method->in, name, len);
	if (!node->parameter)
		node->parameter = calloc(1, sizeof *node->parameter);
	return node->parameter;
}

static void add(struct router *router, const struct route *template)
{
	struct route *route = malloc(sizeof *route);
	struct node *node = &router->root;
	const char *at = template->path, *end;

	*route = *template;
	for (; *at; at = end) {
		at++;
		end = strchrnul(at, '/');
		if (*at == '{')
			node = add_parameter(node, route, at + 1, (size_t)(end - at - 2));
		else
			node = add_literal(node, at, (size_t)(end - at));
	}
	node->routes[route->verb] = route;
}

void router_add_methods(struct router *router, const struct rpc_method *methods)
{
	for (const struct rpc_method *m = methods; m->name; m++)
		if (m->path)
			add(router, &(struct route) {
					    .path = m->path,
					    .verb = m->verb,
					    .method = m,
					    .id_field = pb_find(m->out, "id", 2),
					    .version_field = pb_find(m->out, "version", 7),
				    });
}

void router_add_page(struct router *router, const char *path, bool (*page)(struct request *request))
{
	add(router, &(struct route) { .path = path,
				      .verb = VERB_GET,
				      .page = page,
				      .id_field = -1,
				      .version_field = -1 });
}

static void visit_node(struct node *node, void (*visit)(void *arg, struct route *route), void *arg)
{
	for (int verb = 0; verb < VERBS; verb++)
		if (node->routes[verb])
			visit(arg, node->routes[verb]);
	for (size_t i = 0; i < node->count; i++)
		visit_node(node->literals[i], visit, arg);
	if (node->parameter)
		visit_node(node->parameter, visit, arg);
}

void router_each(struct router *router, void (*visit)(void *arg, struct route *route), void *arg)
{
	visit_node(&router->root, visit, arg);
}

static void finish_node(struct node *node)
{
	struct route *post = node->routes[VERB_POST];

	if (post && post->id_field >= 0 && node->parameter && node->parameter->routes[VERB_GET])
		post->located = true;
	for (size_t i = 0; i < node->count; i++)
		finish_node(node->literals[i]);
	if (node->parameter)
		finish_node(node->parameter);
}

void router_finish(struct router *router)
{
	finish_node(&router->root);
}

static const struct route *any_route(const struct node *node)
{
	for (int verb = 0; verb < VERBS; verb++)
		if (node->routes[verb])
			return node->routes[verb];
	return NULL;
}

/* The first route at or below the node: something to point at. */
static const struct route *some_route_below(const struct node *node)
{
	const struct route *route = any_route(node);

	for (size_t i = 0; !route && i < node->count; i++)
		route = some_route_below(node->literals[i]);
	if (!route && node->parameter)
		route = some_route_below(node->parameter);
	return route;
}

static const struct node *nearest_literal(const struct node *node, struct arena *arena,
					  const char *segment, size_t len)
{
	const char **names = arena_alloc(arena, (node->count + 1) * sizeof *names);
	const char *nearest;

	for (size_t i = 0; i < node->count; i++)
		names[i] = node->literals[i]->segment;
	nearest = text_nearest(arena_strndup(arena, segment, len), names, node->count);
	return nearest ? literal_of(node, nearest, strlen(nearest)) : NULL;
}

/* Walks the path again, taking the nearest literal where there is none of that name. */
static const struct route *nearest_route(const struct node *node, struct request *request)
{
	const char *at = request->target, *end, *stop = at + request->path_len;
	const struct node *next = node;

	for (; next && at < stop; at = end, node = next ? next : node) {
		at++;
		end = memchr(at, '/', (size_t)(stop - at));
		end = end ? end : stop;
		next = literal_of(node, at, (size_t)(end - at));
		if (!next && end - at <= 64)
			next = nearest_literal(node, request->arena, at, (size_t)(end - at));
		if (!next)
			next = node->parameter;
	}
	return next ? some_route_below(node) : NULL;
}

static bool refuse_unknown(const struct router *router, struct request *request)
{
	const struct route *nearest = nearest_route(&router->root, request);
	struct buf json = { 0 };

	if (!nearest)
		return refuse(request, ERROR_NOT_FOUND, NULL);
	(void)!refuse(request, ERROR_NOT_FOUND, "There is nothing at this path. Do you mean %s %s?",
		      verb_names[nearest->verb], nearest->path);
	json_quote(&json, nearest->path, strlen(nearest->path));
	refuse_member(request, "nearest", buf_text(&json));
	buf_free(&json);
	return false;
}

static void add_allow(struct request *request, const struct node *node)
{
	struct buf allow = { 0 };

	for (int verb = 0; verb < VERBS; verb++)
		if (node->routes[verb])
			buf_printf(&allow, "%s, %s", verb_names[verb],
				   verb == VERB_GET ? "HEAD, " : "");
	buf_puts(&allow, "OPTIONS");
	answer_header(request, "Allow", arena_strdup(request->arena, buf_text(&allow)));
	buf_free(&allow);
}

static bool choose_route(struct request *request, const struct node *node)
{
	request->route = node->routes[request->verb];
	if (request->options) {
		request->route = any_route(node);
		add_allow(request, node);
		return true;
	}
	if (request->route)
		return true;
	add_allow(request, node);
	return refuse(request, ERROR_METHOD_NOT_ALLOWED, NULL);
}

/* The parameters that were taken on a way that turns out wrong are overwritten by the next. */
static const struct node *walk(const struct node *node, struct request *request, const char *at,
			       const char *stop, unsigned params)
{
	const struct node *next, *found = NULL;
	const char *end;

	if (at == stop)
		return any_route(node) ? node : NULL;
	at++;
	end = memchr(at, '/', (size_t)(stop - at));
	end = end ? end : stop;
	next = literal_of(node, at, (size_t)(end - at));
	if (next)
		found = walk(next, request, end, stop, params);
	if (!found && node->parameter && end > at && params < MOST_PARAMS) {
		request->params[params] = (struct slice) { at, (size_t)(end - at) };
		found = walk(node->parameter, request, end, stop, params + 1);
	}
	return found;
}

bool router_find(const struct router *router, struct request *request)
{
	const char *path = request->target, *stop = path + request->path_len;
	const struct node *node = walk(&router->root, request, path, stop, 0);

	return node ? choose_route(request, node) : refuse_unknown(router, request);
}

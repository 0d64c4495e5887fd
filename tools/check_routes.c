/*
 * Routes that take the same request. The router prefers a literal to a parameter, so two routes
 * may share requests only when one of them is the more literal in every segment where they
 * differ.
 */
#include <string.h>

#include "check.h"

enum relation { DISJOINT, SAME, FIRST_IS_CLEARER, SECOND_IS_CLEARER, AMBIGUOUS };

static enum relation relate_segments(const char *a, size_t a_len, const char *b, size_t b_len)
{
	bool a_is_parameter = *a == '{', b_is_parameter = *b == '{';

	if (a_is_parameter && b_is_parameter)
		return SAME;
	if (a_is_parameter)
		return SECOND_IS_CLEARER;
	if (b_is_parameter)
		return FIRST_IS_CLEARER;
	return a_len == b_len && !memcmp(a, b, a_len) ? SAME : DISJOINT;
}

static enum relation join(enum relation so_far, enum relation here)
{
	if (so_far == DISJOINT || here == DISJOINT)
		return DISJOINT;
	if (here == SAME || here == so_far)
		return so_far;
	return so_far == SAME ? here : AMBIGUOUS;
}

static enum relation relate_paths(const char *a, const char *b)
{
	enum relation relation = SAME;

	while (*a == '/' && *b == '/') {
		size_t a_len = strcspn(++a, "/"), b_len = strcspn(++b, "/");

		relation = join(relation, relate_segments(a, a_len, b, b_len));
		a += a_len;
		b += b_len;
	}
	return *a || *b ? DISJOINT : relation;
}

static void check_pair(struct model *model, const struct rpc *rpc, const struct rpc *other)
{
	enum relation relation;

	if (!rpc->path || !other->path || rpc->verb != other->verb)
		return;
	relation = relate_paths(rpc->path, other->path);
	if (relation == SAME || relation == AMBIGUOUS)
		complain(model, &rpc->place,
			 "route %s of %s overlaps with %s of %s (proto/%s:%u): change one of the "
			 "paths",
			 rpc->path, rpc->name, other->path, other->name, other->place.file->name,
			 other->place.line);
}

void check_routes(struct model *model)
{
	for (size_t i = 0; i < model->n_rpcs; i++)
		for (size_t k = 0; k < i; k++)
			check_pair(model, model->rpcs[i], model->rpcs[k]);
}

/* Matching: whom it may bring together. */
#include "matching/matching.h"

static const struct service matching = {
	.name = "matching",
	.methods = matching_methods,
	.handlers = matching_handlers,
	.statements = matching_statements,
	.migrations = matching_migrations,
};

int main(int argc, char **argv)
{
	return service_main(argc, argv, &matching);
}

/* Scheduling: whose sessions it may plan. */
#include "scheduling/scheduling.h"

static const struct service scheduling = {
	.name = "scheduling",
	.methods = scheduling_methods,
	.handlers = scheduling_handlers,
	.statements = scheduling_statements,
	.migrations = scheduling_migrations,
};

int main(int argc, char **argv)
{
	return service_main(argc, argv, &scheduling);
}

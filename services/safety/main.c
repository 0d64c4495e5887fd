/* Safety: whom it looks after. */
#include "safety/safety.h"

static const struct service safety = {
	.name = "safety",
	.methods = safety_methods,
	.handlers = safety_handlers,
	.statements = safety_statements,
	.migrations = safety_migrations,
};

int main(int argc, char **argv)
{
	return service_main(argc, argv, &safety);
}

/* Runs every check. */
#include "check.h"

void check_contract(struct model *model)
{
	check_messages(model);
	check_rpcs(model);
	check_routes(model);
}

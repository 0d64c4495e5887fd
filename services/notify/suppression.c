/* Addresses written to again. */
#include "notify/notify.h"

bool delete_suppression(struct call *call, const Id *req)
{
	Suppression suppression = SUPPRESSION__INIT;

	return drop_suppression(call, req, &suppression) &&
	       publish_address_restored(call, &suppression);
}

bool end_suppression(struct call *call, const Id *req)
{
	Suppression suppression = SUPPRESSION__INIT;
	bool over;

	if (!drop_suppression_in_time(call, req, &suppression, &over))
		return false;
	return !over || publish_address_restored(call, &suppression);
}

/* Addresses written to again. */
#include "notify/notify.h"

bool delete_suppression(struct call *call, const Id *req)
{
	Suppression suppression = SUPPRESSION__INIT;

	return drop_suppression(call, req, &suppression) &&
	       publish_address_restored(call, &suppression);
}

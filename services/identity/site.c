/* The site's settings. */
#include "identity/identity.h"

bool update_site(struct call *call, const UpdateSiteRequest *req, Site *site)
{
	return set_site(call, req, site) && publish_site_updated(call, site);
}

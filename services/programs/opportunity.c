/* Opportunities: what the world hears of them. */
#include "programs/programs.h"

bool offer_opportunity(struct call *call, const OfferOpportunityRequest *req,
		       Opportunity *opportunity)
{
	return add_opportunity(call, req, opportunity) &&
	       close_when_due(call, opportunity) &&
	       publish_opportunity_opened(call, opportunity);
}

bool apply_opportunity(struct call *call, const ApplyOpportunityRequest *req,
		       OpportunityApplication *application)
{
	return add_application(call, req, application) &&
	       publish_opportunity_applied(call, application);
}

bool decide_application(struct call *call, const DecideApplicationRequest *req,
			OpportunityApplication *application)
{
	return set_decided(call, req, application) &&
	       publish_opportunity_decided(call, application);
}

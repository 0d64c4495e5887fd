/* Improvement actions: what the world hears of them. */
#include "programs/programs.h"

bool create_improvement_action(struct call *call, const CreateImprovementActionRequest *req,
			       ImprovementAction *action)
{
	return add_improvement(call, req, action) && publish_improvement_opened(call, action);
}

bool finish_improvement_action(struct call *call, const EndImprovementActionRequest *req,
			       ImprovementAction *action)
{
	return set_improvement_done(call, req, action) && publish_improvement_done(call, action);
}

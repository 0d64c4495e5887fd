/* Evaluations: what the world hears of them. */
#include "programs/programs.h"

bool put_evaluation(struct call *call, const PutEvaluationRequest *req, Evaluation *evaluation)
{
	return set_evaluation(call, req, evaluation) &&
	       publish_evaluation_recorded(call, evaluation);
}

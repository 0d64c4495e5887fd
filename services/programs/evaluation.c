/* Evaluations: what the world hears of them. */
#include "programs/programs.h"

/* A mentor's evaluation at the end is a step of the closing. */
static bool do_closing_step(struct call *call, const Evaluation *evaluation)
{
	ClosureStepOutcome outcome = CLOSURE_STEP_OUTCOME__INIT;

	return set_closing_evaluated(call, evaluation, &outcome) &&
	       (!outcome.changed || publish_closure_step_done(call, &outcome));
}

bool put_evaluation(struct call *call, const PutEvaluationRequest *req, Evaluation *evaluation)
{
	return set_evaluation(call, req, evaluation) &&
	       publish_evaluation_recorded(call, evaluation) &&
	       do_closing_step(call, evaluation);
}

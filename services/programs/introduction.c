/* Introductions: what the world hears of them. */
#include "programs/programs.h"

bool introduce(struct call *call, const IntroduceRequest *req, Introduction *introduction)
{
	return add_introduction(call, req, introduction) &&
	       publish_introduction_proposed(call, introduction);
}

bool answer_introduction(struct call *call, const AnswerIntroductionRequest *req,
			 Introduction *introduction)
{
	return set_introduction_answer(call, req, introduction) &&
	       (introduction->state == INTRODUCTION__STATE__PROPOSED ||
		publish_introduction_decided(call, introduction));
}

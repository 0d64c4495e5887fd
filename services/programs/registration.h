/*
 * What a registration form may be, and which answers fit it.
 *
 * Every check looks at everything and refuses with one error for each thing that is wrong, by its
 * place in the request; answers that were saved fit the version they were saved for, so that
 * handing in asks only what is missing.
 */
#pragma once

#include "programs/programs.h"

/* Pointers are those of PutFormRequest: "/steps/0/questions/2/choices". */
bool check_form(struct call *call, size_t n_steps, FormStep *const *steps) must_check;
/*
 * Pointers are those of SaveAnswersRequest: "/answers/3/number". An answer without a value fits
 * every question.
 */
bool check_answers(struct call *call, const Registration *registration, size_t n_answers,
		   Answer *const *answers) must_check;
/* Every required question is answered; the pointer of one that is not is "/answers/<key>". */
bool check_complete(struct call *call, const Registration *registration) must_check;

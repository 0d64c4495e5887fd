/* What the explanation of a pair and of what would raise it have in common. */
#pragma once

#include "plan_own.h"

/* The parts and the score, without facts. */
void explain_parts(struct arena *arena, const struct plan *plan, uint32_t mentee, uint32_t mentor,
		   struct explanation *explanation);
enum refusal pair_refusal(const struct plan *plan, uint32_t mentee, uint32_t mentor, int score,
			  int *rule);
/* What an answered criterion found in the pair. */
void tell_fact(struct arena *arena, const struct plan *plan, uint32_t mentee, uint32_t mentor,
	       struct score_part *part);

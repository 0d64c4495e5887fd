/* What programs knows of a program, asked for when it tells of something new. */
#include "matching/matching.h"

bool refresh_program(struct call *call, const Id *req)
{
	MatchingDesign design = MATCHING_DESIGN__INIT;

	return begin_refresh(call, req) &&
	       programs_describe_matching(call, req, &design) &&
	       keep_program(call, &design);
}

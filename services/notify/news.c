/*
 * News whose readers programs or matching names. The claim commits first, so that no transaction stays open
 * while they are asked; who was told before a crash is not told twice.
 */
#include "asking.h"
#include "service.h"

enum { GIVE_UP_S = 3 * 86400, PAGE = 500 };

static bool plan_page(struct call *call, const Happening *happening, const Matter *matter)
{
	Readers readers = READERS__INIT;

	readers.id = happening->id;
	readers.state = matter->state;
	readers.n_readers = matter->n_readers;
	readers.readers = matter->readers;
	return plan_readers(call, &readers) && sql_checkpoint(call);
}

/* Nobody is left to tell, or to ask. */
static bool put_away(struct call *call, struct call *ask, const Happening *happening, const Id *req)
{
	const Problem *problem = ask->problem;

	if (ask->fault)
		note(call, "fault", ask->fault);
	if ((problem && problem->status == NOT_FOUND) || happening->age > GIVE_UP_S)
		return remove_happening(call, req);
	return true;
}

static bool tell_readers(struct call *call, struct call *ask, const Happening *happening,
			 const Id *req)
{
	MatterRequest request = MATTER_REQUEST__INIT;
	Matter matter;

	request.source = happening->source;
	request.id = happening->subject_id;
	request.n_parts = happening->n_audience;
	request.parts = happening->audience;
	do {
		matter__init(&matter);
		if (!describe_matter(ask, &request, &matter))
			return put_away(call, ask, happening, req);
		if (!plan_page(call, happening, &matter))
			return false;
		if (matter.n_readers)
			request.after = matter.readers[matter.n_readers - 1]->user_id;
	} while (matter.n_readers == PAGE);
	return remove_happening(call, req);
}

bool tell_happening(struct call *call, const Id *req)
{
	Happening happening = HAPPENING__INIT;
	struct call *ask;
	bool mine = false, good;

	if (!claim_happening(call, req, &happening, &mine))
		return false;
	if (!mine)
		return true;
	if (!sql_checkpoint(call))
		return false;

	ask = call_begin(call->process, "TellHappening");
	good = tell_readers(call, ask, &happening, req);
	call_end(ask);
	return good;
}

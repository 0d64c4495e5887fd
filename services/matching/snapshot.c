/* Reading pools. */
#include "services/matching/snapshot.h"

#include "log.h"

enum { PAGE = 200 };

struct taking {
	struct process *process;
	const RunWork *of;
	snapshot_sink *sink;
	void *to;
	int32_t part;
};

/* What went wrong is for the log only: whoever takes the snapshot takes it again. */
static void end(struct call *call, const char *what)
{
	if (call_failed(call))
		log_write(LOG_WARN, "a part of a pool could not be read", "part", what, "code",
			  call->problem ? call->problem->code : "RETRY", "detail",
			  call->fault ? call->fault : "", NULL);
	call_end(call);
}

static bool give(struct taking *taking, struct call *call, const MatchSnapshotPart *content)
{
	return taking->sink(taking->to, call, taking->part++, content);
}

static bool take_criteria(struct taking *taking)
{
	struct call *call = call_begin(taking->process, "SnapshotCriteria");
	MatchSnapshotPart part = MATCH_SNAPSHOT_PART__INIT;
	CriteriaSet criteria = CRITERIA_SET__INIT;
	Words words = WORDS__INIT;
	bool good = criteria_of_run(call, taking->of, &criteria) &&
		    sensitive_questions(call, taking->of, &words);

	part.criteria = &criteria;
	part.several = taking->of->several;
	part.n_sensitive = words.n_items;
	part.sensitive = words.items;
	good = good && give(taking, call, &part);
	end(call, "criteria");
	return good;
}

/* Of a side, from one member on. */
static bool take_page(struct taking *taking, const PoolIds *side, size_t from)
{
	struct call *call = call_begin(taking->process, "SnapshotPage");
	MatchSnapshotPart content = MATCH_SNAPSHOT_PART__INIT;
	PoolMembers members = POOL_MEMBERS__INIT;
	PoolPage page = POOL_PAGE__INIT;
	char *ids[PAGE];
	bool good;

	page.ids = ids;
	while (page.n_ids < PAGE && from < side->n_items)
		ids[page.n_ids++] = side->items[from++]->id;
	good = pool_page(call, &page, &members);
	content.members = members.items;
	content.n_members = members.n_items;
	good = good && (!members.n_items || give(taking, call, &content));
	end(call, "members");
	return good;
}

/* Who they are at one moment, then page by page what they are like. */
static bool take_side(struct taking *taking, Membership__Role role)
{
	struct call *call = call_begin(taking->process, "SnapshotSide");
	PoolPage whole = POOL_PAGE__INIT;
	PoolIds side = POOL_IDS__INIT;
	bool good;

	whole.program_id = taking->of->program_id;
	whole.cohort_id = taking->of->cohort_id;
	whole.role = role;
	good = pool_ids(call, &whole, &side);
	for (size_t from = 0; good && from < side.n_items; from += PAGE)
		good = take_page(taking, &side, from);
	end(call, "side");
	return good;
}

static bool take_exclusions(struct taking *taking)
{
	struct call *call = call_begin(taking->process, "SnapshotExclusions");
	MatchSnapshotPart content = MATCH_SNAPSHOT_PART__INIT;
	MatchPairs pairs = MATCH_PAIRS__INIT;
	PoolPage page = POOL_PAGE__INIT;
	bool good;

	page.program_id = taking->of->program_id;
	good = pool_exclusions(call, &page, &pairs);
	content.n_exclusions = pairs.n_items;
	content.exclusions = pairs.items;
	good = good && give(taking, call, &content);
	end(call, "exclusions");
	return good;
}

bool snapshot_take(struct process *process, const RunWork *of, snapshot_sink *sink, void *to)
{
	struct taking taking = { .process = process, .of = of, .sink = sink, .to = to };

	return take_criteria(&taking) &&
	       take_side(&taking, MEMBERSHIP__ROLE__MENTEE) &&
	       take_side(&taking, MEMBERSHIP__ROLE__MENTOR) &&
	       take_exclusions(&taking);
}

static bool feed(void *to, struct call *call, int32_t part, const MatchSnapshotPart *content)
{
	size_t len;
	uint8_t *packed = pb_pack(call->arena, content, &len);

	(void)part;
	return engine_feed(to, packed, len);
}

struct engine *snapshot_engine(struct process *process, const RunWork *of)
{
	struct engine *engine = engine_new();

	if (snapshot_take(process, of, feed, engine))
		return engine;
	engine_free(engine);
	return NULL;
}

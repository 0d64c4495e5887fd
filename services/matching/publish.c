/* Sending out what a run has found: what holds no more stays behind. */
#include "services/matching/publish.h"

/* How the program lets people answer. */
static bool ask_rules(struct call *call, char *program_id, PublishOrder *order)
{
	MentorshipRules rules = MENTORSHIP_RULES__INIT;
	Id id = ID__INIT;

	id.id = program_id;
	if (!programs_describe_mentorship_rules(call, &id, &rules))
		return false;
	order->auto_accept = rules.auto_accept;
	order->acceptance_days = rules.acceptance_days;
	return true;
}

static PublishOrder order_from(const PublishMatchRunRequest *req)
{
	PublishOrder order = PUBLISH_ORDER__INIT;

	order.id = req->id;
	order.n_ids = req->n_ids;
	order.ids = req->ids;
	order.all = req->all || !req->n_ids;
	order.notify_at = req->notify_at;
	order.publish_next = req->publish_next;
	return order;
}

static bool refuse_stale(struct call *call, const PublishMatchRunResponse *response)
{
	struct buf stale = { 0 };

	(void)!reject(call, CONFLICT, "ALL_STALE",
		      "Nothing of this holds any more. Solve the run again.");
	buf_puts(&stale, "[");
	for (size_t i = 0; i < response->n_stale; i++)
		buf_printf(&stale, "%s{\"id\":\"%s\",\"reason\":\"%s\"}", i ? "," : "",
			   response->stale[i]->id,
			   protobuf_c_enum_descriptor_get_value(
				   &match_proposal__stale_reason__descriptor,
				   (int)response->stale[i]->reason)
				   ->name);
	buf_puts(&stale, "]");
	problem_member(call, "stale", buf_text(&stale));
	buf_free(&stale);
	return false;
}

static bool read_run(struct call *call, char *run_id, PublishMatchRunResponse *response)
{
	Id id = ID__INIT;

	id.id = run_id;
	response->run = arena_alloc(call->arena, sizeof *response->run);
	match_run__init(response->run);
	return read_match_run(call, &id, response->run) &&
	       publish_match_run_published(call, response->run);
}

static bool send_out(struct call *call, PublishOrder *order, PublishMatchRunResponse *response)
{
	PublishCount count = PUBLISH_COUNT__INIT;

	if (!set_run_published(call, order) ||
	    !send_proposals(call, order) ||
	    !count_published(call, order, &count) ||
	    !read_stale(call, order, response))
		return false;
	if (count.stale && !count.published && !count.before)
		return refuse_stale(call, response);
	response->published = count.published + count.before;
	return true;
}

bool publish_match_run(struct call *call, const PublishMatchRunRequest *req,
		       PublishMatchRunResponse *response)
{
	PublishOrder order = order_from(req);
	RunWork work = RUN_WORK__INIT;
	Id id = ID__INIT;

	id.id = req->id;
	return lock_run(call, &id, &work) &&
	       must_be_matching(call, req) &&
	       ask_rules(call, work.program_id, &order) &&
	       send_out(call, &order, response) &&
	       read_run(call, req->id, response);
}

bool publish_next_round(struct call *call, const Id *run)
{
	PublishMatchRunResponse response = PUBLISH_MATCH_RUN_RESPONSE__INIT;
	PublishOrder order = PUBLISH_ORDER__INIT;
	RunWork work = RUN_WORK__INIT;
	bool found;

	order.id = run->id;
	order.all = order.publish_next = true;
	if (!lock_run_itself(call, run, &work, &found) || !ask_rules(call, work.program_id, &order))
		return false;
	return send_proposals(call, &order) && read_run(call, run->id, &response);
}

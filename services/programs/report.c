/* Reports: a table of what there is, and the same as CSV. */
#include "programs/programs.h"

static const struct kind {
	const char *name;
	bool (*read)(struct call *call, const ReportRequest *req, Report *report);
	bool whole; /* told of the whole program only */
	const char *columns[8];
} kinds[] = {
	{ "funnel", report_funnel, false, { "role", "stage", "people" } },
	{ "matching",
	  report_matching,
	  false,
	  { "origin", "proposed", "waiting", "begun", "declined", "expired", "days_until_begun" } },
	{ "engagement",
	  report_engagement,
	  false,
	  { "role", "people", "trained", "in_mentorships", "surveys_asked", "surveys_answered" } },
	{ "goals",
	  report_goals,
	  false,
	  { "kind", "set", "going_on", "achieved", "partly", "dropped" } },
	{ "satisfaction",
	  report_satisfaction,
	  false,
	  { "survey", "opened_on", "question", "answers", "mean" } },
	{ "outcomes", report_outcomes, false, { "what", "outcome", "count" } },
	{ "equity",
	  report_equity,
	  true,
	  { "role", "question", "choice", "registered", "approved", "completed" } },
};

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

static void name_columns(struct call *call, const struct kind *kind, Report *report)
{
	size_t count = 0;

	while (kind->columns[count])
		count++;
	report->kind = arena_strdup(call->arena, kind->name);
	report->columns = arena_alloc(call->arena, count * sizeof(*report->columns));
	for (size_t i = 0; i < count; i++)
		report->columns[i] = arena_strdup(call->arena, kind->columns[i]);
	report->n_columns = count;
}

bool get_report(struct call *call, const ReportRequest *req, Report *report)
{
	const struct kind *kind = find_kind(req->kind);

	if (!check_report_reader(call, req))
		return false;
	if (!kind)
		return reject(call, NOT_FOUND, "NOT_FOUND", "There is no such report.");
	if (kind->whole && (*req->from || *req->to || *req->cohort_id))
		return reject(
			call, INVALID_ARGUMENT, "NO_FILTER",
			"This report is of the whole program: parts of it would tell of few.");

	name_columns(call, kind, report);
	return kind->read(call, req, report);
}

/* RFC 4180; what a spreadsheet takes for a formula is made a text. */
static void write_cell(struct buf *out, const char *cell)
{
	bool quoted = strpbrk(cell, "\",\r\n");

	if (quoted)
		buf_puts(out, "\"");
	if (*cell && strchr("=+-@\t\r", *cell))
		buf_puts(out, "'");
	for (; *cell; cell++) {
		if (*cell == '"')
			buf_puts(out, "\"");
		buf_add(out, cell, 1);
	}
	if (quoted)
		buf_puts(out, "\"");
}

static void write_line(struct buf *out, size_t n_cells, char *const *cells)
{
	for (size_t i = 0; i < n_cells; i++) {
		buf_puts(out, i ? "," : "");
		write_cell(out, cells[i]);
	}
	buf_puts(out, "\r\n");
}

bool get_report_file(struct call *call, const ReportRequest *req, ReportFile *file)
{
	Report report = REPORT__INIT;
	struct buf out = { 0 };

	if (!get_report(call, req, &report))
		return false;

	write_line(&out, report.n_columns, report.columns);
	for (size_t i = 0; i < report.n_rows; i++)
		write_line(&out, report.rows[i]->n_cells, report.rows[i]->cells);
	file->content_type = arena_strdup(call->arena, "text/csv");
	file->content.data = arena_copy(call->arena, out.data, out.len);
	file->content.len = out.len;
	buf_free(&out);
	return true;
}

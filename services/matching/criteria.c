/* Criteria: what is written must make sense for the questions that the program asks. */
#include <string.h>

#include "fit.h"

/* Which kinds of questions a criterion or a rule can read, a bit for each Question.Kind. */
#define BIT(kind) (1U << QUESTION__KIND__##kind)
enum {
	ONE_CHOICE = BIT(SINGLE),
	CHOICES = BIT(MULTI) | BIT(RANKED) | BIT(SKILL_PICK) | BIT(LANGUAGE_PICK),
	NUMBERS = BIT(SCALE) | BIT(NUMBER),
	WORD = BIT(SINGLE) | BIT(SHORT),
};

static const unsigned criterion_reads[] = {
	[CRITERION__KIND__PERSONALITY] = NUMBERS,
	[CRITERION__KIND__ANSWER_EQUAL] = ONE_CHOICE | NUMBERS,
	[CRITERION__KIND__ANSWER_OVERLAP] = CHOICES,
	[CRITERION__KIND__ANSWER_DISTANCE] = NUMBERS,
	[CRITERION__KIND__CUSTOM_TABLE] = ONE_CHOICE,
};
static const unsigned rule_reads[] = {
	[HARD_RULE__KIND__MUST_EQUAL] = ONE_CHOICE | NUMBERS,
	[HARD_RULE__KIND__MUST_DIFFER] = ONE_CHOICE | NUMBERS,
	[HARD_RULE__KIND__MIN_GAP] = NUMBERS,
	[HARD_RULE__KIND__MAX_GAP] = NUMBERS,
	[HARD_RULE__KIND__NOT_SAME_TEAM] = WORD,
	[HARD_RULE__KIND__ONLY_IF] = ONE_CHOICE,
};

static unsigned reads(const unsigned *table, size_t count, unsigned kind)
{
	return kind < count ? table[kind] : 0;
}

static const MatchQuestion *find_question(const MatchQuestions *questions, const char *criterion,
					  Membership__Role role)
{
	for (size_t i = 0; i < questions->n_items; i++)
		if (questions->items[i]->role == role &&
		    !strcmp(questions->items[i]->criterion, criterion))
			return questions->items[i];
	return NULL;
}

/* The form of that role asks it, in a kind that can be read. */
static bool check_asked(struct call *call, const MatchQuestions *questions, const char *criterion,
			Membership__Role role, unsigned kinds, const char *pointer)
{
	const MatchQuestion *question = find_question(questions, criterion, role);
	const char *who = role == MEMBERSHIP__ROLE__MENTOR ? "mentors" : "mentees";

	if (!question)
		return reject_field(call, INVALID_ARGUMENT, pointer, "UNKNOWN_QUESTION",
				    "The form of the %s has no question for \"%s\".", who,
				    criterion);
	if (!(kinds & 1U << question->kind))
		return reject_field(
			call, INVALID_ARGUMENT, pointer, "WRONG_KIND",
			"What the %s are asked for \"%s\" cannot be compared like that.", who,
			criterion);
	return true;
}

static bool check_both_asked(struct call *call, const MatchQuestions *questions,
			     const char *criterion, unsigned kinds, const char *pointer)
{
	return check_asked(call, questions, criterion, MEMBERSHIP__ROLE__MENTEE, kinds, pointer) &&
	       check_asked(call, questions, criterion, MEMBERSHIP__ROLE__MENTOR, kinds, pointer);
}

/* Five scales: "<question>-1" and so on. */
static bool check_scales(struct call *call, const MatchQuestions *questions, const char *criterion,
			 const char *pointer)
{
	for (int i = 1; i <= 5; i++)
		if (!check_both_asked(call, questions,
				      arena_printf(call->arena, "%s-%d", criterion, i), NUMBERS,
				      pointer))
			return false;
	return true;
}

static bool check_question(struct call *call, const MatchQuestions *questions,
			   const Criterion *criterion, const char *pointer)
{
	const char *question = *criterion->question ? criterion->question : criterion->key;
	unsigned kinds = reads(criterion_reads, sizeof criterion_reads / sizeof *criterion_reads,
			       criterion->kind);
	const char *at = arena_printf(call->arena, "%s/question", pointer);

	if (!kinds)
		return true;
	return criterion->kind == CRITERION__KIND__PERSONALITY
		       ? check_scales(call, questions, question, at)
		       : check_both_asked(call, questions, question, kinds, at);
}

static bool check_criterion(struct call *call, const MatchQuestions *questions,
			    const Criterion *criterion, const char *pointer)
{
	int from = criterion->_gap_min_case ? criterion->gap_min : 3;
	int to = criterion->_gap_max_case ? criterion->gap_max : 15;

	if (criterion->kind == CRITERION__KIND__EXPERIENCE_GAP && from > to)
		return reject_field(call, INVALID_ARGUMENT,
				    arena_printf(call->arena, "%s/gap_min", pointer), "MIN_GT_MAX",
				    "The least must not be more than the most.");
	if (criterion->kind == CRITERION__KIND__CUSTOM_TABLE && !criterion->n_table)
		return reject_field(call, INVALID_ARGUMENT,
				    arena_printf(call->arena, "%s/table", pointer), "REQUIRED",
				    "Say what pairs of answers are worth.");
	return check_question(call, questions, criterion, pointer);
}

static bool check_only_if(struct call *call, const MatchQuestions *questions, const HardRule *rule,
			  const char *pointer)
{
	const char *of_mentor = *rule->mentor_question ? rule->mentor_question : rule->question;

	return check_asked(call, questions, rule->question, MEMBERSHIP__ROLE__MENTEE, ONE_CHOICE,
			   arena_printf(call->arena, "%s/question", pointer)) &&
	       check_asked(call, questions, of_mentor, MEMBERSHIP__ROLE__MENTOR, ONE_CHOICE,
			   arena_printf(call->arena, "%s/mentor_question", pointer));
}

/* Gaps are of experience when no question is named; a team has a question of that name. */
static bool check_rule(struct call *call, const MatchQuestions *questions, const HardRule *rule,
		       const char *pointer)
{
	unsigned kinds = reads(rule_reads, sizeof rule_reads / sizeof *rule_reads, rule->kind);
	bool of_experience = !*rule->question && (rule->kind == HARD_RULE__KIND__MIN_GAP ||
						  rule->kind == HARD_RULE__KIND__MAX_GAP);
	const char *question = *rule->question ? rule->question : "team";

	if (!kinds || of_experience)
		return true;
	if (rule->kind == HARD_RULE__KIND__ONLY_IF)
		return check_only_if(call, questions, rule, pointer);
	return check_both_asked(call, questions, question, kinds,
				arena_printf(call->arena, "%s/question", pointer));
}

static bool check_new_key(struct call *call, bool taken, const char *pointer)
{
	return !taken ||
	       reject_field(call, INVALID_ARGUMENT, arena_printf(call->arena, "%s/key", pointer),
			    "DUPLICATE", "Another one has this key.");
}

static bool check_criteria(struct call *call, const MatchQuestions *questions,
			   const PutCriteriaRequest *req)
{
	bool good = true, weighs = false;

	for (size_t i = 0; i < req->n_criteria; i++) {
		const char *pointer = arena_printf(call->arena, "/criteria/%zu", i);
		bool taken = false;

		for (size_t k = 0; k < i; k++)
			taken = taken || !strcmp(req->criteria[k]->key, req->criteria[i]->key);
		weighs = weighs || req->criteria[i]->weight;
		good = check_new_key(call, taken, pointer) &&
		       check_criterion(call, questions, req->criteria[i], pointer) &&
		       good;
	}
	if (good && !weighs)
		return reject(call, INVALID_ARGUMENT, "NO_WEIGHT", "Something has to count.");
	return good;
}

static bool check_rules(struct call *call, const MatchQuestions *questions,
			const PutCriteriaRequest *req)
{
	bool good = true;

	for (size_t i = 0; i < req->n_hard_rules; i++) {
		const char *pointer = arena_printf(call->arena, "/hard_rules/%zu", i);
		bool taken = false;

		for (size_t k = 0; k < i; k++)
			taken = taken || !strcmp(req->hard_rules[k]->key, req->hard_rules[i]->key);
		good = check_new_key(call, taken, pointer) &&
		       check_rule(call, questions, req->hard_rules[i], pointer) &&
		       good;
	}
	return good;
}

bool put_criteria(struct call *call, const PutCriteriaRequest *req, CriteriaSet *set)
{
	MatchQuestions questions = MATCH_QUESTIONS__INIT;
	CriteriaRequest own = CRITERIA_REQUEST__INIT;

	own.program_id = req->program_id;
	return check_runs(call, &own) &&
	       read_questions(call, &own, &questions) &&
	       check_criteria(call, &questions, req) &&
	       check_rules(call, &questions, req) &&
	       put_criteria_draft(call, req, set);
}

static bool check_draft(struct call *call, const MatchQuestions *questions, const CriteriaSet *set)
{
	PutCriteriaRequest same = PUT_CRITERIA_REQUEST__INIT;

	same.n_criteria = set->n_criteria;
	same.criteria = set->criteria;
	same.n_hard_rules = set->n_hard_rules;
	same.hard_rules = set->hard_rules;
	return check_criteria(call, questions, &same) && check_rules(call, questions, &same);
}

static const char *finding_name(enum finding_code code)
{
	static const char *const names[FINDING_CODES] = {
		[FINDING_BAD_WEIGHT] = "BAD_WEIGHT",
		[FINDING_NO_WEIGHT] = "NO_WEIGHT",
		[FINDING_BAD_MIN_SCORE] = "BAD_MIN_SCORE",
		[FINDING_TOO_MANY] = "TOO_MANY",
		[FINDING_DUPLICATE_KEY] = "DUPLICATE_KEY",
		[FINDING_UNKNOWN_FIELD] = "UNKNOWN_FIELD",
		[FINDING_WRONG_KIND] = "WRONG_KIND",
		[FINDING_BAD_PARAMETER] = "BAD_PARAMETER",
		[FINDING_CONTRADICTION] = "CONTRADICTION",
		[FINDING_NOBODY_SCORES] = "NOBODY_SCORES",
		[FINDING_CANNOT_MATTER] = "CANNOT_MATTER",
		[FINDING_RULE_HOLDS_ALL] = "RULE_HOLDS_ALL",
	};

	return names[code];
}

static void tell_finding(struct call *call, const struct finding *from, CriteriaReport *report)
{
	CriteriaFinding *finding = arena_alloc(call->arena, sizeof *finding);

	criteria_finding__init(finding);
	finding->finding = arena_strdup(call->arena, finding_name(from->code));
	finding->error = from->error;
	finding->detail = arena_strdup(call->arena, from->detail ? from->detail : "");
	if (from->index >= 0)
		finding->pointer = arena_printf(
			call->arena, "/%s/%d", from->rule ? "hard_rules" : "criteria", from->index);
	report->findings[report->n_findings++] = finding;
}

/* What counts as not said, since it is out of range. */
static void tell_untaken(struct call *call, const struct untaken *untaken, size_t n,
			 CriteriaReport *report)
{
	for (size_t i = 0; i < n; i++) {
		CriteriaFinding *finding = arena_alloc(call->arena, sizeof *finding);

		criteria_finding__init(finding);
		finding->finding = arena_strdup(call->arena, "OUT_OF_RANGE");
		finding->detail = arena_printf(call->arena,
					       "%u of them said something about \"%s\" that is out "
					       "of range; it does not count.",
					       untaken[i].people, untaken[i].what);
		report->findings[report->n_findings++] = finding;
	}
}

/* Tried with some of the members; answers whether it can be published. */
static bool try_criteria(struct call *call, const FitPool *sample, CriteriaReport *report)
{
	struct ground *ground = fit_ground(call, sample);
	struct untaken untaken[POOL_MOST_FIELDS];
	struct finding *findings;
	size_t count = criteria_check(call->arena, ground_criteria(ground), ground_pool(ground),
				      &findings);
	size_t n_untaken = ground_untaken(ground, untaken);

	report->mentors = (int32_t)pool_count(ground_pool(ground), SIDE_MENTOR);
	report->mentees = (int32_t)pool_count(ground_pool(ground), SIDE_MENTEE);
	report->findings =
		arena_alloc(call->arena, (count + n_untaken + 1) * sizeof *report->findings);
	for (size_t i = 0; i < count; i++)
		tell_finding(call, &findings[i], report);
	tell_untaken(call, untaken, n_untaken, report);
	return criteria_usable(findings, count);
}

/* The questions may be others than when the draft was written. */
bool validate_criteria(struct call *call, const CriteriaRequest *req, CriteriaReport *report)
{
	MatchQuestions questions = MATCH_QUESTIONS__INIT;
	CriteriaSet set = CRITERIA_SET__INIT;
	FitPool sample = FIT_POOL__INIT;

	if (!check_runs(call, req) ||
	    !read_draft(call, req, &set) ||
	    !read_questions(call, req, &questions) ||
	    !check_draft(call, &questions, &set) ||
	    !read_sample(call, req, &sample))
		return false;

	sample.set = &set;
	report->program_id = req->program_id;
	report->criteria_version = set.criteria_version;
	report->state = set.state;
	if (!try_criteria(call, &sample, report) || set.state != CRITERIA_SET__STATE__DRAFT)
		return true;
	report->state = CRITERIA_SET__STATE__VALIDATED;
	return set_validated(call, req);
}

bool publish_criteria(struct call *call, const CriteriaRequest *req, CriteriaSet *set)
{
	return set_criteria_published(call, req, set) && publish_criteria_published(call, set);
}

/* A program's rules as measures and the range that they allow. */
#include "plan_own.h"

enum { BEYOND = 1 << 24 }; /* more than any measured value */

struct gate {
	struct measure *measure;
	int32_t low, high;
};

static const struct bits *common_set(struct plan *plan, const struct rule *rule, int mentee_field,
				     int mentor_field)
{
	struct set_key key = { .kind = SET_TERMS,
			       .mentee_field = mentee_field,
			       .mentor_field = mentor_field };

	if (rule->kind == RULE_LANGUAGE_REQUIRED) {
		key.low = rule->value;
		key.term = rule->term ? pool_number_of(plan->pool, rule->term) : 0;
		if (rule->term && !key.term)
			key.term = UINT32_MAX;
	} else if (plan->pool->fields[mentee_field].kind == FIELD_HOURS) {
		key.kind = SET_HOURS;
		key.fold = plan_fold(plan, mentee_field, mentor_field, 60);
	}
	return plan_set(plan, &key);
}

/* Minutes become as many parts of the week, rounded up. */
static struct gate common_gate(struct plan *plan, const struct rule *rule, int mentee_field,
			       int mentor_field)
{
	const struct bits *bits = common_set(plan, rule, mentee_field, mentor_field);
	int32_t unit = bits->key.kind == SET_HOURS ? bits->key.fold * 15 : 1;
	struct gate gate = {
		.measure = plan_measure(plan, MEASURE_COUNT, mentee_field, mentor_field, bits),
		.low = rule->kind == RULE_LANGUAGE_REQUIRED ? 1 : (rule->value + unit - 1) / unit,
		.high = BEYOND,
	};

	return gate;
}

static struct gate gate_of(struct plan *plan, const struct rule *rule, int mentee_field,
			   int mentor_field)
{
	struct measure *measure;

	switch (rule->kind) {
	case RULE_MIN_GAP:
		measure = plan_measure(plan, MEASURE_GAP, mentee_field, mentor_field, NULL);
		return (struct gate) { measure, rule->value, BEYOND };
	case RULE_MAX_GAP:
		measure = plan_measure(plan, MEASURE_GAP, mentee_field, mentor_field, NULL);
		return (struct gate) { measure, -BEYOND, rule->value };
	case RULE_MIN_OVERLAP:
	case RULE_LANGUAGE_REQUIRED:
		return common_gate(plan, rule, mentee_field, mentor_field);
	case RULE_MUST_EQUAL:
		measure = plan_measure(plan, MEASURE_EQUAL, mentee_field, mentor_field, NULL);
		return (struct gate) { measure, 1, 1 };
	default: /* must differ, another team */
		measure = plan_measure(plan, MEASURE_EQUAL, mentee_field, mentor_field, NULL);
		return (struct gate) { measure, 0, 0 };
	}
}

static struct use *add_gate(struct plan *plan, int index, struct gate gate)
{
	struct use *use = plan_use(plan, gate.measure, FORM_GATE, index);

	use->scale.low = gate.low;
	use->scale.high = gate.high;
	return use;
}

static void judge(struct plan *plan, struct use *use, uint32_t mentee, enum state state)
{
	use->state[mentee] = (uint8_t)state;
	if (state == STATE_REFUSE)
		plan->hopeless[mentee] = 1;
}

static void add_comparison(struct plan *plan, const struct rule *rule, int index, int mentee_field,
			   int mentor_field)
{
	struct use *use = add_gate(plan, index, gate_of(plan, rule, mentee_field, mentor_field));
	bool passes = rule->missing_passes || rule->kind == RULE_NOT_SAME_TEAM;

	use->scale.counts_missing = passes;
	for (uint32_t mentee = 0; mentee < plan->mentees; mentee++) {
		bool answered = pool_answered(plan->pool, SIDE_MENTEE, mentee, mentee_field);

		judge(plan, use, mentee,
		      answered ? STATE_APPLY
		      : passes ? STATE_SKIP
			       : STATE_REFUSE);
	}
	plan_mark_absent(plan, use, CRITERIA_MOST + index, mentor_field);
}

static uint32_t term_told(const struct pool *pool, enum side side, uint32_t person, int field)
{
	struct said said = pool_said(pool, side, person, field);
	const struct pool_value *value = said_next(&said);

	return value ? value->value : 0;
}

/* Numbers of ids and terms are of one numbering: a line manager's is the one of their own id. */
static int32_t person_or_manager(const struct plan *plan, enum side side, uint32_t person,
				 int field)
{
	return (int32_t)(field < 0 ? plan->pool->sides[side].ids[person]
				   : term_told(plan->pool, side, person, field));
}

/* Compares the answer to a field with an id; -1 stands for the id. */
static void add_acquaintance(struct plan *plan, int index, int mentee_field, int mentor_field)
{
	struct measure *measure =
		plan_measure(plan, MEASURE_MARK, mentee_field, mentor_field, NULL);
	struct use *use = add_gate(plan, index, (struct gate) { measure, 0, 0 });
	int32_t *column = plan_column(plan), *own = plan_alloc(plan, plan->mentees, sizeof *own);

	for (uint32_t mentor = 0; mentor < plan->mentors; mentor++)
		column[mentor] = person_or_manager(plan, SIDE_MENTOR, mentor, mentor_field);
	for (uint32_t mentee = 0; mentee < plan->mentees; mentee++) {
		own[mentee] = person_or_manager(plan, SIDE_MENTEE, mentee, mentee_field);
		use->state[mentee] = own[mentee] ? STATE_APPLY : STATE_SKIP;
	}
	measure->kind = MEASURE_EQUAL;
	measure->column = column;
	measure->own = own;
}

static bool has_term(const struct pool *pool, enum side side, uint32_t person, int field,
		     const char *term)
{
	struct said said = pool_said(pool, side, person, field);
	uint32_t number = pool_number_of(pool, term);

	for (const struct pool_value *value; (value = said_next(&said));)
		if (value->level != LEVEL_NOTHING && (!term || value->value == number))
			return true;
	return false;
}

/* Whether somebody meets what is asked of them; who did not answer does when the rule lets them pass. */
static bool meets(const struct plan *plan, const struct rule *rule, enum side side, uint32_t person,
		  int field, const char *term)
{
	if (!pool_answered(plan->pool, side, person, field))
		return rule->missing_passes;
	return has_term(plan->pool, side, person, field, term);
}

/* The mentors' column says who meets what the rule asks of them, or who asks it of their mentee. */
static void add_condition(struct plan *plan, const struct rule *rule, int index, int mentee_field,
			  int mentor_field)
{
	bool mentor_asks = rule->kind == RULE_ONLY_IF_MENTOR;
	struct measure *measure =
		plan_measure(plan, MEASURE_MARK, mentee_field, mentor_field, NULL);
	int32_t *marks = plan_column(plan);
	struct use *use =
		add_gate(plan, index, (struct gate) { measure, !mentor_asks, !mentor_asks });

	for (uint32_t mentor = 0; mentor < plan->mentors; mentor++)
		marks[mentor] = mentor_asks ? has_term(plan->pool, SIDE_MENTOR, mentor,
						       mentor_field, rule->mentor_term)
					    : meets(plan, rule, SIDE_MENTOR, mentor, mentor_field,
						    rule->mentor_term);
	for (uint32_t mentee = 0; mentee < plan->mentees; mentee++) {
		bool asked = mentor_asks ? !meets(plan, rule, SIDE_MENTEE, mentee, mentee_field,
						  rule->term)
					 : has_term(plan->pool, SIDE_MENTEE, mentee, mentee_field,
						    rule->term);

		use->state[mentee] = asked ? STATE_APPLY : STATE_SKIP;
	}
	measure->column = marks;
}

static void add_rule(struct plan *plan, int index)
{
	const struct rule *rule = &plan->criteria->rules[index];
	int mentee_field = pool_field(plan->pool, rule->mentee_field);
	int mentor_field = pool_field(plan->pool,
				      rule->mentor_field ? rule->mentor_field : rule->mentee_field);

	if (rule->kind == RULE_NOT_LINE_MANAGER) {
		add_acquaintance(plan, index, mentee_field, -1);
		add_acquaintance(plan, index, -1, mentor_field);
	} else if (rule->kind == RULE_ONLY_IF || rule->kind == RULE_ONLY_IF_MENTOR) {
		add_condition(plan, rule, index, mentee_field, mentor_field);
	} else {
		add_comparison(plan, rule, index, mentee_field, mentor_field);
	}
}

void plan_add_rules(struct plan *plan)
{
	for (size_t i = 0; i < plan->criteria->n_rules; i++)
		add_rule(plan, (int)i);
}

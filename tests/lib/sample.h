/* The types of sample.proto, with rules written by hand as the plugin would write them. */
#pragma once

#include "pb.h"
#include "tests/sample.pb-c.h"

#define RULE static const struct pb_rule
#define NO_CHILDREN(name, count) static const struct pb_type *const name[count] = { 0 }

RULE sample_note_rules[1] = { { .format = PB_TEXT } };
NO_CHILDREN(sample_note_children, 1);
static const struct pb_type sample_note_type = { &sample_note__descriptor, sample_note_rules,
						 sample_note_children };

RULE sample_step_rules[3] = {
	{ .required = true, .max_len = 20 },
	{ .has_min = true, .min = 1, .has_max = true, .max = 600 },
	{ .max_items = 3 },
};
static const struct pb_type *const sample_step_children[3] = { [2] = &sample_note_type };
static const struct pb_type sample_step_type = { &sample_step__descriptor, sample_step_rules,
						 sample_step_children };

RULE sample_rules[29] = {
	[0] = { .format = PB_UUID },
	[1] = { .required = true, .min_len = 2, .max_len = 40 },
	[2] = { .format = PB_TEXT },
	[3] = { .format = PB_NAME },
	[4] = { .format = PB_EMAIL },
	[5] = { .format = PB_INSTANT },
	[8] = { .has_min = true, .min = 1, .has_max = true, .max = 200 },
	[14] = { .max_items = 5, .max_len = 10 },
	[20] = { .internal = true },
	[28] = { .internal = true },
};
static const struct pb_type *const sample_children[29] = {
	[12] = &sample_step_type,
	[13] = &sample_step_type,
};
static const struct pb_type sample_type = { &sample__descriptor, sample_rules, sample_children };

RULE sample_program_rules[15] = {
	[0] = { .format = PB_UUID },	[1] = { .format = PB_INSTANT },
	[2] = { .format = PB_INSTANT }, [4] = { .format = PB_SLUG },
	[6] = { .format = PB_TEXT },	[9] = { .format = PB_ZONE },
	[10] = { .format = PB_DATE },	[11] = { .format = PB_DATE },
	[13] = { .format = PB_UUID },
};
NO_CHILDREN(sample_program_children, 15);
static const struct pb_type sample_program_type = { &sample_program__descriptor,
						    sample_program_rules, sample_program_children };

RULE sample_programs_rules[2] = { [1] = { .format = PB_KEY } };
static const struct pb_type *const sample_programs_children[2] = { &sample_program_type };
static const struct pb_type sample_programs_type
	__attribute__((unused)) = { &sample_programs__descriptor, sample_programs_rules,
				    sample_programs_children };

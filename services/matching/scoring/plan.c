/* Makes a plan: what is measured of a pair, what it gives, and what it forbids. */
#include "plan_own.h"

#include <string.h>

enum { LINE = 64 };

void *plan_alloc(struct plan *plan, size_t count, size_t size)
{
	uintptr_t bytes = (uintptr_t)arena_alloc(plan->arena, count * size + LINE);

	plan->memory += count * size + LINE;
	return (void *)((bytes + LINE - 1) & ~(uintptr_t)(LINE - 1));
}

int32_t *plan_column(struct plan *plan)
{
	return plan_alloc(plan, plan->padded, sizeof(int32_t));
}

struct plan *plan_new(struct arena *arena, const struct pool *pool, const struct criteria *criteria)
{
	struct plan *plan = arena_alloc(arena, sizeof *plan);

	plan->arena = arena;
	plan->pool = pool;
	plan->criteria = criteria;
	plan->mentees = pool_count(pool, SIDE_MENTEE);
	plan->mentors = pool_count(pool, SIDE_MENTOR);
	plan->padded = ((size_t)plan->mentors + TILE - 1) / TILE * TILE;
	plan->memory = sizeof *plan;
	for (size_t i = 0; i < sizeof plan->absent / sizeof *plan->absent; i++)
		plan->absent[i] = (uint32_t *)plan_column(plan);
	plan->weights = plan_alloc(plan, plan->mentees, sizeof *plan->weights);
	plan->hopeless = plan_alloc(plan, plan->mentees, sizeof *plan->hopeless);
	plan_take_path(plan, score_best_path());

	plan_add_criteria(plan);
	plan_add_rules(plan);
	plan_add_patches(plan);
	return plan;
}

uint32_t plan_mentees(const struct plan *plan)
{
	return plan->mentees;
}

uint32_t plan_mentors(const struct plan *plan)
{
	return plan->mentors;
}

uint64_t plan_memory(const struct plan *plan)
{
	return plan->memory;
}

static bool has_path(enum score_path path)
{
	__builtin_cpu_init();
	if (path == SCORE_AVX512)
		return __builtin_cpu_supports("avx512f") &&
		       __builtin_cpu_supports("avx512bw") &&
		       __builtin_cpu_supports("avx512vl") &&
		       __builtin_cpu_supports("avx512dq") &&
		       __builtin_cpu_supports("avx512vpopcntdq");
	return path == SCORE_SCALAR || __builtin_cpu_supports("avx2");
}

enum score_path score_best_path(void)
{
	if (has_path(SCORE_AVX512))
		return SCORE_AVX512;
	return has_path(SCORE_AVX2) ? SCORE_AVX2 : SCORE_SCALAR;
}

bool plan_take_path(struct plan *plan, enum score_path path)
{
	static const struct kernels *const kernels[] = { &kernels_scalar, &kernels_avx2,
							 &kernels_avx512 };

	if (!has_path(path))
		return false;

	plan->kernels = kernels[path];
	return true;
}

struct use *plan_use(struct plan *plan, struct measure *measure, enum form form, int index)
{
	struct use *use = &plan->uses[plan->n_uses++];

	*use = (struct use) { .form = form, .index = index, .next = measure->uses };
	use->state = plan_alloc(plan, plan->mentees, sizeof *use->state);
	measure->uses = use;
	return use;
}

void plan_mark_absent(struct plan *plan, struct use *use, int bit, int field)
{
	uint32_t *column = plan->absent[bit / 32], mask = 1u << bit % 32;

	for (uint32_t mentor = 0; mentor < plan->mentors; mentor++)
		if (!pool_answered(plan->pool, SIDE_MENTOR, mentor, field)) {
			column[mentor] |= mask;
			use->scale.absent = (struct absent) { column, mask };
		}
}

/* Verifies a certificate: reads it, adds it up, and says what it proves. */
#include "own.h"

#include <sodium.h>
#include <stdlib.h>

bool refuse(struct file *file, const char *reason, int32_t mentee, int32_t mentor)
{
	if (file->verdict.reason)
		return false;
	file->verdict.reason = reason;
	file->verdict.mentee = mentee;
	file->verdict.mentor = mentor;
	return false;
}

bool add_places(struct file *file, int64_t *sum, int64_t places, int64_t price)
{
	int64_t product;

	return (!__builtin_mul_overflow(places, price, &product) &&
		!__builtin_add_overflow(*sum, product, sum)) ||
	       refuse(file, "a sum is too large", -1, -1);
}

static bool prove(struct file *file)
{
	if (is_of_several(file))
		return prove_several(file);
	if (!seat_all(file))
		return false;
	if (file->objective == STABLE)
		return prove_stable(file);
	if (!prove_optimum(file))
		return false;
	return file->objective != WORST_THEN_TOTAL ||
	       !file->verdict.everything ||
	       prove_floor(file);
}

static const char *proven(const struct file *file)
{
	switch (file->objective) {
	case TOTAL:
		return "no other choice of pairs has a greater total";
	case MOST_THEN_TOTAL:
		return "no other choice matches more people, or as many with a greater total";
	case ONE_BEFORE_TWO:
		return "no other choice gives more mentors a mentee, or as many with a greater "
		       "total";
	case WORST_THEN_TOTAL:
		return file->verdict.everything
			       ? "no other choice matches more people, or has a better worst pair, "
				 "or a greater total"
			       : "no other choice of pairs above the floor matches more people, or "
				 "as many with a greater total";
	case SEVERAL_TOTAL:
		return "no other choice of several mentors each has a greater total";
	case SEVERAL_MOST_THEN_TOTAL:
		return "no other choice gives more people a mentor, or as many with a greater "
		       "total";
	default:
		return "no two would rather have each other";
	}
}

struct verdict verify_certificate(const char *bytes, size_t len)
{
	struct file file = {
		.start = bytes,
		.at = bytes,
		.end = bytes + len,
		.changed = -1,
		.verdict = { .mentee = -1, .mentor = -1 },
	};

	if (sodium_init() < 0)
		refuse(&file, "no randomness", -1, -1);
	else if (read_certificate(&file) && prove(&file))
		file.verdict.valid = true;
	for (int32_t i = 0; file.mentees && i < file.verdict.mentees; i++)
		file.verdict.pairs += (int64_t)(file.mentees[i].n + file.mentees[i].n_locked);
	if (file.verdict.valid)
		file.verdict.reason = proven(&file);
	free(file.mentees);
	free(file.mentors);
	free(file.pairs);
	return file.verdict;
}

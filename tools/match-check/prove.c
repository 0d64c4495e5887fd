/* The arithmetic: adds up what a certificate claims, pair by pair. */
#include "own.h"

#include <stddef.h>

static int64_t worth_of(const struct file *file, const struct mentee *mentee,
			const struct pair *pair)
{
	return pair->score + (mentee->stay == pair->mentor ? file->stay_bonus : 0);
}

static const struct pair *chosen(const struct file *file, const struct mentee *mentee)
{
	for (size_t k = 0; k < mentee->n; k++)
		if (file->pairs[mentee->first + k].mentor == mentee->partner)
			return &file->pairs[mentee->first + k];
	return NULL;
}

/* A locked pair takes its place; of other pairs of such a mentee nothing is said. */
static bool seat_locked(struct file *file, int32_t number)
{
	const struct mentee *mentee = &file->mentees[number];

	if (mentee->partner < 0 || mentee->n > 1 || (mentee->n == 1 && !chosen(file, mentee)))
		return refuse(file, "a locked mentee has not the locked mentor", number,
			      mentee->partner);
	file->mentors[mentee->partner].locked = true;
	if (--file->mentors[mentee->partner].places < 0)
		return refuse(file, "a mentor has more locked mentees than places", number,
			      mentee->partner);
	return true;
}

static bool seat_free(struct file *file, int32_t number)
{
	struct mentee *mentee = &file->mentees[number];
	const struct pair *pair = chosen(file, mentee);
	struct mentor *mentor;

	mentee->worth = -1;
	if (mentee->partner < 0)
		return true;
	if (!pair || pair->score < file->floor)
		return refuse(file, "the chosen pair is not allowed", number, mentee->partner);
	mentor = &file->mentors[mentee->partner];
	mentee->worth = worth_of(file, mentee, pair);
	if (mentor->load++ == 0 || mentee->worth < mentor->least)
		mentor->least = mentee->worth;
	return true;
}

bool seat_all(struct file *file)
{
	int64_t matched = 0, used = 0, total = 0;

	for (int32_t i = 0; i < file->verdict.mentees; i++) {
		const struct mentee *mentee = &file->mentees[i];
		const struct pair *pair = chosen(file, mentee);

		if (!(mentee->locked ? seat_locked(file, i) : seat_free(file, i)))
			return false;
		matched += mentee->partner >= 0;
		total += pair ? pair->score : 0;
	}
	for (int32_t j = 0; j < file->verdict.mentors; j++) {
		used += file->mentors[j].load > 0 || file->mentors[j].locked;
		if (file->mentors[j].load > file->mentors[j].places)
			return refuse(file, "a mentor has more mentees than places", -1, j);
	}
	if (matched != file->matched || used != file->used || total != file->total)
		return refuse(file, "the claimed figures are not those of the pairs", -1, -1);
	file->verdict.matched = (int32_t)matched;
	file->verdict.total = total;
	return true;
}

static bool covered(struct file *file, int32_t number, int64_t *greatest)
{
	const struct mentee *mentee = &file->mentees[number];

	*greatest = 0;
	for (size_t k = 0; k < mentee->n; k++) {
		const struct pair *pair = &file->pairs[mentee->first + k];
		int64_t worth = worth_of(file, mentee, pair);

		if (pair->score < file->min_score)
			return refuse(file, "a score below the least", number, pair->mentor);
		if (pair->score < file->floor)
			continue;
		if (mentee->surplus + file->mentors[pair->mentor].price < worth + file->pair_bonus)
			return refuse(file, "a better pair is not ruled out", number, pair->mentor);
		*greatest = worth > *greatest ? worth : *greatest;
	}
	return true;
}

/* What no choice of pairs can exceed, and what this one has. */
static bool weigh_mentors(struct file *file, int64_t *bound, int64_t *worth)
{
	for (int32_t j = 0; j < file->verdict.mentors; j++) {
		const struct mentor *mentor = &file->mentors[j];
		int64_t further = mentor->price > 0 ? mentor->price : 0, places = mentor->places;

		if (mentor->price < (mentor->locked ? 0 : -file->first_bonus))
			return refuse(file, "a price is too low", -1, j);
		if (!mentor->locked && places > 0) {
			*bound += mentor->price + file->first_bonus;
			*worth += mentor->load > 0 ? file->first_bonus : 0;
			places--;
		}
		if (!add_places(file, bound, places, further))
			return false;
	}
	return true;
}

static bool bonuses_fit(struct file *file, int64_t greatest)
{
	bool pairs = file->objective == MOST_THEN_TOTAL || file->objective == WORST_THEN_TOTAL;
	bool firsts = file->objective == ONE_BEFORE_TWO;

	if ((pairs ? file->pair_bonus <= greatest : file->pair_bonus != 0) ||
	    (firsts ? file->first_bonus <= greatest : file->first_bonus != 0))
		return refuse(file, "the bonuses are not those of the objective", -1, -1);
	return true;
}

bool prove_optimum(struct file *file)
{
	int64_t bound = 0, worth = 0, greatest = 0, most;

	for (int32_t i = 0; i < file->verdict.mentees; i++) {
		const struct mentee *mentee = &file->mentees[i];

		if (mentee->locked)
			continue;
		if (!covered(file, i, &most))
			return false;
		greatest += most;
		bound += mentee->surplus;
		worth += mentee->partner >= 0 ? mentee->worth + file->pair_bonus : 0;
	}
	if (!weigh_mentors(file, &bound, &worth) || !bonuses_fit(file, greatest))
		return false;
	if (bound != worth || worth != file->worth)
		return refuse(file, "the bound is not reached", -1, -1);
	return true;
}

/* Nothing but the pairs counts: no prices, no surpluses, no bonuses. */
static bool nothing_else(struct file *file)
{
	int64_t worth = 0;

	for (int32_t i = 0; i < file->verdict.mentees; i++) {
		worth += file->mentees[i].locked || file->mentees[i].partner < 0
				 ? 0
				 : file->mentees[i].worth;
		if (file->mentees[i].surplus)
			return refuse(file, "a stable matching has no surpluses", i, -1);
	}
	for (int32_t j = 0; j < file->verdict.mentors; j++)
		if (file->mentors[j].price)
			return refuse(file, "a stable matching has no prices", -1, j);
	if (worth != file->worth)
		return refuse(file, "the claimed figures are not those of the pairs", -1, -1);
	return bonuses_fit(file, 0);
}

bool prove_stable(struct file *file)
{
	if (!nothing_else(file))
		return false;
	for (int32_t i = 0; i < file->verdict.mentees; i++) {
		const struct mentee *mentee = &file->mentees[i];

		for (size_t k = 0; k < mentee->n && !mentee->locked; k++) {
			const struct pair *pair = &file->pairs[mentee->first + k];
			const struct mentor *mentor = &file->mentors[pair->mentor];
			int64_t worth = worth_of(file, mentee, pair);

			if (pair->score < file->min_score)
				return refuse(file, "a score below the least", i, pair->mentor);
			if (worth > mentee->worth &&
			    (mentor->load < mentor->places || worth > mentor->least) &&
			    mentor->places > 0)
				return refuse(file, "a pair would rather have each other", i,
					      pair->mentor);
		}
	}
	return true;
}

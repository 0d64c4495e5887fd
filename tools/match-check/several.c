/* The arithmetic of mentees with several mentors. */
#include "own.h"

/* Locked pairs are made: they take places, and count in the sum of scores only. */
static bool seat_locked(struct file *file, int32_t number, int64_t *total)
{
	const struct mentee *mentee = &file->mentees[number];

	for (size_t k = 0; k < mentee->n_locked; k++) {
		const struct pair *pair = &file->pairs[mentee->first_locked + k];

		file->mentors[pair->mentor].locked = true;
		*total += pair->score;
		if (--file->mentors[pair->mentor].places < 0)
			return refuse(file, "a mentor has more locked mentees than places", number,
				      pair->mentor);
	}
	return true;
}

static bool is_locked(const struct file *file, const struct mentee *mentee, int32_t mentor)
{
	for (size_t k = 0; k < mentee->n_locked; k++)
		if (file->pairs[mentee->first_locked + k].mentor == mentor)
			return true;
	return false;
}

/* Adds up the mentee's pairs: both lists are in the order of mentors. */
static bool weigh_pairs(struct file *file, int32_t number, int64_t *bound, int64_t *chosen,
			int64_t *greatest)
{
	const struct mentee *mentee = &file->mentees[number];
	const struct pair *next = &file->pairs[mentee->first_chosen],
			  *end = next + mentee->n_chosen;

	for (size_t k = 0; k < mentee->n; k++) {
		const struct pair *pair = &file->pairs[mentee->first + k];
		int64_t beyond = pair->score - mentee->surplus - file->mentors[pair->mentor].price;

		if (pair->score < file->min_score || is_locked(file, mentee, pair->mentor))
			return refuse(file, "a pair that is not to be chosen from", number,
				      pair->mentor);
		*bound += beyond > 0 ? beyond : 0;
		*greatest = pair->score > *greatest ? pair->score : *greatest;
		if (next == end || next->mentor != pair->mentor)
			continue;
		*chosen += pair->score;
		file->mentors[pair->mentor].load++;
		next++;
	}
	if (next != end || (int64_t)mentee->n_chosen > mentee->wanted)
		return refuse(file, "the chosen pair is not allowed", number,
			      next != end ? next->mentor : -1);
	return true;
}

/* What nobody's places can exceed, and what they have come to. */
struct sums {
	int64_t bound, worth, total, matched, greatest;
};

static bool weigh_mentee(struct file *file, int32_t number, struct sums *sums)
{
	const struct mentee *mentee = &file->mentees[number];
	int64_t first = mentee->n_locked ? 0 : file->pair_bonus, chosen = 0, greatest = 0;

	if (!weigh_pairs(file, number, &sums->bound, &chosen, &greatest))
		return false;
	if (mentee->wanted > 0) {
		sums->bound += mentee->surplus + first > 0 ? mentee->surplus + first : 0;
		if (!add_places(file, &sums->bound, mentee->wanted - 1,
				mentee->surplus > 0 ? mentee->surplus : 0))
			return false;
	}
	sums->worth += chosen + (mentee->n_chosen ? first : 0);
	sums->total += chosen;
	sums->matched += mentee->n_chosen || mentee->n_locked;
	sums->greatest += greatest * mentee->wanted;
	return true;
}

static bool weigh_mentors(struct file *file, int64_t *bound)
{
	int64_t used = 0;

	for (int32_t j = 0; j < file->verdict.mentors; j++) {
		const struct mentor *mentor = &file->mentors[j];

		if (mentor->price < 0)
			return refuse(file, "a price is too low", -1, j);
		if (mentor->load > mentor->places)
			return refuse(file, "a mentor has more mentees than places", -1, j);
		if (!add_places(file, bound, mentor->places, mentor->price))
			return false;
		used += mentor->load > 0 || mentor->locked;
	}
	return used == file->used ||
	       refuse(file, "the claimed figures are not those of the pairs", -1, -1);
}

static bool bonus_fits(struct file *file, int64_t greatest)
{
	bool most = file->objective == SEVERAL_MOST_THEN_TOTAL;

	if ((most ? file->pair_bonus <= greatest : file->pair_bonus != 0) ||
	    file->first_bonus ||
	    file->stay_bonus)
		return refuse(file, "the bonuses are not those of the objective", -1, -1);
	return true;
}

bool prove_several(struct file *file)
{
	struct sums sums = { 0 };

	if (!file->verdict.everything)
		return refuse(file, "not all pairs are there", -1, -1);
	for (int32_t i = 0; i < file->verdict.mentees; i++)
		if (!seat_locked(file, i, &sums.total))
			return false;
	for (int32_t i = 0; i < file->verdict.mentees; i++)
		if (!weigh_mentee(file, i, &sums))
			return false;
	if (!weigh_mentors(file, &sums.bound) || !bonus_fits(file, sums.greatest))
		return false;
	if (sums.matched != file->matched || sums.total != file->total)
		return refuse(file, "the claimed figures are not those of the pairs", -1, -1);
	if (sums.bound != sums.worth || sums.worth != file->worth)
		return refuse(file, "the bound is not reached", -1, -1);
	file->verdict.matched = (int32_t)sums.matched;
	file->verdict.total = sums.total;
	return true;
}

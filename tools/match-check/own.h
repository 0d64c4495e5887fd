/* A certificate in memory, and the steps of its verification. */
#pragma once

#include "verify.h"

enum objective {
	TOTAL,
	MOST_THEN_TOTAL,
	ONE_BEFORE_TWO,
	WORST_THEN_TOTAL,
	STABLE,
	SEVERAL_TOTAL,
	SEVERAL_MOST_THEN_TOTAL,
	OBJECTIVES,
};

struct pair {
	int32_t mentor, score;
};

struct mentor {
	int64_t places, price; /* places: those that locks have left */
	int64_t load;	       /* mentees without a lock */
	int64_t least;	       /* worth of the worst of them */
	uint64_t column;
	bool locked;
};

struct mentee {
	int64_t surplus;
	int32_t partner, stay;
	bool locked;
	size_t first, n; /* pairs */
	/* Of several mentors: how many beside those that are locked; the chosen ones (without scores) and the locked ones. */
	int64_t wanted;
	size_t first_chosen, n_chosen, first_locked, n_locked;
	int64_t worth; /* of the chosen pair, without bonus */
};

struct file {
	const char *start, *at, *end; /* the bytes */
	const char *word, *line_end;  /* the line at hand, without its digest */
	bool torn;		      /* a word was not as it should be */
	struct verdict verdict;

	enum objective objective;
	int64_t pair_bonus, first_bonus, stay_bonus, min_score, floor;
	int64_t used, total, worth, matched;
	struct mentor *mentors;
	struct mentee *mentees;
	struct pair *pairs;
	size_t n_pairs, pairs_room;
	int32_t changed; /* the first mentee whose line does not fit its digest, or -1 */
	long changed_line;
};

/* Notes the first thing that is wrong; false. */
bool refuse(struct file *file, const char *reason, int32_t mentee, int32_t mentor);

/* Adds places × price; refuses what is beyond 64 bits, which no real matching comes near. */
bool add_places(struct file *file, int64_t *sum, int64_t places, int64_t price);

/* Takes the whole file in. False when it is not as it should be, or when a digest does not fit. */
bool read_certificate(struct file *file);

/* Whether the claimed figures are those of the pairs, and nobody has more than fit. */
bool seat_all(struct file *file);
bool prove_optimum(struct file *file);
bool prove_stable(struct file *file);
/* Both for mentees with several mentors. */
bool prove_several(struct file *file);
static inline bool is_of_several(const struct file *file)
{
	return file->objective == SEVERAL_TOTAL || file->objective == SEVERAL_MOST_THEN_TOTAL;
}
/* As many are matched as without the floor, and fewer would be with a higher one. */
bool prove_floor(struct file *file);

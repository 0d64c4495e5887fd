/*
 * The solver's own view of a problem. Both sides are renumbered by the seed's permutation; mentees and mentors are such inner numbers
 * in every file but build.c, change.c and answer.c. A line holds the pairs of a mentee, the worthiest first, or of a mentor, in any order.
 *
 * The duals: surplus[i] + price[j] >= worth of every pair, with equality for a made one (it is tight); surplus[i] >= out, with equality
 * for who has nobody; a price is at least the floor of the mentor's last place that is taken, and while there is a free place no
 * more than the floor of that. Where all of this holds, nothing better exists.
 *
 * No sum overflows: worth <= 4095, and -BOUND_MAX <= price, surplus <= BOUND_MAX < 2^30 (matcher_new() refuses larger problems), so
 * a slack lies within 2^31 and a distance, below surplus - out or price - floor, within 2^31 too. Sums over people are 64 bits:
 * 2^20 * 2^31 < 2^63.
 */
#pragma once

#include "scan.h"
#include "solver.h"

enum {
	BOUND_MAX = (1 << 30) - (1 << 13),
	/* The surplus of who is locked or gone, and the price of a filler: no pair with them is ever near. */
	NEVER = SCAN_NEVER,
	LIMIT_MAX = NEVER - MATCH_WORTH_MAX,
	THREADS_MAX = 16,
};

_Static_assert(2ll * BOUND_MAX <= INT32_MAX, "a distance is a difference of two duals");
_Static_assert(BOUND_MAX < LIMIT_MAX,
	       "every real slack is within a search's limit, no filler's is");
_Static_assert(BOUND_MAX + MATCH_WORTH_MAX < NEVER,
	       "no value is below that of having seen nothing");
_Static_assert(MATCH_MENTEES_MAX < INT64_MAX / 4 / INT32_MAX, "sums over people have room");

/* Line k: word[row[k]] … of len[k] words, and fillers up to room[k], a multiple of SCAN_STEP. */
struct lines {
	uint32_t *word;
	int64_t *row;
	int32_t *len, *room;
	uint32_t filler;
	int64_t used, size; /* words */
};

/* What a change has written: where, and what stood there. */
struct written {
	int32_t *at, was;
};

struct log {
	bool on, failed;
	struct written *written;
	int32_t n, size;
};

enum mentee_state {
	MENTEE_HERE,
	MENTEE_LOCKED,
	MENTEE_GONE,
};

/* What a mentee has beside a line. */
enum {
	HAS_BELOW = 1,	/* pairs below the floor */
	HAS_BANNED = 2, /* pairs that must not be */
};

/* A pair that must not be, and what it would be worth; -1 = not known. */
struct banned {
	int32_t mentee, mentor, worth;
};

struct search;

struct matcher {
	int32_t mentees, mentors;
	int32_t *mentee_at, *mentor_at; /* the caller's number → ours */
	int32_t *mentee_of, *mentor_of; /* ours → the caller's */

	struct lines rows, backs;
	int32_t *price, *surplus; /* with one more for fillers */
	int32_t *partner, *seat_at;
	int32_t *capacity, *load, *locked;    /* places, taken (locked too), locked */
	int32_t *seat, *seat_row, *seat_room; /* who sits in the other places */
	int64_t seats;
	int32_t *state; /* of a mentee */
	uint8_t *has;
	int32_t *mentee_mark, *mentor_mark, mark; /* who was seen in this pass: mark[k] == mark */
	bool solved;
	int32_t *score;	     /* of the mentee's pair, without the bonus; once solved */
	int32_t *lock_score; /* of a locked one */
	int32_t *gain;	     /* of a made pair, while the repair compares it with the surplus */
	int32_t *stay;	     /* [mentees] our number of a mentor */
	int32_t stay_bonus;
	struct banned *banned;
	size_t n_banned, banned_size;

	enum match_objective objective;
	int32_t divisor, worthiest; /* of all worths */
	int32_t worth_limit;	    /* of those who join */
	int32_t out;		    /* -pair_bonus */
	int32_t first;		    /* -first_bonus: the floor of a mentor's first place */
	int32_t floor;		    /* of scores */
	int32_t bonus;		    /* what pair_bonus or first_bonus has to be */
	int64_t total;
	int32_t matched, rounds;

	int threads;
	const struct scanner *scanner;
	struct search *search;
	struct log log;
	struct match_move *moves;
	size_t n_moves, moves_size;
	struct match_progress *progress;
	void (*score_row)(void *context, uint32_t mentee, int16_t *scores);
	void *context;
	/* complete.c: the duals when all pairs were last priced, and by how much the nearest that is not stored missed. */
	int32_t *slack, *priced_surplus, *priced_price;
	bool priced;
	/* What matcher_solution() gave last. */
	int32_t *told_partner, *told_surplus, *told_price;
};

/* The price of the mentor's next place when `load` are taken. No price is below place_floor(m, 0). */
static inline int32_t place_floor(const struct matcher *m, int32_t load)
{
	return load == 0 ? m->first : 0;
}

static inline uint32_t *line_of(const struct lines *lines, int32_t k)
{
	return lines->word + lines->row[k];
}

static inline int32_t filled_length(int32_t n)
{
	return (n + SCAN_STEP - 1) & ~(SCAN_STEP - 1);
}

static inline int32_t line_filled(const struct lines *lines, int32_t k)
{
	return filled_length(lines->len[k]);
}

static inline uint32_t word_made(int32_t worth, int32_t number)
{
	return (uint32_t)worth << SCAN_NUMBER_BITS | (uint32_t)number;
}

static inline int32_t seats_taken(const struct matcher *m, int32_t mentor)
{
	return m->load[mentor] - m->locked[mentor];
}

/* lines.c */
bool lines_new(struct lines *lines, int32_t n, uint32_t filler) must_check;
void lines_free(struct lines *lines);
/* Gives every line the room for len[k] words; the words are unwritten. */
bool lines_lay(struct lines *lines, int32_t n) must_check;
void line_fill(struct lines *lines, int32_t k);
/* The index of the number's word, or -1. */
int32_t line_find(const struct lines *lines, int32_t k, int32_t number);
void line_remove(struct lines *lines, int32_t k, int32_t at);
/* At its place in a descending line, at the end of another. False without memory. */
bool line_add(struct lines *lines, int32_t k, uint32_t word, bool descending) must_check;
/* Descending; spare has room for n words. */
void sort_words(uint32_t *word, int32_t n, uint32_t *spare);

/* seats.c */
void seat_take(struct matcher *m, int32_t mentee, int32_t mentor);
void seat_leave(struct matcher *m, int32_t mentee);
/* Along a path: via[mentor] moves there, from whom the next one moves on, until it is `mentee`, who has no seat yet. */
void seats_shift(struct matcher *m, const int32_t *via, int32_t mentee, int32_t mentor);
void journal_begin(struct matcher *m);
void journal_write(struct log *log, int32_t *at);
void journal_undo(struct matcher *m);

/* Every write of price, surplus, partner, seats, load, locked, capacity and state after the auction. */
static inline void set(struct matcher *m, int32_t *at, int32_t value)
{
	if (m->log.on)
		journal_write(&m->log, at);
	*at = value;
}

/* auction.c: a good matching with prices near its own, from nothing, for the sum of worths. False without memory. */
bool auction(struct matcher *m) must_check;

/* repair.c */
struct search *search_new(const struct matcher *m);
void search_free(struct search *search);
/* surplus[mentee] as the prices make it, at least `out`. */
int32_t surplus_at_prices(const struct matcher *m, int32_t mentee);
/* Finds a place for a mentee who has none, at the prices as they are. */
void place_mentee(struct matcher *m, int32_t mentee);
/* Fills the mentor's free places, or lowers their price to its floor. */
void fill_places(struct matcher *m, int32_t mentor);
/* From any prices and matching to the optimum. False without memory or when it was cancelled. */
bool repair(struct matcher *m) must_check;
bool search_failed(const struct matcher *m);

/* worst.c: from the optimum of MOST_THEN_TOTAL to the highest floor at which as many can be matched; pairs below go. */
bool raise_floor(struct matcher *m) must_check;

/* complete.c: for problems with score_row. */
bool pairs_of_candidates(const struct match_problem *problem, struct match_problem *rows,
			 struct match_failure *failure) must_check;
/* Stores what contradicts the duals over all pairs, and repairs, until nothing does. */
bool price_all(struct matcher *m) must_check;
bool nothing_contradicts(struct matcher *m, struct match_pair *at) must_check;

/* bans.c */
/* Takes the pair's word, if there is one, out of both lines and remembers it. False without memory. */
bool ban(struct matcher *m, int32_t mentee, int32_t mentor) must_check;
struct banned *ban_of(const struct matcher *m, int32_t mentee, int32_t mentor);
void ban_lift(struct matcher *m, struct banned *banned);
/* Writes a pair into both lines. False without memory. */
bool pair_add(struct matcher *m, int32_t mentee, int32_t mentor, int32_t worth) must_check;
/* Room for everybody who could sit there. */
bool seats_widen(struct matcher *m, int32_t mentor) must_check;

/* solve.c: the proof, and the totals when it holds. */
bool prove(struct matcher *m, struct match_failure *failure) must_check;

/* proof.c: over every stored pair. */
bool proof_holds(const struct matcher *m, struct match_pair *at) must_check;

/* answer.c */
void count_totals(struct matcher *m);
/* The score of the mentee's pair. */
int32_t made_score(const struct matcher *m, int32_t mentee);
/* The score of a pair that a lock makes: as stored, or as the row on demand tells; else 0. */
int32_t lock_score(const struct matcher *m, int32_t mentee, int32_t mentor);
/* The score of a stored pair, without the bonus. */
static inline int32_t word_score(const struct matcher *m, int32_t mentee, uint32_t word)
{
	bool stays = m->stay_bonus && m->stay[mentee] == word_number(word);

	return word_worth(word) - (stays ? m->stay_bonus : 0);
}

/* work.c: threads and memory. */
struct slice {
	int32_t begin, end, number;
};
/* Calls work(object, slice) for slices of 0…n-1, each on a thread. */
void in_slices(int threads, int32_t n, void (*work)(void *object, struct slice slice),
	       void *object);
/* Zeroed, at a multiple of 64 bytes, in large pages where there are any; NULL without memory. For free(). */
void *room_for(size_t n, size_t size);
bool cancelled(const struct matcher *m);
void show_progress(const struct matcher *m, int permille);
